"""How near repair comes to the truth, and how cheap a fill is, against plain rivals in the same run.

    python tests/benchmarks/bench_engine.py [FILE ...]

FILEs are recordings; without any, music is generated. All ways are tried at the same positions. Times are of the
processor; with OPENBLAS_NUM_THREADS=1 they are those of one core.
"""

import sys
import time
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sounds import make_music

from app.engine.inpaint import Method, inpaint
from app.engine.joins import crossfade
from app.engine.repair import repair
from app.sound.ar import burg, continuation, extrapolate
from app.sound.clip import Frames
from app.sound.region import Region

GAPS_MS = (2, 10, 20, 50, 100)
POSITIONS = 3
LONGEST = 120  # seconds read of each file


def recordings() -> list[tuple[str, Frames, int]]:
    """Name, frames and rate of each."""
    if len(sys.argv) == 1:
        return [(f"made {seed}", make_music(30.0, seed=seed).read(), 44100) for seed in (1, 2)]
    found: list[tuple[str, Frames, int]] = []
    for name in sys.argv[1:]:
        rate = soundfile.info(name).samplerate
        frames, _ = soundfile.read(name, frames=LONGEST * rate, dtype="float32", always_2d=True)
        found.append((Path(name).name, frames, rate))
    return found


def positions(frames: Frames, rate: int, length: int, count: int) -> list[Region]:
    """Where the sound is loud enough to be judged, at random from a fixed seed."""
    rng = np.random.default_rng(0)
    level, found = frames.std(), []
    for _ in range(100):
        margin = min(rate, (frames.shape[0] - length) // 3)
        start = int(rng.integers(margin, max(margin + 1, frames.shape[0] - length - margin)))
        if frames[start : start + length].std() > 0.1 * level:
            found.append(Region(start, start + length))
        if len(found) == count:
            break
    return found


def extrapolated(frames: Frames, hole: Region) -> Frames:
    """Burg extrapolation, order 1024, from both sides, crossfaded."""
    n, series = hole.length, frames[:, 0].astype(np.float64)
    left, right = series[max(hole.start - 4096, 0) : hole.start], series[hole.end : hole.end + 4096][::-1]
    on = extrapolate(left, n, burg([left], 1024), residual_gain=0.0)
    back = extrapolate(right, n, burg([right], 1024), residual_gain=0.0)[::-1]
    return crossfade(on[:, None].astype(np.float32), back[:, None].astype(np.float32))


def line(frames: Frames, hole: Region) -> Frames:
    ramp = np.linspace(0, 1, hole.length + 2)[1:-1, None]
    return (frames[hole.start - 1] * (1 - ramp) + frames[hole.end] * ramp).astype(np.float32)


def repeated(frames: Frames, hole: Region) -> Frames:
    """What stood before, at the lag in 2 to 40 ms that resembles it most, looped and crossfaded into what follows."""
    n, past = hole.length, frames[max(0, hole.start - 6000) : hole.start, 0].astype(float)
    query = past[-400:]
    lags = range(80, min(1800, past.size - 400))
    best = max(lags, key=lambda g: float(np.corrcoef(query, past[-400 - g : past.size - g])[0, 1]))
    on = np.resize(frames[hole.start - best : hole.start], (n, 1))
    back = np.resize(frames[hole.end : hole.end + best][::-1], (n, 1))[::-1]
    return crossfade(on, np.ascontiguousarray(back))


def snr(truth: Frames, found: Frames) -> float:
    return float(10 * np.log10(np.sum(np.square(truth, dtype=float)) / np.sum(np.square(truth - found, dtype=float))))


def repair_table(sounds: list[tuple[str, Frames, int]]) -> None:
    ways = {
        "silence": lambda x, r, h: np.zeros((h.length, 1), np.float32),
        "line": lambda x, r, h: line(x, h),
        "repeat": lambda x, r, h: repeated(x, h),
        "Burg": lambda x, r, h: extrapolated(x, h),
        "repair, bare": lambda x, r, h: repair(x, r, h, seed=0, texture=0.0),
        "repair": lambda x, r, h: repair(x, r, h, seed=0),
    }
    scores = {(way, ms): [] for way in ways for ms in GAPS_MS}
    spent = dict.fromkeys(scores, 0.0)
    for _, frames, rate in sounds:
        mono = np.ascontiguousarray(frames[:, :1])
        for ms in GAPS_MS:
            for hole in positions(mono, rate, round(ms * rate / 1000), POSITIONS):
                for way, made in ways.items():
                    started = time.process_time()
                    found = made(mono, rate, hole)
                    spent[way, ms] += time.process_time() - started
                    scores[way, ms].append(snr(mono[hole.start : hole.end], found))
    print(f"gap SNR in dB, mean / median of {len(scores['line', 10])} positions (ms of work)")
    print(f"{'':14}" + "".join(f"{ms:>16} ms" for ms in GAPS_MS))
    for way in ways:
        cells = [scores[way, ms] for ms in GAPS_MS]
        work = [1000 * spent[way, ms] / max(len(scores[way, ms]), 1) for ms in GAPS_MS]
        print(
            f"{way:14}"
            + "".join(f"{np.mean(c):7.1f} /{np.median(c):5.1f} {w:4.0f}" for c, w in zip(cells, work, strict=True))
        )


def click(frames: Frames, rate: int, at: int) -> float:
    """dB by which an AR(32) residual within 1.5 ms of a frame exceeds the 99.9th percentile around it."""
    near = frames[max(at - rate // 2, 0) : at + rate // 2].mean(axis=1).astype(np.float64)
    residual = np.abs(np.convolve(near, burg([near], 32), "valid"))
    middle, reach = min(at, rate // 2) - 32, round(0.0015 * rate)
    return float(20 * np.log10(residual[middle - reach : middle + reach].max() / np.quantile(residual, 0.999)))


def fill_table(sounds: list[tuple[str, Frames, int]]) -> None:
    print("\nfills: work per second of clip; clicks at the edges in dB over the clip's own (share over 6 dB)")
    for seconds in (1, 4, 10):
        clicks: dict[str, list[float]] = {"untouched": [], "cut": [], "fill": []}
        ratios, works, kinds = [], [], []
        for _, frames, rate in sounds:
            if frames.shape[0] < 3 * seconds * rate:
                continue
            for hole in positions(frames, rate, seconds * rate, 2):
                started = time.process_time()
                made = inpaint(frames, rate, hole, seed=1, method=Method.FILL)
                works.append(time.process_time() - started)
                ratios.append(works[-1] / (frames.shape[0] / rate))
                kinds.append(made.match)
                cut = frames.copy()
                cut[hole.start : hole.end] = np.roll(frames, 7 * rate, axis=0)[hole.start : hole.end]
                for name, sound in (("untouched", frames), ("cut", cut), ("fill", made.frames)):
                    clicks[name] += [click(sound, rate, edge) for edge in (hole.start, hole.end)]
        if works:
            told = ", ".join(f"{name} {np.mean(c):.0f} ({np.mean(np.array(c) > 6):.0%})" for name, c in clicks.items())
            matches = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("strong", "fair", "weak"))
            cost = f"{np.mean(ratios):.4f} ({np.mean(works):.2f} s, worst {max(works):.2f})"
            print(f"{seconds:3} s: {cost}; {told}; {matches}")


def edge_cost() -> None:
    frames = make_music().read()
    started = time.process_time()
    for _ in range(10):
        continuation(frames[:100_000], 2646)
    print(f"\none 60 ms edge, stereo: {(time.process_time() - started) * 100:.1f} ms")


if __name__ == "__main__":
    known = recordings()
    repair_table(known)
    fill_table(known)
    edge_cost()
