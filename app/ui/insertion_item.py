"""InsertionItem: where sound would be put into the clip, and how much of it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui import theme
from app.ui.overlay import Overlay
from app.ui.painting import guarded
from app.ui.times import format_gain

_ARM = 12.0


class InsertionItem(Overlay):
    """A thin caret at a frame, and a ghost of a bracket as wide as what would be inserted there."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 1.0)
        self._frame, self._length = 0, 0
        self.rate = 1
        self.hide()  # what is not shown costs nothing when the mask is dragged

    def show_at(self, insertion: tuple[int, int] | None) -> None:
        """Show so much (the second) at that frame, None for nothing; repaints the two places it was and is at."""
        self.setVisible(insertion is not None)
        if insertion is not None and insertion != (self._frame, self._length):
            self.update(self._place())
            self._frame, self._length = insertion
            self.update(self._place())

    def _place(self) -> QRectF:
        left, right = self._scale.x(self._frame), self._scale.x(self._frame + self._length)
        return QRectF(left - 140, 0, right - left + 280, self._height) & self.boundingRect()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The bracket stands at the bottom, out of the way of the mask's times."""
        colours = theme.current()
        left = round(self._scale.x(self._frame)) + 0.5
        right = max(round(self._scale.x(self._frame + self._length)) + 0.5, left + 2)
        if right < 0 or left > self._scale.width + 1:
            return
        left = min(left, self._scale.width - 0.5)  # at the clip's end it is the last pixel
        bottom, accent = self._height - 3.5, QColor(colours.accent)
        painter.fillRect(
            QRectF(left, bottom - _ARM, min(right, self._scale.width) - left, _ARM), theme.faded(colours.accent, 0.12)
        )
        painter.setPen(QPen(accent, 1))
        painter.drawLine(QPointF(left, 0), QPointF(left, self._height))
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF([QPointF(left, bottom), QPointF(min(right, self._scale.width + 5), bottom)]))
        if right < self._scale.width:
            painter.drawLine(QPointF(right, bottom), QPointF(right, bottom - _ARM))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawPolygon(
            QPolygonF([QPointF(left - 5, self._height), QPointF(left + 5, self._height), QPointF(left, bottom - 4)])
        )
        text = format_gain(self._length / max(self.rate, 1))
        top = bottom - _ARM - self._label_height - 3
        self._label(painter, text, max(left, 0.0) + 6, top, colours.surface, colours.accent, side=1)
