"""Align: where a returned rendering sits against the excerpt that was sent, found on what was not masked.

Whatever comes back has been re-encoded: its rate, level, delay and length may be others, its polarity too. The delay
comes from a cross-correlation whitened half-way (generalised cross-correlation, Knapp & Carter 1976), read off
between the frames; the level from the same stretches of context. When in doubt nothing is moved, and a note says so.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.errors import SoundError
from app.sound.clip import Clip, Frames
from app.sound.filters import fast_length
from app.sound.region import Region
from app.sound.resample import resampled, to_channels

_CONTEXT = 10.0  # seconds at each side that are compared
_SHORTEST = 0.1
_FARTHEST = 0.5  # seconds that a rendering may be off
_SURE = 1.15
_ALIKE = 0.3  # true answers, also re-synthesised ones, came out above .5; other sounds below, though their best delay
_STANDS_OUT = 3.0  # may beat their second best; what stands out so far is right even when little is alike
_LOBE = 0.001  # seconds around a peak that belong to it
_DELAY_BAND = (80.0, 6000.0)
_LEVEL_BAND = (80.0, 12000.0)
_LOUDEST_GAIN = 12.0
_EXACT = 2.0**-15  # one step of 16 bits: a lossless way back changes no more
_AGREE = 0.5  # frames
_DRIFT = 1e-3  # the most that two clocks may differ
_WHOLE = 0.01  # frames; a shift this near to a whole one is made a whole one, which leaves samples as they are
_PADDING = 0.05  # seconds that encoders may add or take without a word
_MISSING = 0.01  # seconds of the hole that may be lacking, as encoders take them


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A rendering laid over its excerpt: `frames` have the excerpt's length, rate and channels.

    `delay` in frames of the excerpt (positive: the rendering was late), `gain_db` and `inverted` tell what was found
    and undone; `confidence` is the ratio of the best delay to the second best, None where it was not measured;
    `notes` say in plain sentences what was done and what was not. So many of the frames (`reach`) came back; what
    follows them is silence.
    """

    frames: Frames
    reach: int
    delay: float = 0.0
    gain_db: float = 0.0
    inverted: bool = False
    confidence: float | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _Match:
    """The delay of one stretch, in frames; `likeness` is 1 for the same sound, `sign` -1 for turned polarity."""

    delay: float
    sign: float
    confidence: float
    likeness: float
    centre: float

    @property
    def sure(self) -> bool:
        """Whether anything may be moved on its word."""
        return self.confidence >= _SURE and (self.likeness >= _ALIKE or self.confidence >= _STANDS_OUT)


def converted(returned: Clip, rate: int, channels: int) -> tuple[Frames, list[str]]:
    """The returned clip as frames (frames, channels) at `rate`, its own length kept, and what was done to it."""
    notes: list[str] = []
    frames = returned.read()
    if returned.rate != rate:
        frames = resampled(frames, returned.rate, rate)
        notes.append(f"The result came at {returned.rate} Hz and was resampled to {rate} Hz.")
    if frames.shape[1] != channels:
        notes.append(f"The result came with {_count(int(frames.shape[1]))} and was mixed to {channels}.")
        frames = to_channels(frames, channels)
    return frames, notes


