"""The two axes: time above the lanes, level in dB beside them; pyqtgraph's frame, painted by ourselves.

pyqtgraph records ticks as a picture and plays it back; at every frame of a pan that is slower than painting them.
"""

from functools import lru_cache

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui import theme
from app.ui.ruler_marks import Marks, Measure, Unit, marks
from app.ui.wave_look import Look

RULER_HEIGHT = 28
LEVEL_WIDTH = 38

_LABEL_GAP = 26.0  # logical pixels of air between two labels
_LEVELS = (0, -3, -6, -12, -18, -24, -36, -48, -60)
_WIDEST = {Unit.TIME: "00:00.000", Unit.SAMPLES: "000 000 000", Unit.BARS: "000:0.00"}


class TimeAxis(pg.AxisItem):
    """Time over the lanes: labels as fine as the zoom needs, ticks on round times."""

    def __init__(self) -> None:
        super().__init__("top")
        self.rate = 0
        self.measure = Measure()
        self.setHeight(RULER_HEIGHT)
        self.enableAutoSIPrefix(False)  # it would lay out an empty label at every change of the view
        self._font = theme.number_font(8.5)
        self.setStyle(autoExpandTextSpace=False, tickFont=self._font)
        self._widths = {unit: QFontMetricsF(self._font).horizontalAdvance(text) for unit, text in _WIDEST.items()}
        self._text_height = QFontMetricsF(self._font).height()

    def set_rate(self, rate: int) -> None:
        """Frames per second; 0 for none."""
        if rate != self.rate:
            self.rate = rate
            self.update()

    def set_measure(self, measure: Measure) -> None:
        """Count this."""
        if measure != self.measure:
            self.measure = measure
            self.update()

    def retheme(self) -> None:
        """Take the colours in force."""
        self.update()

    def marks(self) -> Marks:
        """What stands on the ruler now."""
        start, end = self.range
        room = self._widths[self.measure.unit] + _LABEL_GAP
        return marks(self.measure, start, end, self.size().width(), self.rate, room)

    def paint(self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The hairline below, the ticks, and the labels to the right of theirs."""
        colours = theme.current()
        size = self.size()
        width, bottom = size.width(), size.height() - 1
        p.setPen(QColor(colours.line))
        p.drawLine(QLineF(0, bottom, width, bottom))
        found = self.marks()
        p.setPen(theme.faded(colours.control, 0.55))
        ticks = [QLineF(x, bottom - 4, x, bottom) for x in found.small]
        ticks += [QLineF(x, bottom - 7, x, bottom) for x in found.middle]
        p.drawLines(ticks)
        p.setPen(QColor(colours.control))
        p.drawLines([QLineF(x, bottom - 16, x, bottom) for x, _ in found.labelled])
        p.setPen(QColor(colours.muted))
        p.setFont(self._font)
        top = 1 + (bottom - 8 - self._text_height) / 2
        for x, text in found.labelled:
            p.drawStaticText(QPointF(x + 4, top), _laid_out(text))


@lru_cache(maxsize=512)
def _laid_out(text: str) -> QStaticText:
    """A label whose glyphs are placed once."""
    result = QStaticText(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    return result


class LevelAxis(pg.AxisItem):
    """dB below full scale beside each lane, as many as there is room for."""

    def __init__(self) -> None:
        super().__init__("left")
        self.rows = 0
        self.look = Look()
        self.share = 1.0
        self.setWidth(LEVEL_WIDTH)
        self.enableAutoSIPrefix(False)  # it would lay out an empty label at every change of the view
        self._font = theme.number_font(7.5)
        self.setStyle(autoExpandTextSpace=False, tickFont=self._font)
        # Panning passes by it: what did not change is copied.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_lanes(self, rows: int, look: Look) -> None:
        """So many lanes, measured this way."""
        if (rows, look) != (self.rows, self.look):
            self.rows, self.look = rows, look
            self.update()

    def set_share(self, share: float) -> None:
        """The lanes take so much of the height, from the top; what is below them is not sound over time."""
        if share != self.share:
            self.share = share
            self.update()

    def retheme(self) -> None:
        """Take the colours in force."""
        self.update()

    def paint(self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The hairline beside the lanes, and per lane labels that keep a line's height apart."""
        colours = theme.current()
        right, height = self.size().width() - 1, self.size().height()
        p.setPen(QColor(colours.line))
        p.drawLine(QLineF(right, 0, right, height))
        if not self.rows or not self.share:
            return
        p.setFont(self._font)
        room = QFontMetricsF(self._font).height()
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        tick, ink = QPen(theme.faded(colours.control, 0.7)), QPen(QColor(colours.muted))
        for top, y, text in self._labels(height * self.share, room):
            if y is not None:
                p.setPen(tick)
                p.drawLine(QLineF(right - 4, round(y), right, round(y)))
            p.setPen(ink)
            p.drawText(QRectF(0, top, right - 7, room), align, text)

    def _labels(self, height: float, room: float) -> list[tuple[float, float | None, str]]:
        """Top of each label, where its tick is, and its text."""
        lane = height / self.rows
        unit = max(lane / 2 - 4.0, 1.0)
        found: list[tuple[float, float | None, str]] = []
        for index in range(self.rows):
            middle = (index + 0.5) * lane
            taken = lane / 2 + room
            for level in _LEVELS:
                away = unit * self.look.height_of(level)
                if away > lane / 2 or away > taken - room or away < room * 1.4:
                    continue
                taken = away
                for y in (middle - away, middle + away):
                    top = min(max(y - room / 2, index * lane + 1), (index + 1) * lane - room - 1)
                    found.append((top, y, str(level).replace("-", "−")))
            found.append((middle - room / 2, None, "−∞"))
        return found
