"""Continuation: tones go on, noise keeps its level, and nothing ever blows up."""

import numpy as np
import pytest

from app.sound.ar import burg, continuation, extrapolate
from app.sound.clip import Frames

RATE = 44100


def tones(length: int, channels: int = 1) -> Frames:
    t = np.arange(length) / RATE
    wave = 0.5 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 1234.5 * t)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("backwards", [False, True])
def test_tones_go_on(backwards: bool) -> None:
    whole = tones(12_000)
    known, gap = (whole[6000:], whole[4000:6000]) if backwards else (whole[:6000], whole[6000:8000])
    assert np.abs(continuation(known, 2000, backwards=backwards) - gap).max() < 0.01


def test_noise_keeps_its_level() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (8000, 2)).astype(np.float32)
    follow = continuation(noise, 4000)
    assert np.sqrt(np.mean(follow[2000:] ** 2)) == pytest.approx(0.1, rel=0.25)
    assert not np.array_equal(follow[:, 0], follow[:, 1])


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (5000, 1)).astype(np.float32)
    first = continuation(noise, 500)
    assert np.array_equal(continuation(noise, 500), first)
    assert not np.array_equal(continuation(noise, 500, seed=1), first)


@pytest.mark.parametrize("frames", [0, 1, 15, 16, 17, 50, 1000])
def test_short_contexts_are_finite_and_no_louder_than_themselves(frames: int) -> None:
    context = tones(frames, 3)
    follow = continuation(context, 900)
    assert follow.shape == (900, 3)
    assert follow.dtype == np.float32
    assert np.isfinite(follow).all()
    assert np.abs(follow).max() <= np.abs(context).max(initial=0.0)
    assert follow.any() == (frames >= 16)


def test_hard_material_stays_in_bounds() -> None:
    rng = np.random.default_rng(0)
    click = np.zeros(4096)
    click[-3] = 1.0
    square = np.sign(np.sin(np.arange(4096) / 20))
    growing = np.exp(np.arange(4096) / 300) * np.sin(np.arange(4096) / 9) * 1e-6
    spectrum = np.fft.rfft(rng.normal(0, 1, 4096))
    spectrum[300:] = 0
    band_limited = np.fft.irfft(spectrum)
    for series in (click, square, growing, band_limited, np.full(4096, 0.3), np.full(4096, 1e-30)):
        context = series[:, None].astype(np.float32)
        for backwards in (False, True):
            follow = continuation(context, 3000, backwards=backwards)
            assert np.isfinite(follow).all()
            assert np.abs(follow).max() <= np.abs(context).max()


def test_silence_and_not_numbers() -> None:
    assert not continuation(np.zeros((5000, 2), np.float32), 100).any()
    context = tones(5000)
    context[100] = np.nan
    context[200] = np.inf
    assert np.isfinite(continuation(context, 100)).all()
    assert continuation(tones(5000), 0).shape == (0, 1)


def test_burg_finds_the_poles_of_a_known_process() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, 60_000)
    series = np.zeros_like(noise)
    for i in range(2, noise.size):
        series[i] = 1.6 * series[i - 1] - 0.8 * series[i - 2] + noise[i]
    a = burg([series[:30_000], series[30_000:]], 2)
    assert a == pytest.approx([1.0, -1.6, 0.8], abs=0.02)


def test_burg_lowers_the_order_and_bears_silence() -> None:
    assert burg([np.ones(40)], 1024).size == 11
    assert burg([np.random.default_rng(0).normal(size=4000), np.zeros(3)], 64).size == 65
    assert burg([np.zeros(100)], 8).tolist() == [1.0]
    assert burg([], 8).tolist() == [1.0]


def test_an_unstable_polynomial_is_tamed() -> None:
    context = np.sin(np.arange(500) / 5)
    follow = extrapolate(context, 2000, np.array([1.0, -2.5, 1.7]))
    assert np.isfinite(follow).all()
    assert np.abs(follow).max() <= 8.0
