"""Repair: short holes come back close to the truth, at the right level, the same for a seed."""

import numpy as np
import pytest

from app.engine.repair import mend, repair
from app.engine.solvers import lowest_near, mean_near, solve_toeplitz
from app.sound.clip import Clip, Frames
from app.sound.region import Region


def notes(seconds: float = 3.0, rate: int = 44100) -> Frames:
    """Two channels of a slow chord over a little noise, without onsets."""
    rng = np.random.default_rng(3)
    t = np.arange(round(seconds * rate)) / rate
    left = sum(np.sin(2 * np.pi * f * t + f) * (1 + 0.3 * np.sin(2 * np.pi * 0.7 * t)) for f in (220.0, 277.2, 329.6))
    right = sum(np.sin(2 * np.pi * f * t) for f in (110.0, 415.3))
    frames = np.stack([left, right], axis=1) * 0.1
    return (frames + rng.normal(0, 0.0005, frames.shape)).astype(np.float32)


def snr(truth: Frames, found: Frames) -> float:
    error = np.square(truth.astype(float) - found.astype(float)).sum()
    return float(10 * np.log10(np.square(truth.astype(float)).sum() / error))


def holed(frames: Frames, hole: Region, with_what: float = np.nan) -> Frames:
    result = frames.copy()
    result[hole.start : hole.end] = with_what
    return result


@pytest.mark.parametrize(
    ("rate", "milliseconds", "least_db"),
    [(44100, 2, 30), (44100, 10, 25), (44100, 20, 20), (44100, 50, 15), (8000, 20, 20), (96000, 20, 20)],
)
def test_a_chord_is_told_from_its_edges(rate: int, milliseconds: int, least_db: float) -> None:
    frames = notes(rate=rate)
    hole = Region(rate, rate + round(milliseconds * rate / 1000))
    found = repair(holed(frames, hole), rate, hole, seed=0, texture=0.0)
    assert found.shape == (hole.length, 2)
    assert found.dtype == np.float32
    assert snr(frames[hole.start : hole.end], found) > least_db


def test_it_beats_a_straight_line_on_music_by_far(music: Clip) -> None:
    frames, rate = music.read(), music.rate
    found: list[float] = []
    for start in range(30_000, 230_000, 40_000):
        hole = Region(start, start + 441)
        ramp = np.linspace(0, 1, hole.length)[:, None]
        line = frames[hole.start - 1] * (1 - ramp) + frames[hole.end] * ramp
        truth = frames[hole.start : hole.end]
        found.append(snr(truth, repair(frames, rate, hole, seed=0)) - snr(truth, line))
    assert np.mean(found) > 8


def test_texture_brings_the_level_of_noise_back() -> None:
    frames = np.random.default_rng(1).normal(0, 0.1, (44100, 1)).astype(np.float32)
    hole = Region(20000, 24410)
    bare = repair(frames, 44100, hole, seed=0, texture=0.0)
    full = repair(frames, 44100, hole, seed=0, texture=1.0)
    assert bare.std() < 0.05
    assert full.std() == pytest.approx(0.1, rel=0.1)


def test_texture_keeps_the_stereo_image() -> None:
    """Both channels draw their texture from the same moments: equal channels stay equal."""
    one = np.random.default_rng(1).normal(0, 0.1, (44100, 1)).astype(np.float32)
    found = repair(np.repeat(one, 2, axis=1), 44100, Region(20000, 22000), seed=5)
    assert np.array_equal(found[:, 0], found[:, 1])


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_what_the_clip_repeats_is_taken_from_where_it_stands(rate: int) -> None:
    """A phrase of noise that no model could foretell, heard twice, the second time softer and under a tone."""
    rng = np.random.default_rng(3)
    phrase = rng.normal(0, 0.1, (rate, 1))
    tone = 0.05 * np.sin(2 * np.pi * 300 * np.arange(rate) / rate)[:, None]
    frames = np.concatenate([phrase, rng.normal(0, 0.1, (rate, 1)), 0.7 * phrase + tone]).astype(np.float32)
    start = round(2.4 * rate)
    hole = Region(start, start + rate // 12)
    made = mend(holed(frames, hole), rate, hole, seed=0)
    assert snr(frames[hole.start : hole.end], made.patch) > 15
    assert made.sources == ((pytest.approx(0.4, abs=1e-3), pytest.approx(0.4 + 1 / 12, abs=1e-3)),)
    loud = frames.copy()
    loud[hole.start : hole.end] = 9.0
    assert np.array_equal(mend(loud, rate, hole, seed=0).patch, made.patch)


def test_without_a_repeat_nothing_is_taken_from_elsewhere() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (88200, 1)).astype(np.float32)
    assert mend(noise, 44100, Region(40_000, 42_000), seed=0).sources == ()


