"""The mask on the waveform: bands below the wave, edges with grips and times above it."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.region import Region
from app.ui import theme
from app.ui.mask_drag import Grip
from app.ui.scale import Scale
from app.ui.times import format_time

_HATCH = 9.0  # logical pixels between two strokes of the hatching


class _Overlay(pg.GraphicsObject):
    """Something over the whole lanes that follows the scale; a child of the ViewBox."""

    def __init__(self, parent: QGraphicsItem, depth: float) -> None:
        super().__init__(parent)
        self.setZValue(depth)
        self._scale = Scale(0.0, 1.0, 1.0)
        self._height = 1.0

    def place(self, scale: Scale, height: float) -> None:
        """Show that view at that height, in logical pixels."""
        if (scale, height) != (self._scale, self._height):
            if (scale.width, height) != (self._scale.width, self._height):
                self.prepareGeometryChange()
            self._scale, self._height = scale, height
            self.update()

    def boundingRect(self) -> QRectF:
        """The lanes, in the ViewBox's pixels."""
        return QRectF(0, 0, self._scale.width, self._height)

    def _span(self, region: Region) -> QRectF:
        """Where a region lies, cut a little outside of the view, on whole pixels."""
        left = round(min(max(self._scale.x(region.start), -50.0), self._scale.width + 50.0))
        right = round(min(max(self._scale.x(region.end), -50.0), self._scale.width + 50.0))
        return QRectF(left, 0, max(right - left, 1), self._height)


