"""The two axes: time above the lanes, level in dB beside them; pyqtgraph's frame with ticks of our own choosing."""

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.ui import theme
from app.ui.times import format_time

RULER_HEIGHT = 28
LEVEL_WIDTH = 38

_LABEL_GAP = 26.0  # logical pixels of air between two labels
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400)
_LEVELS = (0, -3, -6, -12, -18, -24, -36, -48, -60)

_Line = tuple[QPen, QPointF, QPointF]
_Text = tuple[QRectF, Qt.AlignmentFlag, str]


def tick_step(seconds_per_pixel: float, label_width: float) -> tuple[float, int, int]:
    """Seconds between labels at least so many pixels apart, ticks per label, and decimals that tell labels apart."""
    wanted = seconds_per_pixel * label_width
    if wanted <= 1:
        power = math.floor(math.log10(wanted)) if wanted > 0 else -9
        for mantissa in (1, 2, 5, 10):
            step = mantissa * 10.0**power
            if step >= wanted * (1 - 1e-9):
                decimals = max(-power - (1 if mantissa == 10 else 0), 0)
                return step, 4 if mantissa == 2 else 5 if mantissa == 5 else 10, decimals
    step = next((each for each in _STEPS if each >= wanted), math.ceil(wanted / 86400) * 86400)
    parts = {1: 10, 2: 4, 5: 5, 10: 10, 15: 3, 30: 6, 60: 6, 120: 4}.get(int(step), 5 if step % 500 == 0 else 6)
    return float(step), parts, 0


class TimeAxis(pg.AxisItem):
    """Time over the lanes: labels as fine as the zoom needs, ticks on round times."""

    def __init__(self) -> None:
        super().__init__("top")
        self.rate = 0
        self.setHeight(RULER_HEIGHT)
        self.enableAutoSIPrefix(False)  # it would lay out an empty label at every change of the view
        self._font = theme.number_font(8.5)
        self.setStyle(autoExpandTextSpace=False, tickFont=self._font)
        self.retheme()

    def set_rate(self, rate: int) -> None:
        """Frames per second; 0 for none."""
        if rate != self.rate:
            self.rate = rate
            self.picture = None
            self.update()

    def retheme(self) -> None:
        """Take the colours in force."""
        self.setTextPen(theme.current().muted)

    def generateDrawSpecs(self, p: QPainter) -> tuple[_Line, list[_Line], list[_Text]]:
        """The hairline below, the ticks, and the labels to the right of theirs."""
        colours = theme.current()
        size = self.size()
        width, bottom = size.width(), size.height() - 1
        line = QPen(QColor(colours.line)), QPointF(0, bottom), QPointF(width, bottom)
        start, end = self.range
        if not self.rate or width < 2 or end <= start:
            return line, [], []
        metrics = QFontMetricsF(self._font)
        per_pixel = (end - start) / self.rate / width
        step, parts, decimals = tick_step(per_pixel, metrics.horizontalAdvance("00:00.000") + _LABEL_GAP)
        minor = step / parts
        ticks: list[_Line] = []
        texts: list[_Text] = []
        strong, weak = QPen(QColor(colours.control)), QPen(theme.faded(colours.control, 0.55))
        first = math.floor(start / self.rate / minor / parts) * parts  # before the clip where there is room
        for index in range(first, math.floor(end / self.rate / minor) + 1):
            x = round((index * minor * self.rate - start) / (end - start) * width)
            if not 0 <= x <= width:
                continue
            labelled = index % parts == 0
            if labelled:
                box = QRectF(x + 4, 1, 140, bottom - 8)
                texts.append(
                    (
                        box,
                        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                        format_time(index * minor, decimals),
                    )
                )
            half = parts % 2 == 0 and index % parts == parts // 2
            length = 16 if labelled else 7 if half else 4
            ticks.append((strong if labelled else weak, QPointF(x, bottom - length), QPointF(x, bottom)))
        return line, ticks, texts


class LevelAxis(pg.AxisItem):
    """dB below full scale beside each lane, as many as there is room for."""

    def __init__(self) -> None:
        super().__init__("left")
        self.channels = 0
        self.amplitude = 1.0
        self.share = 1.0
        self.setWidth(LEVEL_WIDTH)
        self.enableAutoSIPrefix(False)  # it would lay out an empty label at every change of the view
        self._font = theme.number_font(7.5)
        self.setStyle(autoExpandTextSpace=False, tickFont=self._font)
        self.retheme()

    def set_lanes(self, channels: int, amplitude: float) -> None:
        """So many lanes, drawn so many times taller than full scale."""
        if (channels, amplitude) != (self.channels, self.amplitude):
            self.channels, self.amplitude = channels, amplitude
            self.picture = None
            self.update()

    def set_share(self, share: float) -> None:
        """The lanes take so much of the height, from the top; what is below them is not sound over time."""
        if share != self.share:
            self.share = share
            self.picture = None
            self.update()

    def retheme(self) -> None:
        """Take the colours in force."""
        self.setTextPen(theme.current().muted)

    def generateDrawSpecs(self, p: QPainter) -> tuple[_Line, list[_Line], list[_Text]]:
        """The hairline beside the lanes, and per lane labels that keep a line's height apart."""
        colours = theme.current()
        right, height = self.size().width() - 1, self.size().height()
        line = QPen(QColor(colours.line)), QPointF(right, 0), QPointF(right, height)
        if not self.channels or not self.share:
            return line, [], []
        lane = height * self.share / self.channels
        room = QFontMetricsF(self._font).height()
        unit = max(lane / 2 - 4.0, 1.0) * self.amplitude
        pen = QPen(theme.faded(colours.control, 0.7))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        ticks: list[_Line] = []
        texts: list[_Text] = []
        for index in range(self.channels):
            middle = (index + 0.5) * lane
            taken = lane / 2 + room
            for level in _LEVELS:
                away = unit * 10 ** (level / 20)
                if away > lane / 2 or away > taken - room or away < room * 1.4:
                    continue
                taken = away
                for y in (middle - away, middle + away):
                    top = min(max(y - room / 2, index * lane + 1), (index + 1) * lane - room - 1)
                    texts.append((QRectF(0, top, right - 7, room), align, str(level).replace("-", "−")))
                    ticks.append((pen, QPointF(right - 4, round(y)), QPointF(right, round(y))))
            texts.append((QRectF(0, middle - room / 2, right - 7, room), align, "−∞"))
        return line, ticks, texts
