"""Samples read from a file slice by slice: an original as it lies, whole numbers of three bytes and all byte orders.

Reads, not a memory map: where another program cuts a mapped file short, touching the map would end the process. A
read just comes back short, and what is missing is silence. It also keeps the pages out of this process's memory.
"""

import io
import os
import threading
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.files.layout import Layout
from app.sound.clip import Samples, Stored

_WORK = {"u1": "i2", "i1": "i2", "i2": "i2", "i3": "i4", "i4": "i4", "f4": "f4", "f8": "f8"}


class _Source:
    """An open file, and where samples begin in it; it may be exchanged for another that holds the same."""

    def __init__(self, path: Path, offset: int) -> None:
        self.now = (io.FileIO(path), offset)  # one value; the file goes with its last reader
        self.lock = threading.Lock()

    def read(self, buffer: NDArray[np.uint8], at: int) -> None:
        """Fill the buffer from byte `at` of the samples on; what the file does not hold becomes zeros."""
        file, offset = self.now
        view, done = buffer.data.cast("B"), 0
        while done < len(view):
            try:
                count = self._read_once(file, view[done:], offset + at + done)
            except OSError:
                count = 0
            if not count:
                buffer[done:] = 0
                return
            done += count

    def _read_once(self, file: io.FileIO, view: memoryview, at: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(file.fileno(), [view], at)
        with self.lock:
            file.seek(at)
            return file.readinto(view) or 0


class FileSamples:
    """The frames [start, end) of a file as int16, int32, float32 or float64, in this computer's byte order.

    One byte stands in the upper half of an int16, three in the upper ones of an int32, as libsndfile gives them.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        """Raises OSError where the file cannot be opened."""
        self._source = _Source(path, layout.offset)
        self._kind, self._channels = layout.kind, layout.channels
        self._frame = layout.frame_bytes
        self._dtype = np.dtype(_WORK[layout.kind[1:]])
        self._start, self._end = 0, layout.frames

    @property
    def shape(self) -> tuple[int, int]:
        """Frames and channels."""
        return self._end - self._start, self._channels

    @property
    def dtype(self) -> np.dtype[Any]:
        """The number type of what is read."""
        return self._dtype

    def part(self, start: int, end: int) -> Stored:
        """The frames [start, end), still in their file."""
        other = object.__new__(FileSamples)
        other.__dict__.update(self.__dict__)
        start, end, _ = slice(start, end).indices(self._end - self._start)
        other._start, other._end = self._start + start, self._start + max(end, start)
        return other

    def __getitem__(self, frames: slice) -> Samples:
        """A fresh array of those frames, every one of them."""
        start, end, step = frames.indices(self._end - self._start)
        if step != 1:
            raise ValueError("only neighbouring frames are read")
        count = max(end - start, 0)
        raw = np.empty(count * self._frame, np.uint8)
        self._source.read(raw, (self._start + start) * self._frame)
        return cast(Samples, self._numbers(raw).reshape(count, self._channels))

    def move_to(self, path: Path, offset: int) -> None:
        """Read the same samples from another file from now on; raises OSError."""
        self._source.now = (io.FileIO(path), offset)

    def _numbers(self, raw: NDArray[np.uint8]) -> NDArray[Any]:
        width = self._kind[1:]
        if width == "u1":
            return (raw.astype(np.int16) - 128) << 8
        if width == "i1":
            return raw.view(np.int8).astype(np.int16) << 8
        if width == "i3":
            wide = np.zeros((raw.size // 3, 4), np.uint8)
            wide[:, 1:] = raw.reshape(-1, 3) if self._kind[0] == "<" else raw.reshape(-1, 3)[:, ::-1]
            return wide.view("<i4").ravel().astype(np.int32, copy=False)
        return raw.view(self._kind).astype(self._dtype, copy=False)
