"""Clip: immutable sound in the number type of its file, read as float32 wherever it is worked on.

Whole-number sources keep their own samples (int16 or int32), so that what nobody touched can be written back bit
for bit, also from 32-bit files that float32 could not hold. 24-bit samples stand left-justified in int32, as
libsndfile gives them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16] | NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]
Frames: TypeAlias = NDArray[np.float32]

_FULL_SCALE = {"i2": 2.0**15, "i4": 2.0**31}
_DTYPES = ("i2", "i4", "f4", "f8")


class Stored(Protocol):
    """Samples that stay in their file: a slice of frames reads them, as an array of `dtype`, shape (frames, channels).

    What the file no longer holds reads as zeros.
    """

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def __getitem__(self, frames: slice, /) -> Samples: ...
    def part(self, start: int, end: int) -> "Stored":
        """The frames [start, end), still in their file."""
        ...


class Sound(Protocol):
    """What can be read like a clip: a clip itself, or a rendering of takes."""

    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def length(self) -> int: ...
    def read(self, start: int = 0, end: int | None = None) -> Frames: ...


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Samples of shape (frames, channels), int16, int32, float32 or float64, and a rate; never written to.

    `samples` may be a memory map, or read from a file slice by slice. `bits` tells the depth of the source: 8, 16, 24
    or 32 for whole numbers, 32 or 64 for floats; it is what an export that keeps the source's depth writes.
    """

    samples: Samples | Stored
    rate: int
    bits: int = 0
    _scale: float = field(init=False, repr=False, default=1.0)

    def __post_init__(self) -> None:
        kind = self.samples.dtype
        if len(self.samples.shape) != 2 or kind.str[1:] not in _DTYPES:
            raise ValueError(f"samples of shape {self.samples.shape} and type {kind} are no clip")
        if self.rate <= 0:
            raise ValueError(f"{self.rate} is no sample rate")
        if isinstance(self.samples, np.ndarray):
            view = self.samples.view()
            view.flags.writeable = False
            object.__setattr__(self, "samples", view)
        object.__setattr__(self, "_scale", 1.0 / _FULL_SCALE.get(kind.str[1:], 1.0))
        if not self.bits:
            object.__setattr__(self, "bits", kind.itemsize * 8)

    @classmethod
    def from_frames(cls, frames: NDArray[np.floating], rate: int) -> "Clip":
        """A float32 clip; a one-dimensional array becomes one channel."""
        array = np.ascontiguousarray(frames, dtype=np.float32)
        return cls(array[:, None] if array.ndim == 1 else array, rate)

    @property
    def length(self) -> int:
        """Frames."""
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self.samples.shape[1])

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.length / self.rate

    @property
    def is_float(self) -> bool:
        """Whether the source holds floating-point samples."""
        return self.samples.dtype.kind == "f"

    @property
    def scale(self) -> float:
        """What one step of a sample is worth, so that full scale is 1."""
        return self._scale

    def read(self, start: int = 0, end: int | None = None) -> Frames:
        """A fresh float32 copy of [start, end), cut to the clip; samples that are not numbers become silence."""
        end = self.length if end is None else min(end, self.length)
        part = self.samples[max(start, 0) : max(end, 0)]
        if part.dtype.kind == "i":
            return np.multiply(part, np.float32(self._scale), dtype=np.float32)
        frames = np.array(part, dtype=np.float32)
        if not np.isfinite(frames).all():
            np.nan_to_num(frames, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        return frames

    def cut(self, start: int, end: int) -> "Clip":
        """The part [start, end) as a clip that shares the same samples."""
        start, end = max(start, 0), max(end, 0)
        samples = self.samples[start:end] if isinstance(self.samples, np.ndarray) else self.samples.part(start, end)
        return Clip(samples, self.rate, self.bits)

    def blocks(self, size: int = 1 << 16) -> Iterator[Frames]:
        """The clip as float32 blocks of at most `size` frames."""
        for start in range(0, self.length, size):
            yield self.read(start, start + size)
