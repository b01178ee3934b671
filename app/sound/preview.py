"""A coarse picture of a whole sound from short looks into it, spread evenly: what is shown before the exact peaks."""

import time
from collections.abc import Callable

import numpy as np

from app.sound.clip import Clip, Samples
from app.sound.peaks import Level, Peaks
from app.sound.reduce import FACTOR, Triple, fours

WINDOWS = 2048
_WINDOW = 256
_FIRST_STEP = 16
_SECONDS = 0.08

Look = Callable[[int, int], Samples]
"""About so many frames from a frame on, (frames, channels); empty where nothing can be read there."""


def preview_of(clip: Clip) -> Peaks | None:
    """A preview of a clip whose samples lie anywhere; None where the exact peaks are there as soon."""
    return spread(lambda at, count: clip.samples[at : at + count], clip.length, clip.channels, scale=clip.scale)


def spread(
    look: Look,
    length: int,
    channels: int,
    *,
    scale: float = 1.0,
    seconds: float = _SECONDS,
    enough: Callable[[], bool] = lambda: False,
) -> Peaks | None:
    """Peaks of as many looks as the time allows, at most WINDOWS: each stands for the frames around it.

    Looked at in ever finer steps, so that the picture is even whenever time is up; where nothing was seen a bin takes
    after its neighbour. None for sounds so short that it would be no gain, or where not one look succeeds.
    """
    if length < WINDOWS * _WINDOW:
        return None
    base = -(-length // WINDOWS)
    bins = -(-length // base)
    until = time.monotonic() + seconds
    step = _FIRST_STEP
    order = [*range(0, bins, step)]
    while step > 1:
        order += range(step // 2, bins, step)
        step //= 2
    looks: list[Samples] = []
    places: list[int] = []
    for index in order:
        frames = look(min(index * base, length - _WINDOW), _WINDOW)
        if len(frames):
            looks.append(frames)
            places.append(index)
        if time.monotonic() > until or enough():
            break
    if not looks:
        return None
    seen = np.zeros(bins, bool)
    seen[places] = True
    low, high, energy = (np.zeros((channels, bins), np.float32) for _ in range(3))
    for count in {len(frames) for frames in looks}:
        chosen = [number for number, frames in enumerate(looks) if len(frames) == count]
        at = np.array([places[number] for number in chosen])
        values = np.stack([looks[number] for number in chosen]).astype(np.float32) * np.float32(scale)
        np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        low[:, at], high[:, at] = values.min(axis=1).T, values.max(axis=1).T
        energy[:, at] = np.einsum("lfc,lfc->cl", values, values) / count * np.minimum(base, length - at * base)
    # The nearest one to the left that was seen; before the first, the first.
    found = np.maximum.accumulate(np.where(seen, np.arange(bins), 0))
    found[: int(np.argmax(seen))] = int(np.argmax(seen))
    level: Triple = low[:, found], high[:, found], energy[:, found]
    levels = [Level(*level)]
    while levels[-1].bins // FACTOR:
        level = fours(*level)
        levels.append(Level(*level))
    return Peaks(length, 1.0, tuple(levels), base)
