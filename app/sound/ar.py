"""Autoregression: what a sound would have done next, told from what it just did.

Burg's method (J. P. Burg, 1975) run over several stretches at once, with reflection coefficients they share. A fit
needs a noise floor: files that went through a lossy codec have empty bands, and without one the fit explodes there.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.sound.clip import Frames
from app.sound.filters import filtered, filtered_on

Series = NDArray[np.float64]

ORDER = 1024
CONTEXT = 4096
SHORTEST = 16

_EDGE_DITHER_DB = -105.0  # a louder floor is not heard, but it is seen above 16 kHz of a low-passed file
_LOUDEST = 8.0  # a continuation that outgrows its context so many times is no continuation
_CALMER = (1.0, 0.9995, 0.995, 0.98)  # factors that draw the poles inwards, tried in turn


def burg(contexts: Sequence[Series], order: int, dither_db: float = -70.0) -> Series:
    """The prediction polynomial a, a[0] = 1, of several 1-D stretches of one sound, in any unit.

    `dither_db` is the level of the white noise, relative to the RMS of each stretch and always the same, that is
    added to a copy for the fit only. The order is lowered to a quarter of the samples there are; a short stretch
    drops out once the order outgrows it. Silence gives [1].
    """
    forward: list[Series] = []
    for index, context in enumerate(contexts):
        level = float(np.sqrt(np.mean(np.square(context)))) if context.size else 0.0
        if level > 0 and np.isfinite(level):
            noise = np.random.default_rng(index).standard_normal(context.size)
            forward.append(context + noise * (level * 10 ** (dither_db / 20)))
    if not forward:
        return np.ones(1)
    backward = forward
    order = min(order, sum(f.size for f in forward) // 4, max(f.size for f in forward) - 1)

    a = np.zeros(order + 1)
    a[0] = 1.0
    for m in range(1, order + 1):
        forward = [f[1:] for f in forward if f.size > 1]
        backward = [b[:-1] for b in backward if b.size > 1]
        shared = energy = 0.0
        for f, b in zip(forward, backward, strict=True):
            shared += float(np.dot(f, b))
            energy += float(np.dot(f, f) + np.dot(b, b))
        if energy <= 0:
            return a[:m].copy()
        k = -2.0 * shared / energy
        a[1 : m + 1] += k * a[m - 1 :: -1][:m]
        pairs = list(zip(forward, backward, strict=True))
        forward = [f + k * b for f, b in pairs]
        backward = [b + k * f for f, b in pairs]
    return a


def extrapolate(
    context: Series, n: int, a: Series, residual_gain: float = 1.0, rng: np.random.Generator | None = None
) -> Series:
    """The n samples that follow a 1-D context under the polynomial a, in the context's unit; always finite.

    They are excited by noise as loud as what a cannot predict in the context's later half (times `residual_gain`);
    without excitation a continuation dies away and is heard to. Where it still grows out of hand its poles are
    drawn inwards; silence is the last resort.
    """
    order = a.size - 1
    if n <= 0 or context.size <= order or not np.any(context):
        return np.zeros(max(n, 0))
    excitation = np.zeros(n)
    if residual_gain > 0:
        residual = filtered(a, np.ones(1), context)[max(order, context.size // 2) :]
        level = float(np.sqrt(np.mean(np.square(residual)))) if residual.size else 0.0
        rng = np.random.default_rng(0) if rng is None else rng
        excitation = rng.standard_normal(n) * (level * residual_gain)
    if order == 0:
        return excitation
    bound = _LOUDEST * float(np.max(np.abs(context)))
    for calm in _CALMER:
        drawn = a * calm ** np.arange(order + 1)
        # The filter's state, as if the context had just passed through it.
        state = -np.convolve(drawn[1:], context[-order:])[order - 1 :]
        with np.errstate(over="ignore", invalid="ignore"):
            result = filtered_on(np.ones(1), drawn, excitation, state)
        if np.isfinite(result).all() and float(np.max(np.abs(result))) <= bound:
            return result
    return np.zeros(n)


def continuation(frames: Frames, n: int, *, backwards: bool = False, seed: int = 0) -> Frames:
    """n frames that follow `frames`, or with `backwards` come before them, shape (n, channels), full scale 1.

    The edge of every splice and every fill: order 1024 on the nearest 4096 frames, each channel for itself, finite
    and never louder than that context's peak. Fewer frames lower the order; fewer than 16 give silence.
    """
    channels = frames.shape[1]
    result = np.zeros((max(n, 0), channels), np.float32)
    near = frames[:CONTEXT][::-1] if backwards else frames[-CONTEXT:]
    if n <= 0 or near.shape[0] < SHORTEST:
        return result
    context = np.nan_to_num(near.astype(np.float64), posinf=0.0, neginf=0.0)
    for channel in range(channels):
        series = np.ascontiguousarray(context[:, channel])
        peak = float(np.max(np.abs(series)))
        if peak == 0:
            continue
        a = burg([series], ORDER, _EDGE_DITHER_DB)
        follow = extrapolate(series, n, a, rng=np.random.default_rng((seed, channel)))
        result[:, channel] = np.clip(follow, -peak, peak)
    return result[::-1].copy() if backwards else result
