"""Limits: how long a clip and a mask an endpoint takes, as its document states it, counts it, or says it in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.endpoints.fields import Field, FileField, Json, NumberField
from app.endpoints.roles import Role, Roles, field_at
from app.endpoints.times import TimeUnit
from app.endpoints.values import as_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an endpoint takes, in seconds; of the whole excerpt, and with `mask` in the name, of the mask alone.

    `prefer_seconds` is the length it does best with; `grid_seconds` the raster on which its own masks lie;
    `min_context_seconds` is what it must have of sound outside the mask.
    """

    max_seconds: float | None = None
    min_seconds: float = 0.0
    prefer_seconds: float = 0.0
    grid_seconds: float = 0.0
    min_context_seconds: float = 0.0
    min_mask_seconds: float = 0.0
    max_mask_seconds: float | None = None


UNLIMITED: Final = Limits()
_N: Final = r"(\d+(?:\.\d+)?)"
_S: Final = r" ?s(?:ec(?:ond)?s?)?\b"
_RANGE: Final = rf"{_N}(?:{_S})? ?(?:-|–|—|to|and) ?{_N}{_S}"
_OF: Final = r"(?: (?:length|duration))?(?: of| is|:)?"
# No keyword tells how two fields bind each other, or how long a file may be; descriptions do, in few forms.
_SPAN_WORDS: Final = re.compile(rf"{_RANGE} (?:long )?(?:span|segment|region|mask)")
_RANGE_WORDS: Final = re.compile(rf"\b(?:between|from|prefix|length|duration)(?: of| is|:)? {_RANGE}")
_LONGEST_WORDS: Final = re.compile(rf"\b(?:max(?:imum|\.)?|at most|no longer than|not exceed|up to){_OF} {_N}{_S}")
_SHORTEST_WORDS: Final = re.compile(rf"\bmin(?:imum|\.)?{_OF} {_N}{_S}")
# What is only advised must not be refused.
_ADVICE: Final = re.compile(r"recommend|best|ideal|optimal|suggest|prefer|advis")


def stated_limits(told: Mapping[str, Json]) -> Limits:
    """As a document states them; what is no number, or below 0, is passed over."""

    def seconds(name: str) -> float:
        number = as_number(told.get(name))
        return max(number, 0.0) if number is not None else 0.0

    return Limits(
        max_seconds=seconds("max_seconds") or None,
        min_seconds=seconds("min_seconds"),
        prefer_seconds=seconds("prefer_seconds"),
        grid_seconds=seconds("grid_seconds"),
        min_context_seconds=seconds("min_context_seconds"),
        min_mask_seconds=seconds("min_mask_seconds"),
        max_mask_seconds=seconds("max_mask_seconds") or None,
    )


def limits_of(stated: Limits, fields: Sequence[Field], roles: Roles) -> Limits:
    """As stated; else by the ends of the fields that count the clip's time, by the source's own, and by their words."""
    longest = [] if stated.max_seconds is None else [stated.max_seconds]
    for role in (Role.MASK_END, Role.DURATION):
        timed = _time(fields, roles, role)
        if timed is not None and timed.most is not None:
            longest.append(timed.most)
    shortest = stated.min_seconds
    source = field_at(fields, roles[Role.SOURCE]) if Role.SOURCE in roles else None
    if isinstance(source, FileField):
        least, most = _file(source)
        longest += [most] if most is not None and stated.max_seconds is None else []
        shortest = shortest or least
    ceiling = min(longest, default=None)
    least_mask, most_mask = _mask(fields, roles)
    return Limits(
        max_seconds=ceiling,
        min_seconds=shortest if ceiling is None else min(shortest, ceiling),
        prefer_seconds=stated.prefer_seconds,
        grid_seconds=stated.grid_seconds,
        min_context_seconds=stated.min_context_seconds,
        min_mask_seconds=stated.min_mask_seconds or least_mask,
        max_mask_seconds=stated.max_mask_seconds or most_mask,
    )


def _file(source: FileField) -> tuple[float, float | None]:
    """The least and the greatest length of the source: by keywords, else in words."""
    least, most = source.min_seconds, source.max_seconds
    if (said := _said(_RANGE_WORDS, source.description)) is not None and said[0] < said[1]:
        least, most = least or said[0], most or said[1]
    if not most and (said := _said(_LONGEST_WORDS, source.description)) is not None:
        most = said[0]
    if not least and (said := _said(_SHORTEST_WORDS, source.description)) is not None:
        least = said[0]
    return least or 0.0, most or None


def _mask(fields: Sequence[Field], roles: Roles) -> tuple[float, float | None]:
    """The least and the greatest span of a mask: in words, else the least by how far its two fields lie apart."""
    start, end = _time(fields, roles, Role.MASK_START), _time(fields, roles, Role.MASK_END)
    if start is None or end is None or Role.MASK_START_FROM in roles or Role.MASK_END_FROM in roles:
        return 0.0, None
    for path in _upwards(roles[Role.MASK_START], roles[Role.MASK_END]):
        found = field_at(fields, path)
        said = None if found is None else _said(_SPAN_WORDS, found.description)
        if said is not None and said[0] <= said[1]:
            return said[0], said[1]
    if start.most is None or end.most is None:
        return 0.0, None
    # A start of 1 to 9 beside an end of 2 to 10: neither can be had unless the two are 1 apart.
    return max(min(end.least - start.least, end.most - start.most), 0.0), None


def _upwards(*paths: str) -> list[str]:
    """These paths, then the objects that they lie in."""
    parents = [path.rpartition(".")[0].removesuffix("[]") for path in paths]
    return [*paths, *(each for each in dict.fromkeys(parents) if each)]


def _time(fields: Sequence[Field], roles: Roles, role: Role) -> TimeUnit | None:
    found = field_at(fields, roles[role]) if role in roles else None
    return TimeUnit.of(found) if isinstance(found, NumberField) else None


def _said(words: re.Pattern[str], description: str) -> tuple[float, ...] | None:
    """The numbers of the first sentence that has these words and is no mere advice."""
    for sentence in re.split(r"(?<!min)(?<!max)[.;!?](?:\s|$)|\n", description.lower()):
        found = words.search(sentence)
        if found is not None and _ADVICE.search(sentence) is None:
            return tuple(float(each) for each in found.groups())
    return None
