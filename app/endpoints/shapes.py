"""One property schema of an OpenAPI document -> one Field; what cannot be read becomes a JsonField that says why.

The documents are foreign and may be hostile: depth, number of fields, choices and text are capped, references are
followed only inside the document and never in circles, and `pattern` is never evaluated.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

from app.endpoints.fields import (
    ArrayField,
    BooleanField,
    ChoiceField,
    Field,
    FileField,
    Json,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
    same,
)
from app.endpoints.hints import EDITORS, RESULTS, description_of, editor_of, media_of, names_a_file
from app.endpoints.values import as_count, as_list, as_number, as_object, as_text
from app.errors import FieldError

MAX_DEPTH: Final = 16
MAX_PROPERTIES: Final = 300
MAX_CHOICES: Final = 500
MAX_FIELDS: Final = 3000  # over a whole document: ten references to ten references … stay cheap
_MAX_EXAMPLES: Final = 8

_NAMES = {"string": "text", "integer": "a number", "number": "a number", "boolean": "yes or no", "array": "a list"}
_NARROWING = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("min", "max", "ge", "gt", "le", "lt"),
)


class UnknownShape(Exception):
    """Why a schema cannot be read as any known field; becomes the reason of a JsonField.

    `branches` are the schemas of which a value has to fit one; `shape` is what it has to be in any case, but for
    null where it is `nullable`.
    """

    def __init__(
        self,
        reason: str,
        branches: Sequence[dict[str, Json]] = (),
        shape: type[list[Json]] | type[dict[str, Json]] | None = None,
    ) -> None:
        super().__init__(reason)
        self.branches = branches
        self.shape = shape
        self.nullable = False


class _Common(TypedDict):
    """What every field is built from."""

    name: str
    title: str
    description: str
    required: bool
    nullable: bool
    examples: tuple[Json, ...]
    deprecated: bool


def ordered(schema: dict[str, Json]) -> list[str]:
    """Property names in the order of x-fal-order-properties, then those that it does not list."""
    properties = as_object(schema.get("properties"))
    wanted = [each for each in as_list(schema.get("x-fal-order-properties")) if isinstance(each, str)]
    return list(dict.fromkeys([*(each for each in wanted if each in properties), *properties]))


@dataclass(slots=True)
class ShapeReader:
    """Reads the schemas of one document; `notes` gathers what was left out, in sentences."""

    document: dict[str, Json]
    outputs: bool = False
    notes: list[str] = field(default_factory=list[str])
    _read: int = 0

    def fields(self, schema: dict[str, Json], depth: int, trail: frozenset[str]) -> tuple[Field, ...]:
        """The fields of an object schema, in order; a required name that is not described becomes a JsonField."""
        properties = as_object(schema.get("properties"))
        if len(properties) > MAX_PROPERTIES:
            raise UnknownShape(f"has {len(properties)} entries, more than the {MAX_PROPERTIES} that are read")
        required = {each for each in as_list(schema.get("required")) if isinstance(each, str)}
        found = [self.field(name, properties[name], name in required, depth, trail) for name in ordered(schema)]
        missing = sorted(required - properties.keys())[:MAX_PROPERTIES]
        found += [JsonField(name=name, required=True, reason="is required but not described") for name in missing]
        return tuple(found)

    def field(self, name: str, schema: Json, required: bool, depth: int, trail: frozenset[str]) -> Field:
        """One field, whatever the schema looks like."""
        self._read += 1
        outer = as_object(schema)
        plain, nullable = outer, False
        try:
            if depth > MAX_DEPTH:
                raise UnknownShape("is nested too deeply")
            if self._read > MAX_FIELDS:
                raise UnknownShape(f"comes after the {MAX_FIELDS} fields that are read")
            if not outer:
                raise UnknownShape("is not described")
            plain, nullable, trail = self.settle(outer, trail)
            made = self._make(plain, self._common(name, plain, required, nullable), depth, trail)
        except UnknownShape as unknown:
            nullable = nullable or unknown.nullable
            made = self._unknown(unknown, schema, self._common(name, plain, required, nullable), depth, trail)
        return self._with_default(made, plain)

    def _unknown(
        self, unknown: UnknownShape, schema: Json, common: _Common, depth: int, trail: frozenset[str]
    ) -> Field:
        """A JsonField; in a result, what bears a sound's name is taken for one, since results are walked anyway."""
        if self.outputs and RESULTS.fullmatch(common["name"].lower()):
            return FileField(**common, media="audio")
        options: tuple[Field, ...] = ()
        if depth < MAX_DEPTH:
            options = tuple(self.field(common["name"], each, False, depth + 1, trail) for each in unknown.branches)
        return JsonField(**common, reason=str(unknown), schema=schema, options=options, shape=unknown.shape)

    def _common(self, name: str, plain: dict[str, Json], required: bool, nullable: bool) -> _Common:
        single = plain.get("example")
        examples = as_list(plain.get("examples")) or ([] if single is None else [single])
        return {
            "name": name,
            "title": as_text(plain.get("title"), 200),
            "description": description_of(plain),
            "required": required,
            "nullable": nullable,
            "examples": tuple(examples[:_MAX_EXAMPLES]),
            "deprecated": plain.get("deprecated") is True,
        }

    def _with_default(self, made: Field, plain: dict[str, Json]) -> Field:
        default = plain.get("default", plain.get("const"))
        if default is None:
            return replace(made, default=None) if "default" in plain and made.nullable else made
        try:
            return replace(made, default=replace(made, required=False).check(default))
        except FieldError as error:
            self.notes.append(f"The default of {made.name} does not fit its own limits and was left out: {error}")
            return made

    # -- references and combinations -----------------------------------------------------------------------------

    def settle(self, schema: dict[str, Json], trail: frozenset[str]) -> tuple[dict[str, Json], bool, frozenset[str]]:
        """References, combinations and null taken away: (plain schema, nullable, references followed)."""
        plain, nullable = schema, False
        try:
            for _ in range(MAX_DEPTH):
                nullable = nullable or plain.get("nullable") is True
                settled = self._step(plain, trail)
                if settled is None:
                    return plain, nullable, trail
                plain, null, trail = settled
                nullable = nullable or null
        except UnknownShape as unknown:
            unknown.nullable = unknown.nullable or nullable
            raise
        raise UnknownShape("is nested too deeply")

    def _step(
        self, plain: dict[str, Json], trail: frozenset[str]
    ) -> tuple[dict[str, Json], bool, frozenset[str]] | None:
        """One reference or combination less, or None where there is none; and whether null went with it."""
        kinds = plain.get("type")
        if "$ref" in plain:
            reference = plain["$ref"]
            target = self._resolve(reference, trail)
            return _inherit(target, _without(plain, "$ref")), False, trail | {str(reference)}
        if "allOf" in plain:
            return self._all_of(plain, trail)
        if "anyOf" in plain or "oneOf" in plain:
            return self._any_of(plain, "anyOf" if "anyOf" in plain else "oneOf", trail)
        if isinstance(kinds, list):
            named = [each for each in kinds if each != "null"]
            rest = _without(plain, "type")
            rest["type" if len(named) == 1 else "anyOf"] = named[0] if len(named) == 1 else _branches(named, rest)
            return rest, len(named) < len(kinds), trail
        return None

    def _any_of(
        self, plain: dict[str, Json], word: str, trail: frozenset[str]
    ) -> tuple[dict[str, Json], bool, frozenset[str]]:
        live = [as_object(each) for each in as_list(plain[word]) if not _is_null(each)]
        null = len(live) < len(as_list(plain[word]))
        if not live:
            raise UnknownShape("allows no value")
        rest = _without(plain, word)
        if len(live) == 1:
            return _inherit(live[0], rest), null, trail
        try:
            union, inner = self._union(live, trail)
        except UnknownShape as unknown:
            unknown.nullable = unknown.nullable or null
            raise
        return _inherit(union, rest), null or inner, trail

    def _resolve(self, reference: Json, trail: frozenset[str]) -> dict[str, Json]:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise UnknownShape("refers to something outside its document")
        if reference in trail:
            raise UnknownShape("contains itself")
        found: Json = self.document
        for step in reference[2:].split("/"):
            found = as_object(found).get(step.replace("~1", "/").replace("~0", "~"))
        if not isinstance(found, dict):
            raise UnknownShape(f"refers to {reference.rsplit('/', 1)[-1][:80]}, which the document does not contain")
        return found

    def _all_of(self, schema: dict[str, Json], trail: frozenset[str]) -> tuple[dict[str, Json], bool, frozenset[str]]:
        merged: dict[str, Json] = {}
        parts = as_list(schema["allOf"])[:MAX_DEPTH]
        null = bool(parts)
        for each in parts:
            part, optional, trail = self.settle(as_object(each), trail)
            null = null and optional
            for key, value in part.items():
                if key in ("properties", "required") and key in merged:
                    old = merged[key]
                    if isinstance(old, dict) and isinstance(value, dict):
                        merged[key] = {**old, **value}
                    else:
                        merged[key] = [*as_list(old), *as_list(value)]
                elif key in merged and merged[key] != value and key not in ("title", "description"):
                    raise UnknownShape("combines rules that do not go together")
                else:
                    merged[key] = value
        rest = _without(schema, "allOf")
        return _inherit(merged, rest), null, trail

    def _union(self, live: list[dict[str, Json]], trail: frozenset[str]) -> tuple[dict[str, Json], bool]:
        settled = [self.settle(each, trail)[:2] for each in live[:MAX_CHOICES]]
        nullable = any(null for _, null in settled)
        plains = [plain for plain, _ in settled]
        choices = [_choices(plain) for plain in plains]
        if all(choices):
            merged: list[Json] = []
            for each in (value for some in choices for value in some):
                if not any(same(each, known) for known in merged):
                    merged.append(each)
                if len(merged) > MAX_CHOICES:
                    break
            return {"enum": merged}, nullable
        kinds = {_kind(plain) for plain in plains}
        free = [plain for plain, some in zip(plains, choices, strict=True) if not some]
        alike = all(_rules(each) == _rules(free[0]) for each in free[1:])
        if kinds == {"string"} and not any(_rules(each) for each in free):
            return {"type": "string", "examples": [value for some in choices for value in some]}, nullable
        if kinds <= {"integer", "number"} and not any(choices) and alike:
            return {**plains[0], "type": "number" if "number" in kinds else "integer"}, nullable
        words = ", ".join(sorted({_NAMES.get(kind, "an object") for kind in kinds}))
        raise UnknownShape(f"takes more than one shape ({words})", live)

    # -- kinds ---------------------------------------------------------------------------------------------------

    def _make(self, plain: dict[str, Json], common: _Common, depth: int, trail: frozenset[str]) -> Field:
        if "const" in plain or "enum" in plain:
            return _choice(plain, common)
        kind = _kind(plain)
        if kind == "string":
            return self._text_or_file(plain, common)
        if kind in ("integer", "number"):
            return _number(plain, common, kind == "integer")
        if kind == "boolean":
            return BooleanField(**common)
        if kind == "array":
            if "prefixItems" in plain or isinstance(plain.get("items"), list):
                raise UnknownShape("is a list whose places differ", shape=list)
            item = self.field(common["name"], plain.get("items"), False, depth + 1, trail)
            return ArrayField(
                **common,
                item=item,
                min_items=as_count(plain.get("minItems")),
                max_items=as_count(plain.get("maxItems")),
                unique=plain.get("uniqueItems") is True,
            )
        if kind == "object":
            return self._object(plain, common, depth, trail)
        raise UnknownShape("does not say what kind of value it is")

    def _object(self, plain: dict[str, Json], common: _Common, depth: int, trail: frozenset[str]) -> Field:
        properties = as_object(plain.get("properties"))
        if self.outputs and "url" in properties:
            return FileField(**common, media=media_of(common["name"], editor_of(plain), common["description"]))
        if not properties:
            raise UnknownShape("is an object with names of its own", shape=dict)
        return ObjectField(**common, fields=self.fields(plain, depth + 1, trail))

    def _text_or_file(self, plain: dict[str, Json], common: _Common) -> Field:
        name, ui = common["name"].lower(), editor_of(plain)
        told = {**plain, **as_object(plain.get("x-fal"))}
        size = as_count(told.get("max_file_size"))
        result = self.outputs and RESULTS.fullmatch(name) is not None
        if size is not None or ui in EDITORS or result or names_a_file(name, plain, common["description"]):
            return FileField(
                **common,
                media=media_of(name, ui, common["description"]),
                max_bytes=size,
                max_length=as_count(plain.get("maxLength")),
                max_seconds=as_number(told.get("max_duration")),
                min_seconds=as_number(told.get("min_duration")),
            )
        longest = as_count(plain.get("maxLength"))
        multiline = (
            re.search(r"prompt|lyric|caption|descri|instruction|\btext", name) is not None
            or (longest is not None and longest > 200)
            or ui == "textarea"
        )
        return TextField(**common, min_length=as_count(plain.get("minLength")), max_length=longest, multiline=multiline)


