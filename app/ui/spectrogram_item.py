"""SpectrogramItem: the spectrogram of what is in view, put together from tiles as they are made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.sound.clip import Sound
from app.sound.frequencies import Frequencies
from app.sound.region import Region
from app.sound.spectrum import FLOOR_DB, SHADES, TOP_DB
from app.takes.render import Rendering
from app.ui import theme
from app.ui.colour_maps import shade_colours
from app.ui.mask_item import MaskFill
from app.ui.overlay import Overlay
from app.ui.painting import guarded
from app.ui.spectrogram_look import SpectrogramLook
from app.ui.spectrogram_picture import Colours, Grid, Strip, rows_for, strip
from app.ui.spectrogram_tiles import COLUMNS, Shades, Tile, TileKey, Tiles

_COARSER = 8  # levels that are looked through for something to stand in for a missing tile


def _clips(sound: Sound | None) -> set[Sound]:
    """What a version is put together of."""
    return {part.clip for part in sound.segments} if isinstance(sound, Rendering) else {sound} if sound else set()


@dataclass(frozen=True, slots=True)
class _Place:
    """A tile in view: the pixels [first, last) of the grid that it lies on."""

    tile: Tile
    key: TileKey
    first: int
    last: int


class SpectrogramItem(Overlay):
    """Draws each channel's spectrogram in a lane of its own, and the mask's bands on it; a child of the ViewBox.

    What it paints is made of the sound that it shows now and of no other: a tile that is missing is left to a coarser
    or finer one of the very same samples, or to the ground.
    """

    def __init__(self, parent: QGraphicsItem, fill: MaskFill) -> None:
        super().__init__(parent, 0.5)
        self.sound: Sound | None = None
        self.look = SpectrogramLook()
        self.tiles: Tiles | None = None
        self._fill = fill
        self._known = 0
        self._ratio = 1.0
        self._grid = Grid(1.0)
        self._strips: dict[tuple[TileKey, int], Strip] = {}
        self._drawn_as: object = None

    def set_sound(self, sound: Sound | None, known: int) -> None:
        """Show another version, of which the first `known` frames are there; of another clip nothing is kept."""
        if known != self._known:
            self._known = known
            self.update()
        if sound is self.sound:
            return
        if self.tiles is not None and _clips(sound).isdisjoint(_clips(self.sound)):
            self.tiles.forget()
        self.sound, self._strips = sound, {}
        self.update()

    def set_look(self, look: SpectrogramLook) -> None:
        """Show it in another way."""
        if look != self.look:
            self.look = look
            self.update()

    @Slot()
    def renew(self) -> None:
        """A tile came."""
        self.update()

    def lanes(self) -> list[tuple[int, int]]:
        """Top and bottom of each channel's lane, in device pixels."""
        channels = self.sound.channels if self.sound is not None else 0
        height = round(self._height * self._ratio)
        return list(pairwise(round(height * index / channels) for index in range(channels + 1))) if channels else []

    def pointed(self, x: float, y: float) -> tuple[float, float, float | None] | None:
        """Frame, hertz and, where it is known, the level in dB at a place in logical pixels; None outside the clip."""
        sound, frame = self.sound, self._scale.frame(x)
        row = int(y * self._ratio)
        found = [(n, lane) for n, lane in enumerate(self.lanes()) if lane[0] <= row < lane[1]]
        if sound is None or not found or not 0 <= frame < sound.length:
            return None
        channel, (top, bottom) = found[0]
        height = 1.0 - (y * self._ratio - top) / (bottom - top)
        level = None
        hop = self._grid.hop()
        tile = Tile(sound, int(frame // (COLUMNS * hop)), hop, self.look.lens(hop, sound.rate, self._rows()))
        shades = self.tiles.find(tile.key()) if self.tiles is not None else None
        if shades is not None:
            column = min(int((frame - tile.start) / hop), COLUMNS - 1)
            rows = shades.shape[2]
            first, last = (row - top) * rows // (bottom - top), -(-(row - top + 1) * rows // (bottom - top))
            shade = int(shades[channel, column, first:last].max())
            level = FLOOR_DB + shade * (TOP_DB - FLOOR_DB) / SHADES
        return frame, Frequencies(self.look.axis, sound.rate).hertz(height), level

    def _rows(self) -> int:
        return rows_for(max((bottom - top for top, bottom in self.lanes()), default=1))

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Ground, tiles, and what MaskFill says of mask and context."""
        self._ratio = painter.device().devicePixelRatio()
        sound, colours = self.sound, theme.current()
        if sound is None or not sound.length or self._height < 2:
            return
        clip = self._span(Region(0, sound.length)) & self.boundingRect()
        painter.save()
        painter.setClipRect(clip)
        ink = shade_colours(self.look.colours, colours.canvas, colours.dark, *self.look.levels)
        painter.fillRect(clip, QColor(int(ink[0])))
        self._draw(painter, sound, ink)
        painter.translate(0.0, -self.pos().y())
        self._fill.bands(painter, colours)
        if self._fill.mask is not None:  # its edges stand out on any colour
            band, rim = self._span(self._fill.mask), theme.faded(colours.canvas, 0.7)
            for x in (band.left() - 1, band.left() + 2, band.right() - 3, band.right()):
                painter.fillRect(QRectF(x, 0, 1, self._height + self.pos().y()), rim)
        painter.restore()
        painter.fillRect(QRectF(0, 0, self._scale.width, 1), QColor(colours.control))
        for top, _ in self.lanes()[1:]:
            painter.fillRect(QRectF(clip.left(), top / self._ratio, clip.width(), 1), QColor(colours.control))

    def _draw(self, painter: QPainter, sound: Sound, ink: Colours) -> None:
        per = self._scale.per_pixel / self._ratio
        if abs(per - self._grid.per) > per * 1e-9:  # panning adds up floats to a last digit of its own
            self._grid = Grid(per)
        drawn_as = self._grid, ink.tobytes(), self._height, self._ratio
        if drawn_as != self._drawn_as:
            self._drawn_as, self._strips = drawn_as, {}
        places = list(self._places(sound))
        offset = self._grid.pixel(self._scale.start)
        origin = painter.worldTransform().map(QPointF(0.0, 0.0))
        whole = QPointF(*(round(at * self._ratio) / self._ratio - at for at in (origin.x(), origin.y())))
        strips: dict[tuple[TileKey, int], Strip] = {}
        for place in places:
            for channel, (top, bottom) in enumerate(self.lanes()):
                x, y = (place.first - offset) / self._ratio, top / self._ratio
                known = self._strips.get((place.key, channel))
                if known is not None:
                    strips[place.key, channel] = known
                if known is None and self.tiles is not None:
                    shades = self.tiles.find(place.key)
                    if shades is not None:
                        known = self._strip(shades, place.tile, channel, place.first, place.last, bottom - top, ink)
                        strips[place.key, channel] = known
                if known is not None:
                    self._put(painter, known, whole + QPointF(x, y))
                    continue
                for first, part in self._instead(place, channel, bottom - top, ink):
                    self._put(painter, part, whole + QPointF((first - offset) / self._ratio, y))
        self._strips = strips
        self._wish(sound, places)

    def _put(self, painter: QPainter, part: Strip, at: QPointF) -> None:
        part.image.setDevicePixelRatio(self._ratio)
        painter.drawImage(at, part.image)

    def _strip(
        self, shades: Shades, tile: Tile, channel: int, first: int, last: int, height: int, ink: Colours
    ) -> Strip:
        return strip(shades[channel], tile.index, tile.hop, self._grid, first, last, height, ink)

    def _tile(self, sound: Sound, index: int, hop: int) -> Tile:
        return Tile(sound, index, hop, self.look.lens(hop, sound.rate, self._rows()))

    def _readable(self, tile: Tile) -> bool:
        """Whether all of what a tile is made of is there; what is not yet would be drawn as silence, and stay so."""
        return min(tile.end + tile.lens.margin, tile.sound.length) <= self._known

    def _places(self, sound: Sound) -> Iterator[_Place]:
        """The tiles in view, from left to right."""
        hop = self._grid.hop()
        size = COLUMNS * hop
        start, end = max(self._scale.start, 0.0), min(self._scale.end, float(sound.length))
        for index in range(int(start // size), -int(-end // size) if end > start else 0):
            tile = self._tile(sound, index, hop)
            first, last = self._grid.pixel(tile.start), self._grid.pixel(tile.end)
            if last > first and self._readable(tile):
                yield _Place(tile, tile.key(), first, last)

    def _instead(self, place: _Place, channel: int, height: int, ink: Colours) -> Iterator[tuple[int, Strip]]:
        """What stands in for a missing tile: another height's, a coarser one that covers it, finer ones within it."""
        if self.tiles is None:
            return
        tile = place.tile
        for rows in (rows_for(tile.lens.rows + 1), rows_for(tile.lens.rows * 2 // 3)):
            shades = self.tiles.find(replace(tile, lens=replace(tile.lens, rows=rows)).key())
            if shades is not None:
                yield place.first, self._strip(shades, tile, channel, place.first, place.last, height, ink)
                return
        for level in range(1, _COARSER + 1):
            coarse = self._tile(tile.sound, tile.index >> level, tile.hop << level)
            shades = self.tiles.find(coarse.key())
            if shades is not None:
                yield place.first, self._strip(shades, coarse, channel, place.first, place.last, height, ink)
                return
        for level in (1, 2):
            for index in range(tile.index << level, (tile.index + 1) << level):
                if tile.hop >> level < 1:
                    return
                fine = self._tile(tile.sound, index, tile.hop >> level)
                shades = self.tiles.find(fine.key())
                first, last = self._grid.pixel(fine.start), self._grid.pixel(fine.end)
                if shades is not None and last > first:
                    yield first, self._strip(shades, fine, channel, first, last, height, ink)

    def _wish(self, sound: Sound, places: list[_Place]) -> None:
        """Ask for what is missing, from the middle of the view outwards, then for what a pan would show next."""
        if self.tiles is None or not places:
            return
        middle = (places[0].tile.index + places[-1].tile.index) / 2
        wanted = {place.key: place.tile for place in sorted(places, key=lambda each: abs(each.tile.index - middle))}
        for index in (places[-1].tile.index + 1, places[0].tile.index - 1):
            tile = self._tile(sound, index, places[0].tile.hop)
            if tile.end > 0 and tile.start < sound.length and self._readable(tile):
                wanted[tile.key()] = tile
        self.tiles.wish(wanted.items())
