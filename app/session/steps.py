"""What can be undone in one session, in the order in which it was done: masks, and edits of the timeline.

The timeline's own edits are on the disk and outlive the session; masks are not edits of the sound, and their steps
end with the session.
"""

import time
from dataclasses import dataclass

from app.takes.places import Drawn

_ONE_GESTURE = 0.5


@dataclass(frozen=True, slots=True)
class MaskStep:
    """The mask that was, and the one that came."""

    before: Drawn | None
    after: Drawn | None


class Steps:
    """Which came last, a mask or an edit (None). Nudges in quick succession are one step."""

    def __init__(self) -> None:
        self._done: list[MaskStep | None] = []
        self._undone: list[MaskStep | None] = []
        self._when = 0.0

    @property
    def can_undo(self) -> bool:
        """Whether this session has done anything."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether anything was undone since."""
        return bool(self._undone)

    def masked(self, before: Drawn | None, after: Drawn | None) -> None:
        """The mask was changed by hand."""
        now = time.monotonic()
        last = self._done[-1] if self._done else None
        if last is not None and after is not None and last.after == before and now - self._when < _ONE_GESTURE:
            self._done[-1] = MaskStep(last.before, after)
        else:
            self._done.append(MaskStep(before, after))
        self._undone.clear()
        self._when = now

    def edited(self) -> None:
        """An edit was made."""
        self._done.append(None)
        self._undone.clear()

    def back(self) -> MaskStep | None:
        """The step to undo: a mask's, or None for the timeline's last edit."""
        step = self._done.pop() if self._done else None
        self._undone.append(step)
        return step

    def forward(self) -> MaskStep | None:
        """The step to do again: a mask's, or None for the timeline's next edit."""
        step = self._undone.pop() if self._undone else None
        self._done.append(step)
        return step

    def clear(self) -> None:
        """Another project, or one that is as its disk says."""
        self._done.clear()
        self._undone.clear()
