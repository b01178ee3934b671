"""Levels: no louder than the clip itself, and a last look at what was made before anyone hears it."""

import numpy as np
from numpy.typing import NDArray

from app.engine.solvers import lowest_near, mean_near
from app.sound.clip import Frames
from app.sound.region import Region

_LIMIT_SECONDS = 0.005
_NEAR_SECONDS = 2.0
_SILENT = 1e-5
_TOO_SOFT, _TOO_LOUD = 10 ** (-30 / 20), 10 ** (15 / 20)


def peak_of(frames: NDArray[np.floating]) -> float:
    """The greatest magnitude of any sample, 0 for none."""
    if not frames.size:
        return 0.0
    return max(float(frames.max()), -float(frames.min()))


def limited(patch: Frames, peak: float, rate: int) -> Frames:
    """The patch, turned down around every frame that would be louder than the peak; no frame exceeds it."""
    patch = np.nan_to_num(patch, nan=0.0, posinf=0.0, neginf=0.0)
    if peak_of(patch) <= peak:
        return patch
    loudest = np.max(np.abs(patch), axis=1).astype(np.float64)
    width = 2 * max(1, round(_LIMIT_SECONDS * rate)) + 1
    gain = mean_near(lowest_near(np.minimum(1.0, peak / np.maximum(loudest, 1e-12)), width), width)
    return np.clip(patch * gain[:, None], -peak, peak).astype(np.float32)


def flaw(patch: Frames, surroundings: Frames, hole: Region, rate: int) -> str:
    """Why a patch must not be returned, in a sentence; empty where nothing is wrong with it.

    `surroundings` is the sound with the hole in it, (frames, channels). A patch has to be finite, no louder than
    the sound around it ever gets, and neither far softer than what stands beside it nor far louder.
    """
    if not np.isfinite(patch).all():
        return "What was made holds samples that are not numbers."
    before, after = surroundings[: hole.start], surroundings[hole.end :]
    peak = max(peak_of(before), peak_of(after))
    if peak_of(patch) > peak * 1.001 + 1e-9:
        return "What was made is louder than the clip ever gets."
    near = round(_NEAR_SECONDS * rate)
    beside = [_rms(part) for part in (before[-near:] if near else before, after[:near]) if part.shape[0]]
    whole = _rms(np.concatenate([before[-30 * near :], after[: 30 * near]])) if beside else 0.0
    level, low, high = _rms(patch), min([*beside, whole]), max([*beside, whole])
    if level <= _SILENT and low > 10 * _SILENT:
        return "What was made is silent, and its surroundings are not."
    if level < low * _TOO_SOFT:
        return "What was made is far softer than its surroundings."
    if level > high * _TOO_LOUD:
        return "What was made is far louder than its surroundings."
    return ""


def _rms(frames: Frames) -> float:
    return float(np.sqrt(np.mean(np.square(frames), dtype=np.float64))) if frames.size else 0.0
