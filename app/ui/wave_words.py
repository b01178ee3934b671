"""What a screen reader says of the waveform."""

from app.sound.region import Region
from app.ui.reach import Reach
from app.ui.times import format_time


def described(reach: Reach, rate: int, mask: Region | None, insertion: tuple[int, int] | None = None) -> str:
    """The clip's length, the mask and how much longer it makes the clip; a frame and length of what is inserted."""
    if not rate:
        return "No clip is open."
    parts = [f"Clip of {format_time(reach.length / rate)}"]
    if mask is None:
        parts.append("nothing is masked")
    else:
        start, end = mask.seconds(rate)
        parts.append(f"masked from {format_time(start)} to {format_time(end)}")
        before, after = reach.beyond(mask)
        for part, where in ((before, "before its start"), (after, "after its end")):
            if part is not None:
                parts.append(f"makes the clip {part.duration(rate):.2f} s longer {where}")
    if insertion is not None and mask is None:
        frame, length = insertion
        parts.append(f"{length / rate:.2f} s would be inserted at {format_time(frame / rate)}")
    return "; ".join(parts) + "."
