"""What of one endpoint's panel goes along to another's: by what it means, then by its name.

A value that nobody touched stays behind: eight steps are right for one model, and fifty for the next.
"""

import re
from collections.abc import Mapping
from typing import Final

from app.endpoints.binding import defaults, editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import ArrayField, Field, FileField, Json, TextField, same
from app.endpoints.roles import BOUND, Role, field_at, value_at, with_value
from app.errors import FieldError

_WORDS: Final = (Role.PROMPT, Role.TAGS)  # where an endpoint has only one of them, it takes the other's words


def carried(old: Endpoint, values: Mapping[str, Json], new: Endpoint) -> dict[str, Json]:
    """Those of the old panel's values that the new endpoint takes, under its own names; the rest is for its defaults.

    First by role (a strength stays a strength whatever it is called), then what has the same name and the same kind.
    A kept seed goes along; none is kept where none was.
    """
    resting = defaults(old)
    shown = {each.name: each for each in editable(new).all()}
    found: dict[str, Json] = {}
    taken: set[str] = set()
    for source, target in _pairs(old, new):
        taken.add(source.split(".")[0])
        value, field = value_at(values, source), field_at(new.fields, target)
        if value is None or field is None or target.split(".")[0] not in shown:
            continue
        if same(value, value_at(resting, source)):
            continue
        fitting = _fitting(field, value)
        if fitting is not None:
            found = with_value(found, target, fitting)
    mine = {each.name: each for each in editable(old).all()}
    for name, value in values.items():
        here, there = mine.get(name), shown.get(name)
        if name in taken or name in found or here is None or there is None or type(here) is not type(there):
            continue
        if value is not None and not same(value, resting.get(name)):
            fitting = _fitting(there, value)
            if fitting is not None:
                found[name] = fitting
    return found


def with_carried(endpoint: Endpoint, values: Mapping[str, Json], came: Mapping[str, Json]) -> dict[str, Json]:
    """A panel's values with what came along: words always, the rest only where nothing but the default stands."""
    words = {endpoint.roles[role] for role in _WORDS if role in endpoint.roles}
    resting = defaults(endpoint)
    merged = dict(values)
    for name, value in came.items():
        if name in words or merged.get(name, resting.get(name)) == resting.get(name):
            merged[name] = value
    return merged


def carried_files(old: Endpoint, attachments: Mapping[str, str], new: Endpoint) -> dict[str, str]:
    """Those of the old panel's files that the new endpoint takes too, by the paths of its own fields."""
    found: dict[str, str] = {}
    renamed = dict(_pairs(old, new))
    for path, file in attachments.items():
        here = _field_of(old, path)
        target = renamed.get(path, path)
        there = _field_of(new, target)
        if isinstance(here, FileField) and isinstance(there, FileField) and here.media == there.media:
            found[target] = file
    shown = {each.name for each in editable(new).all()}
    return {path: file for path, file in found.items() if re.split(r"[.\[]", path, maxsplit=1)[0] in shown}


def _field_of(endpoint: Endpoint, path: str) -> Field | None:
    """The field at a path with indices: "audio_urls[1]" is an entry of audio_urls."""
    plain = re.sub(r"\[\d*\]", "[]", path)
    found = field_at(endpoint.fields, plain.removesuffix("[]"))
    return found.item if plain.endswith("[]") and isinstance(found, ArrayField) else found


def _pairs(old: Endpoint, new: Endpoint) -> list[tuple[str, str]]:
    """The paths of fields that mean the same in both; those that the waveform fills are no matter of the panel."""
    pairs = [
        (path, new.roles[role])
        for role, path in old.roles.items()
        if role not in BOUND and role in new.roles and "[]" not in path + new.roles[role]
    ]
    mine, theirs = ([role for role in _WORDS if role in each.roles] for each in (old, new))
    if mine and theirs and not set(mine) & set(theirs):
        pairs.append((old.roles[mine[0]], new.roles[theirs[0]]))
    return pairs


def _fitting(field: Field, value: Json) -> Json:
    """The value as this field takes it, None where it does not; words become a list of words and back."""
    if isinstance(field, TextField) and isinstance(value, list):
        value = ", ".join(str(each) for each in value)
    elif isinstance(field, ArrayField) and isinstance(value, str):
        value = [each.strip() for each in value.split(",") if each.strip()]
    try:
        return field.check(value)
    except FieldError:
        return None