def _without(schema: dict[str, Json], *keys: str) -> dict[str, Json]:
    return {key: value for key, value in schema.items() if key not in keys}


def _inherit(target: dict[str, Json], outer: dict[str, Json]) -> dict[str, Json]:
    """What stands beside a reference wins; a target's title is the name of its class, not a label."""
    return {**_without(target, "title"), **outer}


def _branches(kinds: Iterable[Json], rest: dict[str, Json]) -> list[Json]:
    limits = _without(rest, "title", "description", "default", "examples", "nullable")
    return [{**limits, "type": kind} for kind in kinds]


def _is_null(schema: Json) -> bool:
    plain = as_object(schema)
    return plain.get("type") == "null" or plain.get("enum") == [None] or ("const" in plain and plain["const"] is None)


def _rules(plain: dict[str, Json]) -> dict[str, Json]:
    """What narrows a plain schema further than its type does."""
    return {key: value for key, value in plain.items() if key in _NARROWING}


def _choices(plain: dict[str, Json]) -> list[Json]:
    if "const" in plain:
        return [plain["const"]]
    return as_list(plain.get("enum"))


def _kind(plain: dict[str, Json]) -> str:
    """The type as told, or as the other words give it away."""
    told = plain.get("type")
    if isinstance(told, str):
        return told
    if "properties" in plain:
        return "object"
    if "items" in plain or "prefixItems" in plain:
        return "array"
    values = _choices(plain)
    return "string" if values and all(isinstance(each, str) for each in values) else ""


