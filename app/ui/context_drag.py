"""ContextDrag: what dragging an edge of the context band means, as seconds of sound at each side of the mask."""

import math
from dataclasses import dataclass, replace

from app.sound.region import Region
from app.ui.mask_drag import Grip
from app.ui.scale import Scale

_GRAB = 5  # pixels to either side of the band's edge that hold it
_STEPS = (0.1, 0.01, 0.001)  # seconds; the coarsest that a pixel does not exceed by ten


@dataclass(frozen=True, slots=True)
class Band:
    """The context around a mask, on a clip of `length` frames; silence beyond the clip is no context."""

    context: Region
    mask: Region
    length: int
    rate: int

    def edges(self) -> dict[Grip, int]:
        """Where the band ends; an end that the mask covers is none."""
        shown = self.context.clamped(self.length)
        start, end = (Grip.START, shown.start), (Grip.END, shown.end)
        return dict([start] * (shown.start <= self.mask.start) + [end] * (shown.end >= self.mask.end))

    def held(self, x: float, scale: Scale) -> Grip | None:
        """Which edge lies under a pixel."""
        near = min(((abs(x - scale.x(frame)), grip) for grip, frame in self.edges().items()), default=None)
        return near[1] if near is not None and near[0] <= _GRAB else None

    def covers(self, frame: float) -> bool:
        """Whether a frame lies on the band, beside the mask."""
        shown = self.context.clamped(self.length)
        return shown.start <= frame < shown.end and not self.mask.start <= frame < self.mask.end


@dataclass(frozen=True, slots=True)
class ContextDrag:
    """A drag of one edge; the other side gets the same seconds, so that a press sets one number."""

    grip: Grip
    origin: int
    band: Band

    def seconds(self, frame: int, per_pixel: float) -> float:
        """Seconds at each side with the pointer at `frame`, in steps that fit what a pixel can tell."""
        band, shown = self.band, self.band.context.clamped(self.band.length)
        mask = band.mask.clamped(band.length)
        if self.grip is Grip.START:
            wanted, most = mask.start - shown.start + self.origin - frame, mask.start
        else:
            wanted, most = shown.end - mask.end + frame - self.origin, band.length - mask.end
        step = next((each for each in _STEPS if per_pixel / band.rate * 10 >= each), _STEPS[-1])
        exact = min(max(wanted, 0), most) / band.rate
        # At the clip's end upwards, or a rest of less than a step would never be sent.
        count = math.ceil(exact / step - 1e-6) if wanted >= most else round(exact / step)
        return round(count * step, 3)

    def dragged(self, seconds: float) -> Band:
        """The band with so many seconds at each side, where the clip has them."""
        frames = round(seconds * self.band.rate)
        return replace(self.band, context=self.band.mask.widened(frames, frames).clamped(self.band.length))


def seconds_label(seconds: float) -> str:
    """What is shown while an edge is dragged."""
    text = f"{seconds:.3f}".rstrip("0")
    return f"context {text + '0' if text.endswith('.') else text} s each side"
