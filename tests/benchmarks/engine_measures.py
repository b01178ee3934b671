"""Measures by which fills and repairs are judged: each compares a place with the same recording's own places."""

import itertools

import numpy as np
from numpy.typing import NDArray

from app.sound.ar import burg
from app.sound.clip import Frames
from app.sound.region import Region

Series = NDArray[np.float64]

_BANDS = 40
_RANGE = 7.0  # bels: what lies 70 dB under the loudest is nothing
_SEAM_SECONDS = 0.08
_CONTEXT_SECONDS = 1.0
_LONG = 8.0


def snr(truth: Frames, found: Frames) -> float:
    """dB of the truth over what is wrong."""
    wrong = float(np.sum(np.square(truth - found, dtype=float)))
    return float(10 * np.log10(np.sum(np.square(truth, dtype=float)) / max(wrong, 1e-20)))


def band_bias(truth: Frames, found: Frames, rate: int) -> float:
    """dB by which the found is louder than the truth, the mean over the octaves that sound in the truth."""
    size = max(truth.shape[0], 64)
    window = np.hanning(truth.shape[0] + 2)[1:-1, None]
    powers = [np.square(np.abs(np.fft.rfft(x * window, size, axis=0))).sum(axis=1) for x in (truth, found)]
    bins = np.fft.rfftfreq(size, 1 / rate)
    edges = [e for e in (0, 125, 250, 500, 1000, 2000, 4000, 8000, 16000) if e < rate / 2] + [rate / 2]
    parts = [(bins >= low) & (bins < high) for low, high in itertools.pairwise(edges)]
    told = [(powers[0][p].mean(), powers[1][p].mean()) for p in parts if p.any()]
    loudest = max(t for t, _ in told)
    kept = [10 * np.log10((f + 1e-9 * loudest) / t) for t, f in told if t > 1e-5 * loudest]
    return float(np.mean(kept))


def click(frames: Frames, rate: int, at: int) -> float:
    """dB by which an AR(32) residual within 1.5 ms of a frame exceeds the 99.9th percentile around it."""
    near = frames[max(at - rate // 2, 0) : at + rate // 2].mean(axis=1).astype(np.float64)
    residual = np.abs(np.convolve(near, burg([near], 32), "valid"))
    middle, reach = min(at, rate // 2) - 32, max(round(0.0015 * rate), 1)
    there = residual[max(middle - reach, 0) : middle + reach]
    return float(20 * np.log10(there.max() / np.quantile(residual, 0.999))) if there.size else -99.0


class Sky:
    """Log-mel moments of a sound, every 5.8 ms: what the measures of a whole recording are read from."""

    def __init__(self, frames: Frames, rate: int, top: float | None = None) -> None:
        self.hop = max(round(256 * rate / 44100), 1)
        size = 4 * self.hop
        mono = np.pad(frames.mean(axis=1).astype(np.float32), (size // 2, size))
        views = np.lib.stride_tricks.sliding_window_view(mono, size)[:: self.hop]
        window, bank = np.hanning(size).astype(np.float32), _mel(size, rate)
        rows = [
            np.square(np.abs(np.fft.rfft(views[i : i + 512] * window, axis=1))).astype(np.float32) @ bank
            for i in range(0, len(views), 512)
        ]
        mel = np.concatenate(rows)
        self.top = float(mel.max()) if top is None else top
        floor = max(self.top, 1e-20) * 10**-_RANGE
        self.table = np.log10(np.maximum(mel, floor) / floor)
        self.flux = np.concatenate([np.zeros(2), np.linalg.norm(self.table[2:] - self.table[:-2], axis=1)])
        self.onsets = np.maximum(np.diff(self.table, axis=0, prepend=self.table[:1]), 0).mean(axis=1)
        self.rate = rate

    def at(self, frame: int) -> int:
        """The moment nearest to a frame."""
        return min(max(round(frame / self.hop), 0), self.table.shape[0] - 1)

    def seam(self, frame: int) -> float:
        """The strongest change within 80 ms around a frame."""
        reach = round(_SEAM_SECONDS / 2 * self.rate / self.hop)
        return float(self.flux[max(self.at(frame) - reach, 0) : self.at(frame) + reach + 1].max())

    def context(self, frame: int) -> float:
        """How unlike the second before a frame the second after it is."""
        much, at = round(_CONTEXT_SECONDS * self.rate / self.hop), self.at(frame)
        before, after = self.table[max(at - much, 0) : at], self.table[at : at + much]
        return float(np.linalg.norm(before.mean(axis=0) - after.mean(axis=0)))


def percentile(value: float, among: Series) -> float:
    """Per cent of the recording's own places that have less."""
    return float(np.mean(among < value) * 100)


def beat_period(sky: Sky) -> float | None:
    """Moments from beat to beat, 0.3 to 1 s, by autocorrelation of onsets over many beats; None without a pulse."""
    onsets = sky.onsets - sky.onsets.mean()
    size = 1 << (2 * onsets.size).bit_length()
    spectrum = np.fft.rfft(onsets, size)
    alike = np.fft.irfft(np.square(np.abs(spectrum)), size)[: onsets.size]
    alike /= max(alike[0], 1e-12)
    pace = sky.rate / sky.hop
    periods = np.arange(0.3 * pace, 1.0 * pace, 0.02)
    lags = np.arange(alike.size)
    combs = [float(np.mean(np.interp(p * np.arange(1, 17), lags, alike))) for p in periods]
    best = int(np.argmax(combs))
    return float(periods[best]) if combs[best] > 0.08 else None


def beat_likeness(sky: Sky, hole: Region, period: float, untouched: Sky) -> float:
    """Correlation of the onsets in the hole with those of the eight seconds before it, folded by the beat."""

    def folded(of: Sky, low: int, high: int) -> Series:
        moments = np.arange(low, high)
        bins = (moments / period * 24).astype(int) % 24
        total = np.bincount(bins, of.onsets[low:high], 24)
        wide = np.concatenate([total[-1:], total, total[:1]])
        return np.convolve(wide, [0.25, 0.5, 0.25], "valid") / np.maximum(np.bincount(bins, minlength=24), 1)

    start, end = sky.at(hole.start), sky.at(hole.end)
    long = round(_LONG * sky.rate / sky.hop)
    one, other = folded(sky, start, end), folded(untouched, max(start - long, 0), start)
    return float(np.corrcoef(one, other)[0, 1])


def _mel(size: int, rate: int) -> NDArray[np.float32]:
    bins = np.arange(size // 2 + 1) * rate / size
    top = min(16000.0, 0.48 * rate)
    corners = 700 * (10 ** np.linspace(np.log10(1 + 50 / 700), np.log10(1 + top / 700), _BANDS + 2) - 1)
    bank = np.zeros((bins.size, _BANDS), np.float32)
    for band in range(_BANDS):
        low, middle, high = corners[band : band + 3]
        bank[:, band] = np.clip(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0, None)
        bank[int(np.argmin(np.abs(bins - middle))), band] = 1
    return bank / bank.sum(axis=0)
