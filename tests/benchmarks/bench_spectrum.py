"""Spectrograms against SciPy's ShortTimeFFT of the same frames, and what panning through one costs the GUI thread.

Run it as `python tests/benchmarks/bench_spectrum.py`. The rival transforms frames that lie in memory as float64, one
after another, and stops there; ours reads 16-bit stereo, transforms, takes the logarithm and spreads it over rows.
The times are CPU time of the thread, medians of runs that take turns; stalls are wall-clock.
"""

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtWidgets import QApplication
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from app.session.background import Background
from app.sound.clip import Clip
from app.sound.frequencies import Axis
from app.sound.peaks import peaks_of
from app.sound.spectrum import Lens, per_column_for, shades, window_for
from app.ui import theme
from app.ui.spectrogram_look import Shown
from app.ui.waveform import WaveformView

Row = tuple[str, float, str, float, float, str]
"""Work, ours in ms, rival or limit, its ms, ratio, goal."""

RATE = 44_100
COLUMNS = 1600
ROWS = 200
RUNS = 7
SECONDS = (3600.0, 600.0, 60.0, 10.0, 1.0, 0.05)


def noise(seconds: float) -> Clip:
    """Stereo in 16 bits, of which one block repeats: its values do not matter to any of the two."""
    block = (np.random.default_rng(1).standard_normal((1 << 20, 2)) * 3000).astype(np.int16)
    return Clip(np.resize(block, (round(seconds * RATE), 2)), RATE)


def took(work: Callable[[], object]) -> float:
    """CPU time of this thread in ms."""
    begin = time.thread_time()
    work()
    return (time.thread_time() - begin) * 1000


def against_scipy(clip: Clip, seconds: float) -> Row:
    """A view of 1600 columns beside the rival's transform of as many windows of the same length, equally far apart."""
    span = min(round(seconds * RATE), clip.length)
    hop = span / COLUMNS
    window = window_for(hop, RATE)
    lens = Lens(window, per_column_for(hop, window), ROWS, Axis.LOG)
    step = max(round(hop / lens.per_column), 1)
    first = window // 2 // step + 1
    count = COLUMNS * lens.per_column
    rival = ShortTimeFFT(hann(window, sym=False), step, RATE, scale_to="magnitude")
    series = np.zeros((2, count * step + 2 * window))
    part = clip.read(0, series.shape[1]).T
    series[:, : part.shape[1]] = part
    start = (clip.length - span) / 2
    times = [
        (
            took(lambda: shades(clip, start, start + span, COLUMNS, lens)),
            took(lambda: rival.stft(series, first, first + count)),
        )
        for _ in range(RUNS)
    ]
    ours, theirs = (statistics.median(each) for each in zip(*times, strict=True))
    ratio = statistics.median(one / other for one, other in times)
    name = f"spectrogram, {COLUMNS} columns × 2 channels of {seconds:g} s, window {window}"
    return name, ours, "ShortTimeFFT", theirs, ratio, "≤ 0.5×"


def pumped(app: QApplication, seconds: float, step: Callable[[], None]) -> list[tuple[float, float]]:
    """How long each turn of the GUI thread took, on the wall and in CPU time, while `step` is done 60 times a second.

    The collector's full rounds are left out: they go through all that the benchmark's tools have loaded.
    """
    gc.collect()
    gc.freeze()
    turns: list[tuple[float, float]] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin, busy = time.perf_counter(), time.thread_time()
        step()
        app.processEvents()
        turns.append(((time.perf_counter() - begin) * 1000, (time.thread_time() - busy) * 1000))
        time.sleep(max(1 / 60 - (time.perf_counter() - begin), 0.0))
    gc.unfreeze()
    return turns


def stalls(clip: Clip, seconds: float, shown: Shown, zooming: bool) -> Row:
    """The longest turn of the GUI thread while tiles are made and the view moves at 60 frames a second.

    The waveform alone, in the same run, tells how much of it is the machine's other work.
    """
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    background = Background()
    view = WaveformView()
    view.resize(COLUMNS + 40, 430)
    view.spectrogram.use(background)
    view.spectrogram.show_as(shown)
    view.show()
    view.set_sound(clip, peaks_of(clip))
    start = clip.length * 0.1
    view.set_view(start, start + seconds * RATE)
    pumped(app, 0.6, lambda: None)
    moves = iter(range(1 << 30))

    def move() -> None:
        if zooming:
            view.zoom(1.06 if next(moves) % 80 < 40 else 1 / 1.06, start + seconds * RATE / 3)
        else:
            view.pan_pixels(12)

    turns = pumped(app, 3.0, move)
    tiles = view.spectrogram.item.tiles
    made = tiles.made if tiles is not None else 0
    view.close()
    background.close()
    kind = f"{'zooming' if zooming else 'panning'} {seconds:g} s of {shown}, {made} tiles made"
    wall, busy = (sorted(each) for each in zip(*turns, strict=True))
    figures = f"median {statistics.median(wall):.1f}, p99 {wall[len(wall) * 99 // 100]:.1f}, CPU at most {busy[-1]:.1f}"
    return f"GUI's longest turn, {kind} ({figures})", wall[-1], "limit", 50.0, wall[-1] / 50.0, "< 50 ms"


def rows() -> Iterator[Row]:
    """Every line of the table."""
    hour = noise(3600)
    for seconds in SECONDS:
        yield against_scipy(hour, seconds)
    ten = noise(600)
    for seconds, zooming in ((100.0, False), (10.0, False), (1.0, False), (60.0, True)):
        for shown in (Shown.WAVE, Shown.SPECTROGRAM):
            yield stalls(ten, seconds, shown, zooming)


def main() -> None:
    """Print the table."""
    print(
        f"{'work':<128} {'ours':>9} {'rival or limit':>13} {'its':>9} {'ratio':>7}  goal",
        f"(load {os.getloadavg()[0]:.1f})",
    )
    for name, ours, rival, its, ratio, goal in rows():
        print(f"{name:<128} {ours:>6.1f} ms {rival:>13} {its:>6.1f} ms {ratio:>6.2f}×  {goal}", flush=True)


if __name__ == "__main__":
    main()
