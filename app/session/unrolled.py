"""A deck's frames in the order in which a path leads through them: at the clip's rate, or converted to the device's."""

import math
from typing import Protocol

import numpy as np

from app.session.path import Path
from app.session.speakers import spread, to_device
from app.sound.clip import Frames, Sound
from app.sound.region import Region

FADE_SECONDS = 0.005

# What soxr's filter is given to swing in before the first frame that counts, in frames of the slower rate.
_RUN_UP = 2048
_PIECE = 2048


class Track(Protocol):
    """Gives a deck's next frames."""

    def read(self, n: int) -> Frames: ...


class Unrolled:
    """The clip's own frames along a path, its loop closed by a crossfade, with no more channels than the device has."""

    def __init__(self, deck: Sound, path: Path, channels: int, at: int) -> None:
        """From the place on which `at` of the clip's frames have passed; what lies outside the clip is silence."""
        self._deck, self._path = deck, path
        self.channels = min(deck.channels, channels)
        self._at = at
        self._fade = fade_in(max(round(deck.rate * FADE_SECONDS), 1))

    def read(self, n: int) -> Frames:
        """The next `n` frames, float32 of shape (n, channels)."""
        out = np.zeros((n, self.channels), np.float32)
        have, loop = 0, self._path.loop if self._path.turns else None
        while have < n:
            frame = self._path.clip_frame(self._at)
            size = n - have if loop is None else min(n - have, loop.end - frame)
            self._copy(out[have : have + size], frame, loop)
            have, self._at = have + size, self._at + size
        return out

    def _copy(self, out: Frames, frame: int, loop: Region | None) -> None:
        start, end = max(frame, 0), frame + out.shape[0]
        if end <= start:
            return
        frames = self._deck.read(start, end)
        if loop is not None:
            self._blend(frames, start, loop)
        at = start - frame
        out[at : at + frames.shape[0]] = to_device(frames, self.channels)

    def _blend(self, frames: Frames, frame: int, loop: Region) -> None:
        """Fade the last 5 ms before the loop's end into what lies before its start: no click, no frame more or less."""
        fade = self._fade[: loop.length]
        first = loop.end - fade.size
        low, high = max(frame, first), min(frame + frames.shape[0], loop.end)
        if low >= high:
            return
        weight = fade[low - first : high - first, None]
        before = np.zeros((high - low, frames.shape[1]), np.float32)
        known = self._deck.read(max(low - loop.length, 0), max(high - loop.length, 0))
        before[before.shape[0] - known.shape[0] :] = known
        part = frames[low - frame : high - frame]
        part *= 1 - weight
        part += before * weight


class Plain:
    """A deck at the device's own rate."""

    def __init__(self, deck: Sound, path: Path, channels: int, at: int) -> None:
        self._source = Unrolled(deck, path, channels, path.passed(at))
        self._channels = channels

    def read(self, n: int) -> Frames:
        """The next `n` frames, shape (n, the device's channels)."""
        return spread(self._source.read(n), self._channels)


class Converted:
    """A deck at another rate than the device's, or at another speed: a stream of soxr's, exact in the clip's frames.

    The loop is unrolled before it is converted, so that the filter runs through the place where it closes, and a loop
    whose length is no whole number of the device's frames does not drift. The stream is started where a frame of the
    device falls on one of the clip: two streams along the same path give the same frames wherever they were begun.
    """

    def __init__(self, deck: Sound, path: Path, channels: int, at: int) -> None:
        import soxr  # loads a library that nobody needs before something of another rate is played

        pace = path.pace
        run_up = math.ceil(_RUN_UP * max(pace.out / pace.clip, 1.0))
        first = path.whole(at - run_up)
        self._source = Unrolled(deck, path, channels, path.passed(first))
        self._channels = channels
        self._stream = soxr.ResampleStream(pace.clip, pace.out, self._source.channels, dtype="float32", quality="HQ")
        self._skip = at - first
        self._left = np.zeros((0, self._source.channels), np.float32)

    def read(self, n: int) -> Frames:
        """The next `n` frames, shape (n, the device's channels)."""
        parts, have = [self._left], self._left.shape[0]
        while have < n:
            found: Frames = self._stream.resample_chunk(self._source.read(_PIECE))
            dropped = min(self._skip, found.shape[0])
            self._skip -= dropped
            parts.append(found[dropped:])
            have += found.shape[0] - dropped
        whole = np.concatenate(parts)
        self._left = whole[n:]
        return spread(whole[:n], self._channels)


def track(deck: Sound, path: Path, channels: int, at: int) -> Track:
    """The frames of a deck for a device of so many channels, from a place on a path on."""
    return (Plain if path.pace.even else Converted)(deck, path, channels, at)


def fade_in(n: int) -> Frames:
    """A raised-cosine ramp from 0 to 1; shape (n,), float32."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)).astype(np.float32)
