"""Pictures of sound: columns of minima, maxima and RMS as pixels, single samples as lines and dots; no widget.

Columns become pixels in one comparison per lane instead of one line per column; the two ends of a column carry how
much of their pixel they cover, which is all the smoothing that an upright bar needs. Pixels are a byte each until
the lane is done: what is filled four times over in colours costs four times as much.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.sound.clip import Frames, Sound
from app.sound.extremes import span_rms
from app.sound.near import Near, near_enough
from app.sound.peaks import Peaks
from app.ui.wave_look import Lane, Look
from app.ui.wave_tones import SHARES, Tone, Tones

LINES_BELOW = 2.0  # frames per device pixel; fewer than that are joined by a line
DOTS_FROM = 5.0  # logical pixels per frame; from there on each sample gets its dot
CLIPPED_FROM = 0.99996  # of full scale: the largest value of 16 bits is there

_UNKNOWN_HEIGHT = 0.05  # of the lane: the strip that stands for sound that is not loaded yet
_CLIP_HEIGHT = 4.0  # logical pixels
_READ_AT_MOST = 1 << 21  # frames read for one picture where no peaks are there


def read_columns(
    near: Near | None, peaks: Peaks | None, start: float, per_column: float, first: int, count: int
) -> Frames | None:
    """The columns first … first + count - 1 of those that begin at `start`: (count, channels, 2 or 3), or None.

    Minimum, maximum and, where it is known, RMS; NaN where nothing is there. From 256 frames a column on the pyramid
    answers, below it the samples themselves.
    """
    sound = near.sound if near is not None else None
    if peaks is not None and (not near_enough(per_column) or sound is None):
        return _with_rms(peaks, start + first * per_column, start + (first + count) * per_column, count)
    if near is not None and per_column * count <= _READ_AT_MOST:
        return near.columns(start, per_column, first, count)
    return None


def _with_rms(peaks: Peaks, start: float, end: float, count: int) -> Frames:
    """What the pyramid says of the columns, with their RMS where it sums up energy."""
    columns = peaks.columns(start, end, count)
    bins = peaks.levels[0].bins
    edges = np.floor(np.linspace(start, end, count + 1) / peaks.base).astype(np.int64)
    seen = np.flatnonzero((edges[1:] > 0) & (edges[:-1] < bins) & (bins > 0))
    result = np.full((count, columns.shape[1], 3), np.nan, np.float32)
    result[..., :2] = columns
    if seen.size:
        first = np.maximum(edges[:-1][seen], 0)
        last = np.minimum(np.maximum(edges[1:][seen], first + 1), bins)
        result[seen, :, 2] = span_rms([level.energy for level in peaks.levels], peaks.base, first, last).T
    return result


def touching(columns: Frames) -> Frames:
    """A copy in which neighbours meet half-way where a gap lay between them: the sound went through there."""
    result = columns.copy()
    low, high = result[..., 0], result[..., 1]
    with np.errstate(invalid="ignore"):
        for here, there in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
            apart = columns[here, :, 0] > columns[there, :, 1]
            if apart.any():
                middle = ((columns[here, :, 0] + columns[there, :, 1]) / 2)[apart]
                low[here][apart] = np.minimum(low[here][apart], middle)
                high[there][apart] = np.maximum(high[there][apart], middle)
    return result


def draw_columns(
    tones: Tones, lane: Lane, column: Frames, tone: int | NDArray[np.uint8] = Tone.WAVE, width: float = 0.0
) -> None:
    """Fill one lane of `tones` (height, width) from minima and maxima (width, 2); NaN columns become clear.

    A column covers from its maximum to its minimum, one pixel at least, cut to its lane; `width` is that of a line
    that goes along there, and adds half of itself at either end. A third value is the RMS: so far from the middle
    the column has its second tone. `tone` is where the colour of each column begins.
    """
    part = tones[lane.top : lane.bottom]
    height = lane.bottom - lane.top
    if height <= 0 or not part.shape[1]:
        return
    middle = np.float32(lane.middle - lane.top)
    edge = np.clip(middle - column[:, :2] * np.float32(lane.unit), -1e6, 1e6)
    top, bottom = edge[:, 1] - np.float32(width / 2), edge[:, 0] + np.float32(width / 2)
    unknown = np.isnan(top)
    if unknown.any():
        top, bottom = np.where(unknown, 0, top), np.where(unknown, 0, bottom)
    thin = np.maximum(np.float32(1.0) - (bottom - top), 0) * np.float32(0.5)
    top = np.clip(top - thin, 0, height - 1)
    bottom = np.clip(bottom + thin, 1, height)
    first, last = np.ceil(top).astype(np.int32), np.floor(bottom).astype(np.int32)
    full = np.maximum(last - first, 0)
    full[unknown] = 0
    _fill(part, first, full, False)
    begins = np.uint8(tone) if isinstance(tone, int) else tone
    np.multiply(part, begins + np.uint8(SHARES - 1), out=part)
    if column.shape[1] > 2:
        reach = np.nan_to_num(column[:, 2], nan=0.0) * np.float32(lane.unit)
        inner = np.maximum(np.ceil(np.clip(middle - reach, -1, height)).astype(np.int32), first)
        outer = np.minimum(np.floor(np.clip(middle + reach, 0, height + 1)).astype(np.int32), first + full)
        _fill(part, inner, np.where(reach >= 1, np.maximum(outer - inner, 0), 0), True)
    above, below = first - top, bottom - last
    joined = last < first  # both ends lie in the same pixel
    above = np.where(joined, bottom - top, above)
    for row, share, wanted in (first - 1, above, above > 0), (last, below, (below > 0) & ~joined):
        level = np.round(share * SHARES).astype(np.int32)
        inside = np.flatnonzero(wanted & (row >= 0) & (row < height) & (level > 0) & ~unknown)
        start = begins[inside] if isinstance(begins, np.ndarray) else begins
        part[row[inside], inside] = start + level[inside].astype(np.uint8) - np.uint8(1)


def draw_overlaid(tones: Tones, lane: Lane, columns: Frames, tone: int | NDArray[np.uint8]) -> None:
    """Fill a lane from all channels (width, channels, 2): even ones, odd ones and both have tones of their own."""
    part = tones[lane.top : lane.bottom]
    sides = [blank_like(part), blank_like(part)]
    whole = Lane(0, lane.bottom - lane.top, lane.unit)
    for channel in range(columns.shape[1]):
        one = blank_like(part)
        draw_columns(one, whole, columns[:, channel, :2])
        np.maximum(sides[channel % 2], one, out=sides[channel % 2])
    half = np.uint8(Tone.WAVE + SHARES // 2)
    np.add(
        sides[0] >= half, (sides[1] >= half).view(np.uint8) * np.uint8(2), out=part, dtype=np.uint8, casting="unsafe"
    )
    np.add(part, np.asarray(tone, np.uint8) * (part > 0), out=part, casting="unsafe")


def blank_like(part: Tones) -> Tones:
    """A clear picture of the same size."""
    return np.zeros(part.shape, np.uint8)


def draw_clipping(tones: Tones, lane: Lane, column: Frames, ratio: float) -> None:
    """A tick at the top of the lane where a column reaches full scale, at the bottom where it does so downwards."""
    tick = min(max(round(_CLIP_HEIGHT * ratio), 2), lane.bottom - lane.top)
    with np.errstate(invalid="ignore"):
        high, low = column[:, 1] >= CLIPPED_FROM, column[:, 0] <= -CLIPPED_FROM
    tones[lane.top : lane.top + tick, high] = Tone.CLIPPED
    tones[lane.bottom - tick : lane.bottom, low] = Tone.CLIPPED


def draw_unknown(tones: Tones, lane: Lane, column: Frames, first: int, last: int, origin: int = 0) -> None:
    """A dashed strip along the middle for the unknown columns of [first, last): sound that is still to come.

    `origin` is the number of the first column, so that dashes stay where they are when the picture moves.
    """
    index = np.flatnonzero(np.isnan(column[:, 0]))
    index = index[(index >= first) & (index < last) & ((index + origin) % 8 < 4)]
    half = max((lane.bottom - lane.top) * _UNKNOWN_HEIGHT / 2, 1.0)
    rows = np.arange(round(lane.middle - half), round(lane.middle + half))
    tones[np.ix_(rows, index)] = Tone.UNKNOWN


def line_columns(sound: Sound, start: float, per_column: float, first: int, count: int) -> Frames:
    """Minima and maxima of the line that joins samples, (count, channels, 2); NaN before the first, after the last.

    A frame is a cell one frame wide and its sample lies in the middle of it, so that the edges of a region fall
    between samples. For views of few frames a column.
    """
    left, right = start + per_column * first, start + per_column * (first + count)
    begin, end = max(int(left) - 2, 0), min(int(right) + 3, sound.length)
    result = np.full((max(count, 0), sound.channels, 2), np.nan, np.float32)
    if end - begin < 1 or count < 1:
        return result
    values = sound.read(begin, end)
    at = np.arange(begin, end) + 0.5
    edges = start + per_column * np.arange(first, first + count + 1)
    # The line turns at samples only: the extremes of a column lie at its edges or at the samples in it.
    stops = np.searchsorted(at, edges)
    some = stops[1:] > stops[:-1]
    for channel in range(sound.channels):
        passed = np.interp(edges, at, values[:, channel], np.nan, np.nan).astype(np.float32)
        low, high = np.fmin(passed[:-1], passed[1:]), np.fmax(passed[:-1], passed[1:])
        if some.any():
            inside = np.ascontiguousarray(values[: stops[-1], channel])
            starts = stops[:-1][some]
            low[some] = np.fmin(low[some], np.minimum.reduceat(inside, starts))
            high[some] = np.fmax(high[some], np.maximum.reduceat(inside, starts))
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
    places = list(zip(x.tolist(), y.tolist(), strict=True))
    for at, value in places:
        left = float(int(at - size / 6))
        painter.fillRect(QRectF(left, min(value, lane.middle), size / 3, abs(value - lane.middle)), stem)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints([QPointF(*place) for place in places])


def draw_whole(tones: Tones, sound: Sound | None, peaks: Peaks | None, length: int, margin: float) -> None:
    """A whole sound in one lane, all channels laid over each other, with dashes where nothing is known yet."""
    height, width = tones.shape
    near = Near(sound) if sound is not None else None
    columns = read_columns(near, peaks, 0.0, length / width, 0, width) if length and width > 1 else None
    if columns is None or not columns.shape[1]:
        return
    merged = np.stack((columns[..., 0].min(axis=1), columns[..., 1].max(axis=1)), axis=1)
    lane = Look().lanes(height, 1, margin)[0]
    draw_columns(tones, lane, merged)
    draw_unknown(tones, lane, merged, 0, width)


def _fill(part: Tones, first: NDArray[np.int32], count: NDArray[np.int32], more: bool) -> None:
    """1 in the rows [first, first + count) of each column and 0 elsewhere; with `more`, 1 is added there."""
    kind = np.uint8 if part.shape[0] <= 255 else np.uint16
    rows = np.arange(part.shape[0], dtype=kind)[:, None]
    # Below `first` the difference wraps around to more than any count.
    since = np.subtract(rows, first.astype(kind))
    if more:
        np.add(part, np.less(since, count.astype(kind)).view(np.uint8), out=part)
    else:
        np.less(since, count.astype(kind), out=part.view(np.bool_))
