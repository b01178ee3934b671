"""Columns of few frames against plain minima, maxima and RMS of the samples; spans of a pyramid against their bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sound.clip import Clip
from app.sound.extremes import span_extremes, span_rms
from app.sound.near import Near


def sound(length: int, channels: int, seed: int = 1) -> Clip:
    rng = np.random.default_rng(seed)
    return Clip(rng.integers(-32768, 32767, (length, channels)).astype(np.int16), 44_100)


def check(near: Near, start: float, per_column: float, first: int, count: int) -> None:
    frames = near.sound.read()
    found = near.columns(start, per_column, first, count)
    edges = np.floor(start + per_column * np.arange(first, first + count + 1)).astype(int)
    assert found.shape == (count, near.sound.channels, 3)
    for index in range(count):
        begin, end = max(edges[index], 0), min(max(edges[index + 1], edges[index] + 1), len(frames))
        if begin >= end:
            assert np.isnan(found[index]).all()
            continue
        part = frames[begin:end]
        assert np.array_equal(found[index, :, 0], part.min(axis=0))
        assert np.array_equal(found[index, :, 1], part.max(axis=0))
        wanted = np.sqrt(np.square(part, dtype=np.float64).mean(axis=0))
        if per_column < 16:
            assert np.allclose(found[index, :, 2], wanted, atol=1e-5)
        elif 32 < end - begin < len(frames) - begin:
            assert np.allclose(found[index, :, 2], wanted, atol=0.4)


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_columns_at_any_zoom_and_place_are_those_of_their_frames(channels: int) -> None:
    near = Near(sound(300_001, channels, channels))
    rng = np.random.default_rng(4)
    for _ in range(40):
        per_column = float(np.exp(rng.uniform(np.log(0.1), np.log(256))))
        check(near, float(rng.uniform(-3000, 300_001)), per_column, int(rng.integers(-30, 30)), 30)
    check(near, 0.0, 255.9, 0, 1200)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 3), st.floats(-500, 6000), st.floats(0.05, 255.0))
def test_short_sounds_of_every_length(length: int, channels: int, start: float, per_column: float) -> None:
    check(Near(sound(length, channels)), start, per_column, 0, 17)


def test_a_column_across_two_blocks_shows_both() -> None:
    samples = np.zeros((400_000, 2), np.int16)
    near = Near(Clip(samples, 44_100))
    edge = near._size
    samples[edge - 1], samples[edge] = -9000, 9000
    low, high, _ = near.columns(edge - 100.0, 200.0, 0, 1)[0, 0]
    assert (low, high) == (np.float32(-9000 / 32768), np.float32(9000 / 32768))


def test_no_more_than_some_blocks_are_kept() -> None:
    near = Near(sound(3_000_000, 2))
    for start in range(0, 3_000_000, 100_000):
        near.columns(float(start), 60.0, 0, 1000)
    assert len(near._blocks) <= 6


def test_what_is_no_number_is_silence() -> None:
    samples = np.full((60_000, 1), 0.25, np.float32)
    samples[100], samples[20_000], samples[40_000] = np.nan, np.inf, -np.inf
    found = Near(Clip(samples, 8000)).columns(0.0, 50.0, 0, 1200)
    assert np.isfinite(found).all()
    assert found[..., 1].max() == np.float32(0.25)
    assert found[..., 0].min() == 0


def test_rms_of_a_steady_tone_is_its_level_at_every_zoom() -> None:
    tone = np.sin(np.arange(500_000) * 2 * np.pi * 1000 / 44_100).astype(np.float32)
    near = Near(Clip.from_frames(tone, 44_100))
    for per_column in (200.0, 100.0, 70.0):
        assert np.allclose(near.columns(1000.0, per_column, 0, 500)[..., 2], np.sqrt(0.5), atol=0.12)


@pytest.mark.parametrize("width", [1, 7, 100, 1999])
def test_spans_of_a_pyramid_are_exact_at_every_depth(width: int) -> None:
    rng = np.random.default_rng(9)
    bins = rng.integers(-1000, 1000, (2, 70_003)).astype(np.int16)
    levels = [(bins, bins)]
    energy = [np.square(bins, dtype=np.float32)]
    while levels[-1][0].shape[1] >= 4:
        low, high = levels[-1]
        whole = low.shape[1] // 4 * 4
        levels.append((low[:, :whole].reshape(2, -1, 4).min(axis=2), high[:, :whole].reshape(2, -1, 4).max(axis=2)))
        energy.append(energy[-1][:, :whole].reshape(2, -1, 4).sum(axis=2))
    for _ in range(5):
        edges = np.unique(rng.integers(0, 70_004, width + 1))
        if edges.size < 2:
            continue
        first, last = edges[:-1], edges[1:]
        low, high = span_extremes(levels, first, last)
        level = span_rms(energy, 1, first, last)
        for index, (begin, end) in enumerate(zip(first, last, strict=True)):
            assert np.array_equal(low[:, index], bins[:, begin:end].min(axis=1))
            assert np.array_equal(high[:, index], bins[:, begin:end].max(axis=1))
            if end - begin > 500:
                wanted = np.sqrt(np.square(bins[:, begin:end], dtype=np.float64).mean(axis=1))
                assert np.allclose(level[:, index], wanted, rtol=0.2)
