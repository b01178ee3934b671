"""Sound to files: versions exported with the source's own samples kept bit for bit, and excerpts to be sent.

Whole numbers written at their own depth or a greater one never pass through floating point. What has to lose bits is
rounded; at 16 bits and fewer with triangular dither of two steps' width (Lipshitz, Wannamaker, Vanderkooy: the
least that frees the error's mean and power from the signal), whose noise depends on the position alone, so that the
same export gives the same samples.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from app.errors import UnwritableFile
from app.files.atomic import replacing
from app.files.formats import BLOCK, Depth, ExportFormat, not_numbers
from app.files.sentences import shown
from app.sound.clip import Clip, Frames, Samples

_INTEGERS = {Depth.INT8: 8, Depth.INT16: 16, Depth.INT24: 24, Depth.INT32: 32}
_DEPTHS = {
    ExportFormat.WAV: tuple(Depth)[1:],
    ExportFormat.AIFF: tuple(Depth)[1:],
    ExportFormat.FLAC: (Depth.INT8, Depth.INT16, Depth.INT24),
}
_MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_WIDTH = {Depth.INT8: 1, Depth.INT16: 2, Depth.INT24: 3, Depth.INT32: 4, Depth.FLOAT: 4, Depth.DOUBLE: 8}


class PartLike(Protocol):
    """Frames [start, end) of a clip: a rendering's segment is one."""

    @property
    def clip(self) -> Clip: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Part(NamedTuple):
    """Frames [start, end) of a clip."""

    clip: Clip
    start: int
    end: int


def depth_of(clip: Clip) -> Depth:
    """The depth that a clip's source had."""
    if clip.is_float:
        return Depth.DOUBLE if clip.samples.dtype.itemsize == 8 else Depth.FLOAT
    return {8: Depth.INT8, 16: Depth.INT16, 24: Depth.INT24}.get(clip.bits, Depth.INT32)


def write_clip(path: Path, clip: Clip, format: ExportFormat | str, bits: int | None = None) -> tuple[str, ...]:
    """A whole clip to a file, as `export` writes it; `bits` 8 to 32 ask for whole numbers, None for the clip's own."""
    depth = Depth.SOURCE if bits is None else Depth(str(bits))
    return export(path, [Part(clip, 0, clip.length)], clip.rate, clip.channels, ExportFormat(format), depth)


def export(
    path: Path,
    parts: Iterable[PartLike],
    rate: int,
    channels: int,
    format: ExportFormat,
    depth: Depth = Depth.SOURCE,
    *,
    source: Clip | None = None,
) -> tuple[str, ...]:
    """Write parts, one after another, and give what the user should know of it, a sentence each.

    `depth` SOURCE is the depth of `source`, or of the parts where none is given. WAV past 4 GB becomes RF64. The
    file takes its place only when it is whole and on the disk; raises UnwritableFile, and leaves what was there.
    """
    chain = tuple(parts)
    length = sum(part.end - part.start for part in chain)
    if not length:
        raise UnwritableFile(f"{shown(path)} was not written: there is nothing to export.", "Choose a longer part.")
    for part in chain:
        if (part.clip.rate, part.clip.channels) != (rate, channels):
            raise ValueError("parts of an export must share its rate and channels")
    if depth is Depth.SOURCE:
        depth = depth_of(source) if source is not None else _deepest(chain)
    notes: list[str] = []
    if format in (ExportFormat.MP3, ExportFormat.OGG):
        _check_lossy(path, format, rate, channels)
        depth = Depth.FLOAT
        subtype = "VORBIS" if format is ExportFormat.OGG else "MPEG_LAYER_III"
    else:
        if depth not in _DEPTHS[format]:
            notes.append(f"{format.upper()} holds at most 24 bits; finer steps were rounded.")
            depth = Depth.INT24
        subtype = _subtype(format, depth)
    container = format.upper()
    size = length * channels * _WIDTH[depth]
    if format is ExportFormat.WAV and size > 0xFFFFFFFF - 4096:
        container = "RF64"
    elif format is ExportFormat.AIFF and size > 0x7FFFFFFF - 4096:
        raise UnwritableFile(f"{shown(path)} was not written: AIFF ends at 2 GB.", "Export it as WAV or FLAC.")
    writer = _Writer(depth, lossy=format in (ExportFormat.MP3, ExportFormat.OGG))
    with replacing(path) as part_path:
        try:
            with soundfile.SoundFile(part_path, "w", rate, channels, subtype, format=container) as file:
                for each in chain:
                    for start in range(each.start, each.end, BLOCK):
                        file.write(writer.samples(each.clip, start, min(start + BLOCK, each.end)))
            _verify(path, part_path, length, lossy=writer.lossy)
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise _refused(path, part_path, error) from error
    return (*notes, *writer.notes())


def encode_excerpt(path: Path, frames: Frames, rate: int, *, flac: bool = False) -> None:
    """Float32 frames (frames, channels) to a file to be sent: float WAV, or 24-bit FLAC where nothing passes ±1.

    Raises UnwritableFile.
    """
    clip = Clip.from_frames(frames, rate)
    fits = flac and clip.length and float(np.abs(clip.read()).max()) <= 1 - 2.0**-23
    if fits:
        write_clip(path, clip, ExportFormat.FLAC, 24)
    else:
        write_clip(path, clip, ExportFormat.WAV)


