"""The way of the playhead through a clip, counted in the frames of the device that plays it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.sound.region import Region

Moved = Callable[[int], int]  # where a frame lies in another version


@dataclass(frozen=True, slots=True)
class Pace:
    """`clip` frames of the clip pass while the device plays `out` of its own: a ratio in lowest terms."""

    clip: int = 1
    out: int = 1

    @classmethod
    def of(cls, clip_rate: int, out_rate: int, speed: float = 1.0) -> "Pace":
        """For rates in Hz, and how fast to play: 0.5 is half as fast, an octave lower."""
        ratio = Fraction(clip_rate, out_rate) * Fraction(speed)
        return cls(ratio.numerator, ratio.denominator)

    @property
    def even(self) -> bool:
        """Whether nothing needs to be converted."""
        return self.clip == self.out


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """On from `start`, around the loop once its end is reached from inside or before.

    A loop that ends before the start is never entered. Places are told by how many frames the device was given since
    `start`, so that a place is unambiguous also where the loop passes the same frame many times, and no rounding adds
    up: whole numbers all the way. `phase` is what is left of a frame where the path begins between two of the clip's,
    in parts of which `pace.out` make a frame.
    """

    start: int
    loop: Region | None = None
    pace: Pace = Pace()
    phase: int = 0

    @property
    def turns(self) -> bool:
        """Whether this way leads around the loop at all."""
        return self.loop is not None and self.loop.length > 0 and self.start < self.loop.end

    def passed(self, at: int) -> int:
        """How many of the clip's frames have passed when the device has had `at` frames."""
        return (at * self.pace.clip + self.phase) // self.pace.out

    def count(self, frames: int) -> int:
        """How many frames the device gets while so many of the clip's pass."""
        return max(-((self.phase - frames * self.pace.out) // self.pace.clip), 0)

    def clip_frame(self, passed: int) -> int:
        """The clip's frame after so many of them, around the loop; before 0 the frames that lie before the start."""
        frame = self.start + passed
        if self.loop is None or not self.turns or frame < self.loop.end:
            return frame
        return self.loop.start + (frame - self.loop.start) % self.loop.length

    def frame(self, at: int) -> int:
        """The clip's frame that is played as the `at`-th of the device's on this way, at >= 0."""
        return self.clip_frame(self.passed(at))

    def on(self, at: int, loop: Region | None, pace: Pace, moved: Moved | None = None) -> "Path":
        """The path that begins where this one has come to, in another version where one is given."""
        frame = self.frame(at)
        phase = (at * self.pace.clip + self.phase) % self.pace.out if pace == self.pace else 0
        return Path(frame if moved is None else moved(frame), loop, pace, phase)

    def whole(self, at: int) -> int:
        """The last place up to `at` that falls on a frame of the clip exactly; may lie before the start."""
        if self.pace.out == 1:
            return at
        first = -self.phase * pow(self.pace.clip, -1, self.pace.out) % self.pace.out
        return at - (at - first) % self.pace.out
