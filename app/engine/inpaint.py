"""Inpainting: the hole of a clip, made anew from the clip's own sound by the method that suits its length."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.engine.fill import LEAST_SECONDS, fill
from app.engine.levels import limited, peak_of
from app.engine.repair import LONGEST, mend
from app.engine.seams import seam_scores
from app.errors import MaskError, SoundError
from app.sound.ar import SHORTEST
from app.sound.clip import Frames
from app.sound.region import Region

_SHORT_SECONDS = 0.1  # to here, what the edges foretell is nearer to the truth than any other passage
SEARCH_SECONDS = 150.0  # to each side of the hole: the search grows by the square of it
_SILENCE = 1e-6
_SEEDS = 2**64 - 59  # a prime: seeds of any size and sign become ones that a generator takes, and stay apart


class Method(StrEnum):
    """How a hole is made anew: from its edges, from the rest of the clip, or as its length suggests."""

    AUTO = "auto"
    REPAIR = "repair"
    FILL = "fill"
    TEXTURE = "texture"


@dataclass(frozen=True, slots=True)
class Inpainted:
    """A clip whose hole was made anew.

    `frames` has the shape of what was given and equals it outside the hole. `method` is the one that was used,
    `match` says how well a fill suits its surroundings ("strong", "fair", "weak"; "" for a repair), `sources` are the
    seconds of the clip it was drawn from, in the order they are heard. `seams` are the hole's two edges and the joins
    inside it, each as the share of the clip's own moments that change less: about half is what the clip itself does.
    `notes` are sentences for the user.
    """

    frames: Frames
    method: str
    match: str
    sources: tuple[tuple[float, float], ...]
    seams: tuple[float, ...]
    notes: tuple[str, ...]


def _silent(_: str) -> None:
    """Progress that nobody reads."""


def inpaint(
    frames: Frames,
    rate: int,
    hole: Region,
    *,
    seed: int,
    method: Method = Method.AUTO,
    variety: float = 0.5,
    progress: Callable[[str], None] = _silent,
) -> Inpainted:
    """Makes the hole of a clip anew; `frames` is (frames, channels), full scale 1, and is not changed.

    What stands in the hole is never read. The same seed gives the same sound; any whole number is a seed. Outside
    the hole only samples that are not numbers change: they become silence. The hole is no louder than the rest of
    the clip. `variety` (0 to 1) is how far a fill may stray from the best match. `progress` is told each stage in a
    few words. Raises MaskError where the hole is empty or outside the clip, SoundError where nothing is left to
    draw from.
    """
    length = frames.shape[0]
    if hole.end <= 0 or hole.start >= length:
        raise MaskError("The mask lies outside the clip.", "Mask a part of the clip.")
    hole = hole.clamped(length)
    if not hole.length:
        raise MaskError("The mask is empty.", "Drag over the part to be made anew.")
    result = np.array(frames, np.float32)
    result[hole.start : hole.end] = 0
    # A sum is finite only if all it is made of are; a look at each sample takes three times as long.
    with np.errstate(invalid="ignore", over="ignore"):
        finite = bool(np.isfinite(np.sum(result)))
    if not finite:
        np.nan_to_num(result, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    origin = max(0, hole.start - round(SEARCH_SECONDS * rate))
    around = result[origin : hole.end + round(SEARCH_SECONDS * rate)]
    peak = peak_of(around)
    if peak <= _SILENCE:
        raise SoundError(
            "There is no sound outside the mask to draw from.", "Mask less, or open a clip with more sound."
        )
    local = hole.relative_to(origin)
    notes: list[str] = []
    chosen = _chosen(around, rate, local, method, notes)
    seed %= _SEEDS
    if chosen is Method.REPAIR:
        progress(f"mending {hole.duration(rate) * 1000:.0f} ms from both edges")
        mended = mend(around, rate, local, seed=seed)
        patch, match, joins = mended.patch, "", ()
        sources = tuple((a + origin / rate, b + origin / rate) for a, b in mended.sources)
    else:
        filled = fill(
            around,
            rate,
            local,
            seed=seed,
            variety=min(max(variety, 0.0), 1.0),
            progress=progress,
            texture={Method.FILL: False, Method.TEXTURE: True}.get(chosen),
        )
        chosen = Method.TEXTURE if filled.textured else Method.FILL
        patch, match, joins = filled.patch, filled.match, filled.joins
        sources = tuple((a + origin / rate, b + origin / rate) for a, b in filled.sources)
        notes += filled.notes
    result[hole.start : hole.end] = limited(patch, peak, rate)
    around = result[origin : hole.end + round(SEARCH_SECONDS * rate)]
    seams = seam_scores(around, rate, local, joins)
    return Inpainted(result, chosen.value, match, sources, seams, tuple(notes))


def _chosen(around: Frames, rate: int, hole: Region, method: Method, notes: list[str]) -> Method:
    """The method that can be used here, with a note where it is not the one that was asked for."""
    duration, material = hole.duration(rate), (around.shape[0] - hole.length) / rate
    if method is Method.REPAIR and duration > LONGEST:
        notes.append(f"A mask of {duration:.2f} s is too long to be repaired from its edges, so it was filled.")
    elif method is Method.REPAIR or (method is Method.AUTO and duration <= _SHORT_SECONDS):
        if max(hole.start, around.shape[0] - hole.end) < SHORTEST:
            raise SoundError("There is too little sound outside the mask to draw from.", "Mask less of the clip.")
        return Method.REPAIR
    if material >= LEAST_SECONDS:
        return Method.AUTO if method is Method.REPAIR else method
    if duration > LONGEST or max(hole.start, around.shape[0] - hole.end) < SHORTEST:
        raise SoundError(
            f"Only {material:.2f} s of sound are outside the mask, too little to draw {duration:.2f} s from.",
            "Mask less, or open a longer clip.",
        )
    notes.append(f"Only {material:.2f} s of sound are outside the mask, so it was repaired from its edges.")
    return Method.REPAIR
