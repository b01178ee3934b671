"""What is heard, block by block: one deck of one feed at a gain, and a crossfade whenever any of the three changes.

The Mixer is called by the audio device: it takes no lock, logs nothing, knows no Qt, and works in arrays made before
the device was opened. What it shall play comes as one value that is swapped whole, and so does what it has played.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from app.session.feed import BLOCK, Feed
from app.session.unrolled import fade_in
from app.sound.clip import Frames


@dataclass(frozen=True, slots=True)
class Cue:
    """What shall be heard from the next block on: silence without a feed."""

    feed: Feed | None = None
    deck: int = 0
    gains: tuple[float, float] = (1.0, 1.0)

    @property
    def gain(self) -> float:
        """The factor of the deck that is heard."""
        return self.gains[self.deck]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the last block was made of, where on its feed's path it began, and when it was asked for."""

    cue: Cue = field(default_factory=Cue)
    at: int = 0
    when: float = 0.0


class Mixer:
    """Called for every block; whatever differs from the last block is crossfaded over 5 ms.

    `cue` is set from outside; `heard` may be read from anywhere; `underruns` counts blocks that were not ready.
    """

    def __init__(self) -> None:
        self.cue = Cue()
        self.heard = Heard()
        self.underruns = 0
        self._room(BLOCK, 2)

    @property
    def frame(self) -> int:
        """The clip's frame that the last block began with."""
        feed = self.heard.cue.feed
        return feed.path.frame(self.heard.at) if feed is not None else 0

    def reset(self, channels: int = 2, frames: int = BLOCK) -> None:
        """Forget what was heard, and make room for blocks of such a size; only while no device calls."""
        self.cue, self.heard = Cue(), Heard()
        self._room(frames, channels)

    def _room(self, frames: int, channels: int) -> None:
        """What is put together of parts of blocks, for what comes and for what goes, both decks each."""
        self._coming, self._going = np.zeros((2, 2, frames, channels), np.float32)
        self._faded = np.zeros((frames, channels), np.float32)

    def block(self, out: Frames) -> None:
        """Fill `out`, float32 of shape (frames, channels)."""
        now, was = self.cue, self.heard.cue
        feed, old_feed = now.feed, was.feed
        leading = feed if feed is not None else old_feed
        if leading is None:
            out.fill(0.0)
            return
        n = out.shape[0]
        if self._faded.shape[0] < n or self._faded.shape[1] != out.shape[1]:
            self._room(n, out.shape[1])  # once, where a device asks for other blocks than it was opened for
        if feed is not None and old_feed is not None and feed is not old_feed:
            feed.catch_up(old_feed)
        heard = Heard(now, feed.played if feed is not None else 0, time.monotonic())
        fresh = self._pull(feed, n, self._coming)
        np.multiply(fresh[now.deck], now.gain, out=out)
        if (feed, now.deck, now.gain) != (old_feed, was.deck, was.gain):
            old = fresh if feed is old_feed else self._pull(old_feed, n, self._going, leaving=True)
            ramp = leading.ramp
            if ramp.shape[0] > n or ramp.shape[1] != out.shape[1]:
                ramp = np.repeat(fade_in(n)[:, None], out.shape[1], axis=1)
            k = ramp.shape[0]
            faded = self._faded[:k]
            np.multiply(old[was.deck][:k], was.gain, out=faded)
            out[:k] -= faded  # from the old to the new: old + (new - old) * weight
            out[:k] *= ramp
            out[:k] += faded
        self.heard = heard

    def _pull(self, feed: Feed | None, n: int, room: Frames, *, leaving: bool = False) -> tuple[Frames, Frames]:
        """The next frames of both decks; silence where there are none."""
        block = feed.take(n) if feed is not None else None
        if block is not None and block.a.shape[0] == n:
            return block.a, block.b
        a, b = room[0, :n], room[1, :n]
        have = 0
        while feed is not None and block is not None:
            size = block.a.shape[0]
            a[have : have + size], b[have : have + size] = block.a, block.b
            have += size
            block = feed.take(n - have) if have < n else None
        a[have:], b[have:] = 0.0, 0.0
        if feed is not None and have < n and not leaving:
            if not feed.finished:
                self.underruns += 1
            elif have == 0 and not feed.ready:
                feed.ended = True
        return a, b
