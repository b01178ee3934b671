"""Spectrogram of a part of a sound: only as many transforms as there are columns to draw, however long the part is.

The short-time Fourier transform with Hann's window (Harris, "On the use of windows for harmonic analysis with the
discrete Fourier transform", Proc. IEEE 66, 1978), in float32, many frames to one call so that the transform runs
several at a time. Columns that lie far apart are read one window each: what is between them is never touched.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.sound.clip import Frames, Sound
from app.sound.filters import transformed
from app.sound.frequencies import Axis, row_map

WINDOWS = (512, 1024, 2048, 4096, 8192, 16384)
FLOOR_DB = -140.0
TOP_DB = 12.0
SHADES = 255
"""Shade 0 stands for FLOOR_DB and less, this one for TOP_DB and more."""

_MOST_PER_COLUMN = 4
_BATCH = 1 << 17  # samples transformed in one call: few enough to stay in the cache
_TINY = np.float32(1e-20)  # below any level that is shown, and the logarithm bears it
_DB = np.float32(10 / np.log(10))


@dataclass(frozen=True, slots=True)
class Lens:
    """How a spectrogram is made: frames to a window, transforms to a column, and its rows on an axis."""

    window: int
    per_column: int
    rows: int
    axis: Axis

    @property
    def margin(self) -> int:
        """Frames that are read beyond either end of what is shown."""
        return self.window // 2


@lru_cache(maxsize=64)
def window_for(hop: float, rate: int) -> int:
    """The window that suits columns `hop` frames apart: sharp in time when near, sharp in pitch when far."""
    near = hop * 44_100 / rate
    wanted = 512.0 if near < 6 else min(max(near * 16, 1024.0), 4096.0)
    return min(WINDOWS, key=lambda each: abs(math.log(each / (wanted * rate / 44_100))))


def per_column_for(hop: float, window: int) -> int:
    """Transforms to a column: two where a window sees less than half of it, so that less is missed."""
    return 2 if hop >= 2 * window else 1


def spectrogram(sound: Sound, start: float, end: float, columns: int, window: int, per_column: int = 1) -> Frames:
    """Levels in dB, shape (channels, columns, window // 2 + 1), float32, of the view [start, end) in frames.

    The window of a column lies around its middle; of several to a column the largest level of each bin counts. A
    full-scale sine has 0 dB, silence -200; beyond the sound's ends there is silence. ValueError for a window that is
    none of WINDOWS, for no columns, or for more than four transforms to a column.
    """
    bins = window // 2 + 1
    result = np.empty((sound.channels, columns, bins), np.float32)
    for place, power in _columns(sound, start, end, columns, window, per_column):
        result[:, place] = _levels(power)
    return result


def shades(sound: Sound, start: float, end: float, columns: int, lens: Lens) -> NDArray[np.uint8]:
    """The same on the rows of an axis as steps from FLOOR_DB to TOP_DB, shape (channels, columns, rows), uint8.

    The highest frequency comes first.
    """
    rows = row_map(lens.axis, sound.rate, lens.window, lens.rows)
    result = np.empty((sound.channels, columns, lens.rows), np.uint8)
    step = np.float32(SHADES / (TOP_DB - FLOOR_DB))
    for place, power in _columns(sound, start, end, columns, lens.window, lens.per_column):
        mapped = rows.apply(power.reshape(-1, power.shape[-1]), _levels)
        mapped -= np.float32(FLOOR_DB)
        mapped *= step
        mapped += np.float32(0.5)
        np.clip(mapped, 0, SHADES, out=mapped)
        result[:, place] = mapped.reshape(power.shape[0], power.shape[1], lens.rows)
    return result


@lru_cache(maxsize=len(WINDOWS))
def hann(window: int) -> Frames:
    """Hann's window, periodic, scaled so that the transform of a full-scale sine has the magnitude 1; read-only."""
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    result = (shape * (2.0 / shape.sum())).astype(np.float32)
    result.flags.writeable = False
    return result


def _columns(
    sound: Sound, start: float, end: float, columns: int, window: int, per_column: int
) -> Iterator[tuple[slice, Frames]]:
    """Columns in groups as (which, power of shape (channels, columns of the group, bins), fresh each time)."""
    if window not in WINDOWS or columns < 1 or not 1 <= per_column <= _MOST_PER_COLUMN:
        raise ValueError(f"no spectrogram of {columns} columns of {per_column} windows of {window}")
    hop = (end - start) / columns / per_column
    centres = np.floor(start + (np.arange(columns * per_column) + 0.5) * hop).astype(np.int64)
    begins = centres - window // 2
    group = max(_BATCH // (window * sound.channels * per_column), 1)
    shape = hann(window)
    for first in range(0, columns, group):
        place = slice(first, min(first + group, columns))
        frames = _frames(sound, begins[place.start * per_column : place.stop * per_column], window, shape)
        parts = transformed(frames).view(np.float32)
        np.multiply(parts, parts, out=parts)
        power = parts[..., 0::2] + parts[..., 1::2]
        power[..., 0] /= 4  # a constant and half the rate have no mirror image to share with
        power[..., -1] /= 4
        for other in range(1, per_column):
            np.maximum(power[:, ::per_column], power[:, other::per_column], out=power[:, ::per_column])
        yield place, power if per_column == 1 else np.ascontiguousarray(power[:, ::per_column])


def _levels(power: Frames) -> Frames:
    """Power in dB, in place."""
    power += _TINY
    np.log(power, out=power)
    power *= _DB
    return power


def _frames(sound: Sound, begins: NDArray[np.int64], window: int, shape: Frames) -> Frames:
    """Windowed frames, shape (channels, frames, window), silent beyond the sound's ends."""
    result = np.empty((sound.channels, begins.size, window), np.float32)
    first, last = int(begins[0]), int(begins[-1]) + window
    if last - first > 2 * window * begins.size:
        for index, begin in enumerate(begins.tolist()):
            np.multiply(_read(sound, begin, begin + window), shape, out=result[:, index])
        return result
    views = sliding_window_view(_read(sound, first, last), window, axis=1)
    steps = np.diff(begins)
    if steps.size and int(steps[0]) > 0 and bool((steps == steps[0]).all()):
        np.multiply(views[:, :: int(steps[0])], shape, out=result)
    else:
        np.multiply(views[:, begins - first], shape, out=result)
    return result


def _read(sound: Sound, start: int, end: int) -> Frames:
    """[start, end) as (channels, frames), silent beyond the sound's ends."""
    frames = sound.read(max(start, 0), max(end, 0))
    if frames.shape[0] == end - start:
        return np.ascontiguousarray(frames.T)
    result = np.zeros((sound.channels, end - start), np.float32)
    before = max(-start, 0)
    result[:, before : before + frames.shape[0]] = frames.T
    return result
