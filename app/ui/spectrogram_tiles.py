"""Tiles of the spectrogram: made off the GUI thread, kept by what they show, bounded in bytes.

A tile is known by the very samples that it was made of, so that it can never stand for another sound: a take changes
the tiles that touch its region and no others, and a flip between two versions finds both ready.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.session.background import Background
from app.sound.clip import Sound
from app.sound.spectrum import Lens, shades
from app.takes.render import Rendering

COLUMNS = 256
"""Columns of a tile."""

_BYTES = 24 << 20
_AT_ONCE = 1  # of the pool's threads and the machine's cores the others belong to whoever else works

Shades = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tile:
    """Which columns of which sound: [index, index + 1) × 256 columns, `hop` frames each, seen through a lens."""

    sound: Sound
    index: int
    hop: int
    lens: Lens

    @property
    def start(self) -> int:
        """The first frame."""
        return self.index * COLUMNS * self.hop

    @property
    def end(self) -> int:
        """The frame after the last one."""
        return self.start + COLUMNS * self.hop

    def key(self) -> "TileKey":
        """What it is known by."""
        first, last = self.start - self.lens.margin, self.end + self.lens.margin
        if isinstance(self.sound, Rendering):
            parts = tuple((part.clip, part.start, part.end) for part in self.sound.parts(first, last))
        else:
            parts = ((self.sound, max(first, 0), min(last, self.sound.length)),)
        return TileKey(parts, max(-first, 0), self.hop, self.lens)

    def make(self) -> Shades:
        """(channels, columns, rows); for the pool."""
        return shades(self.sound, self.start, self.end, COLUMNS, self.lens)


@dataclass(frozen=True, slots=True)
class TileKey:
    """The samples under a tile in their order, the silence before them, and how they are looked at."""

    parts: tuple[tuple[Sound, int, int], ...]
    silence: int
    hop: int
    lens: Lens


class Tiles(QObject):
    """Finds tiles, and makes those that are wished for, the most urgent one first."""

    arrived = Signal()
    """A tile that was wished for is there."""

    def __init__(self, background: Background, parent: QObject | None = None, limit: int = _BYTES) -> None:
        super().__init__(parent)
        self.made = 0
        self._background = background
        self._limit = limit
        self._held: OrderedDict[TileKey, Shades | None] = OrderedDict()
        self._bytes = 0
        self._wished: dict[TileKey, Tile] = {}
        self._making: set[TileKey] = set()

    @property
    def bytes(self) -> int:
        """What is kept."""
        return self._bytes

    def find(self, key: TileKey) -> Shades | None:
        """A tile that is there; what is asked for is kept longest."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def wish(self, tiles: Iterable[tuple[TileKey, Tile]]) -> None:
        """Make these, in this order, and nothing else: what was wished for before and has not begun is dropped."""
        self._wished = {key: tile for key, tile in tiles if key not in self._held and key not in self._making}
        self._go_on()

    def forget(self) -> None:
        """Let go of everything: another clip."""
        self._held.clear()
        self._wished.clear()
        self._making.clear()
        self._bytes = 0

    def _go_on(self) -> None:
        while self._wished and len(self._making) < _AT_ONCE:
            key = next(iter(self._wished))
            tile = self._wished.pop(key)
            self._making.add(key)
            self._background.run(tile.make, partial(self._on_made, key), partial(self._on_unmade, key))

    def _on_made(self, key: TileKey, shades: Shades) -> None:
        self._keep(key, shades)

    def _on_unmade(self, key: TileKey, _: AppError) -> None:
        """Sound that cannot be read is drawn as nothing, and not tried again at every painting."""
        self._keep(key, None)

    def _keep(self, key: TileKey, shades: Shades | None) -> None:
        if key not in self._making:
            return  # of a clip that was put away
        self._making.discard(key)
        self.made += 1
        self._held[key] = shades
        self._bytes += shades.nbytes if shades is not None else 0
        while self._bytes > self._limit and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._bytes -= gone.nbytes if gone is not None else 0
        self._go_on()
        self.arrived.emit()
