"""Endpoints on the command line: as lines that fit the terminal, and as JSON for programs."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from app.endpoints.catalogue import Catalogue, Endpoint
from app.endpoints.fields import (
    ArrayField,
    ChoiceField,
    Field,
    FileField,
    Json,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
    Unset,
)
from app.endpoints.roles import walk
from app.endpoints.words import unreadable
from app.session.connections import LOCAL
from app.session.library_applied import Key, key_of
from app.session.library_words import KINDS, limits_words, price_words

WIDTH = 100
_ROLE = 18


def catalogue_lines(catalogue: Catalogue, marks: Mapping[Key, str]) -> list[str]:
    """By kind of work: id, longest clip, price and connection in columns; below it the title and the user's mark."""
    rows = {key_of(each): (each.id, _longest(each), _cost(each), each.connection) for each in catalogue}
    widths = [max((len(row[column]) for row in rows.values()), default=0) for column in range(4)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 6)
    lines: list[str] = []
    for kind, heading in KINDS.items():
        found = sorted((each for each in catalogue if each.kind is kind), key=lambda each: (each.connection, each.id))
        if found:
            lines += ([""] if lines else []) + [heading]
        for each in found:
            name, *facts = rows[key_of(each)]
            columns = "  ".join(f"{fact:{width}}" for fact, width in zip(facts, widths[1:], strict=True)).rstrip()
            if len(name) > widths[0]:
                lines.append(name)
                name = ""
            lines.append(f"{name:{widths[0]}}  {columns}")
            mark = marks.get(key_of(each), "")
            lines += _wrapped(" · ".join(part for part in (each.title, mark) if part), "    ")
    return lines


def _longest(endpoint: Endpoint) -> str:
    most = endpoint.limits.max_seconds
    return "" if most is None else f"up to {most:g} s"


def _cost(endpoint: Endpoint) -> str:
    if endpoint.price is None:
        return "free" if endpoint.connection == LOCAL else ""
    if not endpoint.price.amount:
        return "free"
    return f"${endpoint.price.amount:g}/{endpoint.price.per}"


def endpoint_lines(endpoint: Endpoint) -> list[str]:
    """All that is known of one: what it does, its limits and price, its fields and their roles, what was not read."""
    lines = [*_wrapped(f"{endpoint.id}: {endpoint.title}", ""), *_wrapped(endpoint.description, ""), ""]
    facts = (KINDS[endpoint.kind], limits_words(endpoint), price_words(endpoint), f"at {endpoint.connection}")
    lines += [*_wrapped(" · ".join(fact for fact in facts if fact), ""), ""]
    roles = {path: f"[{role.value}]" for role, path in endpoint.roles.items()}
    every = list(walk(endpoint.fields))
    names = min(max((len(path) for path, _ in every), default=0), 36)
    for path, field in every:
        head = f"{'*' if field.required else ' '} {path:{names}} {type_of(field):8} "
        head += f"{roles.get(path, ''):{_ROLE}}" if roles else ""
        first, *more = _wrapped(_takes(field), " " * len(head)) or [""]
        lines.append((head + first.strip()).rstrip())
        lines += more
        lines += _wrapped(field.description, "      ")
    if outputs := ", ".join(each.name for each in endpoint.outputs):
        lines += ["", *_wrapped(f"Answers with: {outputs}", "")]
    if notes := unreadable(endpoint):
        lines += ["", "Could not be read:", *(line for note in notes for line in _wrapped(note, "  "))]
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    words = " ".join(text.split())
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)


def type_of(field: Field) -> str:
    """What kind of field it is, in a word."""
    return type(field).__name__.removesuffix("Field").lower()


def _takes(field: Field) -> str:
    """Limits, choices and default of a field, in words."""
    limits = _limits(field)
    parts: list[str] = []
    for low, high, unit in _SPANS:
        if low in limits or high in limits:
            parts.append(f"{_number(limits.pop(low, None))}…{_number(limits.pop(high, None))}{unit}")
    for name, value in limits.items():
        if isinstance(value, list):
            parts.append(" | ".join(str(each) for each in value))
        elif name in ("media", "reason") or value is True:
            parts.append(name if value is True else str(value))
        else:
            parts.append(f"{name.replace('_', ' ')} {_number(value)}")
    if not isinstance(field.default, Unset) and field.default not in (None, "", [], {}):
        parts.append(f"default {json.dumps(field.default, ensure_ascii=False)}")
    return ", ".join(part for part in parts if part)


