"""What is heard, block by block: one deck of one feed at a gain, and a crossfade whenever any of the three changes.

The Mixer is called by the audio device: it takes no lock, logs nothing, knows no Qt, and keeps nothing that grows.
What it shall play comes as one value that is swapped whole, and so does what it has played.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from app.session.feed import Feed, fade_in
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

    @property
    def frame(self) -> int:
        """The clip's frame that the last block began with."""
        feed = self.heard.cue.feed
        return feed.path.frame(self.heard.at) if feed is not None else 0

    def reset(self) -> None:
        """Forget what was heard; only while no device calls."""
        self.cue, self.heard = Cue(), Heard()

    def block(self, out: Frames) -> None:
        """Fill `out`, float32 of shape (frames, channels)."""
        now, was = self.cue, self.heard.cue
        feed, old_feed = now.feed, was.feed
        leading = feed if feed is not None else old_feed
        if leading is None:
            out[:] = 0.0
            return
        if feed is not None and old_feed is not None and feed is not old_feed:
            feed.catch_up(old_feed)
        heard = Heard(now, feed.played if feed is not None else 0, time.monotonic())
        fresh = self._pull(feed, out)
        np.multiply(fresh[now.deck], np.float32(now.gain), out=out)
        if (feed, now.deck, now.gain) != (old_feed, was.deck, was.gain):
            old = fresh if feed is old_feed else self._pull(old_feed, out, leaving=True)
            weight = (leading.fade if leading.fade.size <= out.shape[0] else fade_in(out.shape[0]))[:, None]
            k = weight.shape[0]
            out[:k] *= weight
            out[:k] += old[was.deck][:k] * (np.float32(was.gain) * (1 - weight))
        self.heard = heard

    def _pull(self, feed: Feed | None, out: Frames, *, leaving: bool = False) -> tuple[Frames, Frames]:
        """The next frames of both decks; silence where there are none."""
        n = out.shape[0]
        block = feed.take(n) if feed is not None else None
        if block is not None and block.a.shape[0] == n:
            return block.a, block.b
        a, b = np.zeros_like(out), np.zeros_like(out)
        if feed is None:
            return a, b
        have = 0
        while block is not None:
            size = block.a.shape[0]
            a[have : have + size], b[have : have + size] = block.a, block.b
            have += size
            block = feed.take(n - have) if have < n else None
        if have < n and not leaving:
            if not feed.finished:
                self.underruns += 1
            elif have == 0 and not feed.ready:
                feed.ended = True
        return a, b
