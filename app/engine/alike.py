"""Alike: the place in a clip whose surroundings are the same as a hole's, wave for wave.

Music repeats itself, often to the sample. Where it does, what stands at the other place tells more about a hole than
any model of its edges can.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.solvers import correlated
from app.sound.clip import Frames
from app.sound.region import Region

Series = NDArray[np.float64]

_LEAST_CONTEXT, _MOST_CONTEXT = 0.04, 0.1  # seconds at each side that are compared, as many as the hole has
_NEAREST_SECONDS = 0.1  # beyond the hole: what is nearer is alike as one wave is to the next, which models know better
REACH_SECONDS = 30.0  # how far away the other place may be
_ALIKE = 0.5  # correlation below which nothing is worth a closer look
_EXPLAINED = 0.7  # of the context's power, by the other place: with less a model of the edges does better


@dataclass(frozen=True, slots=True)
class Twin:
    """A place that sounds as the hole's surroundings do: the clip as it is `lag` frames later."""

    lag: int


def context_of(hole: Region, rate: int) -> int:
    """How many frames at each side of a hole are compared."""
    return round(min(max(hole.duration(rate), _LEAST_CONTEXT), _MOST_CONTEXT) * rate)


def find_twin(frames: Frames, rate: int, hole: Region) -> Twin | None:
    """The most alike place within 30 s, by normalised cross-correlation of 40 to 100 ms a side; None without one.

    `frames` is (frames, channels); what it holds inside the hole is never read.
    """
    context, reach = context_of(hole, rate), round(REACH_SECONDS * rate)
    asked = hole.widened(context, context).clamped(frames.shape[0])
    if asked.length - hole.length < context:
        return None
    where = asked.widened(reach, reach).clamped(frames.shape[0])
    heard = frames[where.start : where.end].sum(axis=1, dtype=np.float32)
    gap = hole.relative_to(where.start)
    heard[gap.start : gap.end] = 0
    heard -= np.float32(heard.sum(dtype=np.float64) / max(heard.size - gap.length, 1))
    heard[gap.start : gap.end] = 0
    at = asked.start - where.start
    query = heard[at : at + asked.length].copy()
    power = float(np.dot(query, query))
    if power <= 1e-12:
        return None
    alike = correlated(heard, query)
    sums = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    places: NDArray[np.intp] = np.arange(alike.size, dtype=np.intp)
    inner = gap.relative_to(at)
    # Of the other place only what lies opposite the context counts.
    there = sums[places + query.size] - sums[places] - sums[places + inner.end] + sums[places + inner.start]
    scores = alike / np.sqrt(np.maximum(there, 1e-6 * power) * power)
    near = round(_NEAREST_SECONDS * rate)
    scores[(places + query.size > gap.start - near) & (places < gap.end + near)] = 0
    best = int(np.argmax(scores))
    return Twin(best - at) if scores[best] >= _ALIKE else None


def explained(twin: Series, known: Series, hole: Region, reach: int) -> float | None:
    """The gain at which one channel of a twin explains what is known around a hole; None where it does too little.

    Both are of one length, with the hole in the same place of both; `reach` samples at each side are looked at.
    """
    near = reach
    parts = (slice(max(hole.start - near, 0), hole.start), slice(hole.end, hole.end + near))
    one = np.concatenate([twin[part] for part in parts])
    other = np.concatenate([known[part] for part in parts])
    steady = float(np.dot(other, other))
    # A constant is like any other; it is no likeness of sounds.
    one, other = one - float(np.mean(one)), other - float(np.mean(other))
    power, had = float(np.dot(one, one)), float(np.dot(other, other))
    if power <= 1e-12 or had <= 1e-9 * steady:
        return None
    gain = float(np.dot(one, other)) / power
    return gain if gain * gain * power >= _EXPLAINED * had else None
