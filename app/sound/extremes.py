"""Extremes of many spans of bins at once, from a pyramid of levels: exact, and as fast as its coarse levels allow.

numpy's `reduceat` takes about as long for a hundred bins a span as for four, so the level that leaves some dozens a
span does the middle of each, and finer levels only add the few bins that stick out at its ends.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.sound.reduce import FACTOR

Whole: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[Any]
Pair: TypeAlias = tuple[Values, Values]

_LEAST = 32  # bins of the coarsest level used that every span holds, so that none of its ends overlap
_ENOUGH = 12  # bins a span for an RMS
_OUT = np.arange(FACTOR - 1)[:, None]


def span_extremes(levels: Sequence[Pair], first: Whole, last: Whole) -> Pair:
    """Smallest and largest value of the bins [first, last) of the finest level: (channels, spans) each.

    `levels` hold minima and maxima of shape (channels, bins), each level of whole groups of four bins of the one
    before it. Spans lie inside the first level in rising order, each at least one bin long; only those
    of one bin may overlap.
    """
    shortest = int((last - first).min())
    depth = 0
    while depth + 1 < len(levels) and shortest >= _LEAST * FACTOR ** (depth + 1) + 2 * FACTOR:
        depth += 1
    low, high = _middle(levels[depth], -(-first // FACTOR**depth), last // FACTOR**depth)
    for fine in range(depth):
        start, end = -(-first // FACTOR**fine), last // FACTOR**fine
        # Bins that the coarser level already covers may be asked again: extremes bear that.
        ends = np.concatenate((start + _OUT, end - 1 - _OUT))
        np.minimum(low, levels[fine][0].take(ends, axis=1).min(axis=1), out=low)
        np.maximum(high, levels[fine][1].take(ends, axis=1).max(axis=1), out=high)
    return low, high


def span_sums(sums: Values, first: Whole, last: Whole) -> Values:
    """Sums of `sums` (channels, bins) over the bins [first, last): (channels, spans)."""
    index, stop = _cuts(first, last)
    return np.add.reduceat(sums[:, :stop], index, axis=1)[:, ::2]


def span_rms(energy: Sequence[Values], frames: int, first: Whole, last: Whole) -> Values:
    """RMS of the bins [first, last) of the finest level, which are `frames` long: (channels, spans).

    `energy` are the sums of squares of the same levels, full scale 1. Unlike extremes this is no promise to the
    sample: the ends of spans are rounded to the level that leaves a dozen bins a span.
    """
    shortest = int((last - first).min())
    depth = 0
    while depth + 1 < len(energy) and shortest >= _ENOUGH * FACTOR ** (depth + 1):
        depth += 1
    bins = energy[depth].shape[1]
    begin = np.minimum(first // FACTOR**depth, bins - 1)
    end = np.minimum(np.maximum(last // FACTOR**depth, begin + 1), bins)
    return np.sqrt(span_sums(energy[depth], begin, end) / ((end - begin) * (frames * FACTOR**depth)))


def _middle(level: Pair, first: Whole, last: Whole) -> Pair:
    index, stop = _cuts(first, last)
    origin = int(first[0])
    if np.array_equal(first[1:], last[:-1]):  # nothing lies between two spans: half of the cuts do
        index, step = index[::2], 1
    else:
        step = 2
    low = np.minimum.reduceat(level[0][:, origin:stop], index - origin, axis=1)[:, ::step]
    high = np.maximum.reduceat(level[1][:, origin:stop], index - origin, axis=1)[:, ::step]
    return low, high


def _cuts(first: Whole, last: Whole) -> tuple[Whole, int]:
    """Where spans begin and end, for `reduceat`, and where all end; what comes of the odd ones lies between spans."""
    stop = int(last[-1])
    index = np.empty(first.size * 2, np.int64)
    index[::2], index[1::2] = first, np.minimum(last, stop - 1)
    return index[:-1], stop
