"""Player: two decks and one playhead."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import DeviceError
from app.session.feeding import Feeding, Run
from app.session.mixer import Mixer
from app.session.output import Device, Output
from app.sound.clip import Sound
from app.sound.region import Region

__all__ = ["Device", "DeviceError", "Player"]

_LOST = "The audio device went away, so playing was paused. Press Play to go on with the device that is there."


@dataclass(frozen=True, slots=True, eq=False)
class _Lost:
    """What was played when the device went away, and how far it had come."""

    run: Run
    frame: int


class Player(QObject):
    """Play, stop, seek, loop, and flip between deck A and deck B at the same frame.

    It only says what is wished and polls where the playhead is; `Feeding` makes it sound on a thread of its own.
    """

    playing_changed = Signal(bool)
    sought = Signal()
    reason_changed = Signal(object)
    _ended = Signal(object)
    _lost = Signal(object)
    _reasoned = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mixer = Mixer()
        self.playing = False
        self.reason: str | None = None
        self.loop: Region | None = None
        self._decks: tuple[Sound, Sound] | None = None
        self._deck = 0
        self._gains = (1.0, 1.0)
        self._at = 0
        self._turn = 0
        # Bound methods of this object: they run on the thread it lives on, not on the feeding thread.
        self._ended.connect(self._on_ended)
        self._lost.connect(self._on_lost)
        self._reasoned.connect(self._on_reason)
        self._feeding = Feeding(
            self.mixer,
            self._open_device,
            ended=self._ended.emit,
            lost=lambda run, frame: self._lost.emit(_Lost(run, frame)),
            reasoned=self._reasoned.emit,
        )

    # --- what is on the decks -----------------------------------------------------------------------------------

    def load(
        self,
        a: Sound | None,
        b: Sound | None = None,
        *,
        deck: int | None = None,
        gains_db: tuple[float, float] | None = None,
        moved: Callable[[int], int] | None = None,
        loop: Region | None = None,
    ) -> None:
        """Put sounds of the same rate on the decks, and hear that deck at those gains: all of it from one frame on.

        What plays goes on with the frame that comes next. Where frames of what was lie elsewhere in what comes,
        `moved` tells where, and `loop` is the loop in its frames. What is not given stays as it is.
        """
        frame, run = self.frame(), self._feeding.run
        if a is None:
            self.stop()
            self._decks = None
            return
        before, self._decks = self._decks, (a, b if b is not None else a)
        self._deck = self._deck if deck is None else deck
        self._gains = self._gains if gains_db is None else _factors(gains_db)
        if moved is not None:
            self.loop = loop
            self._at = min(moved(self._at), self._length)
            if run is not None:
                self._run(moved(frame), None if run.end is None else moved(run.end))
            self.sought.emit()
        elif before is not None and before[0] is self._decks[0] and before[1] is self._decks[1]:
            self._feeding.tune(self._deck, self._gains)
        else:
            self._at = min(self._at, self._length)
            self._go_on()

    @property
    def deck(self) -> int:
        """Which deck is heard: 0 is A, 1 is B."""
        return self._deck

    def set_deck(self, deck: int) -> None:
        """Hear that deck from the next block on, at the same frame."""
        self._deck = deck
        self._feeding.tune(self._deck, self._gains)

    def set_gains(self, a_db: float, b_db: float) -> None:
        """Gains of the decks in dB, for hearing only."""
        self._gains = _factors((a_db, b_db))
        self._feeding.tune(self._deck, self._gains)

    def set_loop(self, loop: Region | None) -> None:
        """Play around that region from now on; None plays through."""
        if loop == self.loop:
            return
        self.loop = loop
        self._go_on()

    # --- the playhead -------------------------------------------------------------------------------------------

    def play(self, start: int | None = None, end: int | None = None) -> None:
        """Play from a frame (the playhead) to another (the end of the clip, or around the loop)."""
        if self._decks is None:
            return
        frame = self._at if start is None else start
        if frame >= self._length:
            frame = 0
        if self.loop and end is None and not self.loop.contains(frame):
            frame = self.loop.start
        self._turn += 1
        self._run(frame, end)
        if not self.playing:
            self.playing = True
            self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stop; the playhead goes back to where it was before playing."""
        self._feeding.hush()
        if self.playing:
            self.playing = False
            self.playing_changed.emit(False)
            self.sought.emit()

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
            self._run(self._at, None)
        self.sought.emit()

    def frame(self) -> int:
        """Where the playhead is: while playing, the frame that is heard now."""
        heard = self._feeding.frame()
        return self._at if heard is None else heard

    def close(self) -> None:
        """Stop, close the device, end the thread."""
        self.stop()
        self._feeding.close()

    @property
    def _length(self) -> int:
        return max(deck.length for deck in self._decks) if self._decks is not None else 0

    def _go_on(self) -> None:
        """What plays goes on at the next frame, with what is on the decks now."""
        run = self._feeding.run
        if run is not None:
            self._run(None, run.end)

    def _run(self, frame: int | None, end: int | None) -> None:
        assert self._decks is not None
        run = Run(self._decks, frame, end, self.loop if end is None else None, self._turn)
        self._feeding.wish(run, self._deck, self._gains)

    # --- what the feeding thread tells --------------------------------------------------------------------------

    def _open_device(self, rate: int, channels: int) -> Output:
        return Device(self.mixer, rate, channels)

    @Slot(object)
    def _on_ended(self, run: Run) -> None:
        if run is self._feeding.run:
            self.stop()

    @Slot(object)
    def _on_lost(self, lost: _Lost) -> None:
        self._on_reason(_LOST)
        if lost.run is self._feeding.run:
            self._at = lost.frame
            self.stop()

    @Slot(object)
    def _on_reason(self, reason: str | None) -> None:
        if reason != self.reason:
            self.reason = reason
            self.reason_changed.emit(reason)


def _factors(gains_db: tuple[float, float]) -> tuple[float, float]:
    return 10 ** (gains_db[0] / 20), 10 ** (gains_db[1] / 20)
