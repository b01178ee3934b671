"""Endpoints as they are hosted: each is read whole, with the kind of work and the roles a sound designer expects."""

import pytest
from hosted_facts import HOSTED, document
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.endpoints.binding import bind, check, defaults, editable
from app.endpoints.catalogue import Endpoint, endpoint_from
from app.endpoints.excerpt import Context, ContextMode, plan
from app.endpoints.fields import ArrayField, JsonField, ObjectField, TextField
from app.endpoints.request import Kind
from app.endpoints.roles import Role, walk
from app.errors import MaskError, SchemaError
from app.sound.region import Region

IDS = [each[0] for each in HOSTED]
FACTS = {each[0]: each for each in HOSTED}


def read(name: str) -> Endpoint:
    endpoint, inputs, outputs, _, _, nested = FACTS[name]
    return endpoint_from(document(endpoint, inputs, outputs, nested), "fal")


@pytest.mark.parametrize("name", IDS)
def test_kind_and_roles(name):
    found = read(name)
    _, _, _, kind, roles, _ = FACTS[name]
    assert found.kind == kind
    assert {role.value: path for role, path in found.roles.items()} == dict(each.split("=") for each in roles.split())


@pytest.mark.parametrize("name", IDS)
def test_nothing_is_left_unread_and_nothing_is_lost(name):
    found = read(name)
    assert not found.notes
    assert [each.name for each in found.fields] == [
        each.split("*")[0].split()[0] for each in FACTS[name][1].split("; ")
    ]
    for path, field in walk(found.fields):
        assert not isinstance(field, JsonField), path


@pytest.mark.parametrize("name", IDS)
def test_what_its_panel_starts_with_validates(name):
    found = read(name)
    start = defaults(found)
    assert not [each for each in check(found, start) if "needs a value" not in each.message]
    endpoint, inputs, outputs, _, _, nested = FACTS[name]
    made = document(endpoint, inputs, outputs, nested)
    schema = {**made["components"]["schemas"]["In"], "components": made["components"]}
    wrong = [each for each in Draft202012Validator(schema).iter_errors(start) if each.validator != "required"]
    assert not wrong


def test_what_takes_a_sound_apart_asks_for_its_spans():
    found = read("fal-ai/sam-audio/span-separate")
    spans = next(each for each in editable(found).all() if each.name == "spans")
    assert isinstance(spans, ArrayField)
    assert isinstance(spans.item, ObjectField)
    asked = found.with_roles({Role.MASK_START: "spans[].start", Role.MASK_END: "spans[].end"})
    assert asked.kind is Kind.FILL


def test_spans_of_a_film_are_no_mask():
    found = read("sonilo/v1.1/video-to-sound-effects")
    assert "segments" in {each.name for each in editable(found).all()}


def test_a_film_may_stand_in_for_words(make_endpoint):
    sound = {"audio": {"type": "object", "properties": {"url": {"type": "string"}}}}
    assert make_endpoint({"video_url": {"type": "string"}}, outputs=sound).kind is Kind.GENERATE
    assert make_endpoint({"number": {"type": "integer"}}, outputs=sound).kind is Kind.OTHER


def test_sound_that_becomes_a_film_is_a_file_to_choose():
    facts = 'prompt* str; audio_url* str; duration num(1..10)=5; resolution Size|str="auto"'
    made = document("house/film", facts, "video* File; seed* int", {"Size": "width int=512; height int=512"})
    found = endpoint_from(made, "fal")
    assert found.kind is Kind.OTHER
    assert [each.name for each in editable(found).all()] == ["prompt", "audio_url", "duration", "resolution"]
    assert found.roles.keys() == {Role.PROMPT}


def test_words_about_sound_are_no_sound():
    made = document("house/listen", "audio_url* str", "text* str; chunks [Chunk]", {"Chunk": "text str; start num"})
    assert endpoint_from(made, "fal").kind is Kind.OTHER


def test_weights_are_a_list_of_objects():
    loras = next(each for each in read("fal-ai/ltx-2.3-quality/text-to-audio/lora").fields if each.name == "loras")
    assert isinstance(loras, ArrayField)
    assert loras.max_items == 3
    assert isinstance(loras.item, ObjectField)
    assert [each.name for each in loras.item.fields] == ["path", "weight_name", "scale", "target"]
    assert isinstance(loras.item.fields[0], TextField)
    assert loras.check([{"path": "someone/weights", "scale": 0.5}]) == [{"path": "someone/weights", "scale": 0.5}]


# -- limits that no keyword tells --------------------------------------------------------------------------------------


def segment(**more: str) -> dict:
    made = document(*FACTS["mirelo-ai/sfx1.6/inpaint-audio"][:3], FACTS["mirelo-ai/sfx1.6/inpaint-audio"][5])
    inputs = made["components"]["schemas"]["In"]["properties"]
    for name, words in more.items():
        inputs[name]["description"] = words
    return made


