"""Align: sound that really went through encoders, other rates, delays, levels and polarities."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from app.errors import SoundError
from app.sound.align import Fitted, fit
from app.sound.clip import Clip, Frames
from app.sound.region import Region

RATE = 44100
HOLE = Region(3 * RATE, 4 * RATE)


def sent(music: Clip, hole: Region = HOLE) -> tuple[Frames, Frames]:
    """An excerpt, and what comes back of it: the same with other sound in the hole."""
    excerpt = music.read()
    back = excerpt.copy()
    back[hole.start : hole.end] = np.random.default_rng(1).normal(0, 0.1, (hole.length, excerpt.shape[1]))
    return excerpt, back


def delayed(frames: Frames, by: float) -> Frames:
    """Later by any part of a frame, by way of the spectrum of a padded copy."""
    padded = np.pad(frames.astype(np.float64), ((0, RATE), (0, 0)))
    turn = np.exp(-2j * np.pi * by * np.fft.rfftfreq(padded.shape[0]))[:, None]
    return np.fft.irfft(np.fft.rfft(padded, axis=0) * turn, padded.shape[0], axis=0).astype(np.float32)


def encoded(frames: Frames, rate: int, kind: str, subtype: str) -> Clip:
    file = io.BytesIO()
    soundfile.write(file, frames, rate, format=kind, subtype=subtype)
    file.seek(0)
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return Clip.from_frames(samples, rate)


def error_outside(fitted: Fitted, excerpt: Frames, hole: Region = HOLE) -> float:
    """Energy of what differs outside of the hole, in dB of the excerpt's."""
    mask = np.ones(excerpt.shape[0], bool)
    mask[hole.start - 200 : hole.end + 200] = False
    mask[:4000] = mask[-4000:] = False
    difference = fitted.frames[mask] - excerpt[mask]
    return float(10 * np.log10(np.mean(difference**2) / np.mean(excerpt[mask] ** 2)))


@pytest.mark.parametrize(
    ("kind", "subtype", "rate", "worst"),
    [
        ("WAV", "PCM_16", 44100, 0.005),
        ("WAV", "FLOAT", 48000, 0.005),
        ("WAV", "FLOAT", 32000, 0.005),
        ("WAV", "PCM_24", 22050, 0.005),
        ("WAV", "FLOAT", 96000, 0.005),
        ("MP3", "MPEG_LAYER_III", 44100, 0.05),
        ("MP3", "MPEG_LAYER_III", 22050, 0.05),
        ("OGG", "VORBIS", 44100, 0.05),
        ("OGG", "VORBIS", 32000, 0.05),
        ("OGG", "OPUS", 48000, 0.1),
    ],
)
@pytest.mark.parametrize(("delay", "gain_db", "inverted"), [(1105.0, -6.0, False), (313.37, 3.0, True)])
def test_delay_level_and_polarity_are_found_and_undone(
    music: Clip, kind: str, subtype: str, rate: int, worst: float, delay: float, gain_db: float, inverted: bool
) -> None:
    excerpt, back = sent(music)
    altered = delayed(back, delay) * np.float32(10 ** (gain_db / 20) * (-1 if inverted else 1))
    altered = altered if rate == RATE else soxr.resample(altered, RATE, rate, quality="VHQ")
    fitted = fit(encoded(altered, rate, kind, subtype), excerpt, RATE, HOLE)
    assert fitted.frames.shape == excerpt.shape
    assert fitted.frames.dtype == np.float32
    assert fitted.delay == pytest.approx(delay, abs=worst)
    assert fitted.gain_db == pytest.approx(-gain_db, abs=0.3)
    assert fitted.inverted is inverted
    assert fitted.confidence is not None
    assert fitted.confidence > 1.5
    assert error_outside(fitted, excerpt) < -15
    assert any("moved back" in note for note in fitted.notes)


def test_a_lossless_answer_is_left_alone(music: Clip) -> None:
    excerpt, back = sent(music)
    for clip in (Clip.from_frames(back, RATE), Clip(np.round(back * 32768).astype(np.int16), RATE)):
        fitted = fit(clip, excerpt, RATE, HOLE)
        assert (fitted.delay, fitted.gain_db, fitted.inverted, fitted.notes) == (0.0, 0.0, False, ())
        assert np.array_equal(fitted.frames, clip.read())


def test_a_whole_delay_leaves_the_samples_as_they_are(music: Clip) -> None:
    excerpt, back = sent(music)
    late = np.pad(back, ((529, 0), (0, 0)))
    fitted = fit(Clip.from_frames(late, RATE), excerpt, RATE, HOLE)
    assert fitted.delay == 529.0
    assert fitted.gain_db == pytest.approx(0, abs=1e-4)
    assert np.allclose(fitted.frames, back, atol=1e-5)


def test_a_part_of_a_frame_is_moved_exactly(music: Clip) -> None:
    excerpt, back = sent(music)
    fitted = fit(Clip.from_frames(delayed(back, 20.5), RATE), excerpt, RATE, HOLE)
    assert fitted.delay == pytest.approx(20.5, abs=0.002)
    assert error_outside(fitted, excerpt) < -50


