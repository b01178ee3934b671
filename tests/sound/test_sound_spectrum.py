"""Spectrograms tell the truth: levels, places, ends, many channels, and reading no more than they show."""

import numpy as np
import pytest
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann as scipys_hann

from app.sound.clip import Clip
from app.sound.frequencies import Axis, Frequencies, row_map
from app.sound.spectrum import (
    FLOOR_DB,
    SHADES,
    TOP_DB,
    WINDOWS,
    Lens,
    per_column_for,
    shades,
    spectrogram,
    window_for,
)

RATE = 44_100


def sine(hertz: float, seconds: float = 2.0, rate: int = RATE, level: float = 1.0, channels: int = 1) -> Clip:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return Clip.from_frames(np.repeat(wave[:, None], channels, axis=1), rate)


class Watched:
    """A sound that counts what is read of it."""

    def __init__(self, clip: Clip) -> None:
        self.clip, self.rate, self.channels, self.length = clip, clip.rate, clip.channels, clip.length
        self.frames = 0

    def read(self, start: int = 0, end: int | None = None):
        found = self.clip.read(start, end)
        self.frames += found.shape[0]
        return found


@pytest.mark.parametrize("window", WINDOWS)
def test_a_full_scale_sine_has_0_db_in_its_own_bin(window):
    bin_ = window // 16
    levels = spectrogram(sine(bin_ * RATE / window), 20_000, 60_000, 40, window)
    assert levels.shape == (1, 40, window // 2 + 1)
    assert (levels[0].argmax(axis=1) == bin_).all()
    assert levels[0, :, bin_] == pytest.approx(np.zeros(40), abs=0.01)
    assert (levels[0, :, bin_ + 8] < -80).all()


def test_a_constant_and_half_the_rate_have_their_own_level():
    frames = np.ones((8000, 2), np.float32)
    frames[1::2, 1] = -1
    levels = spectrogram(Clip.from_frames(frames, RATE), 3000, 5000, 5, 1024)
    assert levels[0, :, 0] == pytest.approx(np.zeros(5), abs=0.01)
    assert levels[1, :, -1] == pytest.approx(np.zeros(5), abs=0.01)


def test_levels_are_those_of_scipys_transform_of_the_same_frames(music):
    window, hop, columns, start = 2048, 256, 100, 50_048
    levels = spectrogram(music, start, start + hop * columns, columns, window)
    transform = ShortTimeFFT(scipys_hann(window, sym=False), hop, RATE, scale_to="magnitude")
    part = music.read()[start + hop // 2 - window // 2 :, 1].astype(float)
    first = window // 2 // hop  # theirs are counted by the middle of the window, from the first frame on
    theirs = 2 * np.abs(transform.stft(part, first, first + columns))
    found = levels[1, :, 1:-1].T
    assert found == pytest.approx(20 * np.log10(theirs[1:-1] + 1e-10), abs=0.05)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("rows", [90, 333, 800])
@pytest.mark.parametrize("hertz", [60.0, 440.0, 5000.0, 20_000.0])
def test_a_ridge_lies_at_its_height_on_every_axis(axis, rows, hertz):
    window = 4096
    lens = Lens(window, 1, rows, axis)
    picture = shades(sine(hertz), 20_000, 60_000, 3, lens)
    height = Frequencies(axis, RATE).height(hertz)
    bin_height = abs(Frequencies(axis, RATE).height(hertz + RATE / window) - height) * rows
    for column in picture[0]:
        brightest = np.flatnonzero(column == column.max())
        assert abs(brightest.mean() + 0.5 - (1 - height) * rows) <= 1.5 + bin_height
        assert column.max() == pytest.approx((0 - FLOOR_DB) / (TOP_DB - FLOOR_DB) * SHADES, abs=3)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("rate", [8000, 22_050, 48_000, 192_000])
def test_heights_and_hertz_are_each_others_inverse(axis, rate):
    scale = Frequencies(axis, rate)
    for height in (0.0, 0.1, 0.5, 0.9, 1.0):
        assert scale.height(scale.hertz(height)) == pytest.approx(height, abs=1e-6)
    assert scale.hertz(1.0) == pytest.approx(rate / 2)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize(("window", "rows"), [(512, 700), (2048, 300), (4096, 64), (16384, 1), (16384, 2)])
def test_rows_show_the_largest_of_their_bins_by_brute_force(axis, window, rows):
    rng = np.random.default_rng(window + rows)
    bins = rng.standard_normal((3, window // 2 + 1)).astype(np.float32)
    picture = row_map(axis, RATE, window, rows).apply(bins, np.copy)
    scale = Frequencies(axis, RATE)
    for row in range(rows):
        low, high = (scale.hertz(1 - edge / rows) * window / RATE for edge in (row + 1, row))
        inside = [b for b in range(window // 2 + 1) if low - 1e-9 <= b < high - 1e-9 or (row == 0 and b == window // 2)]
        if inside:
            assert picture[:, row] == pytest.approx(bins[:, inside].max(axis=1))
        else:
            at = (low + high) / 2
            below, above = bins[:, int(at)], bins[:, int(at) + 1]
            assert picture[:, row] == pytest.approx(below + (above - below) * (at - int(at)), abs=1e-4)


def test_no_bin_between_lowest_and_highest_is_lost():
    for axis in Axis:
        levels = np.zeros((2049, 2049), np.float32)
        np.fill_diagonal(levels, 1.0)
        seen = row_map(axis, RATE, 4096, 256).apply(levels, np.copy).max(axis=1)
        first = int(np.ceil(Frequencies(axis, RATE).lowest * 4096 / RATE))
        assert (seen[first:] > 0.5).all()


def test_silence_is_the_floor_and_what_is_no_number_counts_as_silence():
    frames = np.zeros((10_000, 1), np.float32)
    frames[4000:4100] = np.nan
    frames[5000] = np.inf
    frames[6000] = -np.inf
    clip = Clip.from_frames(frames, RATE)
    levels = spectrogram(clip, 0, 10_000, 50, 512)
    assert np.isfinite(levels).all()
    assert (levels <= -190).all()
    assert not shades(clip, 0, 10_000, 50, Lens(512, 1, 80, Axis.MEL)).any()


def test_beyond_the_ends_there_is_silence_and_at_them_what_is_there(music):
    levels = spectrogram(music, -20_000, 20_000, 40, 1024)
    assert (levels[:, :19] <= -190).all()
    assert (levels[:, 21:].max(axis=(1, 2)) > -60).all()
    after = spectrogram(music, music.length - 1000, music.length + 20_000, 21, 1024)
    assert (after[:, 2:] <= -190).all()
    inside = spectrogram(music, 10_000, 20_000, 10, 1024)
    assert np.array_equal(inside, levels[:, 30:])


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 8])
def test_every_channel_has_its_own(channels):
    frames = np.stack([sine(400.0 * (c + 1), 0.5).read()[:, 0] for c in range(channels)], axis=1)
    levels = spectrogram(Clip.from_frames(frames, RATE), 5000, 15_000, 7, 4096)
    assert levels.shape[:2] == (channels, 7)
    for channel in range(channels):
        assert abs(levels[channel, 3].argmax() * RATE / 4096 - 400.0 * (channel + 1)) < RATE / 4096


def test_a_short_sound_and_a_deep_zoom(music):
    assert spectrogram(Clip.from_frames(np.ones(1), RATE), 0, 1, 1, 16384).shape == (1, 1, 8193)
    deep = spectrogram(music, 40_000.25, 40_016.25, 160, 512)
    assert np.isfinite(deep).all()
    assert deep.max() > -60
    empty = Clip.from_frames(np.zeros((0, 2)), RATE)
    assert (spectrogram(empty, 0, 100, 4, 512) <= -190).all()


def test_a_click_between_two_far_columns_is_less_often_missed_by_two_windows():
    frames = np.zeros((1 << 18, 1), np.float32)
    frames[20_480] = 1.0
    clip = Clip.from_frames(frames, RATE)
    one, two = (spectrogram(clip, 0, 1 << 18, 16, 4096, each).max(axis=(0, 2)) for each in (1, 2))
    assert (one <= -190).all()
    assert two[1] > -70
    assert (np.delete(two, 1) <= -190).all()


def test_far_out_only_what_is_shown_is_read():
    clip = Clip(np.zeros((40 * 60 * 8000, 1), np.int16), 8000)
    watched = Watched(clip)
    spectrogram(watched, 0, clip.length, 400, 1024)
    assert watched.frames <= 400 * 1024
    watched.frames = 0
    spectrogram(watched, 50_000, 90_000, 400, 1024)
    assert watched.frames < 2 * 40_000


def test_the_window_follows_the_zoom_and_the_rate():
    assert [window_for(hop, RATE) for hop in (0.1, 4, 8, 64, 128, 256, 1e6)] == [512, 512, 1024, 1024, 2048, 4096, 4096]
    assert window_for(1e6, 192_000) == 16_384
    assert window_for(1e6, 8000) == 1024
    assert [per_column_for(hop, 4096) for hop in (1, 8191, 8192)] == [1, 1, 2]


@pytest.mark.parametrize(("columns", "window", "several"), [(0, 512, 1), (5, 500, 1), (5, 512, 0), (5, 512, 5)])
def test_what_cannot_be_asked_for_is_refused(music, columns, window, several):
    with pytest.raises(ValueError, match="no spectrogram"):
        spectrogram(music, 0, 100, columns, window, several)
