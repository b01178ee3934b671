"""The feed: blocks of both decks, prepared ahead along one path of the playhead.

A Feed is filled on a thread of its own and emptied by the Mixer inside the audio callback. Between the two there are
a deque and whole attributes, each written by one side only: no lock, no Qt, no file where sound is asked for. Other
rates and channel counts are converted here, before the mixing: both decks come to the mixer frame by frame as the
device plays them, so that a flip still needs nothing but the other array of the same block.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from app.session.path import Moved, Pace, Path
from app.session.unrolled import FADE_SECONDS, fade_in, track
from app.sound.clip import Frames, Sound
from app.sound.region import Region

BLOCK = 1024
AHEAD = 12  # a quarter of a second: the feeding thread was seen to be kept waiting for longer than half of that


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Some frames of both decks, at the device's rate and channels."""

    a: Frames
    b: Frames


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The path, and the place on it, from which a feed goes on unheard; `moved` tells where its frames lie now."""

    path: Path
    at: int
    moved: Moved | None = None

    def then(self, moved: Moved | None) -> "Before":
        """The same place, where its frames were moved once more."""
        first = self.moved
        if first is None or moved is None:
            return Before(self.path, self.at, first or moved)
        return Before(self.path, self.at, lambda frame: moved(first(frame)))

    def frame(self, at: int) -> int:
        """The frame of that place on the path before, in the version that is played now."""
        frame = self.path.frame(max(at, 0))
        return frame if self.moved is None else self.moved(frame)


class Feed:
    """Prepares blocks along a path: to the clip's end, to a frame, or around the loop without end.

    `played` counts the frames that the mixer has taken, along the path; `before` is where this one goes on from, None
    where the playhead was set. `rate` is the device's. `finished`: there is nothing more to prepare; `ended`: all of
    it was played.
    """

    def __init__(
        self,
        decks: tuple[Sound, Sound],
        path: Path,
        channels: int,
        *,
        rate: int | None = None,
        at: int = 0,
        end: int | None = None,
        before: Before | None = None,
    ) -> None:
        self.decks = decks
        self.path = path
        self.channels = channels
        self.before = before
        self.rate = decks[0].rate if rate is None else rate
        self.fade = fade_in(max(round(self.rate * FADE_SECONDS), 1))
        self.ramp = np.repeat(self.fade[:, None], channels, axis=1)  # spelled out: numpy makes a buffer to broadcast
        self.ready: deque[Prepared] = deque()
        self.played = at
        self.finished = False
        self.ended = False
        self._at = at
        length = max(deck.length for deck in decks)
        stop = length if end is None else min(end, length)
        self._stop = None if path.turns else path.count(stop - path.start)
        self._closes = stop < length  # in the middle of the sound: faded out, not cut
        a = track(decks[0], path, channels, at)
        self._tracks = (a, a if decks[0] is decks[1] else track(decks[1], path, channels, at))

    @classmethod
    def after(
        cls,
        old: "Feed",
        decks: tuple[Sound, Sound],
        loop: Region | None,
        channels: int,
        *,
        rate: int | None = None,
        pace: Pace | None = None,
        end: int | None = None,
        moved: Moved | None = None,
    ) -> "Feed":
        """A feed that goes on with the very frame that the old one would play next, or where that lies now."""
        at, pace = old.played, old.path.pace if pace is None else pace
        rate = old.rate if rate is None else rate
        if loop == old.path.loop and pace == old.path.pace and moved is None:
            return cls(decks, old.path, channels, rate=rate, at=at, end=end, before=old.before)
        before = Before(old.path, at, moved)
        if at == 0 and old.before is not None:  # nothing of the old one was heard yet: what is heard is before it
            before = old.before.then(moved)
        return cls(decks, old.path.on(at, loop, pace, moved), channels, rate=rate, end=end, before=before)

    # --- on the feeding thread ----------------------------------------------------------------------------------

    def fill(self, ahead: int = AHEAD) -> None:
        """Prepare until so many blocks wait, or the end is reached."""
        while len(self.ready) < ahead and not self.finished:
            self._prepare()

    def _prepare(self) -> None:
        n = BLOCK if self._stop is None else min(BLOCK, self._stop - self._at)
        if n > 0:
            one, two = self._tracks
            a = one.read(n)
            b = a if two is one else two.read(n)
            self._close(a)
            if b is not a:
                self._close(b)
            self._at += n
            self.ready.append(Prepared(a, b))
        self.finished = n < BLOCK  # told after the last block is there

    def _close(self, frames: Frames) -> None:
        """Fade the last 5 ms out where the end lies within the sound."""
        if not self._closes or self._stop is None:
            return
        first = self._stop - self.fade.size
        low = max(self._at, first)
        if low < self._at + frames.shape[0]:
            weight = self.fade[::-1][low - first :][: self._at + frames.shape[0] - low]
            frames[low - self._at :] *= weight[:, None]

    # --- in the audio callback ----------------------------------------------------------------------------------

    def take(self, n: int) -> Prepared | None:
        """At most `n` of the next frames, never across two blocks; None where none are ready."""
        if not self.ready:
            return None
        block = self.ready.popleft()
        if block.a.shape[0] > n:
            self.ready.appendleft(Prepared(block.a[n:], block.b[n:]))
            block = Prepared(block.a[:n], block.b[:n])
        self.played += block.a.shape[0]
        return block

    def catch_up(self, old: "Feed") -> None:
        """Leave out what the old feed has played since this one was begun, where this one goes on from it."""
        if self.path is old.path:
            place = old.played
        elif self.before is not None and self.before.path is old.path:
            was, now, place = old.path.pace, self.path.pace, old.played - self.before.at
            if was != now:  # as long in the clip, not in the device's time
                place = place * was.clip * now.out // (was.out * now.clip)
        else:
            return
        while self.played < place and self.take(place - self.played) is not None:
            pass
