"""Miniatures: true for short sounds, and quick for long ones."""

import numpy as np
import pytest

from app.sound.clip import Clip
from app.sound.miniature import miniature
from app.sound.region import Region


def noise(length: int, channels: int = 2) -> Clip:
    frames = np.random.default_rng(length).uniform(-0.5, 0.5, (length, channels)).astype(np.float32)
    return Clip.from_frames(frames, 8000)


@pytest.mark.parametrize("length", [1, 7, 160, 1000, 40_000])
def test_short_sounds_are_seen_as_they_are(length: int) -> None:
    clip = noise(length)
    found = miniature(clip, Region(0, length), 160)
    assert found.shape == (160, 2, 2)
    frames = clip.read()
    assert found[:, :, 0].min() == pytest.approx(frames.min())
    assert found[:, :, 1].max() == pytest.approx(frames.max())
    assert (found[:, :, 0] <= found[:, :, 1]).all()


def test_of_long_ones_a_few_frames_are_read() -> None:
    class Counting(Clip):
        read_frames = 0

        def read(self, start: int = 0, end: int | None = None) -> np.ndarray:
            frames = super().read(start, end)
            Counting.read_frames += frames.shape[0]
            return frames

    samples = np.zeros((5_000_000, 1), np.int16)
    samples[2_500_000:, 0] = 16_384
    found = miniature(Counting(samples, 44_100), Region(0, samples.shape[0]), 100)
    assert Counting.read_frames <= 100 * 256
    assert found[:45].max() == 0.0
    assert found[55:, 0, 1].min() == pytest.approx(0.5, abs=1e-3)


def test_nothing_and_what_is_no_number_are_drawn_flat() -> None:
    broken = Clip.from_frames(np.full((500, 1), np.nan, np.float32), 8000)
    assert not miniature(broken, Region(0, 500), 10).any()
    assert not miniature(noise(10), Region(5, 5), 4).any()
