"""Other rates and other channel counts."""

# pyright: reportMissingTypeStubs=false

import numpy as np
import soxr

from app.sound.clip import Frames

# Where the channels of each count lie, in the order of WAV and FLAC: left, right, centre, effects (subwoofer).
_LAYOUTS: dict[int, str] = {1: "C", 2: "LR", 3: "LRC", 4: "LRLR", 5: "LRCLR", 6: "LRCELR", 7: "LRCECLR", 8: "LRCELRLR"}
_CENTRE = 0.5**0.5


def resampled(frames: Frames, from_rate: float, to_rate: float) -> Frames:
    """Frames (frames, channels) at another rate in Hz, in time with what they were; soxr at its best quality."""
    if from_rate == to_rate or not frames.shape[0]:
        return frames
    return soxr.resample(frames, from_rate, to_rate, quality="VHQ")


def to_channels(frames: Frames, channels: int) -> Frames:
    """Frames with so many channels: sides go to their side, the centre to both, nothing gets louder than it was.

    A subwoofer's channel is left out of a mix and stays silent in one. Counts without a known layout are mixed to
    one channel that goes to all.
    """
    have = int(frames.shape[1])
    if have == channels:
        return frames
    target: str = _LAYOUTS.get(channels, "C" * channels)
    source: str = _LAYOUTS.get(have, "C" * have)
    matrix = np.zeros((have, channels), np.float32)
    for column, side in enumerate(target):
        for row, other in enumerate(source):
            if other == side or (side == "C" and other != "E"):
                matrix[row, column] = 1.0
            elif {side, other} in ({"L", "C"}, {"R", "C"}):
                matrix[row, column] = _CENTRE
    matrix /= np.maximum(matrix.sum(axis=0), 1e-9)
    return frames @ matrix
