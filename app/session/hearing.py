"""What is on the decks: the version in use on A, the selected take on B, and their renderings and pictures."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.session.background import Background
from app.session.matching import Matching
from app.session.player import Player
from app.sound.clip import Clip
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.takes.render import Rendering, original, render
from app.takes.take import TakeId
from app.takes.timeline import Timeline

_LOOP_CONTEXT_SECONDS = 1.0
_SEAM_SECONDS = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is heard, to be drawn: the sound, its peaks, and the region that differs from the original."""

    sound: Rendering
    peaks: Peaks
    changed: Region | None


class Hearing(QObject):
    """Which take is heard; flips keep the frame, selecting never applies."""

    changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.player = Player(self)
        self.selected: TakeId | None = None
        self.matching = False
        self.looping = False
        self._matching = Matching(background, self.rendering, self._on_measured)
        self._source: Clip | None = None
        self._peaks: dict[TakeId | None, Peaks] = {}
        self._renderings: dict[TakeId | None, Rendering] = {}
        self._timeline = Timeline()
        self._mask: Region | None = None

    # --- what there is ------------------------------------------------------------------------------------------

    def open(self, source: Clip, peaks: Peaks, timeline: Timeline) -> None:
        """A clip was opened: its version in use is heard."""
        self._source, self._timeline = source, timeline
        self._renderings = {None: original(source)}
        self._peaks = {None: peaks}
        self.selected = timeline.head
        self.player.seek(0)
        self._load(0)

    def clear(self) -> None:
        """Nothing is open."""
        self.player.load(None)
        self._source, self._timeline, self.selected = None, Timeline(), None
        self._renderings, self._peaks, self._mask = {}, {}, None
        self._matching.forget()
        self._set_loop()

    def close(self) -> None:
        """Stop for good."""
        self.player.close()

    def rendering(self, timeline: Timeline, take: TakeId | None) -> Rendering:
        """A take folded over the source; made once."""
        if take not in self._renderings:
            assert self._source is not None
            self._renderings[take] = render(self._source, timeline.lineage(take))
        return self._renderings[take]

    def peaks(self, take: TakeId | None) -> Peaks:
        """A take's peaks: its parent's, anew where the patch lies; made once."""
        if take not in self._peaks:
            assert take is not None  # the original's peaks are there from the start
            made = self._timeline.get(take)
            self._peaks[take] = self.peaks(made.parent).with_region(made.region, self.rendering(self._timeline, take))
        return self._peaks[take]

    # --- which is heard -----------------------------------------------------------------------------------------

    @property
    def heard(self) -> TakeId | None:
        """The take that sounds: the one in use on deck A, the selected one on deck B."""
        return self.selected if self.player.deck else self._timeline.head

    @property
    def picture(self) -> Picture | None:
        """What is heard, as it is drawn; None while nothing is open."""
        if self._source is None:
            return None
        take = self.heard
        region = self._timeline.get(take).region if take is not None else None
        return Picture(self.rendering(self._timeline, take), self.peaks(take), region)

    def select(self, timeline: Timeline, take: TakeId | None) -> None:
        """Hear that take at the same frame: on deck B, but the one in use on deck A, so that B keeps the other."""
        self._timeline = timeline
        if take == timeline.head:
            self._load(0)
        else:
            self.selected = take
            self._load(1)

    def add(self, timeline: Timeline) -> None:
        """A take came: what is heard stays."""
        self._timeline = timeline
        if self.matching:  # so that it is matched from the first moment on once it is selected
            self._matching.measure(timeline, timeline.head, timeline.takes[-1].id)

    def refresh(self, timeline: Timeline) -> None:
        """The version in use changed: it is what is heard, and a flip goes back to the one before it."""
        before, self._timeline = self._timeline.head, timeline
        if timeline.head != before:
            self.selected = before
            self._load(0)

    def flip(self) -> None:
        """From the version in use to the selected take, or back."""
        self.player.set_deck(0 if self.player.deck else 1)
        self.changed.emit()

    def _load(self, deck: int) -> None:
        """Everything of what is heard at once: both decks, which of them, and their gains."""
        a = self.rendering(self._timeline, self._timeline.head)
        b = self.rendering(self._timeline, self.selected)
        self.player.load(a, b, deck=deck, gains_db=self._gains())
        self.changed.emit()

    # --- how it is heard ----------------------------------------------------------------------------------------

    def set_mask(self, mask: Region | None) -> None:
        """The loop follows the mask."""
        self._mask = mask
        self._set_loop()

    def set_looping(self, on: bool) -> None:
        """Loop the mask with a second of context at each side; the whole clip without a mask."""
        self.looping = on
        self._set_loop()
        self.changed.emit()

    def play_mask(self) -> None:
        """Play the mask once."""
        if self._mask is not None:
            self.player.play(self._mask.start, self._mask.end)

    def play_seams(self) -> None:
        """Play a second and a half around the mask's edges, from before the first to after the last."""
        if self._mask is not None and self._source is not None:
            around = round(_SEAM_SECONDS * self._source.rate)
            self.player.play(max(self._mask.start - around, 0), min(self._mask.end + around, self._source.length))

    def set_matching(self, on: bool) -> None:
        """Hear both decks at the loudness of the quieter one; nothing is written anywhere."""
        self.matching = on
        self.player.set_gains(*self._gains())
        self.changed.emit()

    def _set_loop(self) -> None:
        if not self.looping or self._source is None:
            self.player.set_loop(None)
            return
        around = round(_LOOP_CONTEXT_SECONDS * self._source.rate)
        whole = Region(0, self._source.length)
        region = self._mask.widened(around, around).clamped(self._source.length) if self._mask else whole
        self.player.set_loop(region if region.length else None)

    def _gains(self) -> tuple[float, float]:
        """In dB, of this very pair; what was not measured yet is heard as it is until it is."""
        if not self.matching or self._source is None:
            return 0.0, 0.0
        return self._matching.measure(self._timeline, self._timeline.head, self.selected) or (0.0, 0.0)

    def _on_measured(self) -> None:
        self.player.set_gains(*self._gains())
