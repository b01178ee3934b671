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


@dataclass(frozen=True, slots=True)
class Strip:
    """A picture with the pixels that it lies in; Qt does not keep them alive by itself."""

    image: QImage
    pixels: NDArray[np.uint32]


def strip(shades: Shades, index: int, hop: int, grid: Grid, first: int, last: int, height: int, ink: Colours) -> Strip:
    """Pixels [first, last) of the grid, out of one channel (columns, rows) of the tile `index`.

    Where several columns fall into a pixel the loudest shade counts, as with peaks; beyond the tile its outermost
    column goes on.
    """
    edges = np.arange(first, last + 1) * (grid.per / hop) - index * COLUMNS
    left = np.clip(np.floor(edges[:-1] + 1e-6).astype(np.int64), 0, COLUMNS - 1)
    right = np.clip(np.ceil(edges[1:] - 1e-6).astype(np.int64) - 1, left, COLUMNS - 1)
    columns = shades[left]
    if (right > left).any():
        np.maximum(columns, shades[right], out=columns)
        if (right > left + 1).any():
            np.maximum(columns, shades[(left + right) // 2], out=columns)
    rows = shades.shape[1]
    if rows != height:
        columns = columns[:, np.arange(height) * rows // height]
    pixels = ink.take(np.ascontiguousarray(columns.T))
    return Strip(QImage(pixels.data, last - first, height, (last - first) * 4, QImage.Format.Format_RGB32), pixels)