def fit(returned: Clip, excerpt: Frames, rate: int, hole: Region, *, needed: int | None = None) -> Fitted:
    """The returned clip, brought in line with the excerpt (frames, channels) at `rate`; `hole` is in its frames.

    Only the excerpt outside of the hole is compared. SoundError where the returned clip does not reach the frame that
    is `needed` (the end of the hole where that is None), or holds nothing.
    """
    needed = hole.end if needed is None else needed
    length, channels = excerpt.shape
    if returned.rate == rate and returned.channels == channels:
        frames = returned.read()
        if _same_outside(frames, excerpt, hole) and frames.shape[0] >= needed:
            reach = min(frames.shape[0], length)
            return Fitted(_sized(frames, length), reach, notes=tuple(_told(frames.shape[0], length, rate)))
    frames, notes = converted(returned, rate, channels)
    notes += _told(frames.shape[0], length, rate)

    frames, match = _located(frames, excerpt, rate, hole, notes)
    delay = match.delay if match else 0.0
    reach = min(max(round(frames.shape[0] - delay), 0), length)
    if frames.shape[0] - delay < needed - _MISSING * rate:
        lacking = (needed + delay - frames.shape[0]) / rate
        raise SoundError(
            f"The result ends {lacking:.2f} s before the mask does.", "Ask for a longer result or draw a shorter mask."
        )
    if not match:
        return Fitted(_sized(frames, length), min(frames.shape[0], length), notes=tuple(notes))
    if not match.sure:
        notes.append("The result's surroundings do not resemble the clip's clearly enough, so nothing was moved.")
        reach = min(frames.shape[0], length)
        return Fitted(_sized(frames, length), reach, confidence=match.confidence, notes=tuple(notes))

    early = round(match.delay) if abs(match.delay - round(match.delay)) < _WHOLE else match.delay
    frames = _sized(_shifted(frames, early), length)
    if early:
        way = "late" if early > 0 else "early"
        notes.append(f"The result was {abs(early) / rate * 1000:.2f} ms {way} and was moved back.")
    if match.sign < 0:
        frames = -frames
        notes.append("The result's polarity was turned and was turned back.")
    gain = _gain_db(frames, excerpt, rate, hole, 0.45 * min(rate, returned.rate))
    if abs(gain) >= 0.1:
        notes.append(f"The result's level was changed by {gain:+.1f} dB.")
    if gain:
        frames = frames * np.float32(10 ** (gain / 20))
    return Fitted(frames, reach, float(early), gain, match.sign < 0, match.confidence, tuple(notes))


def _same_outside(frames: Frames, excerpt: Frames, hole: Region) -> bool:
    """Whether both are alike wherever they can be compared, to the last step of 16 bits or less."""
    if frames.shape[0] < hole.start:
        return False
    compared = 0
    for start, end in ((0, hole.start), (hole.end, min(excerpt.shape[0], frames.shape[0]))):
        ours, theirs = excerpt[max(start, 0) : end], frames[max(start, 0) : end]
        if ours.size:
            loud = float(np.max(np.abs(ours)))
            if float(np.max(np.abs(ours - theirs))) > min(_EXACT, loud / 256):
                return False
            compared += ours.size if loud else 0
    return compared > 0


def _located(
    frames: Frames, excerpt: Frames, rate: int, hole: Region, notes: list[str]
) -> tuple[Frames, _Match | None]:
    """The rendering, its clock made ours where it drifts, and its delay; None where there is too little to tell."""
    came = frames
    matches = _matches(frames, excerpt, rate, hole)
    if not matches:
        notes.append("There is too little sound around the mask to compare with, so nothing was moved.")
    drift = 0.0
    while (further := _drift(matches)) and abs(drift + further) <= _DRIFT:
        # A drift smears the very peaks that it is read from, so that it takes more than one look.
        drift += further
        frames = resampled(came, 1.0 + drift, 1.0)
        matches = _matches(frames, excerpt, rate, hole)
    if drift:
        notes.append(f"The result ran {abs(drift) * 1e6:.0f} ppm too {'slow' if drift > 0 else 'fast'}.")
    best = max(matches, key=lambda match: (match.sure, match.confidence), default=None)
    if len(matches) < 2 or best is None or not best.sure:
        return frames, best
    left, right = matches
    if not (left.sure and right.sure):
        return frames, best
    if left.sign != right.sign or abs(right.delay - left.delay) > _AGREE:
        notes.append("Before and after the mask the result was off by different delays; the clearer one was used.")
        return frames, best
    weight = left.confidence / (left.confidence + right.confidence)
    return frames, replace(best, delay=weight * left.delay + (1 - weight) * right.delay)


def _drift(matches: list[_Match]) -> float:
    """How much longer than ours a second of the rendering lasts, if both sides say so; else 0."""
    if len(matches) < 2 or not all(match.sure for match in matches):
        return 0.0
    left, right = matches
    apart = right.delay - left.delay
    drift = apart / (right.centre - left.centre)
    return drift if left.sign == right.sign and abs(apart) > _AGREE and abs(drift) <= _DRIFT else 0.0


