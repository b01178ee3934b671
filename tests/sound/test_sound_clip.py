"""Clips and regions: own number types, read-only, cut to what there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sound.clip import Clip
from app.sound.region import Region


@pytest.mark.parametrize(
    ("kind", "step", "bits"), [("i2", 2**-15, 16), ("i4", 2**-31, 32), ("f4", 1, 32), ("f8", 1, 64)]
)
def test_samples_keep_their_type_and_read_as_floats(kind: str, step: float, bits: int) -> None:
    samples = np.array([[1, -1], [0, 1], [-1, 0]], kind)
    clip = Clip(samples, 44100)
    assert clip.samples.dtype == np.dtype(kind)
    assert (clip.length, clip.channels, clip.bits, clip.scale) == (3, 2, bits, step)
    assert clip.is_float == (kind[0] == "f")
    assert clip.duration == pytest.approx(3 / 44100)
    read = clip.read()
    assert read.dtype == np.float32
    assert np.array_equal(read, samples.astype(np.float64) * step)


def test_16_bits_go_to_floats_and_back_without_a_change() -> None:
    samples = np.arange(-32768, 32768, dtype=np.int16)[:, None]
    assert np.array_equal(np.round(Clip(samples, 8000).read() * 32768).astype(np.int32), samples)


def test_samples_cannot_be_written_but_reads_can() -> None:
    samples = np.zeros((4, 1), np.float32)
    clip = Clip(samples, 8000)
    with pytest.raises(ValueError, match="read-only"):
        clip.samples[0] = 1
    clip.read()[:] = 1
    assert not clip.read().any()
    samples[0] = 0.5  # the owner's own array stays writable
    assert clip.cut(0, 1).read()[0, 0] == 0.5


def test_reads_and_cuts_are_cut_to_the_clip() -> None:
    clip = Clip.from_frames(np.arange(10.0), 8000)
    assert clip.channels == 1
    assert clip.read(-5, 3)[:, 0].tolist() == [0, 1, 2]
    assert clip.read(8, 99)[:, 0].tolist() == [8, 9]
    assert clip.read(20, 30).shape == clip.read(3, 3).shape == clip.read(-9, -2).shape == (0, 1)
    assert clip.cut(2, 4).read()[:, 0].tolist() == [2, 3]
    assert np.shares_memory(clip.cut(2, 4).samples, clip.samples)
    assert np.array_equal(np.concatenate(list(clip.blocks(3))), clip.read())


def test_what_is_no_number_reads_as_silence() -> None:
    clip = Clip.from_frames(np.array([0.5, np.nan, np.inf, -np.inf, 2.0]), 8000)
    assert clip.read()[:, 0].tolist() == [0.5, 0, 0, 0, 2.0]


def test_what_is_no_clip_is_refused() -> None:
    for samples in (np.zeros(4, np.float32), np.zeros((4, 1), np.uint8), np.zeros((4, 1), np.complex64)):
        with pytest.raises(ValueError, match="no clip"):
            Clip(samples, 8000)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="no sample rate"):
        Clip(np.zeros((4, 1), np.float32), 0)


def test_seconds_become_frames_once() -> None:
    assert Region.from_seconds(1.0, 2.5, 44100) == Region(44100, 110250)
    assert Region.from_seconds(2.5, 1.0, 44100) == Region(44100, 110250)
    assert Region(44100, 110250).seconds(44100) == (1.0, 2.5)
    assert Region(10, 40).duration(10) == 3.0
    with pytest.raises(ValueError, match="cannot end"):
        Region(5, 4)


def test_regions_move_grow_and_meet() -> None:
    region = Region(10, 20)
    assert region.length == 10
    assert region.moved(-3) == Region(7, 17)
    assert region.widened(2, 5) == Region(8, 25)
    assert region.relative_to(10) == Region(0, 10)
    assert region.contains(10)
    assert not region.contains(20)
    assert region.overlaps(Region(19, 30))
    assert not region.overlaps(Region(20, 30))


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(0, 40))
def test_a_clamped_region_lies_inside(start: int, length: int, clip: int) -> None:
    clamped = Region(start, start + length).clamped(clip)
    assert 0 <= clamped.start <= clamped.end <= clip
    inside = [frame for frame in range(clip) if start <= frame < start + length]
    assert [*range(clamped.start, clamped.end)] == inside
