"""How good and how fast the engine's repairs, fills and variations are, against plain rivals in the same run.

    OPENBLAS_NUM_THREADS=1 python tests/benchmarks/bench_engine.py --below FOLDER [--positions N] [--only PART ...]

FOLDER is where the Debian packages named in engine_recordings.py were unpacked (dpkg -x); without it music is
generated. PARTs are repair, fill, seeds, time. Every way is tried at the same positions; nothing that
stands in a hole is read. Times are of the processor.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from engine_measures import Sky, band_bias, beat_likeness, beat_period, click, percentile, snr
from engine_recordings import AMBIENCE, EFFECTS, MUSIC, VOICE, Recording, load
from engine_rivals import burg_both, crossfaded, line, looped, repeat, zero
from sounds import make_music

from app.engine.inpaint import Inpainted, Method, inpaint
from app.engine.repair import repair
from app.sound.clip import Frames
from app.sound.region import Region

GAPS_MS = (2, 10, 20, 50, 100)
Sounds = dict[str, list[Recording]]


def positions(frames: Frames, rate: int, length: int, count: int, margin: float = 1.0) -> list[Region]:
    """Where the sound is loud enough to be judged, at random from a fixed seed."""
    rng = np.random.default_rng(0)
    level, found = float(frames.std()), list[Region]()
    keep = min(round(margin * rate), (frames.shape[0] - length) // 3)
    for _ in range(20 * count):
        start = int(rng.integers(keep, max(keep + 1, frames.shape[0] - length - keep)))
        if frames[start : start + length].std() > 0.1 * level:
            found.append(Region(start, start + length))
        if len(found) == count:
            break
    return found


def repair_part(sounds: Sounds, count: int) -> None:
    ways: dict[str, Callable[[Frames, int, Region], Frames]] = {
        "zero": zero,
        "line": line,
        "repeat": repeat,
        "Burg": burg_both,
        "repair, bare": lambda x, r, h: repair(x, r, h, seed=0, texture=0.0),
        "repair": lambda x, r, h: repair(x, r, h, seed=0),
    }
    for kind, recordings in sounds.items():
        scores, biases, spent = defaultdict(list), defaultdict(list), defaultdict(float)
        for each in recordings:
            mono = np.ascontiguousarray(each.frames[:, :1])
            for ms in GAPS_MS:
                for hole in positions(mono, each.rate, round(ms * each.rate / 1000), count):
                    truth = mono[hole.start : hole.end]
                    holed = mono.copy()
                    holed[hole.start : hole.end] = 0
                    for way, made in ways.items():
                        started = time.process_time()
                        found = made(holed, each.rate, hole)
                        spent[way, ms] += time.process_time() - started
                        scores[way, ms].append(snr(truth, found))
                        biases[way, ms].append(band_bias(truth, found, each.rate))
        if not scores:
            continue
        print(f"\n{kind}: SNR of the gap in dB, mean / median / worst (ms of work), n = {len(scores['line', 10])}")
        print(f"{'':14}" + "".join(f"{ms:>23} ms" for ms in GAPS_MS))
        for way in ways:
            cells = [(scores[way, ms], 1000 * spent[way, ms] / max(len(scores[way, ms]), 1)) for ms in GAPS_MS]
            shown = (f"{np.mean(s):8.1f} /{np.median(s):5.1f} /{np.min(s):6.1f}{w:5.0f}" for s, w in cells)
            print(f"{way:14}" + "".join(shown))
        for way in ("Burg", "repair, bare", "repair"):
            shown = (f"{np.mean(biases[way, ms]):10.1f} /{np.median(biases[way, ms]):5.1f}{'':10}" for ms in GAPS_MS)
            print(f"{way + ' bias':14}" + "".join(shown))
        worse = {
            ms: np.array(scores["repair", ms]) - np.array(scores["repeat", ms]) for ms in GAPS_MS if scores["line", ms]
        }
        told = ", ".join(f"{ms} ms {d.min():+.1f} ({np.mean(d < -1):.0%} below -1)" for ms, d in worse.items())
        print(f"least of repair over repeat, dB: {told}")


def joins_of(made: Inpainted, hole: Region, rate: int) -> list[int]:
    """Where one passage gives way to the next, in frames of the clip."""
    lengths = [round((end - start) * rate) for start, end in made.sources]
    return [hole.start + int(at) for at in np.cumsum(lengths)[:-1]]


def fill_part(sounds: Sounds, count: int) -> None:
    for kind in ("music", "ambience"):
        for seconds in (1, 4, 10):
            rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
            matches, pieces = list[str](), list[int]()
            for each in sounds.get(kind, []):
                frames, rate = each.frames, each.rate
                if frames.shape[0] < (2.2 * seconds + 3) * rate:
                    continue
                sky = Sky(frames, rate)
                rng = np.random.default_rng(0)
                places = rng.integers(2 * rate, frames.shape[0] - 2 * rate, 400)
                seams = np.array([sky.seam(int(p)) for p in places])
                contexts = np.array([sky.context(int(p)) for p in places])
                period = beat_period(sky)
                for hole in positions(frames, rate, seconds * rate, count, margin=4.0):
                    made = inpaint(frames, rate, hole, seed=0, method=Method.FILL)
                    matches.append(made.match)
                    pieces.append(len(made.sources))
                    inner = joins_of(made, hole, rate)
                    for name, sound in (
                        ("untouched", frames),
                        ("crossfade", crossfaded(frames, rate, hole)),
                        ("repeat", looped(frames, rate, hole)),
                        ("fill", made.frames),
                    ):
                        view, row = Sky(sound, rate, sky.top), rows[name]
                        edges = (hole.start, hole.end)
                        shift = round(0.03 * rate)
                        row["edges"] += [
                            percentile(view.seam(e), seams) for e in (hole.start + shift, hole.end - shift)
                        ]
                        row["clicks"] += [click(sound, rate, e) for e in edges]
                        row["context"] += [percentile(view.context(e), contexts) for e in edges]
                        if name in ("untouched", "fill"):
                            row["joins"] += [percentile(view.seam(e), seams) for e in inner]
                            row["join clicks"] += [click(sound, rate, e) for e in inner]
                        if period is not None and seconds > 1:
                            row["beat"].append(beat_likeness(view, hole, period, sky))
            if not rows:
                continue
            told = ", ".join(f"{matches.count(kind)} {kind}" for kind in ("strong", "fair", "weak"))
            print(f"\n{kind}, fills of {seconds} s, n = {len(matches)}, {told}; {np.mean(pieces):.1f} pieces")
            for name, row in rows.items():
                cells = []
                for key, limit in (("edges", 95), ("joins", 95), ("clicks", 6), ("join clicks", 6), ("context", 95)):
                    if row[key]:
                        over = np.mean(np.array(row[key]) > limit)
                        cells.append(f"{key} {np.median(row[key]):5.1f} ({over:4.0%})")
                if row["beat"]:
                    cells.append(f"beat {np.mean(row['beat']):.2f} (n {len(row['beat'])})")
                print(f"{name:10} " + "  ".join(cells))


def seeds_part(sounds: Sounds) -> None:
    print("\n20 seeds of one 4 s fill: distinct paths, and edges over 95 / clicks / context over 95 / beat")
    for each in sounds["music"]:
        frames, rate = each.frames, each.rate
        if frames.shape[0] < 20 * rate:
            continue
        hole = positions(frames, rate, 4 * rate, 1, margin=4.0)[0]
        sky, rng = Sky(frames, rate), np.random.default_rng(0)
        places = rng.integers(2 * rate, frames.shape[0] - 2 * rate, 400)
        seams = np.array([sky.seam(int(p)) for p in places])
        contexts = np.array([sky.context(int(p)) for p in places])
        period, shift = beat_period(sky), round(0.03 * rate)
        paths, edges, clicks, context, beats = set[object](), [], [], [], []
        for seed in range(20):
            made = inpaint(frames, rate, hole, seed=seed, method=Method.FILL)
            paths.add(tuple((round(a, 1), round(b, 1)) for a, b in made.sources))
            view = Sky(made.frames, rate, sky.top)
            edges += [percentile(view.seam(e), seams) for e in (hole.start + shift, hole.end - shift)]
            clicks += [click(made.frames, rate, e) for e in (hole.start, hole.end)]
            context += [percentile(view.context(e), contexts) for e in (hole.start, hole.end)]
            if period is not None:
                beats.append(beat_likeness(view, hole, period, sky))
        shares = [np.mean(np.array(x) > y) for x, y in ((edges, 95), (clicks, 6), (context, 95))]
        control = f"{beat_likeness(sky, hole, period, sky):.2f}" if period is not None else "-"
        told = " / ".join(f"{share:.0%}" for share in shares)
        beat = f"{np.mean(beats):.2f}" if beats else "-"
        print(f"{each.name:22} {len(paths):3} distinct; {told} / {beat} (untouched {control})")


def time_part(sounds: Sounds) -> None:
    print("\nwork of a 4 s fill")
    whole = [each for each in sounds["music"] if each.frames.shape[0] >= 60 * each.rate] or sounds["music"]
    first = whole[0]
    # A worker imports what it needs before its first job; so does this.
    inpaint(first.frames[: 8 * first.rate], first.rate, Region(3 * first.rate, 4 * first.rate), seed=1)
    for seconds in (120, 3600):
        spent = []
        for each in whole[:4]:
            need = seconds * each.rate
            frames = np.resize(each.frames, (need, each.frames.shape[1]))
            hole = Region(need // 2, need // 2 + 4 * each.rate)
            started = time.process_time()
            inpaint(frames, each.rate, hole, seed=1, method=Method.FILL)
            spent.append(time.process_time() - started)
            del frames
        worst = max(spent)
        print(f"in a clip of {seconds:4} s: mean {np.mean(spent):.2f} s, worst {worst:.2f} s, 1/{seconds / worst:.0f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--below", type=Path)
    asked.add_argument("--positions", type=int, default=40)
    asked.add_argument("--only", nargs="*", default=["repair", "fill", "seeds", "time"])
    args = asked.parse_args()
    if args.below is None:
        made = [Recording(f"made {seed}", make_music(30.0, seed=seed).read(), 44100) for seed in (1, 2)]
        sounds: Sounds = {"music": made}
    else:
        kinds = {"music": MUSIC, "voice": VOICE, "effects": EFFECTS, "ambience": AMBIENCE}
        sounds = {kind: load(args.below, names) for kind, names in kinds.items()}
    for kind, recordings in sounds.items():
        print(f"{kind}: {', '.join(f'{e.name} {e.frames.shape[0] / e.rate:.0f} s' for e in recordings)}")
    if "repair" in args.only:
        repair_part(sounds, args.positions)
    if "fill" in args.only:
        fill_part(sounds, max(args.positions // 10, 3))
    if "seeds" in args.only:
        seeds_part(sounds)
    if "time" in args.only:
        time_part(sounds)


if __name__ == "__main__":
    main()
