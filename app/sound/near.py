"""Near: minima, maxima and RMS of columns of few frames, from the samples; what was read once is kept for the next.

Between single samples and the 256 frames of a bin of Peaks a view holds up to a million samples. Reading them for
every frame of a zoom would cost more than drawing them, so blocks of the sound are kept as small pyramids.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Frames, Sound
from app.sound.extremes import FACTOR, Pair, Whole, span_extremes, span_sums
from app.sound.peaks import BASE

_SAMPLES = 1 << 18  # in a block, of all channels
_KEPT = 6  # blocks
_DIRECT = 16.0  # frames a column; below that reading is cheaper than keeping
_SQUARES = 16  # frames of a bin of squares


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Levels of 1, 4 and 16 frames a bin, and the sums of the squares of every 16 frames."""

    levels: tuple[Pair, ...]
    squares: NDArray[np.float32]


class Near:
    """Columns of one sound; keeps no more than some megabytes of it."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self._size = max(_SAMPLES >> max(sound.channels - 1, 0).bit_length(), 1024)
        self._blocks: OrderedDict[int, _Block] = OrderedDict()

    def columns(self, start: float, per_column: float, first: int, count: int) -> Frames:
        """Minimum, maximum and RMS of the columns first … first + count - 1: (count, channels, 3), full scale 1.

        Column k holds the frames from `start + k · per_column` on; its edges are rounded down to whole frames, and
        where columns are narrower than a frame each shows the frame that its left edge lies in. NaN outside the sound.
        """
        sound = self.sound
        result = np.full((max(count, 0), sound.channels, 3), np.nan, np.float32)
        edges = np.floor(start + per_column * np.arange(first, first + max(count, 0) + 1)).astype(np.int64)
        begin, end = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
        seen = np.flatnonzero((end > 0) & (begin < sound.length))
        if not seen.size:
            return result
        begin, end = np.maximum(begin[seen], 0), np.minimum(end[seen], sound.length)
        part = slice(int(seen[0]), int(seen[-1]) + 1)
        if per_column < _DIRECT:
            origin = int(begin[0])
            block = _block(sound.read(origin, int(end[-1])), deep=False)
            result[part] = _summed(block, begin - origin, end - origin, 1)
        else:
            self._from_blocks(begin, end, result[part])
        return result

    def _from_blocks(self, begin: Whole, end: Whole, result: Frames) -> None:
        """Fill `result` block by block; a column across two blocks shows the extremes of both."""
        size = self._size
        result[...] = np.nan
        squares = np.zeros(result.shape[:2], np.float32)
        for number in range(int(begin[0]) // size, (int(end[-1]) - 1) // size + 1):
            origin = number * size
            inside = slice(int(np.searchsorted(end, origin, "right")), int(np.searchsorted(begin, origin + size)))
            ours = result[inside]
            low, high = np.maximum(begin[inside] - origin, 0), np.minimum(end[inside] - origin, size)
            found = _summed(self._block_at(number), low, high, _SQUARES)
            np.fmin(ours[..., 0], found[..., 0], out=ours[..., 0])
            np.fmax(ours[..., 1], found[..., 1], out=ours[..., 1])
            squares[inside] += found[..., 2] ** 2 * (high - low)[:, None]
        np.sqrt(squares / (end - begin)[:, None], out=result[..., 2])

    def _block_at(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            block = _block(self.sound.read(number * self._size, (number + 1) * self._size), deep=True)
            self._blocks[number] = block
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return block


def _block(frames: Frames, deep: bool) -> _Block:
    """The pyramid of a block (frames, channels); squares of every frame where it is not `deep`."""
    rows = np.ascontiguousarray(frames.T)
    if not deep:
        return _Block(((rows, rows),), np.square(rows))
    levels: list[Pair] = [(rows, rows)]
    for _ in range(2):
        low, high = levels[-1]
        bins = low.shape[1] // FACTOR * FACTOR
        low, high = low[:, :bins], high[:, :bins]
        halves = np.minimum(low[:, ::2], low[:, 1::2]), np.maximum(high[:, ::2], high[:, 1::2])
        levels.append(
            (np.minimum(halves[0][:, ::2], halves[0][:, 1::2]), np.maximum(halves[1][:, ::2], halves[1][:, 1::2]))
        )
    short = -rows.shape[1] % _SQUARES
    padded = np.pad(rows, ((0, 0), (0, short))) if short else rows
    groups = padded.reshape(rows.shape[0], -1, _SQUARES)
    return _Block(tuple(levels), np.einsum("cbf,cbf->cb", groups, groups))


def _summed(block: _Block, first: Whole, last: Whole, bin_frames: int) -> Frames:
    """Minimum, maximum and RMS of the spans [first, last) of a block: (spans, channels, 3)."""
    low, high = span_extremes(block.levels, first, last)
    result = np.empty((first.size, low.shape[0], 3), np.float32)
    result[..., 0], result[..., 1] = low.T, high.T
    bins = block.squares.shape[1]
    begin = np.minimum(first // bin_frames, bins - 1)
    end = np.minimum(np.maximum(last // bin_frames, begin + 1), bins)
    power = span_sums(block.squares, begin, end) / ((end - begin) * bin_frames)
    result[..., 2] = np.sqrt(power).T
    return result


def near_enough(per_column: float) -> bool:
    """Whether columns are so narrow that the samples answer, and not the bins of Peaks."""
    return per_column < BASE
