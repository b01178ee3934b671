"""Rendering: a lineage of takes folded into segments over their clips; nothing that did not change is copied."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from app.sound.clip import Clip, Frames
from app.sound.region import Region
from app.takes.take import Take


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Frames [start, end) of a clip, played one after another."""

    clip: Clip
    start: int
    end: int

    @property
    def length(self) -> int:
        """Frames."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """One version of the clip as a chain of segments; reads like a clip, holds no samples of its own."""

    segments: tuple[Segment, ...]
    rate: int
    channels: int
    _starts: tuple[int, ...] = field(init=False, repr=False, default=())
    length: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        starts: list[int] = []
        total = 0
        for segment in self.segments:
            starts.append(total)
            total += segment.length
        object.__setattr__(self, "_starts", tuple(starts))
        object.__setattr__(self, "length", total)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.length / self.rate

    def parts(self, start: int, end: int) -> Iterator[Segment]:
        """The segments of [start, end), cut to it, in order."""
        start, end = max(start, 0), min(end, self.length)
        index = max(bisect_right(self._starts, start) - 1, 0)
        while start < end:
            segment, origin = self.segments[index], self._starts[index]
            stop = min(end, origin + segment.length)
            if stop > start:
                yield Segment(segment.clip, segment.start + start - origin, segment.start + stop - origin)
            start = max(stop, start)
            index += 1

    def read(self, start: int = 0, end: int | None = None) -> Frames:
        """A fresh float32 copy of [start, end), shape (frames, channels), cut to what there is."""
        parts = [
            part.clip.read(part.start, part.end) for part in self.parts(start, self.length if end is None else end)
        ]
        if not parts:
            return np.zeros((0, self.channels), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def original(source: Clip) -> Rendering:
    """The source as it is."""
    return Rendering((Segment(source, 0, source.length),), source.rate, source.channels)


def replaced(base: Rendering, region: Region, patch: Clip) -> Rendering:
    """`base` with `region` giving way to the patch.

    ValueError for a patch of another rate or channel count, and for a region that does not even touch the base.
    """
    if (patch.rate, patch.channels) != (base.rate, base.channels):
        raise ValueError(f"a patch of {patch.rate} Hz × {patch.channels} does not fit {base.rate} Hz × {base.channels}")
    if region.end < 0 or region.start > base.length:
        raise ValueError(f"{region} leaves a hole beside {base.length} frames")
    segments = (
        *base.parts(0, region.start),
        Segment(patch, 0, patch.length),
        *base.parts(region.end, base.length),
    )
    return Rendering(tuple(s for s in segments if s.length), base.rate, base.channels)


def render(source: Clip, lineage: tuple[Take, ...]) -> Rendering:
    """What a lineage sounds like: the source, then each take's patch laid over what came before it."""
    result = original(source)
    for take in lineage:
        result = replaced(result, take.region, take.patch)
    return result