def _choice(plain: dict[str, Json], common: _Common) -> Field:
    values = _choices(plain)
    choices = tuple(each for each in values if each is not None)
    if len(choices) > MAX_CHOICES:
        raise UnknownShape(f"has {len(choices)} choices, more than the {MAX_CHOICES} that are read")
    if not choices or any(isinstance(each, list | dict) for each in choices):
        raise UnknownShape("has choices that are no plain values")
    common["nullable"] = common["nullable"] or len(choices) < len(values)
    return ChoiceField(**common, choices=choices)


def _limit(plain: dict[str, Json], *words: str) -> float | None:
    """The first of these words that holds a number; `min`, `ge` … stand in some documents for JSON Schema's own."""
    return next((number for word in words if (number := as_number(plain.get(word))) is not None), None)


def _number(plain: dict[str, Json], common: _Common, integer: bool) -> Field:
    low, high = _limit(plain, "minimum", "min", "ge"), _limit(plain, "maximum", "max", "le")
    above, below = _limit(plain, "exclusiveMinimum", "gt"), _limit(plain, "exclusiveMaximum", "lt")
    # OpenAPI 3.0 wrote exclusive limits as true beside the limit itself.
    if plain.get("exclusiveMinimum") is True:
        low, above = None, low
    if plain.get("exclusiveMaximum") is True:
        high, below = None, high
    multiple, step = _limit(plain, "multipleOf"), _limit(plain, "step")
    return NumberField(
        **common,
        integer=integer,
        minimum=low,
        maximum=high,
        exclusive_minimum=above,
        exclusive_maximum=below,
        multiple_of=multiple if multiple is not None and multiple > 0 else None,
        step=step if step is not None and step > 0 else None,
    )
