"""Where blocks go: a PortAudio stream, or a silent clock where there is no device."""

import logging
import threading
import time
from typing import Any, ClassVar, Protocol

import numpy as np

from app.errors import DeviceError
from app.session.feed import BLOCK
from app.session.mixer import Mixer
from app.sound.clip import Frames

log = logging.getLogger(__name__)

# PortAudio's own numbers for why a stream was not opened.
_BAD_CHANNELS, _BAD_RATE, _BAD_FORMAT, _BUSY = -9998, -9997, -9994, -9985


class Output(Protocol):
    """Something that calls the mixer for blocks; `lost` once it has stopped doing so on its own."""

    channels: int
    latency: float
    lost: bool

    def close(self) -> None: ...


class Device:
    """A PortAudio output stream that calls the mixer; DeviceError where none can be opened."""

    # PortAudio counts the devices once; whatever went wrong, what was plugged in since is looked for before a retry.
    _stale: ClassVar[bool] = False

    def __init__(self, mixer: Mixer, rate: int, channels: int) -> None:
        self.lost = False
        self._mixer = mixer
        self._fault: Exception | None = None
        try:
            import sounddevice  # loads PortAudio, which may be missing: only when something is to be heard
        except OSError as error:
            raise DeviceError(
                "PortAudio is not installed, so nothing is heard.", "Install libportaudio2 and start Retake again."
            ) from error
        self._abort = sounddevice.CallbackAbort
        stale, Device._stale = Device._stale, True
        try:
            if stale:
                _count_again(sounddevice)
            found: Any = sounddevice.query_devices(None, "output")
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                "No audio device was found, so nothing is heard.", "Plug one in and press Play again."
            ) from error
        self.channels = max(1, min(max(channels, 2), int(found["max_output_channels"])))
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=rate,
                blocksize=BLOCK,
                channels=self.channels,
                dtype="float32",
                latency="low",
                callback=self._fill,
                finished_callback=self._on_finished,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise _refused(error, rate, self.channels) from error
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self._stream.close(ignore_errors=True)
            raise _refused(error, rate, self.channels) from error
        Device._stale = False
        latency: Any = self._stream.latency
        self.latency = float(latency)

    def close(self) -> None:
        """Stop at once; a fault of the callback, which cannot write to a log itself, is written down here."""
        if self.lost:
            Device._stale = True
        self._stream.close(ignore_errors=True)
        if self._fault is not None:
            log.error("the audio callback failed", exc_info=self._fault)

    def _fill(self, out: Frames, _frames: int, _time: object, _status: object) -> None:
        try:
            self._mixer.block(out)
        except Exception as error:
            out.fill(0.0)
            self._fault = error
            raise self._abort from None

    def _on_finished(self) -> None:
        self.lost = True


class SilentClock:
    """Asks the mixer for blocks at the pace of a device and throws them away."""

    def __init__(self, mixer: Mixer, rate: int) -> None:
        self.channels = 2
        self.latency = 0.0
        self.lost = False
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
        out: Frames = np.zeros((BLOCK, self.channels), np.float32)
        due = time.monotonic()
        while not self._stop.is_set():
            self._mixer.block(out)
            due += self._pace
            self._stop.wait(max(due - time.monotonic(), 0.0))


def _count_again(sounddevice: Any) -> None:
    """Let PortAudio look for devices anew; there is no public name for it, and no stream may be open."""
    try:
        sounddevice._terminate()
    finally:
        sounddevice._initialize()


def _refused(error: Exception, rate: int, channels: int) -> DeviceError:
    """What a device that is there has against being opened."""
    code = error.args[1] if len(error.args) > 1 else None
    if code == _BUSY:
        return DeviceError(
            "The audio device is taken by another program, so nothing is heard.", "Close that and press Play again."
        )
    if code in (_BAD_RATE, _BAD_FORMAT, _BAD_CHANNELS):
        what = f"{rate} Hz" if code == _BAD_RATE else f"{channels} channels of 32-bit sound"
        return DeviceError(
            f"The audio device does not take {what}, so nothing is heard.",
            "Choose another output in the system's sound settings and press Play again.",
        )
    return DeviceError(
        "The audio device could not be opened, so nothing is heard.", "Check the system's sound settings and try again."
    )