def test_texture_spends_its_share_where_little_is_missing() -> None:
    """Loud low noise and soft high noise: the high one comes back whole, the low one in part."""
    rng = np.random.default_rng(5)
    low = np.convolve(rng.normal(0, 1, 60_000), np.hanning(200) / 100, "same")[:, None]
    frames = (0.2 * low + rng.normal(0, 0.002, (60_000, 1))).astype(np.float32)
    hole = Region(30_000, 34_000)
    made = repair(holed(frames, hole), 44100, hole, seed=1)[:, 0]
    truth = frames[hole.start : hole.end, 0]
    high = [np.abs(np.fft.rfft(x * np.hanning(4000)))[1000:].std() for x in (made, truth)]
    assert high[0] == pytest.approx(high[1], rel=0.25)
    assert made.std() < 0.8 * truth.std()


def test_it_meets_both_edges_without_a_step() -> None:
    frames = notes()
    hole = Region(44100, 44100 + 2205)
    found = repair(frames, 44100, hole, seed=2)
    whole = np.concatenate([frames[: hole.start], found, frames[hole.end :]])
    steps = np.abs(np.diff(whole, axis=0)).max(axis=1)
    assert max(steps[hole.start - 1], steps[hole.end - 1]) <= steps[: hole.start - 1].max() * 1.1


def test_a_low_passed_source_does_not_explode() -> None:
    """What a lossy codec leaves: an empty upper half of the spectrum, where a fit without a floor blows up."""
    noise = np.random.default_rng(4).normal(0, 0.1, 88200)
    spectrum = np.fft.rfft(noise)
    spectrum[spectrum.size // 3 :] = 0
    frames = np.fft.irfft(spectrum).astype(np.float32)[:, None]
    for start in range(20_000, 60_000, 12_000):
        hole = Region(start, start + 882)
        found = repair(holed(frames, hole), 44100, hole, seed=0)
        assert np.abs(found).max() < 2 * np.abs(frames).max()
        assert snr(frames[hole.start : hole.end], found) > -3


@pytest.mark.parametrize("start", [0, 5, 3 * 44100 - 1000, 3 * 44100 - 1003])
def test_a_hole_at_an_edge_is_continued_from_the_other_side(start: int) -> None:
    frames = notes()
    hole = Region(start, start + 1000)
    found = repair(holed(frames, hole), 44100, hole, seed=0)
    assert np.isfinite(found).all()
    level = float(frames.std())
    assert level * 0.3 < found.std() < level * 2
    edge, inside = (frames[hole.end], found[-1]) if start < 10 else (frames[hole.start - 1], found[0])
    assert np.abs(edge - inside).max() < np.abs(np.diff(frames, axis=0)).max() * 2


def test_silent_and_constant_channels_stay_what_they_are() -> None:
    frames = np.stack([np.zeros(20000), np.full(20000, 0.25)], axis=1).astype(np.float32)
    found = repair(frames, 44100, Region(9000, 10000), seed=0)
    assert not found[:, 0].any()
    assert found[:, 1] == pytest.approx(0.25)


def test_toeplitz_systems_are_solved_and_singular_ones_refused() -> None:
    column = np.array([2.0, 0.5, 0.1])
    matrix = np.array([[2.0, 0.5, 0.1], [0.5, 2.0, 0.5], [0.1, 0.5, 2.0]])
    solved = solve_toeplitz(column, np.array([1.0, 2.0, 3.0]))
    assert solved is not None
    assert matrix @ solved == pytest.approx([1, 2, 3])
    assert solve_toeplitz(np.zeros(3), np.ones(3)) is None


def test_windows_look_to_both_sides() -> None:
    series = np.array([3.0, 3, 0, 3, 3])
    assert lowest_near(series, 3).tolist() == [3, 0, 0, 0, 3]
    assert mean_near(series, 3) == pytest.approx([3, 2, 2, 2, 3])
