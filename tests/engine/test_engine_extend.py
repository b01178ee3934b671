"""Extend: the clip goes on before its start and after its end, without a step, from its own sound."""

import numpy as np
import pytest
from sounds import make_music

from app.engine.extend import extend
from app.errors import SoundError

RATE = 22050


@pytest.fixture
def frames():
    return make_music(12.0, RATE, 2, seed=3).read()


def test_both_ends_go_on_by_so_many_frames(frames):
    made = extend(frames, RATE, 30_001, 50_000, seed=1)
    assert made.before.shape == (30_001, 2)
    assert made.after.shape == (50_000, 2)
    assert made.match in ("strong", "fair", "weak")
    for part in (made.before, made.after):
        assert np.isfinite(part).all()
        assert np.abs(part).max() <= np.abs(frames).max() + 1e-6
        assert part.std() == pytest.approx(frames.std(), rel=0.4)
    assert all(-1e-6 <= start < end <= 12.0 + 1e-6 for start, end in made.sources)


def test_what_is_not_asked_for_is_empty(frames):
    made = extend(frames, RATE, 0, 1000, seed=1)
    assert made.before.shape == (0, 2)
    assert made.after.shape == (1000, 2)


def test_no_step_at_the_clips_ends_and_silence_at_the_new_ones(frames):
    made = extend(frames, RATE, 2 * RATE, 2 * RATE, seed=2)
    usual = np.quantile(np.abs(np.diff(frames, axis=0)), 0.999)
    assert np.abs(frames[0] - made.before[-1]).max() <= usual
    assert np.abs(made.after[0] - frames[-1]).max() <= usual
    assert np.abs(made.before[:20]).max() < 0.02
    assert np.abs(made.after[-20:]).max() < 0.02


def test_the_beat_goes_on(frames):
    made = extend(frames, RATE, 0, 4 * RATE, seed=0, variety=0.0)
    power = np.square(made.after.mean(axis=1))
    reach = round(0.06 * RATE)
    for beat in np.arange(RATE, 3 * RATE, RATE // 2):
        late = round(0.03 * RATE)
        assert power[beat : beat + reach + late].mean() > 1.5 * power[beat - late - reach : beat - late].mean()


def test_seeds_decide(frames):
    one, again, two = (extend(frames, RATE, 0, 3 * RATE, seed=s, variety=1.0).after for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)


def test_a_clip_can_more_than_double(frames):
    made = extend(frames, RATE, 0, 30 * RATE, seed=1)
    thirds = np.split(made.after, 3)
    assert all(part.std() > 0.5 * frames.std() for part in thirds)
    assert any("more than once" in note for note in made.notes)


def test_silence_and_scraps_do_not_go_on():
    with pytest.raises(SoundError):
        extend(np.zeros((RATE, 1), np.float32), RATE, 0, RATE, seed=1)
    with pytest.raises(SoundError):
        extend(np.full((8, 1), 0.1, np.float32), RATE, 0, RATE, seed=1)
