"""From values and a mask to params: the schema's own names, units and types, checked before anything is sent."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.endpoints.aim import aim
from app.endpoints.binding import (
    bind,
    check,
    defaults,
    editable,
    fitting,
    make_requests,
    price_of,
)
from app.endpoints.catalogue import bundled, endpoint_from
from app.endpoints.excerpt import Context, ContextMode, Plan, plan
from app.endpoints.request import Kind, Seam
from app.endpoints.roles import Role
from app.endpoints.words import action_words, unreadable
from app.errors import FieldError
from app.sound.region import Region

BY_ID = {each.id.removeprefix("fal-ai/"): each for each in bundled()}
SA3 = BY_ID["stable-audio-3/small/sfx/audio-inpainting"]
SA25 = BY_ID["stable-audio-25/inpaint"]
ACE = BY_ID["ace-step/audio-inpaint"]
VARY = BY_ID["stable-audio-3/small/sfx/base/audio-to-audio"]
TRAINER = BY_ID["stable-audio-3-trainer"]
RATE = 44100


def names(fields):
    return [each.name for each in fields]


def ask(endpoint, values, start=3.2, end=5.0, length=60, **more):
    mask = Region.from_seconds(start, end, RATE)
    aimed = aim(endpoint, mask, length * RATE, 0, RATE)
    return make_requests(endpoint, values, aimed, length * RATE, RATE, rng=random.Random(1), **more)


# -- the panel ------------------------------------------------------------------------------------------------------


def test_panel_of_the_inpainting_seed():
    parts = editable(SA3)
    assert names(parts.prompt) == ["prompt"]
    assert names(parts.main) == ["negative_prompt", "seed", "output_format"]
    assert names(parts.advanced) == [
        "num_inference_steps",
        "guidance_scale",
        "enable_prompt_expansion",
        "enable_safety_checker",
        "bitrate",
    ]
    assert defaults(SA3)["output_format"] == "wav"
    assert "seed" not in defaults(SA3)


def test_panel_of_tags_and_lyrics():
    parts = editable(ACE)
    assert names(parts.prompt) == ["tags", "lyrics"]
    assert "variance" in names(parts.main)
    assert "start_time_relative_to" not in names(parts.all())
    assert "scheduler" in names(parts.advanced)


def test_a_trainer_keeps_its_own_length():
    assert "duration" in names(editable(TRAINER).all())
    assert names(editable(TRAINER).main)[0] == "audio_data_url"


def test_few_further_fields_are_not_folded(make_endpoint):
    made = make_endpoint(
        {"audio_url": {"type": "string"}, "method": {"enum": ["a", "b"]}, "steps": {"type": "integer"}}
    )
    assert names(editable(made).main) == ["method"]
    assert names(editable(made).advanced) == ["steps"]


def test_objects_lose_what_is_bound(make_endpoint):
    part = {"start_s": {"type": "number"}, "end_s": {"type": "number"}}
    one = make_endpoint(
        {"audio_url": {"type": "string"}, "segment": {"type": "object", "properties": part}}, ("segment",)
    )
    assert editable(one).all() == ()
    more = {**part, "fade": {"type": "number"}}
    two = make_endpoint(
        {"audio_url": {"type": "string"}, "segment": {"type": "object", "properties": more}}, ("segment",)
    )
    (left,) = editable(two).all()
    assert names(left.fields) == ["fade"]
    (request,) = ask(two, {"segment": {"fade": 0.1}}, context=Context(ContextMode.MASK_ONLY))
    assert request.params["segment"] == {"fade": 0.1, "start_s": 0, "end_s": 1.8}


def test_lossless_in_a_nested_setting(make_endpoint):
    setting = {"type": "object", "properties": {"format": {"enum": ["mp3", "pcm", "flac"], "default": "mp3"}}}
    made = make_endpoint({"prompt": {"type": "string"}, "audio_setting": setting})
    assert defaults(made) == {"audio_setting": {"format": "flac"}}
    raw = make_endpoint(
        {"prompt": {"type": "string"}, "output_format": {"enum": ["mp3_128", "pcm_44100"], "default": "mp3_128"}}
    )
    assert defaults(raw) == {"output_format": "mp3_128"}


# -- checks ---------------------------------------------------------------------------------------------------------


def test_all_errors_at_once():
    errors = check(SA3, {"guidance_scale": 99, "num_inference_steps": 1.5, "promt": "x", "output_format": "aiff"})
    assert [each.field for each in errors] == [
        "promt",
        "num_inference_steps",
        "guidance_scale",
        "output_format",
        "prompt",
    ]
    assert errors[0].hint == "Did you mean prompt?"
    assert all(each.message.endswith(".") for each in errors)


def test_what_the_waveform_fills_is_passed_over():
    assert check(SA3, {"prompt": "x", "mask_start_seconds": 900, "sync_mode": "yes"}) == ()


def test_a_nested_error_stands_at_its_row(make_endpoint):
    lora = {
        "type": "object",
        "required": ["path"],
        "properties": {"path": {"type": "string"}, "scale": {"type": "number"}},
    }
    made = make_endpoint({"prompt": {"type": "string"}, "loras": {"type": "array", "items": lora}})
    (error,) = check(made, {"loras": [{"path": "a", "scale": "loud"}]})
    assert error.field == "loras"
    assert "Scale must be a number" in error.message


def test_values_that_still_fit_a_changed_schema():
    old = {"prompt": "x", "guidance_scale": 99, "gone": 1, "mask_start_seconds": 3, "bitrate": "320k"}
    assert fitting(SA3, old) == {"prompt": "x", "bitrate": "320k"}


def test_unset_optionals_stay_out_and_null_is_sent_where_it_says_something(make_endpoint):
    number = {"anyOf": [{"type": "number"}, {"type": "null"}]}
    made = make_endpoint(
        {"prompt": {"type": "string"}, "a": {**number, "default": 3}, "b": number, "c": {"type": "string"}}
    )
    (request,) = ask(made, {"a": None, "b": None, "c": None})
    assert request.params == {"a": None}


# -- what is sent ---------------------------------------------------------------------------------------------------


def test_the_mask_in_seconds_of_the_excerpt():
    (request,) = ask(SA3, {**defaults(SA3), "prompt": "glass"}, 33.2, 35)
    assert list(request.params) == [each.name for each in SA3.fields if each.name != "audio_url"]
    origin = request.excerpt.start
    start = (request.mask.start - 4096 - origin) / RATE
    assert request.params["mask_start_seconds"] == pytest.approx(start, abs=1e-6)
    assert request.params["mask_end_seconds"] == pytest.approx((request.mask.end + 4096 - origin) / RATE, abs=1e-6)
    assert request.params["sync_mode"] is False
    assert request.params["output_format"] == "wav"
    assert request.mask == Region.from_seconds(33.2, 35, RATE)
    assert (request.source_field, request.prompt, request.kind) == ("audio_url", "glass", Kind.FILL)
    assert request.body("https://x/y.wav")["audio_url"] == "https://x/y.wav"


def test_whole_seconds_and_an_explicit_length():
    (request,) = ask(SA25, {"prompt": "x"}, 3.2, 5.0, 10, context=Context(ContextMode.WHOLE))
    told = {name: request.params[name] for name in ("mask_start", "mask_end", "seconds_total")}
    assert told == {"mask_start": 3, "mask_end": 5, "seconds_total": 10}
    assert all(type(each) is int for each in told.values())


def test_a_length_between_seconds_is_rounded_up_and_held(make_endpoint):
    mask = Region.from_seconds(1, 2, RATE)
    length = round(7.3 * RATE)
    (request,) = make_requests(SA25, {"prompt": "x"}, aim(SA25, mask, length, 0, 1), length, RATE)
    assert request.params["seconds_total"] == 8
    tight = make_endpoint(
        {"audio_url": {"type": "string"}, "duration": {"type": "number", "minimum": 1, "maximum": 30}}
    )
    (request,) = make_requests(tight, {}, aim(tight, Region(0, 100), 400, 0, 1), 400, RATE)
    assert request.params == {"duration": 1}


def test_times_relative_to_start_or_end(make_endpoint):
    (request,) = ask(ACE, {"tags": "folk"}, 30, 32)
    assert request.params["start_time_relative_to"] == request.params["end_time_relative_to"] == "start"
    length = request.excerpt.duration(RATE)
    only_end = {"enum": ["end"]}
    made = make_endpoint(
        {
            "audio_url": {"type": "string"},
            "start_time": {"type": "number"},
            "start_time_relative_to": only_end,
            "end_time": {"type": "integer"},
            "end_time_relative_to": only_end,
        }
    )
    (request,) = ask(made, {}, 30, 32.6)
    length = request.excerpt.duration(RATE)
    assert request.params["start_time_relative_to"] == "end"
    assert request.params["start_time"] == pytest.approx(length - (30 - request.excerpt.start / RATE))
    assert request.params["end_time"] == 1
    assert length - 1 >= 32.6 - request.excerpt.start / RATE


def test_milliseconds(make_endpoint):
    time = {"type": "integer", "minimum": 0, "maximum": 60000}
    made = make_endpoint({"audio_url": {"type": "string"}, "start_ms": time, "end_ms": time, "music_length_ms": time})
    (request,) = ask(made, {}, 3.0004, 5.0004, 10, context=Context(ContextMode.WHOLE))
    assert request.params == {"start_ms": 3000, "end_ms": 5001, "music_length_ms": 10000}


def test_a_list_of_spans_gets_one(make_endpoint):
    span = {"type": "object", "properties": {"start": {"type": "number"}, "end": {"type": "number"}}}
    made = make_endpoint({"audio_url": {"type": "string"}, "spans": {"type": "array", "items": span}}, ("spans",))
    (request,) = ask(made, {}, 3, 5, 10, context=Context(ContextMode.WHOLE))
    assert request.params == {"spans": [{"start": 3.0, "end": 5.0}]}


def test_extension_lengths(make_endpoint):
    much = {"type": "number", "minimum": 0, "maximum": 60, "default": 30}
    made = make_endpoint(
        {"audio_url": {"type": "string"}, "extend_before_duration": much, "extend_after_duration": much}
    )
    (request,) = ask(made, {}, 10, 14, 10)
    assert request.params == {"extend_before_duration": 0, "extend_after_duration": 4}


def test_one_take_a_request_even_where_a_host_makes_two(make_endpoint):
    made = make_endpoint(
        {"prompt": {"type": "string"}, "num_samples": {"type": "integer", "minimum": 2, "maximum": 8, "default": 2}}
    )
    assert ask(made, {})[0].params == {"num_samples": 2}


def test_an_end_before_its_start_is_refused(make_endpoint):
    made = make_endpoint(
        {"audio_url": {"type": "string"}, "start": {"type": "number"}, "end": {"type": "number", "maximum": 1}}
    )
    wrong = Plan(Region(0, 10 * RATE), Region(3 * RATE, 5 * RATE), "")
    with pytest.raises(FieldError, match="must come after its start"):
        bind(made, {}, wrong, RATE, None)


def test_bind_refuses_what_check_refuses():
    planned = plan(SA3, Region(RATE, 2 * RATE), 10 * RATE, RATE)
    with pytest.raises(FieldError, match="Prompt needs a value"):
        bind(SA3, {}, planned, RATE, 1)


# -- takes and seeds ------------------------------------------------------------------------------------------------


def test_every_take_has_its_own_recorded_seed():
    found = ask(SA3, {"prompt": "x"}, takes=4, seed=7, base="t1", seam=Seam(20, 5))
    seeds = [each.seed for each in found]
    assert seeds[0] == 7
    assert len(set(seeds)) == 4
    assert [each.params["seed"] for each in found] == seeds
    assert all(0 <= each < 2**31 for each in seeds)
    assert all((each.base, each.seam) == ("t1", Seam(20, 5)) for each in found)
    assert len({(each.mask, each.excerpt) for each in found}) == 1


def test_a_seed_among_the_values_is_kept():
    assert ask(SA3, {"prompt": "x", "seed": 9})[0].seed == 9
    assert ask(SA3, {"prompt": "x", "seed": 9}, seed=8)[0].seed == 8


def test_the_same_generator_draws_the_same_seeds():
    assert [r.seed for r in ask(SA3, {"prompt": "x"}, takes=3)] == [r.seed for r in ask(SA3, {"prompt": "x"}, takes=3)]


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ({"minimum": -1}, range(2**31)),
        ({"minimum": -1, "maximum": 3}, range(4)),
        ({"minimum": 5, "maximum": 8}, range(5, 9)),
        ({"exclusiveMinimum": 5, "exclusiveMaximum": 10}, range(6, 10)),
        ({"minimum": -20, "maximum": -10}, range(-20, -9)),
        ({"minimum": 0, "maximum": 2**53 - 1}, range(2**31)),
    ],
)
def test_seeds_stay_in_the_fields_range(make_endpoint, limits, allowed):
    made = make_endpoint({"prompt": {"type": "string"}, "seed": {"type": "integer", **limits}})
    found = {each.seed for each in ask(made, {}, takes=4)}
    assert len(found) == 4
    assert all(each in allowed for each in found)


def test_more_takes_than_seeds_is_said(make_endpoint):
    made = make_endpoint({"prompt": {"type": "string"}, "seed": {"type": "integer", "minimum": 0, "maximum": 1}})
    with pytest.raises(FieldError, match="only 2 different values"):
        ask(made, {}, takes=3)


def test_a_seed_out_of_range_is_refused(make_endpoint):
    made = make_endpoint({"prompt": {"type": "string"}, "seed": {"type": "integer", "maximum": 10}})
    with pytest.raises(FieldError, match="at most 10"):
        ask(made, {}, seed=11)


def test_without_a_seed_field_takes_have_none(make_endpoint):
    found = ask(make_endpoint({"prompt": {"type": "string"}}), {"prompt": "x"}, takes=2)
    assert [each.seed for each in found] == [None, None]


# -- words and prices -----------------------------------------------------------------------------------------------


def test_what_the_button_says():
    clip = 20 * RATE

    def words(endpoint, takes=1, mask=None):
        region = Region.from_seconds(*mask, RATE) if mask else None
        return action_words(endpoint, aim(endpoint, region, clip, 3 * RATE, 5 * RATE), clip, RATE, takes)

    assert words(SA3, 3, (2, 3.5)) == "Fill 1.50 s × 3"
    assert words(SA3, 1, (18, 24)) == "Fill 6.00 s"
    assert words(VARY, 1, (2, 14)) == "Vary 12.00 s"
    assert words(VARY) == "Vary all 20.00 s"
    assert words(BY_ID["ace-step/audio-outpaint"], 2) == "Extend the end by 5.00 s × 2"
    assert words(BY_ID["ace-step/audio-outpaint"], 1, (-4, 0)) == "Extend the start by 4.00 s"
    assert words(BY_ID["stable-audio-25/text-to-audio"]) == "Insert 5.00 s"
    assert words(BY_ID["stable-audio-25/text-to-audio"], 1, (1, 4)) == "Generate 3.00 s"
    assert words(TRAINER) == "Train"


@pytest.mark.parametrize(
    ("told", "price"),
    [(0, 0), (0.5, 1.0), ({"amount": 0.1, "per": "second"}, 0.8), ({"amount": 3, "per": "minute"}, 0.4), (None, None)],
)
def test_prices(make_document, told, price):
    made = endpoint_from(make_document({"prompt": {"type": "string"}}, **{"x-retake": {"price": told}}), "fal")
    assert price_of(made, 2, 4) == (price if price is None else pytest.approx(price))


def test_an_unknown_unit_gives_no_price_and_each_request_carries_its_own(make_document):
    made = endpoint_from(
        make_document({"prompt": {"type": "string"}}, **{"x-retake": {"price": {"amount": 1, "per": "moon"}}}), "fal"
    )
    assert price_of(made, 1, 1) is None
    assert ask(VARY, {"prompt": "x"}, takes=2)[1].price == pytest.approx(0.0315)


def test_tags_stand_for_the_prompt():
    assert ask(ACE, {"tags": "folk, fiddle"})[0].prompt == "folk, fiddle"


def test_what_cannot_be_read_is_told(make_endpoint):
    made = make_endpoint({"shape": {"$ref": "#/components/schemas/Gone"}})
    assert unreadable(made) == ("Shape refers to Gone, which the document does not contain: it is edited as JSON.",)


@settings(max_examples=300, deadline=None)
@given(
    endpoint=st.sampled_from((SA3, SA25, ACE, VARY)),
    rate=st.sampled_from((8000, 22050, 44100, 48000, 96000)),
    length=st.floats(3, 400),
    place=st.floats(0, 1),
    share=st.floats(0.00001, 0.25),
    mode=st.sampled_from(ContextMode),
)
def test_every_mask_goes_out_within_the_schema(endpoint, rate, length, place, share, mode):
    frames = round(length * rate)
    size = max(round(frames * share), 1)
    start = round((frames - size) * place)
    mask = Region(start, start + size)
    planned = plan(endpoint, mask, frames, rate, Context(mode))
    values = {**defaults(endpoint), "tags" if endpoint is ACE else "prompt": "x"}
    params = bind(endpoint, values, planned, rate, 1)
    assert len(check(endpoint, params)) == 0
    for role in (Role.MASK_START, Role.MASK_END, Role.DURATION):
        if (field := endpoint.field(role)) is not None:
            field.check(params[endpoint.roles[role]])
    if endpoint.kind is Kind.FILL:
        origin = planned.excerpt.start / rate
        told = [origin + params[endpoint.roles[role]] for role in (Role.MASK_START, Role.MASK_END)]
        assert told[0] <= mask.start / rate + 1e-6
        assert told[1] >= min(mask.end, planned.excerpt.end) / rate - 1e-6
    if endpoint is SA25:
        assert params["mask_end"] <= params["seconds_total"]


def test_files_that_are_to_be_uploaded_satisfy_their_fields_inside_lists_too(make_endpoint):
    url = {"type": "string", "maxLength": 2083, "minLength": 1}
    made = make_endpoint(
        {
            "prompt": {"type": "string"},
            "audio_urls": {"type": "array", "items": url, "minItems": 2, "maxItems": 3},
            "loras": {
                "type": "array",
                "items": {"type": "object", "properties": {"file_url": url}, "required": ["file_url"]},
            },
        },
        required=["audio_urls"],
    )
    values = {"prompt": "x", "audio_urls": ["https://one", ""], "loras": [{}]}
    assert check(made, values) != ()
    attached = {"audio_urls[1]": "/two.wav", "loras[0].file_url": "/three.bin"}
    assert check(made, values, attached) == ()
    (request,) = make_requests(made, values, aim(made, None, RATE, 0, RATE), RATE, RATE, attachments=attached)
    body = request.body(None, {"audio_urls[1]": "https://two", "loras[0].file_url": "https://three"})
    assert body["audio_urls"] == ["https://one", "https://two"]
    assert body["loras"] == [{"file_url": "https://three"}]


def test_wildcards_are_spelled_per_take():
    requests = ask(SA3, {"prompt": "a {kick|snare} {drum|}"}, takes=4)
    assert sorted(each.params["prompt"] for each in requests) == ["a kick ", "a kick drum", "a snare ", "a snare drum"]
    assert len({each.seed for each in requests}) == 4


def test_a_result_may_keep_its_length_only_where_nothing_has_to_be_met_after_it():
    assert ask(VARY, {"prompt": "x"}, start=0, end=60, grow=True)[0].grow
    assert ask(VARY, {"prompt": "x"}, start=2, end=30, grow=True)[0].grow
    assert not ask(VARY, {"prompt": "x"}, grow=True, context=Context(ContextMode.SECONDS, 2))[0].grow
    assert not ask(SA3, {"prompt": "x"}, grow=True)[0].grow
    assert not ask(VARY, {"prompt": "x"}, start=0, end=60)[0].grow


def test_a_small_source_may_travel_inside_the_request():
    assert ask(SA3, {"prompt": "x"})[0].inline_bytes == 256 * 1024
    assert ask(TRAINER, {"audio_data_url": "https://x/y.zip"})[0].inline_bytes == 0
