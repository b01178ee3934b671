"""Extend: a clip goes on beyond its ends, with passages of itself that could follow, or come before."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.engine.inpaint import SEARCH_SECONDS, Inpainted, inpaint
from app.sound.clip import Frames
from app.sound.region import Region

_FADE_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class Extended:
    """What comes before the clip and what follows it, each (frames, channels), and how either was made.

    `match` is that of the worse end; `sources` are seconds of the clip; `notes` are sentences for the user.
    """

    before: Frames
    after: Frames
    match: str
    sources: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]


_WORST = ("weak", "fair", "strong", "")


def _silent(_: str) -> None:
    """Progress that nobody reads."""


def extend(
    frames: Frames,
    rate: int,
    before: int,
    after: int,
    *,
    seed: int,
    variety: float = 0.5,
    progress: Callable[[str], None] = _silent,
) -> Extended:
    """So many frames more before the clip and after it; `frames` is (frames, channels), full scale 1, not changed.

    Each end is drawn from the clip's own sound near it; the outermost 30 ms fade, so that nothing begins or ends
    with a click. Raises SoundError where the clip has too little sound to go on from.
    """
    near = round(2 * SEARCH_SECONDS * rate)
    empty = frames[:0].astype(np.float32)
    earlier, later = empty, empty
    made: list[Inpainted] = []
    sources: list[tuple[float, float]] = []
    if before:
        progress(f"going back by {before / rate:.2f} s")
        heard = np.concatenate([np.zeros((before, frames.shape[1]), np.float32), frames[:near]])
        found = inpaint(heard, rate, Region(0, before), seed=seed, variety=variety, progress=progress)
        earlier = _faded(found.frames[:before], rate, first=True)
        made.append(found)
        sources += [(a - before / rate, b - before / rate) for a, b in found.sources]
    if after:
        progress(f"going on for {after / rate:.2f} s")
        start = max(frames.shape[0] - near, 0)
        heard = np.concatenate([frames[start:], np.zeros((after, frames.shape[1]), np.float32)])
        hole = Region(frames.shape[0] - start, heard.shape[0])
        found = inpaint(heard, rate, hole, seed=seed, variety=variety, progress=progress)
        later = _faded(found.frames[hole.start :], rate, first=False)
        made.append(found)
        sources += [(a + start / rate, b + start / rate) for a, b in found.sources]
    match = min((each.match for each in made), key=_WORST.index, default="")
    notes = dict.fromkeys(note for each in made for note in each.notes)
    return Extended(earlier, later, match, tuple(sources), tuple(notes))


def _faded(frames: Frames, rate: int, *, first: bool) -> Frames:
    """A copy whose outermost 30 ms rise from silence, or fall to it."""
    frames = frames.copy()
    n = min(round(_FADE_SECONDS * rate), frames.shape[0] // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, n + 1, dtype=np.float32)[1:])[:, None]
    if first:
        frames[:n] *= ramp
    else:
        frames[frames.shape[0] - n :] *= ramp[::-1]
    return frames
