"""Every container and every kind of damage, read as what it is or refused in one sentence."""

import struct
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sample_files import by_ffmpeg, encoded, native, step_down

from app.errors import UnreadableAudio, UnwritableFile
from app.files.audio import Cancelled, decode, decode_file, map_wav, probe
from app.files.av_read import AvStream
from app.files.sndfile_read import Broken
from app.files.working_wav import WavWriter

PCM = [
    ("WAV", "PCM_U8", "int16", 8),
    ("WAV", "PCM_16", "int16", 16),
    ("WAV", "PCM_24", "int32", 24),
    ("WAV", "PCM_32", "int32", 32),
    ("WAV", "FLOAT", "float32", 32),
    ("WAV", "DOUBLE", "float64", 64),
    ("WAVEX", "PCM_24", "int32", 24),
    ("RF64", "PCM_24", "int32", 24),
    ("W64", "PCM_16", "int16", 16),
    ("AIFF", "PCM_S8", "int16", 8),
    ("AIFF", "PCM_24", "int32", 24),
    ("AIFF", "FLOAT", "float32", 32),
    ("CAF", "PCM_24", "int32", 24),
    ("CAF", "ALAC_16", "int16", 16),
    ("FLAC", "PCM_16", "int16", 16),
    ("FLAC", "PCM_24", "int32", 24),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("container", "subtype", "dtype", "bits"), PCM)
def test_samples_come_in_as_they_stand_in_the_file(
    container: str, subtype: str, dtype: str, bits: int, streamed: bool, tmp_path: Path
) -> None:
    kind = "PCM_16" if subtype == "ALAC_16" else subtype
    samples = native(70_000, 2, kind)
    path = tmp_path / "source"
    path.write_bytes(encoded(samples, 44100, container, subtype))
    decoded = decode(path, target=tmp_path / "work.wav" if streamed else None)
    clip = decoded.clip
    assert (clip.samples.dtype.name, clip.bits, clip.rate) == (dtype, bits, 44100)
    assert clip.samples.tobytes() == samples.tobytes()
    assert decoded.format.subtype == subtype
    assert not decoded.format.lossy
    assert isinstance(clip.samples, np.memmap) == streamed


def test_a_map_of_a_working_file_is_the_working_file(tmp_path: Path) -> None:
    samples = native(5000, 3, "PCM_24")
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(samples, 96000, "WAV", "PCM_24"))
    decode_file(path, target=tmp_path / "work.wav")
    again = map_wav(tmp_path / "work.wav", 24)
    assert again.bits == 24
    assert again.rate == 96000
    assert again.samples.tobytes() == samples.tobytes()
    # What Retake writes is a WAV for everybody.
    others, rate = soundfile.read(tmp_path / "work.wav", dtype="int32")
    assert rate == 96000
    assert np.array_equal(others, samples)
    with pytest.raises(ValueError):
        again.samples[0] = 0


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_wav_of_others_can_be_mapped(subtype: str, tmp_path: Path) -> None:
    samples = native(777, 1, subtype)
    for container in ("WAV", "WAVEX", "RF64"):
        path = tmp_path / container
        path.write_bytes(encoded(samples, 8000, container, subtype))
        assert map_wav(path).samples.tobytes() == samples.tobytes()


def test_a_working_file_past_four_gigabytes_is_rf64(tmp_path: Path) -> None:
    path, frames = tmp_path / "long.wav", 1_200_000_000
    writer = WavWriter(path, 48000, 2, np.dtype("int16"))
    writer.write(np.full((10, 2), 7, np.int16))
    # A hole stands for the sound between: the file is that long, and takes no room.
    writer._file.seek(80 + (frames - 10) * 4)
    writer.frames = frames - 10
    writer.write(np.full((10, 2), 9, np.int16))
    writer.close()
    info = soundfile.info(path)
    assert (info.format, info.frames, info.subtype) == ("RF64", frames, "PCM_16")
    clip = map_wav(path)
    assert clip.length == frames
    assert clip.samples[0].tolist() == [7, 7]
    assert clip.samples[-1].tolist() == [9, 9]


