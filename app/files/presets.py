"""Presets of each endpoint's panel, and the words that were asked with lately: one file of JSON for the user.

Every change reads the file anew before it writes: two windows do not take each other's presets away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, cast

from pydantic import JsonValue, StringConstraints, TypeAdapter, ValidationError

from app import paths
from app.endpoints.fields import Json
from app.errors import FieldError, UnwritableFile
from app.files import atomic
from app.files.sentences import shown, unwritable

RECENT: Final = 50
NAME: Final = 80
_LONGEST: Final = 20_000
_MAX: Final = 16 << 20

Values = dict[str, Json]

_name = TypeAdapter(Annotated[str, StringConstraints(min_length=1, max_length=NAME)])
_values = TypeAdapter(dict[str, JsonValue])
_text = TypeAdapter(Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)])


@dataclass(frozen=True, slots=True)
class Presets:
    """`named`: endpoint -> name -> values, as they were saved; `recent`: role -> texts, the newest first.

    Immutable: every change gives a new one. `notes` are sentences about what could not be read.
    """

    named: Mapping[str, Mapping[str, Values]] = field(default_factory=dict[str, dict[str, Values]])
    recent: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[str, ...] = ()

    def of(self, endpoint: str) -> Mapping[str, Values]:
        """The presets of an endpoint, by name."""
        return self.named.get(endpoint, {})

    def texts(self, role: str) -> tuple[str, ...]:
        """What was asked with lately in fields of that role, the newest first."""
        return self.recent.get(role, ())

    def with_preset(self, endpoint: str, name: str, values: Mapping[str, Json]) -> Presets:
        """With that preset, in place of one of the same name. FieldError for a name that is none."""
        return self._with(endpoint, {**self.of(endpoint), checked_name(name): dict(values)})

    def without(self, endpoint: str, name: str) -> Presets:
        """Without that preset, if it is there."""
        return self._with(endpoint, {each: values for each, values in self.of(endpoint).items() if each != name})

    def renamed(self, endpoint: str, name: str, new: str) -> Presets:
        """With another name for that preset, in the same place; one that had the name gives way."""
        new = checked_name(new)
        rest = {each: values for each, values in self.of(endpoint).items() if each == name or each != new}
        return self._with(endpoint, {new if each == name else each: values for each, values in rest.items()})

    def with_text(self, role: str, text: str) -> Presets:
        """With that text as the newest of its role; blank ones, and ones as long as a book, are not kept."""
        kept = text.strip().encode("utf-8", "replace").decode()
        if not kept or len(kept) > _LONGEST:
            return self
        texts = (kept, *(each for each in self.texts(role) if each != kept))[:RECENT]
        return replace(self, recent={**self.recent, role: texts})

    def _with(self, endpoint: str, presets: Mapping[str, Values]) -> Presets:
        named = {each: rest for each, rest in self.named.items() if each != endpoint}
        return replace(self, named={**named, endpoint: presets} if presets else named)


def checked_name(name: str) -> str:
    """A preset's name as it is kept; FieldError where it is empty or as long as a sentence."""
    kept = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if not kept:
        raise FieldError("name", "A preset needs a name.")
    if len(kept) > NAME:
        raise FieldError("name", f"A preset's name has at most {NAME} letters.")
    return kept


def presets_path() -> Path:
    """Where they lie."""
    return paths.data_dir() / "presets.json"


def load_presets() -> Presets:
    """What is on the disk. Never raises: a damaged file is set aside, and what fits in it is kept."""
    try:
        return _read()
    except OSError as error:
        return Presets(notes=(f"The presets could not be read: {(error.strerror or 'unknown reason').lower()}.",))


def change_presets(change: Callable[[Presets], Presets]) -> Presets:
    """Apply a change to what is on the disk, and write it, whole or not at all. UnwritableFile where that fails."""
    try:
        now = change(_read())
    except OSError as error:  # what cannot be read now is not to be written over
        raise unwritable(presets_path(), error) from error
    _write(now)
    return replace(now, notes=())


def _read() -> Presets:
    """What is on the disk; OSError where it is there and cannot be read."""
    path = presets_path()
    try:
        if path.stat().st_size > _MAX:
            raise ValueError("larger than any presets")
        found = json.loads(path.read_text("utf-8"), parse_constant=_refuse)
    except FileNotFoundError:
        return Presets()
    except (ValueError, RecursionError):
        return Presets(notes=(_set_aside(path),))
    kept, whole = _fitting(found)
    if whole:
        return kept
    kept = replace(kept, notes=(_set_aside(path),))
    with suppress(UnwritableFile):
        _write(kept)
    return kept


def _write(presets: Presets) -> None:
    path = presets_path()
    told = {
        "presets": {endpoint: dict(named) for endpoint, named in presets.named.items()},
        "recent": {role: list(texts) for role, texts in presets.recent.items()},
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    atomic.write_bytes(path, json.dumps(told, indent=1).encode())


def _fitting(found: object) -> tuple[Presets, bool]:
    """What of a file's content is as it should be, and whether all of it is."""
    top = cast(dict[str, object], found) if isinstance(found, dict) else {}
    whole = isinstance(found, dict)
    named: dict[str, dict[str, Values]] = {}
    recent: dict[str, tuple[str, ...]] = {}
    for endpoint, presets in _entries(top.get("presets", {})):
        kept: dict[str, Values] = {}
        for name, values in _entries(presets):
            try:
                kept[_name.validate_python(name)] = cast(Values, _values.validate_python(values))
            except ValidationError:
                whole = False
        if kept:
            named[endpoint] = kept
        whole &= isinstance(presets, dict)
    for role, texts in _entries(top.get("recent", {})):
        listed = cast(list[object], texts) if isinstance(texts, list) else []
        good = [each for each in listed if isinstance(each, str) and _is_text(each)]
        recent[role] = tuple(dict.fromkeys(good))[:RECENT]
        whole &= isinstance(texts, list) and len(good) == len(listed)
    whole &= isinstance(top.get("presets", {}), dict) and isinstance(top.get("recent", {}), dict)
    return Presets(named, recent), whole


def _entries(found: object) -> list[tuple[str, object]]:
    return list(cast(dict[str, object], found).items()) if isinstance(found, dict) else []


def _is_text(found: str) -> bool:
    try:
        _text.validate_python(found)
    except ValidationError:
        return False
    return True


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _set_aside(path: Path) -> str:
    aside = path.with_name("presets-damaged.json")
    try:
        atomic.replace(path, aside)
    except OSError:
        return "The file of presets is damaged; what does not fit in it was not used."
    return f"The file of presets was damaged; it was set aside as {shown(aside)}, and what fits in it is kept."