class MaskFill(_Overlay):
    """Grid, context, sent range and the mask's own soft fill: what lies behind the wave."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, -1.0)
        self.mask: Region | None = None
        self.context: Region | None = None
        self.sent: Region | None = None
        self.channels = 0
        self.amplitude = 1.0

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The ground, then bands, so that the lines of the grid stay readable on them."""
        colours = theme.current()
        painter.fillRect(self.boundingRect(), QColor(colours.canvas))
        if self.context is not None and self.context != self.mask:
            for part in self._beyond_mask(self.context):
                painter.fillRect(part, theme.faded(colours.wave, 0.13 if colours.dark else 0.10))
            band = self._span(self.context)
            painter.setPen(QPen(theme.faded(colours.wave, 0.55), 1, Qt.PenStyle.DashLine))
            for x in (band.left(), band.right() - 1):
                painter.drawLine(QPointF(x + 0.5, 0), QPointF(x + 0.5, self._height))
        if self.mask is not None:
            band = self._span(self.mask)
            fill = QLinearGradient(band.topLeft(), band.bottomLeft())
            strong, soft = (0.26, 0.13) if colours.dark else (0.20, 0.11)
            fill.setColorAt(0.0, theme.faded(colours.accent, strong))
            fill.setColorAt(1.0, theme.faded(colours.accent, soft))
            painter.fillRect(band, QBrush(fill))
        if self.sent is not None and self.sent != self.mask:
            self._hatch(painter, self.sent, colours)
        self._grid(painter, colours)

    def _beyond_mask(self, region: Region) -> list[QRectF]:
        """Where a region and the mask differ, at the left and at the right; the region itself without a mask."""
        band = self._span(region)
        if self.mask is None:
            return [band]
        mask = self._span(self.mask)
        edges = ((band.left(), mask.left()), (mask.right(), band.right()))
        return [QRectF(QPointF(min(pair), 0), QPointF(max(pair), self._height)) for pair in edges]

    def _hatch(self, painter: QPainter, sent: Region, colours: theme.Colours) -> None:
        """Strokes over what is sent beyond the mask, or held back from it."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.faded(colours.accent, 0.6), 1.0))
        for part in self._beyond_mask(sent):
            if part.width() < 1:
                continue
            painter.save()
            painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
            x = part.left() - part.left() % _HATCH - self._height
            while x < part.right():
                painter.drawLine(QPointF(x, self._height), QPointF(x + self._height, 0))
                x += _HATCH
            painter.restore()
        painter.restore()

    def _grid(self, painter: QPainter, colours: theme.Colours) -> None:
        """Silence and half of full scale in every lane, hairlines between lanes."""
        if not self.channels:
            return
        lane = self._height / self.channels
        unit = max(lane / 2 - 4.0, 1.0) * self.amplitude
        width = self._scale.width
        for index in range(self.channels):
            middle = (round(index * lane) + round((index + 1) * lane)) // 2
            painter.fillRect(QRectF(0, middle, width, 1), QColor(colours.line))
            for level in (-0.5, 0.5):
                if abs(level * unit) < lane / 2 - 6 and lane > 60:
                    painter.fillRect(
                        QRectF(0, round((index + 0.5) * lane - level * unit), width, 1), QColor(colours.grid)
                    )
            if index:
                painter.fillRect(QRectF(0, round(index * lane), width, 1), QColor(colours.control))


class MaskEdges(_Overlay):
    """The two edges with their grips, and while dragging their times: what lies over the wave."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 2.0)
        self.mask: Region | None = None
        self.marks: tuple[int, ...] = ()
        self.hot: Grip | None = None
        self.times = False
        self.rate = 1

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Marks, then the mask."""
        colours = theme.current()
        for mark in self.marks:
            x = round(self._scale.x(mark))
            if 0 <= x <= self._scale.width:
                painter.fillRect(QRectF(x, 0, 1, self._height), theme.faded(colours.success, 0.8))
        if self.mask is None:
            return
        band = self._span(self.mask)
        accent = QColor(colours.accent)
        painter.fillRect(QRectF(band.left(), 0, band.width(), 2), accent)
        painter.fillRect(QRectF(band.left(), self._height - 2, band.width(), 2), accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for grip, x in ((Grip.START, band.left()), (Grip.END, band.right())):
            hot = self.hot in (grip, Grip.MOVE)
            self._edge(painter, x, grip, QColor(colours.accent_strong) if hot else accent, hot)
        if self.times:
            self._times(painter, band, colours)

    def _edge(self, painter: QPainter, x: float, grip: Grip, colour: QColor, hot: bool) -> None:
        """A line of two pixels inside the mask, with a tab at its middle to hold it by."""
        inwards = 1.0 if grip is Grip.START else -1.0
        painter.fillRect(QRectF(x if inwards > 0 else x - 2, 0, 2, self._height), colour)
        height = min(34.0, self._height * 0.4)
        width = 10.0 if hot else 8.0
        tab = QRectF(x + inwards - width / 2, (self._height - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(tab, 3, 3)
        painter.setBrush(QColor(theme.current().on_accent))
        for step in (-1, 0, 1):
            painter.drawEllipse(QPointF(tab.center().x(), tab.center().y() + step * 5), 1.1, 1.1)

    def _times(self, painter: QPainter, band: QRectF, colours: theme.Colours) -> None:
        """Start outside the left edge, end outside the right one, the length between; inside where there is no room."""
        assert self.mask is not None
        start, end = self.mask.seconds(self.rate)
        font = theme.number_font(bold=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        height = metrics.height() + 6
        top = 8.0
        for seconds, x, outwards in ((start, band.left() - 5, -1), (end, band.right() + 5, 1)):
            text = format_time(seconds)
            width = metrics.horizontalAdvance(text) + 14
            left = x - width if outwards < 0 else x
            left = min(max(left, 4.0), self._scale.width - width - 4)
            self._label(painter, QRectF(left, top, width, height), text, colours)
        text = f"{end - start:.3f} s"
        width = metrics.horizontalAdvance(text) + 14
        left = min(max(band.center().x() - width / 2, 4.0), self._scale.width - width - 4)
        self._label(painter, QRectF(left, self._height - height - 8, width, height), text, colours)

    @staticmethod
    def _label(painter: QPainter, box: QRectF, text: str, colours: theme.Colours) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


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
