"""WaveRaster: the columns in view as a picture that is kept while it moves; only new columns are drawn.

Column k of a zoom always shows the same frames, and always lies in the picture at k modulo its width. Panning so
draws what came into view, over what went out of it, and the picture is painted in two pieces that meet again on the
screen. Another zoom, size or sound is another picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from app.sound.clip import Frames, Sound
from app.sound.near import Near
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.ui import theme
from app.ui.wave_look import Lane, Look
from app.ui.wave_picture import (
    LINES_BELOW,
    draw_clipping,
    draw_columns,
    draw_overlaid,
    draw_unknown,
    line_columns,
    read_columns,
    touching,
)
from app.ui.wave_tones import Tone, Tones, blank, pairs, table

_LINE = 1.4  # logical pixels
_RMS_FROM = 64.0  # frames a column: of fewer an RMS follows the wave itself, and tells nothing more
_SAME = 1e-9  # zooms that differ by less are the same


@dataclass(frozen=True, slots=True)
class Grid:
    """Where columns lie: column k begins at the frame `origin` + k · `per_column`."""

    origin: float
    per_column: float

    def column(self, frame: float) -> int:
        """The column whose left edge is nearest to a frame."""
        return round((frame - self.origin) / self.per_column)


class WaveRaster:
    """One sound at one zoom in device pixels; `drawn` counts columns, `renewed` whole pictures."""

    def __init__(self, opacity: float = 1.0) -> None:
        self.drawn = 0
        self.renewed = 0
        self.channels = 0
        self.look = Look()
        self.changed: Region | None = None
        self.length = 0
        self._opacity = opacity
        self._near: Near | None = None
        self._peaks: Peaks | None = None
        self._preview: Peaks | None = None
        self._grid = Grid(0.0, 1.0)
        self._first = 0
        self._ratio = 1.0
        self._stale = True
        self._tones: Tones = np.zeros((0, 0), np.uint8)
        self._pixels: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._image = QImage()

    @property
    def sound(self) -> Sound | None:
        """What is drawn."""
        return self._near.sound if self._near is not None else None

    @property
    def image(self) -> QImage:
        """The picture as it lies in memory; null before the first painting."""
        return self._image

    def set_source(self, sound: Sound | None, peaks: Peaks | None, preview: Peaks | None) -> None:
        """Draw this sound; what is kept of its samples stays where it is the same."""
        if sound is not self.sound:
            self._near = Near(sound) if sound is not None else None
        self._peaks, self._preview = peaks, preview
        known = sound if sound is not None else peaks if peaks is not None and peaks.length else preview
        self.channels = known.channels if known is not None else 0
        self.forget()

    def forget(self) -> None:
        """Draw everything anew at the next painting."""
        self._stale = True

    def bring(self, start: float, span: float, width: int, height: int, ratio: float) -> bool:
        """Have the view [start, start + span) ready in so many device pixels; whether anything was drawn."""
        per_column = span / max(width, 1)
        if self._tones.shape != (height, width + width % 2):
            self._make_room(width, height)
        if self._stale or ratio != self._ratio or abs(per_column / self._grid.per_column - 1) > _SAME:
            self._grid, self._ratio, self._first = Grid(start, per_column), ratio, 0
            self._renew(width)
            return True
        first = self._grid.column(start)
        shift = first - self._first
        if abs(shift) >= width:
            self._grid, self._first = Grid(start, per_column), 0
            self._renew(width)
        elif shift:
            begin = self._first + width if shift > 0 else first
            self._first = first
            self._add(begin, abs(shift))
        return bool(shift)

    def paint(self, painter: QPainter, at: QPointF) -> None:
        """Copy the picture, its upper left corner at a place of whole device pixels."""
        image = self._image
        if image.isNull():
            return
        width, height = image.width(), image.height()
        slot = self._first % width
        if not slot:
            painter.drawImage(at, image)
            return
        left = width - slot
        painter.drawImage(at, image, QRectF(slot, 0, left, height))
        painter.drawImage(at + QPointF(left / self._ratio, 0), image, QRectF(0, 0, slot, height))

    def _make_room(self, width: int, height: int) -> None:
        """A picture of this size, the memory of which stays: fresh memory would cost more than drawing on it."""
        even = width + width % 2  # so that it can be coloured by pairs
        self._tones = np.zeros((height, even), np.uint8)
        self._pixels = np.zeros((height, even), np.uint32)
        form = QImage.Format.Format_ARGB32_Premultiplied
        self._image = QImage(self._pixels.data, width, height, even * 4, form)
        self._stale = True

    def _renew(self, width: int) -> None:
        self.renewed += 1
        self._stale = False
        self._image.setDevicePixelRatio(self._ratio)
        self._tones.fill(0)
        self._draw(self._tones[:, :width], 0)
        colours = pairs(theme.current(), self._opacity)
        np.take(colours, self._tones.view(np.uint16), out=self._pixels.view(np.uint64), mode="clip")

    def _add(self, begin: int, count: int) -> None:
        """Draw the columns begin … begin + count - 1 over those that went out of view."""
        width = self._image.width()
        tones = blank(count, self._pixels.shape[0])
        self._draw(tones, begin)
        fresh = table(theme.current(), self._opacity)[tones]
        slot = begin % width
        here = min(count, width - slot)
        self._pixels[:, slot : slot + here] = fresh[:, :here]
        self._pixels[:, : count - here] = fresh[:, here:]

    def _draw(self, tones: Tones, begin: int) -> None:
        """Fill a clear picture with the columns from `begin` on."""
        height, width = tones.shape
        self.drawn += width
        if not self.channels or not self.length:
            return
        columns, lines = self._columns(begin, width)
        changed = self._changed_columns(begin, width)
        rows = self.look.lanes(height, self.channels, 4 * self._ratio)
        placed = self.look.placed(columns)
        if self.look.overlaid and self.channels > 1:
            tone = np.where(changed, np.uint8(Tone.OVERLAID_CHANGED), np.uint8(Tone.OVERLAID))
            draw_overlaid(tones, rows[0], placed, tone)
        else:
            tone = np.where(changed, np.uint8(Tone.CHANGED), np.uint8(Tone.WAVE)) if changed.any() else Tone.WAVE
            thick = _LINE * self._ratio if lines else 0.0
            for channel, lane in enumerate(rows):
                draw_columns(tones, lane, placed[:, channel], tone, thick)
        for channel, lane in enumerate(rows):
            if self.look.clipping:
                draw_clipping(tones, lane, columns[:, channel], self._ratio)
            if not lines and np.isnan(columns[:, channel, 0]).any():
                self._draw_missing(tones, lane, channel, columns, begin)

    def _columns(self, begin: int, count: int) -> tuple[Frames, bool]:
        """The columns with one more at each side, so that each knows its neighbours; whether they are lines."""
        grid = self._grid
        sound = self.sound
        if sound is not None and grid.per_column < LINES_BELOW:
            return line_columns(sound, grid.origin, grid.per_column, begin, count), True
        known = read_columns(self._near, self._peaks, grid.origin, grid.per_column, begin - 1, count + 2)
        if known is None:
            known = np.full((count + 2, self.channels, 2), np.nan, np.float32)
        columns = touching(known)[1:-1]
        return (columns if self.look.rms and grid.per_column >= _RMS_FROM else columns[..., :2]), False

    def _changed_columns(self, begin: int, count: int) -> NDArray[np.bool_]:
        index = np.arange(begin, begin + count)
        if self.changed is None:
            return np.zeros(count, np.bool_)
        first, last = (self._grid.column(edge) for edge in (self.changed.start, self.changed.end))
        return (index >= first) & (index < max(last, first + 1))

    def _draw_missing(self, tones: Tones, lane: Lane, channel: int, columns: Frames, begin: int) -> None:
        """What is not known exactly: the coarse preview, paler; dashes where there is none either."""
        grid, width = self._grid, tones.shape[1]
        inside = (grid.column(edge) - begin for edge in (0, self.length))
        first, last = (min(max(edge, 0), width) for edge in inside)
        missing = np.isnan(columns[:, channel, 0])
        missing[:first] = missing[last:] = False
        column = columns[:, channel]
        if self._preview is not None and missing.any() and channel < self._preview.channels:
            start = grid.origin + grid.per_column * begin
            coarse = self._preview.columns(start, start + grid.per_column * width, width)
            found = self.look.placed(coarse[:, channel, :2])
            found[~missing] = np.nan
            layer = blank(width, tones.shape[0])
            draw_columns(layer, lane, found)
            tones[layer > 0] = Tone.UNKNOWN
            column = np.where(missing[:, None], coarse[:, channel, :2], columns[:, channel, :2])
        draw_unknown(tones, lane, column, first, last, begin)
