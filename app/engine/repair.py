"""Repair: short holes, told from the sound at both edges by autoregressive interpolation.

A. J. E. M. Janssen, R. Veldhuis, L. Vries (1986), one pass, with the polynomial by Burg's method over both contexts
at once. Three models of different memory are averaged: that beats any one of them on mixed material. What least
squares cannot know it leaves out, so a hole fades towards its middle; a seeded sample of the missing part (`texture`)
brings the level back.
"""

import numpy as np
from numpy.typing import NDArray

from app.engine.solvers import solve_toeplitz
from app.sound.ar import burg, continuation
from app.sound.clip import Frames
from app.sound.region import Region

Series = NDArray[np.float64]

LONGEST = 0.25  # seconds; beyond this nothing of the content is left in the models, and the cost grows by the square
MODELS = ((512, 2048), (1024, 4096), (2048, 8192))  # order and context on each side, in samples at 44.1 kHz
_LEAST_ORDER = 8
_WIDEST = 9999  # from 10 000 on OpenBLAS shares a dot product between threads; waiting for them took 20 times as long
_DITHER_DB = -70.0  # without a floor, sound that went through a lossy codec makes the fit explode
_BLOW_UP = 2.0  # an interpolation louder than its context by more than this is none
_TEXTURE_MS = (5.0, 20.0, 50.0, 100.0)
_TEXTURE = (0.0, 0.3, 0.5, 0.6)


def texture_gain(seconds: float) -> float:
    """How much of the sampled texture a hole of this length gets: none to 5 ms, 0.6 from 100 ms."""
    return float(np.interp(seconds * 1000, _TEXTURE_MS, _TEXTURE))


def repair(frames: Frames, rate: int, hole: Region, *, seed: int, texture: float | None = None) -> Frames:
    """The sound of the hole alone, shape (hole.length, channels), float32, in the unit of `frames`.

    `frames` is (frames, channels) and finite; what it holds inside the hole is never read. `seed` is not negative.
    `texture` overrides `texture_gain`. A hole at an edge of the clip is continued from the side there is. Each
    channel is modelled for itself, but all draw their texture from the same moments, so a stereo image stays put.
    """
    scale = min(rate / 44100, 2.0)
    reach = max(64, round(MODELS[-1][1] * scale))
    left, right = frames[max(hole.start - reach, 0) : hole.start], frames[hole.end : hole.end + reach]
    gain = texture_gain(hole.duration(rate)) if texture is None else texture
    patch = np.zeros((hole.length, frames.shape[1]), np.float32)
    if min(left.shape[0], right.shape[0]) < 2 * _LEAST_ORDER:
        return _continued(left, right, hole.length, rate, seed)
    for channel in range(frames.shape[1]):
        before, after = left[:, channel].astype(np.float64), right[:, channel].astype(np.float64)
        patch[:, channel] = _interpolated(before, after, hole.length, scale, gain, seed)
    return patch


def _continued(left: Frames, right: Frames, n: int, rate: int, seed: int) -> Frames:
    """A hole at an edge of the clip: the longer side goes on into it, and meets what is left of the other."""
    forwards = left.shape[0] >= right.shape[0]
    patch = continuation(left if forwards else right, n, backwards=not forwards, seed=seed)
    other = right if forwards else left
    if other.shape[0]:
        # A few frames are too few for a model: reach the level of the nearest one within a millisecond or two.
        m = min(n, max(2, rate // 500))
        ramp = np.linspace(0, 1, m + 1, dtype=np.float32)[1:, None]
        if forwards:
            patch[-m:] += (other[0] - patch[-1]) * ramp
        else:
            patch[:m] += (other[-1] - patch[0]) * ramp[::-1]
    return patch


def _interpolated(left: Series, right: Series, n: int, scale: float, gain: float, seed: int) -> Series:
    """One channel: the mean of the models that hold, and the texture of the middle one of them."""
    offset = float(np.mean(np.concatenate([left, right])))
    left, right = left - offset, right - offset
    context = np.concatenate([left, right])
    if not np.any(context):
        return np.full(n, offset)
    bound = _BLOW_UP * float(np.max(np.abs(context)))
    fills: list[tuple[Series, Series]] = []
    for order, width in MODELS:
        order, width = round(order * scale), min(round(width * scale), _WIDEST)
        for _ in range(3):
            order = min(order, left.size, right.size)
            found = _model(left[-width:], right[:width], n, max(order, _LEAST_ORDER), seed)
            if found and float(np.max(np.abs(found[0]))) <= bound:
                fills.append(found)
                break
            order //= 2
    if not fills:
        ramp = np.linspace(0, 1, n + 2)[1:-1]
        return offset + left[-1] * (1 - ramp) + right[0] * ramp
    mean = np.mean([fill for fill, _ in fills], axis=0)
    texture = fills[len(fills) // 2][1]
    if np.isfinite(texture).all() and float(np.max(np.abs(texture))) <= bound:
        mean = mean + gain * texture
    return mean + offset


def _model(left: Series, right: Series, n: int, order: int, seed: int) -> tuple[Series, Series] | None:
    """The least-squares fill under one model, and one sample of what it leaves out; None if not finite.

    The prediction errors from the hole's start to `order` after its end are linear in the missing samples; their
    normal equations are symmetric Toeplitz, the autocorrelation of the polynomial. Solved for the errors that the
    known samples leave they give the fill; solved for errors drawn anew from the contexts' own, a sample of the
    model's doubt, which vanishes outside by construction.
    """
    a = burg([left, right], order, _DITHER_DB)
    order = a.size - 1
    if order == 0:
        return np.zeros(n), np.zeros(n)
    lags = np.zeros(max(n, order + 1))
    lags[: order + 1] = np.correlate(a, a, "full")[order:]

    known = np.concatenate([left[-order:], np.zeros(n), right[:order]])
    errors = np.convolve(known, a, "valid")
    heard = np.concatenate([np.convolve(left, a, "valid"), np.convolve(right, a, "valid")])
    drawn = heard[(np.random.default_rng(seed).random(errors.size) * heard.size).astype(np.intp)]
    drawn = drawn - float(np.mean(heard))

    sides = np.stack([-np.correlate(errors, a, "valid"), np.correlate(drawn, a, "valid")], axis=1)
    solved = solve_toeplitz(lags[:n], sides)
    if solved is None or not np.isfinite(solved[:, 0]).all():
        return None
    return solved[:, 0], solved[:, 1]
