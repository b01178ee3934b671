"""WaveItem: the sound in view as one picture, made again only when sound, view, size or colours change."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.clip import Sound
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.ui import theme
from app.ui.scale import Scale
from app.ui.wave_picture import (
    DOTS_FROM,
    LINES_BELOW,
    Lane,
    Pixels,
    as_image,
    blank,
    columns_in_view,
    draw_columns,
    draw_dots,
    draw_unknown,
    lanes,
    line_columns,
    touching,
)

_LINE = 1.4  # logical pixels
_DOT = 5.0

Span: TypeAlias = tuple[QColor, Region]
"""Frames and the colour they are drawn in."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A sound to draw, with the summary of it that is known so far."""

    sound: Sound | None
    peaks: Peaks | None

    @property
    def channels(self) -> int:
        """Channels; 0 where nothing is known yet."""
        known = self.sound if self.sound is not None else self.peaks
        return known.channels if known is not None else 0


class WaveItem(pg.GraphicsObject):
    """Draws what is heard, the patch in the take's colour, over a ghost of the original; a child of the ViewBox.

    `rendered` counts how often the picture was made: moving the playhead or the mask must not raise it.
    """

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.rendered = 0
        self.layer = Layer(None, None)
        self.ghost = Layer(None, None)
        self.length = 0
        self.changed: Region | None = None
        self.amplitude = 1.0
        self._scale = Scale(0.0, 1.0, 1.0)
        self._height = 1.0
        self._ratio = 0.0
        self._picture: QImage | None = None

    def place(self, scale: Scale, height: float) -> None:
        """Show that view at that height, in logical pixels."""
        if (scale, height) != (self._scale, self._height):
            if (scale.width, height) != (self._scale.width, self._height):
                self.prepareGeometryChange()
            self._scale, self._height = scale, height
            self.renew()

    def renew(self) -> None:
        """Make the picture again at the next painting."""
        self._picture = None
        self.update()

    def boundingRect(self) -> QRectF:
        """The lanes, in the ViewBox's pixels."""
        return QRectF(0, 0, self._scale.width, self._height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Copy the picture to where whole device pixels begin, so that none is smeared over two."""
        ratio = painter.device().devicePixelRatio()
        if self._picture is None or ratio != self._ratio:
            self._ratio = ratio
            self._picture = self._render()
        origin = painter.worldTransform().map(QPointF(0.0, 0.0))
        whole = QPointF(round(origin.x() * ratio) / ratio, round(origin.y() * ratio) / ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(whole - origin, self._picture)

    def _render(self) -> QImage:
        self.rendered += 1
        colours = theme.current()
        width, height = round(self._scale.width * self._ratio), round(self._height * self._ratio)
        spans: list[Span] = [(QColor(colours.wave), Region(0, max(self.length, 1)))]
        if self.changed is not None:
            spans.append((QColor(colours.accent), self.changed))
        image = self._draw(blank(width, height), self.layer, spans)
        if self.changed is None or self.ghost.channels == 0:
            return image
        under = self._draw(blank(width, height), self.ghost, [(theme.faded(colours.muted, 0.45), self.changed)])
        painter = QPainter(under)
        painter.drawImage(0, 0, image)
        painter.end()
        return under

    def _draw(self, pixels: Pixels, layer: Layer, spans: list[Span]) -> QImage:
        """Draw each span of frames in its colour, later ones instead of earlier ones."""
        scale, ratio = self._scale, self._ratio
        width = pixels.shape[1]
        per_column = scale.span / width
        if layer.channels == 0 or width < 2 or self.length == 0:
            return as_image(pixels, ratio)
        rows = lanes(pixels.shape[0], layer.channels, self.amplitude, 4 * ratio)
        lines = layer.sound is not None and per_column < LINES_BELOW
        if lines and layer.sound is not None:
            columns = line_columns(layer.sound, scale.start, scale.end, width)
        else:
            known = columns_in_view(layer.sound, layer.peaks, scale.start, scale.end, width)
            unknown = np.full((width, layer.channels, 2), np.nan, np.float32)
            columns = unknown if known is None else touching(known)
        for index, (colour, region) in enumerate(spans):
            edges = ((edge - scale.start) / per_column for edge in (region.start, region.end))
            first, last = (round(min(max(edge, 0), width)) for edge in edges)
            for channel, lane in enumerate(rows):
                part, place = columns[first:last, channel], pixels[:, first:last]
                if index:
                    place[lane.top : lane.bottom] = 0
                draw_columns(place, lane, part, colour, _LINE * ratio if lines else 0.0)
                if not (index or lines) and np.isnan(part[:, 0]).any():
                    draw_unknown(place, lane, part, QColor(theme.current().wave_soft), 0, last - first)
        image = as_image(pixels, 1.0)
        if layer.sound is not None and 1 / per_column >= DOTS_FROM * ratio:
            self._draw_dots(image, layer.sound, rows, spans)
        image.setDevicePixelRatio(ratio)
        return image

    def _draw_dots(self, image: QImage, sound: Sound, rows: tuple[Lane, ...], spans: list[Span]) -> None:
        """Every sample in the colour of the last span that it lies in."""
        scale = self._scale
        per_frame = image.width() / scale.span
        painter = QPainter(image)
        for index, (colour, region) in enumerate(spans):
            first = max(int(scale.start) - 1, region.start, 0)
            last = min(int(scale.end) + 2, region.end, sound.length)
            frames = np.arange(first, max(last, first))
            for _, later in spans[index + 1 :]:
                frames = frames[(frames < later.start) | (frames >= later.end)]
            if not frames.size:
                continue
            values = sound.read(first, last)[frames - first]
            for channel, lane in enumerate(rows):
                x = (frames + 0.5 - scale.start) * per_frame
                draw_dots(painter, lane, values[:, channel], x, colour, _DOT * self._ratio)
        painter.end()
