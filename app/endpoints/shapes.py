"""One property schema of an OpenAPI document -> one Field; what cannot be read becomes a JsonField that says why.

The documents are foreign and may be hostile: depth, number of fields, choices and text are capped, references are
followed only inside the document and never in circles, and `pattern` is never evaluated.
"""

import math
import re
from collections.abc import Iterable
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
from app.errors import FieldError

MAX_DEPTH: Final = 16
MAX_PROPERTIES: Final = 300
MAX_CHOICES: Final = 500
MAX_FIELDS: Final = 3000  # over a whole document: ten references to ten references … stay cheap
_MAX_TEXT: Final = 4000
_MAX_EXAMPLES: Final = 8

_NAMES = {"string": "text", "integer": "a number", "number": "a number", "boolean": "yes or no", "array": "a list"}
_NOT_FILES = re.compile(r"(?:.*_)?(?:webhook|callback|proxy|redirect|base|api|page|site|website)_urls?")
_MEDIA = (
    ("weights", re.compile(r"lora|safetensors|checkpoint|weights")),
    ("archive", re.compile(r"zip|archive|dataset|\bdata_url|_data_url|\btar\b")),
    ("data", re.compile(r"config|json|metadata|timings|midi|transcript")),
    ("video", re.compile(r"video|movie")),
    ("image", re.compile(r"image|photo|thumbnail|cover|picture")),
    ("audio", re.compile(r"audio|sound|music|song|voice|speech|vocal|track|impulse_response|stem")),
)


class UnknownShape(Exception):
    """Why a schema cannot be read as any known field; becomes the reason of a JsonField."""


class _Common(TypedDict):
    """What every field is built from."""

    name: str
    title: str
    description: str
    required: bool
    nullable: bool
    examples: tuple[Json, ...]
    deprecated: bool


def as_object(value: Json) -> dict[str, Json]:
    """The object, or an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The list, or an empty one where it is something else."""
    return value if isinstance(value, list) else []


def as_text(value: Json, limit: int = _MAX_TEXT) -> str:
    """The string, cut to a length that can be shown, or an empty one."""
    return value.strip()[:limit] if isinstance(value, str) else ""


def as_number(value: Json) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def as_count(value: Json) -> int | None:
    """A whole number of at least 0, or None."""
    number = as_number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def ordered(schema: dict[str, Json]) -> list[str]:
    """Property names in the order of x-fal-order-properties, then those that it does not list."""
    properties = as_object(schema.get("properties"))
    wanted = [each for each in as_list(schema.get("x-fal-order-properties")) if isinstance(each, str)]
    return list(dict.fromkeys([*(each for each in wanted if each in properties), *properties]))


def media_of(name: str, hint: str, description: str) -> str:
    """What kind of file a URL names: by hint, by its name, then by what is said about it."""
    for text in (hint, name, description):
        for media, words in _MEDIA:
            if words.search(text.lower()):
                # An "audio_data_url" that is described as a zip holds recordings, it is none.
                return "archive" if media == "audio" and re.search(r"\b(zip|archive)\b", description.lower()) else media
    return "file"


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
        except UnknownShape as shape:
            made = JsonField(**self._common(name, plain, required, nullable), reason=str(shape), schema=schema)
        return self._with_default(made, plain)

    def _common(self, name: str, plain: dict[str, Json], required: bool, nullable: bool) -> _Common:
        single = plain.get("example")
        examples = as_list(plain.get("examples")) or ([] if single is None else [single])
        return {
            "name": name,
            "title": as_text(plain.get("title"), 200),
            "description": as_text(plain.get("description")),
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
        for _ in range(MAX_DEPTH):
            nullable = nullable or plain.get("nullable") is True
            kinds = plain.get("type")
            if "$ref" in plain:
                reference = plain["$ref"]
                target = self._resolve(reference, trail)
                trail = trail | {str(reference)}
                plain = _inherit(target, _without(plain, "$ref"))
            elif "allOf" in plain:
                plain, trail = self._all_of(plain, trail)
            elif "anyOf" in plain or "oneOf" in plain:
                word = "anyOf" if "anyOf" in plain else "oneOf"
                live = [as_object(each) for each in as_list(plain[word]) if not _is_null(each)]
                nullable = nullable or len(live) < len(as_list(plain[word]))
                if not live:
                    raise UnknownShape("allows no value")
                rest = _without(plain, word)
                if len(live) == 1:
                    plain = _inherit(live[0], rest)
                else:
                    union, null = self._union(live, trail)
                    plain, nullable = _inherit(union, rest), nullable or null
            elif isinstance(kinds, list):
                named = [each for each in kinds if each != "null"]
                nullable = nullable or len(named) < len(kinds)
                rest = _without(plain, "type")
                rest["type" if len(named) == 1 else "anyOf"] = named[0] if len(named) == 1 else _branches(named, rest)
                plain = rest
            else:
                return plain, nullable, trail
        raise UnknownShape("is nested too deeply")

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

    def _all_of(self, schema: dict[str, Json], trail: frozenset[str]) -> tuple[dict[str, Json], frozenset[str]]:
        merged: dict[str, Json] = {}
        for each in as_list(schema["allOf"])[:MAX_DEPTH]:
            part, _, trail = self.settle(as_object(each), trail)
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
        return _inherit(merged, rest), trail

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
        if kinds == {"string"}:
            return {"type": "string", "examples": [value for some in choices for value in some]}, nullable
        if kinds <= {"integer", "number"} and not any(choices):
            return {"type": "number" if "number" in kinds else "integer"}, nullable
        words = ", ".join(sorted({_NAMES.get(kind, "an object") for kind in kinds}))
        raise UnknownShape(f"takes more than one shape ({words})")

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
                raise UnknownShape("is a list whose places differ")
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
            return FileField(**common, media=media_of(common["name"], "", common["description"]))
        if not properties:
            raise UnknownShape("is an object with names of its own")
        return ObjectField(**common, fields=self.fields(plain, depth + 1, trail))

    def _text_or_file(self, plain: dict[str, Json], common: _Common) -> Field:
        name = common["name"].lower()
        ui = as_text(plain.get("_fal_ui_field")) or as_text(as_object(plain.get("ui")).get("field"))
        size = as_count(plain.get("max_file_size")) or as_count(as_object(plain.get("x-fal")).get("max_file_size"))
        hinted = ui in ("audio", "video", "image", "image_mask", "archive", "file") or size is not None
        named = re.fullmatch(r"(?:.*_)?urls?", name) is not None and _NOT_FILES.fullmatch(name) is None
        if hinted or named or plain.get("format") == "binary":
            media = media_of(name, ui, common["description"])
            return FileField(**common, media=media, max_bytes=size, max_length=as_count(plain.get("maxLength")))
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
    multiple = _limit(plain, "multipleOf")
    return NumberField(
        **common,
        integer=integer,
        minimum=low,
        maximum=high,
        exclusive_minimum=above,
        exclusive_maximum=below,
        multiple_of=multiple if multiple is not None and multiple > 0 else None,
    )
