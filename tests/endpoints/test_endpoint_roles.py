"""Roles are found by one table, over every spelling that hosted endpoints are known to use."""

import pytest

from app.endpoints.catalogue import bundled, endpoint_from
from app.endpoints.fields import ChoiceField, FileField, NumberField, TextField
from app.endpoints.request import Kind
from app.endpoints.roles import Role, find_roles, kind_of, value_at, with_value
from app.errors import SchemaError


def number(name: str) -> NumberField:
    return NumberField(name=name)


SOUND = FileField(name="audio_url", media="audio")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("mask_start_seconds", "mask_end_seconds"),
        ("mask_start", "mask_end"),
        ("start_time", "end_time"),
        ("repainting_start", "repainting_end"),
        ("segment_start_ms", "segment_end_ms"),
        ("start", "end"),
        ("edit_start_time", "edit_end_time"),
    ],
)
def test_spellings_of_a_mask(start, end):
    roles = find_roles((SOUND, number(start), number(end)))
    assert roles == {Role.SOURCE: "audio_url", Role.MASK_START: start, Role.MASK_END: end}
    assert kind_of(roles) is Kind.FILL


def test_half_a_mask_is_none():
    roles = find_roles((SOUND, number("start_time"), ChoiceField(name="start_relative_to", choices=("start", "end"))))
    assert roles == {Role.SOURCE: "audio_url"}


def test_starts_that_mean_something_else():
    roles = find_roles((SOUND, number("seconds_start"), number("start_offset"), number("seconds_total")))
    assert roles == {Role.SOURCE: "audio_url", Role.DURATION: "seconds_total"}


@pytest.mark.parametrize("name", ["duration", "seconds_total", "total_seconds", "music_length_ms", "duration_seconds"])
def test_spellings_of_a_length(name):
    assert find_roles((number(name),)) == {Role.DURATION: name}


@pytest.mark.parametrize("name", ["segment_length", "max_chunk_duration", "estimated_duration"])
def test_lengths_of_something_else(name):
    assert find_roles((SOUND, number(name))) == {Role.SOURCE: "audio_url"}


def test_nothing_is_extended_where_nothing_is_sent():
    roles = find_roles((TextField(name="prompt"), number("extend_duration"), number("start"), number("end")))
    assert roles == {Role.PROMPT: "prompt"}
    assert kind_of(roles) is Kind.GENERATE


def test_reference_is_not_the_source():
    fields = (FileField(name="reference_audio_url", media="audio"), TextField(name="prompt"))
    roles = find_roles(fields)
    assert roles == {Role.REFERENCE: "reference_audio_url", Role.PROMPT: "prompt"}
    assert kind_of(roles) is Kind.GENERATE
    assert find_roles((*fields, SOUND))[Role.SOURCE] == "audio_url"


@pytest.mark.parametrize("name", ["speaker_audio_url", "target_voice_url", "ref_audio_url", "audio_prompt_url"])
def test_the_sound_of_a_speaker_is_not_the_source(name):
    roles = find_roles((FileField(name=name, media="audio"), TextField(name="gen_text")))
    assert roles == {Role.REFERENCE: name, Role.PROMPT: "gen_text"}


def test_nested_mask_and_list_of_spans(make_endpoint):
    part = {"type": "object", "properties": {"start_s": {"type": "number"}, "end_s": {"type": "number"}}}
    one = make_endpoint({"audio_url": {"type": "string"}, "segment": part})
    assert (one.roles[Role.MASK_START], one.roles[Role.MASK_END]) == ("segment.start_s", "segment.end_s")
    span = {"type": "object", "properties": {"start": {"type": "number"}, "end": {"type": "number"}}}
    many = make_endpoint({"audio_url": {"type": "string"}, "spans": {"type": "array", "items": span}})
    assert (many.roles[Role.MASK_START], many.roles[Role.MASK_END]) == ("spans[].start", "spans[].end")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("audio_url", "extend_seconds_after"), Kind.EXTEND),
        (("audio_url", "extend_before_duration"), Kind.EXTEND),
        (("audio_url", "append_duration"), Kind.EXTEND),
        (("audio_url", "strength"), Kind.VARY),
        (("audio_url",), Kind.VARY),
        (("strength",), Kind.OTHER),
    ],
)
def test_kinds_of_work(names, kind):
    fields = [SOUND if name == "audio_url" else number(name) for name in names]
    assert kind_of(find_roles(fields)) is kind


