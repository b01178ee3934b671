"""Generated documents: fields or a plain refusal, never a crash; and what a panel starts with always validates."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.endpoints.binding import bind, check, defaults, editable, fitting
from app.endpoints.catalogue import bundled, endpoint_from
from app.endpoints.excerpt import plan
from app.endpoints.fields import ArrayField, BooleanField, ChoiceField, FileField, JsonField, NumberField, ObjectField
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.errors import AppError, MaskError, SchemaError
from app.paths import resources
from app.sound.region import Region

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(
    [
        *("audio_url", "mask_start_seconds", "mask_end_seconds", "start", "end", "duration", "seconds_total", "seed"),
        *("prompt", "tags", "lyrics", "output_format", "bitrate", "sync_mode", "num_samples", "segment", "spans"),
        *("extend_seconds_after", "strength", "loras", "a", "b.c", "d[]", "", "ünï", "x" * 70, "start_ms", "end_ms"),
        *("audio", "video_url", "lora_url", "audio_data_url", "reference_audio_url", "start_time_relative_to"),
    ]
)
NUMBERS = st.integers(-100, 400) | st.sampled_from([0.5, 0.25, -1.5, 10.0, 1e300])
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "wav", "mp3", "start", "end", "auto"])
ANYTHING = st.recursive(
    SCALARS | st.sampled_from(["string", "number", "#/components/schemas/A", 10**400, float("inf"), float("nan")]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        *("type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "default"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("title", "description", "examples", "example", "nullable", "deprecated", "format", "pattern", "prefixItems"),
        *("x-fal-order-properties", "_fal_ui_field", "ui", "x-fal", "max_file_size", "uniqueItems", "minItems", "min"),
    ]
)
GARBAGE = st.dictionaries(WORDS, ANYTHING, max_size=6)
DEFAULTS = st.lists(SCALARS, max_size=3) | st.dictionaries(NAMES, SCALARS, max_size=2)
HINTS = st.fixed_dictionaries(
    {},
    optional={
        "x-fal-order-properties": st.lists(NAMES, max_size=2),
        "_fal_ui_field": st.sampled_from(["audio", "archive", "textarea", "odd"]),
        "ui": st.sampled_from([{"field": "video"}, {}, 7]),
        "x-fal": st.sampled_from([{"max_file_size": 9, "max_duration": 4}, {"min_duration": "x"}, []]),
        "step": NUMBERS,
        "deprecated": st.booleans(),
    },
)


@st.composite
def schemas(draw, depth: int = 0) -> dict:
    """A property's schema as pydantic writes them, with defaults that may not fit."""
    kinds = ["string", "integer", "number", "boolean", "enum", "const", "ref", "types"]
    inner = ["array", "object", "null", "any", "all", "places", "map"]
    kind = draw(st.sampled_from(kinds + (inner if depth < 3 else [])))
    told: dict = {}
    if kind == "string":
        told = {
            "type": "string",
            **draw(
                st.fixed_dictionaries({}, optional={"minLength": st.integers(0, 3), "maxLength": st.integers(1, 5)})
            ),
        }
    elif kind in ("integer", "number"):
        limits = dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), NUMBERS)
        told = {
            "type": kind,
            **draw(st.fixed_dictionaries({}, optional={**limits, "multipleOf": st.sampled_from([1, 0.5, 3])})),
        }
    elif kind == "boolean":
        told = {"type": "boolean"}
    elif kind == "enum":
        told = {"enum": draw(st.lists(SCALARS, min_size=1, max_size=5))}
    elif kind == "const":
        told = {"const": draw(SCALARS)}
    elif kind == "ref":
        names = st.sampled_from(["A", "B", "Gone"])
        return {"$ref": f"#/components/schemas/{draw(names)}", "description": "Told beside it."}
    elif kind == "types":
        names = st.sampled_from(["string", "integer", "number", "boolean", "null"])
        told = {"type": draw(st.lists(names, min_size=1, max_size=3, unique=True)), "maximum": draw(NUMBERS)}
    elif kind == "array":
        limits = {"maxItems": st.integers(0, 3), "minItems": st.integers(0, 2), "uniqueItems": st.booleans()}
        told = {
            "type": "array",
            "items": draw(schemas(depth + 1)),
            **draw(st.fixed_dictionaries({}, optional=limits)),
        }
    elif kind == "places":
        told = {"type": "array", "prefixItems": [draw(schemas(depth + 1))]}
    elif kind == "map":
        told = {"type": "object", "additionalProperties": True}
    elif kind == "object":
        properties = draw(st.dictionaries(NAMES, schemas(depth + 1), max_size=4))
        # What is required but has a default of its own may be left out: the host fills it in.
        needed = [name for name, each in properties.items() if "type" in each and "default" not in each]
        told = {"type": "object", "properties": properties, "required": needed[:1]}
    elif kind == "null":
        told = {"anyOf": [draw(schemas(depth + 1)), {"type": "null"}]}
    elif kind == "any":
        told = {"anyOf": draw(st.lists(schemas(depth + 1), min_size=1, max_size=3))}
    elif kind == "all":
        told = {"allOf": [draw(schemas(depth + 1))]}
    if draw(st.booleans()):
        told["default"] = draw(SCALARS | DEFAULTS)
    if draw(st.booleans()):
        told |= draw(HINTS)
    return told


