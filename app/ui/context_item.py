"""ContextEdges: the handle at the edge of the context band, and the seconds while it is dragged."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.region import Region
from app.ui import theme
from app.ui.mask_drag import Grip
from app.ui.overlay import Overlay

_TAB = (8.0, 26.0)


class ContextEdges(Overlay):
    """Over the wave, under the mask's edges; paints nothing until the pointer is there."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 1.5)
        self.context: Region | None = None
        self.hot: Grip | None = None
        self.text = ""

    def show_held(self, context: Region | None, hot: Grip | None, text: str = "") -> None:
        """The handle at an edge of the band, None for none; the text beside it while it is dragged."""
        if (context, hot, text) != (self.context, self.hot, self.text):
            self.context, self.hot, self.text = context, hot, text
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A line with a tab below the middle, where those of the mask are not."""
        if self.context is None or self.hot is None:
            return
        colours = theme.current()
        band = self._span(self.context)
        edges = (
            (band.left(), band.right() - 1)
            if self.text
            else (band.left() if self.hot is Grip.START else band.right() - 1,)
        )
        painter.setPen(QPen(QColor(colours.wave), 1))
        for x in edges:
            painter.drawLine(QPointF(x + 0.5, 0), QPointF(x + 0.5, self._height))
        x = band.left() if self.hot is Grip.START else band.right() - 1
        tab = QRectF(x + 0.5 - _TAB[0] / 2, self._height * 0.72 - _TAB[1] / 2, *_TAB)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.canvas), 1))
        painter.setBrush(QColor(colours.wave))
        painter.drawRoundedRect(tab, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.canvas))
        for step in (-3, 3):
            painter.drawEllipse(QPointF(tab.center().x(), tab.center().y() + step), 1.1, 1.1)
        if self.text:
            side = -1 if self.hot is Grip.START else 1
            self._label(painter, self.text, x + side * 8, 8.0, colours.wave, colours.canvas, side)
