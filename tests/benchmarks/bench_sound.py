"""Sound against limits and rivals of the same run: python tests/benchmarks/bench_sound.py

Peaks against copying the same memory once; drawing columns from them; aligning against plain NumPy correlation and
cubic interpolation at eight times the rate; a splice against the sound it makes.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.sound.align import fit
from app.sound.clip import Clip, Frames
from app.sound.loudness import loudness
from app.sound.peaks import columns_of, peaks_of
from app.sound.region import Region
from app.sound.resample import resampled
from app.sound.splice import splice

RATE = 44100


def best(work: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of the quickest of a few runs."""
    quickest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        quickest = min(quickest, time.perf_counter() - start)
    return quickest * 1000


def say(what: str, ms: float, limit: str, limit_ms: float) -> None:
    print(f"{what:<52} {ms:9.2f} ms   {ms / limit_ms:8.2f} × {limit} ({limit_ms:.2f} ms)")


def naive_delay(ours: Frames, theirs: Frames) -> float:
    """What one would write first: both mixed down, eight times the rate, plain correlation, the largest value."""
    one = resampled(ours.mean(axis=1, keepdims=True), 1, 8)[:, 0]
    other = resampled(theirs.mean(axis=1, keepdims=True), 1, 8)[:, 0]
    size = 1 << (one.size + other.size).bit_length()
    curve = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)
    top = int(np.argmax(np.abs(curve)))
    return (top if top < size // 2 else top - size) / 8


def peaks() -> None:
    rng = np.random.default_rng(0)
    samples = rng.integers(-30000, 30000, (600 * RATE, 2), dtype=np.int16)
    other = np.empty_like(samples)
    np.copyto(other, samples)
    copy = best(lambda: np.copyto(other, samples))
    clip = Clip(samples, RATE)
    say("peaks of 10 min of 16-bit stereo", best(lambda: peaks_of(clip)), "copying it", copy)
    minute = samples[: 60 * RATE]
    plain = best(
        lambda: [f(minute.astype(np.float32)[: 10335 * 256].reshape(-1, 256, 2), axis=1) for f in (np.min, np.max)], 2
    )
    short = Clip(minute, RATE)
    say("peaks of 1 min", best(lambda: peaks_of(short)), "float32 and min(axis=1)", plain)
    known = peaks_of(clip)
    frame = 1000 / 60
    for seconds in (600, 60, 10):
        took = best(lambda s=seconds: known.columns(0, s * RATE, 1600), 20)
        say(f"1600 columns of {seconds} s", took, "a frame of 60 Hz", frame)
    say("1600 columns of 1 s from samples", best(lambda: columns_of(clip, 0, RATE, 1600), 20), "a frame", frame)
    region = Region(1_000_000, 1_100_000)
    say(
        "peaks with 2 s changed",
        best(lambda: known.with_region(region, clip), 20),
        "peaks anew",
        best(lambda: peaks_of(clip)),
    )


def align_and_splice() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(30 * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * f * t) * np.exp(-3 * (t % (0.4 + f / 4000))) for f in (110, 164.8, 247, 440, 987))
    excerpt = (0.1 * np.asarray(wave)[:, None] + rng.normal(0, 0.01, (t.size, 2))).astype(np.float32)
    hole = Region(12 * RATE, 15 * RATE)
    late = np.pad(excerpt, ((1105, 0), (0, 0)))
    returned = Clip.from_frames(resampled(late, RATE, 48000), 48000)
    ours = fit(returned, excerpt, RATE, hole)
    at_rate = resampled(returned.read(), 48000, RATE)
    plain = naive_delay(excerpt, at_rate)
    say(
        "align 30 s of stereo that came back at 48 kHz",
        best(lambda: fit(returned, excerpt, RATE, hole), 3),
        "correlation at 8 times the rate",
        best(lambda: naive_delay(excerpt, at_rate), 1),
    )
    print(f"    off by {abs(ours.delay - 1105):.4f} frames; the plain one by {abs(plain - 1105):.4f}")
    same = Clip.from_frames(excerpt, RATE)
    limit = best(lambda: np.array_equal(excerpt, same.samples))
    say("the same when nothing was changed", best(lambda: fit(same, excerpt, RATE, hole)), "comparing once", limit)
    say("splice of 3 s of stereo", best(lambda: splice(same, hole, excerpt, 0)), "the sound itself", 3000)
    say("loudness of 30 s of stereo", best(lambda: loudness(excerpt, RATE)), "the sound itself", 30000)


if __name__ == "__main__":
    peaks()
    align_and_splice()
