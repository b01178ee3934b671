"""Vary: another arrangement of a clip's own material, by degree.

A clip of some seconds is cut at its onsets; the seed puts the parts in an order, and strength says how many of them,
counted from the first, give way to other moments of the clip that fit in their place. So what a lower strength
changes a higher one changes too. A short sound has no other moments: it is played a little higher or lower and
coloured, both the more the greater the strength.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.engine.features import Features, analyse_whole, around_steps
from app.engine.fill import mono_of
from app.engine.joins import Material, Piece, joined, sounding
from app.engine.levels import limited, peak_of
from app.engine.path import find_neighbours, find_path
from app.errors import SoundError
from app.sound.clip import Frames
from app.sound.filters import fast_length
from app.sound.region import Region
from app.sound.resample import resampled

_SILENCE = 1e-6
_ARRANGED_SECONDS = 3.0  # shorter sounds have nothing to be arranged from
_PARTS = 16  # at least so many where the clip is long enough: strength counts in them
_LEAST_PART, _MOST_PART = 0.4, 2.0
_STRETCH_SECONDS = 120.0  # arranged at once: the search for alike moments grows by the square of it
_AROUND_SECONDS = 20.0  # beyond a stretch, where its parts may come from too
_VARIETY = 0.5
_SEMITONES = 1.2
_COLOUR_DB = 3.0
_COLOURS = 8  # gains between 60 Hz and 16 kHz
_FADE_SECONDS = 0.005
_LEAST_LOUD = 0.2  # of a part's energy, and its inverse: what else takes its place would tear a hole, or burst
_SOFT = 1e-4  # of a part's usual power
_ENOUGH = 0.5  # of a clip's power lies in parts that have others like them; else it is one sound, as a struck bell
_LEAST_SECONDS = 0.1  # that a part changes for, if it does at all


@dataclass(frozen=True, slots=True)
class Varied:
    """A clip varied: `frames` as many as there were; how much of them is new, 0 to 1; where it came from; remarks."""

    frames: Frames
    changed: float
    sources: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]


def _silent(_: str) -> None:
    """Progress that nobody reads."""


def vary(frames: Frames, rate: int, *, strength: float, seed: int, progress: Callable[[str], None] = _silent) -> Varied:
    """The clip varied: (frames, channels) of the same shape, finite, no louder than it was.

    `strength` 0 gives the clip itself, bit for bit; the difference grows up to 1. The same seed (not negative) gives
    the same sound. SoundError for silence.
    """
    if strength <= 0:
        return Varied(frames, 0.0, (), ())
    frames = np.nan_to_num(np.asarray(frames, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    peak = peak_of(frames)
    if peak <= _SILENCE:
        raise SoundError("There is no sound to be varied.", "Choose a part of the clip that is not silent.")
    strength = min(strength, 1.0)
    if frames.shape[0] < _ARRANGED_SECONDS * rate:
        return _short(frames, rate, strength, seed, peak, progress)

    made = np.empty_like(frames)
    long, around = round(_STRETCH_SECONDS * rate), round(_AROUND_SECONDS * rate)
    count = max(1, round(frames.shape[0] / long))
    bounds = [round(i * frames.shape[0] / count) for i in range(count + 1)]
    changed, sources = 0, list[tuple[float, float]]()
    for i, (start, end) in enumerate(pairwise(bounds)):
        window = Region(max(start - around, 0), min(end + around, frames.shape[0]))
        progress(f"arranging {start / rate:.0f} to {end / rate:.0f} s of {frames.shape[0] / rate:.0f} s")
        inside = Region(start - window.start, end - window.start)
        pieces, new = _arranged(frames[window.start : window.end], rate, inside, strength, (seed, i), made[start:end])
        if not pieces and count == 1:
            return _short(frames, rate, strength, seed, peak, progress)
        if not pieces:
            made[start:end] = frames[start:end]
            continue
        changed += new
        ends = [*(piece.start for piece in pieces[1:]), inside.end]
        sources += [
            ((p.start + p.lag + window.start) / rate, (stop + p.lag + window.start) / rate)
            for p, stop in zip(pieces, ends, strict=True)
            if p.lag
        ]
    notes: tuple[str, ...] = ()
    if not changed:
        notes = ("The clip has no other moments that fit in its own places, so it came back as it was.",)
    return Varied(limited(made, peak, rate), changed / frames.shape[0], tuple(sources), notes)


def _short(
    frames: Frames, rate: int, strength: float, seed: int, peak: float, progress: Callable[[str], None]
) -> Varied:
    """A single sound, which has no other moments."""
    progress("colouring a single sound")
    made = limited(_coloured(frames, rate, strength, seed), peak, rate)
    return Varied(made, 1.0, (), ("A single sound like this is varied in pitch and colour only.",))


def _arranged(
    frames: Frames, rate: int, inside: Region, strength: float, seed: tuple[int, int], made: Frames
) -> tuple[list[Piece], int]:
    """Arranges the part `inside` of these frames into `made`; its pieces, and how many frames of it are new."""
    material = Material(frames, mono_of(frames), rate, Region(0, 0))
    whole = analyse_whole(material.mono, rate)
    steps = np.array(_parts(whole, rate, inside))
    total = steps.size - 1
    rng = np.random.default_rng(seed)
    order, draws = rng.permutation(total), rng.integers(0, 2**31, total)
    near = find_neighbours(whole, whole.hop / rate)

    others: dict[int, list[Piece]] = {}
    for part in order.tolist():
        low, high = int(steps[part]), int(steps[part + 1])
        features = around_steps(whole, low, high, rate)
        seed_there = int(draws[part])
        path = find_path(features, high - low, whole.hop / rate, seed=seed_there, variety=_VARIETY, neighbours=near)
        if path is None:
            continue
        jumps = np.flatnonzero(np.diff(path.states, prepend=-2) != 1)
        there = [Piece((low + int(t)) * whole.step, (int(path.states[t]) - low - int(t)) * whole.step) for t in jumps]
        if _as_loud(there, high * whole.step, material):
            others[part] = there
    powers = [_power(material.mono[a * whole.step : b * whole.step]) for a, b in pairwise(steps.tolist())]
    if sum(powers[part] for part in others) < _ENOUGH * sum(powers):
        return [], 0
    # What is next to silent is changed last: until then it would be no change to hear.
    soft = _SOFT * sum(powers) / total
    ranked = sorted(others, key=lambda part: powers[part] < soft)
    exact = strength * len(ranked)
    shares = dict(zip(ranked, np.clip(exact - np.arange(len(ranked)), 0, 1).tolist(), strict=True))

    pieces = [Piece(inside.start, 0)]
    new = 0
    for part in range(total):
        begin, end = int(steps[part]) * whole.step, int(steps[part + 1]) * whole.step
        share = shares.get(part, 0.0)
        if share > 0:
            # The last part of all changes by as much as strength has left for it.
            stop = min(begin + max(round(share * (end - begin)), material.frames_of(_LEAST_SECONDS)), end)
            pieces += [piece for piece in others[part] if piece.start < stop]
            new += stop - begin
            begin = stop
        if begin < end and pieces[-1].lag:
            pieces.append(Piece(begin, 0))
    pieces = _joined(pieces, inside, material)
    made[:] = sounding(pieces, inside, material)
    return pieces, new


def _power(series: NDArray[np.float32]) -> float:
    return float(np.dot(series, series))


def _as_loud(pieces: list[Piece], end: int, material: Material) -> bool:
    """Whether what these pieces play up to a frame is about as loud as what stands in their place."""
    frames, had, has = material.mono, 0.0, 0.0
    for piece, stop in zip(pieces, [*(each.start for each in pieces[1:]), end], strict=True):
        own, other = frames[piece.start : stop], frames[piece.start + piece.lag : stop + piece.lag]
        had, has = had + _power(own), has + _power(other)
    return had <= 1e-9 or _LEAST_LOUD * had <= has <= had / _LEAST_LOUD


def _joined(pieces: list[Piece], inside: Region, material: Material) -> list[Piece]:
    """The pieces, each begun where it goes on from the one before; the clip's own stay where they are."""
    if len(pieces) > 1 and pieces[1].start <= inside.start:
        pieces = [Piece(inside.start, pieces[1].lag), *pieces[2:]]
    placed = [pieces[0]]
    for i, piece in enumerate(pieces[1:], 1):
        end = pieces[i + 1].start if i + 1 < len(pieces) else inside.end
        if piece.start <= placed[-1].start or end <= piece.start:
            continue
        placed.append(joined(placed[-1], piece, end, 0 if piece.lag == 0 else None, material))
    return placed


