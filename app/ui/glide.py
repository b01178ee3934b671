"""Glide: short movements of the view from where it is to where it was sent; the next wish takes over at once."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyle

from app.ui.wave_view import View

GLIDE_MS = 120
_FRAME_MS = 8  # asked for more often than shown, so that no frame of the display is missed


def glide_ms() -> int:
    """How long a movement takes: no time where nobody sees it, or where the system is asked to keep still."""
    app = QApplication.instance()
    if not isinstance(app, QApplication) or QGuiApplication.platformName() in ("offscreen", "minimal"):
        return 0
    still = app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) <= 0
    return 0 if still or not QApplication.isEffectEnabled(Qt.UIEffect.UI_General) else GLIDE_MS


def between(start: View, end: View, part: float) -> View:
    """The view after `part` (0 to 1) of the way: zooming by equal factors in equal times, about what stays in place."""
    before, after = start[1] - start[0], end[1] - end[0]
    if part >= 1:
        return end
    if before > 0 and after > 0 and abs(after / before - 1) > 1e-6:
        # Both edges move in step with the span: so the frame under the pointer does not move.
        part = (before * (after / before) ** part - before) / (after - before)
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


class Glide(QObject):
    """Shows views one after another until the last; `show` is called with each."""

    def __init__(self, show: Callable[[View], None], parent: QObject) -> None:
        super().__init__(parent)
        self.duration_ms: int | None = None
        self._show = show
        self._start: View = (0.0, 1.0)
        self._began = 0.0
        self._lasts = 0.0
        self._target: View | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._step)

    @property
    def target(self) -> View | None:
        """Where it goes; None where it stands still."""
        return self._target

    def to(self, now: View, view: View) -> None:
        """Go there from `now`; at once where movements take no time."""
        lasts = glide_ms() if self.duration_ms is None else self.duration_ms
        if lasts <= 0 or now == view:
            self.stop()
            self._show(view)
            return
        self._start, self._target, self._lasts, self._began = now, view, lasts / 1000, time.monotonic()
        if not self._timer.isActive():
            self._timer.start()
        self._step()

    def stop(self) -> None:
        """Stay where it is."""
        self._target = None
        self._timer.stop()

    def _step(self) -> None:
        target = self._target
        if target is None:
            return
        part = min((time.monotonic() - self._began) / self._lasts, 1.0)
        if part >= 1:
            self.stop()
        self._show(between(self._start, target, 1 - (1 - part) ** 3))
