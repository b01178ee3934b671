"""What real documents do, one habit a test: nothing is dropped silently, nothing crashes."""

import time

import pytest

from app.endpoints.fields import (
    UNSET,
    ArrayField,
    BooleanField,
    ChoiceField,
    FileField,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
)
from app.endpoints.schema import read_document
from app.errors import FieldError, SchemaError


def test_order_is_the_hinted_one_then_the_rest(make_document):
    properties = {"c": {"type": "string"}, "a": {"type": "string"}, "b": {"type": "string"}}
    found = read_document(make_document(properties, order=["b", "ghost", 7, "c", "b"]))
    assert [each.name for each in found.fields] == ["b", "c", "a"]


def test_record_and_bare_document_read_alike(make_document):
    bare = make_document({"prompt": {"type": "string"}}, ("prompt",))
    record = {
        "endpoint_id": "house/thing",
        "metadata": {"display_name": "The Thing", "category": "audio-to-audio", "description": "Told by the host."},
        "openapi": bare,
    }
    one, other = read_document(bare), read_document(record)
    assert one.fields == other.fields
    assert one.endpoint == other.endpoint == "house/thing"
    assert (one.title, other.title) == ("A thing", "The Thing")
    assert (one.description, other.description) == ("Does it.", "Told by the host.")
    assert other.category == "audio-to-audio"


def test_a_list_of_one_model_is_that_model(make_document):
    bare = make_document({"prompt": {"type": "string"}})
    models = {"models": [{"endpoint_id": "house/thing", "openapi": bare}], "has_more": False, "next_cursor": None}
    assert read_document(models).fields == read_document(bare).fields


def test_words_beside_a_reference_win_and_the_class_name_is_no_title(read_field):
    schema = {
        "$ref": "#/components/schemas/AudioSegmentSpec",
        "description": "Which part",
        "examples": [{"start_s": 2}],
        "default": {"start_s": 3},
    }
    spec = {"title": "AudioSegmentSpec", "type": "object", "properties": {"start_s": {"type": "number", "minimum": 1}}}
    found = read_field(schema, "segment", AudioSegmentSpec=spec)
    assert isinstance(found, ObjectField)
    assert (found.label, found.description, found.examples) == ("Segment", "Which part", ({"start_s": 2},))
    assert found.fields[0] == NumberField(name="start_s", minimum=1)
    assert found.default == {"start_s": 3}


def test_null_branch_makes_nullable_and_keeps_the_limits_inside(read_field):
    found = read_field({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 190}, {"type": "null"}], "default": 190})
    assert found == NumberField(name="thing", integer=True, minimum=1, maximum=190, nullable=True, default=190)
    assert read_field({"type": ["string", "null"]}) == TextField(name="thing", nullable=True)
    assert read_field({"type": "boolean", "nullable": True}) == BooleanField(name="thing", nullable=True)


def test_choices_of_every_kind(read_field):
    assert read_field({"type": "integer", "enum": [8000, 44100], "default": 44100}).choices == (8000, 44100)
    assert read_field({"const": "lora"}) == ChoiceField(name="thing", choices=("lora",), default="lora")
    assert read_field({"enum": ["a", None]}) == ChoiceField(name="thing", choices=("a",), nullable=True)
    merged = read_field({"anyOf": [{"enum": ["a", "b"]}, {"const": "c"}, {"type": "null"}]})
    assert merged == ChoiceField(name="thing", choices=("a", "b", "c"), nullable=True)


def test_true_is_not_one(read_field):
    found = read_field({"enum": [1, 2]})
    with pytest.raises(FieldError):
        found.check(True)
    assert found.check(1) == 1


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "number", "exclusiveMinimum": 0}, 0.1, 0),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0.1, 0),
        ({"type": "number", "maximum": 5, "exclusiveMaximum": True}, 4.9, 5),
        ({"type": "number", "exclusiveMaximum": 5}, 4.9, 5),
        ({"type": "number", "min": 2, "max": 3}, 2, 1),
        ({"type": "number", "ge": 2, "le": 3}, 3, 4),
        ({"type": "number", "multipleOf": 0.1}, 0.3, 0.35),
        ({"type": "integer"}, 3, 3.5),
        ({"type": "string", "minLength": 2, "maxLength": 3}, "abc", "a"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, ["a"], ["a", "b"]),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 1}, [1], [1, 1]),
        ({"type": "number"}, 1e300, 10**400),
    ],
)
def test_limits_hold(read_field, schema, good, bad):
    found = read_field(schema)
    assert not isinstance(found, JsonField)
    assert found.check(good) == good
    with pytest.raises(FieldError):
        found.check(bad)


