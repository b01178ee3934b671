"""Files to read, written by libsndfile and FFmpeg themselves, never by the code under test."""

import io
import os
from pathlib import Path

import av
import numpy as np
import soundfile


def whole_numbers(frames: int, channels: int, bits: int, seed: int = 3) -> np.ndarray:
    """Every bit of the depth in use, left-justified as libsndfile gives it; the extremes are in it."""
    rng = np.random.default_rng(seed)
    limit = 1 << (bits - 1)
    values = rng.integers(-limit, limit, (frames, channels), dtype=np.int64)
    values[0], values[-1] = -limit, limit - 1
    word = 16 if bits <= 16 else 32
    return (values << (word - bits)).astype(f"int{word}")


def native(frames: int, channels: int, subtype: str) -> np.ndarray:
    """Samples that fill a subtype: whole numbers, or floats beyond full scale with a NaN of its own payload."""
    if subtype in ("FLOAT", "DOUBLE"):
        dtype, word = (np.float32, np.uint32) if subtype == "FLOAT" else (np.float64, np.uint64)
        samples = np.random.default_rng(5).normal(0, 0.7, (frames, channels)).astype(dtype)
        payload = np.array([0x7FC12345 if word is np.uint32 else 0x7FF8000012345678], word).view(dtype)
        samples[frames // 2] = payload[0]
        samples[1] = 3.5
        return samples
    return whole_numbers(
        frames, channels, {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}[subtype]
    )


def encoded(samples: np.ndarray, rate: int, container: str, subtype: str) -> bytes:
    """The bytes of a file as libsndfile writes it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=container, subtype=subtype)
    return buffer.getvalue()


def by_ffmpeg(path: Path, samples: np.ndarray, rate: int, codec: str, demuxer: str, form: str | None = None) -> Path:
    """Encode float samples (frames, 2) with FFmpeg."""
    with av.open(str(path), "w", format=demuxer) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.layout = "stereo"
        if form:
            stream.format = form
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout="stereo")
        frame.sample_rate, frame.pts = rate, 0
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


def step_down(folder: Path) -> None:
    """From here on the folder and what is in it may not be written; a superuser becomes nobody for the while."""
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.seteuid(65534)
