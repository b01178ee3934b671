"""What shall be played: a run from one frame on, and how it is to be heard."""

from dataclasses import dataclass, replace

from app.session.path import Moved
from app.sound.clip import Sound
from app.sound.region import Region


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one feed is made for; without a `frame` it goes on from wherever the run before it has come to.

    `moved` tells where a frame of the run before lies in this one, None where at the same place. `turn` tells one
    press of Play from the next: each may look for a device anew.
    """

    decks: tuple[Sound, Sound]
    frame: int | None
    end: int | None
    loop: Region | None
    turn: int
    speed: float = 1.0
    moved: Moved | None = None

    def instead(self, unbegun: "Run") -> "Run":
        """This run where it was to go on from one that was never begun."""
        first, then = unbegun.moved, self.moved
        if unbegun.frame is not None:
            return replace(self, frame=then(unbegun.frame) if then is not None else unbegun.frame, moved=None)
        if first is None or then is None:
            return replace(self, moved=first or then)
        return replace(self, moved=lambda frame: then(first(frame)))


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What shall be heard from now on: one value, so that no part of it is ever heard with parts of another."""

    run: Run
    deck: int
    gains: tuple[float, float]
