"""Fill: long holes, bridged by passages of the same clip that sound like what stands around the hole."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.features import Features, analyse
from app.engine.joins import Material, Piece, blend_edges, lay
from app.engine.path import Path, find_path, join_costs
from app.sound.clip import Frames
from app.sound.region import Region

LEAST_SECONDS = 0.25  # of material; less has no moments to choose between
_STRONG, _FAIR = 0.2, 0.6
_FAIR_TEXTURE = 0.95  # of noise no two moments are the same, and none is wrong
_GRAIN_SECONDS = 0.4
_TEXTURE_FADE = 0.12  # seconds: noises have no waves that have to meet, and a slow change is not heard


@dataclass(frozen=True, slots=True)
class Filled:
    """The sound of a hole, (frames, channels); how well it fits; the seconds of the clip it was drawn from; remarks.

    `textured` says that it was made as a texture: of moments as good as any other. `joins` are the frames of the
    clip at which one passage gives way to the next.
    """

    patch: Frames
    match: str
    sources: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]
    textured: bool = False
    joins: tuple[int, ...] = ()


def fill(
    frames: Frames,
    rate: int,
    hole: Region,
    *,
    seed: int,
    variety: float,
    progress: Callable[[str], None],
    texture: bool | None = None,
) -> Filled:
    """The sound of the hole, drawn from the rest of the clip, float32, in the unit of `frames`.

    `frames` is (frames, channels), finite and silent inside the hole, with a quarter of a second of sound or more
    outside. `seed` (not negative) chooses among good paths, `variety` (0 to 1) says how good they must be.
    `texture` treats the sound as one of which any moment is as good as another; None finds out whether it is.
    """
    material = Material(frames, mono_of(frames), rate, hole)
    progress(f"analysing {(frames.shape[0] - hole.length) / rate:.1f} s")
    features = analyse(material.mono, rate, hole)
    progress("searching paths")
    steps = -(-hole.length // features.step)
    textured = features.noisy if texture is None else texture
    hop_seconds = features.hop / rate
    path = find_path(features, steps, hop_seconds, seed=seed, variety=variety, restless=textured)
    notes: list[str] = []
    if path is None:
        path = _grains(features, steps, rate, seed)
        notes.append("There is so little sound outside the mask that short pieces of it were strung together.")
    elif frames.shape[0] - hole.length < hole.length:
        notes.append("The mask is longer than the sound around it, so parts of that sound are heard more than once.")
    if path.ways == 1 and variety > 0 and not textured:
        notes.append("Only one passage fits here well, so other seeds will sound much the same, or fit less.")

    jumps = np.flatnonzero(np.diff(path.states, prepend=-2) != 1)
    pieces = [Piece(hole.start + int(t) * features.step, 0) for t in jumps]
    pieces = [Piece(p.start, int(path.states[t]) * features.step - p.start) for p, t in zip(pieces, jumps, strict=True)]
    progress(f"joining {len(pieces)} {'piece' if len(pieces) == 1 else 'pieces'}")
    placed, patch = lay(pieces, material, _TEXTURE_FADE if textured else None)
    patch = blend_edges(patch, material, seed)
    ends = [*(piece.start for piece in placed[1:]), hole.end]
    sources = tuple(
        (max(piece.start + piece.lag, 0) / rate, min(end + piece.lag, frames.shape[0]) / rate)
        for piece, end in zip(placed, ends, strict=True)
    )
    fair = _FAIR_TEXTURE if textured else _FAIR
    match = "strong" if path.cost < _STRONG else "fair" if path.cost < fair else "weak"
    if match == "weak":
        notes.append(
            "Nothing in the clip fits here well: the joins are clean, but what is heard between them is a passage "
            "from elsewhere; in speech its words mean nothing here."
        )
    return Filled(patch, match, sources, tuple(notes), textured, tuple(piece.start for piece in placed[1:]))


def mono_of(frames: Frames) -> NDArray[np.float32]:
    """The mean of the channels, or the loudest one where they cancel each other."""
    # Channel by channel: numpy's own mean over the short last axis takes ten times as long.
    mean: NDArray[np.float32] = np.array(frames[:, 0])
    for channel in range(1, frames.shape[1]):
        mean += frames[:, channel]
    mean /= np.float32(frames.shape[1])
    samples = frames.reshape(-1)
    if float(np.dot(mean, mean)) < 0.05 * float(np.dot(samples, samples)) / frames.shape[1]:
        powers = np.einsum("ij,ij->j", frames, frames)
        return np.ascontiguousarray(frames[:, int(powers.argmax())])
    return mean


def _grains(features: Features, steps: int, rate: int, seed: int) -> Path:
    """Passages of up to 0.4 s from random places, for material too short to have a path."""
    usable = features.usable[::2]
    moments = np.flatnonzero(usable)
    rng = np.random.default_rng(seed)
    states = np.empty(steps, np.intp)
    longest = max(1, round(_GRAIN_SECONDS * rate / features.step))
    runs = np.split(moments, np.flatnonzero(np.diff(moments) != 1) + 1)
    run = max(runs, key=len)
    length = min(longest, max(1, len(run) * 2 // 3))
    done = 0
    while done < steps:
        count = min(length, steps - done)
        states[done : done + count] = run[rng.integers(0, len(run) - count + 1)] + np.arange(count)
        done += count
    begin, end = join_costs(features, features.hop / rate)
    return Path(states, float(begin[states[0]] + end[states[-1]]) / 2, steps)