def _matches(frames: Frames, excerpt: Frames, rate: int, hole: Region) -> list[_Match]:
    """The delays of the context before and after the hole, as far as they can be measured."""
    found = (_match(frames, excerpt, rate, side) for side in _sides(excerpt, rate, hole))
    return [match for match in found if match]


def _sides(excerpt: Frames, rate: int, hole: Region) -> list[Region]:
    """The context before and after the hole that is near enough to count, and long enough to tell."""
    near = round(_CONTEXT * rate)
    sides = (
        Region(max(hole.start - near, 0), max(hole.start, 0)),
        Region(min(hole.end, excerpt.shape[0]), min(hole.end + near, excerpt.shape[0])),
    )
    return [side for side in sides if side.length >= _SHORTEST * rate]


def _match(frames: Frames, excerpt: Frames, rate: int, side: Region) -> _Match | None:
    """The delay at which the rendering is most like one stretch of the excerpt; None for silence.

    Found among all delays first. What lies around the stretch pulls that answer by a part of a frame, so it is read
    off anew from two stretches that hold the same and fade out alike.
    """
    far = round(_FARTHEST * rate)
    ours = excerpt[side.start : side.end]
    one, other = _probe(ours, _padded(frames, side.start - far, side.end + far))
    cross, _ = _whitened(one, other, rate)
    curve = np.fft.irfft(cross, fast_length(other.size))[: 2 * far + 1]
    height = np.abs(curve)
    top = int(np.argmax(height))
    peak = float(curve[top])
    if peak == 0:
        return None
    lobe = max(round(_LOBE * rate), 1)
    height[max(top - lobe, 0) : top + lobe + 1] = 0
    lag = top - far
    one, other = _probe(ours, _padded(frames, side.start + lag, side.end + lag))
    fade = _fade(one.size)
    cross, omega = _whitened(one * fade, other * fade, rate)
    sign = math.copysign(1.0, peak)
    offset, likeness = _between(cross[: omega.size], omega, sign)
    confidence = abs(peak) / max(float(height.max()), 1e-30)
    return _Match(lag + offset, sign, confidence, likeness, (side.start + side.end) / 2)


def _whitened(
    one: NDArray[np.float32], other: NDArray[np.float32], rate: int
) -> tuple[NDArray[np.complexfloating], NDArray[np.floating]]:
    """The cross-spectrum of two series, flattened half-way, up to the end of its band; and its angles per frame."""
    size = fast_length(max(one.size, other.size))
    cross = np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size)
    low, high = (int(edge * size / rate) for edge in _DELAY_BAND)
    cross[:low] = 0
    cross[high + 1 :] = 0
    band = cross[low : high + 1]
    strength = np.abs(band)
    # A floor keeps bins that hold nothing but rounding from speaking as loudly as the others.
    band /= np.sqrt(strength + 1e-6 * float(strength.max(initial=0.0)) + 1e-30)
    angles = np.arange(min(high + 1, cross.size), dtype=np.float32) * np.float32(2 * math.pi / size)
    return cross, angles


def _between(cross: NDArray[np.complexfloating], omega: NDArray[np.floating], sign: float) -> tuple[float, float]:
    """The lag within two frames of 0 where the correlation of a cross-spectrum is highest, and how near to 1 that is.

    By Newton's steps on the correlation itself, which needs no interpolated copy of it.
    """
    lag = 0.0
    for _ in range(6):
        turned = cross * np.exp(np.complex64(1j * lag) * omega)
        bend = -sign * float(np.dot(omega * omega, turned.real))
        if bend >= 0:
            break
        step = min(max(sign * float(np.dot(omega, turned.imag)) / bend, -0.5), 0.5)
        lag += step
        if abs(step) < 1e-4:
            break
    lag = lag if abs(lag) <= 2 else 0.0
    height = sign * float(np.sum((cross * np.exp(np.complex64(1j * lag) * omega)).real))
    return lag, height / max(float(np.sum(np.abs(cross))), 1e-30)


