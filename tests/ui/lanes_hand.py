"""A mouse over the lanes, for every test of what it does there."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT
from app.ui.waveform import WaveformView

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
ROW = RULER_HEIGHT + 60


def lanes_of(qtbot, clip) -> WaveformView:
    """A clip on a thousand pixels, without snapping."""
    widget = WaveformView()
    qtbot.addWidget(widget)
    widget.resize(1000 + LEVEL_WIDTH + 2, 300)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_sound(clip, peaks_of(clip))
    widget.snap = False
    return widget


class Hand:
    """A mouse over the lanes: pixels count from the left edge of the lanes."""

    def __init__(self, view: WaveformView) -> None:
        self.view = view
        self.port = view._canvas.viewport()
        self.committed: list[Region | None] = []
        self.changing: list[Region] = []
        self.sought: list[int] = []
        self.context: list[tuple[str, float | None]] = []
        view.mask_committed.connect(self.committed.append)
        view.mask_changing.connect(self.changing.append)
        view.seek_requested.connect(self.sought.append)
        view.context_dragged.connect(lambda seconds: self.context.append(("dragged", seconds)))
        view.context_committed.connect(lambda seconds: self.context.append(("committed", seconds)))
        view.context_cancelled.connect(lambda: self.context.append(("cancelled", None)))
        view.context_reset.connect(lambda: self.context.append(("reset", None)))

    def _send(self, kind, x, buttons, button, keys=NONE, y=ROW):
        at = QPointF(LEVEL_WIDTH + x, y)
        event = QMouseEvent(kind, at, self.port.mapToGlobal(at), button, buttons, keys)
        QApplication.sendEvent(self.port, event)

    def press(self, x, keys=NONE, button=LEFT, y=ROW):
        self._send(QMouseEvent.Type.MouseButtonPress, x, button, button, keys, y)

    def move(self, x, keys=NONE, button=LEFT, y=ROW):
        self._send(QMouseEvent.Type.MouseMove, x, button, Qt.MouseButton.NoButton, keys, y)

    def release(self, x, keys=NONE, button=LEFT, y=ROW):
        self._send(QMouseEvent.Type.MouseButtonRelease, x, Qt.MouseButton.NoButton, button, keys, y)

    def hover(self, x, keys=NONE, y=ROW):
        self.move(x, keys, Qt.MouseButton.NoButton, y)

    def drag(self, start, end, keys=NONE, button=LEFT):
        self.press(start, keys, button)
        for x in (start + (end - start) * step / 4 for step in (1, 2, 3, 4)):
            self.move(x, keys, button)
        self.release(end, keys, button)

    def click(self, x, keys=NONE, y=ROW):
        QTest.mouseClick(self.port, LEFT, keys, QPoint(LEVEL_WIDTH + round(x), round(y)))

    def double_click(self, x, y=ROW):
        QTest.mouseDClick(self.port, LEFT, NONE, QPoint(LEVEL_WIDTH + round(x), round(y)))

    def frame(self, x) -> int:
        return round(self.view.scale().frame(x))

    def x(self, frame) -> float:
        return self.view.scale().x(frame)
