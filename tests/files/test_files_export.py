"""Exports: bit for bit where nothing was changed, told where something had to be, and never a half file."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sample_files import encoded, native, step_down

from app.errors import UnwritableFile
from app.files.audio import decode_file
from app.files.audio_write import Part, depth_of, encode_excerpt, export, write_clip
from app.files.formats import Depth, ExportFormat
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.render import original, replaced

RATES = (22_050, 44_100, 48_000, 96_000)


def _read(path: Path, dtype: str) -> np.ndarray:
    """The judge is libsndfile itself, not our reader."""
    return soundfile.read(path, dtype=dtype, always_2d=True)[0]


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_outside_the_patch_a_wav_keeps_every_bit(subtype: str, rate: int, channels: int, tmp_path: Path) -> None:
    samples = native(3000, channels, subtype)
    path = tmp_path / "source.wav"
    path.write_bytes(encoded(samples, rate, "WAV", subtype))
    source = decode_file(path)
    patch = Clip.from_frames(np.random.default_rng(1).uniform(-0.5, 0.5, (700, channels)), rate)
    for region in (Region(1000, 1700), Region(0, 700), Region(2300, 3000)):
        version = replaced(original(source), region, patch)
        out = tmp_path / "out.wav"
        notes = export(out, version.parts(0, version.length), rate, channels, ExportFormat.WAV, source=source)
        assert notes == ()
        info = soundfile.info(out)
        assert (info.subtype, info.samplerate, info.channels, info.frames) == (subtype, rate, channels, 3000)
        got = _read(out, samples.dtype.name)
        assert got[: region.start].tobytes() == samples[: region.start].tobytes()
        assert got[region.end :].tobytes() == samples[region.end :].tobytes()
        inside = decode_file(out).read(region.start, region.end)
        step = 2.0 ** (1 - min(source.bits, 24)) if not source.is_float else 0
        assert np.abs(inside - patch.read()).max() <= 1.51 * step


@pytest.mark.parametrize("container", ["FLAC", "AIFF", "WAV"])
@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_lossless_containers_keep_the_depth(container: str, subtype: str, tmp_path: Path) -> None:
    samples = native(9000, 2, subtype)
    path = tmp_path / "source.flac"
    path.write_bytes(encoded(samples, 48000, "FLAC", subtype))
    clip = decode_file(path)
    out = tmp_path / "out"
    assert write_clip(out, clip, container.lower()) == ()
    assert soundfile.info(out).subtype == ("PCM_U8" if (container, subtype) == ("WAV", "PCM_S8") else subtype)
    assert _read(out, samples.dtype.name).tobytes() == samples.tobytes()


def test_whole_numbers_widen_exactly(tmp_path: Path) -> None:
    samples = native(500, 1, "PCM_16")
    clip = Clip(samples, 48000, 16)
    for bits in (24, 32):
        write_clip(tmp_path / "wide.wav", clip, "wav", bits)
        assert np.array_equal(_read(tmp_path / "wide.wav", "int32"), samples.astype(np.int32) << 16)
    for depth, dtype in ((Depth.FLOAT, "float32"), (Depth.DOUBLE, "float64")):
        export(tmp_path / "f.wav", [Part(clip, 0, 500)], 48000, 1, ExportFormat.WAV, depth)
        assert np.array_equal(_read(tmp_path / "f.wav", dtype), (samples / 32768).astype(dtype))


def test_dither_is_small_unbiased_and_the_same_each_time(tmp_path: Path) -> None:
    quiet = np.full((200_000, 1), 0.3 / 32768, np.float32)
    clip = Clip.from_frames(quiet, 48000)
    write_clip(tmp_path / "a.wav", clip, "wav", 16)
    write_clip(tmp_path / "b.wav", clip, "wav", 16)
    first = _read(tmp_path / "a.wav", "int16")
    assert np.array_equal(first, _read(tmp_path / "b.wav", "int16"))
    assert first.mean() == pytest.approx(0.3, abs=0.01), "without dither 0.3 of a step would be lost"
    assert set(np.unique(first)) <= {-1, 0, 1, 2}
    # The noise belongs to the position, however the parts are cut.
    cut = [Part(clip, 0, 70_001), Part(clip, 70_001, 70_002), Part(clip, 70_002, 200_000)]
    export(tmp_path / "c.wav", cut, 48000, 1, ExportFormat.WAV, Depth.INT16)
    assert np.array_equal(first, _read(tmp_path / "c.wav", "int16"))


def test_what_does_not_fit_is_clipped_and_told(tmp_path: Path) -> None:
    frames = np.zeros((100, 2), np.float32)
    frames[3, 0], frames[4, 1], frames[5, 0], frames[6, 0], frames[7, 0] = 1.5, -2.0, np.nan, 1.0, -1.0
    clip = Clip(frames, 44100)
    notes = write_clip(tmp_path / "a.wav", clip, "wav", 24)
    assert notes == ("1 sample was not a number and became silence.", "2 samples were beyond full scale and clipped.")
    got = _read(tmp_path / "a.wav", "int32") >> 8
    assert got[3:8, 0].tolist() == [2**23 - 1, 0, 0, 2**23 - 1, -(2**23)]
    assert write_clip(tmp_path / "a.flac", clip, "flac")[0].startswith("FLAC holds at most 24 bits")
    assert soundfile.info(tmp_path / "a.flac").subtype == "PCM_24"
    assert write_clip(tmp_path / "b.wav", clip, "wav") == ()
    assert _read(tmp_path / "b.wav", "float32").tobytes() == frames.tobytes()


@pytest.mark.parametrize("format", [ExportFormat.MP3, ExportFormat.OGG])
def test_lossy_exports_sound_the_same(format: ExportFormat, music: Clip, tmp_path: Path) -> None:
    out = tmp_path / "out.bin"
    assert write_clip(out, music, format) == ()
    again = decode_file(out)
    assert abs(again.length - music.length) <= 2304
    for lag in (0, 1105):
        a = again.read(lag + 20_000, lag + 120_000)
        error = np.sqrt(np.mean((a - music.read(20_000, 120_000)) ** 2))
        if error < 0.02:
            break
    assert error < 0.02


def test_what_a_container_cannot_hold(tmp_path: Path) -> None:
    for rate, channels in ((48_000, 6), (96_000, 2)):
        clip = Clip.from_frames(np.zeros((rate, channels)), rate)
        with pytest.raises(UnwritableFile, match="MP3"):
            write_clip(tmp_path / "a.mp3", clip, "mp3")
        write_clip(tmp_path / "a.ogg", clip, "ogg")
    with pytest.raises(UnwritableFile, match="nothing to export"):
        export(tmp_path / "b.wav", [], 48000, 1, ExportFormat.WAV)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ogg"]


def test_the_source_decides_the_depth_when_the_mask_covers_everything(tmp_path: Path) -> None:
    source = Clip(native(100, 1, "PCM_16"), 48000, 16)
    patch = Clip.from_frames(np.zeros((100, 1)), 48000)
    export(tmp_path / "a.wav", [Part(patch, 0, 100)], 48000, 1, ExportFormat.WAV, source=source)
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"
    assert depth_of(patch) is Depth.FLOAT


def test_excerpts(tone: np.ndarray, tmp_path: Path) -> None:
    encode_excerpt(tmp_path / "a.wav", tone, 48000)
    assert _read(tmp_path / "a.wav", "float32").tobytes() == tone.tobytes()
    encode_excerpt(tmp_path / "a.flac", tone, 48000, flac=True)
    assert soundfile.info(tmp_path / "a.flac").format == "FLAC"
    assert np.abs(_read(tmp_path / "a.flac", "float32") - tone).max() <= 2.0**-24
    encode_excerpt(tmp_path / "b.flac", tone * 3, 48000, flac=True)
    assert soundfile.info(tmp_path / "b.flac").format == "WAV", "FLAC would clip it"


@contextmanager
def _at_most(size: int) -> Iterator[None]:
    """No file of this process may grow past so many bytes: what a full disk looks like to a writer."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


