"""Which frames are sent: for every mask inside, the excerpt holds it, keeps the limits, and the sent span covers it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.endpoints.catalogue import Endpoint, bundled, endpoint_from
from app.endpoints.excerpt import Context, ContextMode, plan
from app.errors import MaskError
from app.sound.region import Region

BY_ID = {each.id.removeprefix("fal-ai/"): each for each in bundled()}
SA3 = BY_ID["stable-audio-3/small/sfx/audio-inpainting"]
SA25 = BY_ID["stable-audio-25/inpaint"]
ACE = BY_ID["ace-step/audio-inpaint"]
VARY = BY_ID["stable-audio-3/small/sfx/base/audio-to-audio"]
SA25_TEXT = BY_ID["stable-audio-25/text-to-audio"]
RATE = 44100
WHOLE = Context(ContextMode.WHOLE)


def seconds(region: Region, rate: int = RATE) -> tuple[float, float]:
    start, end = region.seconds(rate)
    return round(start, 3), round(end, 3)


def mask(start: float, end: float, rate: int = RATE) -> Region:
    return Region.from_seconds(start, end, rate)


@pytest.fixture
def plain(make_endpoint) -> Endpoint:
    """An endpoint that fills any mask of any clip."""
    return make_endpoint({"audio_url": {"type": "string"}, "start": {"type": "number"}, "end": {"type": "number"}})


def test_context_is_half_the_mask_but_at_least_two_seconds(plain):
    assert seconds(plan(plain, mask(30, 31.5), 60 * RATE, RATE).excerpt) == (28, 33.5)
    assert seconds(plan(plain, mask(20, 30), 60 * RATE, RATE).excerpt) == (15, 35)
    assert seconds(plan(plain, mask(0.5, 1), 60 * RATE, RATE).excerpt) == (0, 3)
    assert plan(plain, mask(30, 31.5), 60 * RATE, RATE).sent == mask(30, 31.5)


def test_a_long_file_sends_seconds_not_hours():
    three_hours = 3 * 3600 * RATE
    found = plan(SA3, mask(5000, 5002), three_hours, RATE)
    assert 20 <= found.excerpt.duration(RATE) < 21


def test_what_one_side_lacks_the_other_gives():
    assert seconds(plan(SA3, mask(0, 1.5), 60 * RATE, RATE).excerpt) == (0, 20)
    assert seconds(plan(SA25, mask(58, 60), 60 * RATE, RATE).excerpt) == (40, 60)
    assert plan(ACE, mask(1, 2), 5 * RATE, RATE).excerpt == Region(0, 5 * RATE)


def test_whole_seconds_widen_outwards():
    found = plan(SA25, mask(3.2, 5.0), 10 * RATE, RATE, WHOLE)
    assert seconds(found.sent) == (3, 5)
    assert "3.00–5.00" in found.why
    assert seconds(plan(SA25, mask(3.2, 5.1), 10 * RATE, RATE, WHOLE).sent) == (3, 6)
    assert seconds(plan(SA25, mask(9.4, 9.8), round(9.8 * RATE), RATE, WHOLE).sent) == (9, 9.8)


def test_the_excerpt_begins_where_the_mask_can_be_told():
    found = plan(SA25, mask(33.37, 34.87), 120 * RATE, RATE)
    assert found.sent.start == mask(33.37, 34).start
    assert seconds(found.sent) == (33.37, 35.37)
    grid = 4096 / RATE
    found = plan(SA3, mask(33.37, 34.87), 120 * RATE, RATE)
    steps = (mask(33.37, 34).start - found.excerpt.start) / 4096
    assert abs(steps - round(steps)) < 1e-3
    assert found.sent == Region(mask(33.37, 34).start - 4096, mask(33, 34.87).end + 4096)
    assert grid < 0.1


def test_the_endpoints_maximum_holds():
    assert plan(SA3, mask(100, 101), 600 * RATE, RATE, WHOLE).excerpt.length <= 120 * RATE
    assert "as much as the endpoint takes" in plan(SA3, mask(100, 101), 600 * RATE, RATE, WHOLE).why
    assert plan(SA3, mask(100, 219), 600 * RATE, RATE).excerpt.length <= 120 * RATE
    assert plan(SA3, mask(100, 220), 600 * RATE, RATE).excerpt == mask(100, 220)
    assert seconds(plan(SA3, mask(590, 599), 600 * RATE, RATE, WHOLE).excerpt) == (480, 600)
    assert seconds(plan(SA3, mask(1, 10), 600 * RATE, RATE, WHOLE).excerpt) == (0, 120)


def test_chosen_context(plain):
    assert plan(plain, mask(3, 4), 60 * RATE, RATE, Context(ContextMode.MASK_ONLY)).excerpt == mask(3, 4)
    assert plan(plain, mask(3, 4), 60 * RATE, RATE, WHOLE).excerpt == Region(0, 60 * RATE)
    assert seconds(plan(plain, mask(3, 4), 60 * RATE, RATE, Context(ContextMode.SECONDS, 0.5)).excerpt) == (2.5, 4.5)
    assert plan(plain, mask(3, 4), 60 * RATE, RATE, Context(ContextMode.SECONDS, 1e12)).excerpt.length == 60 * RATE
    assert plan(plain, mask(3, 4), 60 * RATE, RATE, Context(ContextMode.SECONDS, -5)).excerpt == mask(3, 4)


@pytest.mark.parametrize(
    ("endpoint", "region", "length", "said", "hint"),
    [
        (SA3, mask(3, 3), 10, "empty", "Drag"),
        (SA3, mask(11, 12), 10, "does not touch the clip, which has 10 s", "from its end"),
        (SA3, Region(-500, -5), 10, "does not touch the clip", "its start"),
        (VARY, mask(9, 11), 10, "beyond the clip", "between 0 and 10 s"),
        (VARY, Region(-5, 500), 10, "beyond the clip", "between 0 and 10 s"),
        (SA3, mask(1, 122), 300, "at most 120 s; this mask has 121 s", "120 s or shorter"),
        (ACE, mask(0.5, 1), 2, "at least 3 s of sound; the clip has 2 s", "another endpoint"),
        (VARY, mask(1, 122), 300, "at most 120 s", "120 s or shorter"),
    ],
)
def test_what_cannot_be_sent_says_why_and_what_would(endpoint, region, length, said, hint):
    with pytest.raises(MaskError) as caught:
        plan(endpoint, region, length * RATE, RATE)
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.fixture
def mirelo(make_document) -> Endpoint:
    """As a known host has it: a second of sound before the mask, at most ten in all, a mask of one to eight."""
    segment = {
        "type": "object",
        "properties": {
            "start_s": {"type": "number", "minimum": 1, "maximum": 9},
            "end_s": {"type": "number", "minimum": 2, "maximum": 10},
        },
        "required": ["start_s", "end_s"],
    }
    limits = {"min_mask_seconds": 1, "max_mask_seconds": 8}
    properties = {"audio_url": {"type": "string"}, "segment": segment}
    return endpoint_from(make_document(properties, ("segment",), **{"x-retake": {"limits": limits}}), "fal")


def test_sound_that_must_stand_before_the_mask(mirelo):
    found = plan(mirelo, mask(30, 38), 60 * RATE, RATE)
    assert found.excerpt.length <= 10 * RATE
    assert found.sent.start - found.excerpt.start >= RATE
    with pytest.raises(MaskError, match="needs 1 s of sound before the mask"):
        plan(mirelo, mask(0.5, 3), 60 * RATE, RATE)
    with pytest.raises(MaskError, match="at most 8 s"):
        plan(mirelo, mask(30, 38.5), 60 * RATE, RATE)


def test_a_mask_shorter_than_the_least_is_sent_wider(mirelo):
    found = plan(mirelo, mask(30, 30.4), 60 * RATE, RATE)
    assert found.sent.length >= RATE
    assert found.sent.start <= mask(30, 31).start
    found = plan(mirelo, mask(4.8, 5), 5 * RATE, RATE)
    assert seconds(found.sent) == (4, 5)
    with pytest.raises(MaskError, match="fills at least 1 s"):
        plan(mirelo, mask(1, 1.2), round(1.3 * RATE), RATE)


def test_variations_send_the_mask_alone(make_endpoint):
    assert plan(VARY, mask(3, 5), 60 * RATE, RATE).excerpt == mask(3, 5)
    assert seconds(plan(VARY, mask(3, 3.5), 60 * RATE, RATE).excerpt) == (2.75, 3.75)
    assert plan(VARY, mask(3, 5), 60 * RATE, RATE, WHOLE).excerpt == Region(0, 60 * RATE)
    whole = make_endpoint({"audio_url": {"type": "string"}, "total_seconds": {"type": "integer", "minimum": 1}})
    assert plan(whole, mask(3, 4.4), 60 * RATE, RATE).excerpt.length == 2 * RATE


def test_generation_sends_no_sound(make_endpoint):
    made = make_endpoint({"prompt": {"type": "string"}, "duration": {"type": "number", "maximum": 30}})
    found = plan(made, mask(3, 5), 60 * RATE, RATE)
    assert (found.excerpt, found.sent) == (mask(3, 5), mask(3, 5))
    assert "Sends no sound" in found.why
    with pytest.raises(MaskError, match="at most 30 s"):
        plan(made, mask(3, 35), 60 * RATE, RATE)


def test_extension_beyond_the_ends(make_endpoint):
    end = {"type": "number", "minimum": 0, "maximum": 30, "default": 0}
    both = make_endpoint({"audio_url": {"type": "string"}, "extend_before": end, "extend_after": end})
    found = plan(both, Region(10 * RATE, 14 * RATE), 10 * RATE, RATE)
    assert found.excerpt == Region(6 * RATE, 10 * RATE)
    assert found.sent == Region(10 * RATE, 14 * RATE)
    # What lies under the mask gives way: the sound beside it is sent, and goes on for the mask's whole length.
    found = plan(both, Region(-3 * RATE, RATE), 10 * RATE, RATE)
    assert (found.excerpt, found.sent) == (Region(RATE, 5 * RATE), Region(-3 * RATE, RATE))
    assert "of which 1 s replace what is there" in found.why
    with pytest.raises(MaskError, match="one end at a time"):
        plan(both, Region(-RATE, 11 * RATE), 10 * RATE, RATE)
    with pytest.raises(MaskError, match="only goes on where the clip ends"):
        plan(both, mask(2, 3), 10 * RATE, RATE)
    with pytest.raises(MaskError, match="at most 30 s after the end"):
        plan(both, mask(10, 41), 10 * RATE, RATE)
    after = make_endpoint({"audio_url": {"type": "string"}, "append_duration": end})
    with pytest.raises(MaskError, match="before the start"):
        plan(after, Region(-RATE, 0), 10 * RATE, RATE)


def test_extension_in_units_of_the_schema(make_endpoint):
    whole = {"type": "integer", "minimum": 2, "maximum": 30, "default": 5}
    made = make_endpoint({"audio_url": {"type": "string"}, "append_duration": whole})
    assert plan(made, mask(10, 12.3), 10 * RATE, RATE).sent == mask(10, 13)
    assert plan(made, mask(10, 10.5), 10 * RATE, RATE).sent == mask(10, 12)


def test_a_fill_beyond_the_clip_goes_on_in_silence():
    found = plan(SA3, mask(9, 14), 10 * RATE, RATE)
    assert found.excerpt.end == found.sent.end == 14 * RATE
    assert found.excerpt.start < 4096
    found = plan(SA3, Region(-2 * RATE, RATE), 60 * RATE, RATE)
    assert found.excerpt.start == found.sent.start == -2 * RATE
    assert found.excerpt.length >= 20 * RATE - 4096


def test_generation_in_units_of_the_schema():
    found = plan(SA25_TEXT, mask(3, 5.2), 60 * RATE, RATE)
    assert (found.excerpt, found.sent) == (mask(3, 5.2), mask(3, 6))
    assert "keeps 2.2 s of 3 s, the nearest that it can be told" in found.why


@settings(max_examples=400, deadline=None)
@given(
    endpoint=st.sampled_from((SA3, SA25, ACE)),
    rate=st.sampled_from((8000, 22050, 44100, 48000, 96000)),
    length=st.floats(3, 400),
    place=st.floats(0, 1),
    share=st.floats(0.00001, 1),
    mode=st.sampled_from(ContextMode),
    around=st.floats(0, 500),
)
def test_every_plan_keeps_its_promises(endpoint, rate, length, place, share, mode, around):
    frames = round(length * rate)
    size = max(round(frames * share), 1)
    start = round((frames - size) * place)
    region = Region(start, start + size)
    if size > math.floor(endpoint.limits.max_seconds * rate):
        with pytest.raises(MaskError, match="at most"):
            plan(endpoint, region, frames, rate, Context(mode, around))
        return
    found = plan(endpoint, region, frames, rate, Context(mode, around))
    assert found.excerpt.start <= region.start
    assert region.end <= found.excerpt.end
    assert found.excerpt.start >= 0
    assert found.excerpt.end <= frames
    assert found.excerpt.length <= endpoint.limits.max_seconds * rate
    assert found.excerpt.length >= min(endpoint.limits.min_seconds * rate, frames) - 1
    assert found.excerpt.start <= found.sent.start <= region.start
    assert region.end <= found.sent.end <= found.excerpt.end
    assert found.why.endswith(".")
