"""Paths: where in a request a value belongs: "audio_url", "segment.start_s", "audio_urls[0]", "loras[1].path"."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from app.endpoints.fields import Json

_STEP: Final = re.compile(r"(?P<name>[^\[\]]*)(?:\[(?P<index>\d{0,4})\])?")


def put_at(values: Mapping[str, Json], path: str, value: Json) -> dict[str, Json]:
    """A copy with the value at a path; objects and lists on the way are made where they are missing.

    `name[2]` is the third entry of a list, `name[]` its first; an index beyond the end adds one entry.
    """
    head, _, rest = path.partition(".")
    found = _STEP.fullmatch(head)
    name, index = (found["name"], found["index"]) if found else (head, None)
    result = dict(values)
    if index is None:
        result[name] = _below(result.get(name), rest, value)
        return result
    listed = result.get(name)
    entries = list(listed) if isinstance(listed, list) else []
    place = min(int(index or 0), len(entries))
    entries[place : place + 1] = [_below(entries[place] if place < len(entries) else None, rest, value)]
    result[name] = entries
    return result


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths sorted so that the entries of a list come by their numbers, the tenth after the second."""
    return sorted(paths, key=lambda path: [(part.isdigit(), part.zfill(4)) for part in re.split(r"(\d+)", path)])


def _below(node: Json, rest: str, value: Json) -> Json:
    if not rest:
        return value
    return put_at(node if isinstance(node, dict) else {}, rest, value)
