"""What the engine is measured against: the plain ways to fill a hole."""

import numpy as np

from app.engine.joins import crossfade
from app.sound.ar import burg, extrapolate
from app.sound.clip import Frames
from app.sound.region import Region


def zero(frames: Frames, rate: int, hole: Region) -> Frames:
    return np.zeros((hole.length, frames.shape[1]), np.float32)


def line(frames: Frames, rate: int, hole: Region) -> Frames:
    ramp = np.linspace(0, 1, hole.length + 2)[1:-1, None]
    return (frames[hole.start - 1] * (1 - ramp) + frames[hole.end] * ramp).astype(np.float32)


def repeat(frames: Frames, rate: int, hole: Region) -> Frames:
    """What stood before, at the lag in 2 to 40 ms that resembles it most, looped and crossfaded into what follows."""
    n, scale = hole.length, rate / 44100
    past = frames[max(0, hole.start - round(6000 * scale)) : hole.start].mean(axis=1).astype(float)
    query = past[-round(400 * scale) :]
    lags = range(max(round(80 * scale), 1), min(round(1800 * scale), past.size - query.size))

    def alike(g: int) -> float:
        there = past[past.size - query.size - g : past.size - g]
        power = float(np.sqrt(np.dot(query, query) * np.dot(there, there)))
        return float(np.dot(query, there)) / power if power else 0.0

    best = max(lags, key=alike)
    times = -(-n // best)
    on = np.tile(frames[hole.start - best : hole.start], (times, 1))[:n]
    after = frames[hole.end : hole.end + best]
    back = np.tile(after, (-(-n // max(len(after), 1)), 1))[-n:] if len(after) else on
    return crossfade(on, back)


def burg_both(frames: Frames, rate: int, hole: Region) -> Frames:
    """Burg extrapolation, order 1024, from both sides, crossfaded."""
    sides = []
    for channel in range(frames.shape[1]):
        series = frames[:, channel].astype(np.float64)
        left, right = series[max(hole.start - 4096, 0) : hole.start], series[hole.end : hole.end + 4096][::-1]
        on = extrapolate(left, hole.length, burg([left], 1024), residual_gain=0.0)
        back = extrapolate(right, hole.length, burg([right], 1024), residual_gain=0.0)[::-1]
        sides.append((on, back))
    on, back = (np.stack([pair[i] for pair in sides], axis=1).astype(np.float32) for i in (0, 1))
    return crossfade(on, back)


def crossfaded(frames: Frames, rate: int, hole: Region, seed: int = 0) -> Frames:
    """The clip with a random passage of itself in the hole, crossfaded over 25 ms at each edge, inside the hole."""
    rng = np.random.default_rng((seed, hole.start))
    result, n, fade = frames.copy(), hole.length, round(0.025 * rate)
    starts = [s for s in rng.integers(0, frames.shape[0] - n, 200) if s + n <= hole.start or s >= hole.end]
    start = int(starts[0]) if starts else 0
    passage = frames[start : start + n].copy()
    # Nothing of the masked sound may come back, so the edges rise from silence.
    ramp = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, None]
    passage[:fade] *= ramp
    passage[-fade:] *= ramp[::-1]
    result[hole.start : hole.end] = passage
    return result


def looped(frames: Frames, rate: int, hole: Region) -> Frames:
    """The clip with what stood before the hole in it once more."""
    result, n = frames.copy(), hole.length
    result[hole.start : hole.end] = frames[max(hole.start - n, 0) : hole.start][:n] if hole.start >= n else 0
    return result
