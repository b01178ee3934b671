"""Equally loud: how two versions compare where they differ, measured once for each pair."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.session.background import Background
from app.sound.clip import Frames
from app.sound.loudness import match_gain_db
from app.sound.region import Region
from app.takes.places import changes, parting, region_in
from app.takes.render import Rendering
from app.takes.take import TakeId
from app.takes.timeline import Timeline

_AROUND_SECONDS = 1.0
_PIECE_SECONDS = 5.0
_MOST_SECONDS = 120.0

Regions = tuple[Region, ...]
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


def differences(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[Regions, Regions]:
    """Where two takes may differ: what was laid over their last common version, on either side; disjoint, in order.

    Once in frames of the one, once in those of the other.
    """
    ours, theirs = parting(timeline, a, b)
    one, two = (
        _joined([region_in(changes(timeline, take.id, version), take.landed) for take in (*ours, *theirs)])
        for version in (a, b)
    )
    return one, two


def _joined(regions: list[Region]) -> tuple[Region, ...]:
    joined: list[Region] = []
    for region in sorted(regions):
        if joined and region.start <= joined[-1].end:
            joined[-1] = Region(joined[-1].start, max(joined[-1].end, region.end))
        else:
            joined.append(region)
    return tuple(joined)


def _gains(one: Rendering, two: Rendering, regions: tuple[Regions, Regions]) -> tuple[float, float]:
    """On the pool: both loudnesses over the regions with a second around each, of long ones in even pieces."""
    a, b = (_read(sound, where) for sound, where in zip((one, two), regions, strict=True))
    return match_gain_db(b, a, one.rate), match_gain_db(a, b, one.rate)


def _read(sound: Rendering, regions: tuple[Region, ...]) -> Frames:
    rate = sound.rate
    around = round(_AROUND_SECONDS * rate)
    wide = _joined([region.widened(around, around).clamped(sound.length) for region in regions])
    size = round(_PIECE_SECONDS * rate)
    every_piece = [Region(at, min(at + size, span.end)) for span in wide for at in range(span.start, span.end, size)]
    pieces = every_piece[:: max(-(-len(every_piece) * size // round(_MOST_SECONDS * rate)), 1)]
    read = [sound.read(piece.start, piece.end) for piece in pieces]
    return np.concatenate(read) if read else np.zeros((0, sound.channels), np.float32)
