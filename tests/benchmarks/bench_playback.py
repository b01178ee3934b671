"""Playing: exact flips, no underrun beside a busy window, and what the audio callback costs.

Run it as `python tests/benchmarks/bench_playback.py [SECONDS]` (20 without a figure; the issue's is 60). A null sink, a
thread that asks for blocks when a device with so many of them in its buffer would, stands in for PortAudio: it counts
what came too late to be played, and looks whether every block begins with the frame that is due. The limit is the same
sink in a process of its own that does nothing else, at the same time: what the machine itself lets come too late.
Beside it the real window repaints at 60 Hz, peaks of ten minutes are built over and over, and a hundred jobs tell news
ten times a second.
"""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as File

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(File(__file__).resolve().parents[2]))

import numpy as np
import soundfile
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.files.ledger import Ledger
from app.files.settings import Settings
from app.remote.job import JobId
from app.remote.updates import JobState
from app.session import player as player_module
from app.session.feed import BLOCK, Feed
from app.session.mixer import Cue, Mixer
from app.session.output import OutputFacts
from app.session.path import Pace, Path
from app.session.session import Session
from app.sound.clip import Clip
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.job_cards import JobCard
from app.ui.window import MainWindow

RATE = 44_100
HZ = 311.0

Row = tuple[str, float, str, float, float, str]


def ramp(seconds: int) -> Clip:
    """Every frame of the first 2^23 tells its number, exactly."""
    values = (np.arange(seconds * RATE) % 2**23).astype(np.float32) / 2**23
    return Clip.from_frames(np.repeat(values[:, None], 2, axis=1), RATE)


def wave(level: float, channels: int = 2) -> Clip:
    t = np.arange(20 * RATE) / RATE
    return Clip.from_frames(np.repeat((level * np.sin(2 * np.pi * HZ * t))[:, None], channels, axis=1), RATE)


# --- flips ----------------------------------------------------------------------------------------------------------


def flips(out_rate: int, speed: float = 1.0) -> tuple[float, float]:
    """Frames that deck B is off after a flip, and the steepest step of it as a share of what is allowed."""
    a, b = wave(0.5), wave(-0.4)
    feed = Feed((a, b), Path(0, None, Pace.of(RATE, out_rate, speed)), 2, rate=out_rate)
    mixer = Mixer()
    mixer.cue = Cue(feed)
    heard = np.zeros((200 * BLOCK, 2), np.float32)
    deck = np.zeros(200 * BLOCK, int)
    for index in range(200):
        if index % 7 == 6:
            mixer.cue = replace(mixer.cue, deck=1 - mixer.cue.deck)
        feed.fill()
        mixer.block(heard[index * BLOCK : (index + 1) * BLOCK])
        deck[index * BLOCK : (index + 1) * BLOCK] = mixer.cue.deck
    fade, step = feed.fade.size, RATE * speed / out_rate
    settled = np.ones(deck.size, bool)
    for at in [0, *(np.flatnonzero(np.diff(deck)) + 1).tolist()]:
        settled[at : at + fade] = False
    places = np.arange(deck.size) * step
    slope = 2 * np.pi * HZ / RATE  # of one frame of the clip, at full level
    away = np.abs(heard[:, 0] - np.where(deck, -0.4, 0.5) * np.sin(2 * np.pi * HZ * places / RATE))[settled]
    allowed = 0.5 * slope * step + 0.9 * np.pi / 2 / fade
    return float(away.max() / (0.4 * slope)), float(np.abs(np.diff(heard[fade:, 0])).max() / allowed)


# --- the callback ---------------------------------------------------------------------------------------------------


def callback(channels: int, flipping: bool) -> tuple[float, float]:
    """Median and worst time of a block in ms, by the clock of the thread itself, with everything prepared."""
    feed = Feed((wave(0.5, channels), wave(-0.4, channels)), Path(0, Region(0, 10 * RATE)), channels)
    mixer = Mixer()
    mixer.reset(channels)
    mixer.cue = Cue(feed)
    out = np.zeros((BLOCK, channels), np.float32)
    took: list[float] = []
    gc.disable()
    for index in range(3000):
        feed.fill()
        if flipping:
            mixer.cue = replace(mixer.cue, deck=index % 2)
        begin = time.thread_time_ns()
        mixer.block(out)
        took.append((time.thread_time_ns() - begin) / 1e6)
    gc.enable()
    return statistics.median(took), sorted(took)[int(len(took) * 0.99)]


