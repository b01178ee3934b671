"""Frames of the waveform against a bare copy of the same picture, and against pyqtgraph's own curve.

Run it as `python tests/benchmarks/bench_waveform.py [WIDTH HEIGHT]`. A frame is everything from the changed view to the
painted widget, with ruler, levels and mask. "pan" moves by a few pixels, "zoom" by the steps of an animated wheel
notch about the middle, "playhead" moves the playhead only, "drag" an edge of the mask. One hour of stereo, 16 bit.
Times are those of the processor, all of them on the one thread that paints: a busy machine does not lengthen them.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.sound.clip import Clip
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.waveform import WaveformView

RATE = 44_100
HOUR = 3600 * RATE
FRAMES = 200
SPANS = (3600, 600, 60, 10, 1, 0.05)
Row = tuple[str, float, str, float, float, str]
Times = tuple[float, float]


class Blit(QWidget):
    """The physical limit: a widget that copies a finished picture."""

    def __init__(self, picture: QImage) -> None:
        super().__init__()
        self.picture = picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """One copy."""
        QPainter(self).drawImage(QPoint(), self.picture)


def timed(step: Callable[[int], None], widget: QWidget, frames: int = FRAMES) -> Times:
    """Median and 99th percentile in ms of a step with the painting that it causes."""
    took = []
    for index in range(frames):
        begin = time.thread_time()
        step(index)
        widget.repaint() if isinstance(widget, Blit) else QApplication.processEvents()
        took.append((time.thread_time() - begin) * 1000)
    return statistics.median(took), sorted(took)[min(int(frames * 0.99), frames - 1)]


def an_hour() -> Clip:
    """Noise whose loudness goes up and down."""
    rng = np.random.default_rng(1)
    block = rng.standard_normal((60 * RATE, 2), dtype=np.float32)
    block *= np.abs(np.sin(np.arange(60 * RATE) / RATE * 3.1))[:, None] * 8000
    return Clip(np.tile(block.clip(-32767, 32767).astype(np.int16), (60, 1)), RATE)


class Bench:
    """One view, and the picture that it is measured against."""

    def __init__(self, width: int, height: int) -> None:
        self.app = QApplication.instance() or QApplication([])
        assert isinstance(self.app, QApplication)
        theme.apply(self.app, "dark")
        self.clip = an_hour()
        self.view = WaveformView()
        self.view.resize(width, height)
        self.view.show()
        self.view.set_sound(self.clip, peaks_of(self.clip))
        self.view.set_mask(Region(HOUR // 2, HOUR // 2 + 5 * RATE))
        QApplication.processEvents()
        self.blit = Blit(self.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))
        self.blit.resize(width, height)
        self.blit.show()
        QApplication.processEvents()

    def steps(self, seconds: float) -> dict[str, Callable[[int], None]]:
        """What is done with that much in view."""
        view, span = self.view, seconds * RATE * 0.9
        origin = 0.0 if seconds >= 3600 else HOUR / 2 - span / 4
        view.set_view(origin, origin + span)
        pixel = view.scale().per_pixel

        def pan(index: int) -> None:
            shift = abs(index % 60 - 30) * 3 * pixel
            view.set_view(origin + shift, origin + shift + span)

        def zoom(index: int) -> None:
            wide = span * 2.0 ** (abs(index % 48 - 24) / 24 - 1)
            view.set_view(origin + (span - wide) / 2, origin + (span + wide) / 2)

        def play(index: int) -> None:
            view.set_playhead(int(origin + (50 + index * 2) * pixel))

        def drag(index: int) -> None:
            region = Region(int(origin + 100 * pixel), int(origin + (200 + 3 * index) * pixel) + 1)
            view.show_mask(region, dragging=True)

        return {"pan": pan, "zoom": zoom, "playhead": play, "drag": drag}

    def measured(self, seconds: float) -> tuple[dict[str, Times], Times]:
        """Each kind of frame at that zoom, and the blit just before and after them."""
        floors = [timed(lambda _: None, self.blit)]
        found: dict[str, Times] = {}
        for name, step in self.steps(seconds).items():
            if name == "playhead":
                self.steps(seconds)
            step(0)
            QApplication.processEvents()
            found[name] = timed(step, self.view)
        self.view.show_mask(None, dragging=False)
        floors.append(timed(lambda _: None, self.blit))
        return found, (statistics.mean(each[0] for each in floors), max(each[1] for each in floors))

    def curve(self, seconds: float, frames: int = 12) -> Times:
        """pyqtgraph's curve on the same samples: automatic downsampling by peaks, clipped to the view; panning."""
        plot = pg.PlotWidget()
        plot.resize(self.view.size())
        at = np.arange(HOUR, dtype=np.int32)
        for channel in range(2):
            curve = plot.plot(at, np.ascontiguousarray(self.clip.samples[:, channel]), pen="c")
            curve.setDownsampling(auto=True, method="peak")
            curve.setClipToView(True)
        span = seconds * RATE * 0.9
        origin = 0.0 if seconds >= 3600 else HOUR / 2
        plot.setXRange(origin, origin + span, padding=0)
        plot.show()
        QApplication.processEvents()
        pixel = span / self.view.width()

        def pan(index: int) -> None:
            plot.setXRange(origin + index * 3 * pixel, origin + index * 3 * pixel + span, padding=0)

        found = timed(pan, plot, frames)
        plot.close()
        return found


def rows(width: int = 1600, height: int = 400) -> Iterator[Row]:
    """What is painted, ours in ms, the rival, its ms, the ratio and the goal."""
    bench = Bench(width, height)
    hour = 0.0
    for seconds in SPANS:
        found, floor = bench.measured(seconds)
        hour = hour or found["pan"][0]
        for name in ("pan", "zoom", "playhead", "drag"):
            median, late = found[name]
            work = f"{name}, {seconds:g} s in view"
            yield f"{work}, median", median, "bare blit", floor[0], median / floor[0], "≤ 12×"
            yield f"{work}, 99th percentile", late, "bare blit", floor[0], late / floor[0], "≤ 40×"
    rival = bench.curve(3600)[0]
    yield "pan, 3600 s in view, median", hour, "pyqtgraph's curve", rival, hour / rival, "≤ 0.02×"


def main() -> None:
    """Print the table."""
    width, height = (int(each) for each in sys.argv[1:3]) if len(sys.argv) > 2 else (1600, 400)
    print(f"{width}x{height}, load {os.getloadavg()[0]:.1f}")
    print(f"{'work':<42}{'ours ms':>9}  {'rival or limit':<20}{'ms':>9}{'ratio':>9}  goal")
    for work, ours, name, rival, ratio, goal in rows(width, height):
        shown = f"{ratio:8.1f}×" if ratio >= 1 else f"{ratio:8.3f}×"
        print(f"{work:<42}{ours:9.2f}  {name:<20}{rival:9.3f}{shown}  {goal}")


if __name__ == "__main__":
    main()