@pytest.mark.parametrize(
    ("container", "subtype", "rate"),
    [("MP3", "MPEG_LAYER_III", 44100), ("OGG", "VORBIS", 44100), ("OGG", "OPUS", 48000)],
)
def test_lossy_files_become_floats(container: str, subtype: str, rate: int, tone: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(encoded(tone, rate, container, subtype))
    decoded = decode(path)
    assert decoded.format.lossy
    assert decoded.clip.samples.dtype == np.float32
    assert decoded.clip.length == len(tone)
    assert np.abs(decoded.clip.samples[4000:40000] - tone[4000:40000]).max() < 0.05
    assert probe(path).frames == len(tone)


@pytest.mark.parametrize(
    ("name", "codec", "demuxer", "form", "dtype", "bits"),
    [
        ("a.m4a", "aac", "mp4", None, "float32", 32),
        ("a.mov", "aac", "mov", None, "float32", 32),
        ("b.m4a", "alac", "mp4", "s16p", "int16", 16),
        ("c.m4a", "alac", "mp4", "s32p", "int32", 24),
        ("d.webm", "libopus", "webm", None, "float32", 32),
        ("e.mka", "pcm_s16le", "matroska", None, "int16", 16),
        ("f.mkv", "flac", "matroska", "s32", "int32", 24),
    ],
)
def test_what_libsndfile_does_not_know_comes_by_ffmpeg(
    name: str, codec: str, demuxer: str, form: str | None, dtype: str, bits: int, tone: np.ndarray, tmp_path: Path
) -> None:
    path = by_ffmpeg(tmp_path / name, tone, 48000, codec, demuxer, form)
    decoded = decode(path, target=tmp_path / "work.wav")
    clip = decoded.clip
    assert (clip.samples.dtype.name, clip.bits, clip.rate, clip.channels) == (dtype, bits, 48000, 2)
    assert clip.length == len(tone), "a codec's padding is not sound"
    assert np.sqrt(np.mean((clip.read(4000, 40000) - tone[4000:40000]) ** 2)) < 0.05, "FFmpeg's AAC is coarse"
    assert decoded.format.lossy == (codec in ("aac", "libopus"))
    assert probe(path).duration == pytest.approx(1.0, abs=0.05)


def test_blocks_are_told_as_they_come_and_a_cancel_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(native(300_000, 1, "PCM_16"), 48000, "WAV", "PCM_16"))
    heard: list[tuple[int, int]] = []
    clip = decode_file(path, on_block=lambda block, total: heard.append((len(block), total)))
    assert len(heard) > 3
    assert sum(n for n, _ in heard) == clip.length
    assert {total for _, total in heard} == {300_000}
    target = tmp_path / "work.wav"
    with pytest.raises(Cancelled):
        decode_file(path, cancelled=lambda: True, target=target)
    assert not target.exists()


def _refusal(path: Path) -> str:
    with pytest.raises(UnreadableAudio) as caught:
        decode(path)
    error = caught.value
    assert error.hint
    assert error.message.count(".") - path.name.count(".") == 1, "one sentence"
    return error.message


def test_missing_empty_and_folder(tmp_path: Path) -> None:
    assert "does not exist" in _refusal(tmp_path / "gone.wav")
    (tmp_path / "empty.wav").touch()
    assert "is empty" in _refusal(tmp_path / "empty.wav")
    assert "is a folder" in _refusal(tmp_path)
    for path in (tmp_path / "gone.wav", tmp_path / "empty.wav", tmp_path):
        with pytest.raises(UnreadableAudio):
            probe(path)


def test_what_is_not_sound(tmp_path: Path) -> None:
    for name, data in {
        "text.wav": b"Dear all, " * 400,
        "zeros.flac": bytes(4096),
        "page.mp3": b"<html>" * 300,
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "header.wav": encoded(native(100, 1, "PCM_16"), 48000, "WAV", "PCM_16")[:44],
    }.items():
        (tmp_path / name).write_bytes(data)
        message = _refusal(tmp_path / name)
        if not name.startswith(("page", "header")):
            assert "is not a sound file" in message


def test_a_playlist_of_files_is_not_followed_either(tone: np.ndarray, tmp_path: Path) -> None:
    secret = by_ffmpeg(tmp_path / "secret.aac", tone, 48000, "aac", "adts")
    playlist = tmp_path / "list.m3u8"  # FFmpeg guesses playlists by their ending, too
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(Broken), closing(AvStream(playlist, "mp3", "mp3")) as stream:
        list(stream.blocks())


