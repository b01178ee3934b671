"""Where blocks go: a PortAudio stream, or a silent clock where there is no device."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from app.errors import DeviceError
from app.session.devices import DEVICES, Found, meant
from app.session.feed import BLOCK
from app.session.mixer import Mixer
from app.sound.clip import Frames

log = logging.getLogger(__name__)

# PortAudio's own numbers for why a stream was not opened.
_BAD_CHANNELS, _BAD_RATE, _BAD_FORMAT, _BUSY = -9998, -9997, -9994, -9985
_STALLED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """What is played on: "" as a name where nothing is heard; `note` where it is not what was chosen."""

    name: str
    rate: int
    channels: int
    latency: float
    note: str | None = None


class Output(Protocol):
    """Something that calls the mixer for blocks; `lost` once it has stopped doing so on its own."""

    @property
    def facts(self) -> OutputFacts: ...
    @property
    def lost(self) -> bool: ...
    @property
    def underflows(self) -> int: ...
    def close(self) -> None: ...


class Device:
    """A PortAudio output stream that calls the mixer; DeviceError where none can be opened.

    It is opened at the clip's rate where the device takes that, else at the device's own. One that is chosen and is
    not there gives way to the system's, and says so in `facts.note`.
    """

    def __init__(self, mixer: Mixer, rate: int, channels: int, key: str | None = None) -> None:
        self.underflows = 0
        self._mixer = mixer
        self._finished = False
        self._fault: Exception | None = None
        library = DEVICES.library()
        self._abort = library.CallbackAbort
        outputs = DEVICES.look()
        found = meant(outputs, key)
        note = None
        if found is None and key is not None:
            found = meant(outputs, None)
            note = f"{key.rpartition(', ')[0] or key} is not there, so the system's default plays."
        if found is None:
            DEVICES.doubt()
            raise DeviceError("No audio device was found, so nothing is heard.", "Plug one in and press Play again.")
        wide = max(1, min(max(channels, 2), found.channels))
        mixer.reset(wide)
        self._stream, rate = self._opened(library, found, rate, wide)
        DEVICES.opened()
        self._asked = time.monotonic()
        self.facts = OutputFacts(found.name, rate, wide, float(self._stream.latency), note)

    @property
    def lost(self) -> bool:
        """Whether it has ended, or has asked for nothing for so long that it is gone without a word."""
        return self._finished or time.monotonic() - self._asked > _STALLED_SECONDS

    def close(self) -> None:
        """Stop at once; a fault of the callback, which cannot write to a log itself, is written down here."""
        lost = self.lost
        self._stream.close(ignore_errors=True)
        DEVICES.closed(lost=lost)
        if self._fault is not None:
            log.error("the audio callback failed", exc_info=self._fault)

    def _opened(self, library: Any, found: Found, rate: int, channels: int) -> tuple[Any, int]:
        """The stream, started, and its rate: the clip's, or the device's own."""
        refused: Exception | None = None
        for at in dict.fromkeys((rate, found.rate)):
            try:
                library.check_output_settings(device=found.index, channels=channels, dtype="float32", samplerate=at)
                return self._started(library, found, at, channels), at
            except (library.PortAudioError, ValueError) as error:
                refused = refused or error
                if _code(error) != _BAD_RATE:
                    refused = error
                    break
        assert refused is not None
        DEVICES.doubt()
        raise _refused(refused, rate, channels) from refused

    def _started(self, library: Any, found: Found, rate: int, channels: int) -> Any:
        stream = library.OutputStream(
            device=found.index,
            samplerate=rate,
            blocksize=BLOCK,
            channels=channels,
            dtype="float32",
            latency="low",
            callback=self._fill,
            finished_callback=self._on_finished,
        )
        try:
            stream.start()
        except library.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _fill(self, out: Frames, _frames: int, _time: object, status: Any) -> None:
        self._asked = time.monotonic()
        if status and status.output_underflow:
            self.underflows += 1
        try:
            self._mixer.block(out)
        except Exception as error:
            out.fill(0.0)
            self._fault = error
            raise self._abort from None

    def _on_finished(self) -> None:
        self._finished = True


class SilentClock:
    """Asks the mixer for blocks at the pace of a device and throws them away."""

    lost = False
    underflows = 0

    def __init__(self, mixer: Mixer, rate: int) -> None:
        self.facts = OutputFacts("", rate, 2, 0.0)
        self._mixer = mixer
        self._pace = BLOCK / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent-clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        out: Frames = np.zeros((BLOCK, self.facts.channels), np.float32)
        due = time.monotonic()
        while not self._stop.is_set():
            self._mixer.block(out)
            due += self._pace
            self._stop.wait(max(due - time.monotonic(), 0.0))


def _code(error: Exception) -> object:
    return error.args[1] if len(error.args) > 1 else None


def _refused(error: Exception, rate: int, channels: int) -> DeviceError:
    """What a device that is there has against being opened."""
    code = _code(error)
    if code == _BUSY:
        return DeviceError(
            "The audio device is taken by another program, so nothing is heard.", "Close that and press Play again."
        )
    if code in (_BAD_RATE, _BAD_FORMAT, _BAD_CHANNELS):
        what = f"{rate} Hz" if code == _BAD_RATE else f"{channels} channels of 32-bit sound"
        return DeviceError(
            f"The audio device does not take {what}, so nothing is heard.",
            "Choose another output in the menu Play and press Play again.",
        )
    return DeviceError(
        "The audio device could not be opened, so nothing is heard.", "Check the system's sound settings and try again."
    )