def test_ends_that_lie_apart_tell_the_least_span():
    found = endpoint_from(segment(), "fal").limits
    assert (found.max_seconds, found.min_mask_seconds, found.max_mask_seconds) == (10, 1, None)
    assert endpoint_from(segment(), "fal").time(Role.MASK_START).least == 1


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("A region of 1 ≤ start < end ≤ 10, 1–8s span.", (1, 8)),
        ("Between 2 s and 6: 2 s to 6.5 s long segment", (2, 6.5)),
        ("2-6 seconds region", (2, 6)),
        ("Up to 8 spans.", (1, None)),
        ("8-2 s span", (1, None)),
    ],
)
def test_words_tell_how_long_a_mask_may_be(words, span):
    found = endpoint_from(segment(segment=words), "fal").limits
    assert (found.min_mask_seconds, found.max_mask_seconds) == span


@pytest.mark.parametrize(
    ("words", "longest", "shortest"),
    [
        ("Maximum 9 seconds; longer ones are refused.", 9, 0),
        ("Up to 8.5s, min. 3 s.", 8.5, 3),
        ("Max duration of 8 sec", 8, 0),
        ("Must not exceed 5 s.", 5, 0),
        ("At most 20 seconds.", 10, 0),
        ("At most 20 MB, 5 channels.", 10, 0),
        ("A prefix of 3–9 s is kept.", 9, 3),
        ("Between 2 and 8.5 seconds.", 8.5, 2),
        ("Up to 5 seconds works best.", 10, 0),
        ("Recommended: 3 to 9 s. Maximum 8 s.", 8, 0),
        ("Minimum 12 s.", 10, 10),
    ],
)
def test_words_tell_how_long_a_file_may_be(words, longest, shortest):
    found = endpoint_from(segment(audio_url=words), "fal").limits
    assert (found.max_seconds, found.min_seconds) == (longest, shortest)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0, 30),
    st.floats(0.01, 10),
    st.floats(0, 30),
    st.sampled_from([8000, 44100, 48000]),
    st.sampled_from(ContextMode),
)
def test_what_is_sent_keeps_to_rules_of_several_fields(start, span, after, rate, mode):
    found = endpoint_from(segment(segment="1–8s span", audio_url="Maximum 10 seconds."), "fal")
    length = round((start + span + after) * rate)
    mask = Region.from_seconds(start, start + span, rate).clamped(length)
    try:
        planned = plan(found, mask, length, rate, Context(mode))
    except MaskError:
        return
    sent = bind(found, {}, planned, rate, 1)["segment"]
    sound = planned.excerpt.length / rate
    frame = 1 / rate
    assert sound <= 10
    assert 1 <= sent["start_s"] < sent["end_s"] <= sound + frame
    assert 1 - frame <= sent["end_s"] - sent["start_s"] <= 8 + frame


def test_a_keyword_tells_how_long_a_file_may_be(make_endpoint):
    limits = {"max_duration": 30, "min_duration": 2}
    found = make_endpoint({"audio_url": {"type": "string", "x-fal": limits}}).limits
    assert (found.max_seconds, found.min_seconds) == (30, 2)


def test_what_is_stated_wins_over_words(make_document):
    properties = {"audio_url": {"type": "string", "description": "Maximum 9 seconds."}}
    stated = {"limits": {"max_seconds": 60}}
    assert endpoint_from(make_document(properties, **{"x-retake": stated}), "fal").limits.max_seconds == 60


# -- roles that the user corrects --------------------------------------------------------------------------------------


def test_corrections_add_up_and_stay(make_endpoint):
    numbers = {name: {"type": "number", "maximum": 30} for name in ("a", "b", "duration")}
    found = make_endpoint({"audio_url": {"type": "string"}, **numbers, "prompt": {"type": "string"}})
    assert (found.kind, found.limits.max_seconds) == (Kind.VARY, 30)
    silent = found.with_roles({Role.PROMPT: None})
    half = silent.with_roles({Role.MASK_START: "a"})
    assert half.kind is Kind.VARY
    whole = half.with_roles({Role.MASK_END: "b"})
    assert whole.kind is Kind.FILL
    assert Role.PROMPT not in whole.roles
    moved = whole.with_roles({Role.EXTEND_AFTER: "duration", Role.MASK_START: None})
    assert moved.kind is Kind.EXTEND
    assert (moved.roles.get(Role.DURATION), moved.limits.max_seconds) == (None, None)
    assert moved.with_roles({Role.DURATION: "duration"}).roles.get(Role.EXTEND_AFTER) is None


def test_who_says_that_the_clip_goes_in_is_believed(make_endpoint):
    found = make_endpoint({"input_url": {"type": "string"}}, outputs={"answer": {"type": "string"}})
    assert (found.kind, found.roles) == (Kind.OTHER, {})
    assert found.with_roles({Role.SOURCE: "input_url"}).kind is Kind.VARY


def test_a_source_that_is_no_clip(make_endpoint):
    found = make_endpoint({"audio_url": {"type": "string"}, "prompt": {"type": "string"}})
    assert found.with_roles({Role.SOURCE: None, Role.REFERENCE: "audio_url"}).kind is Kind.GENERATE
    with pytest.raises(SchemaError, match="not there"):
        found.with_roles({Role.SOURCE: "gone"})
