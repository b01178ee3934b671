"""A picture the size of a stamp, of any length of sound, without reading all of it."""

import numpy as np

from app.sound.clip import Frames, Sound
from app.sound.region import Region

_MOST = 256  # frames that are looked at for a column


def miniature(sound: Sound, shown: Region, width: int) -> Frames:
    """Minimum and maximum in `width` columns of a region, shape (width, channels, 2), full scale 1.

    Of a column that stands for more than 256 frames only as many from its middle are read: enough to see where it is
    loud, and the same time for a second as for an hour.
    """
    result = np.zeros((width, sound.channels, 2), np.float32)
    edges = np.linspace(shown.start, shown.end, width + 1)
    if shown.length <= width * _MOST:
        frames = sound.read(shown.start, shown.end)
        starts = np.minimum((edges[:-1] - shown.start).astype(np.int64), max(frames.shape[0] - 1, 0))
        if frames.shape[0]:
            result[:, :, 0] = np.minimum.reduceat(frames, starts, axis=0)
            result[:, :, 1] = np.maximum.reduceat(frames, starts, axis=0)
    else:
        for column in range(width):
            middle = round((edges[column] + edges[column + 1]) / 2)
            frames = sound.read(middle - _MOST // 2, middle + _MOST // 2)
            if frames.shape[0]:
                result[column, :, 0], result[column, :, 1] = frames.min(axis=0), frames.max(axis=0)
    return np.nan_to_num(result, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
