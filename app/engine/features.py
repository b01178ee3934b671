"""What moments of a clip sound like: spectrum, harmony and onsets, on a grid that scales with the rate.

Log-mel and chroma describe, onset flux places the beat; after N. Perraudin, N. Holighaus, P. Majdak, P. Balazs,
"Inpainting of long audio segments with similarity graphs" (2018), and the jukebox-like programs before it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.beat import Beat, find_beat
from app.sound.region import Region

Table = NDArray[np.float32]  # (moments, numbers)

_HOP_SECONDS = 512 / 44100
_MELS = 40
_RANGE_DB = 70.0
_CHROMA_WEIGHT = 1.5
_FLUX_BANDS = ((0, 10), (10, 25), (25, 40))  # low, middle, high, in mel bands
_CONTEXT_SECONDS = 2.0
_LEAST_UNIT = 6.0
_FLAT = 0.66  # of the chroma's peak, on average: hiss, steam and rain have .70 and more, dense music .61
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Features:
    """Moments of one sound with a hole in it, one per `hop` frames of the clip.

    `table` is (moments, numbers); moment i stands around frame i * hop. `usable` is False where the hole is touched;
    those rows repeat the nearest usable one. `left` and `right` describe the two seconds at each side of the hole on
    a grid of their own, nearest moment first: `left[k]` stands (2 + k) hops before the hole's start, `right[k]`
    (2 + k) hops after `landing`, which is the hole's end rounded up to whole steps of two hops from its start. Either
    is empty at an edge of the clip. `unit` is the mean distance of two random moments, or where all of them are
    alike, as in noise or rain, what it is in quiet music: there no moment is a bad match. `beat` is None without one.
    """

    hop: int
    table: Table
    usable: NDArray[np.bool_]
    left: Table
    right: Table
    landing: int
    unit: float
    beat: Beat | None = None

    @property
    def noisy(self) -> bool:
        """Whether it sounds like noise: all pitches alike, and no beat."""
        harmony = self.table[self.usable, _MELS : _MELS + 12]
        flat = bool(harmony.size) and float(harmony.mean()) >= _FLAT * _CHROMA_WEIGHT
        return flat and (self.beat is None or self.beat.weight < 0.5)

    @property
    def step(self) -> int:
        """Frames from one state of a path to the next."""
        return 2 * self.hop


def grid_hop(rate: int) -> int:
    """The hop in frames: 11.6 ms, moved by a little to a length that transforms fast."""
    wanted = max(8, round(_HOP_SECONDS * rate))
    return min(
        range(max(8, wanted - wanted // 16), wanted + wanted // 16 + 1), key=lambda n: (_rough(n), abs(n - wanted))
    )


def _rough(n: int) -> bool:
    """Whether n has a prime factor above 7."""
    for prime in (2, 3, 5, 7):
        while n % prime == 0:
            n //= prime
    return n > 1


def analyse(mono: Table, rate: int, hole: Region) -> Features:
    """Features of a mono sound of shape (frames,), any unit; inside the hole it must be silent, and is not used."""
    hop = grid_hop(rate)
    half = 2 * hop
    centers = np.arange(0, mono.size, hop)
    usable = (centers + half <= hole.start) | (centers - half >= hole.end)
    landing = hole.start - (-hole.length // (2 * hop)) * (2 * hop)
    count = round(_CONTEXT_SECONDS * rate / hop)
    back = hole.start - half - hop * np.arange(count)
    ahead = landing + half + hop * np.arange(count)
    back, ahead = back[back >= 0], ahead[ahead < mono.size]

    spectra = _Spectra(mono, rate, hop)
    mel, chroma = spectra.at(centers)
    top = float(mel[usable].max()) if usable.any() else 0.0
    table = _described(mel, chroma, top)
    left = _described(*spectra.at(back[::-1]), top)[::-1]
    right = _described(*spectra.at(ahead), top)
    table = _held(table, usable)
    unit = max(random_distance(table, usable), _LEAST_UNIT)
    return Features(hop, table, usable, left, right, landing, unit, _beat(table, usable, hop / rate))


def analyse_whole(mono: Table, rate: int) -> Features:
    """Features of a mono sound without a hole: every moment is usable, and both sides are empty."""
    hop = grid_hop(rate)
    mel, chroma = _Spectra(mono, rate, hop).at(np.arange(0, mono.size, hop))
    table = _described(mel, chroma, float(mel.max(initial=0.0)))
    usable = np.ones(table.shape[0], np.bool_)
    none = table[:0]
    unit = max(random_distance(table, usable), _LEAST_UNIT)
    return Features(hop, table, usable, none, none, 0, unit, _beat(table, usable, hop / rate))


def _beat(table: Table, usable: NDArray[np.bool_], hop_seconds: float) -> Beat | None:
    return find_beat(table[:, -len(_FLUX_BANDS) :].sum(axis=1), usable, hop_seconds)


def around_steps(whole: Features, start: int, end: int, rate: int) -> Features:
    """The features of the same sound with a hole from one step of the grid to another, out of those of the whole."""
    count = round(_CONTEXT_SECONDS * rate / whole.hop)
    rows: NDArray[np.intp] = np.arange(whole.table.shape[0], dtype=np.intp)
    usable = (rows <= 2 * start - 2) | (rows >= 2 * end + 2)
    left = whole.table[max(2 * start - 1 - count, 0) : max(2 * start - 1, 0)][::-1]
    right = whole.table[2 * end + 2 : 2 * end + 2 + count]
    return Features(whole.hop, whole.table, usable, left, right, end * whole.step, whole.unit, whole.beat)


def random_distance(table: Table, usable: NDArray[np.bool_]) -> float:
    """The mean distance between two usable rows picked at random, the same for the same table; 1 where it is none."""
    rows = np.flatnonzero(usable)
    if not rows.size:
        return 1.0
    one, other = np.random.default_rng(0).choice(rows, (2, 2048))
    squares: Table = np.sum(np.square(table[one] - table[other]), axis=1)
    return float(np.mean(np.sqrt(squares))) or 1.0


class _Spectra:
    """Mel and chroma energies of a sound around any frames of it."""

    def __init__(self, mono: Table, rate: int, hop: int) -> None:
        self._size = 4 * hop
        silence: Table = np.zeros(self._size, np.float32)
        self._padded: Table = np.concatenate([silence[: self._size // 2], mono.astype(np.float32), silence])
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        bins = np.arange(self._size // 2 + 1, dtype=np.float64) * np.float64(rate / self._size)
        self._banks = np.concatenate([_mel_bank(bins, rate), _chroma_bank(bins)], axis=1)

    def at(self, centers: NDArray[np.intp]) -> tuple[Table, Table]:
        """Energies (moments, 40) and (moments, 12) around these frames."""
        views = np.lib.stride_tricks.sliding_window_view(self._padded, self._size)
        energies = np.zeros((centers.size, self._banks.shape[1]), np.float32)
        for start in range(0, centers.size, _BLOCK):
            spectrum = np.fft.rfft(views[centers[start : start + _BLOCK]] * self._window, axis=1)
            power = np.square(spectrum.real) + np.square(spectrum.imag)
            energies[start : start + _BLOCK] = power.astype(np.float32) @ self._banks
        return energies[:, :_MELS], energies[:, _MELS:]


def _mel_bank(bins: NDArray[np.float64], rate: int) -> Table:
    """Forty triangles, 30 Hz to 16 kHz or what the rate allows, as (bins, 40)."""
    top = min(16000.0, 0.48 * rate)
    low_mel, top_mel = np.log10(1 + 30 / 700), np.log10(1 + top / 700)
    mels = np.linspace(low_mel, top_mel, _MELS + 2, dtype=np.float64)
    corners = [700 * (10 ** float(mel) - 1) for mel in mels]
    bank = np.zeros((bins.size, _MELS), np.float32)
    for band in range(_MELS):
        low, middle, high = corners[band : band + 3]
        bank[:, band] = np.clip(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0, None)
        bank[int(np.argmin(np.abs(bins - middle))), band] = 1.0
    return bank / bank.sum(axis=0)


def _chroma_bank(bins: NDArray[np.float64]) -> Table:
    """Twelve pitch classes between 60 Hz and 5 kHz, each bin shared by the two nearest, as (bins, 12)."""
    bank = np.zeros((bins.size, 12), np.float32)
    audible = np.flatnonzero((bins >= 60) & (bins <= 5000))
    pitch = 12 * np.log2(bins[audible] / 440.0)
    below = np.floor(pitch).astype(int)
    bank[audible, below % 12] += (1 - (pitch - below)).astype(np.float32)
    bank[audible, (below + 1) % 12] += (pitch - below).astype(np.float32)
    return bank


def _described(mel: Table, chroma: Table, top: float) -> Table:
    """Log-mel in tens of dB, chroma, and the rise of three bands since the moment before."""
    if not mel.shape[0]:
        return np.zeros((0, _MELS + 12 + len(_FLUX_BANDS)), np.float32)
    floor = max(top, 1e-20) * 10 ** (-_RANGE_DB / 10)
    log_mel = np.log10(np.maximum(mel, floor) / floor)
    peak = chroma.max(axis=1, keepdims=True)
    harmony = np.where(peak > floor, np.sqrt(chroma / np.maximum(peak, 1e-30)), 0) * _CHROMA_WEIGHT
    rise = np.maximum(np.diff(log_mel, axis=0, prepend=log_mel[:1]), 0)
    onset = np.stack([rise[:, a:b].mean(axis=1) for a, b in _FLUX_BANDS], axis=1)
    return np.concatenate([log_mel, harmony, onset * 3.0], axis=1).astype(np.float32)


def _held(table: Table, usable: NDArray[np.bool_]) -> Table:
    """The table with every unusable row replaced by the nearest usable one."""
    good = np.flatnonzero(usable)
    if not good.size:
        return table
    every: NDArray[np.intp] = np.arange(table.shape[0], dtype=np.intp)
    after = np.minimum(np.searchsorted(good, every), good.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(good[before] - every) < np.abs(good[after] - every)
    return table[np.where(nearer, good[before], good[after])]
