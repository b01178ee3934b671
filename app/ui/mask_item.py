"""The mask on the waveform: bands below the wave, edges with grips and times above it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.region import Region
from app.ui import theme
from app.ui.mask_drag import Grip
from app.ui.overlay import Overlay
from app.ui.painting import guarded
from app.ui.reach import Reach
from app.ui.times import format_gain, format_time
from app.ui.wave_look import Look

_HATCH = 9.0  # logical pixels between two strokes of the hatching
_HALF_DB = -6.0206  # half of full scale


class MaskFill(Overlay):
    """Ground, grid, context, sent range and the mask's own soft fill: what lies behind the wave."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, -1.0)
        self.mask: Region | None = None
        self.context: Region | None = None
        self.sent: Region | None = None
        self.reach = Reach(0)
        self.rows = 0
        self.look = Look()
        self.lanes_share = 1.0  # of the height: so much is the wave's, below it is the spectrogram's

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The ground, then bands, so that the lines of the grid stay readable on them."""
        colours = theme.current()
        clip = self._ground(painter, colours)
        self.bands(painter, colours)
        self._grid(painter, clip, colours)

    def bands(self, painter: QPainter, colours: theme.Colours) -> None:
        """Context, mask and sent range over the whole height: under the wave, and over a spectrogram."""
        if self.context is not None and self.context != self.mask:
            self._band(painter, self.context.clamped(self.reach.length), colours)
        if self.mask is not None:
            band = self._span(self.mask)
            fill = QLinearGradient(band.topLeft(), band.bottomLeft())
            strong, soft = (0.26, 0.13) if colours.dark else (0.20, 0.11)
            fill.setColorAt(0.0, theme.faded(colours.accent, strong))
            fill.setColorAt(1.0, theme.faded(colours.accent, soft))
            painter.fillRect(band, QBrush(fill))
        if self.sent is not None and self.sent != self.mask:
            self._hatch(painter, self.sent, colours)

    def _ground(self, painter: QPainter, colours: theme.Colours) -> QRectF:
        """The clip's own ground, and that of the window where there is no clip; gives where the clip lies in view."""
        whole = self.boundingRect()
        clip = self._span(Region(0, self.reach.length)) & whole if self.reach.length else whole
        if clip == whole:
            painter.fillRect(whole, QColor(colours.canvas))
            return clip
        painter.fillRect(whole, QColor(colours.window))
        painter.fillRect(clip, QColor(colours.canvas))
        for x, end in ((clip.left() - 1, 0), (clip.right(), self.reach.length)):
            if 0 < self._scale.x(end) < self._scale.width:
                painter.fillRect(QRectF(x, 0, 1, self._height), QColor(colours.control))
        return clip

    def _band(self, painter: QPainter, context: Region, colours: theme.Colours) -> None:
        """The context beside the mask, dashed where it ends."""
        mask = self.mask if self.mask is not None else Region(context.end, context.end)
        for start, end in ((context.start, min(context.end, mask.start)), (max(context.start, mask.end), context.end)):
            if end > start:
                part = self._span(Region(start, end))
                painter.fillRect(part, theme.faded(colours.wave, 0.13 if colours.dark else 0.10))
        band = self._span(context)
        painter.setPen(QPen(theme.faded(colours.wave, 0.55), 1, Qt.PenStyle.DashLine))
        for x, outside in (
            (band.left(), self.mask is None or context.start < mask.start),
            (band.right() - 1, self.mask is None or context.end > mask.end),
        ):
            if outside:
                painter.drawLine(QPointF(x + 0.5, 0), QPointF(x + 0.5, self._height))

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

    def _grid(self, painter: QPainter, clip: QRectF, colours: theme.Colours) -> None:
        """Silence and half of full scale in every lane, hairlines between lanes; only where the clip is."""
        if not self.rows or not self.lanes_share:
            return
        lane = self._height * self.lanes_share / self.rows
        half = max(lane / 2 - 4.0, 1.0) * self.look.height_of(_HALF_DB)
        left, width = clip.left(), clip.width()
        line, grid = QColor(colours.line), QColor(colours.grid)
        for index in range(self.rows):
            middle = (round(index * lane) + round((index + 1) * lane)) // 2
            painter.fillRect(QRectF(left, middle, width, 1), line)
            if 0 < half < lane / 2 - 6 and lane > 60:
                for away in (-half, half):
                    painter.fillRect(QRectF(left, round((index + 0.5) * lane + away), width, 1), grid)
            if index:
                painter.fillRect(QRectF(left, round(index * lane), width, 1), QColor(colours.control))


class MaskEdges(Overlay):
    """The two edges with their grips, their times while dragging, and how much longer the clip gets: over the wave."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 2.0)
        self.mask: Region | None = None
        self.marks: tuple[int, ...] = ()
        self.hot: Grip | None = None
        self.times = False
        self.rate = 1
        self.reach = Reach(0)

    @guarded
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
        self._gains(painter, self.mask, colours)
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

    def _gains(self, painter: QPainter, mask: Region, colours: theme.Colours) -> None:
        """By how much the clip gets longer, on the part of the mask beyond it."""
        if not self.reach.length:
            return
        for part in self.reach.beyond(mask):
            if part is not None and self._scale.x(part.end) > 0 and self._scale.x(part.start) < self._scale.width:
                place = self._span(part) & self.boundingRect()
                gain = format_gain(part.duration(max(self.rate, 1)))
                top = self._label_height + 14
                self._label(painter, gain, place.center().x(), top, colours.surface, colours.accent)
                words = f"makes the clip {gain.lstrip('+')} longer"
                painter.setFont(theme.number_font())
                if QFontMetricsF(painter.font()).horizontalAdvance(words) + 24 < place.width():
                    below = QRectF(place.left(), top + self._label_height + 3, place.width(), self._label_height)
                    painter.setPen(QColor(colours.text))
                    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)

    def _times(self, painter: QPainter, band: QRectF, colours: theme.Colours) -> None:
        """Start outside the left edge, end outside the right one, the length between; inside where there is no room."""
        assert self.mask is not None
        start, end = self.mask.seconds(self.rate)
        pair = colours.accent, colours.on_accent
        self._label(painter, format_time(start), band.left() - 5, 8.0, *pair, side=-1)
        self._label(painter, format_time(end), band.right() + 5, 8.0, *pair, side=1)
        bottom = self._height - self._label_height - 8
        self._label(painter, f"{end - start:.3f} s", band.center().x(), bottom, *pair)
