"""Player: two decks and one playhead."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import DeviceError
from app.session.devices import Found
from app.session.feeding import Feeding, Heralds
from app.session.mixer import Mixer
from app.session.output import Device, Output, OutputFacts
from app.session.path import Moved
from app.session.runs import Run
from app.session.scrub import Scrub
from app.sound.clip import Sound
from app.sound.region import Region

__all__ = ["Device", "DeviceError", "Player"]

_LOST = "{0} went away, so playing was paused. Press Play to go on with the device that is there."
HALF_SPEED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Lost:
    """What was played when the device went away, how far it had come, and the device's name."""

    run: Run
    frame: int
    name: str


class Player(QObject):
    """Play, stop, seek, loop, and flip between deck A and deck B at the same frame.

    It only says what is wished and polls where the playhead is; `Feeding` makes it sound on a thread of its own.
    """

    playing_changed = Signal(bool)
    sought = Signal()
    reason_changed = Signal(object)
    speed_changed = Signal(float)
    output_changed = Signal(object)
    devices_changed = Signal()
    _ended = Signal(object)
    _lost = Signal(object)
    _reasoned = Signal(object)
    _opened = Signal(object)
    _counted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mixer = Mixer()
        self.playing = False
        self.reason: str | None = None
        self.loop: Region | None = None
        self.speed = 1.0
        self.output: OutputFacts | None = None
        self.devices: tuple[Found, ...] = ()
        self.device: str | None = None
        self.decks: tuple[Sound, Sound] | None = None
        self.scrub = Scrub(self)
        self._deck = 0
        self._gains = (1.0, 1.0)
        self._at = 0
        self._turn = 0
        self._then: tuple[Region, ...] = ()
        # Bound methods of this object: they run on the thread it lives on, not on the feeding thread.
        self._ended.connect(self._on_ended)
        self._lost.connect(self._on_lost)
        self._reasoned.connect(self._on_reason)
        self._opened.connect(self._on_opened)
        self._counted.connect(self._on_counted)
        self._feeding = Feeding(
            self.mixer,
            self._open_device,
            Heralds(
                ended=self._ended.emit,
                lost=lambda run, frame, name: self._lost.emit(_Lost(run, frame, name)),
                reasoned=self._reasoned.emit,
                opened=self._opened.emit,
                counted=self._counted.emit,
            ),
        )

    # --- what is on the decks -----------------------------------------------------------------------------------

    def load(
        self,
        a: Sound | None,
        b: Sound | None = None,
        *,
        deck: int | None = None,
        gains_db: tuple[float, float] | None = None,
        moved: Moved | None = None,
        loop: Region | None = None,
    ) -> None:
        """Put sounds of the same rate on the decks, and hear that deck at those gains: all of it from one frame on.

        What plays goes on with the frame that comes next. Where what comes has other places than what was, `moved`
        tells where a frame of the one lies in the other, and `loop` is its loop; what is not given stays as it is.
        """
        if a is None:
            self.stop()
            self.decks = None
            return
        before, self.decks = self.decks, (a, b if b is not None else a)
        self._deck = self._deck if deck is None else deck
        self._gains = self._gains if gains_db is None else _factors(gains_db)
        if moved is not None:
            self.loop, self._at = loop, min(moved(self._at), self._length)
            self._then = tuple(Region(moved(each.start), moved(each.end)) for each in self._then)
            self._go_on(moved)
            self.sought.emit()
        elif before is not None and before[0] is self.decks[0] and before[1] is self.decks[1]:
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

    def set_half_speed(self, on: bool) -> None:
        """Play half as fast from the next frame on, an octave lower, as a tape would; or as it is."""
        speed = HALF_SPEED if on else 1.0
        if speed != self.speed:
            self.speed = speed
            self._go_on()
            self.speed_changed.emit(speed)

    # --- the playhead -------------------------------------------------------------------------------------------

    def play(self, start: int | None = None, end: int | None = None, *, then: tuple[Region, ...] = ()) -> None:
        """Play from a frame (the playhead) to another (the end of the clip, or around the loop), then those parts."""
        if self.decks is None:
            return
        frame = self._at if start is None else start
        if frame >= self._length:
            frame = 0
        if self.loop and end is None and not self.loop.contains(frame):
            frame = self.loop.start
        self._turn += 1
        self._then = then
        self._run(frame, end)
        if not self.playing:
            self.playing = True
            self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stop; the playhead goes back to where it was before playing."""
        self._feeding.hush()
        self._then = ()
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
        """Move the playhead; what plays goes on from there, and what is scrubbed is heard there."""
        self._at = max(frame, 0)
        if self.scrub.held:
            self.scrub.to(self._at)
        elif self.playing:
            self._then = ()
            self._run(self._at, None)
        self.sought.emit()

    def grain(self, start: int, end: int, *, first: bool = False) -> None:
        """Let a moment be heard without playing; the first of them may look for a device anew."""
        if self.decks is not None:
            self._turn += first
            self._run(start, end)

    def frame(self) -> int:
        """Where the playhead is: while playing, the frame that is heard now."""
        heard = None if self.scrub.held else self._feeding.frame()
        return self._at if heard is None else heard

    def close(self) -> None:
        """Stop, close the device, end the thread."""
        self.scrub.hold(False)
        self.stop()
        self._feeding.close()

    @property
    def _length(self) -> int:
        return max(deck.length for deck in self.decks) if self.decks is not None else 0

    def _go_on(self, moved: Moved | None = None) -> None:
        """What plays goes on at the next frame, with what is on the decks now."""
        run = self._feeding.run
        if run is not None:
            self._run(None, run.end if run.end is None or moved is None else moved(run.end), moved)

    def _run(self, frame: int | None, end: int | None, moved: Moved | None = None) -> None:
        assert self.decks is not None
        run = Run(self.decks, frame, end, self.loop if end is None else None, self._turn, self.speed, moved)
        self._feeding.wish(run, self._deck, self._gains)

    # --- the device ---------------------------------------------------------------------------------------------

    def choose_device(self, key: str | None) -> None:
        """Play on that device (its key) from now on; None follows the system's default."""
        self.device = key
        self._feeding.choose(key)
        self.devices_changed.emit()

    def look_for_devices(self) -> None:
        """Ask which there are; `devices_changed` tells."""
        self._feeding.look()

    @property
    def underruns(self) -> int:
        """How often nothing was there to be heard: blocks that were not ready, and what the device told of."""
        return self.mixer.underruns + self._feeding.underflows

    @property
    def longest_pause(self) -> float:
        """The longest that the feeding thread was away while something played, in seconds."""
        return self._feeding.longest_pause

    # --- what the feeding thread tells --------------------------------------------------------------------------

    def _open_device(self, rate: int, channels: int, key: str | None) -> Output:
        return Device(self.mixer, rate, channels, key)

    @Slot(object)
    def _on_ended(self, run: Run) -> None:
        if run is not self._feeding.run:
            return
        if self._then:
            part, self._then = self._then[0], self._then[1:]
            self._run(part.start, part.end)
        else:
            self.stop()

    @Slot(object)
    def _on_lost(self, lost: _Lost) -> None:
        self._on_reason(_LOST.format(lost.name or "The audio device"))
        if lost.run is self._feeding.run:
            if self.playing:
                self._at = lost.frame
            self.stop()

    @Slot(object)
    def _on_reason(self, reason: str | None) -> None:
        if reason != self.reason:
            self.reason = reason
            self.reason_changed.emit(reason)

    @Slot(object)
    def _on_opened(self, facts: OutputFacts) -> None:
        self.output = facts
        self.output_changed.emit(facts)

    @Slot(object)
    def _on_counted(self, found: tuple[Found, ...]) -> None:
        self.devices = found
        self.devices_changed.emit()


def _factors(gains_db: tuple[float, float]) -> tuple[float, float]:
    return 10 ** (gains_db[0] / 20), 10 ** (gains_db[1] / 20)
