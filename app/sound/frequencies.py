"""Frequency axes: which hertz lies at which height of a spectrogram, and how bins of a transform become its rows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Frames

_LOWEST = 20.0  # hertz: where hearing begins, and with it the logarithmic axis
_Whole = NDArray[np.int64]


class Axis(StrEnum):
    """How frequencies are spread over the height."""

    LINEAR = "linear"
    LOG = "log"
    MEL = "mel"


@dataclass(frozen=True, slots=True)
class Frequencies:
    """An axis for sound of a rate: heights from 0 (the lowest) to 1 (half the rate), and hertz.

    The mel scale is O'Shaughnessy's, mel = 2595 log10(1 + f / 700) (Speech Communication, 1987, p. 150).
    """

    axis: Axis
    rate: int

    @property
    def lowest(self) -> float:
        """Hertz at the bottom."""
        return min(_LOWEST, self.highest / 100) if self.axis is Axis.LOG else 0.0

    @property
    def highest(self) -> float:
        """Hertz at the top."""
        return self.rate / 2

    def hertz(self, height: float) -> float:
        """The frequency at a height."""
        low, high = self._bent(self.lowest), self._bent(self.highest)
        value = low + (high - low) * height
        if self.axis is Axis.LOG:
            return math.exp(value)
        return 700.0 * (10.0 ** (value / 2595.0) - 1.0) if self.axis is Axis.MEL else value

    def height(self, hertz: float) -> float:
        """The height of a frequency; below 0 or above 1 where it is not on the axis."""
        low, high = self._bent(self.lowest), self._bent(self.highest)
        return (self._bent(max(hertz, 1e-3)) - low) / (high - low)

    def _bent(self, hertz: float) -> float:
        if self.axis is Axis.LOG:
            return math.log(hertz)
        return 2595.0 * math.log10(1.0 + hertz / 700.0) if self.axis is Axis.MEL else hertz


@dataclass(frozen=True, slots=True, eq=False)
class RowMap:
    """Which bins make which rows, the highest frequency first; computed once for an axis, a window and a height.

    A row that covers two bins or more shows the largest of them, so that no ridge is lost; `wide` holds, for each
    power of two that is used, the rows and the first bins of the two runs of that length that cover them (a sparse
    table for range maxima: Bender & Farach-Colton, "The LCA problem revisited", 2000). A narrower row shows the bin
    that lies in it, and where none does, what lies between its two neighbours.
    """

    rows: int
    narrow: _Whole
    below: _Whole
    weight: Frames
    wide: tuple[tuple[int, _Whole, _Whole, _Whole], ...]

    def apply(self, bins: Frames, measure: Callable[[Frames], Frames]) -> Frames:
        """(frames, bins) becomes (frames, rows), float32, each measured by a function that grows.

        Rows are fewer than bins, so the function is asked as late as can be.
        """
        result = np.empty((bins.shape[0], self.rows), np.float32)
        if self.narrow.size:
            low, high = measure(bins.take(self.below, axis=1)), measure(bins.take(self.below + 1, axis=1))
            high -= low
            high *= self.weight
            high += low
            result[:, self.narrow] = high
        run, covers = 1, bins
        for length, rows, first, second in self.wide:
            while run < length:
                covers = np.maximum(covers[:, :-run], covers[:, run:])
                run *= 2
            result[:, rows] = measure(np.maximum(covers.take(first, axis=1), covers.take(second, axis=1)))
        return result


@lru_cache(maxsize=16)
def row_map(axis: Axis, rate: int, window: int, rows: int) -> RowMap:
    """The rows of a spectrogram `rows` high over the bins of a transform of `window` frames."""
    scale = Frequencies(axis, rate)
    edges = np.array([scale.hertz(1.0 - row / rows) for row in range(rows + 1)]) * window / rate
    high, low = edges[:-1], edges[1:]
    last = window // 2
    first_inside = np.ceil(low - 1e-9).astype(np.int64)
    after_inside = np.where(np.arange(rows) == 0, last + 1, np.ceil(high - 1e-9)).astype(np.int64)
    count = np.maximum(after_inside - first_inside, 0)
    at = np.where(count == 1, first_inside, (low + high) / 2)
    below = np.clip(np.floor(at), 0, last - 1).astype(np.int64)
    narrow = np.flatnonzero(count < 2)
    wide: list[tuple[int, _Whole, _Whole, _Whole]] = []
    for power in range(1, int(count.max()).bit_length()):
        length = 1 << power
        chosen = np.flatnonzero((count >= length) & (count < 2 * length))
        if chosen.size:
            wide.append((length, chosen, first_inside[chosen], after_inside[chosen] - length))
    weight = (at - below)[narrow].astype(np.float32)
    return RowMap(rows, narrow, below[narrow], weight, tuple(wide))