def growth() -> float:
    """Bytes more after two thousand blocks with flips than after two hundred, without the collector's help."""
    feed = Feed((wave(0.5), wave(-0.4)), Path(0, Region(0, 10 * RATE)), 2)
    mixer = Mixer()
    mixer.cue = Cue(feed)
    out = np.zeros((BLOCK, 2), np.float32)

    def blocks(count: int) -> int:
        for index in range(count):
            mixer.cue = replace(mixer.cue, deck=index % 2)
            feed.fill()
            mixer.block(out)
        return tracemalloc.get_traced_memory()[0]

    gc.collect()
    gc.disable()
    tracemalloc.start()
    before = blocks(200)
    more = blocks(2000) - before
    tracemalloc.stop()
    gc.enable()
    return float(more)


# --- beside a busy window ---------------------------------------------------------------------------------------------


@dataclass
class Sink:
    """What the null sink saw."""

    size: int
    buffered: int = 2
    late: int = 0
    wrong: int = 0
    blocks: int = 0
    worst: float = 0.0


class NullSink:
    """Asks for blocks as a device with some of them in its buffer would, in real time."""

    seen: Sink
    underflows = 0
    lost = False

    def __init__(self, mixer: Mixer, rate: int, _channels: int, _key: str | None = None) -> None:
        self._mixer, self._stop = mixer, threading.Event()
        size = self.seen.size
        self.facts = OutputFacts("Null sink", rate, 2, self.seen.buffered * size / rate)
        self._thread = threading.Thread(target=self._run, args=(size, size / rate), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self, size: int, lasts: float) -> None:
        seen, out = self.seen, np.zeros((size, 2), np.float32)
        due, last = time.perf_counter(), -1
        while not self._stop.is_set():
            wait = due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            self._mixer.block(out)
            took = time.perf_counter() - due
            seen.blocks += 1
            seen.worst = max(seen.worst, took)
            if took > (seen.buffered - 1) * lasts:
                seen.late += 1
                due = time.perf_counter()  # it begins anew, as a device does
            first = round(float(out[0, 0]) * 2**23)
            if last > BLOCK and first != last + 1:
                seen.wrong += 1
            last = round(float(out[-1, 0]) * 2**23)
            due += lasts


