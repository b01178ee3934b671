"""Sound files by libsndfile: samples in the number type they were written in, block by block."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]

from app.files.formats import BLOCK, AudioInfo, SourceFormat, check_limits
from app.sound.clip import Samples

# Subtype -> number type and depth; what is not listed is lossy and read as float32.
_NATIVE = {
    "PCM_S8": ("int16", 8),
    "PCM_U8": ("int16", 8),
    "PCM_16": ("int16", 16),
    "ALAC_16": ("int16", 16),
    "ALAC_20": ("int32", 24),
    "ALAC_24": ("int32", 24),
    "ALAC_32": ("int32", 32),
    "PCM_24": ("int32", 24),
    "PCM_32": ("int32", 32),
    "FLOAT": ("float32", 32),
    "DOUBLE": ("float64", 64),
}
# The header parser writes such a line where a size does not agree with the file.
_LIE = re.compile(r"(data|SSND|RIFF|riff|FORM|Riff size|Data Size)\s*:\s*(\d+) \(should be (\d+)\)")
_STREAMED = 0x7FFFF000


class Broken(Exception):
    """A reader cannot go on; what it gave before that is good."""


class SndfileStream:
    """A file open by libsndfile; `info`, `dtype` and `bits` are known before the first block."""

    def __init__(self, path: Path, container: str) -> None:
        """Raises Broken where libsndfile refuses the file, UnreadableAudio where it is beyond the limits."""
        try:
            self._file: Any = soundfile.SoundFile(path)
        except Exception as error:
            raise Broken(str(error)) from error
        try:
            self._open(path, container)
        except BaseException:
            self.close()
            raise

    def _open(self, path: Path, container: str) -> None:
        rate, channels = int(self._file.samplerate), int(self._file.channels)
        check_limits(path, rate, channels)
        subtype = str(self._file.subtype)
        name, self.bits = _NATIVE.get(subtype, ("float32", 32))
        self.dtype = np.dtype(name)
        frames = int(self._file.frames)
        self.cut_short = False
        for _, said, real in _LIE.findall(str(self._file.extra_info)):
            # Recorders that stream leave a size of all ones, which is no damage.
            self.cut_short |= int(real) + 1 < int(said) < _STREAMED
        known = frames if 0 < frames < 1 << 40 else 0
        self.info = AudioInfo(known, rate, channels, SourceFormat(container, subtype, subtype not in _NATIVE))

    def blocks(self) -> Iterator[Samples]:
        """Fresh arrays of shape (at most BLOCK, channels); Broken where decoding fails midway."""
        while True:
            try:
                block = cast(Samples, self._file.read(BLOCK, dtype=self.dtype.name, always_2d=True))
            except Exception as error:
                raise Broken(str(error)) from error
            if not len(block):
                return
            yield block

    def empty(self) -> Samples:
        """No frames, of the stream's number type."""
        return cast(Samples, np.zeros((0, self.info.channels), self.dtype))

    def look(self, at: int, count: int) -> Samples:
        """So many frames from frame `at` on; Broken where the file cannot be read there."""
        try:
            self._file.seek(at)
            return cast(Samples, self._file.read(count, dtype=self.dtype.name, always_2d=True))
        except Exception as error:
            raise Broken(str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
