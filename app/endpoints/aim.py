"""Aim: what pressing the button is about, by the kind of work: which span is made, and what gives way to it."""

from dataclasses import dataclass
from typing import Final

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.endpoints.times import TimeUnit
from app.errors import MaskError
from app.sound.region import Region

_ROOM: Final = 120.0


@dataclass(frozen=True, slots=True)
class Aim:
    """`mask` is the span that is made, and reaches beyond the clip where the clip grows; `place` is what gives way.

    Both in frames of the version in use, `place` inside of it; of an insertion it holds no frame.
    """

    mask: Region
    place: Region

    @property
    def more(self) -> int:
        """By how many frames the clip gets longer."""
        return self.mask.length - self.place.length

    @property
    def inserts(self) -> bool:
        """Whether nothing gives way."""
        return not self.place.length


def aim(endpoint: Endpoint, mask: Region | None, length: int, at: int, new: int) -> Aim:
    """What is made of a clip of so many frames, with that mask, the playhead `at` a frame, and so many `new` frames.

    Without a mask the whole clip is varied, its end is extended, and what is generated goes in at the playhead.
    MaskError where a mask is needed.
    """
    if mask is not None and endpoint.kind is not Kind.OTHER:
        return Aim(mask, mask.clamped(length))
    match endpoint.kind:
        case Kind.VARY:
            return Aim(Region(0, length), Region(0, length))
        case Kind.GENERATE:
            at = min(max(at, 0), length)
            return Aim(Region(at, at + new), Region(at, at))
        case Kind.EXTEND if Role.EXTEND_AFTER in endpoint.roles:
            return Aim(Region(length, length + new), Region(length, length))
        case Kind.EXTEND:
            return Aim(Region(-new, 0), Region(0, 0))
        case Kind.OTHER:
            return Aim(Region(0, 0), Region(0, 0))
        case _:
            raise MaskError("There is no mask.", "Drag over the part to remake.")


def makes_length(endpoint: Endpoint, mask: Region | None) -> bool:
    """Whether the user has to say how long the new sound is to be."""
    return mask is None and endpoint.kind in (Kind.GENERATE, Kind.EXTEND)


def room(endpoint: Endpoint) -> tuple[float, float]:
    """How many seconds beyond the clip's start and end a mask may reach."""
    match endpoint.kind:
        case Kind.EXTEND:
            before, after = endpoint.time(Role.EXTEND_BEFORE), endpoint.time(Role.EXTEND_AFTER)
            return _most(before), _most(after)
        case Kind.FILL | Kind.GENERATE:
            most = min(endpoint.limits.max_seconds or _ROOM, _ROOM)
            return most, most
        case _:
            return 0.0, 0.0


def within(mask: Region, length: int, before: int, after: int) -> Region | None:
    """A mask cut to a clip of so many frames and the room beyond its ends, touching it; None if nothing is left."""
    if mask.start > length + after or mask.end < -before:
        return None
    start = min(max(mask.start, -before), length)
    found = Region(start, max(min(mask.end, length + after), start, 0))
    return found if found.length else None


def _most(unit: TimeUnit | None) -> float:
    return 0.0 if unit is None else unit.most or _ROOM
