"""WaveItem: the sound in view, of which only what came into view is drawn anew."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.clip import Sound
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.ui import theme
from app.ui.painting import guarded
from app.ui.scale import Scale
from app.ui.wave_look import Look
from app.ui.wave_picture import DOTS_FROM, draw_dots
from app.ui.wave_raster import WaveRaster

_DOT = 5.0  # logical pixels
_GHOST = 0.45


class WaveItem(pg.GraphicsObject):
    """Draws what is heard, the patch in the take's colour, over a ghost of the original; a child of the ViewBox.

    `rendered` counts how often something was drawn: moving the playhead or the mask must not raise it.
    """

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.rendered = 0
        self.painted = 0
        self.raster = WaveRaster()
        self._under = WaveRaster(_GHOST)
        self._scale = Scale(0.0, 1.0, 1.0)
        self._height = 1.0

    def place(self, scale: Scale, height: float) -> None:
        """Show that view at that height, in logical pixels."""
        if (scale, height) != (self._scale, self._height):
            if (scale.width, height) != (self._scale.width, self._height):
                self.prepareGeometryChange()
            self._scale, self._height = scale, height
            self.update()

    def set_source(self, sound: Sound | None, peaks: Peaks | None, preview: Peaks | None = None) -> None:
        """Draw this sound by what is known of it; a coarse preview stands where nothing else is known."""
        self.raster.set_source(sound, peaks, preview)
        self.update()

    def set_ghost(self, sound: Sound | None, peaks: Peaks | None) -> None:
        """Draw this sound below the changed part."""
        self._under.set_source(sound, peaks, None)
        self.update()

    def set_changed(self, changed: Region | None) -> None:
        """Draw this part in the colour of takes."""
        if changed != self.raster.changed:
            self.raster.changed = changed
            self.renew()

    def set_length(self, length: int) -> None:
        """How long the sound is, or will be."""
        if length != self.raster.length:
            self.raster.length = self._under.length = length
            self.renew()

    def set_look(self, look: Look) -> None:
        """Draw it this way."""
        if look != self.raster.look:
            self.raster.look = self._under.look = look
            self.renew()

    def renew(self) -> None:
        """Draw everything again at the next painting."""
        self.raster.forget()
        self._under.forget()
        self.update()

    def boundingRect(self) -> QRectF:
        """The lanes, in the ViewBox's pixels."""
        return QRectF(0, 0, self._scale.width, self._height)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Copy the picture to where whole device pixels begin, so that none is smeared over two."""
        self.painted += 1
        ratio = painter.device().devicePixelRatio()
        scale, raster = self._scale, self.raster
        width, height = max(round(scale.width * ratio), 1), max(round(self._height * ratio), 1)
        if raster.bring(scale.start, scale.span, width, height, ratio):
            self.rendered += 1
        transform = painter.worldTransform()
        x, y = transform.dx(), transform.dy()
        at = QPointF(round(x * ratio) / ratio - x, round(y * ratio) / ratio - y)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if raster.changed is not None and self._under.channels:
            self._paint_ghost(painter, at, raster.changed, (width, height, ratio))
        raster.paint(painter, at)
        if raster.sound is not None and width / scale.span >= DOTS_FROM * ratio:
            self._paint_dots(painter, raster.sound, ratio)

    def _paint_ghost(self, painter: QPainter, at: QPointF, changed: Region, size: tuple[int, int, float]) -> None:
        self._under.bring(self._scale.start, self._scale.span, *size)
        left, right = (min(max(self._scale.x(edge), 0.0), self._scale.width) for edge in (changed.start, changed.end))
        painter.save()
        painter.setClipRect(QRectF(left, 0, right - left, self._height))
        self._under.paint(painter, at)
        painter.restore()

    def _paint_dots(self, painter: QPainter, sound: Sound, ratio: float) -> None:
        """Every sample, in the colour of the part that it lies in."""
        scale, look, changed = self._scale, self.raster.look, self.raster.changed
        first, last = max(int(scale.start) - 1, 0), min(int(scale.end) + 2, sound.length)
        if last <= first:
            return
        frames = np.arange(first, last)
        taken = (frames >= changed.start) & (frames < changed.end) if changed is not None else frames < 0
        values = look.placed(sound.read(first, last))
        x = (frames + 0.5 - scale.start) / scale.per_pixel
        painter.save()
        for channel, lane in enumerate(look.lanes(self._height, sound.channels)):
            for part, name in ((~taken, theme.current().wave), (taken, theme.current().accent)):
                draw_dots(painter, lane, values[part, channel], x[part], QColor(name), _DOT)
        painter.restore()
