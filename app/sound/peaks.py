"""Peaks: the smallest and the largest sample of every 256 frames, and of ever four of those, for drawing any zoom.

Beside them stands the energy of the same bins, from which an RMS level is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Clip, Frames, Samples, Sound
from app.sound.extremes import span_extremes
from app.sound.reduce import BASE, FACTOR, Triple, Values, block_frames, fours, plain, reduced
from app.sound.region import Region

__all__ = ["BASE", "FACTOR", "Level", "Peaks", "PeaksBuilder", "columns_of", "peaks_of", "peaks_read", "rms_of"]

_BLOCK = 1 << 16

_Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Minima and maxima of bins, each of shape (channels, bins), in steps of the samples; read-only.

    `energy` is the sum of their squared samples with full scale at 1, float32.
    """

    low: Values
    high: Values
    energy: Values

    def __post_init__(self) -> None:
        for name, values in (("low", self.low), ("high", self.high), ("energy", self.energy)):
            view = values.view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @property
    def bins(self) -> int:
        """Bins."""
        return int(self.low.shape[1])

    def with_bins(self, first: int, low: Values, high: Values, energy: Values) -> "Level":
        """A copy whose bins from `first` on are others."""
        changed = self.low.copy(), self.high.copy(), self.energy.copy()
        for all_bins, bins in zip(changed, (low, high, energy), strict=True):
            all_bins[:, first : first + bins.shape[1]] = bins
        return Level(*changed)


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """What is known of a clip's first `length` frames; built by PeaksBuilder, never written to.

    The first level holds bins of `base` frames (256, but in a preview), the last of which may be a partial one; every
    further level holds complete groups of four bins of the level before, down to three or fewer. One step of a sample
    is worth `scale`. Where they do not reach yet, `beyond` (a coarse preview of the whole) answers.
    """

    length: int
    scale: float
    levels: tuple[Level, ...]
    base: int = BASE
    beyond: "Peaks | None" = None

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self.levels[0].low.shape[0])

    def over(self, preview: "Peaks | None") -> "Peaks":
        """The same peaks, with a preview where they do not reach yet."""
        return replace(self, beyond=preview)

    def columns(self, start: float, end: float, width: int) -> Frames:
        """Minimum and maximum in `width` equal columns of the view [start, end) in frames: (width, channels, 2).

        Full scale is 1. NaN stands where there is nothing to show: outside the clip, or not summarised yet. A
        column's edges are rounded down to whole bins, so that each bin is in one column only and no peak is drawn
        twice or lost; below 256 frames a column, `columns_of` is the one to ask.
        """
        result = np.full((max(width, 0), self.channels, 2), np.nan, np.float32)
        seen, first, last = _spans(start / self.base, end / self.base, width, self.levels[0].bins)
        if first.size:
            low, high = self._extremes(first, last)
            result[seen, :, 0] = low.T * self.scale
            result[seen, :, 1] = high.T * self.scale
        if self.beyond is not None and not seen.all():
            result[~seen] = self.beyond.columns(start, end, width)[~seen]
        return result

    def rms(self, start: float, end: float, width: int) -> Frames:
        """The RMS level of the same columns as `columns` gives, (width, channels); NaN where there is nothing."""
        result = np.full((max(width, 0), self.channels), np.nan, np.float32)
        seen, first, last = _spans(start / self.base, end / self.base, width, self.levels[0].bins)
        if first.size:
            frames = np.minimum(last * self.base, self.length) - first * self.base
            result[seen] = np.sqrt(self._energy(first, last) / np.maximum(frames, 1)).T
        if self.beyond is not None and not seen.all():
            result[~seen] = self.beyond.rms(start, end, width)[~seen]
        return result

    def _energy(self, first: _Whole, last: _Whole) -> NDArray[np.float64]:
        """Energy of the base bins [first, last) of each span: what is over at its ends from fine levels, each once."""
        total = np.zeros((self.channels, first.size), np.float64)
        spans = np.arange(first.size)
        for index, level in enumerate(self.levels):
            # A partial bin is in no group, even where it would be the fourth.
            above = self.levels[index + 1].bins if index + 1 < len(self.levels) else 0
            up, down = -(-first // FACTOR), np.minimum(last // FACTOR, above)
            goes_on = down > up
            head, tail = np.where(goes_on, up * FACTOR, last), np.where(goes_on, down * FACTOR, last)
            for begin, stop in ((first, head), (tail, last)):
                for step in range(int(np.max(stop - begin))):
                    inside = begin + step < stop
                    total[:, spans[inside]] += level.energy[:, begin[inside] + step]
            if not goes_on.any():
                break
            spans, first, last = spans[goes_on], up[goes_on], down[goes_on]
        return total

    def _extremes(self, first: _Whole, last: _Whole) -> tuple[Values, Values]:
        """Extremes of the base bins [first, last) of each span: its ends from fine levels, its middle from coarse."""
        return span_extremes([(level.low, level.high) for level in self.levels], first, last)

    def with_region(self, region: Region, sound: Sound) -> "Peaks":
        """A copy for a sound of the same length that differs only in `region`; bins that touch it are read anew."""
        region = region.clamped(self.length)
        if not region.length:
            return self
        first, last = region.start // BASE, -(-region.end // BASE)
        low, high, energy = _summary(sound, first * BASE, min(last * BASE, self.length))
        levels, scale = self.levels, self.scale
        kind = levels[0].low.dtype
        if kind.kind == "i" and max(-float(low.min()), float(high.max())) > 1.0:
            # Whole numbers cannot hold what lies beyond full scale.
            step = np.float32(scale)
            levels = tuple(Level(step * each.low, step * each.high, each.energy) for each in levels)
            scale = 1.0
        elif kind.kind == "i":
            ends = np.iinfo(kind)
            low = np.clip(np.floor(low / scale), ends.min, ends.max).astype(kind)
            high = np.clip(np.ceil(high / scale), ends.min, ends.max).astype(kind)
        changed = [levels[0].with_bins(first, low, high, energy)]
        for level in levels[1:]:
            below = changed[-1]
            first, last = first // FACTOR, min(-(-last // FACTOR), level.bins)
            group = slice(first * FACTOR, max(first, last) * FACTOR)
            changed.append(
                level.with_bins(first, *fours(below.low[:, group], below.high[:, group], below.energy[:, group]))
            )
        return Peaks(self.length, scale, tuple(changed), beyond=self.beyond)


class PeaksBuilder:
    """Gathers blocks of a clip in order; what it has so far can be had at any time."""

    def __init__(self, channels: int, scale: float = 1.0, room: Sequence[Triple] = ()) -> None:
        """`room` may hold arrays for the levels to be written to, as large as `level_bins` says."""
        self._channels = channels
        self._scale = scale
        self._room = room
        self._stacks: list[_Stack] = []
        self._rest: Values = np.zeros((0, channels), np.float32)
        self._length = 0

    @property
    def length(self) -> int:
        """Frames so far."""
        return self._length

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
            self._push(reduced(self._rest, self._scale))
        whole = block.shape[0] // BASE * BASE
        step = block_frames(self._channels, block.itemsize)
        for start in range(0, whole, step):
            part = np.ascontiguousarray(block[start : min(start + step, whole)])
            self._push(reduced(part, self._scale))
        self._rest = block[whole:].copy()

    def add_bins(self, bins: Triple, frames: int) -> None:
        """Bins that `reduced` made elsewhere of the next `frames` frames, a whole number of bins."""
        if self._rest.shape[0] or frames != bins[0].shape[1] * BASE:
            raise ValueError("only whole bins may follow whole bins")
        self._rest = np.zeros((0, self._channels), bins[0].dtype)
        self._length += frames
        self._push(bins)

    def _push(self, bins: Triple) -> None:
        """A whole number of bins into the first level."""
        if not self._stacks:
            self._stacks.append(self._stack(bins[0].dtype))
        self._stacks[0].push(*bins)

    def _stack(self, kind: np.dtype[Any]) -> "_Stack":
        index = len(self._stacks)
        return _Stack(self._channels, kind, self._room[index] if index < len(self._room) else None)

    def _raise(self) -> None:
        """Completes the levels above the first."""
        for below, level in enumerate(self._stacks):
            if level.bins // FACTOR and below + 1 == len(self._stacks):
                self._stacks.append(self._stack(level.low.dtype))
            if below + 1 < len(self._stacks):
                above = self._stacks[below + 1]
                group = slice(above.bins * FACTOR, level.bins // FACTOR * FACTOR)
                above.push(*fours(level.low[:, group], level.high[:, group], level.energy[:, group]))

    def peaks(self) -> Peaks:
        """What is known so far; it stays as it is while more is added."""
        self._raise()
        levels = [stack.level() for stack in self._stacks]
        if self._rest.shape[0] or not levels:
            last = plain(self._rest, self._scale)
            below = (levels[0].low, levels[0].high, levels[0].energy) if levels else last
            if levels:
                last = tuple(np.concatenate(pair, axis=1) for pair in zip(below, last, strict=True))
            levels[:1] = [Level(*last)]
        return Peaks(self._length, self._scale, tuple(levels))

    def finish(self) -> Peaks:
        """What is known, copied nowhere; nothing may be added after it."""
        self._raise()
        if self._rest.shape[0]:
            self._push(plain(self._rest, self._scale))
        if not self._stacks:
            return self.peaks()
        return Peaks(self._length, self._scale, tuple(stack.level() for stack in self._stacks))


def peaks_of(clip: Clip) -> Peaks:
    """The peaks of a whole clip."""
    builder = PeaksBuilder(clip.channels, clip.scale)
    for at in range(0, clip.length, _BLOCK):
        builder.add(clip.samples[at : at + _BLOCK])
    return builder.finish()


def peaks_read(sound: Sound) -> Peaks:
    """The peaks of a whole sound, read as float32: for what is put together of several clips."""
    builder = PeaksBuilder(sound.channels)
    for at in range(0, sound.length, _BLOCK):
        builder.add(sound.read(at, min(at + _BLOCK, sound.length)))
    return builder.finish()


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


def rms_of(sound: Sound, start: float, end: float, width: int) -> Frames:
    """What `Peaks.rms` gives, but read from the samples themselves: (width, channels)."""
    result = np.full((max(width, 0), sound.channels), np.nan, np.float32)
    seen, first, last = _spans(start, end, width, sound.length)
    if first.size:
        origin, stop = int(first[0]), int(last[-1])
        series = np.square(sound.read(origin, stop).T, dtype=np.float64)
        # reduceat takes a span up to the next one's start, which is its end but where columns are under a frame.
        result[seen] = np.sqrt(np.add.reduceat(series, first - origin, axis=1) / (last - first)).T
    return result


def _spans(start: float, end: float, width: int, count: int) -> tuple[NDArray[np.bool_], _Whole, _Whole]:
    """Which columns of a view lie in [0, count), and for those their whole [first, last), at least one long."""
    edges = np.floor(start + (end - start) / max(width, 1) * np.arange(max(width, 0) + 1)).astype(np.int64)
    first, last = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
    seen = (last > 0) & (first < count) & (count > 0)
    return seen, np.maximum(first[seen], 0), np.minimum(last[seen], count)


class _Stack:
    """A level that grows: arrays with room to spare, of which snapshots see the filled part only."""

    def __init__(self, channels: int, kind: np.dtype[Any], room: Triple | None = None) -> None:
        made = room or (np.zeros((channels, 1024), kind), np.zeros((channels, 1024), kind), None)
        self.low: Values = made[0]
        self.high: Values = made[1]
        self.energy: Values = made[2] if made[2] is not None else np.zeros((channels, 1024), np.float32)
        self.bins = 0

    def push(self, low: Values, high: Values, energy: Values) -> None:
        """More bins at the end; where room is made the old arrays stay with the snapshots that hold them."""
        end = self.bins + low.shape[1]
        if end > self.low.shape[1]:
            more = max(end, self.low.shape[1])
            self.low, self.high, self.energy = (
                np.concatenate((each, np.zeros((each.shape[0], more), each.dtype)), axis=1)
                for each in (self.low, self.high, self.energy)
            )
        self.low[:, self.bins : end] = low
        self.high[:, self.bins : end] = high
        self.energy[:, self.bins : end] = energy
        self.bins = end

    def level(self) -> Level:
        """The filled part, as a view."""
        return Level(self.low[:, : self.bins], self.high[:, : self.bins], self.energy[:, : self.bins])


def _summary(sound: Sound, start: int, end: int) -> Triple:
    """The base bins of [start, end), read as float32."""
    builder = PeaksBuilder(sound.channels)
    for at in range(start, end, _BLOCK):
        builder.add(sound.read(at, min(at + _BLOCK, end)))
    base = builder.finish().levels[0]
    return base.low, base.high, base.energy
