"""PortAudio's devices: which there are, which one is meant, and looking anew for what was plugged in since.

PortAudio counts the devices once, when it is loaded. To see what came or went, and where the system's default points
now, it has to be ended and begun again, which no open stream survives: only the one thread that opens and closes
streams calls this.
"""

import time
from dataclasses import dataclass
from typing import Any

from app.errors import DeviceError

_FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """An output as PortAudio tells of it. Numbers change with every count; the name and the host do not."""

    name: str
    host: str
    channels: int
    rate: int
    index: int
    default: bool = False

    @property
    def key(self) -> str:
        """What the settings keep."""
        return f"{self.name}, {self.host}"


class Devices:
    """The devices of this process, of which there is one count only."""

    def __init__(self) -> None:
        self._stale = False
        self._counted: float | None = None
        self._open = 0

    def library(self) -> Any:
        """The module that speaks to PortAudio; DeviceError where there is none."""
        try:
            import sounddevice  # loads PortAudio, which may be missing: only when something is to be heard
        except OSError as error:
            raise DeviceError(
                "PortAudio is not installed, so nothing is heard.", "Install libportaudio2 and start Retake again."
            ) from error
        if self._counted is None:
            self._counted = time.monotonic()
        return sounddevice

    def opened(self) -> None:
        """A stream was opened: all is well, and nothing may be counted until it is closed."""
        self._open += 1
        self._stale = False

    def closed(self, *, lost: bool) -> None:
        """A stream was closed; one that was lost leaves the count doubtful."""
        self._open -= 1
        self._stale = self._stale or lost

    def doubt(self) -> None:
        """Something went wrong: look anew before the next attempt."""
        self._stale = True

    def look(self, *, anew: bool = False) -> tuple[Found, ...]:
        """The outputs there are; counted anew where that is asked for or the last count is old, and nothing plays.

        DeviceError where PortAudio cannot tell.
        """
        library = self.library()
        old = self._counted is None or time.monotonic() - self._counted > _FRESH_SECONDS
        try:
            if (anew or old or self._stale) and not self._open:
                self._count_again(library)
            return _outputs(library)
        except (library.PortAudioError, ValueError) as error:
            self._stale = True
            raise DeviceError(
                "The audio devices cannot be listed, so nothing is heard.", "Check the system's sound settings."
            ) from error

    def _count_again(self, library: Any) -> None:
        """There is no public name for it."""
        self._counted, self._stale = time.monotonic(), False
        try:
            library._terminate()
        finally:
            library._initialize()


def meant(outputs: tuple[Found, ...], key: str | None) -> Found | None:
    """The output of that key, or of that name where its host is another; the system's own without a key."""
    if key is None:
        return next((each for each in outputs if each.default), None)
    exact = next((each for each in outputs if each.key == key), None)
    name = key.rpartition(", ")[0]
    return exact or next((each for each in outputs if each.name == name), None)


def _outputs(library: Any) -> tuple[Found, ...]:
    hosts: Any = library.query_hostapis()
    default = _default(library)
    found: list[Found] = []
    for index, each in enumerate(library.query_devices()):
        if each["max_output_channels"] > 0:
            host, rate = str(hosts[each["hostapi"]]["name"]), round(each["default_samplerate"])
            found.append(
                Found(str(each["name"]), host, int(each["max_output_channels"]), rate, index, index == default)
            )
    return tuple(found)


def _default(library: Any) -> int:
    """The number of the system's default output; -1 where it has none."""
    try:
        return int(library.query_devices(None, "output")["index"])
    except (library.PortAudioError, ValueError):
        return -1


DEVICES = Devices()
