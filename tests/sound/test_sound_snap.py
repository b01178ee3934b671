"""Snapping against a search that looks at every boundary."""

import numpy as np
import pytest

from app.sound.clip import Clip
from app.sound.snap import nearest_zero_crossing


@pytest.mark.parametrize("frame", [0, 1, 300, 4000, 22_051, 263_999, 264_599, 264_600, 300_000])
def test_the_nearest_change_of_sign_wins(music, frame):
    reach = 220
    mono = music.read().mean(axis=1)
    wanted = min(max(frame, 0), music.length)
    best = wanted
    if wanted not in (0, music.length):
        places = [
            b
            for b in range(max(wanted - reach, 1), min(wanted + reach, music.length - 1) + 1)
            if (mono[b - 1] >= 0) != (mono[b] >= 0)
        ]
        best = min(places, key=lambda b: (abs(b - wanted), b), default=wanted)
    assert nearest_zero_crossing(music, frame, reach) == best


def test_nothing_moves_where_no_sign_changes():
    clip = Clip.from_frames(np.full((1000, 1), 0.5), 44_100)
    assert nearest_zero_crossing(clip, 500, 200) == 500


def test_crossings_out_of_reach_do_not_count():
    frames = np.ones((1000, 2))
    frames[600:] = -1
    clip = Clip.from_frames(frames, 44_100)
    assert nearest_zero_crossing(clip, 500, 99) == 500
    assert nearest_zero_crossing(clip, 500, 100) == 600
    assert nearest_zero_crossing(clip, 700, 100) == 600
