"""The thread behind the player: opens the device, prepares what is wished, and swaps it in as one value."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.errors import DeviceError
from app.session.devices import DEVICES, Found
from app.session.feed import AHEAD, BLOCK, Feed
from app.session.mixer import Cue, Mixer
from app.session.output import Output, OutputFacts, SilentClock
from app.session.path import Pace, Path
from app.session.runs import Run, Wish

_FEED_EVERY = 0.004
_IDLE_EVERY = 0.02
_LINGER = 2.0

# How long a thread that computes in Python may keep the others waiting, the audio callback among them: Python's own
# 5 ms are half a block. Measured beside a painting window and a peaks job: half as many late blocks.
_SWITCH_SECONDS = 0.001

OpenDevice = Callable[[int, int, str | None], Output]


@dataclass(frozen=True, slots=True, eq=False)
class Heralds:
    """Whom the thread tells; each is called on the thread itself."""

    ended: Callable[[Run], object]
    lost: Callable[[Run, int, str], object]
    reasoned: Callable[[str | None], object]
    opened: Callable[[OutputFacts], object]
    counted: Callable[[tuple[Found, ...]], object]


@dataclass(frozen=True, slots=True, eq=False)
class _Built:
    """The feed of a run, prepared for one output."""

    run: Run
    feed: Feed
    output: Output


class Feeding:
    """Makes what is wished sound. `wish` and `tune` return at once and may be called from any thread but the audio's.

    A lock that the audio callback never takes keeps this thread and the wishing one from swapping the cue at once.
    """

    def __init__(self, mixer: Mixer, open_device: OpenDevice, heralds: Heralds) -> None:
        self._mixer = mixer
        self._open_device = open_device
        self._tell = heralds
        self.longest_pause = 0.0  # seconds between two looks at the feed while it was played
        self._swap = threading.Lock()
        self._wish: Wish | None = None
        self._built: _Built | None = None
        self._told: Run | None = None
        self._output: Output | None = None
        self._opened_for: tuple[object, ...] = ()
        self._device: str | None = None
        self._looking = False
        self._fed = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="player-feed", daemon=True)
        self._thread.start()

    # --- what is wished -----------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """What is played, or is about to be."""
        wish = self._wish
        return wish.run if wish is not None else None

    @property
    def underflows(self) -> int:
        """How often the device that is open has told that it ran dry."""
        output = self._output
        return output.underflows if output is not None else 0

    def wish(self, run: Run, deck: int, gains: tuple[float, float]) -> None:
        """Play that, and hear it so; a run without a frame goes on where the present one is."""
        with self._swap:
            if run.frame is None and self._wish is not None and not self._is_built(self._wish.run):
                run = run.instead(self._wish.run)
            self._wish = Wish(run, deck, gains)

    def tune(self, deck: int, gains: tuple[float, float]) -> None:
        """Hear the other deck, or at other gains, from the very next block on."""
        with self._swap:
            if self._wish is None:
                return
            self._wish = replace(self._wish, deck=deck, gains=gains)
            built = self._built
            if built is not None and self._is_built(self._wish.run) and built.output is self._output:
                self._mixer.cue = Cue(built.feed, deck, gains)

    def hush(self) -> None:
        """Play nothing, from the next block on."""
        with self._swap:
            self._wish = self._built = None
            self._mixer.cue = Cue()

    def choose(self, device: str | None) -> None:
        """Play on the device of that key from now on, or on the system's default; what plays goes on."""
        self._device = device

    def look(self) -> None:
        """Tell which devices there are; counted anew unless something plays."""
        self._looking = True

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
        run = wish.run
        if built is None or (run.frame is not None and built.run is not run):
            return run.frame or 0
        frame = self._heard(built.feed, output.facts.latency if output is not None else 0.0)
        if built.run is not run and run.moved is not None:
            frame = run.moved(frame)  # what is on the decks now is not heard yet, but told of
        return min(frame, max(deck.length for deck in run.decks))

    def _heard(self, feed: Feed, latency: float) -> int:
        heard, before = self._mixer.heard, feed.before
        played = heard.cue.feed
        if played is None or played.path not in (feed.path, before.path if before is not None else None):
            return feed.path.frame(feed.played)  # not a block of it was asked for yet
        since = min(time.monotonic() - heard.when, BLOCK / played.rate)
        at = heard.at + round((since - latency) * played.rate)
        if before is not None and played.path is not feed.path:
            return before.frame(at)
        if at < 0 and before is not None:
            return before.frame(before.at + at)
        return feed.path.frame(max(at, 0))

    def _is_built(self, run: Run) -> bool:
        return self._built is not None and self._built.run is run

    # --- the thread ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        used, usual = time.monotonic(), sys.getswitchinterval()
        while not self._closing.wait(_FEED_EVERY if self._wish is not None else _IDLE_EVERY):
            wish, output = self._wish, self._output
            if self._looking:
                self._looking = False
                self._look(idle=wish is None)
            sys.setswitchinterval(usual if wish is None else min(_SWITCH_SECONDS, usual))
            if wish is not None and wish.run is not self._told:
                used = time.monotonic()
                self._serve(wish.run)
            elif output is not None and (output.lost or time.monotonic() - used > _LINGER):
                self._close_output()
        sys.setswitchinterval(usual)
        self._close_output()

    def _serve(self, run: Run) -> None:
        if self._output is not None and self._output.lost:
            self._told = run
            frame, name = self.frame(), self._output.facts.name
            self._close_output()
            self._tell.lost(run, frame or 0, name)
            return
        output = self._need_output(run)
        built = self._built
        if built is None or built.run is not run or built.output is not output:
            self._build(run, built, output)
            self._fed = time.monotonic()
            return
        now = time.monotonic()
        self.longest_pause, self._fed = max(self.longest_pause, now - self._fed), now
        built.feed.fill()
        if built.feed.ended:
            self._told = run
            self._tell.ended(run)

    def _build(self, run: Run, built: _Built | None, output: Output) -> None:
        facts = output.facts
        rate, pace = facts.rate, Pace.of(run.decks[0].rate, facts.rate, run.speed)
        if built is not None and built.run is run:  # on another device
            feed = Feed.after(built.feed, run.decks, run.loop, facts.channels, rate=rate, pace=pace, end=run.end)
        elif built is not None and run.frame is None:
            feed = Feed.after(
                built.feed, run.decks, run.loop, facts.channels, rate=rate, pace=pace, end=run.end, moved=run.moved
            )
        else:
            feed = Feed(run.decks, Path(run.frame or 0, run.loop, pace), facts.channels, rate=rate, end=run.end)
        # The feed before it plays on until the swap, at most what it has ready: one block more than that is enough.
        feed.fill(AHEAD + 1)
        with self._swap:
            if self._wish is not None and self._wish.run is run:
                self._built = _Built(run, feed, output)
                self._mixer.cue = Cue(feed, self._wish.deck, self._wish.gains)

    def _need_output(self, run: Run) -> Output:
        rate, channels = run.decks[0].rate, run.decks[0].channels
        makeshift = isinstance(self._output, SilentClock) or (
            self._output is not None and self._output.facts.note is not None
        )
        wanted = (rate, channels, self._device, run.turn if makeshift else 0)
        if self._output is not None and self._opened_for == wanted:
            return self._output
        self._close_output()
        try:
            output = self._open_device(rate, channels, self._device)
        except DeviceError as error:
            reason: str | None = str(error)
            output = SilentClock(self._mixer, rate)
        else:
            reason = output.facts.note
        stands_in = isinstance(output, SilentClock) or output.facts.note is not None
        self._opened_for = (rate, channels, wanted[2], run.turn if stands_in else 0)
        self._output = output
        self._tell.reasoned(reason)
        self._tell.opened(output.facts)
        return output

    def _look(self, *, idle: bool) -> None:
        if idle:
            self._close_output()
        try:
            found = DEVICES.look(anew=idle)
        except DeviceError:
            found = ()
        self._tell.counted(found)

    def _close_output(self) -> None:
        with self._swap:
            output, self._output = self._output, None
        if output is not None:
            output.close()
            self._mixer.reset()
