"""Reach: where a mask may lie, on the clip and in the empty room beyond its ends."""

from dataclasses import dataclass

from app.sound.region import Region


@dataclass(frozen=True, slots=True)
class Reach:
    """A clip of `length` frames, and the frames before and after it that may be masked too."""

    length: int
    before: int = 0
    after: int = 0

    @property
    def start(self) -> int:
        """The first frame that may be masked, negative where there is room before the clip."""
        return -self.before

    @property
    def end(self) -> int:
        """Where the room after the clip ends."""
        return self.length + self.after

    def including(self, mask: Region | None) -> "Reach":
        """Wide enough for a mask that was made where there was more room."""
        if mask is None or (self.start <= mask.start and mask.end <= self.end):
            return self
        return Reach(self.length, max(self.before, -mask.start), max(self.after, mask.end - self.length))

    def pushed(self, frame: int) -> int:
        """The nearest frame that may be masked."""
        return min(max(frame, self.start), self.end)

    def between(self, anchor: int, frame: int, leftwards: bool = False) -> Region:
        """The region from one frame to another in either order, one frame long at least.

        A region in the room alone is drawn on to the clip: with a gap between them nothing could be made of it.
        """
        low, high = sorted((self.pushed(anchor), self.pushed(frame)))
        low, high = min(low, self.length), max(high, 0)
        if low == high:
            low, high = (low - 1, high) if (leftwards and low > self.start) or high >= self.end else (low, high + 1)
        return Region(low, high)

    def moved(self, mask: Region, frames: int) -> Region:
        """The mask shifted by so many frames, or as far as it may go; it always touches the clip."""
        wide = self.including(mask)
        lowest = max(wide.start, -mask.length)
        highest = min(wide.end - mask.length, self.length)
        return mask.moved(min(max(frames, lowest - mask.start), highest - mask.start))

    def beyond(self, mask: Region) -> tuple[Region | None, Region | None]:
        """What of a mask lies before the clip, and what after it."""
        before = Region(mask.start, min(mask.end, 0)) if mask.start < 0 else None
        after = Region(max(mask.start, self.length), mask.end) if mask.end > self.length else None
        return before, after

    def stuck(self, frame: int, within: float) -> int | None:
        """The end of the clip that lies within so many frames: where it goes on is the place most often meant."""
        nearest = 0 if abs(frame) < abs(frame - self.length) else self.length
        return nearest if abs(frame - nearest) <= within else None