@pytest.mark.parametrize(("returned", "wanted"), [(1, 2), (2, 1), (6, 2), (2, 6)])
def test_other_channel_counts(music: Clip, returned: int, wanted: int) -> None:
    mono = music.read().mean(axis=1, keepdims=True)
    excerpt = np.repeat(mono, wanted, axis=1)
    back = Clip.from_frames(np.repeat(delayed(mono, 700)[: mono.shape[0] + 700], returned, axis=1), RATE)
    fitted = fit(back, excerpt, RATE, HOLE)
    assert fitted.frames.shape == excerpt.shape
    assert fitted.delay == pytest.approx(700, abs=0.01)
    assert any("channel" in note for note in fitted.notes)


def test_unlike_sound_is_not_moved(music: Clip) -> None:
    excerpt, _ = sent(music)
    noise = np.random.default_rng(5).normal(0, 0.1, excerpt.shape).astype(np.float32)
    higher = np.resize(soxr.resample(excerpt, 1.0, 0.93), excerpt.shape)
    for other in (noise, higher, excerpt[::-1].copy()):
        fitted = fit(Clip.from_frames(other, RATE), excerpt, RATE, HOLE)
        assert (fitted.delay, fitted.gain_db, fitted.inverted) == (0.0, 0.0, False)
        assert np.array_equal(fitted.frames, other)
        assert any("nothing was moved" in note for note in fitted.notes)


def test_without_context_nothing_is_moved(music: Clip) -> None:
    excerpt, back = sent(music)
    whole = Region(100, excerpt.shape[0] - 100)
    fitted = fit(Clip.from_frames(back * 0.5, RATE), excerpt, RATE, whole)
    assert fitted.confidence is None
    assert np.array_equal(fitted.frames, back * np.float32(0.5))
    assert any("too little" in note for note in fitted.notes)
    silent = np.zeros_like(excerpt)
    assert fit(Clip.from_frames(back, RATE), silent, RATE, HOLE).delay == 0
    assert fit(Clip.from_frames(silent, RATE), excerpt, RATE, HOLE).gain_db == 0


@pytest.mark.parametrize("hole", [Region(0, RATE), Region(5 * RATE, 6 * RATE)])
def test_context_at_one_side_is_enough(music: Clip, hole: Region) -> None:
    excerpt, back = sent(music, hole)
    fitted = fit(Clip.from_frames(delayed(back, 50.25), RATE), excerpt, RATE, hole)
    assert fitted.delay == pytest.approx(50.25, abs=0.01)


def test_lengths_are_mended_and_told(music: Clip) -> None:
    excerpt, back = sent(music)
    long = fit(Clip.from_frames(np.pad(back, ((0, RATE), (0, 0))), RATE), excerpt, RATE, HOLE)
    assert long.frames.shape == excerpt.shape
    assert long.notes == ("The result was 1.00 s longer and was cut.",)
    short = fit(Clip.from_frames(back[: 5 * RATE], RATE), excerpt, RATE, HOLE)
    assert short.frames.shape == excerpt.shape
    assert not short.frames[5 * RATE :].any()
    assert short.notes == ("The result was 1.00 s shorter than what was sent; silence fills the rest.",)


def test_a_result_that_does_not_cover_the_hole_is_refused(music: Clip) -> None:
    excerpt, back = sent(music)
    with pytest.raises(SoundError, match=r"ends 0\.50 s before the mask does"):
        fit(Clip.from_frames(back[: HOLE.end - RATE // 2], RATE), excerpt, RATE, HOLE)
    with pytest.raises(SoundError, match="before the mask does"):
        fit(Clip.from_frames(back[:0], RATE), excerpt, RATE, HOLE)


def test_another_clock_is_set_right(music: Clip) -> None:
    excerpt, back = sent(music)
    fitted = fit(Clip.from_frames(soxr.resample(back, 1.0, 1.0002), RATE), excerpt, RATE, HOLE)
    assert any("ppm" in note for note in fitted.notes)
    assert error_outside(fitted, excerpt) < -25


def test_gain_has_limits_and_anti_phase_stereo_is_aligned(music: Clip) -> None:
    excerpt, back = sent(music)
    assert fit(Clip.from_frames(delayed(back, 9) * 0.01, RATE), excerpt, RATE, HOLE).gain_db == 12.0
    sides = np.array([[1.0, -1.0]], np.float32)
    wide, back = excerpt[:, :1] * sides, back[:, :1] * sides
    assert fit(Clip.from_frames(delayed(back, 77.5), RATE), wide, RATE, HOLE).delay == pytest.approx(77.5, abs=0.01)


def test_not_numbers_do_no_harm(music: Clip) -> None:
    excerpt, back = sent(music)
    back = delayed(back, 40)
    back[1000] = np.nan
    back[HOLE.start + 50] = np.inf
    fitted = fit(Clip.from_frames(back, RATE), excerpt, RATE, HOLE)
    assert np.isfinite(fitted.frames).all()
    assert fitted.delay == pytest.approx(40, abs=0.01)


def test_what_a_lower_rate_took_away_is_not_made_up_for_by_gain() -> None:
    bright = np.random.default_rng(2).normal(0, 0.1, (5 * RATE, 1)).astype(np.float32)
    returned = Clip.from_frames(soxr.resample(bright, RATE, 16000), 16000)
    assert fit(returned, bright, RATE, HOLE).gain_db == pytest.approx(0, abs=0.1)