class _Writer:
    """Turns parts into samples of the depth to be written, and counts what it had to change."""

    def __init__(self, depth: Depth, *, lossy: bool) -> None:
        self.depth, self.lossy = depth, lossy
        self.clipped = self.strange = self.position = 0

    def samples(self, clip: Clip, start: int, end: int) -> Samples:
        """Frames [start, end) of a clip as libsndfile takes them: whole numbers left-justified."""
        native = cast(NDArray[Any], clip.samples[start:end])
        origin = self.position
        self.position += len(native)
        bits = _INTEGERS.get(self.depth)
        if self.lossy:
            frames = clip.read(start, end)
            self.strange += not_numbers(native)
            self.clipped += int(np.count_nonzero(np.abs(frames) > 1))
            return frames
        if bits is None:
            if native.dtype.kind == "f":
                return native.astype("f8" if self.depth is Depth.DOUBLE else "f4", copy=False)
            return native * np.float64(clip.scale) if self.depth is Depth.DOUBLE else clip.read(start, end)
        if native.dtype.kind == "i" and clip.bits <= bits:
            if native.dtype.itemsize == 2 and bits > 16:
                return native.astype(np.int32) << 16
            # A 16-bit word is what libsndfile takes for 8 and 16 bits; deeper words lie in its upper half.
            return native if native.dtype.itemsize == (2 if bits <= 16 else 4) else (native >> 16).astype(np.int16)
        return self._rounded(native * np.float64(clip.scale), bits, origin)

    def _rounded(self, values: NDArray[np.floating[Any]], bits: int, origin: int) -> Samples:
        steps = values.astype(np.float64)
        strange = ~np.isfinite(steps)
        if strange.any():
            self.strange += int(np.count_nonzero(strange))
            steps[strange] = 0.0
        limit = 2.0 ** (bits - 1)
        steps *= limit
        self.clipped += int(np.count_nonzero(np.abs(steps) > limit))
        if bits <= 16:
            steps += _dither(origin, *steps.shape)
        np.clip(np.rint(steps, out=steps), -limit, limit - 1, out=steps)
        whole = steps.astype(np.int64) << ((16 if bits <= 16 else 32) - bits)
        return cast(Samples, whole.astype(np.int16 if bits <= 16 else np.int32))

    def notes(self) -> tuple[str, ...]:
        """What was changed, in sentences."""
        found: list[str] = []
        if self.strange and (self.lossy or self.depth in _INTEGERS):
            found.append(f"{_count(self.strange)} not a number and became silence.")
        if self.clipped and self.lossy:
            found.append(f"{_count(self.clipped)} beyond full scale; players will clip there.")
        elif self.clipped:
            found.append(f"{_count(self.clipped)} beyond full scale and clipped.")
        return tuple(found)


def _count(samples: int) -> str:
    return "1 sample was" if samples == 1 else f"{samples:,} samples were"


def _dither(origin: int, length: int, channels: int) -> NDArray[np.float64]:
    """Triangular noise of ±1 step for frames from `origin` on; the same for the same frame, however it is asked."""
    pieces: list[NDArray[np.float64]] = []
    for chunk in range(origin // BLOCK, (origin + length - 1) // BLOCK + 1):
        noise = np.random.default_rng((0x7E7A4E, chunk)).random((2, BLOCK, channels))
        first = max(origin - chunk * BLOCK, 0)
        pieces.append((noise[0] - noise[1])[first : origin + length - chunk * BLOCK])
    return np.concatenate(pieces)


def _deepest(parts: tuple[PartLike, ...]) -> Depth:
    """The depth of the whole-number parts, which are the source's own; else of the first part."""
    whole = [part.clip for part in parts if not part.clip.is_float]
    return depth_of(max(whole, key=lambda clip: clip.bits) if whole else parts[0].clip)


def _subtype(format: ExportFormat, depth: Depth) -> str:
    if depth is Depth.INT8:
        return "PCM_U8" if format is ExportFormat.WAV else "PCM_S8"
    return {Depth.FLOAT: "FLOAT", Depth.DOUBLE: "DOUBLE"}.get(depth, f"PCM_{depth}")


def _check_lossy(path: Path, format: ExportFormat, rate: int, channels: int) -> None:
    if format is ExportFormat.MP3 and channels > 2:
        raise UnwritableFile(
            f"{shown(path)} was not written: MP3 holds two channels, the sound has {channels}.", "Export it as OGG."
        )
    if format is ExportFormat.MP3 and rate not in _MP3_RATES:
        raise UnwritableFile(
            f"{shown(path)} was not written: MP3 does not know {rate:,} frames a second.", "Export it as OGG or FLAC."
        )


def _verify(path: Path, written: Path, length: int, *, lossy: bool) -> None:
    """Open what was written: libsndfile does not tell of a disk that fills up while it closes."""
    frames = int(cast(Any, soundfile).info(written).frames)
    if frames < length or (frames > length and not lossy):
        raise UnwritableFile(f"{shown(path)} could not be written: the disk kept only a part.", "Choose another disk.")


def _refused(path: Path, part: Path, error: Exception) -> UnwritableFile:
    """libsndfile keeps the system's reason to itself; asking for more room on the same disk brings it out."""
    with suppress(FileNotFoundError):
        try:
            with open(part, "ab") as file:
                file.write(bytes(1 << 20))
        except OSError as reason:
            raise reason from error
    return UnwritableFile(f"{shown(path)} could not be written: {error}", "Choose another disk or format.")
