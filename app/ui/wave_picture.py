"""Pictures of sound: columns of minima and maxima as pixels, single samples as lines and dots; no widget.

Columns become pixels in one comparison per lane instead of one line per column; the two ends of a column carry how
much of their pixel they cover, which is all the smoothing that an upright bar needs.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from app.sound.clip import Frames, Sound
from app.sound.peaks import BASE, Peaks, columns_of

LINES_BELOW = 2.0  # frames per device pixel; fewer than that are joined by a line
DOTS_FROM = 5.0  # logical pixels per frame; from there on each sample gets its dot
_UNKNOWN_HEIGHT = 0.05  # of the lane: the strip that stands for sound that is not loaded yet
_READ_AT_MOST = 1 << 21  # frames read for one picture where no peaks are there

Pixels = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a channel is drawn, in device pixels: rows [top, bottom), full scale `unit` away from the middle."""

    top: int
    bottom: int
    unit: float

    @property
    def middle(self) -> float:
        """Silence: the middle of a row, so that it is one sharp line."""
        return (self.top + self.bottom) // 2 + 0.5


def lanes(height: float, channels: int, amplitude: float = 1.0, margin: float = 4.0) -> tuple[Lane, ...]:
    """The channels stacked in so many pixels, `margin` pixels of air above and below full scale."""
    edges = [round(height * index / channels) for index in range(channels + 1)]
    return tuple(
        Lane(top, bottom, max((bottom - top) / 2 - margin, 1.0) * amplitude) for top, bottom in pairwise(edges)
    )


def columns_in_view(sound: Sound | None, peaks: Peaks | None, start: float, end: float, width: int) -> Frames | None:
    """Minima and maxima of `width` columns, (width, channels, 2), NaN where unknown; None where nothing is known.

    From 256 frames a column on the pyramid answers, below it the samples themselves, as long as the pyramid says
    that they are there.
    """
    coarse = (end - start) / max(width, 1) >= BASE
    if peaks is not None and (coarse or sound is None):
        return peaks.columns(start, end, width)
    if sound is not None and (end - start) <= _READ_AT_MOST:
        return columns_of(sound, start, end, width)
    return None


def touching(columns: Frames) -> Frames:
    """A copy in which neighbours meet half-way where a gap lay between them: the sound went through there."""
    result = columns.copy()
    low, high = result[..., 0], result[..., 1]
    with np.errstate(invalid="ignore"):
        for here, there in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
            apart = columns[here, :, 0] > columns[there, :, 1]
            middle = ((columns[here, :, 0] + columns[there, :, 1]) / 2)[apart]
            low[here][apart] = np.minimum(low[here][apart], middle)
            high[there][apart] = np.maximum(high[there][apart], middle)
    return result


def premultiplied(colour: QColor, coverage: NDArray[np.float32] | float = 1.0) -> Pixels:
    """The colour at so much coverage (0 to 1) as 0xAARRGGBB with the colour multiplied by its opacity."""
    alpha = np.asarray(coverage, np.float32) * np.float32(colour.alphaF())
    result = np.round(alpha * 255).astype(np.uint32) << np.uint32(24)
    for value, shift in ((colour.red(), 16), (colour.green(), 8), (colour.blue(), 0)):
        result |= np.round(alpha * value).astype(np.uint32) << np.uint32(shift)
    return result


def draw_columns(pixels: Pixels, lane: Lane, column: Frames, colour: QColor, width: float = 0.0) -> None:
    """Fill one lane of `pixels` (height, width) from minima and maxima (width, 2); NaN columns are left as they are.

    A column covers from its maximum to its minimum, one pixel at least, cut to its lane; `width` is that of a line
    that goes along there, and adds half of itself at either end.
    """
    known = np.flatnonzero(~np.isnan(column[:, 0]))
    if not known.size or lane.bottom <= lane.top:
        return
    top = lane.middle - column[known, 1] * lane.unit - width / 2
    bottom = lane.middle - column[known, 0] * lane.unit + width / 2
    thin = np.maximum(1.0 - (bottom - top), 0.0) / 2
    top = np.clip(top - thin, lane.top, lane.bottom - 1.0)
    bottom = np.clip(bottom + thin, lane.top + 1.0, lane.bottom)
    first, last = np.ceil(top).astype(np.int32), np.floor(bottom).astype(np.int32)
    rows = np.arange(lane.top, lane.bottom, dtype=np.int16)[:, None]
    full = (rows >= first.astype(np.int16)) & (rows < last.astype(np.int16))
    part = pixels[lane.top : lane.bottom]
    span = slice(int(known[0]), int(known[-1]) + 1)
    whole = known.size == span.stop - span.start
    filled = full.view(np.uint8) * premultiplied(colour)[()]
    if whole:
        part[:, span] = filled
    else:
        part[:, known] = filled
    above, below = first - top, bottom - last
    joined = last < first  # both ends lie in the same pixel
    above = np.where(joined, bottom - top, above)
    ends = (first - 1, above, above > 0), (last, below, (below > 0) & ~joined)
    for row, share, wanted in ends:
        inside = wanted & (row >= lane.top) & (row < lane.bottom)
        pixels[row[inside], known[inside]] = premultiplied(colour, share[inside].astype(np.float32))


