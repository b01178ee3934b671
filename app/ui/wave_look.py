"""Look: how sound is laid out and measured on the lanes: stacked or overlaid, linear or in dB, with which marks."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FLOOR_DB = 60.0
"""What the dB scale shows below full scale; quieter than that is a line."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a channel is drawn, in device pixels: rows [top, bottom), full scale `unit` away from the middle."""

    top: int
    bottom: int
    unit: float

    @property
    def middle(self) -> float:
        """Silence: the middle of a row, so that it is one sharp line."""
        return (self.top + self.bottom) // 2 + 0.5


def lanes(height: float, channels: int, amplitude: float = 1.0, margin: float = 4.0) -> tuple[Lane, ...]:
    """The channels stacked in so many pixels, `margin` pixels of air above and below full scale."""
    edges = [round(height * index / channels) for index in range(channels + 1)]
    return tuple(
        Lane(top, bottom, max((bottom - top) / 2 - margin, 1.0) * amplitude) for top, bottom in pairwise(edges)
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What the View menu says of the waveform; `amplitude` is how many times taller than full scale it is drawn."""

    overlaid: bool = False
    decibels: bool = False
    rms: bool = True
    clipping: bool = True
    amplitude: float = 1.0

    def rows(self, channels: int) -> int:
        """How many lanes so many channels need."""
        return min(channels, 1) if self.overlaid else channels

    def lanes(self, height: float, channels: int, margin: float = 4.0) -> tuple[Lane, ...]:
        """The lane of each channel; in dB the amplitude is a gain, and the lane as tall as ever."""
        tall = 1.0 if self.decibels else self.amplitude
        return lanes(height, self.rows(channels), tall, margin) * (channels if self.overlaid and channels else 1)

    def placed(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Samples as parts of a lane's unit; a copy where the scale is in dB, else the values themselves."""
        if not self.decibels:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            level = 1 + 20 / FLOOR_DB * np.log10(np.abs(values) * np.float32(self.amplitude))
        return np.copysign(np.maximum(level, 0.0, out=level), values)

    def height_of(self, level_db: float) -> float:
        """Where a level lies, as a part of the unit of a lane of amplitude 1; 0 is silence."""
        if self.decibels:
            return max(1 + (level_db + 20 * math.log10(self.amplitude)) / FLOOR_DB, 0.0)
        return 10 ** (level_db / 20) * self.amplitude