def test_what_answers_without_sound_does_nothing_with_the_clip(make_endpoint):
    video = {"video": {"type": "object", "properties": {"url": {"type": "string"}}}}
    assert make_endpoint({"audio_url": {"type": "string"}}, outputs=video).kind is Kind.OTHER
    assert make_endpoint({"audio_url": {"type": "string"}}).kind is Kind.VARY


def test_stated_roles_win(make_document):
    properties = {
        "audio_url": {"type": "string"},
        "from_here": {"type": "number"},
        "to_there": {"type": "number"},
        "seed": {"type": "integer"},
        "prompt": {"type": "string"},
    }
    roles = {"mask_start": "from_here", "mask_end": "to_there", "prompt": None, "of_a_later_version": "x"}
    found = endpoint_from(make_document(properties, **{"x-retake": {"roles": roles}}), "fal")
    assert found.kind is Kind.FILL
    assert found.roles[Role.MASK_START] == "from_here"
    assert found.roles[Role.SEED] == "seed"
    assert Role.PROMPT not in found.roles


@pytest.mark.parametrize("wrong", ["nowhere", 7, "prompt"])
def test_a_stated_role_needs_its_field(make_document, wrong):
    document = make_document({"prompt": {"type": "string"}}, **{"x-retake": {"roles": {"mask_start": wrong}}})
    with pytest.raises(SchemaError, match="mask_start"):
        endpoint_from(document, "fal")


def test_the_user_corrects_a_role(make_endpoint):
    found = make_endpoint({"audio_url": {"type": "string"}, "a": {"type": "number"}, "b": {"type": "number"}})
    corrected = found.with_roles({Role.MASK_START: "a", Role.MASK_END: "b"})
    assert (found.kind, corrected.kind) == (Kind.VARY, Kind.FILL)
    assert corrected.with_roles({Role.MASK_START: None}).kind is Kind.VARY


def test_names_with_dots_are_no_paths(make_endpoint):
    found = make_endpoint({"segment.start_s": {"type": "number"}, "segment.end_s": {"type": "number"}})
    assert found.roles == {}


TAKES_SOUND = {Kind.FILL, Kind.VARY, Kind.EXTEND}
BOUND_BY_KIND = {
    Kind.FILL: {Role.MASK_START, Role.MASK_END},
    Kind.EXTEND: {Role.EXTEND_BEFORE, Role.EXTEND_AFTER},
    Kind.VARY: set(),
    Kind.GENERATE: {Role.DURATION},
    Kind.OTHER: {Role.ARCHIVE},
}


@pytest.mark.parametrize("endpoint", bundled(), ids=lambda each: each.id)
def test_roles_of_the_bundled_are_found_by_the_table(endpoint):
    assert not endpoint.stated.roles
    assert endpoint.roles.keys() >= BOUND_BY_KIND[endpoint.kind] | {Role.SEED}
    assert (Role.SOURCE in endpoint.roles) is (endpoint.kind in TAKES_SOUND)
    assert endpoint.kind is Kind.OTHER or {Role.PROMPT, Role.TAGS} & endpoint.roles.keys()
    anchored = {Role.MASK_START_FROM, Role.MASK_END_FROM} <= endpoint.roles.keys()
    assert anchored is (endpoint.id == "fal-ai/ace-step/audio-inpaint")


def test_values_at_paths():
    values = with_value({"a": 1, "spans": [{"include": True}, {"start": 9}]}, "spans[].start", 2)
    assert values == {"a": 1, "spans": [{"include": True, "start": 2}, {"start": 9}]}
    assert value_at(values, "spans[].start") == 2
    assert with_value({}, "segment.start_s", 1.5) == {"segment": {"start_s": 1.5}}
    assert value_at({}, "segment.start_s") is None
    assert value_at({"spans": []}, "spans[].start") is None
