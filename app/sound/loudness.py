"""How loud a sound is: ITU-R BS.1770-4 loudness and true peak, and the gain that makes two sounds alike."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Frames, Sound
from app.sound.resample import resampled

_BLOCK = 1 << 16
_FADES = 0.12  # seconds
_HOP = 0.1  # seconds; a gating block is four of them
_GATE = -70.0
_RELATIVE_GATE = -10.0
_SIDE = 1.41

# BS.1770-4 weighs what comes from the sides and leaves the subwoofer out; channels in the order of WAV and FLAC.
_WEIGHTS = {
    4: (1.0, 1.0, _SIDE, _SIDE),
    5: (1.0, 1.0, 1.0, _SIDE, _SIDE),
    6: (1.0, 1.0, 1.0, 0.0, _SIDE, _SIDE),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, _SIDE, _SIDE),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SIDE, _SIDE),
}


def loudness(frames: Frames, rate: int) -> float:
    """Integrated loudness in LUFS of frames (frames, channels), full scale 1; -inf for silence.

    Gated as BS.1770-4 says; what is shorter than one gating block of 0.4 s is measured as a whole, ungated.
    """
    return _gated(*_hops((frames[at : at + _BLOCK] for at in range(0, len(frames), _BLOCK)), rate), rate)


def loudness_of(sound: Sound, seconds: float, stop: Callable[[], bool] = lambda: False) -> float:
    """The loudness of a sound's first so many seconds, read block by block; NaN where it was stopped."""
    length = min(round(seconds * sound.rate), sound.length)

    def blocks() -> Iterator[Frames]:
        for at in range(0, length, _BLOCK):
            if stop():
                return
            yield sound.read(at, min(at + _BLOCK, length))

    found = _gated(*_hops(blocks(), sound.rate), sound.rate)
    return math.nan if stop() else found


def _hops(blocks: Iterable[Frames], rate: int) -> tuple[NDArray[np.float64], int]:
    """The weighted energy of every hop, the last one maybe a part, and how many frames there were."""
    sums = np.zeros(0)
    response = _response(rate)
    before: NDArray[np.float64] | None = None
    done = 0
    for frames in blocks:
        channels = frames.shape[1]
        weights = np.array(_WEIGHTS.get(channels, (1.0,) * channels))
        if before is None:
            before = np.zeros((response.size - 1, channels))
        numbers = np.concatenate((before, np.nan_to_num(frames.astype(np.float64), posinf=0.0, neginf=0.0)))
        before = numbers[len(frames) :]
        size = 1 << (len(numbers) - 1).bit_length()
        spectrum = np.fft.rfft(numbers, size, axis=0)
        spectrum *= np.fft.rfft(response, size)[:, None]
        weighted = np.fft.irfft(spectrum, size, axis=0)[response.size - 1 : len(numbers)]
        power = np.square(weighted, out=weighted) @ weights
        # Hop n begins at frame round(n × hop); the frames of this block belong to hops first to last.
        first = int((done + 0.5) / (rate * _HOP))
        last = int((done + len(power) - 0.5) / (rate * _HOP)) + 1
        edges = np.round(np.arange(first - 1, last + 2) * _HOP * rate).astype(np.int64)
        begin = int(np.searchsorted(edges, done, "right")) - 1 + first - 1
        inner = edges[(edges > done) & (edges < done + len(power))] - done
        pieces = np.add.reduceat(power, np.concatenate(([0], inner)))
        sums = np.concatenate((sums, np.zeros(max(begin + len(pieces) - len(sums), 0))))
        sums[begin : begin + len(pieces)] += pieces
        done += len(power)
    return sums, done


def _gated(hops: NDArray[np.float64], length: int, rate: int) -> float:
    if not length:
        return -math.inf
    edges = np.round(np.arange(0, length / rate / _HOP + 1e-9) * _HOP * rate).astype(np.int64)
    if edges.size < 5:
        return _decibels(float(hops.sum() / length))
    hops = hops[: edges.size - 1]
    sums = hops[:-3] + hops[1:-2] + hops[2:-1] + hops[3:]
    blocks = sums / (edges[4:] - edges[:-4])
    blocks = blocks[blocks > _power(_GATE)]
    if not blocks.size:
        return -math.inf
    blocks = blocks[blocks > _power(_decibels(float(blocks.mean())) + _RELATIVE_GATE)]
    return _decibels(float(blocks.mean()))


def true_peak_db(frames: Frames, rate: int) -> float:
    """The peak between the samples in dB of full scale, from four times as many of them; -inf for silence."""
    block, margin, times = 1 << 17, 256, 4
    highest = 0.0
    for start in range(0, frames.shape[0], block):
        origin = max(start - margin, 0)
        part = np.nan_to_num(frames[origin : start + block + margin], posinf=0.0, neginf=0.0)
        fine = resampled(part, rate, rate * times)[(start - origin) * times : (start - origin + block) * times]
        highest = max(highest, float(np.max(np.abs(fine), initial=0.0)), float(np.max(np.abs(part), initial=0.0)))
    return 20 * math.log10(highest) if highest > 0 else -math.inf


def match_gain_db(reference: Frames, other: Frames, rate: int) -> float:
    """The gain in dB, never above 0, that brings `other` down to the loudness of `reference`; 0 beside silence."""
    target, own = loudness(reference, rate), loudness(other, rate)
    if math.isinf(target) or math.isinf(own):
        return 0.0
    return min(target - own, 0.0)


def _decibels(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else -math.inf


def _power(decibels: float) -> float:
    return 10 ** ((decibels + 0.691) / 10)


@lru_cache(8)
def _response(rate: int) -> NDArray[np.float64]:
    """What the weighting makes of one sample, until nothing of it is left: so it needs no recursion over the sound.

    The slower of its two filters fades by 2π·38 nepers a second.
    """
    line = [1.0] + [0.0] * round(_FADES * rate)
    for b0, b1, b2, _, a1, a2 in _k_weighting(rate).tolist():
        x1 = x2 = y1 = y2 = 0.0
        for index, x in enumerate(line):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            line[index] = y
    return np.array(line)


def _k_weighting(rate: int) -> NDArray[np.float64]:
    """The standard's two biquads, given there for 48 kHz, drawn from their analogue prototypes for any rate."""
    shelf, q, gain = 1681.974450955533, 0.7071752369554196, 3.999843853973347
    k = math.tan(math.pi * min(shelf, 0.45 * rate) / rate)
    top, middle = 10 ** (gain / 20), 10 ** (gain / 20 * 0.4996667741545416)
    a0 = 1 + k / q + k * k
    first = [top + middle * k / q + k * k, 2 * (k * k - top), top - middle * k / q + k * k]
    first += [a0, 2 * (k * k - 1), 1 - k / q + k * k]
    low, q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * low / rate)
    second = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / (1 + k / q + k * k), (1 - k / q + k * k) / (1 + k / q + k * k)]
    return np.array([[value / a0 for value in first], second])