def test_list_of_objects(read_field):
    lora = {
        "type": "object",
        "required": ["path"],
        "properties": {"scale": {"type": "number", "default": 1, "maximum": 4}, "path": {"type": "string"}},
        "x-fal-order-properties": ["path", "scale"],
    }
    found = read_field({"type": "array", "items": {"$ref": "#/components/schemas/LoRA"}}, "loras", LoRA=lora)
    assert isinstance(found, ArrayField)
    assert isinstance(found.item, ObjectField)
    assert [each.name for each in found.item.fields] == ["path", "scale"]
    assert found.check([{"path": "x"}]) == [{"path": "x"}]
    with pytest.raises(FieldError):
        found.check([{"scale": 1}])


@pytest.mark.parametrize(
    ("name", "schema", "media"),
    [
        ("audio_url", {"type": "string"}, "audio"),
        ("image_url", {"type": "string"}, "image"),
        ("reference_audio_url", {"anyOf": [{"type": "string"}, {"type": "null"}]}, "audio"),
        ("lora_checkpoint_url", {"type": "string"}, "weights"),
        ("audio_data_url", {"type": "string", "description": "URL to a zip archive of recordings."}, "archive"),
        ("thing", {"type": "string", "_fal_ui_field": "audio"}, "audio"),
        ("thing", {"type": "string", "ui": {"field": "image_mask"}}, "image"),
        ("sample", {"type": "string", "max_file_size": 60000000, "description": "A voice sample"}, "audio"),
        ("blob", {"type": "string", "format": "binary"}, "file"),
        ("video_url", {"type": "string", "format": "uri", "minLength": 1, "maxLength": 2083}, "video"),
        ("audio", {"type": "string", "description": "URL or base64 of the recording."}, "audio"),
        ("ref_audio", {"type": "string", "examples": ["https://example.org/x.wav"]}, "audio"),
    ],
)
def test_files_without_a_clear_hint(read_field, name, schema, media):
    found = read_field(schema, name)
    assert isinstance(found, FileField)
    assert found.media == media
    assert found.max_bytes == schema.get("max_file_size")


def test_lists_of_files_and_addresses_that_are_none(read_field):
    found = read_field({"type": "array", "items": {"type": "string"}}, "audio_urls")
    assert isinstance(found.item, FileField)
    assert isinstance(read_field({"type": "string"}, "webhook_url"), TextField)
    assert isinstance(read_field({"type": "string", "description": "A name, or a URL."}, "voice"), TextField)
    assert isinstance(read_field({"type": "string", "description": "What is heard."}, "audio"), TextField)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "#/components/schemas/Gone"}, "Gone"),
        ({"$ref": "https://elsewhere.example/x.json"}, "outside"),
        ({"$ref": 7}, "outside"),
        ({}, "not described"),
        (True, "not described"),
        ({"title": "X"}, "what kind"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "names of its own"),
        (
            {"anyOf": [{"type": "object", "properties": {"w": {"type": "integer"}}}, {"enum": ["auto"]}]},
            "more than one",
        ),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}, "more than one"),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, "places differ"),
        ({"enum": [{"a": 1}]}, "no plain values"),
        ({"enum": []}, "no plain values"),
        ({"anyOf": []}, "no value"),
        ({"anyOf": [{"type": "null"}]}, "no value"),
        ({"allOf": [{"type": "string"}, {"type": "number"}]}, "do not go together"),
        ({"enum": list(range(501))}, "501 choices"),
        ({"type": "quaternion"}, "what kind"),
    ],
)
def test_unknown_shapes_are_edited_as_json_and_say_why(read_field, schema, reason):
    found = read_field(schema)
    assert isinstance(found, JsonField)
    assert reason in found.reason
    assert found.schema == schema
    if not found.options and found.shape is None:
        assert found.check({"any": ["thing"]}) == {"any": ["thing"]}


