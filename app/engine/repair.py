"""Repair: short holes, told from the sound at both edges by autoregressive interpolation.

A. J. E. M. Janssen, R. Veldhuis, L. Vries (1986), one pass, with the polynomial by Burg's method over both contexts
at once. Three models of different memory are averaged: that beats any one of them on mixed material. What least
squares cannot know it leaves out, so a hole fades towards its middle; a seeded sample of the missing part (`texture`)
brings the level back. Where the clip holds the same waves at another place, what that place leaves open is all that
is told from the edges.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.alike import context_of, explained, find_twin
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
_TEXTURE_MS, _TEXTURE = (20.0, 100.0), (0.24, 0.32)  # of the missing power: 1 dB of nearness, for level everywhere
_NEAR = 1024  # samples at each side that say how loud the missing part is
_FLUCTUATION = 1.3  # by which a steady sound's loudness, seen so briefly, may fall short of the usual
_OCTAVES = (0.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)  # Hz


@dataclass(frozen=True, slots=True)
class Mended:
    """The sound of a hole, (frames, channels), and the seconds of the clip that told of it beside its edges, if any."""

    patch: Frames
    sources: tuple[tuple[float, float], ...]


def repair(frames: Frames, rate: int, hole: Region, *, seed: int, texture: float | None = None) -> Frames:
    """The patch of `mend`."""
    return mend(frames, rate, hole, seed=seed, texture=texture).patch


def mend(frames: Frames, rate: int, hole: Region, *, seed: int, texture: float | None = None) -> Mended:
    """The sound of the hole alone, shape (hole.length, channels), float32, in the unit of `frames`.

    `frames` is (frames, channels) and finite; what it holds inside the hole is never read. `seed` is not negative.
    `texture` is how much of the power that a model leaves out is put back; unless given, the hole's length says. A
    hole at an edge of the clip is continued from the side there is. Each channel is modelled for itself, but all draw
    their texture from the same moments, so a stereo image stays put.
    """
    scale = min(rate / 44100, 2.0)
    reach = max(64, round(MODELS[-1][1] * scale))
    left, right = frames[max(hole.start - reach, 0) : hole.start], frames[hole.end : hole.end + reach]
    if min(left.shape[0], right.shape[0]) < 2 * _LEAST_ORDER:
        return Mended(_continued(left, right, hole.length, rate, seed), ())
    if texture is None:
        texture = float(np.interp(1000 * hole.duration(rate), _TEXTURE_MS, _TEXTURE))
    twin = find_twin(frames, rate, hole)
    around = Region(hole.start - left.shape[0], hole.end + right.shape[0])
    gap = hole.relative_to(around.start)
    other = _other(frames, around, hole, twin.lag) if twin else None
    patch = np.zeros((hole.length, frames.shape[1]), np.float32)
    used = False
    for channel in range(frames.shape[1]):
        before, after = left[:, channel].astype(np.float64), right[:, channel].astype(np.float64)
        told = np.zeros(around.length)
        if other is not None:
            series = other[:, channel].astype(np.float64)
            known = np.concatenate([before, np.zeros(hole.length), after])
            gain = explained(series, known, gap, context_of(hole, rate))
            used = used or gain is not None
            told = series * (gain or 0.0)
        # What the twin does not explain is told by the edges.
        rest = _interpolated(
            before - told[: gap.start], after - told[gap.end :], hole.length, _Pace(rate, scale), texture, seed
        )
        patch[:, channel] = told[gap.start : gap.end] + rest
    if not twin or not used:
        return Mended(patch, ())
    return Mended(patch, (((hole.start + twin.lag) / rate, (hole.end + twin.lag) / rate),))


def _other(frames: Frames, around: Region, hole: Region, lag: int) -> Frames:
    """The clip so many frames later; silent beyond its ends and where it would be the hole itself."""
    there = around.moved(lag)
    found = np.zeros((around.length, frames.shape[1]), np.float32)
    inside = there.clamped(frames.shape[0])
    found[inside.start - there.start : inside.end - there.start] = frames[inside.start : inside.end]
    if there.overlaps(hole):
        found[max(hole.start - there.start, 0) : hole.end - there.start] = 0
    return found


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


@dataclass(frozen=True, slots=True)
class _Pace:
    """The rate, and how much longer models are at it than at 44.1 kHz."""

    rate: int
    scale: float


def _interpolated(left: Series, right: Series, n: int, pace: _Pace, texture: float, seed: int) -> Series:
    """One channel: the mean of the models that hold, and the texture of the middle one of them."""
    offset = float(np.mean(np.concatenate([left, right])))
    left, right = left - offset, right - offset
    context = np.concatenate([left, right])
    if not np.any(context):
        return np.full(n, offset)
    bound = _BLOW_UP * float(np.max(np.abs(context)))
    fills: list[tuple[Series, _Model]] = []
    for order, width in MODELS:
        order, width = round(order * pace.scale), min(round(width * pace.scale), _WIDEST)
        for _ in range(3):
            order = min(order, left.size, right.size)
            model = _Model.of(left[-width:], right[:width], n, max(order, _LEAST_ORDER))
            found = model.fill()
            if found is not None and float(np.max(np.abs(found))) <= bound:
                fills.append((found, model))
                break
            order //= 2
    if not fills:
        ramp = np.linspace(0, 1, n + 2)[1:-1]
        return offset + left[-1] * (1 - ramp) + right[0] * ramp
    mean = np.mean([fill for fill, _ in fills], axis=0)
    if texture > 0:
        drawn = fills[len(fills) // 2][1].textured(texture, pace.rate, seed)
        if drawn is not None and float(np.max(np.abs(drawn))) <= bound:
            mean = mean + drawn
    return mean + offset


@dataclass(frozen=True, slots=True)
class _Model:
    """One autoregressive model of both contexts, and what it knows of the hole between them.

    The prediction errors from the hole's start to `order` after its end are linear in the missing samples; their
    normal equations are symmetric Toeplitz, the autocorrelation of the polynomial. Solved for the errors that the
    known samples leave they give the fill; solved for errors drawn anew from the contexts' own, a sample of the
    model's doubt, which vanishes outside by construction.
    """

    a: Series
    lags: Series
    errors: Series
    heard: Series
    loudness: float

    @classmethod
    def of(cls, left: Series, right: Series, n: int, order: int) -> "_Model":
        """The model of this order of a hole of n samples."""
        a = burg([left, right], order, _DITHER_DB)
        order = a.size - 1
        lags = np.zeros(max(n, order + 1))
        lags[: order + 1] = np.correlate(a, a, "full")[order:]
        known = np.concatenate([left[left.size - order :], np.zeros(n), right[:order]])
        before, after = np.convolve(left, a, "valid"), np.convolve(right, a, "valid")
        heard = np.concatenate([before, after])
        # Where the sound is softer at the hole than it was further off, as in speech, so is what is missing.
        near = max(min(_NEAR, before.size, after.size), 1)
        usual, there = _rms(heard), float(np.sqrt(_rms(before[-near:]) * _rms(after[:near])))
        loudness = min(_FLUCTUATION * there / usual, 1.0) if usual > 0 else 1.0
        return cls(a, lags[:n], np.convolve(known, a, "valid"), heard, loudness)

    def fill(self) -> Series | None:
        """The least-squares fill; None if it is not finite."""
        return self._solved(-self.errors)

    def textured(self, share: float, rate: int, seed: int) -> Series | None:
        """A sample of what the fill leaves out, with that share of its power; None if it is not finite.

        The share is spent where it costs least: octaves that hold little of what is missing get all of theirs back,
        the strongest ones no more than what is left.
        """
        drawn = self.heard[(np.random.default_rng(seed).random(self.errors.size) * self.heard.size).astype(np.intp)]
        drawn = (drawn - float(np.mean(self.heard))) * self.loudness
        plain = self._solved(drawn)
        if plain is None or share >= 1:
            return plain
        gains = _octave_gains(plain, share, rate)
        bins = np.fft.rfftfreq(drawn.size, 1 / rate)
        middles = np.sqrt(np.maximum(np.array(_OCTAVES), 60.0) * np.array([*_OCTAVES[1:], 22000.0]))
        curve = np.interp(np.log(np.maximum(bins, 1.0)), np.log(middles), gains)
        return self._solved(np.fft.irfft(np.fft.rfft(drawn) * curve, drawn.size))

    def _solved(self, errors: Series) -> Series | None:
        if self.a.size == 1:
            return errors
        found = solve_toeplitz(self.lags, np.correlate(errors, self.a, "valid"))
        return found if found is not None and np.isfinite(found).all() else None


def _rms(series: Series) -> float:
    return float(np.sqrt(np.mean(np.square(series)))) if series.size else 0.0


def _octave_gains(missing: Series, share: float, rate: int) -> Series:
    """A gain for each octave, 1 or such that all others have one power, which together give a share of the missing."""
    power = np.square(np.abs(np.fft.rfft(missing)))
    places = np.searchsorted(_OCTAVES, np.fft.rfftfreq(missing.size, 1 / rate), "right") - 1
    powers = np.bincount(places, power, len(_OCTAVES))
    budget = share * float(powers.sum())
    level = budget
    for rank, each in enumerate(np.sort(powers)):
        # Those below the level keep all they have; the rest of the budget is shared by the others.
        level = budget / (powers.size - rank)
        if each >= level:
            break
        budget -= float(each)
    return np.sqrt(np.minimum(1.0, level / np.maximum(powers, 1e-30)))
