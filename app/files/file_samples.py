"""Samples read from a file slice by slice: an original as it lies, whole numbers of three bytes and all byte orders.

Reads, not a memory map: where another program cuts a mapped file short, touching the map would end the process. A
read just comes back short, and what is missing is silence. It also keeps the pages out of this process's memory.
"""

import os
import threading
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.files.layout import Layout
from app.sound.clip import Samples, Stored

_WORK = {"u1": "i2", "i1": "i2", "i2": "i2", "i3": "i4", "i4": "i4", "f4": "f4", "f8": "f8"}


class _File:
    """A file that is open for reading at any place by any thread, and closed with its last reader."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._lock = threading.Lock()

    def read(self, view: memoryview, at: int) -> int:
        """Fill from byte `at` on; how much came."""
        if hasattr(os, "preadv"):
            return os.preadv(self._descriptor, [view], at)
        with self._lock:
            os.lseek(self._descriptor, at, os.SEEK_SET)
            found = os.read(self._descriptor, len(view))
        view[: len(found)] = found
        return len(found)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


class _Source:
    """A file, and where samples begin in it; it may be exchanged for another that holds the same."""

    def __init__(self, path: Path, offset: int) -> None:
        self.now = (_File(path), offset)  # one value, so that a place is never looked for in the other file

    def read(self, buffer: NDArray[np.uint8], at: int) -> None:
        """Fill the buffer from byte `at` of the samples on; what the file does not hold becomes zeros."""
        file, offset = self.now
        view, done = buffer.data.cast("B"), 0
        while done < len(view):
            try:
                count = file.read(view[done:], offset + at + done)
            except OSError:
                count = 0
            if not count:
                buffer[done:] = 0
                return
            done += count


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
        self._source.now = (_File(path), offset)

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
