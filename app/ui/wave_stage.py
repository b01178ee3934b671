"""Stage: pyqtgraph's frame with axes, lanes and all that is drawn on them; WaveformView says what, this says where."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from app.ui.context_item import ContextEdges
from app.ui.insertion_item import InsertionItem
from app.ui.mask_item import MaskEdges, MaskFill
from app.ui.playhead_item import PlayheadItem
from app.ui.reach import Reach
from app.ui.ruler import LevelAxis, TimeAxis
from app.ui.scale import Scale
from app.ui.spectrogram_layer import SpectrogramLayer
from app.ui.wave_item import WaveItem
from app.ui.wave_look import Look
from app.ui.wave_view import View


class Stage:
    """The items, one over the other, on a canvas of pyqtgraph."""

    def __init__(self, canvas: pg.GraphicsView) -> None:
        self._canvas = canvas
        grid = pg.GraphicsLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        canvas.setCentralItem(grid)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False, border=None)
        self.box.disableAutoRange()
        self.box.invertY(True)
        self.times, self.levels = TimeAxis(), LevelAxis()
        grid.addItem(self.times, 0, 1)
        grid.addItem(self.levels, 1, 0)
        grid.addItem(self.box, 1, 1)
        self.wave = WaveItem(self.box)
        self.fill = MaskFill(self.box)
        self.insertion = InsertionItem(self.box)
        self.band = ContextEdges(self.box)
        self.edges = MaskEdges(self.box)
        self.head = PlayheadItem(grid)
        self.spectrogram = SpectrogramLayer(canvas, grid, self.box, self.fill)

    def scale(self, view: View) -> Scale:
        """Which frame lies at which pixel of the lanes."""
        return Scale(*view, max(self.box.width(), 1.0))

    def place(self, view: View, playhead: int | None) -> None:
        """Show that view in the room there is."""
        scale, height = self.scale(view), max(self.box.height(), 1.0)
        self.times.setRange(*view)  # the box counts pixels: what a pyqtgraph view would do at each change is not needed
        share = self.spectrogram.place(scale, height)
        self.wave.setVisible(share > 0)
        self.wave.place(scale, round(height * share))
        self.levels.set_share(share)
        for item in (self.fill, self.insertion, self.band, self.edges):
            item.place(scale, height)
        self.place_head(view, playhead)

    def place_head(self, view: View, playhead: int | None) -> None:
        """Move the playhead, and nothing else."""
        scale = self.scale(view)
        x = scale.x(playhead) if playhead is not None else -1.0
        self.head.setVisible(0 <= x <= scale.width)
        self.head.stretch(0.0, max(self.box.height(), 1.0))
        self.head.setPos(self.box.pos() + QPointF(round(x), 0))

    def set_rate(self, rate: int) -> None:
        """Frames per second, for every time that is written somewhere; 0 for none."""
        self.edges.rate = self.insertion.rate = rate
        self.times.set_rate(rate)

    def set_reach(self, reach: Reach) -> None:
        """How long the clip is, and where masks may lie."""
        self.wave.set_length(reach.length)
        self.fill.reach = self.edges.reach = reach
        self.fill.update()
        self.edges.update()

    def set_look(self, look: Look) -> None:
        """Lanes and levels of this kind, as many as the sound has channels."""
        self.wave.set_look(look)
        rows = look.rows(self.wave.raster.channels)
        if (rows, look) != (self.fill.rows, self.fill.look):
            self.fill.rows, self.fill.look = rows, look
            self.fill.update()
        self.levels.set_lanes(rows, look)

    def retheme(self) -> None:
        """Take the colours in force."""
        for axis in (self.times, self.levels):
            axis.retheme()
        self.spectrogram.item.update()
        self.wave.renew()
        self._canvas.resetCachedContent()  # pyqtgraph keeps the ground behind the axes as a picture
        self._canvas.viewport().update()
