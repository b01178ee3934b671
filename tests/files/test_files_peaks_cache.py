"""Peaks and decoded sounds that are kept, what damages them, and what is let go of."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.files.blobs import BlobStore
from app.files.fingerprint import fingerprint
from app.files.formats import SourceFormat
from app.files.peaks_cache import PeaksCache, trim
from app.files.sound_cache import KeptSound, SoundCache
from app.sound.clip import Clip
from app.sound.peaks import peaks_of
from app.sound.peaks_growing import grow

KEY = "ab" * 20


def noise(frames: int = 100_003, kind: str = "<i2") -> Clip:
    values = np.random.default_rng(frames).integers(-30_000, 30_000, (frames, 2)).astype(kind)
    return Clip(values, 44100)


@pytest.mark.parametrize("frames", [1, 255, 256, 1024, 100_003])
@pytest.mark.parametrize("drafted", [True, False])
def test_what_is_kept_comes_back(frames: int, drafted: bool, tmp_path: Path) -> None:
    cache, clip = PeaksCache(tmp_path), noise(frames)
    assert cache.find(KEY) is None
    if drafted:
        draft = cache.draft(KEY, clip.length, 2, clip.samples.dtype)
        assert draft is not None
        grown = grow(clip, room=draft.room)
        assert grown is not None
        draft.keep(grown.peaks, 5)
    else:
        cache.keep(KEY, peaks_of(clip), 5)
    kept, want = cache.find(KEY), peaks_of(clip)
    assert kept is not None
    assert kept.strange == 5
    for start, end, width in ((0, frames, 1), (0, frames, 37), (frames / 3, frames / 2, 5)):
        assert np.array_equal(kept.peaks.columns(start, end, width), want.columns(start, end, width), equal_nan=True)
        assert np.allclose(kept.peaks.rms(start, end, width), want.rms(start, end, width), equal_nan=True)
    assert [path.suffix for path in tmp_path.iterdir()] == [".peaks"]


def test_a_draft_of_another_length_or_one_let_go_of_is_not_kept(tmp_path: Path) -> None:
    cache, clip = PeaksCache(tmp_path), noise()
    draft = cache.draft(KEY, 500, 2, clip.samples.dtype)
    assert draft is not None
    draft.keep(peaks_of(clip), 0)
    other = cache.draft(KEY, 500, 2, clip.samples.dtype)
    assert other is not None
    other.drop()
    assert list(tmp_path.iterdir()) == []


def test_damage_is_nothing_found(tmp_path: Path) -> None:
    cache = PeaksCache(tmp_path)
    cache.keep(KEY, peaks_of(noise()), 0)
    path = tmp_path / f"{KEY}.peaks"
    whole = path.read_bytes()
    for bad in (whole[:-1], whole[:100], b"", b"x" + whole[1:], whole[:80] + b"9" + whole[81:], whole + b"\0"):
        path.write_bytes(bad)
        assert cache.find(KEY) is None
    with pytest.raises(ValueError, match="no key"):
        cache.find("../../etc/passwd")


def test_the_oldest_goes_first(tmp_path: Path) -> None:
    for index in range(5):
        path = tmp_path / f"{index}.peaks"
        path.write_bytes(bytes(10_000))
        os.utime(path, (1000 + index, 1000 + index))
    trim(tmp_path, 30_000)
    assert {path.name for path in tmp_path.iterdir()} == {"3.peaks", "4.peaks"}


def test_a_fingerprint_is_of_the_content_and_its_moment(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(os.urandom(1_000_000))
    os.utime(path, ns=(5, 5))
    before = fingerprint(path)
    moved = path.rename(tmp_path / "b")
    assert fingerprint(moved) == before
    os.utime(moved, ns=(5, 6))
    assert fingerprint(moved) != before
    with open(moved, "rb+") as file:
        file.write(b"??")
    os.utime(moved, ns=(5, 5))
    assert fingerprint(moved) != before
    (tmp_path / "empty").touch()
    assert len(fingerprint(tmp_path / "empty")) == 40


def test_a_decoded_sound_is_linked_into_the_next_project(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    soundfile.write(wav, np.zeros((1000, 1)), 8000)
    one, two = BlobStore(tmp_path / "one"), BlobStore(tmp_path / "two")
    name = one.put_file(wav, "wav")
    cache = SoundCache(tmp_path / "cache")
    assert cache.take(KEY, two) is None
    kept = KeptSound(name, 16, SourceFormat("mp3", "MPEG_LAYER_III", True), ("It was cut short.",))
    cache.keep(KEY, one, kept)
    assert cache.has(KEY)
    one.path(name).unlink()
    assert cache.take(KEY, two) == kept
    assert two.verify(name)
    (tmp_path / "cache" / f"{KEY}.wav").write_bytes(b"short")
    assert cache.take(KEY, BlobStore(tmp_path / "three")) is None
