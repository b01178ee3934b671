"""Blocks of samples reduced to bins: smallest, largest, and the energy that an RMS level is drawn from.

Samples stay in the number type of their file. A block of bins is first turned on its side in pieces of 16 bytes, so
that a step of the reduction is one long loop over all its bins instead of one short loop per bin; then it is halved
against itself. Both fit the cache.
"""

import threading
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

BASE = 256
FACTOR = 4

Values: TypeAlias = NDArray[Any]
Triple: TypeAlias = tuple[Values, Values, Values]

_PIECE = 16
_HELD = 4
_BYTES = 1 << 18  # of samples that are reduced at once


def block_frames(channels: int, width: int) -> int:
    """How many frames of so many bytes a sample are best reduced at once: a whole number of bins."""
    return max(_BYTES // (channels * width * BASE), 1) * BASE


def reduced(block: Values, scale: float) -> Triple:
    """Lows, highs (channels, bins) and energies, float32, of whole bins: (frames, channels), contiguous.

    An energy is the sum of a bin's squared samples with full scale at 1. What is not a number counts as silence.
    """
    bins, channels = block.shape[0] // BASE, block.shape[1]
    frames = max(_PIECE // (channels * block.itemsize), 1)
    size = frames * channels * block.itemsize
    piece = np.dtype(np.complex128) if size == _PIECE else np.dtype((np.void, size))
    rows = block.reshape(bins, BASE * channels).view(piece)
    turned, floats = _scratch(rows.size, piece, block.dtype)
    np.copyto(turned.reshape(rows.shape[1], bins), rows.T)
    turned = turned.view(block.dtype).reshape(rows.shape[1], -1)
    floats = floats.reshape(turned.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        np.copyto(floats, turned, casting="same_kind")
        np.multiply(floats, floats, out=floats)
        energy = _sides(np.add, np.add.reduce(floats, axis=0), frames, channels) * np.float32(scale * scale)
    low = _sides(np.minimum, _halved(np.minimum, turned), frames, channels)
    high = _sides(np.maximum, _halved(np.maximum, turned), frames, channels)
    if low.dtype.kind == "f":
        spoilt = ~(np.isfinite(low) & np.isfinite(high) & np.isfinite(energy)).all(axis=0)
        for index in np.flatnonzero(spoilt):
            one = plain(block[index * BASE : (index + 1) * BASE], scale)
            low[:, index], high[:, index], energy[:, index] = one[0][:, 0], one[1][:, 0], one[2][:, 0]
    return low, high, energy


def plain(block: Values, scale: float) -> Triple:
    """A whole block as one bin, what is not a number counted as silence; no bin where it is empty."""
    if not block.shape[0]:
        return block[:0].T, block[:0].T, np.zeros((block.shape[1], 0), np.float32)
    if block.dtype.kind == "f":
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    with np.errstate(over="ignore"):
        energy = np.square(block * scale, dtype=np.float64).sum(axis=0)
    most = float(np.finfo(np.float32).max)
    return (
        block.min(axis=0)[:, None],
        block.max(axis=0)[:, None],
        np.minimum(energy, most).astype(np.float32)[:, None],
    )


def fours(low: Values, high: Values, energy: Values) -> Triple:
    """Ever four neighbouring bins as one, complete groups only."""
    return _grouped(np.minimum, low), _grouped(np.maximum, high), _grouped(np.add, energy)


def level_bins(frames: int) -> tuple[int, ...]:
    """How many bins every level of a sound of so many frames has; the first may end with a partial one."""
    found = [-(-frames // BASE)]
    bins = frames // BASE // FACTOR
    while bins:
        found.append(bins)
        bins //= FACTOR
    return tuple(found)


_threads = threading.local()


def _scratch(size: int, piece: np.dtype[Any], kind: np.dtype[Any]) -> tuple[Values, Values]:
    """Room for a block of `size` pieces and its samples as floats, this thread's own: fresh memory has to be mapped."""
    held: dict[tuple[int, str, str], tuple[Values, Values]] = _threads.__dict__.setdefault("held", {})
    key = size, piece.str, kind.str
    if key not in held:
        if len(held) > _HELD:
            held.clear()
        held[key] = np.empty(size, piece), np.empty(size * piece.itemsize // kind.itemsize, np.float32)
    return held[key]


def _halved(extreme: np.ufunc, turned: Values) -> Values:
    """(pieces, bins × samples of a piece) -> the extreme of all pieces; there are always a power of two."""
    while turned.shape[0] > 1:
        half = turned.shape[0] // 2
        turned = extreme(turned[:half], turned[half:])
    return turned[0]


def _sides(step: np.ufunc, line: Values, frames: int, channels: int) -> Values:
    """(bins × frames × channels,) -> (channels, bins)."""
    sides = np.ascontiguousarray(line.reshape(-1, frames, channels).transpose(1, 2, 0))
    while sides.shape[0] > 1:
        half = sides.shape[0] // 2
        sides = step(sides[:half], sides[half:])
    return sides[0]


def _grouped(step: np.ufunc, values: Values) -> Values:
    groups = values[:, : values.shape[1] // FACTOR * FACTOR].reshape(values.shape[0], -1, FACTOR)
    with np.errstate(over="ignore"):
        return step(step(groups[..., 0], groups[..., 1]), step(groups[..., 2], groups[..., 3]))