def test_a_playlist_is_never_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/x.ts"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n".encode()
    for name in ("evil.m3u8", "evil.mp3", "evil.m4a", "evil.wav"):
        (tmp_path / name).write_bytes(playlist)
        _refusal(tmp_path / name)
    server.shutdown()
    server.server_close()
    assert asked == []


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "PCM_16"), ("AIFF", "PCM_24"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")]
)
def test_a_truncated_file_gives_what_is_there_and_says_so(
    container: str, subtype: str, tone: np.ndarray, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    whole.write_bytes(encoded(tone, 48000, container, subtype))
    cut = tmp_path / "cut.bin"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    reference, decoded = decode_file(whole), decode(cut, target=tmp_path / "work.wav")
    assert 0.5 * len(tone) < decoded.clip.length < 0.75 * len(tone)
    assert len(decoded.notes) == 1
    assert "cut short" in decoded.notes[0]
    safe = decoded.clip.length - 2304
    assert np.array_equal(decoded.clip.samples[:safe], reference.samples[:safe])


def test_where_one_reader_gives_up_the_other_goes_on(tmp_path: Path) -> None:
    samples = native(300_000, 1, "PCM_16") // 64
    data = encoded(samples, 48000, "FLAC", "PCM_16")
    path = tmp_path / "cut.flac"
    path.write_bytes(data[: len(data) * 3 // 4])
    heard: list[np.ndarray] = []
    decoded = decode(path, on_block=lambda block, total: heard.append(block))
    clip = decoded.clip
    assert 65_536 < clip.length < 230_000, "more than the first reader's whole blocks"
    assert np.array_equal(clip.samples, samples[: clip.length])
    assert np.array_equal(np.concatenate(heard), clip.samples)
    assert "6.25 s could be read" in decoded.notes[0]


def _patched(data: bytes, offset: int, form: str, value: int) -> bytes:
    return data[:offset] + struct.pack(form, value) + data[offset + struct.calcsize(form) :]


def test_a_wav_whose_header_lies(tmp_path: Path) -> None:
    samples = native(4800, 2, "PCM_16")
    data = encoded(samples, 48000, "WAV", "PCM_16")
    path = tmp_path / "lie.wav"
    size = data.index(b"data") + 4

    # More than there is: what is there is given, memory is not taken by the header's word.
    path.write_bytes(_patched(data, size, "<I", 2_000_000_000))
    decoded = decode(path)
    assert decoded.clip.samples.tobytes() == samples.tobytes()
    assert "cut short" in decoded.notes[0]

    # A recorder that never came back to its header: all of the sound, nothing to complain of.
    for streamed in (0, 0xFFFFFFFF):
        path.write_bytes(_patched(data, size, "<I", streamed))
        decoded = decode(path)
        assert decoded.clip.samples.tobytes() == samples.tobytes()
        assert decoded.notes == ()

    for offset, form, value in [(22, "<H", 0), (22, "<H", 900), (24, "<I", 0), (24, "<I", 0xFFFFFFF0), (24, "<I", 96)]:
        path.write_bytes(_patched(data, offset, form, value))
        _refusal(path)


def test_samples_that_are_not_numbers_are_kept_and_told(tmp_path: Path) -> None:
    samples = np.zeros((1000, 2), np.float32)
    samples[10, 0], samples[20, 1], samples[30, 0] = np.nan, np.inf, -np.inf
    path = tmp_path / "nan.wav"
    path.write_bytes(encoded(samples, 44100, "WAV", "FLOAT"))
    decoded = decode(path)
    assert decoded.notes == ("3 samples are not numbers; they are heard as silence.",)
    assert decoded.clip.samples.tobytes() == samples.tobytes()
    assert np.isfinite(decoded.clip.read()).all()


def test_a_folder_that_may_not_be_written(powerless: Path) -> None:
    path = powerless / "mine.wav"
    path.write_bytes(encoded(native(100, 1, "PCM_16"), 48000, "WAV", "PCM_16"))
    step_down(powerless)
    assert decode_file(path).length == 100
    with pytest.raises(UnwritableFile) as caught:
        decode(path, target=powerless / "work.wav")
    assert caught.value.hint


def test_names_that_are_no_paths(tmp_path: Path) -> None:
    for name in ("a\0b.wav", "x" * 300 + ".wav"):
        with pytest.raises(UnreadableAudio):
            decode(tmp_path / name)
    odd = tmp_path / "Grüße\n\u202e — 音.wav"
    odd.write_bytes(encoded(native(100, 1, "PCM_16"), 48000, "WAV", "PCM_16"))
    assert decode_file(odd).length == 100
    odd.write_bytes(b"no sound")
    assert "\n" not in _refusal(odd)


def test_mutated_files_raise_nothing_foreign(tone: np.ndarray, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    short = tone[:6000]
    seeds = [
        encoded(short, 48000, *kind)
        for kind in [("WAV", "FLOAT"), ("AIFF", "PCM_24"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("CAF", "ALAC_16")]
    ]
    seeds += [by_ffmpeg(tmp_path / "s.m4a", short, 48000, "aac", "mp4").read_bytes()]
    path, good = tmp_path / "mutant.bin", 0
    for number in range(300):
        data = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.integers(1, 9)):
            reach = 200 if rng.random() < 0.6 else len(data)
            data[rng.integers(0, reach)] = rng.integers(0, 256)
        if rng.random() < 0.3:
            del data[rng.integers(1, len(data)) :]
        path.write_bytes(data)
        try:
            clip = decode(path, target=tmp_path / "work.wav").clip
        except UnreadableAudio:
            continue
        good += 1
        assert 0 < clip.length < 10_000_000
    assert good > 50
