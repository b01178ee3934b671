"""Snapping: the nearest place where a cut makes the least noise."""

import numpy as np

from app.sound.clip import Sound


def nearest_zero_crossing(sound: Sound, frame: int, reach: int) -> int:
    """The boundary within `reach` frames of `frame` where the mean of the channels changes sign.

    A boundary b lies between frames b-1 and b. The nearest one wins, of two equally near ones the earlier; `frame`
    itself, cut to [0, length], where no sign changes or the frame is an end of the sound already.
    """
    frame = min(max(frame, 0), sound.length)
    first = max(frame - reach - 1, 0)
    mono = sound.read(first, min(frame + reach + 1, sound.length)).mean(axis=1)
    if frame in (0, sound.length) or mono.size < 2:
        return frame
    rising = mono >= 0
    crossings = np.flatnonzero(rising[1:] != rising[:-1]) + first + 1
    crossings = crossings[np.abs(crossings - frame) <= reach]
    return int(crossings[np.argmin(np.abs(crossings - frame))]) if crossings.size else frame