def _parts(whole: Features, rate: int, inside: Region) -> list[int]:
    """Where the parts of a stretch begin, and where the last one ends, in steps: at onsets, as even as these allow."""
    first, last = -(-inside.start // whole.step), inside.end // whole.step
    wanted = min(max(inside.length / rate / _PARTS, _LEAST_PART), _MOST_PART) * rate / whole.step
    onsets: NDArray[np.float32] = whole.table[:, -3:].sum(axis=1)
    found = [first]
    while last - found[-1] > 1.6 * wanted:
        low, high = found[-1] + math.ceil(0.6 * wanted), found[-1] + math.ceil(1.4 * wanted)
        # A step before the onset, so that its attack belongs to what it begins.
        strongest = int(np.argmax(onsets[2 * low : 2 * high])) if 2 * low < onsets.size else 0
        found.append(max(low + strongest // 2 - 1, found[-1] + 1))
    return [*found, last]


def _coloured(frames: Frames, rate: int, strength: float, seed: int) -> Frames:
    """A short sound a little higher or lower, and under another colour, at the energy it had."""
    rng = np.random.default_rng(seed)
    # Never nothing: a draw near 0 would leave the sound as it was at any strength.
    semitones = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.0)) * _SEMITONES * strength
    gains = rng.standard_normal(_COLOURS) * _COLOUR_DB * strength
    length = frames.shape[0]
    onset = int(np.argmax(np.abs(frames).max(axis=1)))
    pace = 2 ** (semitones / 12)
    played = resampled(frames, pace * rate, rate)
    shift = onset - round(onset / pace)
    made = np.zeros_like(frames)
    low, high = max(shift, 0), min(shift + played.shape[0], length)
    part = played[low - shift : high - shift].copy()
    fade = min(round(_FADE_SECONDS * rate), part.shape[0] // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)[:, None]
    if low > 0:
        part[:fade] *= ramp
    if high < length or played.shape[0] + shift > length:
        part[part.shape[0] - fade :] *= ramp[::-1]
    made[low:high] = part

    size = fast_length(2 * length)
    heights = np.maximum(np.fft.rfftfreq(size, 1 / rate), 1.0)
    places = np.linspace(np.log(60), np.log(min(16000.0, 0.48 * rate)), _COLOURS, dtype=np.float64)
    curve = 10 ** (np.interp(np.log(heights), places, gains) / 20)
    for channel in range(frames.shape[1]):
        made[:, channel] = np.fft.irfft(np.fft.rfft(made[:, channel], size) * curve, size)[:length]
    had, has = float(np.vdot(frames, frames)), float(np.vdot(made, made))
    return made * np.float32(math.sqrt(had / has)) if has > 0 else made
