"""Overlay: what every drawing over or under the wave shares: its place, its spans, its labels."""

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem

from app.sound.region import Region
from app.ui import theme
from app.ui.scale import Scale

_EDGE = 4.0  # logical pixels between a label and the ends of the view


class Overlay(pg.GraphicsObject):
    """Something over the whole lanes that follows the scale; a child of the ViewBox."""

    def __init__(self, parent: QGraphicsItem, depth: float) -> None:
        super().__init__(parent)
        self.setZValue(depth)
        self._scale = Scale(0.0, 1.0, 1.0)
        self._height = 1.0
        self._font = theme.number_font(bold=True)
        self._metrics = QFontMetricsF(self._font)

    def place(self, scale: Scale, height: float) -> None:
        """Show that view at that height, in logical pixels."""
        if (scale, height) != (self._scale, self._height):
            if (scale.width, height) != (self._scale.width, self._height):
                self.prepareGeometryChange()
            self._scale, self._height = scale, height
            self.update()

    @property
    def _label_height(self) -> float:
        """How tall a label is, in logical pixels."""
        return self._metrics.height() + 6

    def boundingRect(self) -> QRectF:
        """The lanes, in the ViewBox's pixels."""
        return QRectF(0, 0, self._scale.width, self._height)

    def _span(self, region: Region) -> QRectF:
        """Where a region lies, cut a little outside of the view, on whole pixels."""
        left = round(min(max(self._scale.x(region.start), -50.0), self._scale.width + 50.0))
        right = round(min(max(self._scale.x(region.end), -50.0), self._scale.width + 50.0))
        return QRectF(left, 0, max(right - left, 1), self._height)

    def _label(self, painter: QPainter, text: str, at: float, top: float, ground: str, ink: str, side: int = 0) -> None:
        """A line of text in a rounded box: left of x = `at` (side -1), centred on it (0) or right of it (1)."""
        width = self._metrics.horizontalAdvance(text) + 14
        left = min(max(at + (side - 1) * width / 2, _EDGE), self._scale.width - width - _EDGE)
        box = QRectF(left, top, width, self._label_height)
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
