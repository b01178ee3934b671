"""ContextEdges: the handle at the edge of the context band, and the seconds while it is dragged."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui import theme
from app.ui.mask_drag import Grip
from app.ui.overlay import Overlay
from app.ui.painting import guarded

_TAB = (8.0, 26.0)


class ContextEdges(Overlay):
    """Over the wave, under the mask's edges; paints nothing until the pointer is there."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 1.5)
        self.edges: dict[Grip, int] = {}
        self.hot: Grip | None = None
        self.text = ""
        self.hide()  # what is not shown costs nothing when the mask is dragged

    def show_held(self, edges: dict[Grip, int], hot: Grip | None, text: str = "") -> None:
        """Lines at the frames of these edges, the handle at the hot one, and beside it the text while it is dragged."""
        if (edges, hot, text) != (self.edges, self.hot, self.text):
            self.edges, self.hot, self.text = edges, hot, text
            self.setVisible(bool(edges))
            self.update()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A line with a tab below the middle, where those of the mask are not."""
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.wave), 1))
        x = 0.0
        for grip, frame in self.edges.items():
            place = round(self._scale.x(frame)) - (1 if grip is Grip.END else 0)
            painter.drawLine(QPointF(place + 0.5, 0), QPointF(place + 0.5, self._height))
            x = place if grip is self.hot else x
        if self.hot not in self.edges:
            return
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
