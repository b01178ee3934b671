"""WaveView: what is in view, how far it may go, and what was in view before; frames and arithmetic, no widget."""

import math
import time

from app.sound.region import Region
from app.ui.reach import Reach

View = tuple[float, float]
"""[start, end) in frames, fractions allowed."""

_CLOSEST = 16.0  # frames in view at the deepest zoom
_SAME_ZOOM_SECONDS = 0.8  # wheel turns that follow each other are one step back
_PAGE_AT = 0.95  # of the view: there the next page begins
_PAGE_TO = 0.05
_ROOM_IN_FIT = 0.03  # of the clip: so much of the room beyond it is seen with the whole clip
_AIR = 0.03  # of the clip, beyond a mask that reaches further than that


class WaveView:
    """The clip with the room beyond its ends is what can be looked at, and a mask that reaches further."""

    def __init__(self) -> None:
        self.reach = Reach(0)
        self.mask: Region | None = None
        self.now: View = (0.0, 1.0)
        self._visited: list[View] = []
        self._zoomed_at = -math.inf

    def bounds(self) -> View:
        """What a view can hold at the most."""
        wide = self.reach.including(self.mask)
        return float(wide.start), float(max(wide.end, wide.start + 1))

    def fit(self) -> View:
        """The whole clip and a bit of the room at its ends, so that one sees that there is some."""
        wide = self.reach.including(self.mask)
        some, air = self.reach.length * _ROOM_IN_FIT, self.reach.length * _AIR
        beyond = (-self.mask.start, self.mask.end - self.reach.length) if self.mask is not None else (0, 0)
        before = min(max(some, beyond[0] + air), wide.before)
        after = min(max(some, beyond[1] + air), wide.after)
        return 0.0 - before, max(self.reach.length, 1) + after

    def pushed(self, start: float, end: float | None) -> View:
        """[start, end) moved to where there is something to see; without an end, as much as is in view now."""
        low, high = self.bounds()
        whole = high - low
        span = self.now[1] - self.now[0] if end is None else end - start
        span = min(max(span, min(_CLOSEST, whole)), whole)
        start = min(max(start, low), high - span)
        return start, start + span

    def zoomed(self, factor: float, anchor: float, aimed: View | None = None) -> View:
        """So many times closer, with the frame `anchor` staying at its place; remembers where that began.

        What is `aimed` at, and not reached yet, counts instead of what is in view.
        """
        now = time.monotonic()
        if now - self._zoomed_at > _SAME_ZOOM_SECONDS:
            self._visited.append(self.now)
        self._zoomed_at = now
        start, end = self.now if aimed is None else aimed
        low, high = self.bounds()
        span = min(max((end - start) / factor, min(_CLOSEST, high - low)), high - low)
        # Where the anchor is on the screen now: half-way through a movement that is not where it will be.
        shown, wide = self.now[0], self.now[1] - self.now[0]
        shift = (anchor - shown) / wide
        return anchor - shift * span, anchor + (1 - shift) * span

    def left(self, before: View, after: View) -> None:
        """Remember a view that was jumped away from."""
        self._zoomed_at = -math.inf
        if after != before and self.reach.length:
            self._visited.append(before)

    def back(self) -> View | None:
        """The view before the last zoom; None where there is none."""
        while self._visited:
            view = self._visited.pop()
            if self.pushed(*view) != self.now:
                self._zoomed_at = -math.inf
                return view
        return None

    def forget(self) -> None:
        """Another clip: nothing to go back to."""
        self._visited.clear()

    def page(self, frame: int) -> float | None:
        """Where the page with this frame begins; None where the frame is well in view."""
        start, end = self.now
        span = end - start
        at_last_page = end >= self.reach.length and frame < end
        if (start <= frame < start + span * _PAGE_AT) or (start <= frame and at_last_page):
            return None
        return frame - span * _PAGE_TO
