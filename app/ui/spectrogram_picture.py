"""Pictures of tiles: which column of a tile stands at which pixel, and the colours of its shades; no widget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.ui.spectrogram_tiles import COLUMNS, Shades

Colours = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Grid:
    """The pixels of a zoom, counted from the clip's first frame, `per` frames to a device pixel.

    However far one pans, a frame keeps its pixel; so a tile's picture stays as it is, and panning only moves it.
    """

    per: float

    def pixel(self, frame: float) -> int:
        """The pixel whose left edge is nearest to a frame."""
        return round(frame / self.per)

    def hop(self) -> int:
        """Frames to a column: the power of two that gives each pixel one or two."""
        return 1 << max(int(np.floor(np.log2(max(self.per, 1.0)) + 1e-9)), 0)


def rows_for(height: int) -> int:
    """Rows of a tile that is drawn so high: few steps, so that a window that is resized a bit finds its tiles again."""
    step = 32
    while step < height:
        step = step * 3 // 2 if step & (step - 1) == 0 else step // 3 * 4
    return step


@dataclass(frozen=True, slots=True)
class Strip:
    """A picture with the pixels that it lies in; Qt does not keep them alive by itself."""

    image: QImage
    pixels: NDArray[np.uint32]


def strip(shades: Shades, index: int, hop: int, grid: Grid, first: int, last: int, height: int, ink: Colours) -> Strip:
    """Pixels [first, last) of the grid, out of one channel (columns, rows) of the tile `index`.

    Where several columns or rows fall into a pixel the loudest shade counts, as with peaks; beyond the tile its
    outermost column goes on.
    """
    columns = _loudest(shades, np.arange(first, last + 1) * (grid.per / hop) - index * COLUMNS)
    picture = np.ascontiguousarray(columns.T)
    if picture.shape[0] != height:
        picture = _loudest(picture, np.arange(height + 1) * picture.shape[0] / height)
    pixels = ink.take(picture)
    return Strip(QImage(pixels.data, last - first, height, (last - first) * 4, QImage.Format.Format_RGB32), pixels)


def _loudest(shades: Shades, edges: NDArray[np.floating]) -> Shades:
    """Along the first axis: of what lies between two edges the largest; three of them at the most are looked at."""
    first = np.clip(np.floor(edges[:-1] + 1e-6).astype(np.int64), 0, shades.shape[0] - 1)
    last = np.clip(np.ceil(edges[1:] - 1e-6).astype(np.int64) - 1, first, shades.shape[0] - 1)
    result = shades[first]
    if (last > first).any():
        np.maximum(result, shades[last], out=result)
        if (last > first + 1).any():
            np.maximum(result, shades[(first + last) // 2], out=result)
    return result
