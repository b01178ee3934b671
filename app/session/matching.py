"""Equally loud: how two versions compare where they differ, measured once for each pair."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.session.background import Background
from app.sound.clip import Frames
from app.sound.loudness import match_gain_db
from app.sound.region import Region
from app.takes.render import Rendering
from app.takes.take import TakeId
from app.takes.timeline import Timeline

_AROUND_SECONDS = 1.0
_PIECE_SECONDS = 5.0
_MOST_SECONDS = 120.0

Pair = tuple[TakeId | None, TakeId | None]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a measurement came to, of which pair, and of which clip."""

    clip: int
    pair: Pair
    gains: tuple[float, float]


class Matching:
    """The gains in dB, never above 0, that make the louder of two takes as quiet as the other; for hearing only."""

    def __init__(
        self,
        background: Background,
        rendering: Callable[[Timeline, TakeId | None], Rendering],
        measured: Callable[[], object],
    ) -> None:
        self._background = background
        self._rendering = rendering
        self._tell = measured
        self._gains: dict[Pair, tuple[float, float] | None] = {}
        self._clip = 0

    def forget(self) -> None:
        """Another clip: what was measured, or is being measured, is of no use."""
        self._gains = {}
        self._clip += 1

    def measure(self, timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[float, float] | None:
        """The gains of both; None while they are measured, which the first question for a pair begins."""
        if a == b:
            return 0.0, 0.0
        if (a, b) not in self._gains:
            # Both ways round: after Use, what was B is A.
            self._gains[a, b] = self._gains[b, a] = None
            clip, regions = self._clip, differences(timeline, a, b)
            one, two = self._rendering(timeline, a), self._rendering(timeline, b)
            self._background.run(
                lambda: _Found(clip, (a, b), _gains(one, two, regions)), self._on_measured, self._on_unmeasured
            )
        return self._gains[a, b]

    def _on_measured(self, found: _Found) -> None:
        if found.clip == self._clip:
            a, b = found.pair
            self._gains[a, b], self._gains[b, a] = found.gains, (found.gains[1], found.gains[0])
            self._tell()

    def _on_unmeasured(self, _: AppError) -> None:
        """Sound that cannot be read is heard as it is."""


def differences(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[Region, ...]:
    """Where two takes may differ: what was laid over their last common version, on either side; disjoint, in order."""
    ours, theirs = timeline.lineage(a), timeline.lineage(b)
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared].id == theirs[shared].id:
        shared += 1
    return _joined([take.region for take in (*ours[shared:], *theirs[shared:])])


def _joined(regions: list[Region]) -> tuple[Region, ...]:
    joined: list[Region] = []
    for region in sorted(regions):
        if joined and region.start <= joined[-1].end:
            joined[-1] = Region(joined[-1].start, max(joined[-1].end, region.end))
        else:
            joined.append(region)
    return tuple(joined)


def _gains(one: Rendering, two: Rendering, regions: tuple[Region, ...]) -> tuple[float, float]:
    """On the pool: both loudnesses over the regions with a second around each, of long ones in even pieces."""
    rate = one.rate
    around = round(_AROUND_SECONDS * rate)
    length = min(one.length, two.length)
    wide = _joined([region.widened(around, around).clamped(length) for region in regions])
    size = round(_PIECE_SECONDS * rate)
    pieces = [Region(at, min(at + size, span.end)) for span in wide for at in range(span.start, span.end, size)]
    every = max(-(-len(pieces) * size // round(_MOST_SECONDS * rate)), 1)
    a, b = _read(one, pieces[::every]), _read(two, pieces[::every])
    return match_gain_db(b, a, rate), match_gain_db(a, b, rate)


def _read(sound: Rendering, pieces: list[Region]) -> Frames:
    read = [sound.read(piece.start, piece.end) for piece in pieces]
    return np.concatenate(read) if read else np.zeros((0, sound.channels), np.float32)