def wrapped(properties, required=(), components=None, profile=None) -> dict:
    """A document around these properties."""
    answer = {"type": "object", "properties": {"audio": {"type": "object", "properties": {"url": {"type": "string"}}}}}
    schema = {"type": "object", "properties": properties, "required": list(required)}

    def content(inner):
        return {"content": {"application/json": {"schema": inner}}}

    return {
        "paths": {
            "/house/thing": {"post": {"requestBody": content(schema)}},
            "/house/thing/requests/{id}": {"get": {"responses": {"200": content(answer)}}},
        },
        "components": {"schemas": components or {}},
        "x-retake": profile,
    }


def validator(schema: dict, document: dict) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def is_sentence(error: AppError) -> bool:
    return error.message.endswith(".") and "\n" not in error.message


def drive(document) -> None:
    """Everything that is done with a document before a request: only the app's own errors may come."""
    refusal = None
    try:
        found = endpoint_from(document, "fal")
    except SchemaError as error:
        refusal = error
    if refusal is not None:
        assert is_sentence(refusal)
        return
    parts = editable(found)
    start = defaults(found)
    assert set(start) <= {each.name for each in parts.all()}
    assert not [each for each in check(found, start) if "needs a value" not in each.message]
    assert fitting(found, start) == start
    try:
        planned = plan(found, Region(1000, 2000), 8000, 100)
        bind(found, start, planned, 100, 3)
    except AppError as error:
        refusal = error
    assert refusal is None or is_sentence(refusal)


@SLOW
@given(ANYTHING)
def test_anything_at_all(document):
    drive(document)


@SLOW
@given(GARBAGE, st.dictionaries(NAMES, GARBAGE | ANYTHING, max_size=6), ANYTHING, ANYTHING)
def test_garbage_inside_a_document(top, properties, components, profile):
    document = wrapped(properties, ["a"], {"A": components}, profile)
    drive(document)
    document["paths"]["/house/thing"]["post"]["requestBody"]["content"]["application/json"]["schema"].update(top)
    drive(document)


@SLOW
@given(
    st.dictionaries(NAMES, schemas(), max_size=8),
    st.lists(NAMES, max_size=3),
    st.fixed_dictionaries({"A": schemas(), "B": schemas()}),
)
def test_what_a_panel_starts_with_validates(properties, required, components):
    document = wrapped(properties, required, components)
    drive(document)
    try:
        found = endpoint_from(document, "fal")
    except SchemaError:
        return
    for name, value in defaults(found).items():
        if is_read(next(each for each in found.fields if each.name == name)):
            errors = list(validator(properties[name], document).iter_errors(value))
            assert not errors, (name, properties[name], value)


def is_read(field) -> bool:
    """Whether nothing of it is left to the user alone."""
    match field:
        case JsonField():
            return bool(field.options) and all(is_read(each) for each in field.options)
        case ArrayField():
            return is_read(field.item)
        case ObjectField():
            return all(is_read(each) for each in field.fields)
        case _:
            return True


def sample(field):
    """A value that a user could have set."""
    match field:
        case ChoiceField():
            return field.choices[-1]
        case BooleanField():
            return True
        case NumberField():
            ends = [each for each in (field.maximum, field.minimum) if each is not None]
            return int(ends[0]) if ends and field.integer else ends[0] if ends else 7
        case ArrayField():
            return [sample(field.item)]
        case ObjectField():
            return {each.name: sample(each) for each in field.fields}
        case FileField():
            return "https://example.org/x"
        case _:
            return "words to go by"


@pytest.mark.parametrize("path", sorted((resources() / "endpoints").glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("full", [False, True])
def test_bodies_of_the_bundled_validate(path: Path, full: bool):
    document = json.loads(path.read_text("utf-8"))
    found = endpoint_from(document, "fal")
    values = defaults(found)
    for each in editable(found).all():
        if full or (each.required and each.name not in values):
            values[each.name] = sample(each)
    length = 30 * 44100
    begin = 29.0 if found.kind is Kind.EXTEND else 10.3
    planned = plan(found, Region.from_seconds(begin, begin + 2.4, 44100), length, 44100)
    params = dict(bind(found, values, planned, 44100, 5))
    if Role.SOURCE in found.roles:
        params[found.roles[Role.SOURCE]] = "https://example.org/x.wav"
    name = next(each for each in document["components"]["schemas"] if each.endswith("Input"))
    schema = {**document["components"]["schemas"][name], "additionalProperties": False}
    validator(schema, document).validate(params)


def test_a_big_document_is_read_in_no_time():
    many = {f"p{i}": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]} for i in range(300)}
    started = time.perf_counter()
    found = endpoint_from(wrapped(many), "fal")
    defaults(found)
    assert len(found.fields) == 300
    assert time.perf_counter() - started < 1


def test_every_bundled_endpoint_says_what_it_cannot_take():
    for each in bundled():
        if each.kind is not Kind.OTHER:
            with pytest.raises(MaskError):
                plan(each, Region(0, 44100 * 1000), 44100 * 2000, 44100)
