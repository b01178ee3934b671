"""Region: a half-open span [start, end) in frames."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A half-open span [start, end) of frames; a mask may begin before 0 only where an endpoint extends."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a region cannot end ({self.end}) before it starts ({self.start})")

    @classmethod
    def from_seconds(cls, start: float, end: float, rate: int) -> "Region":
        """The one place where seconds become frames; edges in either order, rounded to the nearest frame."""
        low, high = sorted((start, end))
        return cls(round(low * rate), round(high * rate))

    @property
    def length(self) -> int:
        """Frames inside."""
        return self.end - self.start

    def seconds(self, rate: int) -> tuple[float, float]:
        """Start and end in seconds."""
        return self.start / rate, self.end / rate

    def duration(self, rate: int) -> float:
        """Length in seconds."""
        return self.length / rate

    def contains(self, frame: int) -> bool:
        """Whether the frame lies inside."""
        return self.start <= frame < self.end

    def moved(self, frames: int) -> "Region":
        """The same length, shifted by so many frames."""
        return Region(self.start + frames, self.end + frames)

    def widened(self, before: int, after: int) -> "Region":
        """Grown outwards by so many frames at each side."""
        return Region(self.start - before, self.end + after)

    def clamped(self, length: int) -> "Region":
        """Cut to what lies in [0, length)."""
        start = min(max(self.start, 0), length)
        return Region(start, max(start, min(self.end, length)))

    def relative_to(self, origin: int) -> "Region":
        """The same span counted from another frame, as an excerpt counts it."""
        return self.moved(-origin)

    def overlaps(self, other: "Region") -> bool:
        """Whether the two share a frame."""
        return self.start < other.end and other.start < self.end
