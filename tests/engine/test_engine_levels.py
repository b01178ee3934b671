"""Levels and seams: what must not be returned, and what a join is worth."""

import numpy as np
import pytest
from sounds import make_music

from app.engine.beat import find_beat
from app.engine.features import analyse_whole
from app.engine.fill import fill
from app.engine.inpaint import Method, inpaint
from app.engine.levels import flaw, limited, peak_of
from app.engine.seams import seam_scores
from app.sound.region import Region

RATE = 22050
HOLE = Region(4 * RATE, 5 * RATE)


@pytest.fixture
def frames():
    return make_music(10.0, RATE, 2, seed=3).read()


def test_a_part_of_the_clip_itself_has_no_flaw(frames):
    assert flaw(frames[HOLE.start : HOLE.end], frames, HOLE, RATE) == ""
    assert flaw(frames[:RATE], frames, HOLE, RATE) == ""


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda patch: patch * np.nan, "not numbers"),
        (lambda patch: patch * np.inf, "not numbers"),
        (lambda patch: patch * 0, "silent"),
        (lambda patch: patch * 0.003, "softer"),
        (lambda patch: patch * 4, "louder"),
    ],
)
def test_what_is_spoilt_has_a_reason(frames, spoil, word):
    with np.errstate(invalid="ignore"):
        patch = spoil(frames[HOLE.start : HOLE.end])
    assert word in flaw(patch, frames, HOLE, RATE)


def test_silence_in_silence_is_right(frames):
    frames[: 8 * RATE] = 0
    assert flaw(np.zeros((RATE, 2), np.float32), frames, Region(2 * RATE, 3 * RATE), RATE) == ""


def test_nothing_is_louder_than_the_limit_and_what_is_softer_stays(frames):
    made = limited(frames, 0.1, RATE)
    assert peak_of(made) <= 0.1 + 1e-8
    assert limited(frames, 2.0, RATE) is not frames
    assert np.array_equal(limited(frames, 2.0, RATE), frames)
    assert np.isfinite(limited(frames * np.nan, 0.1, RATE)).all()


def test_a_hard_cut_scores_worse_than_the_sound_itself(frames):
    own = seam_scores(frames, RATE, HOLE, (HOLE.start + RATE // 2 + 4000,))
    assert len(own) == 3
    cut = frames.copy()
    cut[HOLE.start : HOLE.end] = np.random.default_rng(0).normal(0, 0.1, (HOLE.length, 2))
    bad = seam_scores(cut, RATE, HOLE, ())
    assert len(bad) == 2
    assert min(bad) > 0.95 > np.mean(own)
    assert seam_scores(frames, RATE, Region(0, RATE), ()) != ()
    assert len(seam_scores(frames, RATE, Region(0, RATE), ())) == 1


def test_the_beat_of_music_is_found_and_noise_has_none(frames):
    whole = analyse_whole(make_music(30.0, RATE, 1, seed=3).read()[:, 0], RATE)
    beat = whole.beat
    assert beat is not None
    period = beat.period * whole.hop / RATE
    assert period == pytest.approx(0.5, rel=0.01)
    assert beat.off(np.array([8 * beat.period]))[0] < 0.1
    assert beat.off(np.array([8.3 * beat.period]))[0] > 0.5 * beat.weight
    noise = np.random.default_rng(0).normal(0, 0.1, 20 * RATE).astype(np.float32)
    found = analyse_whole(noise, RATE)
    assert found.beat is None or found.beat.weight < 0.5
    assert found.noisy
    assert not whole.noisy


def test_too_little_has_no_beat():
    assert find_beat(np.ones(20, np.float32), np.ones(20, np.bool_), 0.0116) is None
    assert find_beat(np.ones(2000, np.float32), np.ones(2000, np.bool_), 0.0116) is None
    assert find_beat(np.ones(2000, np.float32), np.zeros(2000, np.bool_), 0.0116) is None


def test_a_fill_is_drawn_from_where_the_beat_falls_alike():
    """Equal notes on every beat: only the beat says by how much a source may be shifted."""
    frames = make_music(30.0, RATE, 1, seed=3).read()
    hole = Region(round(10.2 * RATE), round(13.3 * RATE))
    frames[hole.start : hole.end] = 0
    for seed in range(8):
        made = fill(frames, RATE, hole, seed=seed, variety=1.0, progress=lambda _: None)
        at = hole.start / RATE
        for start, end in made.sources:
            assert abs((start - at) / 0.5 - round((start - at) / 0.5)) < 0.1
            at += end - start


def test_noise_is_filled_as_a_texture_and_music_is_not(frames):
    noise = np.random.default_rng(0).normal(0, 0.1, (10 * RATE, 1)).astype(np.float32)
    assert inpaint(noise, RATE, HOLE, seed=1).method == "texture"
    assert inpaint(noise, RATE, HOLE, seed=1, method=Method.FILL).method == "fill"
    assert inpaint(frames, RATE, HOLE, seed=1).method == "fill"
    told = inpaint(frames, RATE, HOLE, seed=1, method=Method.TEXTURE)
    assert told.method == "texture"
    made = inpaint(noise, RATE, HOLE, seed=1).frames[HOLE.start : HOLE.end]
    assert made.std() == pytest.approx(0.1, rel=0.1)


def test_seeds_behind_the_last_way_still_differ():
    frames = np.concatenate([make_music(8.0, RATE, 1, seed=s).read() for s in (3, 4, 5, 6)])
    hole = Region(9 * RATE, 11 * RATE)
    paths = {
        tuple((round(a, 1), round(b, 1)) for a, b in inpaint(frames, RATE, hole, seed=s).sources) for s in range(20)
    }
    assert len(paths) >= 7
    assert len({inpaint(frames, RATE, hole, seed=s, variety=0.0).sources for s in (0, 50)}) == 1


def test_a_weak_match_says_that_its_content_means_nothing():
    rng = np.random.default_rng(0)
    # Every half second another timbre: nothing fits anywhere.
    parts = [
        np.sin(2 * np.pi * rng.uniform(80, 4000) * np.arange(RATE // 4) / RATE) * rng.uniform(0.02, 0.3)
        for _ in range(60)
    ]
    made = inpaint(np.concatenate(parts)[:, None].astype(np.float32), RATE, HOLE, seed=1)
    assert made.match == "weak"
    assert any("speech" in note for note in made.notes)
