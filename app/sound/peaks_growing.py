"""Exact peaks of a long clip, by a few threads: read, reduced and put together in order, from left to right."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from app.sound.clip import Clip, Samples
from app.sound.peaks import Peaks, PeaksBuilder
from app.sound.reduce import BASE, Triple, block_frames, reduced

_THREADS = min(os.cpu_count() or 1, 4)
_BLOCKS = 16  # reduced by one thread in one go


def _never() -> bool:
    return False


def grow(
    clip: Clip,
    *,
    room: Sequence[Triple] = (),
    report: Callable[[PeaksBuilder], None] = lambda _: None,
    cancelled: Callable[[], bool] = _never,
) -> Peaks | None:
    """The peaks of a clip, None where it was cancelled; `report` may ask the builder for what is there by now."""
    builder = PeaksBuilder(clip.channels, clip.scale, room)
    samples, whole = clip.samples, clip.length // BASE * BASE
    step = block_frames(clip.channels, samples.dtype.itemsize)
    stride = step * _BLOCKS

    def part(start: int) -> Triple:
        stop = min(start + stride, whole)
        blocks: list[Triple] = []
        for at in range(start, stop, step):
            if cancelled():
                break
            block: Samples = samples[at : min(at + step, stop)]
            blocks.append(reduced(np.ascontiguousarray(block), clip.scale))
        low, high, energy = zip(*blocks, strict=True) if blocks else ((), (), ())
        return np.concatenate(low, axis=1), np.concatenate(high, axis=1), np.concatenate(energy, axis=1)

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="peaks") as pool:
        coming: deque[tuple[int, Future[Triple]]] = deque()
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
            builder.add_bins(future.result(), min(stride, whole - start))
            following = next(starts, None)
            if following is not None:
                coming.append((following, pool.submit(part, following)))
            report(builder)
    builder.add(samples[whole : clip.length])
    return builder.finish()
