"""Vary: nothing at strength 0, more with every step, the clip's own length, level and beat."""

import itertools

import numpy as np
import pytest
from sounds import make_music

from app.engine.features import analyse_whole
from app.engine.vary import vary
from app.errors import SoundError
from app.sound.clip import Frames

RATE = 22050
STRENGTHS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0)


def tune(rate: int = RATE, seconds: float = 16.0, channels: int = 2) -> Frames:
    return make_music(seconds, rate, channels, seed=3).read()


def struck(rate: int = RATE, seconds: float = 5.0) -> Frames:
    """One bell: nothing in it is like anything else in it."""
    t = np.arange(round(seconds * rate)) / rate
    bell = sum(np.sin(2 * np.pi * f * t) * np.exp(-d * t) for f, d in ((440, 3), (1130, 4), (2210, 6)))
    return (0.2 * bell[:, None]).astype(np.float32)


def distance(one: Frames, other: Frames, rate: int = RATE) -> float:
    tables = [analyse_whole(x.mean(axis=1), rate).table[:, :40] for x in (one, other)]
    return float(np.mean(np.linalg.norm(tables[0] - tables[1], axis=1)))


def test_strength_0_is_the_clip_bit_for_bit() -> None:
    frames = tune()
    frames[100, 0] = np.nan
    made = vary(frames, RATE, strength=0.0, seed=1)
    assert made.frames.tobytes() == frames.tobytes()
    assert (made.changed, made.sources) == (0.0, ())


@pytest.mark.parametrize("sound", [tune(), struck(), tune(seconds=1.5), tune(8000, 20.0, 1)], ids=str)
def test_the_difference_grows_with_strength(sound: Frames) -> None:
    rate = 8000 if sound.shape[0] == 160_000 else RATE
    for seed in (1, 2):
        far = [distance(sound, vary(sound, rate, strength=s, seed=seed).frames, rate) for s in STRENGTHS]
        assert far[0] > 0
        assert all(less < more for less, more in itertools.pairwise(far)), far


@pytest.mark.parametrize("strength", [0.2, 1.0])
def test_length_level_and_peak_stay(strength: float) -> None:
    for sound in (tune(), struck(), tune(seconds=1.0)):
        made = vary(sound, RATE, strength=strength, seed=5).frames
        assert made.shape == sound.shape
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        assert np.abs(made).max() <= np.abs(sound).max() + 1e-6
        assert 20 * np.log10(made.std() / sound.std()) == pytest.approx(0, abs=1.5)


def test_a_seed_gives_one_sound_and_another_seed_another() -> None:
    frames = tune()
    one, again, two = (vary(frames, RATE, strength=0.6, seed=s).frames for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)


def test_what_is_not_changed_stays_bit_for_bit_and_sources_tell_the_rest() -> None:
    frames = tune()
    made = vary(frames, RATE, strength=0.2, seed=4)
    same = np.mean((made.frames == frames).all(axis=1))
    assert 0.6 < same < 0.9
    assert 0.1 < made.changed < 0.35
    assert sum(end - start for start, end in made.sources) == pytest.approx(made.changed * 16.0, abs=0.8)
    assert all(0 <= start < end <= 16.0 for start, end in made.sources)


def test_beats_stay_on_the_grid() -> None:
    frames = tune()
    made = vary(frames, RATE, strength=1.0, seed=7).frames
    beats = np.arange(RATE // 2, frames.shape[0] - RATE, RATE // 2)
    near, reach = round(0.03 * RATE), round(0.06 * RATE)
    power = np.square(made.mean(axis=1))
    rises = [power[b : b + reach].mean() > 2 * power[b - near - reach : b - near].mean() for b in beats]
    assert np.mean(rises) > 0.9


def test_a_long_clip_is_arranged_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.vary._STRETCH_SECONDS", 8.0)
    monkeypatch.setattr("app.engine.vary._AROUND_SECONDS", 3.0)
    frames, told = tune(seconds=24.0), []
    made = vary(frames, RATE, strength=1.0, seed=1, progress=told.append)
    assert len([line for line in told if line.startswith("arranging")]) == 3
    assert made.changed > 0.9
    for edge in (8 * RATE, 16 * RATE):
        steps = np.abs(np.diff(made.frames[:, 0]))
        assert steps[edge - 5 : edge + 5].max() <= steps.max()


def test_a_single_sound_says_that_it_is_coloured() -> None:
    assert "single sound" in vary(struck(), RATE, strength=0.5, seed=1).notes[0]
    assert "single sound" in vary(tune(seconds=1.0), RATE, strength=0.5, seed=1).notes[0]
    assert vary(tune(), RATE, strength=0.5, seed=1).notes == ()


def test_silence_cannot_be_varied() -> None:
    with pytest.raises(SoundError, match="no sound"):
        vary(np.zeros((RATE, 1), np.float32), RATE, strength=0.5, seed=1)


@pytest.mark.parametrize("channels", [1, 3, 8])
@pytest.mark.parametrize("rate", [8000, 96000, 192000])
def test_any_rate_and_channels(rate: int, channels: int) -> None:
    frames = tune(rate, 3.5, channels)
    made = vary(frames, rate, strength=1.0, seed=1).frames
    assert made.shape == frames.shape
    assert np.isfinite(made).all()
    assert not np.array_equal(made, frames)