@pytest.mark.parametrize(
    ("branches", "good", "bad"),
    [
        ([{"type": "number", "maximum": 5}, {"type": "string"}], [4, "x"], [6, [], True]),
        ([{"type": "array", "items": {"type": "string"}}, {"type": "string"}], [["a"], "a"], [[1], 1]),
        ([{"type": "integer"}, {"type": "string"}, {"type": "null"}], [1, "1", None], [1.5, {}]),
        ([{"type": "number"}, {"type": "object", "properties": {"w": {"type": "number"}}}], [1, {"w": 1}], [{"w": ""}]),
        ([{"$ref": "#/components/schemas/Size"}, {"enum": ["auto"]}, {"type": "null"}], [{"w": 8}, "auto"], ["car"]),
        ([{"$ref": "#/components/schemas/Size"}, {"$ref": "#/components/schemas/Name"}], [{"w": 8}, "n"], [{"w": 9}]),
        ([{"type": "integer", "maximum": 2}, {"type": "number", "minimum": 4}], [2, 4.5], [3]),
        ([{"type": "string", "maxLength": 2}, {"type": "string", "minLength": 4}], ["ab", "abcd"], ["abc"]),
    ],
)
def test_one_of_several_shapes_is_edited_as_json_and_checked(read_field, branches, good, bad):
    size = {"type": "object", "required": ["w"], "properties": {"w": {"type": "integer", "maximum": 8}}}
    found = read_field({"anyOf": branches}, Size=size, Name={"type": "string", "title": "Name"})
    assert isinstance(found, JsonField)
    for each in good:
        assert found.check(each) == each
    for each in bad:
        with pytest.raises(FieldError):
            found.check(each)


def test_null_is_not_lost_where_a_shape_cannot_be_read(read_field):
    null = {"type": "null"}
    assert read_field({"anyOf": [{"$ref": "#/components/schemas/Gone"}, null]}).nullable
    assert read_field({"anyOf": [{"type": "number"}, {"type": "string"}, null], "default": None}).default is None
    assert not read_field({"anyOf": [{"type": "number"}, {"type": "string"}]}).nullable


def test_branches_that_come_to_one_shape_are_that_shape(read_field):
    assert read_field({"oneOf": [{"type": "integer"}, {"type": "number"}]}) == NumberField(name="thing")
    some = read_field({"anyOf": [{"type": "string"}, {"type": "string", "enum": ["a", "b"]}]})
    assert some == TextField(name="thing", examples=("a", "b"))
    assert read_field({"anyOf": [{"type": "integer", "enum": [1, 2]}, {"type": "null"}]}).choices == (1, 2)


