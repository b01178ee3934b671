"""Player: two decks, one playhead; the PortAudio stream, or a silent clock where there is no device."""

import threading
import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.errors import DeviceError
from app.session.mixer import BLOCK, Feed, Mixer
from app.sound.clip import Frames, Sound
from app.sound.region import Region

_FEED_EVERY = 0.004
_IDLE_EVERY = 0.02
_LINGER = 2.0


class Output(Protocol):
    """Where blocks go: a device, or a clock that only counts them."""

    channels: int
    latency: float

    def close(self) -> None: ...


class Device:
    """A PortAudio output stream that calls the mixer."""

    def __init__(self, mixer: Mixer, rate: int, channels: int, name: str | None) -> None:
        try:
            import sounddevice  # loads PortAudio, which may be missing: only when something is to be heard
        except OSError as error:
            raise DeviceError(
                "PortAudio is not installed, so nothing can be heard.", "Install libportaudio2."
            ) from error
        try:
            found: Any = sounddevice.query_devices(name, "output")
            self.channels = max(1, min(max(channels, 2), int(found["max_output_channels"])))
            self._stream = sounddevice.OutputStream(
                samplerate=rate,
                blocksize=BLOCK,
                device=name,
                channels=self.channels,
                dtype="float32",
                latency="low",
                callback=lambda out, _n, _t, _s: mixer.block(out),
            )
            self._stream.start()
            latency: Any = self._stream.latency
            self.latency = float(latency)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                "No audio device can be used, so nothing is heard.", "Plug one in or choose another."
            ) from error

    def close(self) -> None:
        self._stream.close(ignore_errors=True)