def busy(size: int, buffered: int, seconds: float, sound: File) -> tuple[Sink, int, float, int]:
    """A window that has everything to do while it plays: what the sink saw, underruns, longest pause, paintings."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    NullSink.seen = Sink(size, buffered)
    player_module.Device = NullSink  # type: ignore[assignment, misc]
    ledger = Ledger()
    session = Session(Settings(), ledger)
    window = MainWindow(session)
    window.resize(1600, 900)
    window.show()
    session.open(sound)
    wait(lambda: session.project is not None)
    player = session.hearing.player
    done = threading.Event()
    ten_minutes = Clip.from_frames(np.random.default_rng(3).normal(0, 0.1, (600 * RATE, 2)), RATE)

    def peaks() -> None:
        while not done.is_set():
            peaks_of(ten_minutes)

    painted = 0

    def paint() -> None:
        nonlocal painted
        painted += 1
        window.editor.wave.pan_pixels(1 if painted // 300 % 2 else -1)
        window.update()

    def jobs() -> None:
        now = time.monotonic()
        window.takes.takes.set_jobs(
            [JobCard(JobId(f"job-{n}"), f"Job {n}", JobState.RUNNING, elapsed=now % 1000 + n) for n in range(100)]
        )

    timers = [QTimer(), QTimer()]
    for timer, what, every in zip(timers, (paint, jobs), (16, 100), strict=True):
        timer.timeout.connect(what)
        timer.start(every)
    window.editor.wave.zoom(4.0, RATE)
    worker = threading.Thread(target=peaks, daemon=True)
    worker.start()
    player.play(0)
    wait(lambda: player.mixer.heard.cue.feed is not None)
    NullSink.seen.late = NullSink.seen.wrong = 0
    NullSink.seen.worst = 0.0
    until = time.monotonic() + seconds
    wait(lambda: time.monotonic() > until)
    seen = replace(NullSink.seen)
    underruns, pause = player.underruns, player.longest_pause
    done.set()
    worker.join()
    for timer in timers:
        timer.stop()
    window.close()
    ledger.close()
    return seen, underruns, pause, painted


def wait(met: object) -> None:
    assert callable(met)
    loop = QEventLoop()
    while not met():
        QTimer.singleShot(10, loop.quit)
        loop.exec()


# --- the table ------------------------------------------------------------------------------------------------------


def rows(seconds: float = 20.0) -> Iterator[Row]:
    """Each figure: name, ours, rival or limit, its value, ratio, goal."""
    for name, rate, speed in (("", RATE, 1.0), (", 44.1 to 48 kHz", 48000, 1.0), (", half speed", RATE, 0.5)):
        off, step = flips(rate, speed)
        yield f"A/B flip{name}: frames off", round(off, 4), "exact", 0.0, round(off, 4), "0 frames (< 0.001)"
        yield f"A/B flip{name}: steepest step", step, "sound's and crossfade's slope", 1.0, step, "≤ 1"
    block_ms = BLOCK / RATE * 1000
    for name, channels, flipping in (("stereo", 2, False), ("stereo, a flip each", 2, True), ("8 channels", 8, True)):
        median, worst = callback(channels, flipping)
        yield f"callback, {name}: median ms", median, f"block of {BLOCK}", block_ms, median / block_ms, "a small share"
        yield f"callback, {name}: 99th percentile ms", worst, f"block of {BLOCK}", block_ms, worst / block_ms, "≪ 1"
    more = growth()
    yield "2000 blocks with flips: bytes kept", more, "one block of both decks", BLOCK * 16.0, more / BLOCK / 16, "< 1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RETAKE_HOME"] = folder
        sound = File(folder) / "ramp.wav"
        soundfile.write(sound, ramp(int(seconds) + 30).read(), RATE, subtype="FLOAT")
        for size, buffered in ((1024, 4), (1024, 3), (1024, 2), (512, 4), (512, 2), (256, 4)):
            limit = subprocess.Popen(
                [sys.executable, "-c", _IDLE, str(size), str(buffered), str(seconds), str(RATE)], stdout=subprocess.PIPE
            )
            seen, underruns, pause, painted = busy(size, buffered, seconds, sound)
            machine = int(limit.communicate()[0])
            lasts = size / RATE * 1000
            ours = underruns + seen.late + seen.wrong
            yield (
                f"block {size} × {buffered}, {buffered * lasts:.0f} ms, {seconds:.0f} s: underruns of {seen.blocks} "
                f"(late {seen.late}, not ready {underruns}, out of order {seen.wrong}; {painted / seconds:.0f} "
                f"paintings/s; feeder away ≤ {pause * 1000:.0f} ms; latest {seen.worst * 1000:.0f} ms after its time)",
                float(ours),
                "an idle process at the same time",
                float(machine),
                ours / max(machine, 1),
                "0 at the smallest that holds",
            )


_IDLE = """
import sys, time
size, buffered, seconds, rate = (float(each) for each in sys.argv[1:])
lasts = size / rate
due = time.perf_counter()
until, late = due + seconds, 0
while due < until:
    time.sleep(max(due - time.perf_counter(), 0))
    if time.perf_counter() - due > (buffered - 1) * lasts:
        late += 1
        due = time.perf_counter()
    due += lasts
print(late)
"""


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| work | ours | rival or limit | | ratio | goal |\n|---|---|---|---|---|---|")
    for name, ours, rival, theirs, ratio, goal in rows(seconds):
        print(f"| {name} | {ours:.4g} | {rival} | {theirs:.4g} | {ratio:.4f} | {goal} |", flush=True)


if __name__ == "__main__":
    main()
