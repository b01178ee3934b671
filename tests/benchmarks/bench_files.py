"""How fast a long file becomes a working clip, beside the physical limit: reading and writing its bytes plainly.

Run: python tests/benchmarks/bench_files.py
"""

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from app.files.audio import decode, map_wav
from app.files.audio_write import write_clip
from app.files.blobs import digest


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds."""
    spent: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def main() -> None:
    """Ten minutes of stereo at 48 kHz, 24 bits as WAV and FLAC; all files are in the page cache."""
    folder = Path(tempfile.mkdtemp(prefix="retake-bench-"))
    try:
        rng = np.random.default_rng(0)
        second = rng.normal(0, 0.1, (48000 * 10, 2))
        source = folder / "source.wav"
        with soundfile.SoundFile(source, "w", 48000, 2, "PCM_24", format="WAV") as file:
            for _ in range(60):
                file.write(second)
        work, copy = folder / "work.wav", folder / "copy.wav"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        decoding = best(lambda: decode(source, target=work))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        reading = best(lambda: source.read_bytes())
        copying = best(lambda: shutil.copyfile(work, copy))
        plain = best(lambda: soundfile.read(source, dtype="int32"))
        mapping = best(lambda: map_wav(work, 24))
        hashing = best(lambda: digest(work), 1)
        exporting = best(lambda: write_clip(folder / "out.wav", map_wav(work, 24), "wav"), 1)
        size = source.stat().st_size / 1e6
        print(f"10 min stereo 48 kHz, 24-bit WAV ({size:.0f} MB)")
        print(f"decode into a working map  {decoding:6.2f} s   memory +{grown:.0f} MB")
        print(f"  / plain read of the file {decoding / reading:6.1f} x  ({reading:.2f} s)")
        print(f"  / plain copy of as much  {decoding / copying:6.1f} x  ({copying:.2f} s)")
        print(f"  / soundfile.read at once {decoding / plain:6.1f} x  ({plain:.2f} s, all in memory)")
        print(f"map a working file         {mapping * 1e3:6.2f} ms")
        print(f"hash it (every new blob)   {hashing:6.2f} s")
        print(f"export it, bit for bit     {exporting:6.2f} s  ({exporting / copying:.1f} x a plain copy, with fsync)")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