_SPANS = (
    ("minimum", "maximum", ""),
    ("min_length", "max_length", " characters"),
    ("min_items", "max_items", " entries"),
)


def _number(value: Json) -> str:
    return f"{value:.15g}" if isinstance(value, int | float) else ""


# -- for programs ------------------------------------------------------------------------------------------------------


def catalogue_json(catalogue: Iterable[Endpoint], marks: Mapping[Key, str]) -> list[Json]:
    """The list for programs."""
    return [{**_summary(each), "mark": marks.get(key_of(each), "")} for each in catalogue]


def endpoint_json(endpoint: Endpoint) -> dict[str, Json]:
    """One endpoint for programs: fields and roles as read, nested fields inside theirs."""
    roles = {path: role.value for role, path in endpoint.roles.items()}
    return {
        **_summary(endpoint),
        "description": endpoint.description,
        "category": endpoint.category,
        "roles": {role.value: path for role, path in endpoint.roles.items()},
        "fields": _fields(endpoint.fields, "", roles),
        "outputs": [each.name for each in endpoint.outputs],
        "unreadable": list(unreadable(endpoint)),
    }


def _summary(endpoint: Endpoint) -> dict[str, Json]:
    price = endpoint.price
    limits: dict[str, Json] = {name: value for name, value in asdict(endpoint.limits).items() if value}
    return {
        "id": endpoint.id,
        "title": endpoint.title,
        "kind": endpoint.kind.value,
        "connection": endpoint.connection,
        "limits": limits,
        "price": {"amount": price.amount, "per": price.per, "as_of": price.as_of} if price is not None else None,
    }


def _fields(fields: Sequence[Field], prefix: str, roles: dict[str, str]) -> list[Json]:
    return [_field(each, prefix + each.name, roles) for each in fields]


def _field(field: Field, path: str, roles: dict[str, str]) -> dict[str, Json]:
    told: dict[str, Json] = {
        "name": field.name,
        "path": path,
        "type": type_of(field),
        "required": field.required,
        "role": roles.get(path),
        "description": field.description,
        **({"title": field.title} if field.title else {}),
        **({"nullable": True} if field.nullable else {}),
        **({"deprecated": True} if field.deprecated else {}),
        **_limits(field),
    }
    if not isinstance(field.default, Unset):
        told["default"] = field.default
    if field.examples:
        told["examples"] = list(field.examples)
    if isinstance(field, ObjectField):
        told["fields"] = _fields(field.fields, f"{path}.", roles)
    if isinstance(field, ArrayField):
        told["item"] = _field(field.item, f"{path}[]", roles)
    return told


def _limits(field: Field) -> dict[str, Json]:
    """What the schema allows, by its own words; what it says nothing of is left out."""
    found: dict[str, Json] = {}
    if isinstance(field, NumberField):
        found = {
            "integer": field.integer or None,
            "minimum": field.minimum,
            "maximum": field.maximum,
            "exclusive_minimum": field.exclusive_minimum,
            "exclusive_maximum": field.exclusive_maximum,
            "multiple_of": field.multiple_of,
        }
    elif isinstance(field, TextField):
        found = {"min_length": field.min_length, "max_length": field.max_length}
    elif isinstance(field, ChoiceField):
        found = {"choices": list(field.choices)}
    elif isinstance(field, FileField):
        found = {"media": field.media, "max_bytes": field.max_bytes, "max_length": field.max_length}
    elif isinstance(field, ArrayField):
        found = {"min_items": field.min_items, "max_items": field.max_items, "unique": field.unique or None}
    elif isinstance(field, JsonField):
        found = {"reason": field.reason or None}
    return {name: value for name, value in found.items() if value is not None}