def draw_unknown(pixels: Pixels, lane: Lane, column: Frames, colour: QColor, first: int, last: int) -> None:
    """A dashed strip along the middle for the unknown columns of [first, last): sound that is still to come."""
    index = np.flatnonzero(np.isnan(column[:, 0]))
    index = index[(index >= first) & (index < last) & (index % 8 < 4)]
    half = max((lane.bottom - lane.top) * _UNKNOWN_HEIGHT / 2, 1.0)
    rows = np.arange(round(lane.middle - half), round(lane.middle + half))
    pixels[np.ix_(rows, index)] = premultiplied(colour)[()]


def blank(width: int, height: int) -> Pixels:
    """A clear picture as an array (height, width)."""
    return np.zeros((max(height, 1), max(width, 1)), np.uint32)


def as_image(pixels: Pixels, ratio: float = 1.0) -> QImage:
    """The array as a picture of its own memory, `ratio` device pixels to the logical one."""
    height, width = pixels.shape
    view = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    image = view.copy()
    image.setDevicePixelRatio(ratio)
    return image


def line_columns(sound: Sound, start: float, end: float, width: int) -> Frames:
    """Minima and maxima of the line that joins samples, (width, channels, 2); NaN before the first, after the last.

    A frame is a cell one frame wide and its sample lies in the middle of it, so that the edges of a region fall
    between samples. For views of few frames a column.
    """
    first, last = max(int(start) - 2, 0), min(int(end) + 3, sound.length)
    result = np.full((width, sound.channels, 2), np.nan, np.float32)
    if last - first < 1 or width < 1:
        return result
    values = sound.read(first, last)
    at = np.arange(first, last) + 0.5
    edges = start + (end - start) / width * np.arange(width + 1)
    columns = np.floor((at - start) / (end - start) * width).astype(np.int64)
    inside = (columns >= 0) & (columns < width)
    for channel in range(sound.channels):
        passed = np.interp(edges, at, values[:, channel], np.nan, np.nan).astype(np.float32)
        low, high = np.fmin(passed[:-1], passed[1:]), np.fmax(passed[:-1], passed[1:])
        np.fmin.at(low, columns[inside], values[inside, channel])
        np.fmax.at(high, columns[inside], values[inside, channel])
        result[:, channel, 0], result[:, channel, 1] = low, high
    return result


def draw_dots(
    painter: QPainter, lane: Lane, values: Frames, x: NDArray[np.floating], colour: QColor, size: float
) -> None:
    """Samples (n,) as stems and dots at the places `x`, all in the painter's pixels."""
    if not x.size:
        return
    y = lane.middle - np.clip(values * lane.unit, lane.top - lane.middle, lane.bottom - lane.middle)
    stem = QColor(colour)
    stem.setAlphaF(0.35)
    for at, value in zip(np.floor(x).tolist(), y.tolist(), strict=True):
        painter.fillRect(QRectF(at, min(value, lane.middle), size / 3, abs(value - lane.middle)), stem)
    polygon = pg.functions.create_qpolygonf(x.size)
    points = pg.functions.ndarray_from_qpolygonf(polygon)
    points[:, 0], points[:, 1] = x, y
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints(polygon)


def miniature(
    sound: Sound | None, peaks: Peaks | None, width: int, height: int, ratio: float, colour: QColor, gain: float = 1.0
) -> QPixmap:
    """All channels of a whole sound laid over each other in one lane, as for a list of takes; logical pixels."""
    pixels = blank(round(width * ratio), round(height * ratio))
    length = sound.length if sound is not None else peaks.length if peaks is not None else 0
    if length:
        columns = columns_in_view(sound, peaks, 0.0, float(length), pixels.shape[1])
        if columns is not None:
            merged = np.stack((columns[..., 0].min(axis=1), columns[..., 1].max(axis=1)), axis=1)
            draw_columns(pixels, lanes(pixels.shape[0], 1, gain, ratio)[0], merged, colour)
    return QPixmap.fromImage(as_image(pixels, ratio))
