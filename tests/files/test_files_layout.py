"""Plain samples read where they lie, against libsndfile's reading of the same file."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.errors import UnreadableAudio
from app.files.audio import decode, probe
from app.files.file_samples import FileSamples
from app.files.layout import layout_of
from app.files.preview import preview_compressed, preview_plain
from app.sound.clip import Clip
from app.sound.peaks import peaks_of

PLAIN = [
    *(("wav", each) for each in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("wavex", each) for each in ("PCM_16", "PCM_24", "FLOAT")),
    *(("w64", each) for each in ("PCM_16", "PCM_24", "FLOAT")),
    *(("rf64", each) for each in ("PCM_16", "PCM_24")),
    *(("aiff", each) for each in ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("caf", each) for each in ("PCM_S8", "PCM_16", "PCM_24", "FLOAT")),
    *(("au", each) for each in ("PCM_S8", "PCM_16", "PCM_24", "FLOAT")),
]


def write(path: Path, container: str, subtype: str, channels: int, rate: int = 44100, frames: int = 3001) -> Path:
    values = np.random.default_rng(channels).uniform(-0.9, 0.9, (frames, channels))
    soundfile.write(path, values, rate, subtype=subtype, format=container.upper())
    return path


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
@pytest.mark.parametrize(("container", "subtype"), PLAIN)
def test_samples_are_read_as_libsndfile_decodes_them(
    container: str, subtype: str, channels: int, tmp_path: Path
) -> None:
    path = write(tmp_path / "plain.bin", container, subtype, channels, rate=22050 + channels)
    layout = layout_of(path)
    assert layout is not None
    assert layout.info == probe(path)
    samples = FileSamples(path, layout)
    clip, want = Clip(samples, layout.rate, layout.bits), decode(path).clip
    assert (clip.length, clip.bits, samples.dtype) == (want.length, want.bits, want.samples.dtype)
    assert np.array_equal(samples[0 : clip.length], want.samples)
    assert np.array_equal(clip.read(100, 207), want.read(100, 207))
    assert np.array_equal(clip.cut(50, 90).cut(10, 20).read(), want.read(60, 70))
    assert samples[5000:6000].shape == (0, channels)


@pytest.mark.parametrize(("container", "subtype"), [("wav", "ULAW"), ("wav", "IMA_ADPCM"), ("flac", "PCM_16")])
def test_what_is_compressed_has_no_layout(container: str, subtype: str, tmp_path: Path) -> None:
    assert layout_of(write(tmp_path / "x", container, subtype, 2)) is None


def test_lies_and_pieces_have_no_layout(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "wav", "PCM_16", 2)
    whole = path.read_bytes()
    for cut in (3, 11, 30, 43, 2000, len(whole) - 1):
        (tmp_path / "b.wav").write_bytes(whole[:cut])
        assert layout_of(tmp_path / "b.wav") is None
    for at in range(44):
        for value in (0, 1, 0x7F, 0xFF):
            (tmp_path / "c.wav").write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                found = layout_of(tmp_path / "c.wav")
            except UnreadableAudio:
                continue
            assert found is None or found.offset + found.frames * found.frame_bytes <= len(whole)
    assert layout_of(tmp_path / "none.wav") is None


def test_beyond_four_gigabytes(tmp_path: Path) -> None:
    frames = 3 << 30
    head = struct.pack(
        "<4sI4s4sIQQQI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28, frames * 2 + 72, frames * 2, frames, 0
    )
    head += struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, 48000, 96000, 2, 16, b"data", 0xFFFFFFFF)
    path = tmp_path / "big.wav"
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + frames * 2)
        file.seek(len(head) + (frames - 5) * 2)
        file.write(struct.pack("<h", 12345))
    layout = layout_of(path)
    assert layout is not None
    assert layout.frames == frames
    assert FileSamples(path, layout)[frames - 6 : frames][:, 0].tolist() == [0, 12345, 0, 0, 0, 0]
    preview = preview_plain(path, layout)
    assert preview is not None
    assert preview.length == frames


def test_a_file_that_is_cut_short_meanwhile_is_silence_and_no_crash(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "wav", "PCM_16", 2)
    layout = layout_of(path)
    assert layout is not None
    samples = FileSamples(path, layout)
    before = samples[0:3001]
    with open(path, "rb+") as file:
        file.truncate(layout.offset + 400)
    after = samples[0:3001]
    assert np.array_equal(after[:100], before[:100])
    assert not after[100:].any()


@pytest.mark.parametrize(("name", "container", "subtype"), [("a.flac", "flac", "PCM_16"), ("a.mp3", "mp3", None)])
def test_the_preview_of_a_compressed_file_is_like_it(
    name: str, container: str, subtype: str | None, tmp_path: Path
) -> None:
    length = 44100 * 40
    values = np.random.default_rng(1).uniform(-0.5, 0.5, (length, 2)) * np.linspace(0.1, 1, length)[:, None]
    path = tmp_path / name
    soundfile.write(path, values, 44100, subtype=subtype, format=container.upper())
    preview = preview_compressed(path, probe(path), seconds=2.0)
    assert preview is not None
    exact = peaks_of(decode(path).clip)
    assert abs(preview.length - exact.length) < 4000
    assert np.abs(preview.rms(0, length, 40) - exact.rms(0, length, 40)).max() < 0.08
