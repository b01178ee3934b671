"""MaskDrag: what a drag makes of the mask; frames in, a Region out, no widget."""

from dataclasses import dataclass
from enum import StrEnum

from app.sound.region import Region
from app.ui.reach import Reach


class Grip(StrEnum):
    """What is held while dragging."""

    NEW = "new"
    START = "start"
    END = "end"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class MaskDrag:
    """A drag that began at frame `origin` with the mask `before`, where masks may lie in `reach`."""

    grip: Grip
    origin: int
    before: Region | None
    reach: Reach

    def region(self, frame: int) -> Region:
        """The mask with the pointer at `frame`: within reach, never empty; edges may cross."""
        if self.before is None or self.grip is Grip.NEW:
            return self.reach.between(self.origin, frame)
        if self.grip is Grip.MOVE:
            return self.reach.moved(self.before, frame - self.origin)
        leftwards = self.grip is Grip.START
        anchor = self.before.end if leftwards else self.before.start
        return self.reach.including(self.before).between(anchor, frame, leftwards=leftwards)


def extended(mask: Region | None, playhead: int | None, frame: int) -> tuple[Grip, Region | None] | None:
    """What Shift+click holds: the nearer edge of the mask, or a new mask from the playhead; None for neither."""
    if mask is not None:
        nearer_start = abs(frame - mask.start) < abs(frame - mask.end)
        return (Grip.START if nearer_start else Grip.END), mask
    if playhead is not None:
        return Grip.END, Region(playhead, playhead)
    return None