@pytest.mark.parametrize("format", list(ExportFormat))
def test_a_disk_that_fills_up_leaves_the_old_file(format: ExportFormat, tmp_path: Path) -> None:
    noise = Clip.from_frames(np.random.default_rng(0).uniform(-0.9, 0.9, (400_000, 2)), 48000)
    path = tmp_path / "keep.out"
    path.write_bytes(b"precious")
    with _at_most(64_000), pytest.raises(UnwritableFile) as caught:
        write_clip(path, noise, format)
    assert caught.value.hint
    assert "larger" in caught.value.message
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["keep.out"]


def test_places_that_cannot_be_written(powerless: Path, tmp_path: Path, music: Clip) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (powerless / "old.wav").write_bytes(b"precious")
    step_down(powerless)
    for path, why in {
        tmp_path / "none" / "a.wav": None,
        tmp_path / "file" / "a.wav": None,
        powerless / "new.wav": "may not write",
        powerless / "old.wav": "may not write",
    }.items():
        with pytest.raises(UnwritableFile) as caught:
            write_clip(path, music, "wav")
        assert caught.value.hint
        assert why is None or why in caught.value.message
    assert (powerless / "old.wav").read_bytes() == b"precious"
    assert os.listdir(powerless) == ["old.wav"]


def test_a_folder_of_that_name_is_not_replaced(tmp_path: Path, music: Clip) -> None:
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(UnwritableFile, match="folder of that name"):
        write_clip(tmp_path / "a.wav", music, "wav")
    with pytest.raises(UnwritableFile, match="folder does not exist"):
        write_clip(tmp_path / "none" / "a.wav", music, "wav")
