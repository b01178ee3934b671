"""Channels to loudspeakers: a clip of one to eight channels on a device that has fewer, or more."""

from functools import lru_cache

import numpy as np

from app.sound.clip import Frames

# Which loudspeaker each channel is meant for, in the order of WAV and FLAC: front, centre, effects, back, side.
_LAYOUTS = {
    1: ("C",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "C"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "C", "BL", "BR"),
    6: ("FL", "FR", "C", "LFE", "BL", "BR"),
    7: ("FL", "FR", "C", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "C", "LFE", "BL", "BR", "SL", "SR"),
}
_HALF_POWER = 0.5**0.5

# Where a channel goes whose loudspeaker is missing: the first of these that is there; the effects' goes nowhere.
_INSTEAD: dict[str, tuple[dict[str, float], ...]] = {
    "FL": ({"C": 1.0},),
    "FR": ({"C": 1.0},),
    "C": ({"FL": _HALF_POWER, "FR": _HALF_POWER},),
    "BL": ({"SL": 1.0}, {"FL": 1.0}, {"C": 1.0}),
    "BR": ({"SR": 1.0}, {"FR": 1.0}, {"C": 1.0}),
    "SL": ({"BL": 1.0}, {"FL": 1.0}, {"C": 1.0}),
    "SR": ({"BR": 1.0}, {"FR": 1.0}, {"C": 1.0}),
    "BC": (
        {"BL": _HALF_POWER, "BR": _HALF_POWER},
        {"SL": _HALF_POWER, "SR": _HALF_POWER},
        {"FL": _HALF_POWER, "FR": _HALF_POWER},
        {"C": 1.0},
    ),
    "LFE": (),
}


def to_device(frames: Frames, channels: int) -> Frames:
    """Frames (n, k) for a device of `channels`: (n, channels), nothing louder than it was."""
    return fold(frames, channels) if frames.shape[1] > channels else spread(frames, channels)


def spread(frames: Frames, channels: int) -> Frames:
    """Frames (n, k) on at least as many outputs: one channel goes to the front pair, others to their own."""
    have = frames.shape[1]
    if have >= channels:
        return frames
    out = np.zeros((frames.shape[0], channels), np.float32)
    if have == 1:
        out[:, :2] = frames
    else:
        out[:] = frames @ _matrix(have, channels)
    return out


def fold(frames: Frames, channels: int) -> Frames:
    """Frames (n, k) on fewer outputs, by what their channels mean: sides stay on their side, the centre in between."""
    return frames @ _matrix(frames.shape[1], channels)


@lru_cache(maxsize=64)
def _matrix(have: int, channels: int) -> Frames:
    """Shape (have, channels); turned down as a whole where it would be louder than what went in."""
    source, target = _LAYOUTS.get(have), _LAYOUTS.get(channels)
    matrix = np.zeros((have, channels), np.float32)
    if source is None or target is None:  # nobody's layout: channel by channel, and around
        for row in range(have):
            matrix[row, row % channels] = 1.0
    else:
        for row, name in enumerate(source):
            choices = ({name: 1.0}, *_INSTEAD[name])
            goes = next((each for each in choices if set(each) <= set(target)), {})
            for place, share in goes.items():
                matrix[row, target.index(place)] = share
    return matrix / max(float(matrix.sum(axis=0).max()), 1.0)
