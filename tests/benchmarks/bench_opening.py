"""Opening a long sound, against one read of its file and a bare decode; memory of ten hours; stalls.

Run it as `python tests/benchmarks/bench_opening.py [MINUTES]`. Times are processor time of all threads, medians of
alternating runs, so that other work on the machine does not count; `wall` rows are what a clock says. A rival that is
not installed has no row.
"""

import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import soundfile

from app.files.audio import probe
from app.files.file_samples import FileSamples
from app.files.fingerprint import fingerprint
from app.files.layout import layout_of
from app.files.peaks_cache import PeaksCache
from app.files.preview import preview_compressed, preview_plain
from app.session.opening import open_path
from app.sound.clip import Clip
from app.sound.peaks_growing import grow

ROOT = Path(__file__).resolve().parents[2]
Row = tuple[str, float, str, float, float, str]
RUNS = 5
RATE = 44_100


def processor() -> float:
    """Processor time of this process and of the children it waited for, in seconds."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def medians(*works: Callable[[], object], clock: Callable[[], float] = processor, runs: int = RUNS) -> list[float]:
    """Median milliseconds of each work, run in turns."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, times in zip(works, took, strict=True):
            begin = clock()
            work()
            times.append((clock() - begin) * 1000)
    return [statistics.median(times) for times in took]


def row(name: str, ours: float, rival: str, theirs: float, goal: str) -> Row:
    return name, ours, rival, theirs, ours / theirs, goal


def hour(folder: Path, minutes: float) -> Path:
    """A swelling stereo noise with tones, 16 bit."""
    path = folder / "hour.wav"
    rng = np.random.default_rng(1)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for minute in range(max(round(minutes), 1)):
            at = np.arange(RATE * 60) / RATE
            tone = 0.3 * np.sin(2 * np.pi * (110 + minute) * at) * np.abs(np.sin(at / 3))
            file.write(tone[:, None] + rng.normal(0, 0.03, (at.size, 2)))
    return path


def read_once(path: Path) -> None:
    """The limit: every byte from the page cache into one buffer."""
    buffer = bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def clip_of(path: Path) -> Clip:
    layout = layout_of(path)
    assert layout is not None
    return Clip(FileSamples(path, layout), layout.rate, layout.bits)


def plain_rows(path: Path, folder: Path) -> Iterator[Row]:
    """A WAV: preview, exact peaks, and the second time."""

    def preview() -> None:
        layout = layout_of(path)
        assert layout is not None
        assert preview_plain(path, layout) is not None

    cache, key = PeaksCache(folder / "peaks"), fingerprint(path)
    grown = grow(clip_of(path))
    assert grown is not None
    cache.keep(key, grown.peaks, 0)

    def again() -> None:
        kept = cache.find(fingerprint(path))
        assert kept is not None
        kept.peaks.columns(0, kept.peaks.length, 1600)

    read_once(path)
    for how, clock in (("", processor), (", wall", time.perf_counter)):
        shown, exact, second, read = medians(
            preview, lambda: grow(clip_of(path)), again, lambda: read_once(path), clock=clock
        )
        yield row(f"WAV to preview{how}", shown, "read once", read, "≤ 1.0")
        yield row(f"WAV to exact peaks{how}", exact, "read once", read, "≤ 2.5")
        yield row(f"WAV again, to drawn columns{how}", second, "read once", read, "≤ 1.0")


def packed_rows(path: Path, name: str) -> Iterator[Row]:
    """A compressed file: preview and exact peaks, against a bare decode."""
    bare = decoder(path)
    if bare is None:
        return

    def preview() -> None:
        assert preview_compressed(path, probe(path)) is not None

    def exact() -> None:
        home = tempfile.mkdtemp(dir=path.parent)
        os.environ["RETAKE_HOME"] = home
        opened = open_path(path, lambda _: None, lambda: False)
        assert opened.peaks.length == opened.project.source.length
        opened.project.close()
        shutil.rmtree(home)

    def rival() -> None:
        subprocess.run(bare[1], check=True)

    for how, clock in (("", processor), (", wall", time.perf_counter)):
        shown, whole, decoded = medians(
            preview, exact, lambda: subprocess.run(bare[1], check=True), clock=clock, runs=3
        )
        yield row(f"{name} to preview{how}", shown, bare[0], decoded, "≤ 0.1")
        yield row(f"{name} to exact peaks{how}", whole, bare[0], decoded, "≤ 1.1")


def decoder(path: Path) -> tuple[str, list[str]] | None:
    """The fastest bare decoder at hand."""
    if path.suffix == ".flac" and shutil.which("flac"):
        return "flac -d", ["flac", "-d", "-s", "-f", "-o", os.devnull, str(path)]
    if shutil.which("ffmpeg"):
        return "ffmpeg to null", ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    return None


def ten_hours(folder: Path) -> Path:
    """An RF64 file of ten hours, most of it a hole."""
    path, frames = folder / "ten.wav", 10 * 3600 * RATE
    size = frames * 4
    head = struct.pack("<4sI4s4sIQQQI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28, size + 72, size, frames, 0)
    head += struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16, b"data", 0xFFFFFFFF)
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
        for index in range(200):
            file.seek(len(head) + size // 200 // 4 * 4 * index)
            file.write(os.urandom(4096))
    return path


def in_window(path: Path | None, home: Path) -> dict[str, float]:
    """What a window of its own process says of opening that file: see `opening_window.py`."""
    script = Path(__file__).with_name("opening_window.py")
    command = [sys.executable, str(script), *([str(path)] if path else [])]
    environment = {**os.environ, "RETAKE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return {name: float(value) for name, value in (line.split() for line in said.splitlines() if " " in line)}


def rows(minutes: float = 60) -> Iterator[Row]:
    """Every figure as (work, ours in ms or MB, rival or limit, its, ratio, goal)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["RETAKE_HOME"] = str(folder / "home")
        wav = hour(folder, minutes)
        yield from plain_rows(wav, folder)
        for container in ("flac", "mp3"):
            path = folder / f"hour.{container}"
            if shutil.which("ffmpeg"):
                subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(wav), str(path)], check=True)
                yield from packed_rows(path, container.upper())
        empty = in_window(None, folder / "empty")
        browsed = in_window(ten_hours(folder), folder / "ten")
        more = browsed["anonymous_mb"] - empty["anonymous_mb"]
        yield row("10 h WAV open and browsed, MB over an empty window", more, "goal", 80.0, "≤ 1.0")
        if (folder / "hour.mp3").exists():
            loaded = in_window(folder / "hour.mp3", folder / "mp3")
            yield row("longest stall while the MP3 loads", loaded["stall_ms"], "goal", 50.0, "≤ 1.0")
            yield row("the same, with nothing loading", empty["stall_ms"], "goal", 50.0, "≤ 1.0")


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {minutes:g} minutes of sound")
    print(f"{'work':54} {'ours':>9} {'rival or limit':>16} {'its':>9} {'ratio':>7}  goal")
    for name, ours, rival, theirs, ratio, goal in rows(minutes):
        print(f"{name:54} {ours:9.1f} {rival:>16} {theirs:9.1f} {ratio:7.2f}  {goal}", flush=True)


if __name__ == "__main__":
    main()
