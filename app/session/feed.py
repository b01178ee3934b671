"""The feed: blocks of both decks, prepared ahead along one path of the playhead.

A Feed is filled on a thread of its own and emptied by the Mixer inside the audio callback. Between the two there are
a deque and whole attributes, each written by one side only: no lock, no Qt, no file where sound is asked for.
"""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.sound.clip import Frames, Sound
from app.sound.region import Region

BLOCK = 1024
AHEAD = 6
FADE_SECONDS = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The way of the playhead: on from `start`, around the loop once its end is reached from inside or before.

    A loop that ends before the start is never entered. Places are told by how many frames were played since `start`,
    so that a place is unambiguous also where the loop passes the same frame many times.
    """

    start: int
    loop: Region | None = None

    @property
    def turns(self) -> bool:
        """Whether this way leads around the loop at all."""
        return self.loop is not None and self.loop.length > 0 and self.start < self.loop.end

    def frame(self, at: int) -> int:
        """The clip's frame that is played as the `at`-th of this way, at >= 0."""
        frame = self.start + at
        if self.loop is None or not self.turns or frame < self.loop.end:
            return frame
        return self.loop.start + (frame - self.loop.start) % self.loop.length


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Some frames of both decks, at the device's channels."""

    a: Frames
    b: Frames


class Feed:
    """Prepares blocks along a path: to the clip's end, to a frame, or around the loop without end.

    `played` counts the frames that the mixer has taken, along the path; `before` is the path, and the place on it,
    from which this one goes on unheard, None where the playhead was set. `finished`: there is nothing more to
    prepare; `ended`: all of it was played.
    """

    def __init__(
        self,
        decks: tuple[Sound, Sound],
        path: Path,
        channels: int,
        *,
        at: int = 0,
        end: int | None = None,
        before: tuple[Path, int] | None = None,
    ) -> None:
        self.decks = decks
        self.path = path
        self.channels = channels
        self.before = before
        self.rate = decks[0].rate
        self.fade = fade_in(max(round(self.rate * FADE_SECONDS), 1))
        self.ready: deque[Prepared] = deque()
        self.played = at
        self.finished = False
        self.ended = False
        self._at = at
        length = max(deck.length for deck in decks)
        self._end = length if end is None else min(end, length)

    @classmethod
    def after(
        cls, old: "Feed", decks: tuple[Sound, Sound], loop: Region | None, channels: int, *, end: int | None = None
    ) -> "Feed":
        """A feed that goes on with the very frame that the old one would play next."""
        at = old.played
        if loop == old.path.loop:
            return cls(decks, old.path, channels, at=at, end=end, before=old.before)
        return cls(decks, Path(old.path.frame(at), loop), channels, end=end, before=(old.path, at))

    # --- on the feeding thread ----------------------------------------------------------------------------------

    def fill(self, ahead: int = AHEAD) -> None:
        """Prepare until so many blocks wait, or the end is reached."""
        while len(self.ready) < ahead and not self.finished:
            self._prepare()

    def _prepare(self) -> None:
        a = np.zeros((BLOCK, self.channels), np.float32)
        b = a if self.decks[0] is self.decks[1] else np.zeros_like(a)
        have = 0
        while have < BLOCK:
            frame = self.path.frame(self._at)
            loop = self.path.loop if self.path.turns else None
            n = min(BLOCK - have, (self._end if loop is None else loop.end) - frame)
            if n <= 0:
                break
            self._copy(self.decks[0], a[have : have + n], frame, loop)
            if b is not a:
                self._copy(self.decks[1], b[have : have + n], frame, loop)
            have, self._at = have + n, self._at + n
        if have:
            self.ready.append(Prepared(a[:have], b[:have]))
        self.finished = have < BLOCK  # told after the last block is there

    def _copy(self, deck: Sound, out: Frames, frame: int, loop: Region | None) -> None:
        frames = deck.read(frame, frame + out.shape[0])
        if loop is not None:
            self._blend(deck, frames, frame, loop)
        out[: frames.shape[0]] = to_device(frames, self.channels)

    def _blend(self, deck: Sound, frames: Frames, frame: int, loop: Region) -> None:
        """Fade the last 5 ms before the loop's end into what lies before its start: no click, no frame more or less."""
        fade = self.fade[: loop.length]
        first = loop.end - fade.size
        low, high = max(frame, first), min(frame + frames.shape[0], loop.end)
        if low >= high:
            return
        weight = fade[low - first : high - first, None]
        before = np.zeros((high - low, frames.shape[1]), np.float32)
        known = deck.read(max(low - loop.length, 0), max(high - loop.length, 0))
        before[before.shape[0] - known.shape[0] :] = known
        part = frames[low - frame : high - frame]
        part *= 1 - weight
        part += before * weight

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
        elif self.before is not None and self.before[0] is old.path:
            place = old.played - self.before[1]
        else:
            return
        while self.played < place and self.take(place - self.played) is not None:
            pass


@lru_cache(maxsize=32)
def fade_in(n: int) -> Frames:
    """A raised-cosine ramp from 0 to 1; shape (n,), float32, not to be written to."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)).astype(np.float32)


def to_device(frames: Frames, channels: int) -> Frames:
    """Frames (n, k) as (n, channels): one channel goes to all, more than there are outputs are folded evenly."""
    have = frames.shape[1]
    if have == channels:
        return frames
    if have == 1:
        return np.repeat(frames, channels, axis=1)
    if have < channels:
        return np.pad(frames, ((0, 0), (0, channels - have)))
    folded = np.zeros((frames.shape[0], channels), np.float32)
    for c in range(channels):
        folded[:, c] = frames[:, c::channels].mean(axis=1)
    return folded
