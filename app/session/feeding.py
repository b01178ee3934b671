"""The thread behind the player: opens the device, prepares what is wished, and swaps it in as one value."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.errors import DeviceError
from app.session.feed import AHEAD, BLOCK, Feed, Path
from app.session.mixer import Cue, Mixer
from app.session.output import Output, SilentClock
from app.sound.clip import Sound
from app.sound.region import Region

_FEED_EVERY = 0.004
_IDLE_EVERY = 0.02
_LINGER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one feed is made for; without a `frame` it goes on from wherever the run before it has come to.

    `turn` tells one press of Play from the next: each may look for a device anew.
    """

    decks: tuple[Sound, Sound]
    frame: int | None
    end: int | None
    loop: Region | None
    turn: int


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What shall be heard from now on: one value, so that no part of it is ever heard with parts of another."""

    run: Run
    deck: int
    gains: tuple[float, float]


class Feeding:
    """Makes what is wished sound. `wish` and `tune` return at once and may be called from any thread but the audio's.

    A lock that the audio callback never takes keeps this thread and the wishing one from swapping the cue at once.
    """

    def __init__(
        self,
        mixer: Mixer,
        open_device: Callable[[int, int], Output],
        *,
        ended: Callable[[Run], object],
        lost: Callable[[Run, int], object],
        reasoned: Callable[[str | None], object],
    ) -> None:
        self._mixer = mixer
        self._open_device = open_device
        self._tell_ended, self._tell_lost, self._tell_reason = ended, lost, reasoned
        self._swap = threading.Lock()
        self._wish: Wish | None = None
        self._built: tuple[Run, Feed] | None = None
        self._told: Run | None = None
        self._output: Output | None = None
        self._opened_for = (0, 0, 0)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="player-feed", daemon=True)
        self._thread.start()

    # --- what is wished -----------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """What is played, or is about to be."""
        wish = self._wish
        return wish.run if wish is not None else None

    def wish(self, run: Run, deck: int, gains: tuple[float, float]) -> None:
        """Play that, and hear it so; a run without a frame goes on where the present one is."""
        with self._swap:
            if run.frame is None and self._wish is not None and not self._is_built(self._wish.run):
                run = replace(run, frame=self._wish.run.frame)  # the present one was not even begun
            self._wish = Wish(run, deck, gains)

    def tune(self, deck: int, gains: tuple[float, float]) -> None:
        """Hear the other deck, or at other gains, from the very next block on."""
        with self._swap:
            if self._wish is None:
                return
            self._wish = replace(self._wish, deck=deck, gains=gains)
            if self._built is not None and self._is_built(self._wish.run):
                self._mixer.cue = Cue(self._built[1], deck, gains)

    def hush(self) -> None:
        """Play nothing, from the next block on."""
        with self._swap:
            self._wish = self._built = None
            self._mixer.cue = Cue()

    def close(self) -> None:
        """Close the device, end the thread."""
        self.hush()
        self._closing.set()
        self._thread.join()

    def frame(self) -> int | None:
        """The frame that is heard now; None while nothing is played."""
        with self._swap:
            wish, built, output = self._wish, self._built, self._output
        if wish is None:
            return None
        if built is None or (wish.run.frame is not None and built[0] is not wish.run):
            return wish.run.frame or 0
        feed, heard = built[1], self._mixer.heard
        before = feed.before
        if heard.cue.feed is None or not any(
            heard.cue.feed.path is path for path in (feed.path, before[0] if before else None)
        ):
            return feed.path.start  # not a block of it was asked for yet
        path, latency = heard.cue.feed.path, output.latency if output is not None else 0.0
        since = min(time.monotonic() - heard.when, BLOCK / feed.rate)
        at = heard.at + round((since - latency) * feed.rate)
        if at < 0 and path is feed.path and before is not None:
            path, at = before[0], before[1] + at
        return min(path.frame(max(at, 0)), max(deck.length for deck in feed.decks))

    def _is_built(self, run: Run) -> bool:
        return self._built is not None and self._built[0] is run

    # --- the thread ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        used = time.monotonic()
        while not self._closing.wait(_FEED_EVERY if self._wish is not None else _IDLE_EVERY):
            wish, output = self._wish, self._output
            if wish is not None and wish.run is not self._told:
                used = time.monotonic()
                self._serve(wish.run)
            elif output is not None and (output.lost or time.monotonic() - used > _LINGER):
                self._close_output()
        self._close_output()

    def _serve(self, run: Run) -> None:
        if self._output is not None and self._output.lost:
            self._told = run
            frame = self.frame()
            self._close_output()
            self._tell_lost(run, frame or 0)
            return
        output = self._need_output(run)
        built = self._built
        if built is None or built[0] is not run or built[1].channels != output.channels:
            self._build(run, built, output.channels)
            return
        built[1].fill()
        if built[1].ended:
            self._told = run
            self._tell_ended(run)

    def _build(self, run: Run, built: tuple[Run, Feed] | None, channels: int) -> None:
        if built is not None and (run.frame is None or built[0] is run):
            feed = Feed.after(built[1], run.decks, run.loop, channels, end=run.end)
        else:
            feed = Feed(run.decks, Path(run.frame or 0, run.loop), channels, end=run.end)
        # The feed before it plays on until the swap, at most what it has ready: one block more than that is enough.
        feed.fill(AHEAD + 1)
        with self._swap:
            if self._wish is not None and self._wish.run is run:
                self._built = (run, feed)
                self._mixer.cue = Cue(feed, self._wish.deck, self._wish.gains)

    def _need_output(self, run: Run) -> Output:
        rate, channels = run.decks[0].rate, run.decks[0].channels
        turn = run.turn if isinstance(self._output, SilentClock) else self._opened_for[2]
        if self._output is not None and self._opened_for == (rate, channels, turn):
            return self._output
        self._close_output()
        try:
            output = self._open_device(rate, channels)
        except DeviceError as error:
            reason: str | None = str(error)
            output = SilentClock(self._mixer, rate)
        else:
            reason = None
        self._output, self._opened_for = output, (rate, channels, run.turn)
        self._tell_reason(reason)
        return output

    def _close_output(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            output.close()
            self._mixer.reset()
