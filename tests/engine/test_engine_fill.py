"""Fill: where a path leads, how pieces join, and what is never read."""

import numpy as np
import pytest

from app.engine.features import analyse, grid_hop
from app.engine.fill import Filled, fill
from app.engine.joins import Material, Piece, blend_edges, crossfade, lay
from app.engine.path import find_path, join_costs
from app.sound.clip import Frames
from app.sound.region import Region

RATE = 44100
BAR = 2 * RATE


def bars(order: str, rate: int = RATE, seed: int = 1) -> Frames:
    """Two-second bars, each letter another melody with its own noise bursts; equal letters are equal sound."""
    made: dict[str, Frames] = {}
    for letter in sorted(set(order)):
        rng = np.random.default_rng((seed, ord(letter)))
        t = np.arange(rate // 4) / rate
        beats: list[np.ndarray] = []
        for _ in range(8):
            note = 110 * 2 ** (rng.integers(0, 25) / 12)
            tone = sum(np.sin(2 * np.pi * note * k * t) / k for k in range(1, 6)) * np.exp(-5 * t)
            beats.append(0.15 * tone + 0.05 * rng.normal(size=t.size) * np.exp(-60 * t))
        bar = np.concatenate(beats)
        made[letter] = np.stack([bar, 0.7 * bar], axis=1).astype(np.float32)
    return np.concatenate([made[letter] for letter in order])


def holed(frames: Frames, hole: Region) -> Frames:
    result = frames.copy()
    result[hole.start : hole.end] = 0
    return result


def filled(frames: Frames, hole: Region, seed: int = 0, variety: float = 0.5, rate: int = RATE) -> Filled:
    return fill(holed(frames, hole), rate, hole, seed=seed, variety=variety, progress=lambda _: None)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 88200, 96000, 192000])
