"""Columns and RMS levels against brute force: any channels, lengths, views; numbers that are none, and silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sound.clip import Clip
from app.sound.peaks import BASE, Peaks, PeaksBuilder, columns_of, peaks_of, rms_of
from app.sound.peaks_growing import grow
from app.sound.preview import WINDOWS, preview_of, spread
from app.sound.reduce import level_bins
from app.sound.region import Region

KINDS = ("i2", "i4", "f4", "f8")


def made(length: int, channels: int, kind: str, seed: int, *, odd: bool = False) -> Clip:
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (length, channels)) * rng.uniform(0, 1, (length, 1)) ** 4
    if kind[0] == "i":
        return Clip((values * (2.0 ** (8 * int(kind[1]) - 1) - 1)).astype(kind), 44100)
    samples = values.astype(kind)
    if odd and length:
        for value in (np.nan, np.inf, -np.inf):
            samples[rng.integers(0, length, 3), rng.integers(0, channels, 3)] = value
    return Clip(samples, 44100)


def brute(clip: Clip, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    part = clip.read(first, last).astype(np.float64)
    return part.min(axis=0), part.max(axis=0), np.sqrt(np.square(part).mean(axis=0))


def check(clip: Clip, peaks: Peaks, start: float, end: float, width: int) -> None:
    """Every column is the very extremes and level of the whole bins that its edges are rounded down to."""
    columns, levels = peaks.columns(start, end, width), peaks.rms(start, end, width)
    edges = np.floor(start / BASE + (end / BASE - start / BASE) / width * np.arange(width + 1)).astype(int)
    for index in range(width):
        first, last = edges[index] * BASE, max(edges[index + 1], edges[index] + 1) * BASE
        first, last = max(first, 0), min(last, clip.length)
        if last <= first:
            assert np.isnan(columns[index]).all()
            assert np.isnan(levels[index]).all()
            continue
        low, high, level = brute(clip, first, last)
        assert np.allclose(columns[index, :, 0], low, rtol=1e-6, atol=1e-7)
        assert np.allclose(columns[index, :, 1], high, rtol=1e-6, atol=1e-7)
        assert np.allclose(levels[index], level, rtol=1e-4, atol=1e-7)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 60_000),
    st.integers(1, 8),
    st.sampled_from(KINDS),
    st.integers(1, 30),
    st.floats(-9000, 60_000),
    st.floats(256, 9000),
    st.booleans(),
)
def test_any_view_of_anything_is_what_brute_force_finds(
    length: int, channels: int, kind: str, width: int, start: float, per_column: float, odd: bool
) -> None:
    clip = made(length, channels, kind, length, odd=odd)
    check(clip, peaks_of(clip), start, start + width * per_column, width)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4000), st.integers(1, 8), st.integers(1, 40), st.floats(-500, 4000), st.floats(0.05, 255))
def test_deep_views_are_what_brute_force_finds(
    length: int, channels: int, width: int, start: float, per_column: float
) -> None:
    clip = made(length, channels, "f4", length, odd=True)
    end = start + width * per_column
    columns, levels = columns_of(clip, start, end, width), rms_of(clip, start, end, width)
    edges = np.floor(start + (end - start) / width * np.arange(width + 1)).astype(int)
    for index in range(width):
        first, last = max(edges[index], 0), min(max(edges[index + 1], edges[index] + 1), length)
        if last <= first:
            assert np.isnan(levels[index]).all()
            continue
        low, high, level = brute(clip, first, last)
        assert np.array_equal(columns[index, :, 0], low.astype(np.float32))
        assert np.array_equal(columns[index, :, 1], high.astype(np.float32))
        assert np.allclose(levels[index], level, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 7, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_several_threads_make_the_same_peaks_in_order(kind: str, channels: int) -> None:
    clip = made(1_234_567 // channels, channels, kind, 7, odd=True)
    seen: list[int] = []
    grown = grow(clip, report=lambda builder: seen.append(builder.peaks().length))
    assert grown is not None
    assert seen == sorted(seen)
    one = peaks_of(clip)
    assert [level.bins for level in grown.peaks.levels] == list(level_bins(clip.length))
    for mine, other in zip(grown.peaks.levels, one.levels, strict=True):
        assert np.array_equal(mine.low, other.low)
        assert np.array_equal(mine.high, other.high)
        assert np.allclose(mine.energy, other.energy, rtol=1e-5)
    assert grown.strange == (0 if kind[0] == "i" else np.count_nonzero(~np.isfinite(clip.samples[:])))


def test_growing_ends_where_it_is_not_wanted() -> None:
    clip = made(2_000_000, 2, "i2", 1)
    assert grow(clip, cancelled=lambda: True) is None


def test_silence_has_no_level_and_huge_numbers_do_not_break_one() -> None:
    quiet = peaks_of(Clip(np.zeros((5000, 2), np.int16), 8000))
    assert not quiet.rms(0, 5000, 7).any()
    loud = np.full((BASE * 8, 1), 3e30, np.float32)
    assert np.isfinite(peaks_of(Clip(loud, 8000)).rms(0, BASE * 8, 3)).all()


def test_room_that_was_given_is_used_and_may_be_too_small() -> None:
    clip = made(100_001, 2, "i2", 3)
    for frames in (100_001, 5000):
        room = [
            (np.zeros((2, bins), np.int16), np.zeros((2, bins), np.int16), np.zeros((2, bins), np.float32))
            for bins in level_bins(frames)
        ]
        builder = PeaksBuilder(2, clip.scale, room)
        builder.add(clip.samples[:])
        peaks = builder.finish()
        assert np.shares_memory(peaks.levels[0].low, room[0][0]) == (frames == clip.length)
        check(clip, peaks, 0, clip.length, 33)


def test_a_changed_region_has_its_own_level() -> None:
    clip = made(50_000, 2, "i2", 9)
    values = clip.read()
    values[10_000:20_000] = 0.5
    changed = Clip.from_frames(values, 44100)
    after = peaks_of(clip).with_region(Region(10_000, 20_000), changed)
    assert np.allclose(after.rms(0, 50_000, 50), peaks_of(changed).rms(0, 50_000, 50), rtol=1e-4)


def test_a_preview_shows_the_whole_and_gives_way_to_what_is_known() -> None:
    length = WINDOWS * 700 + 13
    swell = np.linspace(0, 1, length)[:, None]
    samples = (np.random.default_rng(4).uniform(-1, 1, (length, 2)) * swell * 32767).astype(np.int16)
    clip = Clip(samples, 44100)
    preview = preview_of(clip)
    assert preview is not None
    assert preview.length == length
    exact = peaks_of(clip)
    coarse, fine = preview.columns(0, length, 400), exact.columns(0, length, 400)
    assert np.isfinite(coarse).all()
    assert np.abs(coarse - fine).max() < 0.1
    assert np.abs(preview.rms(0, length, 400) - exact.rms(0, length, 400)).max() < 0.05
    builder = PeaksBuilder(2, clip.scale)
    builder.add(samples[: BASE * 1000])
    growing = builder.peaks().over(preview).columns(0, length, 400)
    known = int(BASE * 1000 / length * 400) - 1
    assert np.array_equal(growing[:known], fine[:known])
    assert np.array_equal(growing[known + 2 :], coarse[known + 2 :])


def test_a_preview_is_even_whenever_time_is_up_and_none_where_it_would_gain_nothing() -> None:
    assert preview_of(made(10_000, 2, "i2", 1)) is None
    looked: list[int] = []

    def look(at: int, count: int) -> np.ndarray:
        looked.append(at)
        return np.full((count, 1), at / 1e7, np.float32)

    preview = spread(look, 10_000_000, 1, enough=lambda: len(looked) >= 128)
    assert preview is not None
    shown = preview.columns(0, 10_000_000, 100)[:, 0, 1]
    assert len(looked) == 128
    assert np.abs(shown - np.linspace(0, 1, 100)).max() < 0.03
    assert spread(lambda at, count: np.zeros((0, 1), np.float32), 10_000_000, 1) is None
