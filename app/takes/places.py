"""Places: where a frame of one version lies in another, once takes make the clip longer or shorter."""

from dataclasses import dataclass

from app.sound.region import Region
from app.takes.take import TakeId
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


def changes(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[Change, ...]:
    """What leads from version a to version b, back to where their ways part and on from there."""
    ours, theirs = timeline.lineage(a), timeline.lineage(b)
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared].id == theirs[shared].id:
        shared += 1
    back = [Change(take.region, take.patch.length).turned() for take in reversed(ours[shared:])]
    return (*back, *(Change(take.region, take.patch.length) for take in theirs[shared:]))


def frame_in(steps: tuple[Change, ...], frame: int) -> int:
    """Where a frame lies after those changes; itself where none of them changes a length before it."""
    for step in steps:
        frame = step.frame(frame)
    return frame


def region_in(steps: tuple[Change, ...], region: Region) -> Region:
    """Where a region lies after those changes."""
    start = frame_in(steps, region.start)
    return Region(start, max(frame_in(steps, region.end), start))