def test_the_grid_scales_with_the_rate(rate: int) -> None:
    hop = grid_hop(rate)
    assert hop / rate == pytest.approx(512 / 44100, rel=0.07)
    frames = bars("AB", rate)
    features = analyse(frames.mean(axis=1), rate, Region(rate, rate * 2))
    assert features.table.shape == (-(-frames.shape[0] // hop), 55)
    assert np.isfinite(features.table).all()
    assert features.left.shape[0] > 70
    assert features.right.shape[0] > 120


def test_moments_that_touch_the_hole_are_not_usable() -> None:
    mono = bars("ABC").mean(axis=1)
    hole = Region(60_000, 80_000)
    features = analyse(mono, RATE, hole)
    centers = np.arange(features.usable.size) * features.hop
    touching = (centers + 2 * features.hop > hole.start) & (centers - 2 * features.hop < hole.end)
    assert np.array_equal(features.usable, ~touching)
    assert features.landing >= hole.end
    assert (features.landing - hole.start) % features.step == 0


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_a_missing_bar_is_found_where_the_music_repeats(rate: int) -> None:
    """A B C B A B C B D with the second B's place masked: what stood between the same neighbours before comes back."""
    frames, bar = bars("ABCDABCDAE", rate), 2 * rate
    hole = Region(5 * bar, 6 * bar)
    found = filled(frames, hole, rate=rate)
    assert found.match == "strong"
    assert len(found.sources) >= 1
    start, end = found.sources[0][0], found.sources[-1][1]
    assert start == pytest.approx(bar / rate, abs=0.02)
    assert end == pytest.approx(2 * bar / rate, abs=0.02)
    truth = frames[hole.start : hole.end]
    middle = slice(rate // 2, -rate // 2)
    assert np.corrcoef(found.patch[middle, 0], truth[middle, 0])[0, 1] > 0.95


def test_ends_that_suit_cost_less_than_ends_that_do_not() -> None:
    frames = bars("ABCDABCDAE")
    hole = Region(5 * BAR, 6 * BAR)
    features = analyse(holed(frames, hole).mean(axis=1), RATE, hole)
    begin, end = join_costs(features, features.hop / RATE)
    assert begin[round(BAR / features.step)] < 0.2 < np.median(begin[np.isfinite(begin)])
    steps = -(-hole.length // features.step)
    assert end[round(BAR / features.step) + steps - 1] < 0.2
    assert np.isinf(begin[round(5.5 * BAR / features.step)])


def test_paths_never_enter_the_hole_and_play_on_unless_they_jump() -> None:
    frames = bars("ABCDEFGH")
    hole = Region(3 * BAR, 5 * BAR)
    features = analyse(holed(frames, hole).mean(axis=1), RATE, hole)
    steps = -(-hole.length // features.step)
    for seed in range(6):
        path = find_path(features, steps, features.hop / RATE, seed=seed, variety=1.0)
        assert path is not None
        assert path.states.size == steps
        assert features.usable[::2][path.states].all()
        assert np.count_nonzero(np.diff(path.states) != 1) < 12


def test_a_long_path_is_the_same_searched_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = bars("ABCDEFGH")
    hole = Region(3 * BAR, 5 * BAR)
    features = analyse(holed(frames, hole).mean(axis=1), RATE, hole)
    whole = find_path(features, 170, features.hop / RATE, seed=0, variety=0.0)
    monkeypatch.setattr("app.engine.path._CHUNK", 40)
    parts = find_path(features, 170, features.hop / RATE, seed=0, variety=0.0)
    assert whole is not None
    assert parts is not None
    assert np.array_equal(whole.states, parts.states)


def test_seeds_lead_along_different_paths_and_the_first_is_the_best() -> None:
    frames = bars("ABCDABECAFCDAB")
    hole = Region(5 * BAR, 5 * BAR + BAR // 2)
    features = analyse(holed(frames, hole).mean(axis=1), RATE, hole)
    found = [find_path(features, 43, features.hop / RATE, seed=seed, variety=0.5) for seed in range(4)]
    states = {path.states.tobytes() for path in found if path}
    assert len(states) == min(4, found[0].ways if found[0] else 0) > 1
    only = find_path(features, 43, features.hop / RATE, seed=3, variety=0.0)
    assert only is not None
    assert found[0] is not None
    assert only.ways == 1
    assert np.array_equal(only.states, found[0].states)


def test_in_steady_noise_no_moment_is_a_bad_match() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (8 * RATE, 1)).astype(np.float32)
    assert filled(noise, Region(3 * RATE, 5 * RATE)).match in ("strong", "fair")


def test_too_little_for_a_path_is_strung_together_and_says_so() -> None:
    frames = bars("ABC")
    found = filled(frames, Region(0, frames.shape[0] - 12_000))
    assert "strung together" in found.notes[0]
    assert found.patch.std() > 0.1 * frames[-12_000:].std()
    quarter = round(0.25 * RATE)
    assert np.isfinite(filled(frames, Region(quarter // 2, frames.shape[0] - quarter // 2)).patch).all()


def test_a_mask_longer_than_the_rest_says_that_sound_repeats() -> None:
    found = filled(bars("ABCD"), Region(BAR, 4 * BAR - BAR // 2))
    assert any("more than once" in note for note in found.notes)


def test_sources_lie_in_the_clip_outside_the_hole() -> None:
    frames = bars("ABCDEFGH")
    hole = Region(3 * BAR, 5 * BAR)
    for seed in range(5):
        for start, end in filled(frames, hole, seed).sources:
            assert 0 <= start < end <= frames.shape[0] / RATE
            assert end <= hole.start / RATE + 1e-9 or start >= hole.end / RATE - 1e-9


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_a_crossfade_keeps_the_level_whatever_the_correlation(correlation: float) -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(0, 0.1, (2, 200_000, 1))
    second = correlation * one + np.sqrt(1 - correlation**2) * other
    mixed = crossfade(one.astype(np.float32), second.astype(np.float32))
    for part in np.split(mixed, 10):
        assert part.std() == pytest.approx(0.1, rel=0.03)
    assert mixed[0] == pytest.approx(one[0], rel=0.01)
    assert mixed[-1] == pytest.approx(second[-1], rel=0.01)


def test_a_piece_is_nudged_until_its_waves_meet() -> None:
    t = np.arange(4 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 100 * t))[:, None].astype(np.float32)
    hole = Region(2 * RATE, 3 * RATE)
    material = Material(holed(tone, hole), holed(tone, hole)[:, 0], RATE, hole)
    quarter_wave = RATE // 400
    placed, patch = lay([Piece(hole.start, -RATE - quarter_wave)], material)
    assert abs((placed[0].lag % 441 + 220) % 441 - 220) <= 5
    assert np.abs(patch - tone[hole.start : hole.end]).max() < 0.03


def test_levels_are_eased_to_both_sides() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (6 * RATE, 1)).astype(np.float32)
    noise[: 3 * RATE] *= 1.4
    hole = Region(3 * RATE, 5 * RATE)
    material = Material(holed(noise, hole), holed(noise, hole)[:, 0], RATE, hole)
    _, patch = lay([Piece(hole.start, -2 * RATE)], material)
    assert patch[:2000].std() == pytest.approx(0.14, rel=0.1)
    assert patch[-2000:].std() == pytest.approx(0.1, rel=0.1)


def test_the_context_goes_on_into_the_hole() -> None:
    """At both edges the patch is the continuation of what stands outside, not the foreign sound it was given."""
    t = np.arange(3 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 330 * t))[:, None].astype(np.float32)
    hole = Region(RATE, 2 * RATE)
    material = Material(holed(tone, hole), holed(tone, hole)[:, 0], RATE, hole)
    patch = blend_edges(np.zeros((RATE, 1), np.float32), material, seed=0)
    assert patch[:200] == pytest.approx(tone[hole.start : hole.start + 200], abs=0.02)
    assert patch[-200:] == pytest.approx(tone[hole.end - 200 : hole.end], abs=0.02)
    assert not patch[RATE // 10 : -RATE // 10].any()
