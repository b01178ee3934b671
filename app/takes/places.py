"""Places: where a frame of one version lies in another, once takes make the clip longer or shorter."""

from dataclasses import dataclass

from app.sound.region import Region
from app.takes.take import Take, TakeId
from app.takes.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Change:
    """`region` of the version before gave way to so many frames."""

    region: Region
    length: int

    @property
    def more(self) -> int:
        """By how many frames the version after is longer."""
        return self.length - self.region.length

    @property
    def landed(self) -> Region:
        """What came, in frames of the version after."""
        return Region(self.region.start, self.region.start + self.length)

    def turned(self) -> "Change":
        """The way back."""
        return Change(self.landed, self.region.length)

    def frame(self, frame: int) -> int:
        """Where a frame of the version before lies after: what gives way keeps its distance from the start."""
        if frame <= self.region.start:
            return frame
        if frame >= self.region.end:
            return frame + self.more
        return self.region.start + min(frame - self.region.start, self.length)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mask, in frames of the version that it was drawn on: whatever is used later, it is never worn by moving it."""

    region: Region
    on: TakeId | None = None

    def seen_from(self, timeline: Timeline, source: int, version: TakeId | None) -> Region | None:
        """Where it lies in another version of a source of so many frames; None where nothing is left of it."""
        if self.on == version or self.on not in timeline:
            return self.region
        return mask_in(timeline, self.on, version, self.region, timeline.length(source, self.on))


def parting(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[tuple[Take, ...], tuple[Take, ...]]:
    """The takes of a, and those of b, that were laid over the last version that both have; oldest first."""
    ours, theirs = timeline.lineage(a), timeline.lineage(b)
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared].id == theirs[shared].id:
        shared += 1
    return ours[shared:], theirs[shared:]


def changes(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[Change, ...]:
    """What leads from version a to version b, back to where their ways part and on from there."""
    ours, theirs = parting(timeline, a, b)
    back = [Change(take.region, take.patch.length).turned() for take in reversed(ours)]
    return (*back, *(Change(take.region, take.patch.length) for take in theirs))


def same_length(steps: tuple[Change, ...]) -> bool:
    """Whether every frame lies where it was."""
    return not any(step.more for step in steps)


def frame_in(steps: tuple[Change, ...], frame: int) -> int:
    """Where a frame lies after those changes; itself where none of them changes a length before it."""
    for step in steps:
        frame = step.frame(frame)
    return frame


def region_in(steps: tuple[Change, ...], region: Region) -> Region:
    """Where a region lies after those changes."""
    start = frame_in(steps, region.start)
    return Region(start, max(frame_in(steps, region.end), start))


def mask_in(timeline: Timeline, a: TakeId | None, b: TakeId | None, mask: Region, length: int) -> Region | None:
    """Where a mask of version a, which has so many frames, lies in version b; None where nothing is left of it.

    What a take was asked for becomes what it made of it, and back: also where that reached beyond the clip.
    """
    ours, theirs = parting(timeline, a, b)
    for take in reversed(ours):
        change = Change(take.region, take.patch.length).turned()
        if change.more:
            inside = mask.clamped(length)
            mask = take.request.mask if mask == take.remade else region_in((change,), inside)
        length += change.more
    for take in theirs:
        change = Change(take.region, take.patch.length)
        if change.more:
            inside = mask.clamped(length)
            mask = take.remade if mask == take.request.mask else region_in((change,), inside)
        length += change.more
    return mask if mask.length else None
