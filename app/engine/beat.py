"""Beat: how well a sound keeps its beat when a part of it is heard so much earlier or later.

Onsets resemble themselves after whole beats. Their autocorrelation, folded by the beat's period over the whole clip,
says what any other shift is worth: half a beat off may be nearly right in music that plays eighths, and the fold
flattens by itself where the tempo drifts, so that nothing is asked of such a sound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

_SHORTEST, _LONGEST = 0.3, 1.0  # seconds from beat to beat
_BEATS = (16, 64, 256)  # counted at once: the more, the finer the period has to be
_BINS = 48
_CLEAR = 0.03  # contrast of the fold, of the onsets' power: with less there is no beat to keep
_SURE = 0.15  # with so much it counts in full


@dataclass(frozen=True, slots=True)
class Beat:
    """The period in hops, what a shift by parts of it costs (0 none, 1 the worst), and how much that counts, 0 to 1."""

    period: float
    costs: Series
    weight: float

    def off(self, hops: Series) -> Series:
        """How much off the beat a shift by so many hops is, 0 to `weight`."""
        places = (hops / self.period) % 1.0 * self.costs.size
        return self.weight * np.interp(places, np.arange(self.costs.size + 1), np.append(self.costs, self.costs[0]))


def find_beat(onsets: NDArray[np.float32], usable: NDArray[np.bool_], hop_seconds: float) -> Beat | None:
    """The beat of a series of onset strengths, one per hop, of which only the usable ones count; None without one."""
    count = onsets.size
    if count * hop_seconds < 4 * _LONGEST or not usable.any():
        return None
    series = np.where(usable, onsets - onsets[usable].mean(), 0.0).astype(np.float64)
    size = 1 << (2 * count - 1).bit_length()
    alike = np.fft.irfft(np.square(np.abs(np.fft.rfft(series, size))), size)[:count]
    # Far lags are seen less often; the hole takes some more away.
    seen = np.fft.irfft(np.square(np.abs(np.fft.rfft(usable.astype(np.float64), size))), size)[:count]
    if alike[0] <= 0:
        return None
    alike = alike / alike[0] * float(seen[0]) / np.maximum(seen, 0.1 * float(seen[0]))

    periods = np.arange(_SHORTEST / hop_seconds, _LONGEST / hop_seconds, 0.05)
    period, reach = 0.0, 0
    for beats in _BEATS:
        reach = min(beats, int(0.8 * count / periods[-1]) - 1)
        combs = _at(alike, np.multiply.outer(periods, np.arange(1, reach + 1))).mean(axis=1)
        period = float(periods[int(np.argmax(combs))])
        step = float(periods[1] - periods[0]) if periods.size > 1 else 0.0
        periods = period + step * np.linspace(-1.5, 1.5, 25)
        if reach < beats:
            break
    shifts = np.arange(_BINS) / _BINS * period
    fold = _at(alike, np.add.outer(shifts, period * np.arange(1, reach + 1))).mean(axis=1)
    contrast = float(fold[0] - fold.min())
    if contrast < _CLEAR or fold[0] < 0.8 * float(fold.max()):
        return None
    # Shifts come in steps of two hops; what lies within one of the beat is on it.
    near = range(-round(_BINS / period), round(_BINS / period) + 1)
    nearest = np.max([np.roll(fold, shift) for shift in near], axis=0)
    weight = min(contrast / _SURE, 1.0) * min(reach / _BEATS[0], 1.0)
    return Beat(period, np.clip((fold[0] - nearest) / contrast, 0.0, 1.0), weight)


def _at(series: Series, places: Series) -> Series:
    """The series between its points."""
    return np.interp(places, np.arange(series.size), series)
