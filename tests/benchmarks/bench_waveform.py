"""Frames of the waveform against a bare copy of the same picture: medians and 99th percentiles, as ratios.

Run it as `python tests/benchmarks/bench_waveform.py [WIDTH HEIGHT]`. "new view" pans by a few pixels and so makes the
picture, the ruler and the bands anew; "playhead" moves the playhead only; "drag" moves an edge of the mask.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.sound.clip import Clip
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.waveform import WaveformView

RATE = 44_100
FRAMES = 120


class Blit(QWidget):
    """The physical limit: a widget that copies a finished picture."""

    def __init__(self, picture: QImage) -> None:
        super().__init__()
        self.picture = picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """One copy."""
        QPainter(self).drawImage(QPoint(), self.picture)


def timed(step: Callable[[int], None], widget: QWidget) -> tuple[float, float]:
    """Median and 99th percentile in ms of a step with the painting that it causes."""
    took = []
    for index in range(FRAMES):
        begin = time.perf_counter()
        step(index)
        widget.repaint() if isinstance(widget, Blit) else QApplication.processEvents()
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took), sorted(took)[int(FRAMES * 0.99) - 1]


def main() -> None:
    """Ten minutes of stereo noise bursts in int16, at six zooms."""
    width, height = (int(each) for each in sys.argv[1:3]) if len(sys.argv) > 2 else (1600, 400)
    app = QApplication([])
    theme.apply(app, "dark")
    rng = np.random.default_rng(1)
    shape = np.abs(np.sin(np.arange(600 * RATE) / RATE * 3.1))[:, None] * 8000
    clip = Clip(
        (rng.standard_normal((600 * RATE, 2), dtype=np.float32) * shape).clip(-32767, 32767).astype(np.int16), RATE
    )
    view = WaveformView()
    view.resize(width, height)
    view.show()
    view.set_sound(clip, peaks_of(clip))
    view.set_mask(Region(RATE, 5 * RATE))
    QApplication.processEvents()
    blit = Blit(view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))
    blit.resize(width, height)
    blit.show()
    QApplication.processEvents()
    floor, worst = timed(lambda index: None, blit)
    print(f"{width}x{height}, bare blit {floor:.3f} ms (p99 {worst:.3f})")
    print(f"{'in view':>9} {'new view':>22} {'playhead':>22} {'drag':>22}   median/p99 ms, times the blit")
    for seconds in (600, 60, 10, 1, 0.05, 0.002):
        start = 300 * RATE
        span = seconds * RATE
        view.set_view(start, start + span)
        origin = view.view()[0] if seconds < 600 else 0
        pixel = view.scale().per_pixel

        def pan(index: int, origin: float = origin, span: float = span, pixel: float = pixel) -> None:
            shift = (index % 50) * 3 * pixel
            view.set_view(origin + shift, origin + shift + span * 0.9)

        def play(index: int, origin: float = origin, pixel: float = pixel) -> None:
            view.set_playhead(int(origin + (50 + index * 2) * pixel))

        def drag(index: int, origin: float = origin, pixel: float = pixel) -> None:
            view.show_mask(
                Region(int(origin + 100 * pixel), int(origin + (200 + 3 * index) * pixel) + 1), dragging=True
            )

        cells = []
        for step in (pan, play, drag):
            median, late = timed(step, view)
            cells.append(f"{median:6.2f}/{late:6.2f} {median / floor:5.1f}x")
        view.show_mask(None, dragging=False)
        print(f"{seconds:>7} s " + " ".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