def _fade(length: int) -> NDArray[np.float32]:
    """A window that is flat but for an eighth at each end."""
    slope = 0.5 - 0.5 * np.cos(math.pi * (np.arange(length // 8) + 0.5) / max(length // 8, 1))
    return np.concatenate((slope, np.ones(length - 2 * slope.size), slope[::-1])).astype(np.float32)


def _probe(ours: Frames, theirs: Frames) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One series of each: the sum of the channels, or the loudest one where they cancel each other."""
    energies = np.einsum("ij,ij->j", ours, ours)
    mixed = ours.sum(axis=1)
    if float(np.dot(mixed, mixed)) > 0.1 * float(energies.sum()):
        return mixed, theirs.sum(axis=1)
    loudest = int(np.argmax(energies))
    return np.ascontiguousarray(ours[:, loudest]), np.ascontiguousarray(theirs[:, loudest])


def _gain_db(frames: Frames, excerpt: Frames, rate: int, hole: Region, top: float) -> float:
    """The gain in dB that gives the aligned rendering the excerpt's level around the hole, measured up to `top` Hz."""
    wanted = had = 0.0
    for side in _sides(excerpt, rate, hole):
        wanted += _band_energy(excerpt[side.start : side.end], rate, top)
        had += _band_energy(frames[side.start : side.end], rate, top)
    if wanted <= 0 or had <= 0:
        return 0.0
    return min(max(10 * math.log10(wanted / had), -_LOUDEST_GAIN), _LOUDEST_GAIN)


def _band_energy(frames: Frames, rate: int, top: float) -> float:
    """The energy between 80 Hz and 12 kHz or `top`: rumble and hiss say nothing about how loud a sound is."""
    size = fast_length(frames.shape[0])
    low, high = (int(min(edge, top) * size / rate) for edge in _LEVEL_BAND)
    energy = 0.0
    for channel in range(frames.shape[1]):
        band = np.fft.rfft(frames[:, channel], size)[low : high + 1]
        energy += float(np.vdot(band, band).real)
    return energy


def _shifted(frames: Frames, early: float) -> Frames:
    """The frames so many frames earlier, with silence where nothing is known; between frames by their spectrum."""
    whole = math.floor(early)
    part = early - whole
    if part:
        margin = 256
        size = fast_length(frames.shape[0] + 2 * margin)
        turn = np.exp(2j * math.pi * part / size * np.arange(size // 2 + 1)).astype(np.complex64)
        if size % 2 == 0:
            turn[-1] = turn[-1].real
        moved = np.empty_like(frames)
        for channel in range(frames.shape[1]):
            spectrum = np.fft.rfft(frames[:, channel], size)
            moved[:, channel] = np.fft.irfft(spectrum * turn, size)[: frames.shape[0]]
        frames = moved
    return _padded(frames, whole, frames.shape[0]) if whole else frames


def _padded(frames: Frames, start: int, end: int) -> Frames:
    """Frames [start, end), silence where there are none."""
    part = frames[max(start, 0) : max(end, 0)]
    before, after = max(-start, 0), max(end - max(start, 0) - part.shape[0], 0)
    if not before and not after:
        return part
    return np.pad(part, ((min(before, end - start), after), (0, 0)))


def _told(length: int, wanted: int, rate: int) -> list[str]:
    """What is to be said of a rendering of that many frames; the padding of encoders is not worth a word."""
    if abs(length - wanted) <= _PADDING * rate:
        return []
    what = "shorter than what was sent; silence fills the rest" if length < wanted else "longer and was cut"
    return [f"The result was {abs(length - wanted) / rate:.2f} s {what}."]


def _sized(frames: Frames, length: int) -> Frames:
    """Cut or filled with silence to so many frames."""
    return np.ascontiguousarray(_padded(frames, 0, length))


def _count(channels: int) -> str:
    return "1 channel" if channels == 1 else f"{channels} channels"
