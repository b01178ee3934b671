"""What is on the decks: the version in use on A, the selected take on B, and their renderings and pictures."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.session.background import Background
from app.session.matching import Matching
from app.session.player import Player
from app.sound.clip import Clip, Frames
from app.sound.miniature import miniature
from app.sound.peaks import Peaks, PeaksBuilder, peaks_read
from app.sound.region import Region
from app.takes.places import changes, frame_in, mask_in, same_length
from app.takes.render import Rendering, original, replaced
from app.takes.take import TakeId
from app.takes.timeline import Timeline

_LOOP_CONTEXT_SECONDS = 1.0
_SEAM_SECONDS = 1.5
_AT_ONCE = 3_000_000  # samples that are summed up in a few milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is heard, to be drawn: the sound, its peaks, and the region that differs from the original."""

    sound: Rendering
    peaks: Peaks
    changed: Region | None


class Hearing(QObject):
    """Which take is heard; flips keep the frame, selecting never applies."""

    changed = Signal()
    pictured = Signal()
    """The same is heard; more is known of how it looks."""

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
        self._background = background
        self._reading: set[TakeId | None] = set()
        self._miniatures: dict[tuple[TakeId | None, Region, int], Frames] = {}
        self._shown: TakeId | None = None  # whose places the player's frames are told in

    # --- what there is ------------------------------------------------------------------------------------------

    def open(self, source: Clip, peaks: Peaks, timeline: Timeline) -> None:
        """A clip was opened: its version in use is heard."""
        self._source, self._timeline = source, timeline
        self._renderings = {None: original(source)}
        self._peaks = {None: peaks}
        self.selected = self._shown = timeline.head
        self.player.seek(0)
        self._load(0)

    def grow(self, news: tuple[Clip, Peaks]) -> None:
        """More is known of the source by now: it is drawn anew, and so is what was made on top of it."""
        source, peaks = news
        if source is not self._source:
            return
        own = {take for take in self._peaks if take is not None and self._of_its_own(take)}
        self._peaks = {take: known for take, known in self._peaks.items() if take in own} | {None: peaks}
        (self.changed if peaks.length == source.length else self.pictured).emit()

    def _of_its_own(self, take: TakeId) -> bool:
        """Whether a take's peaks were made from its sound rather than from the source's peaks."""
        return any(each.landed != each.region for each in self._timeline.lineage(take))

    def clear(self) -> None:
        """Nothing is open."""
        self.player.load(None)
        self._source, self._timeline, self.selected = None, Timeline(), None
        self._renderings, self._peaks, self._mask = {}, {}, None
        self._reading, self._miniatures = set(), {}
        self._matching.forget()
        self._set_loop()

    def close(self) -> None:
        """Stop for good."""
        self.player.close()

    def rendering(self, timeline: Timeline, take: TakeId | None) -> Rendering:
        """A take folded over the source; made once."""
        if take not in self._renderings:
            # From the nearest version below that is there: a chain of many is folded once, not once for each.
            lineage = timeline.lineage(take)
            above = next((n for n in range(len(lineage), 0, -1) if lineage[n - 1].id in self._renderings), 0)
            found = self._renderings[lineage[above - 1].id if above else None]
            for each in lineage[above:]:
                found = self._renderings[each.id] = replaced(found, each.region, each.patch)
        return self._renderings[take]

    def peaks(self, take: TakeId | None) -> Peaks:
        """A take's peaks: those of the nearest version below that has some, read anew where patches lie.

        Where a patch made the clip longer or shorter all are read, of long clips in the background: until then none.
        """
        if take in self._peaks:
            return self._peaks[take]
        lineage, sound = self._timeline.lineage(take), self.rendering(self._timeline, take)
        above = next((n for n in range(len(lineage), 0, -1) if lineage[n - 1].id in self._peaks), 0)
        if all(each.landed == each.region for each in lineage[above:]):
            found = self._peaks[lineage[above - 1].id if above else None]
            for each in lineage[above:]:
                found = found.with_region(each.region, sound)
        elif sound.length * sound.channels <= _AT_ONCE:
            found = peaks_read(sound)
        else:
            self._read_peaks(take, sound)
            return PeaksBuilder(sound.channels).peaks()
        self._peaks[take] = found
        return found

    def _read_peaks(self, take: TakeId | None, sound: Rendering) -> None:
        if take in self._reading:
            return
        self._reading.add(take)
        source = self._source

        def done(found: Peaks) -> None:
            self._reading.discard(take)
            if source is self._source:
                self._peaks[take] = found
                self.changed.emit()

        self._background.run(lambda: peaks_read(sound), done, _unread)

    def miniature(self, take: TakeId | None, shown: Region, width: int) -> Frames:
        """A small picture of a part of a version, (width, channels, 2) minima and maxima; made once."""
        key = (take, shown, width)
        if key not in self._miniatures:
            self._miniatures[key] = miniature(self.rendering(self._timeline, take), shown, width)
        return self._miniatures[key]

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
        region = self._timeline.get(take).landed if take is not None else None
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
        deck = 0 if self.player.deck else 1
        if self._apart:
            self._load(deck)
        else:
            self.player.set_deck(deck)
            self._shown = self.heard
            self.changed.emit()

    @property
    def _apart(self) -> bool:
        """Whether the same sound lies at other frames in the two versions that are compared."""
        return not same_length(changes(self._timeline, self._timeline.head, self.selected))

    def _load(self, deck: int) -> None:
        """Everything of what is heard at once: both decks, which of them, and their gains.

        Versions of other lengths are not played side by side: a flip goes to where the same sound lies in the other.
        """
        head, heard = self._timeline.head, self.selected if deck else self._timeline.head
        a, b = self.rendering(self._timeline, head), self.rendering(self._timeline, self.selected)
        if self._apart:
            a = b = self.rendering(self._timeline, heard)
        steps = changes(self._timeline, self._shown, heard)
        self._shown = heard
        if same_length(steps):
            self.player.load(a, b, deck=deck, gains_db=self._gains())
        else:
            self.player.load(
                a, b, deck=deck, gains_db=self._gains(), moved=partial(frame_in, steps), loop=self._loop(heard)
            )
        self.changed.emit()

    # --- places -------------------------------------------------------------------------------------------------

    def frame_in_use(self) -> int:
        """Where the playhead is in the version in use."""
        return frame_in(changes(self._timeline, self.heard, self._timeline.head), self.player.frame())

    @property
    def elsewhere(self) -> bool:
        """Whether places of what is heard are not those of the version in use."""
        return not same_length(changes(self._timeline, self._timeline.head, self.heard))

    @property
    def shown_mask(self) -> Region | None:
        """The mask in frames of what is heard; None where that has nothing of it."""
        return self._mask_in(self.heard)

    def in_use(self, region: Region) -> Region | None:
        """A region of what is heard, in frames of the version in use; None where that has nothing of it."""
        heard = self.heard
        length = self.rendering(self._timeline, heard).length
        return mask_in(self._timeline, heard, self._timeline.head, region, length)

    def _mask_in(self, heard: TakeId | None) -> Region | None:
        if self._mask is None or self._source is None:
            return None
        head = self._timeline.head
        return mask_in(self._timeline, head, heard, self._mask, self.rendering(self._timeline, head).length)

    @property
    def length(self) -> int:
        """Frames of what is heard; 0 while nothing is open."""
        return self.rendering(self._timeline, self.heard).length if self._source is not None else 0

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
        mask = self.shown_mask
        if mask is not None:
            self.player.play(max(mask.start, 0), mask.end)

    def play_seams(self) -> None:
        """Play a second and a half around each of the mask's edges, one after the other; as one where they meet."""
        mask = self.shown_mask
        if mask is None or self._source is None:
            return
        around = round(_SEAM_SECONDS / 2 * self._source.rate)
        first, last = (
            Region(edge, edge).widened(around, around).clamped(self.length) for edge in (mask.start, mask.end)
        )
        if last.start <= first.end or not first.length:
            self.player.play(min(first.start, last.start), last.end)
        else:
            self.player.play(first.start, first.end, then=(last,) if last.length else ())

    def set_matching(self, on: bool) -> None:
        """Hear both decks at the loudness of the quieter one; nothing is written anywhere."""
        self.matching = on
        self.player.set_gains(*self._gains())
        self.changed.emit()

    def _set_loop(self) -> None:
        self.player.set_loop(self._loop(self.heard))

    def _loop(self, heard: TakeId | None) -> Region | None:
        """What to loop, in frames of what is heard."""
        if not self.looping or self._source is None:
            return None
        length = self.rendering(self._timeline, heard).length
        around, mask = round(_LOOP_CONTEXT_SECONDS * self._source.rate), self._mask_in(heard)
        region = mask.widened(around, around).clamped(length) if mask else Region(0, length)
        return region if region.length else None

    def _gains(self) -> tuple[float, float]:
        """In dB, of this very pair; what was not measured yet is heard as it is until it is."""
        if not self.matching or self._source is None:
            return 0.0, 0.0
        return self._matching.measure(self._timeline, self._timeline.head, self.selected) or (0.0, 0.0)

    def _on_measured(self) -> None:
        self.player.set_gains(*self._gains())


def _unread(_: AppError) -> None:
    """Sound that cannot be read is drawn as nothing."""
