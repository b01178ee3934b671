"""One frozen type per kind of field, in the words of JSON Schema, each able to check a value.

A field knows nothing of widgets and nothing of HTTP. `check` gives the value as it goes out, or raises FieldError.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.errors import FieldError

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class Unset:
    """The absence of a value, where null is a value of its own."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


def same(one: Json, other: Json) -> bool:
    """Equality as JSON has it: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What every field has; `default` is UNSET where the schema gives none."""

    name: str
    title: str = ""
    description: str = ""
    required: bool = False
    nullable: bool = False
    default: Json | Unset = UNSET
    examples: tuple[Json, ...] = ()
    deprecated: bool = False

    @property
    def label(self) -> str:
        """The title, or the name in words."""
        return self.title or self.name.replace("_", " ").strip().capitalize()

    @property
    def optional(self) -> bool:
        """Whether it may be left unset."""
        return self.nullable or not self.required

    def check(self, value: Json) -> Json:
        """The value as it goes out; FieldError where it does not fit."""
        if value is None:
            if self.nullable:
                return None
            raise self.error("needs a value")
        return self._check(value)

    def _check(self, value: Json) -> Json:
        return value

    def error(self, what: str, hint: str = "") -> FieldError:
        """A FieldError whose sentence begins with this field's label."""
        return FieldError(self.name, f"{self.label} {what}.", hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Field):
    """A string; `multiline` is a wish for the editor."""

    min_length: int | None = None
    max_length: int | None = None
    multiline: bool = False

    def _check(self, value: Json) -> Json:
        if not isinstance(value, str):
            raise self.error("must be text")
        if self.required and not value.strip() and self.min_length != 0:
            raise self.error("must not be empty")
        if self.min_length is not None and len(value) < self.min_length:
            raise self.error(f"needs at least {self.min_length} characters; it has {len(value)}")
        if self.max_length is not None and len(value) > self.max_length:
            raise self.error(f"takes at most {self.max_length} characters; it has {len(value)}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(Field):
    """A number, whole where `integer`; limits are inclusive unless the exclusive ones are set; `step` is a wish."""

    integer: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    step: float | None = None

    def _check(self, value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _countable(value):
            raise self.error("must be a number")
        if self.integer:
            if value != int(value):
                raise self.error("must be a whole number")
            value = int(value)
        if self.minimum is not None and value < self.minimum:
            raise self.error(f"must be at least {self.minimum:g}")
        if self.maximum is not None and value > self.maximum:
            raise self.error(f"must be at most {self.maximum:g}")
        if self.exclusive_minimum is not None and value <= self.exclusive_minimum:
            raise self.error(f"must be more than {self.exclusive_minimum:g}")
        if self.exclusive_maximum is not None and value >= self.exclusive_maximum:
            raise self.error(f"must be less than {self.exclusive_maximum:g}")
        if self.multiple_of and not _is_multiple(value, self.multiple_of):
            raise self.error(f"must be a multiple of {self.multiple_of:g}")
        return value


def _countable(value: float) -> bool:
    """Finite, and small enough for a float; JSON allows whole numbers of any length."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_multiple(value: float, step: float) -> bool:
    times = value / step
    return math.isfinite(times) and abs(times - round(times)) <= 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanField(Field):
    """Yes or no."""

    def _check(self, value: Json) -> Json:
        if not isinstance(value, bool):
            raise self.error("must be yes or no")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(Field):
    """One of a list: strings or numbers, in the schema's order; a const is a choice of one."""

    choices: tuple[Json, ...] = ()

    def _check(self, value: Json) -> Json:
        if not any(same(value, each) for each in self.choices):
            raise self.error(f"must be one of {', '.join(str(c) for c in self.choices)}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField(Field):
    """A URL of a file: sound, an archive, or any; `max_bytes` and the seconds of the file, `max_length` of its URL."""

    media: str = "file"
    max_bytes: int | None = None
    max_length: int | None = None
    max_seconds: float | None = None
    min_seconds: float | None = None

    @property
    def label(self) -> str:
        """Without the "url" that its name ends in: a file is chosen, or an address given."""
        said = self.title or self.name.replace("_", " ").strip().capitalize()
        return re.sub(r"(?<=\w) urls?$", "", said, flags=re.IGNORECASE)

    def _check(self, value: Json) -> Json:
        if not isinstance(value, str) or not value.strip():
            raise self.error("needs a file")
        if self.max_length is not None and len(value) > self.max_length:
            raise self.error(f"takes an address of at most {self.max_length} characters")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayField(Field):
    """A list of one kind of item."""

    item: Field
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False

    def _check(self, value: Json) -> Json:
        if not isinstance(value, list):
            raise self.error("must be a list")
        if self.min_items is not None and len(value) < self.min_items:
            raise self.error(f"needs at least {self.min_items} entries")
        if self.max_items is not None and len(value) > self.max_items:
            raise self.error(f"takes at most {self.max_items} entries")
        if self.unique and len({json.dumps(v, sort_keys=True) for v in value}) < len(value):
            raise self.error("must not name the same entry twice")
        return [self.item.check(each) for each in value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectField(Field):
    """A nested object of fields."""

    fields: tuple[Field, ...] = ()

    def _check(self, value: Json) -> Json:
        if not isinstance(value, dict):
            raise self.error("must be an object")
        return check_all(self.fields, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonField(Field):
    """A shape that no other field has: edited as JSON; `reason` says why, `schema` is kept to be shown.

    Where it takes one of several shapes, or must be an object or a list, that is checked all the same.
    """

    reason: str = ""
    schema: Json = None
    options: tuple[Field, ...] = ()
    shape: type[list[Json]] | type[dict[str, Json]] | None = None

    def _check(self, value: Json) -> Json:
        try:
            json.dumps(value, allow_nan=False)
        except ValueError as error:
            raise self.error("is not valid JSON") from error
        if self.shape is not None and not isinstance(value, self.shape):
            raise self.error("must be a list" if self.shape is list else "must be an object")
        for each in self.options:
            try:
                return each.check(value)
            except FieldError:
                continue
        if self.options:
            raise self.error(f"{self.reason}; this is none of them")
        return value


def check_all(fields: Sequence[Field], values: dict[str, Json]) -> dict[str, Json]:
    """Every value checked against its field; unset optional fields stay out; names no field has are kept."""
    known = {each.name: each for each in fields}
    for each in fields:
        if each.required and each.name not in values and isinstance(each.default, Unset):
            raise each.error("needs a value")
    return {name: known[name].check(value) if name in known else value for name, value in values.items()}
