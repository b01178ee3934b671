"""Peaks: the smallest and the largest sample of every 256 frames, and of ever four of those, for drawing any zoom.

Samples stay in the number type of their file: turning them into floats would cost more than the whole reduction.
A block is reduced by halving it against itself, which keeps numpy's inner loops long and in the cache.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Clip, Frames, Samples, Sound
from app.sound.extremes import FACTOR, span_extremes
from app.sound.region import Region

BASE = 256

_BLOCK = 1 << 16
_FLIP = 16  # frames of a bin that are left when rows become columns, so that loops stay long to the end

_Values: TypeAlias = NDArray[Any]
_Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Minima and maxima of bins, each of shape (channels, bins), in steps of the samples; read-only."""

    low: _Values
    high: _Values

    def __post_init__(self) -> None:
        for name, values in (("low", self.low), ("high", self.high)):
            view = values.view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @property
    def bins(self) -> int:
        """Bins."""
        return int(self.low.shape[1])

    def with_bins(self, first: int, low: _Values, high: _Values) -> "Level":
        """A copy whose bins from `first` on are others."""
        lows, highs = self.low.copy(), self.high.copy()
        lows[:, first : first + low.shape[1]] = low
        highs[:, first : first + high.shape[1]] = high
        return Level(lows, highs)


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """What is known of a clip's first `length` frames; built by PeaksBuilder, never written to.

    The first level holds bins of 256 frames, the last of which may be a partial one; every further level holds
    complete groups of four bins of the level before, down to three or fewer. One step of a sample is worth `scale`.
    """

    length: int
    scale: float
    levels: tuple[Level, ...]

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self.levels[0].low.shape[0])

    def columns(self, start: float, end: float, width: int) -> Frames:
        """Minimum and maximum in `width` equal columns of the view [start, end) in frames: (width, channels, 2).

        Full scale is 1. NaN stands where there is nothing to show: outside the clip, or not summarised yet. A
        column's edges are rounded down to whole bins, so that each bin is in one column only and no peak is drawn
        twice or lost; below 256 frames a column, `columns_of` is the one to ask.
        """
        result = np.full((max(width, 0), self.channels, 2), np.nan, np.float32)
        seen, first, last = _spans(start / BASE, end / BASE, width, self.levels[0].bins)
        if first.size:
            low, high = self._extremes(first, last)
            result[seen, :, 0] = low.T * self.scale
            result[seen, :, 1] = high.T * self.scale
        return result

    def _extremes(self, first: _Whole, last: _Whole) -> tuple[_Values, _Values]:
        """Extremes of the base bins [first, last) of each span: its ends from fine levels, its middle from coarse."""
        return span_extremes([(level.low, level.high) for level in self.levels], first, last)

    def with_region(self, region: Region, sound: Sound) -> "Peaks":
        """A copy for a sound of the same length that differs only in `region`; bins that touch it are read anew."""
        region = region.clamped(self.length)
        if not region.length:
            return self
        first, last = region.start // BASE, -(-region.end // BASE)
        low, high = _summary(sound, first * BASE, min(last * BASE, self.length))
        levels, scale = self.levels, self.scale
        kind = levels[0].low.dtype
        if kind.kind == "i" and max(-float(low.min()), float(high.max())) > 1.0:
            # Whole numbers cannot hold what lies beyond full scale.
            levels = tuple(Level(np.float32(scale) * each.low, np.float32(scale) * each.high) for each in levels)
            scale = 1.0
        elif kind.kind == "i":
            ends = np.iinfo(kind)
            low = np.clip(np.floor(low / scale), ends.min, ends.max).astype(kind)
            high = np.clip(np.ceil(high / scale), ends.min, ends.max).astype(kind)
        changed = [levels[0].with_bins(first, low, high)]
        for level in levels[1:]:
            below = changed[-1]
            first, last = first // FACTOR, min(-(-last // FACTOR), level.bins)
            group = slice(first * FACTOR, max(first, last) * FACTOR)
            low, high = _fours(below.low[:, group], "low"), _fours(below.high[:, group], "high")
            changed.append(level.with_bins(first, low, high))
        return Peaks(self.length, scale, tuple(changed))


