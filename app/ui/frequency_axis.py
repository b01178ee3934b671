"""FrequencyAxis: hertz beside each channel's spectrogram, as many as there is room for."""

import math
from collections.abc import Iterator

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.frequencies import Axis, Frequencies
from app.ui import theme
from app.ui.painting import guarded
from app.ui.ruler import LEVEL_WIDTH

# Round ones first: where there is little room, these are left.
_BENT = (1000, 100, 10_000, 5000, 500, 50, 2000, 200, 20_000, 3000, 300, 30, 7000, 700, 70, 40_000, 80_000)
_AIR = 1.7  # heights of a line from one label to the next


def hertz_text(hertz: float) -> str:
    """1000 as 1k, 12500 as 12.5k, 440 as 440."""
    return f"{hertz / 1000:g}k" if hertz >= 1000 else f"{hertz:g}"


def labels(scale: Frequencies, height: float, room: float) -> list[tuple[float, float]]:
    """Frequencies and how far below the top they lie, `room` pixels apart at least, none of them cut off."""
    placed: list[tuple[float, float]] = []
    for hertz in _round(scale, height, room):
        y = (1.0 - scale.height(hertz)) * height
        if room / 3 <= y <= height - room / 3 and all(abs(y - other) >= room for _, other in placed):
            placed.append((hertz, y))
    return sorted(placed)


def _round(scale: Frequencies, height: float, room: float) -> Iterator[float]:
    if scale.axis is not Axis.LINEAR:
        yield from (float(each) for each in _BENT)
        return
    wanted = scale.highest * room / max(height, 1.0)
    power = 10.0 ** math.floor(math.log10(max(wanted, 1.0)))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= wanted * (1 - 1e-9))
    for each in (step, step / 2):  # where the coarser ones are cut off there may be room for one between
        yield from (index * each for index in range(1, int(scale.highest / each) + 1))


class FrequencyAxis(pg.GraphicsObject):
    """The left edge of the spectrogram; it lies over the level axis, which is empty there."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.setZValue(1.0)
        self._font = theme.number_font(7.5)
        self._scale: Frequencies | None = None
        self._channels = 0
        self._height = 1.0

    def show_scale(self, scale: Frequencies | None, channels: int, height: float) -> None:
        """These frequencies beside so many lanes in `height` logical pixels."""
        if (scale, channels, height) != (self._scale, self._channels, self._height):
            self.prepareGeometryChange()
            self._scale, self._channels, self._height = scale, channels, height
            self.update()

    def boundingRect(self) -> QRectF:
        """As wide as the level axis."""
        return QRectF(0, 0, LEVEL_WIDTH, self._height)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A label and a tick per frequency, in every lane."""
        if self._scale is None or not self._channels:
            return
        colours = theme.current()
        right, line = LEVEL_WIDTH - 1, QFontMetricsF(self._font).height()
        painter.setFont(self._font)
        lane = self._height / self._channels
        for index in range(self._channels):
            top = index * lane
            painter.setPen(QColor(colours.muted))
            painter.fillRect(QRectF(right - 6, round(top), 6, 1), QColor(colours.line))
            for hertz, y in labels(self._scale, lane, line * _AIR):
                painter.fillRect(QRectF(right - 4, round(top + y), 4, 1), theme.faded(colours.control, 0.7))
                box = QRectF(0, min(max(top + y - line / 2, top), top + lane - line), right - 7, line)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hertz_text(hertz))
