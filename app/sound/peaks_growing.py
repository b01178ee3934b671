"""Exact peaks of a long clip, by a few threads: read, reduced and put together in order, from left to right."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from app.sound.clip import Clip, Samples
from app.sound.peaks import Peaks, PeaksBuilder
from app.sound.reduce import BASE, Triple, block_frames, reduced

_THREADS = min(os.cpu_count() or 1, 4)
_BLOCKS = 16  # reduced by one thread in one go


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """The peaks of a whole clip, and how many of its samples are not numbers."""

    peaks: Peaks
    strange: int


def _never() -> bool:
    return False


def grow(
    clip: Clip,
    *,
    room: Sequence[Triple] = (),
    report: Callable[[PeaksBuilder], None] = lambda _: None,
    cancelled: Callable[[], bool] = _never,
) -> Grown | None:
    """The peaks of a clip, None where it was cancelled; `report` may ask the builder for what is there by now."""
    builder = PeaksBuilder(clip.channels, clip.scale, room)
    samples, whole = clip.samples, clip.length // BASE * BASE
    step = block_frames(clip.channels, samples.dtype.itemsize)
    strange = 0
    stride = step * _BLOCKS

    def strange_in(block: Samples) -> int:
        return 0 if block.dtype.kind == "i" else int(block.size - np.count_nonzero(np.isfinite(block)))

    def part(start: int) -> tuple[Triple, int]:
        stop = min(start + stride, whole)
        blocks: list[Triple] = []
        strange = 0
        for at in range(start, stop, step):
            if cancelled():
                raise CancelledError
            block: Samples = samples[at : min(at + step, stop)]
            strange += strange_in(block)
            blocks.append(reduced(np.ascontiguousarray(block), clip.scale))
        if not blocks:
            raise CancelledError
        low, high, energy = zip(*blocks, strict=True)
        return (np.concatenate(low, axis=1), np.concatenate(high, axis=1), np.concatenate(energy, axis=1)), strange

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="peaks") as pool:
        coming: deque[tuple[int, Future[tuple[Triple, int]]]] = deque()
        starts = iter(range(0, whole, stride))
        for start in starts:
            coming.append((start, pool.submit(part, start)))
            if len(coming) >= 2 * _THREADS:
                break
        while coming:
            start, future = coming.popleft()
            if cancelled():
                pool.shutdown(wait=False, cancel_futures=True)
                return None
            try:
                bins, odd = future.result()
            except CancelledError:
                return None
            strange += odd
            builder.add_bins(bins, min(stride, whole - start))
            following = next(starts, None)
            if following is not None:
                coming.append((following, pool.submit(part, following)))
            report(builder)
    rest = samples[whole : clip.length]
    builder.add(rest)
    return Grown(builder.finish(), strange + strange_in(rest))
