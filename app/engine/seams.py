"""Seams: how much a sound changes where it was joined, against how much it changes anyway."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.engine.fill import mono_of
from app.engine.levels import peak_of
from app.sound.clip import Frames
from app.sound.region import Region

_SECONDS = 1024 / 44100
_BANDS = 24
_PLACES = 256
_RANGE = 1e-7


def seam_scores(frames: Frames, rate: int, hole: Region, joins: Sequence[int]) -> tuple[float, ...]:
    """For each edge of the hole that is not the clip's own, and each join, the share of other moments that change less.

    `frames` is (frames, channels) with the hole filled; the moments that it is compared with lie outside, the same at
    every call. A change is the distance of the spectra, in 24 bands, 23 ms before and after.
    """
    length = frames.shape[0]
    reach = max(round(_SECONDS * rate), 8)
    seams = [at for at in (hole.start, hole.end) if 0 < at < length] + list(joins)
    near = Region(max(hole.start - 30 * rate, 0), min(hole.end + 30 * rate, length))
    share = np.random.default_rng(0).random(_PLACES)
    drawn = (near.start + int(each * near.length) for each in share)
    places = [at for at in drawn if at + reach <= hole.start or at - reach >= hole.end]
    if not seams or not places:
        return ()
    mono = np.pad(mono_of(frames[near.start : near.end]).astype(np.float64), reach)
    low, high = hole.start - near.start + reach, hole.end - near.start + reach
    floor = _RANGE * max(peak_of(mono[reach:low]), peak_of(mono[high:])) ** 2 * reach + 1e-20
    changes = _changes(mono, [at - near.start + reach for at in (*seams, *places)], reach, floor)
    own = sorted(changes[len(seams) :])
    return tuple(bisect_left(own, change) / len(own) for change in changes[: len(seams)])


def _changes(mono: NDArray[np.float64], places: list[int], reach: int, floor: float) -> list[float]:
    """The distance between the spectra before and after each place."""
    window = np.hanning(reach + 2)[1:-1]
    bins = reach // 2 + 1
    edges = np.unique(np.geomspace(1, bins, _BANDS + 1).astype(np.intp))[:-1]
    rows = np.add.outer(places, np.arange(reach))

    def spectrum(offset: int) -> NDArray[np.float64]:
        power = np.square(np.abs(np.fft.rfft(mono[rows + offset] * window, axis=1)))
        return np.log10(np.maximum(np.add.reduceat(power, edges, axis=1), floor))

    away: list[float] = np.linalg.norm(spectrum(0) - spectrum(-reach), axis=1).tolist()
    return away