class PeaksBuilder:
    """Gathers blocks of a clip in order; what it has so far can be had at any time."""

    def __init__(self, channels: int, scale: float = 1.0) -> None:
        self._channels = channels
        self._scale = scale
        self._stacks: list[_Stack] = []
        self._rest: _Values = np.zeros((0, channels), np.float32)
        self._length = 0

    def add(self, block: Samples) -> None:
        """The next samples, shape (frames, channels), in their own number type; not numbers count as silence.

        ValueError where channels or number type differ from the block before.
        """
        if block.ndim != 2 or block.shape[1] != self._channels or (self._length and block.dtype != self._rest.dtype):
            raise ValueError(f"a block of shape {block.shape} and type {block.dtype} does not follow")
        if not self._length:
            self._rest = np.zeros((0, self._channels), block.dtype)
        self._length += block.shape[0]
        if self._rest.shape[0]:
            missing = BASE - self._rest.shape[0]
            self._rest = np.concatenate((self._rest, block[:missing]))
            block = block[missing:]
            if self._rest.shape[0] < BASE:
                return
            self._push(self._rest)
        whole = block.shape[0] // BASE * BASE
        for start in range(0, whole, _BLOCK):
            self._push(block[start : min(start + _BLOCK, whole)])
        self._rest = block[whole:].copy()

    def _push(self, block: _Values) -> None:
        """A whole number of bins into the first level."""
        low, high = _reduced(block)
        if not self._stacks:
            self._stacks.append(_Stack(self._channels, low.dtype))
        self._stacks[0].push(low, high)

    def _raise(self) -> None:
        """Completes the levels above the first."""
        for below, level in enumerate(self._stacks):
            if level.bins // FACTOR and below + 1 == len(self._stacks):
                self._stacks.append(_Stack(self._channels, level.low.dtype))
            if below + 1 < len(self._stacks):
                above = self._stacks[below + 1]
                group = slice(above.bins * FACTOR, level.bins // FACTOR * FACTOR)
                above.push(_fours(level.low[:, group], "low"), _fours(level.high[:, group], "high"))

    def peaks(self) -> Peaks:
        """What is known so far; it stays as it is while more is added."""
        self._raise()
        levels = [stack.level() for stack in self._stacks]
        if self._rest.shape[0] or not levels:
            low, high = _plain(self._rest)
            below = levels[0] if levels else Level(low[:, :0], high[:, :0])
            levels[:1] = [Level(np.concatenate((below.low, low), axis=1), np.concatenate((below.high, high), axis=1))]
        return Peaks(self._length, self._scale, tuple(levels))


def peaks_of(clip: Clip) -> Peaks:
    """The peaks of a whole clip."""
    builder = PeaksBuilder(clip.channels, clip.scale)
    builder.add(clip.samples)
    return builder.peaks()


def peaks_read(sound: Sound) -> Peaks:
    """The peaks of a whole sound, read as float32: for what is put together of several clips."""
    builder = PeaksBuilder(sound.channels)
    for at in range(0, sound.length, _BLOCK):
        builder.add(sound.read(at, min(at + _BLOCK, sound.length)))
    return builder.peaks()


def columns_of(sound: Sound, start: float, end: float, width: int) -> Frames:
    """What `Peaks.columns` gives, but read from the samples themselves: exact, for views of few frames.

    Where columns are narrower than a frame, each shows the frame that its left edge lies in.
    """
    result = np.full((max(width, 0), sound.channels, 2), np.nan, np.float32)
    seen, first, last = _spans(start, end, width, sound.length)
    if first.size:
        origin, stop = int(first[0]), int(last[-1])
        series = np.ascontiguousarray(sound.read(origin, stop).T)
        result[seen, :, 0] = np.minimum.reduceat(series, first - origin, axis=1).T
        result[seen, :, 1] = np.maximum.reduceat(series, first - origin, axis=1).T
    return result


def _spans(start: float, end: float, width: int, count: int) -> tuple[NDArray[np.bool_], _Whole, _Whole]:
    """Which columns of a view lie in [0, count), and for those their whole [first, last), at least one long."""
    edges = np.floor(start + (end - start) / max(width, 1) * np.arange(max(width, 0) + 1)).astype(np.int64)
    first, last = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
    seen = (last > 0) & (first < count) & (count > 0)
    return seen, np.maximum(first[seen], 0), np.minimum(last[seen], count)


class _Stack:
    """A level that grows: arrays with room to spare, of which snapshots see the filled part only."""

    def __init__(self, channels: int, kind: np.dtype[Any]) -> None:
        self.low: _Values = np.zeros((channels, 1024), kind)
        self.high: _Values = np.zeros((channels, 1024), kind)
        self.bins = 0

    def push(self, low: _Values, high: _Values) -> None:
        """More bins at the end; where room is made the old arrays stay with the snapshots that hold them."""
        end = self.bins + low.shape[1]
        if end > self.low.shape[1]:
            more = np.zeros((self.low.shape[0], max(end, self.low.shape[1])), self.low.dtype)
            self.low = np.concatenate((self.low, more), axis=1)
            self.high = np.concatenate((self.high, more), axis=1)
        self.low[:, self.bins : end] = low
        self.high[:, self.bins : end] = high
        self.bins = end

    def level(self) -> Level:
        """The filled part, as a view."""
        return Level(self.low[:, : self.bins], self.high[:, : self.bins])


def _reduced(block: _Values) -> tuple[_Values, _Values]:
    """Extremes of every 256 frames of a block of whole bins: (frames, channels) -> twice (channels, bins)."""
    bins, channels = block.shape[0] // BASE, block.shape[1]
    rows = np.ascontiguousarray(block).reshape(bins, BASE * channels)
    low, high = _halved(np.minimum, rows, channels), _halved(np.maximum, rows, channels)
    if low.dtype.kind == "f":
        spoilt = ~(np.isfinite(low) & np.isfinite(high)).all(axis=0)
        for index in np.flatnonzero(spoilt):
            part = block[index * BASE : (index + 1) * BASE]
            one, other = _plain(part)
            low[:, index], high[:, index] = one[:, 0], other[:, 0]
    return low, high


def _halved(extreme: np.ufunc, rows: _Values, channels: int) -> _Values:
    """Rows of 256 interleaved frames -> (channels, rows): folded in place of an inner loop over few numbers."""
    while rows.shape[1] > _FLIP * channels:
        half = rows.shape[1] // 2
        rows = extreme(rows[:, :half], rows[:, half:])
    columns = np.ascontiguousarray(rows.T)
    while columns.shape[0] > channels:
        half = columns.shape[0] // 2
        columns = extreme(columns[:half], columns[half:])
    return columns


def _plain(block: _Values) -> tuple[_Values, _Values]:
    """Extremes of a whole block as one bin, what is not a number counted as silence; no bin where it is empty."""
    if not block.shape[0]:
        return block[:0].T, block[:0].T
    if block.dtype.kind == "f":
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    return block.min(axis=0)[:, None], block.max(axis=0)[:, None]


def _fours(values: _Values, side: str) -> _Values:
    """The lowest or highest of ever four neighbouring bins, complete groups only."""
    groups = values[:, : values.shape[1] // FACTOR * FACTOR].reshape(values.shape[0], -1, FACTOR)
    extreme = np.minimum if side == "low" else np.maximum
    return extreme(extreme(groups[..., 0], groups[..., 1]), extreme(groups[..., 2], groups[..., 3]))


def _summary(sound: Sound, start: int, end: int) -> tuple[_Values, _Values]:
    """Extremes of the base bins of [start, end), read as float32."""
    builder = PeaksBuilder(sound.channels)
    for at in range(start, end, _BLOCK):
        builder.add(sound.read(at, min(at + _BLOCK, end)))
    base = builder.peaks().levels[0]
    return base.low, base.high
