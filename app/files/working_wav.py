"""WAV and RF64 as Retake keeps sound while it works: written block by block, mapped into memory to be read.

The header leaves room for the 64-bit sizes (EBU Tech 3306), so that a file may grow past 4 GB and become RF64 by
rewriting its first bytes. Samples are int16, int32, float32 or float64, little-endian, from byte 80 on.
"""

import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from app.errors import UnreadableAudio
from app.files.formats import check_limits
from app.files.sentences import shown
from app.sound.clip import Clip, Samples

_LIMIT = 0xFFFFFFFF
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_KINDS = {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4", (_FLOAT, 64): "<f8"}
_HEADER = 80


class WavWriter:
    """Blocks of one number type into a WAV that becomes RF64 when it has to; closed, its header is true."""

    def __init__(self, path: Path, rate: int, channels: int, dtype: np.dtype[np.generic]) -> None:
        """Raises OSError where the file cannot be made."""
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115 - closed by close() or abandon()
        self._rate, self._channels, self._dtype = rate, channels, dtype.newbyteorder("<")
        self.frames = 0
        self._file.write(self._header())

    def write(self, block: Samples) -> None:
        """Append samples of shape (frames, channels) in the writer's number type."""
        self._file.write(np.ascontiguousarray(block, dtype=self._dtype).data.cast("B"))
        self.frames += block.shape[0]

    def close(self) -> None:
        """Write the sizes into the header; raises OSError."""
        if (self.frames * self._channels * self._dtype.itemsize) % 2:
            self._file.write(b"\0")
        self._file.seek(0)
        self._file.write(self._header())
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        with suppress(OSError):
            self._file.close()

    def _header(self) -> bytes:
        width = self._dtype.itemsize
        size = self.frames * self._channels * width
        large = size + _HEADER > _LIMIT
        kind = _PCM if self._dtype.kind == "i" else _FLOAT
        frame = self._channels * width
        sizes = struct.pack("<QQQI", size + _HEADER - 8, size, self.frames, 0) if large else bytes(28)
        return b"".join(
            (
                struct.pack("<4sI4s", b"RF64" if large else b"RIFF", _LIMIT if large else size + _HEADER - 8, b"WAVE"),
                struct.pack("<4sI", b"ds64" if large else b"JUNK", 28) + sizes,
                struct.pack("<4sIHHI", b"fmt ", 16, kind, self._channels, self._rate),
                struct.pack("<IHH", self._rate * frame, frame, width * 8),
                struct.pack("<4sI", b"data", _LIMIT if large else size),
            )
        )


def map_wav(path: Path, bits: int = 0) -> Clip:
    """A clip whose samples stay on the disk: int16, int32, float32 or float64 WAV or RF64, shape (frames, channels).

    `bits` is the depth of the original, which a working file does not tell. Raises UnreadableAudio where the file is
    missing, cut short, or anything else than such a WAV.
    """
    broken = UnreadableAudio(f"The working sound {shown(path)} is damaged.", "Restore the project from a backup.")
    try:
        with open(path, "rb") as file:
            offset, size, rate, channels, kind = _read_header(file)
            check_limits(path, rate, channels)
            dtype = np.dtype(kind)
            frames = size // (channels * dtype.itemsize)
            if frames == 0 or offset + size > os.fstat(file.fileno()).st_size:
                raise broken
            samples = np.memmap(file, dtype=dtype, mode="r", offset=offset, shape=(frames, channels))
    except FileNotFoundError as error:
        raise UnreadableAudio(
            f"The working sound {shown(path)} is missing.", "Restore the project from a backup."
        ) from error
    except (OSError, ValueError, struct.error, KeyError) as error:
        raise broken from error
    return Clip(cast(Samples, samples), rate, bits)


def _read_header(file: BinaryIO) -> tuple[int, int, int, int, str]:
    """Where the samples begin, their bytes, rate, channels and number type; ValueError or KeyError if none."""
    form, _, wave = struct.unpack("<4sI4s", file.read(12))
    if form not in (b"RIFF", b"RF64") or wave != b"WAVE":
        raise ValueError("no WAV")
    rate = channels = 0
    kind = ""
    wide: int | None = None
    for _ in range(64):
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"ds64" and form == b"RF64":
            body = file.read(size)
            wide = struct.unpack("<QQQ", body[:24])[1]
        elif name == b"fmt ":
            body = file.read(min(size, 64))
            tag, channels, rate, _, _, width = struct.unpack("<HHIIHH", body[:16])
            if tag == _EXTENSIBLE:
                tag = struct.unpack("<H", body[24:26])[0]
            kind = _KINDS[tag, width]
            file.seek(size - len(body), os.SEEK_CUR)
        elif name == b"data" and kind:
            return file.tell(), wide if wide is not None and size == _LIMIT else size, rate, channels, kind
        else:
            file.seek(size + size % 2, os.SEEK_CUR)
    raise ValueError("no samples")
