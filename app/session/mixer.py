"""What is heard, block by block: two decks at one playhead, prepared ahead, faded whenever something changes.

A Feed prepares blocks of both decks on a thread of its own; the Mixer, called by the audio device, only copies and
fades them. Between the two there is a deque and whole attributes that are swapped: no lock, no Qt, no file.
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
class Prepared:
    """One block of both decks, at the device's channels, and the frame of the clip that it begins at."""

    frame: int
    a: Frames
    b: Frames


class Feed:
    """Prepares blocks from a start frame on: to the end, to the end of a region, or around a loop of exact length."""

    def __init__(
        self,
        decks: tuple[Sound, Sound],
        start: int,
        channels: int,
        *,
        loop: Region | None = None,
        end: int | None = None,
    ) -> None:
        self.decks = decks
        self.loop = loop
        self.rate = decks[0].rate
        self.ready: deque[Prepared] = deque()
        self.finished = False
        self._channels = channels
        self._next = start
        self._end = min(end, decks[0].length) if end is not None else decks[0].length
        self._fade = fade_in(_fade_length(self))

    def fill(self, ahead: int = AHEAD) -> None:
        """Prepare until so many blocks wait, or the end is reached."""
        while len(self.ready) < ahead and not self.finished:
            self._prepare()

    def _prepare(self) -> None:
        frame = self._next
        a = np.zeros((BLOCK, self._channels), np.float32)
        b = a if self.decks[0] is self.decks[1] else np.zeros_like(a)
        at = 0
        while at < BLOCK:
            if self.loop and self._next == self.loop.end:
                self._next = self.loop.start
            stop = self.loop.end if self.loop and self._next < self.loop.end else self._end
            n = min(BLOCK - at, stop - self._next)
            if n > 0:
                self._copy(self.decks[0], a, at, n)
                if b is not a:
                    self._copy(self.decks[1], b, at, n)
                at, self._next = at + n, self._next + n
            else:
                self.finished = True
                break
        if at:
            self.ready.append(Prepared(frame, a, b))

    def _copy(self, deck: Sound, out: Frames, at: int, n: int) -> None:
        frames = deck.read(self._next, self._next + n)
        if self.loop and self._next < self.loop.end:
            self._blend_loop(deck, frames)
        out[at : at + frames.shape[0]] = to_device(frames, self._channels)

    def _blend_loop(self, deck: Sound, frames: Frames) -> None:
        """Fade the last 5 ms before the loop's end into what lies before its start: no click, no frame more or less."""
        assert self.loop is not None
        fade = self._fade[: self.loop.length]
        first = self.loop.end - fade.size
        low, high = max(self._next, first), min(self._next + frames.shape[0], self.loop.end)
        if low >= high:
            return
        weight = fade[low - first : high - first, None]
        shift = self.loop.length
        before = np.zeros((high - low, frames.shape[1]), np.float32)
        known = deck.read(max(low - shift, 0), max(high - shift, 0))
        before[before.shape[0] - known.shape[0] :] = known
        part = frames[low - self._next : high - self._next]
        part *= 1 - weight
        part += before * weight


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What one block was made of; the next block fades away from it where it differs."""

    feed: Feed | None = None
    deck: int = 0
    gain: float = 0.0


class Mixer:
    """Called by the device for every block; whatever changed since the last block is crossfaded over 5 ms.

    `feed`, `deck`, `gains` and `sounding` are set from outside, each as a whole; `frame` is where the last block
    began in the clip, `underruns` how often no block was ready, `ended` that a feed came to its end.
    """

    def __init__(self) -> None:
        self.feed: Feed | None = None
        self.deck = 0
        self.gains = (1.0, 1.0)
        self.sounding = False
        self.frame = 0
        self.underruns = 0
        self.ended = False
        self._heard = _Heard()

    @property
    def heard(self) -> Feed | None:
        """The feed that the last block was made of."""
        return self._heard.feed

    def block(self, out: Frames) -> None:
        """Fill `out`, float32 of shape (frames, channels), with at most BLOCK frames."""
        deck, was = self.deck, self._heard
        now = _Heard(self.feed, deck, self.gains[deck] if self.sounding else 0.0)
        if now.gain == 0.0 and was.gain == 0.0:
            out[:] = 0.0
            self._heard = now
            return
        fresh = self._pull(now.feed, out)
        old = fresh if now.feed is was.feed else self._pull(was.feed, out)
        np.multiply(fresh[now.deck], np.float32(now.gain), out=out)
        if (now.feed, now.deck, now.gain) != (was.feed, was.deck, was.gain):
            weight = fade_in(min(_fade_length(now.feed), out.shape[0]))[:, None]
            k = weight.shape[0]
            out[:k] *= weight
            out[:k] += old[was.deck][:k] * (np.float32(was.gain) * (1 - weight))
        self._heard = now

    def _pull(self, feed: Feed | None, out: Frames) -> tuple[Frames, Frames]:
        """The next frames of both decks; silence where there are none."""
        n = out.shape[0]
        if feed is None:
            nothing = np.zeros_like(out)
            return nothing, nothing
        first = feed.ready[0].frame if feed.ready else None
        if first is not None and feed is self.feed:
            self.frame = first
        taken: list[Prepared] = []
        have = 0
        while have < n and feed.ready:
            block = feed.ready.popleft()
            size = block.a.shape[0]
            if have + size > n:
                cut = n - have
                feed.ready.appendleft(Prepared(block.frame + cut, block.a[cut:], block.b[cut:]))
                block, size = Prepared(block.frame, block.a[:cut], block.b[:cut]), cut
            taken.append(block)
            have += size
        if have < n and feed is self.feed:
            if not feed.finished:
                self.underruns += 1
            elif not taken:
                self.ended = True
        if len(taken) == 1 and have == n:
            return taken[0].a, taken[0].b
        rest = np.zeros((n - have, out.shape[1]), np.float32)
        return np.concatenate([*(t.a for t in taken), rest]), np.concatenate([*(t.b for t in taken), rest])


def _fade_length(feed: Feed | None) -> int:
    return max(round((feed.rate if feed else 44100) * FADE_SECONDS), 1)


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