def test_free_objects_and_lists_are_checked_for_what_they_are(read_field):
    free = read_field({"type": "object", "additionalProperties": {"type": "string"}})
    assert free.check({"any": "thing"}) == {"any": "thing"}
    with pytest.raises(FieldError, match="an object"):
        free.check(["thing"])
    places = read_field({"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]})
    assert places.check(["a", 1]) == ["a", 1]
    with pytest.raises(FieldError, match="a list"):
        places.check({"a": 1})


def test_steps_are_wishes(read_field):
    found = read_field({"type": "number", "minimum": 0, "maximum": 1, "step": 0.25})
    assert (found.step, found.multiple_of) == (0.25, None)
    assert found.check(0.3) == 0.3


def test_limits_of_files_stand_in_x_fal_or_beside_it(read_field):
    limits = {"max_file_size": 1000, "max_duration": 10, "limit_description": "At most 10 s."}
    for schema in ({"x-fal": limits}, limits):
        found = read_field({"type": "string", "description": "A sound.", **schema}, "audio_url")
        assert (found.max_bytes, found.max_seconds, found.min_seconds) == (1000, 10, None)
        assert found.description == "A sound. At most 10 s."


def test_a_json_field_keeps_its_default(read_field):
    size = {"type": "object", "properties": {"w": {"type": "integer"}}}
    found = read_field({"anyOf": [size, {"enum": ["auto"]}], "default": "auto", "description": "How large"})
    assert (found.default, found.description) == ("auto", "How large")


def test_cycles_end(read_field):
    node = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Node"}, "v": {"type": "integer"}}}
    found = read_field({"$ref": "#/components/schemas/Node"}, Node=node)
    assert isinstance(found, ObjectField)
    assert "contains itself" in found.fields[0].reason
    loop = read_field(
        {"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/B"}, B={"$ref": "#/components/schemas/A"}
    )
    assert isinstance(loop, JsonField)


def test_all_of_joins_objects(read_field):
    found = read_field(
        {
            "allOf": [
                {"$ref": "#/components/schemas/A"},
                {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]},
            ]
        },
        A={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    )
    assert [(each.name, each.required) for each in found.fields] == [("a", True), ("b", True)]


def test_a_default_that_does_not_fit_is_left_out_and_told(make_document):
    found = read_document(make_document({"steps": {"type": "integer", "maximum": 8, "default": 50}}))
    assert found.fields[0].default is UNSET
    assert "steps" in found.notes[0]


def test_a_required_name_without_description_is_not_lost(make_document):
    found = read_document(make_document({"a": {"type": "string"}}, ("a", "b")))
    assert found.fields[1] == JsonField(name="b", required=True, reason="is required but not described")


def test_pattern_is_never_evaluated(read_field):
    found = read_field({"type": "string", "pattern": "^(a+)+$"})
    started = time.perf_counter()
    assert found.check("a" * 5000 + "!")
    assert time.perf_counter() - started < 0.5


def test_hostile_sizes_stay_cheap(make_document, read_field):
    schemas = {
        f"L{i}": {
            "type": "object",
            "properties": {f"p{j}": {"$ref": f"#/components/schemas/L{i + 1}"} for j in range(10)},
        }
        for i in range(30)
    }
    started = time.perf_counter()
    assert isinstance(read_field({"$ref": "#/components/schemas/L0"}, **schemas), ObjectField)
    deep: dict = {"type": "string"}
    for _ in range(400):
        deep = {"type": "array", "items": deep}
    found = read_field(deep)
    depth = 0
    while isinstance(found, ArrayField):
        found, depth = found.item, depth + 1
    assert "nested too deeply" in found.reason
    assert depth <= 16
    with pytest.raises(SchemaError, match="301 entries"):
        read_document(make_document({f"p{i}": {"type": "string"} for i in range(301)}))
    assert len(read_field({"type": "string", "description": "x" * 10**6}).description) <= 4000
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "paths"),
        ([], "paths"),
        ("x", "paths"),
        ({}, "paths"),
        ({"endpoint_id": "a/b", "metadata": {}, "openapi": None}, "a/b has no OpenAPI"),
        (
            {"endpoint_id": "a/b", "openapi": {"error": {"code": "expansion_failed", "message": "Failed to fetch"}}},
            "a/b has no document that could be read: Failed to fetch",
        ),
        ({"error": "gone"}, "gone"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"loc": ["query"], "msg": "field required"}]}, "no reason given"),
        ({"models": [], "has_more": False}, "a list of 0 endpoints"),
        ({"models": [{"endpoint_id": "a/b", "openapi": None}]}, "a/b has no OpenAPI"),
        ({"models": [1, 2]}, "a list of 2 endpoints"),
        ({"paths": {}}, "which endpoint"),
        ({"paths": {"/a/b": {"get": {}}}}, "which endpoint"),
        ({"paths": {"/a/b": {"post": {}}}}, "cannot be read"),
        ({"endpoint_id": "a/b", "openapi": {"paths": {}}}, "what may be posted"),
        ({"endpoint_id": "../../etc", "openapi": {"paths": {}}}, "no endpoint's id"),
    ],
)
def test_what_is_no_document_is_refused_in_one_sentence(document, said):
    with pytest.raises(SchemaError) as caught:
        read_document(document)
    assert said in caught.value.message
    assert caught.value.message.endswith(".")


def test_dangling_input_is_said_plainly(make_document):
    broken = make_document({"a": {"type": "string"}})
    del broken["components"]["schemas"]["In"]
    with pytest.raises(SchemaError, match="refers to In, which the document does not contain"):
        read_document(broken)


def test_outputs_are_files_and_a_broken_result_is_a_note(make_document):
    file = {"type": "object", "properties": {"url": {"type": "string"}}}
    outputs = {
        "audio": {"type": "array", "items": {"$ref": "#/components/schemas/File"}},
        "lora_file": {"$ref": "#/components/schemas/File"},
        "seed": {"type": "integer"},
    }
    found = read_document(make_document({"a": {"type": "string"}}, schemas={"File": file}, outputs=outputs))
    audio, lora, seed = found.outputs
    assert (audio.item.media, lora.media, type(seed)) == ("audio", "weights", NumberField)
    two = make_document({"a": {"type": "string"}})
    other = {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}
    two["paths"] = {"/house/other/requests/{request_id}": other, **two["paths"]}
    assert [each.name for each in read_document(two).outputs] == ["audio"]
    free = {"audio": {"type": "string"}, "audio_file": {"type": "object"}, "stems": {"additionalProperties": file}}
    found = read_document(make_document({"a": {"type": "string"}}, outputs={**free, "timings": {"type": "object"}}))
    assert [getattr(each, "media", None) for each in found.outputs] == ["audio", "audio", "audio", None]
    broken = make_document({"a": {"type": "string"}})
    broken["paths"]["/house/thing/requests/{request_id}"]["get"]["responses"]["200"] = {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}
    }
    found = read_document(broken)
    assert found.outputs == ()
    assert "Out" in found.notes[0]
