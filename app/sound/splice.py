"""Splice: puts a patch into a clip, with seams that lie inside the mask, so that nothing outside of it changes.

At each edge the clip is continued into the mask (`ar.continuation`) and handed over to the patch there. What stood
under the mask is never read. A crossfade with the clip's own frames outside of the mask is there for those who ask.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import MaskError, SoundError
from app.sound.ar import CONTEXT, SHORTEST, continuation
from app.sound.clip import Frames, Sound
from app.sound.region import Region

_LOWEST_CORRELATION = -0.5  # below it, making up for what two sounds take from each other would amplify noise


@dataclass(frozen=True, slots=True, eq=False)
class Spliced:
    """Frames that replace exactly `region` of a clip, seams and all."""

    region: Region
    frames: Frames


def splice(
    context: Sound,
    region: Region,
    patch: Frames,
    patch_start: int,
    *,
    inside_ms: float = 40.0,
    outside_ms: float = 0.0,
    length: int | None = None,
) -> Spliced:
    """The frames that let a patch stand in `region` of a clip; patch[0] lies at the clip's frame `patch_start`.

    So many frames (`length`) of the patch come instead of the region, as many as it has where that is None; with
    others the clip gets longer or shorter, and a region without frames is a place to insert at.

    The handover at each edge lasts from `outside_ms` before the mask (which widens the returned region, as far as
    clip and patch reach) to `inside_ms` into it (at most half the mask); 0 and 0 is a hard cut. An edge that is the
    clip's own has no seam. The patch has the clip's rate and channels. MaskError for a mask that is empty or not
    inside the clip, SoundError for a patch that does not cover it.
    """
    length = region.length if length is None else length
    if length <= 0:
        raise MaskError("The mask is empty.", "Drag over the part that is to be made anew.")
    if region.start < 0 or region.end > context.length:
        raise MaskError("The mask reaches beyond the clip.", "Draw it inside the clip.")
    if patch.shape[1] != context.channels:
        raise SoundError(f"A patch of {patch.shape[1]} channels does not fit a clip of {context.channels}.")
    first, last = region.start - patch_start, region.start - patch_start + length
    if first < 0 or last > patch.shape[0]:
        raise SoundError("The patch is shorter than the mask.", "Ask for a longer result or draw a shorter mask.")

    inside = min(_in_frames(inside_ms, context.rate), length // 2)
    outside = _in_frames(outside_ms, context.rate)
    wide = region.widened(
        min(outside, region.start, first), min(outside, context.length - region.end, patch.shape[0] - last)
    )
    kept = patch[first - (region.start - wide.start) : last + (wide.end - region.end)]
    frames = np.array(kept, dtype=np.float32)
    np.nan_to_num(frames, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    before, after = min(region.start, CONTEXT), min(context.length - region.end, CONTEXT)
    into = inside if before >= SHORTEST else 0
    own = context.read(wide.start, region.start)
    ahead = continuation(context.read(region.start - before, region.start), into)
    _hand_over(frames, np.concatenate((own, ahead)))

    into = inside if after >= SHORTEST else 0
    own = context.read(region.end, wide.end)
    ahead = continuation(context.read(region.end, region.end + after), into, backwards=True)
    _hand_over(frames[::-1], np.concatenate((ahead, own))[::-1])
    return Spliced(wide, frames)


def crossfade(length: int, correlation: float) -> NDArray[np.float64]:
    """Gains of shape (2, length) for what ends and what begins, at equal power for sounds of that correlation.

    Raised cosines t and 1 - t over sqrt(t² + (1 - t)² + 2rt(1 - t)): linear for r = 1, equal power for r = 0.
    """
    r = min(max(correlation, _LOWEST_CORRELATION), 1.0)
    t = 0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))
    return np.stack((1 - t, t)) / np.sqrt(t * t + (1 - t) ** 2 + 2 * r * t * (1 - t))


def _hand_over(frames: Frames, ending: Frames) -> None:
    """Lets the first of `frames` grow out of `ending`, in place."""
    begun = frames[: ending.shape[0]]
    energies = float(np.vdot(begun, begun)) * float(np.vdot(ending, ending))
    r = float(np.vdot(begun, ending)) / np.sqrt(energies) if energies > 0 else 0.0
    out, into = crossfade(ending.shape[0], float(r)).astype(np.float32)
    begun *= into[:, None]
    begun += ending * out[:, None]


def _in_frames(milliseconds: float, rate: int) -> int:
    return max(round(milliseconds * rate / 1000), 0)
