"""Loudness against the figures that the standard itself and EBU Tech 3341 give."""

import math

import numpy as np
import pytest

from app.sound.clip import Frames
from app.sound.loudness import loudness, match_gain_db, true_peak_db
from app.sound.resample import resampled, to_channels


def sine(level_db: float, seconds: float, rate: int, hertz: float = 1000, channels: int = 2) -> Frames:
    t = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 22050, 32000, 44100, 48000, 96000, 192000])
def test_a_full_scale_sine_in_one_channel(rate: int) -> None:
    assert loudness(sine(0, 5, rate, 997, channels=1), rate) == pytest.approx(-3.01, abs=0.04)


@pytest.mark.parametrize("level", [-23.0, -33.0])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_stereo_tones_of_tech_3341(level: float, rate: int) -> None:
    assert loudness(sine(level, 20, rate), rate) == pytest.approx(level, abs=0.1)


def test_gates_of_tech_3341() -> None:
    quiet, loud, lower = sine(-36, 10, 48000), sine(-23, 60, 48000), sine(-72, 10, 48000)
    assert loudness(np.concatenate((quiet, loud, quiet)), 48000) == pytest.approx(-23, abs=0.1)
    assert loudness(np.concatenate((lower, quiet, loud, quiet, lower)), 48000) == pytest.approx(-23, abs=0.1)
    parts = (sine(-26, 20, 48000), sine(-20, 20.1, 48000), sine(-26, 20, 48000))
    assert loudness(np.concatenate(parts), 48000) == pytest.approx(-23, abs=0.1)


def test_five_channels_of_tech_3341() -> None:
    frames = np.zeros((48000 * 20, 6), np.float32)
    for channel, level in {0: -28.0, 1: -28.0, 2: -24.0, 4: -30.0, 5: -30.0}.items():
        frames[:, channel] = sine(level, 20, 48000, channels=1)[:, 0]
    assert loudness(frames, 48000) == pytest.approx(-23, abs=0.1)
    frames[:, 3] = 1.0 - 2.0 * (np.arange(frames.shape[0]) % 96 < 48)
    assert loudness(frames, 48000) == pytest.approx(-23, abs=0.1), "the subwoofer must not count"


@pytest.mark.parametrize("channels", range(1, 9))
def test_every_count_of_channels(channels: int) -> None:
    assert math.isfinite(loudness(sine(-20, 1, 44100, channels=channels), 44100))


def test_short_silent_and_broken_sounds() -> None:
    assert loudness(sine(0, 0.2, 48000, 997, channels=1), 48000) == pytest.approx(-3.01, abs=0.05)
    assert loudness(np.zeros((48000, 2), np.float32), 48000) == -math.inf
    assert loudness(np.zeros((0, 2), np.float32), 48000) == -math.inf
    assert loudness(np.zeros((10, 1), np.float32), 48000) == -math.inf
    broken = sine(-20, 1, 48000)
    broken[5] = np.nan
    broken[9] = np.inf
    assert math.isfinite(loudness(broken, 48000))


def test_true_peak_sees_between_the_samples() -> None:
    t = np.arange(4410) / 44100
    wave = np.sin(2 * np.pi * 11025 * t + np.pi / 4) * np.hanning(t.size)
    frames = wave.astype(np.float32)[:, None]
    assert 20 * math.log10(np.abs(frames).max()) == pytest.approx(-3.01, abs=0.05)
    assert true_peak_db(frames, 44100) == pytest.approx(0, abs=0.2)
    assert true_peak_db(np.zeros((100, 1), np.float32), 44100) == -math.inf
    assert true_peak_db(np.zeros((0, 1), np.float32), 44100) == -math.inf


def test_a_true_peak_is_found_in_any_block() -> None:
    frames = sine(-40, 8, 44100, channels=1)
    frames[131072 + 3] = 0.5
    assert true_peak_db(frames, 44100) == pytest.approx(20 * math.log10(0.5), abs=0.3)


def test_matching_only_attenuates() -> None:
    soft, loud = sine(-30, 2, 44100), sine(-20, 2, 44100)
    assert match_gain_db(soft, loud, 44100) == pytest.approx(-10, abs=0.05)
    assert match_gain_db(loud, soft, 44100) == 0.0
    assert match_gain_db(np.zeros_like(soft), loud, 44100) == 0.0
    assert match_gain_db(soft, np.zeros_like(soft), 44100) == 0.0


@pytest.mark.parametrize(("from_rate", "to_rate"), [(44100, 48000), (48000, 44100), (22050, 96000), (44100, 32000)])
def test_resampling_keeps_time_and_level(from_rate: int, to_rate: int) -> None:
    given = sine(-6, 1, from_rate, 440)
    result = resampled(given, from_rate, to_rate)
    want = sine(-6, 1, to_rate, 440)
    assert abs(result.shape[0] - to_rate) <= 1
    assert result.dtype == np.float32
    assert np.abs(result[4000:-4000] - want[4000 : result.shape[0] - 4000]).max() < 1e-4


def test_resampling_to_the_same_rate_is_the_same() -> None:
    given = sine(-6, 0.1, 44100)
    assert resampled(given, 44100, 44100) is given
    assert resampled(given[:0], 44100, 8000).shape == (0, 2)


@pytest.mark.parametrize("have", range(1, 9))
@pytest.mark.parametrize("want", range(1, 9))
def test_channels_stay_on_their_side_and_get_no_louder(have: int, want: int) -> None:
    rng = np.random.default_rng(have)
    frames = rng.uniform(-1, 1, (100, have)).astype(np.float32)
    mixed = to_channels(frames, want)
    assert mixed.shape == (100, want)
    assert mixed.dtype == np.float32
    assert np.abs(mixed).max() <= 1.0 + 1e-6
    if have == want:
        assert mixed is frames
    if have == 1:
        heard = [c for c in range(want) if not (want >= 6 and c == 3)]
        assert np.allclose(mixed[:, heard], frames)
    if have > 1 and want > 1:
        left_only = np.zeros_like(frames)
        left_only[:, 0] = 1.0
        assert to_channels(left_only, want)[0, 0] > 0
        assert to_channels(left_only, want)[0, 1] == 0
