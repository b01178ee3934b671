"""Scale: which frame lies at which pixel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Frames [start, end), fractions allowed, laid over `width` logical pixels."""

    start: float
    end: float
    width: float

    @property
    def span(self) -> float:
        """Frames in view."""
        return self.end - self.start

    @property
    def per_pixel(self) -> float:
        """Frames under one logical pixel."""
        return self.span / self.width if self.width > 0 else self.span

    def x(self, frame: float) -> float:
        """Where the left edge of a frame lies, in logical pixels."""
        return (frame - self.start) / self.per_pixel if self.span > 0 else 0.0

    def frame(self, x: float) -> float:
        """The frame, with its fraction, under a logical pixel."""
        return self.start + x * self.per_pixel
