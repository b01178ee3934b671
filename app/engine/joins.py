"""Joins: how passages of a clip are laid into a hole so that nobody hears where one ends.

Places are found by normalised cross-correlation; a crossfade follows the correlation it finds, so that neither alike
nor unlike sounds change in level (R. Fink, M. Holters, U. Zölzer, "Signal-matched power-complementary cross-fading",
2016). At the hole's edges the context itself goes on autoregressively and hands over inside the hole.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.sound.ar import SHORTEST, continuation
from app.sound.clip import Frames
from app.sound.region import Region

Series = NDArray[np.float64]

_FADE_SECONDS = 0.030
_EDGE_SECONDS = 0.060
_QUERY_SECONDS = 0.060
_NUDGE_SECONDS = 1024 / 44100
_SHIFT_PRICE = 0.3  # of correlation, for the longest nudge: a beat is worth more than a wave
_LOUD_PRICE = 0.03  # of correlation, per doubling of the level: joins hide in what is soft
_ROOM_SECONDS = 0.15  # how far a join may move to a better moment
_AGREE = 0.2  # of correlation: what a single passage may lose at its ends to stay in one
_LEVEL_SECONDS = 0.15
_EASE_SECONDS = 1.0
_LEAST_GAIN, _MOST_GAIN = 0.6, 1.6


@dataclass(frozen=True, slots=True)
class Piece:
    """One passage in the hole: from frame `start` of the clip on, the clip is heard as it is `lag` frames later."""

    start: int
    lag: int


@dataclass(frozen=True, slots=True)
class Material:
    """The clip without its hole, (frames, channels), finite, silent inside the hole; and what it is searched by."""

    frames: Frames
    mono: NDArray[np.float32]
    rate: int
    hole: Region

    def side(self, frame: int) -> Region:
        """The stretch of sound, before or after the hole, that a frame lies in."""
        return Region(0, self.hole.start) if frame < self.hole.start else Region(self.hole.end, self.mono.size)

    def frames_of(self, seconds: float) -> int:
        """So many seconds in frames."""
        return round(seconds * self.rate)

    def heard(self, start: int, end: int, lag: int, within: Region) -> Frames:
        """The frames [start, end) of a piece with this lag; silent where it would leave its side."""
        result = np.zeros((end - start, self.frames.shape[1]), np.float32)
        low, high = max(start + lag, within.start), min(end + lag, within.end)
        if low < high:
            result[low - start - lag : high - start - lag] = self.frames[low:high]
        return result


def crossfade(first: Frames, second: Frames) -> Frames:
    """Two sounds of one shape, the first giving way to the second; the law follows their correlation."""
    n = first.shape[0]
    a, b = first.astype(np.float64), second.astype(np.float64)
    power = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    r = max(0.0, float(np.sum(a * b)) / power) if power > 0 else 1.0
    t = (0.5 - 0.5 * np.cos((np.arange(n, dtype=np.float64) + 0.5) * (np.pi / n)))[:, None]
    law = np.sqrt(t * t + (1 - t) * (1 - t) + 2 * r * t * (1 - t))
    return ((a * (1 - t) + b * t) / law).astype(np.float32)


def lay(pieces: list[Piece], material: Material, fade: float | None = None) -> tuple[list[Piece], Frames]:
    """The pieces moved to where they join best, and the sound of the hole they make, (hole.length, channels).

    `pieces` begin in order, the first at the hole's start. Levels are eased to both contexts; edges are still bare.
    `fade` is the length of the crossfades in seconds, 30 ms unless given.
    """
    placed = _placed(pieces, material)
    return placed, sounding(placed, material.hole, material, fade) * _levels(placed, material)


def sounding(placed: list[Piece], span: Region, material: Material, seconds: float | None = None) -> Frames:
    """What pieces that begin in order make of a span of the clip, (span.length, channels), crossfaded."""
    made = np.zeros((span.length, material.frames.shape[1]), np.float32)
    starts = [*(piece.start for piece in placed), span.end]
    fade = material.frames_of(_FADE_SECONDS if seconds is None else seconds)
    inner = [min(fade, b - a, c - b) // 2 for a, b, c in zip(starts, starts[1:], starts[2:], strict=False)]
    halves = [0, *inner, 0]
    for i, piece in enumerate(placed):
        low, high = starts[i] - halves[i], starts[i + 1] + halves[i + 1]
        sound = material.heard(low, high, piece.lag, material.side(piece.start + piece.lag))
        at, lap = low - span.start, 2 * halves[i]
        if lap:
            sound[:lap] = crossfade(made[at : at + lap], sound[:lap])
        made[at : high - span.start] = sound
    return made


def blend_edges(patch: Frames, material: Material, seed: int) -> Frames:
    """The patch with the context going on into it for 60 ms at each side; `seed` is not negative."""
    hole, frames = material.hole, material.frames
    left, right = frames[: hole.start], frames[hole.end :]
    sides = (left.shape[0] >= SHORTEST) + (right.shape[0] >= SHORTEST)
    n = min(material.frames_of(_EDGE_SECONDS), hole.length // max(sides, 1))
    patch = patch.copy()
    if n and left.shape[0] >= SHORTEST:
        patch[:n] = crossfade(continuation(left, n, seed=seed), patch[:n])
    if n and right.shape[0] >= SHORTEST:
        patch[-n:] = crossfade(patch[-n:], continuation(right, n, backwards=True, seed=seed))
    return patch


def _placed(pieces: list[Piece], material: Material) -> list[Piece]:
    """Every piece nudged in time: the ends to their contexts, the others to the piece before, joins to good moments."""
    hole, query = material.hole, material.frames_of(_QUERY_SECONDS)
    first, last = pieces[0], pieces[-1]
    before = Region(max(hole.start - query, 0), hole.start)
    after = Region(hole.end, min(hole.end + query, material.mono.size))
    nudges, fits_left = _fits(before, material.mono[before.start : before.end], first, material)
    _, fits_right = _fits(after, material.mono[after.start : after.end], last, material)
    to_left, to_right = int(nudges[fits_left.argmax()]), int(nudges[fits_right.argmax()])

    if len(pieces) == 1:
        both = fits_left + fits_right
        middle = hole.start + hole.length // 2
        if both.max() >= fits_left.max() + fits_right.max() - _AGREE or hole.length < 4 * query:
            return [Piece(first.start, first.lag + int(nudges[both.argmax()]))]
        pieces = [first, Piece(middle, first.lag)]
    placed = [Piece(first.start, first.lag + to_left)]
    for i in range(1, len(pieces)):
        end = pieces[i + 1].start if i + 1 < len(pieces) else hole.end
        fixed = to_right if i + 1 == len(pieces) and after.length else None
        placed.append(joined(placed[-1], pieces[i], end, fixed, material))
    return placed


def joined(previous: Piece, piece: Piece, end: int, nudge: int | None, material: Material) -> Piece:
    """The piece begun at the moment, and unless `nudge` says so with the lag, where it most resembles the previous."""
    half, fade = material.frames_of(_QUERY_SECONDS) // 2, material.frames_of(_FADE_SECONDS)
    room = material.frames_of(_ROOM_SECONDS)
    old, new = material.side(previous.start + previous.lag), material.side(piece.start + piece.lag)
    low = max(piece.start - room, (previous.start + piece.start) // 2, new.start - piece.lag + fade)
    high = min(piece.start + room, (piece.start + end) // 2, old.end - previous.lag - fade)
    pace = max(1, fade // 6 if nudge is not None else fade // 2)
    loudness = float(np.sqrt(np.mean(np.square(material.mono)))) + 1e-9
    best, found = -np.inf, Piece(piece.start, piece.lag + (nudge or 0))
    for moment in range(low, high + 1, pace):
        span = Region(max(moment - half + previous.lag, old.start), min(moment + half + previous.lag, old.end))
        sound = material.mono[span.start : span.end]
        nudges, fits = _fits(span.moved(-previous.lag), sound, piece, material, nudge)
        level = float(np.sqrt(np.mean(np.square(sound)))) / loudness
        fits = fits - _LOUD_PRICE * np.log2(level + 0.1)
        if fits.max() > best:
            best = float(fits.max())
            found = Piece(moment, piece.lag + int(nudges[fits.argmax()]))
    return found


def _fits(
    span: Region, sound: NDArray[np.float32], piece: Piece, material: Material, nudge: int | None = None
) -> tuple[NDArray[np.intp], Series]:
    """How well the piece, nudged by so many frames, follows this sound over a span of the clip: -1 to 1, less a price.

    All nudges up to 23 ms, or the one given. Those that would read beyond the piece's side do not fit (-2).
    """
    reach = material.frames_of(_NUDGE_SECONDS)
    nudges = np.arange(-reach, reach + 1) if nudge is None else np.array([nudge])
    side = material.side(piece.start + piece.lag)
    sources = nudges + (span.start + piece.lag)
    there = (sources >= side.start) & (sources + span.length <= side.end)
    scores = np.full(nudges.size, -2.0)
    price = _SHIFT_PRICE * np.abs(nudges) / reach
    if not span.length or not there.any():
        return nudges, scores - price
    low, high = int(sources[there][0]), int(sources[there][-1]) + span.length
    heard, wanted = material.mono[low:high].astype(np.float64), sound.astype(np.float64)
    size = 1 << (heard.size + wanted.size).bit_length()
    alike = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[: int(there.sum())]
    energy = np.concatenate([[0.0], np.cumsum(np.square(heard))])
    energy = np.maximum(energy[span.length :] - energy[: -span.length], 0)
    power = np.sqrt(energy * float(np.sum(np.square(wanted))))
    scores[there] = np.where(power > 1e-12, alike / np.maximum(power, 1e-12), 0.0)
    return nudges, scores - price


def _levels(pieces: list[Piece], material: Material) -> Frames:
    """A gain for each frame of the hole, (hole.length, 1), that brings both ends to their contexts' level."""
    hole, n = material.hole, material.frames_of(_LEVEL_SECONDS)
    left = _gain(Region(max(hole.start - n, 0), hole.start), Region(hole.start, hole.start + n), pieces[0], material)
    right = _gain(
        Region(hole.end, min(hole.end + n, material.mono.size)), Region(hole.end - n, hole.end), pieces[-1], material
    )
    ease = min(material.frames_of(_EASE_SECONDS), hole.length)
    fall = 0.5 + 0.5 * np.cos(np.pi * np.minimum((np.arange(hole.length) + 0.5) / ease, 1))
    return np.exp(np.log(left) * fall + np.log(right) * fall[::-1])[:, None].astype(np.float32)


def _gain(context: Region, inside: Region, piece: Piece, material: Material) -> float:
    """What brings a piece to the level of a context, judged by what it says at the same place, or next to it."""
    if not context.length:
        return 1.0
    side = material.side(piece.start + piece.lag)
    span = context.moved(piece.lag)
    if span.start < side.start or span.end > side.end:
        span = inside.moved(piece.lag)
        span = Region(max(span.start, side.start), max(span.start, side.start, min(span.end, side.end)))
    wanted = float(np.mean(np.square(material.frames[context.start : context.end]), dtype=np.float64))
    there = float(np.mean(np.square(material.frames[span.start : span.end]), dtype=np.float64)) if span.length else 0.0
    if wanted <= 1e-12 or there <= 1e-12:
        return 1.0
    return float(np.clip(np.sqrt(wanted / there), _LEAST_GAIN, _MOST_GAIN))