class SilentClock:
    """Asks the mixer for blocks at the pace of a device and throws them away."""

    def __init__(self, mixer: Mixer, rate: int) -> None:
        self.channels = 2
        self.latency = 0.0
        self._mixer = mixer
        self._pace = BLOCK / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent-clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        out: Frames = np.zeros((BLOCK, self.channels), np.float32)
        due = time.monotonic()
        while not self._stop.is_set():
            self._mixer.block(out)
            due += self._pace
            self._stop.wait(max(due - time.monotonic(), 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What shall be heard from now on; a new object for every change, so that identity tells what is built."""

    decks: tuple[Sound, Sound]
    frame: int
    end: int | None
    loop: Region | None


class Player(QObject):
    """Play, stop, seek, loop, and flip between deck A and deck B at the same frame.

    The thread that prepares blocks also opens and closes the device, which may take long; the GUI only says what it
    wishes and polls `frame()`.
    """

    playing_changed = Signal(bool)
    reason_changed = Signal(object)
    _ended = Signal(object)
    _reasoned = Signal(object)

    def __init__(self, parent: QObject | None = None, *, device: str | None = None) -> None:
        super().__init__(parent)
        self.mixer = Mixer()
        self.playing = False
        self.reason: str | None = None
        self.loop: Region | None = None
        self._decks: tuple[Sound, Sound] | None = None
        self._device = device
        self._at = 0
        self._wish: Wish | None = None
        self._built: tuple[Wish, Feed] | None = None
        self._clock = (0, 0.0)
        self._latency = 0.0
        self._closing = threading.Event()
        # Bound methods of this object: they run on the thread it lives on, not on the feeding thread.
        self._ended.connect(self._on_ended)
        self._reasoned.connect(self._on_reason)
        self._thread = threading.Thread(target=self._run, name="player-feed", daemon=True)
        self._thread.start()

    # --- verbs --------------------------------------------------------------------------------------------------

    def load(self, a: Sound | None, b: Sound | None = None) -> None:
        """Put sounds of the same rate on the decks; what plays goes on at the same frame."""
        if a is None:
            self.stop()
            self._decks = None
            return
        frame = min(self.frame(), a.length)
        self._decks = (a, b if b is not None else a)
        if self.playing and self._wish is not None:
            self._start(frame, self._wish.end)
        else:
            self._at = frame

    @property
    def deck(self) -> int:
        """Which deck is heard: 0 is A, 1 is B."""
        return self.mixer.deck

    def set_deck(self, deck: int) -> None:
        """Hear that deck from the next block on, at the same frame."""
        self.mixer.deck = deck

    def set_gains(self, a_db: float, b_db: float) -> None:
        """Gains of the decks in dB, for hearing only."""
        self.mixer.gains = (10 ** (a_db / 20), 10 ** (b_db / 20))

    def set_loop(self, loop: Region | None) -> None:
        """Play around that region from now on; None plays through."""
        if loop == self.loop:
            return
        self.loop = loop
        if self.playing and self._wish is not None:
            self._start(self.frame(), self._wish.end)

    def play(self, start: int | None = None, end: int | None = None) -> None:
        """Play from a frame (the playhead) to another (the end of the clip, or around the loop)."""
        if self._decks is None:
            return
        frame = self._at if start is None else start
        if frame >= self._decks[0].length:
            frame = 0
        if self.loop and end is None and not self.loop.contains(frame):
            frame = self.loop.start
        self._start(frame, end)
        if not self.playing:
            self.playing = True
            self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stop; the playhead goes back to where it was before playing."""
        self._wish = None
        self.mixer.sounding = False
        if self.playing:
            self.playing = False
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play, or stop."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        """Move the playhead; what plays goes on from there."""
        self._at = max(frame, 0)
        if self.playing:
            self._start(self._at, None)

    def frame(self) -> int:
        """Where the playhead is: while playing, the frame that is heard now."""
        wish, built = self._wish, self._built
        if not self.playing or wish is None:
            return self._at
        if built is None or built[0] is not wish or self.mixer.heard is not built[1]:
            return wish.frame
        rate = built[1].rate
        if self.mixer.frame != self._clock[0]:
            self._clock = (self.mixer.frame, time.monotonic())
        frame, since = self._clock
        frame += round((min(time.monotonic() - since, BLOCK / rate) - self._latency) * rate)
        if wish.loop and wish.end is None and self.mixer.frame >= wish.loop.start:
            while frame < wish.loop.start:
                frame += wish.loop.length
            return wish.loop.start + (frame - wish.loop.start) % wish.loop.length
        return min(max(frame, wish.frame), wish.decks[0].length)

    def set_device(self, name: str | None) -> None:
        """Use that output device from the next start on; None follows the system's default."""
        self._device = name

    def close(self) -> None:
        """Stop, close the device, end the thread."""
        self.stop()
        self._closing.set()
        self._thread.join()

    # --- the feeding thread -------------------------------------------------------------------------------------

    def _start(self, frame: int, end: int | None) -> None:
        assert self._decks is not None
        self._wish = Wish(self._decks, frame, end, self.loop if end is None else None)

    def _run(self) -> None:
        output: Output | None = None
        opened_for: tuple[int, int, str | None] | None = None
        used = time.monotonic()
        while not self._closing.wait(_FEED_EVERY if self.playing else _IDLE_EVERY):
            wish = self._wish
            if wish is None:
                if output is not None and time.monotonic() - used > _LINGER:
                    output.close()
                    output = None
                continue
            used = time.monotonic()
            need = (wish.decks[0].rate, wish.decks[0].channels, self._device)
            if output is None or opened_for != need:
                if output is not None:
                    output.close()
                output, opened_for = self._open(*need), need
            self._feed(wish, output)
        if output is not None:
            output.close()

    def _feed(self, wish: Wish, output: Output) -> None:
        """Build what is wished, or keep what is built supplied."""
        if self._built is None or self._built[0] is not wish:
            feed = Feed(wish.decks, wish.frame, output.channels, loop=wish.loop, end=wish.end)
            feed.fill()
            self._built = (wish, feed)
            self.mixer.ended = False
            self.mixer.feed = feed
            self.mixer.sounding = self._wish is not None
            return
        self._built[1].fill()
        if self.mixer.ended:
            self.mixer.ended = False
            self._ended.emit(wish)

    def _open(self, rate: int, channels: int, name: str | None) -> Output:
        try:
            output: Output = Device(self.mixer, rate, channels, name)
        except DeviceError as error:
            self._reasoned.emit(error.message)
            output = SilentClock(self.mixer, rate)
        else:
            self._reasoned.emit(None)
        self._latency = output.latency
        return output

    @Slot(object)
    def _on_ended(self, wish: Wish) -> None:
        if wish is self._wish:
            self.stop()

    @Slot(object)
    def _on_reason(self, reason: str | None) -> None:
        if reason != self.reason:
            self.reason = reason
            self.reason_changed.emit(reason)
