"""Peaks against plain minima and maxima of the samples."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.sound.clip import Clip
from app.sound.peaks import BASE, Peaks, PeaksBuilder, columns_of, peaks_of
from app.sound.region import Region


def noise(length: int, channels: int, kind: str = "i2", seed: int = 1) -> Clip:
    rng = np.random.default_rng(seed)
    if kind[0] == "i":
        top = np.iinfo(np.dtype(kind)).max
        samples = rng.integers(-top, top, (length, channels)).astype(kind)
    else:
        samples = rng.uniform(-1.5, 1.5, (length, channels)).astype(kind)
    # Loudness differs from place to place, or else every bin of white noise looks alike.
    samples[: length // 3] //= 7 if kind[0] == "i" else 7.0
    return Clip(samples, 44100)


def check(clip: Clip, peaks: Peaks, start: float, end: float, width: int) -> None:
    """Each column shows at least the bins that lie wholly in it and at most those that it touches."""
    values = clip.read()
    step = (end - start) / width
    for index, column in enumerate(peaks.columns(start, end, width)):
        left, right = start + index * step, start + (index + 1) * step
        widest = values[max(int(left // BASE) * BASE, 0) : max(int(-(-right // BASE)) * BASE, 0)]
        inner = values[max(int(-(-left // BASE)) * BASE, 0) : max(int(right // BASE) * BASE, 0)]
        if not widest.size:
            assert np.isnan(column).all()
            continue
        if inner.size:
            assert (column[:, 0] <= inner.min(axis=0)).all()
            assert (column[:, 1] >= inner.max(axis=0)).all()
        if not np.isnan(column).any():
            assert (column[:, 0] >= widest.min(axis=0)).all()
            assert (column[:, 1] <= widest.max(axis=0)).all()


@pytest.mark.parametrize("kind", ["i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_any_view_shows_the_extremes_of_its_frames(kind: str, channels: int) -> None:
    clip = noise(70_001, channels, kind, seed=channels)
    peaks = peaks_of(clip)
    assert (peaks.length, peaks.channels) == (clip.length, channels)
    rng = np.random.default_rng(3)
    for width in (1, 2, 7, 33):
        for _ in range(4):
            start = float(rng.uniform(-3000, clip.length - BASE * width))
            check(clip, peaks, start, start + width * float(rng.uniform(BASE, BASE * 60)), width)
    check(clip, peaks, 0, clip.length, 1)
    check(clip, peaks, 0, clip.length, 100)


@settings(max_examples=60, deadline=None)
@example(0, 1, 1, -1e-90, 256.0)
@given(st.integers(0, 20_000), st.integers(1, 5), st.integers(1, 40), st.floats(-9000, 25_000), st.floats(256, 9000))
def test_lengths_channels_and_views_of_every_kind(
    length: int, channels: int, width: int, start: float, per_column: float
) -> None:
    clip = noise(length, channels, seed=length)
    check(clip, peaks_of(clip), start, start + width * per_column, width)


def test_a_view_that_fits_the_bins_is_exact_and_loses_nothing() -> None:
    clip = noise(BASE * 640, 2)
    columns = peaks_of(clip).columns(0, clip.length, 40)
    rows = clip.read().reshape(40, -1, 2)
    assert np.array_equal(columns[..., 0], rows.min(axis=1))
    assert np.array_equal(columns[..., 1], rows.max(axis=1))


def test_every_peak_is_in_exactly_one_column() -> None:
    samples = np.zeros((BASE * 1000 + 17, 1), np.int16)
    rng = np.random.default_rng(5)
    for _ in range(50):
        at = int(rng.integers(samples.shape[0]))
        samples[:] = 0
        samples[at] = 12345
        columns = peaks_of(Clip(samples, 44100)).columns(0, samples.shape[0], 331)
        assert np.count_nonzero(columns[..., 1]) == 1


def test_blocks_of_any_size_give_the_same_peaks_and_snapshots_stay() -> None:
    clip = noise(50_000, 2)
    rng = np.random.default_rng(2)
    builder, at = PeaksBuilder(2, clip.scale), 0
    early = builder.peaks()
    assert early.length == 0
    assert np.isnan(early.columns(0, 1000, 5)).all()
    snapshots = [early]
    while at < clip.length:
        step = int(rng.choice([1, 100, 255, 256, 257, 5000]))
        builder.add(clip.samples[at : at + step])
        at = min(at + step, clip.length)
        snapshots.append(builder.peaks())
    whole = peaks_of(clip).columns(0, clip.length, 50)
    assert np.array_equal(snapshots[-1].columns(0, clip.length, 50), whole)
    for snapshot in snapshots[1::5]:
        again = peaks_of(clip.cut(0, snapshot.length)).columns(0, clip.length, 190)
        assert np.array_equal(snapshot.columns(0, clip.length, 190), again, equal_nan=True)
        assert not snapshot.levels[0].low.flags.writeable


def test_what_is_no_number_is_silence_and_poisons_nothing() -> None:
    samples = np.full((BASE * 40 + 9, 2), 0.25, np.float32)
    samples[300, 0] = np.nan
    samples[5000, 1] = np.inf
    samples[6000, 1] = -np.inf
    samples[-1, 0] = np.nan
    clip = Clip(samples, 44100)
    columns = peaks_of(clip).columns(0, clip.length, 20)
    assert np.isfinite(columns).all()
    assert columns.max() == np.float32(0.25)
    check(clip, peaks_of(clip), 0, clip.length, 20)


def test_silence_and_nothing() -> None:
    assert not peaks_of(Clip(np.zeros((5000, 1), np.int16), 8000)).columns(0, 5000, 10).any()
    nothing = peaks_of(Clip(np.zeros((0, 2), np.int16), 8000))
    assert np.isnan(nothing.columns(0, 100, 3)).all()
    assert nothing.columns(0, 0, 0).shape == (0, 2, 2)


def test_a_block_that_does_not_follow_is_refused() -> None:
    builder = PeaksBuilder(2)
    builder.add(np.zeros((10, 2), np.int16))
    with pytest.raises(ValueError, match="does not follow"):
        builder.add(np.zeros((10, 2), np.float32))
    with pytest.raises(ValueError, match="does not follow"):
        builder.add(np.zeros((10, 1), np.int16))


@pytest.mark.parametrize("loud", [0.5, 3.0])
@pytest.mark.parametrize(("start", "end"), [(0, 1), (255, 257), (40_000, 61_000), (99_900, 100_001), (0, 100_001)])
@pytest.mark.parametrize("kind", ["i2", "f4"])
def test_a_changed_region_is_summarised_anew_and_the_rest_kept(kind: str, start: int, end: int, loud: float) -> None:
    clip = noise(100_001, 2, kind)
    before = peaks_of(clip)
    shown = before.columns(0, clip.length, 120)
    values = clip.read()
    values[start:end] = np.random.default_rng(8).uniform(-loud, loud, (end - start, 2))
    changed = Clip.from_frames(values, 44100)
    after = before.with_region(Region(start, end), changed)
    for first, last, width in ((0, 100_001, 1), (0, 100_001, 120), (30_000, 70_000, 99), (99_000, 100_001, 3)):
        want = peaks_of(changed).columns(first, last, width)
        assert np.allclose(after.columns(first, last, width), want, atol=1.01 / 32768, equal_nan=True)
    assert np.array_equal(before.columns(0, clip.length, 120), shown)


def test_a_region_outside_changes_nothing() -> None:
    clip = noise(1000, 1)
    peaks = peaks_of(clip)
    assert peaks.with_region(Region(5000, 6000), clip) is peaks


@pytest.mark.parametrize("per_column", [0.1, 0.5, 1, 3, 17.3, 255])
def test_deep_zooms_are_exact(per_column: float) -> None:
    clip = noise(9000, 2)
    values = clip.read()
    width, start = 150, 123.4
    for index, column in enumerate(columns_of(clip, start, start + width * per_column, width)):
        first = int(start + index * per_column)
        part = values[first : max(int(start + (index + 1) * per_column), first + 1)]
        if part.size:
            assert np.array_equal(column[:, 0], part.min(axis=0))
            assert np.array_equal(column[:, 1], part.max(axis=0))
        else:
            assert np.isnan(column).all()


def test_deep_zooms_outside_show_nothing() -> None:
    columns = columns_of(noise(100, 1), -50, 150, 4)
    assert np.isnan(columns[[0, 3]]).all()
    assert np.isfinite(columns[1:3]).all()
