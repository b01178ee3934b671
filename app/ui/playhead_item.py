"""PlayheadItem: where playback is; moving it repaints a strip of a few pixels."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui import theme
from app.ui.painting import guarded


class PlayheadItem(pg.GraphicsObject):
    """A narrow line with a head in the ruler; moving it repaints its own strip, nothing else."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.setZValue(10.0)
        self.hide()
        self._top = 0.0
        self._height = 1.0

    def stretch(self, head: float, height: float) -> None:
        """So many pixels of ruler above, and so many of lanes below."""
        if (head, height) != (self._top, self._height):
            self.prepareGeometryChange()
            self._top, self._height = head, height
            self.update()

    def boundingRect(self) -> QRectF:
        """From the head to the bottom of the lanes."""
        return QRectF(-6, -13, 12, self._height + 13)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A light line with a dark rim, so that it stands out on wave, mask and spectrogram alike."""
        colours = theme.current()
        colour = QColor(colours.playhead)
        painter.fillRect(QRectF(-1, 0, 3, self._height), theme.faded(colours.canvas, 0.55))
        painter.fillRect(QRectF(0, 0, 1, self._height), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF([QPointF(-4.5, -12), QPointF(5.5, -12), QPointF(5.5, -6), QPointF(0.5, 0), QPointF(-4.5, -6)])
        )
