"""MaskDrag: what a drag makes of the mask; frames in, a Region out, no widget."""

from dataclasses import dataclass
from enum import StrEnum

from app.sound.region import Region


class Grip(StrEnum):
    """What is held while dragging."""

    NEW = "new"
    START = "start"
    END = "end"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class MaskDrag:
    """A drag that began at frame `origin` with the mask `before`, on a clip of `length` frames."""

    grip: Grip
    origin: int
    before: Region | None
    length: int

    def region(self, frame: int) -> Region:
        """The mask with the pointer at `frame`: inside the clip, never empty; edges may cross."""
        if self.before is not None and self.grip is Grip.MOVE:
            shift = frame - self.origin
            return self.before.moved(min(max(shift, -self.before.start), self.length - self.before.end))
        anchor = self.origin
        if self.before is not None and self.grip is not Grip.NEW:
            anchor = self.before.end if self.grip is Grip.START else self.before.start
        return between(anchor, frame, self.length, leftwards=self.grip is Grip.START)


def between(anchor: int, frame: int, length: int, leftwards: bool = False) -> Region:
    """The region from one frame to another in either order, inside the clip, one frame long at least."""
    low, high = sorted((min(max(anchor, 0), length), min(max(frame, 0), length)))
    if low == high:
        low, high = (low - 1, high) if (leftwards and low > 0) or high >= length else (low, high + 1)
    return Region(low, high)


def extended(mask: Region | None, playhead: int | None, frame: int) -> tuple[Grip, Region | None] | None:
    """What Shift+click holds: the nearer edge of the mask, or a new mask from the playhead; None for neither."""
    if mask is not None:
        nearer_start = abs(frame - mask.start) < abs(frame - mask.end)
        return (Grip.START if nearer_start else Grip.END), mask
    if playhead is not None:
        return Grip.END, Region(playhead, playhead)
    return None
