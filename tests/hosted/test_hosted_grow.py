"""Every bundled endpoint whose takes make the clip longer: extended at either end, generated at the playhead."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hosted_answers import MODEL_RATE, burst
from hosted_double import Double
from hosted_drive import (
    choose,
    exported,
    inner,
    louder,
    mask,
    of_kind,
    offset,
    one_work,
    open_file,
    original,
    result,
    stored,
    take_of,
    tone,
)
from pytestqt.qtbot import QtBot

from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import Take

RATE = 44_100


def check_new(heard: np.ndarray, new: Region, expected: np.ndarray) -> None:
    """The double's tone lies in the new part to a millisecond; `expected` begins where the new part does."""
    part = inner(new, RATE)
    found = heard[part.start : part.end]
    late, alike = offset(found, expected[part.start - new.start :][: part.length], RATE)
    assert abs(late) <= 1.0
    assert alike > 0.99
    assert abs(louder(found, expected[part.start - new.start :][: part.length])) < 0.1


def check_file(session: Session, qtbot: QtBot, take: Take, source: Path, place: Region, new: int) -> None:
    """At the file's own depth nothing changed but `place`, which gave way to so many new frames."""
    before, *packing = stored(source)
    after, *same = exported(session, qtbot, take, source.with_name("out.wav"))
    assert same == packing
    assert after.shape[0] == before.shape[0] - place.length + new
    assert np.array_equal(after[: place.start], before[: place.start])
    assert np.array_equal(after[place.start + new :], before[place.end :])


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("endpoint_id", of_kind(Kind.EXTEND))
def test_a_clip_is_extended_at_its_end_or_its_start(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str, side: str
) -> None:
    source = sound_file(12.0, RATE, 2, "PCM_24" if side == "after" else "PCM_16")
    open_file(session, qtbot, source)
    choose(session, endpoint_id)
    masked = mask(session, 12.0, 15.25) if side == "after" else mask(session, -3.25, 0.0)
    assert masked.length == round(3.25 * RATE)
    (take,) = take_of(session, qtbot)

    work, clip, heard = one_work(double), original(session), result(session, take)
    assert work.source is not None
    excerpt = take.request.excerpt
    assert excerpt.end == clip.shape[0] if side == "after" else excerpt.start == 0
    np.testing.assert_allclose(work.source.frames, clip[excerpt.start : excerpt.end], atol=2**-23)
    assert (work.before, work.after)[side == "after"] == pytest.approx(3.25, abs=1e-4)
    assert (work.after, work.before)[side == "after"] == 0
    assert heard.shape[0] == clip.shape[0] + masked.length
    expected = burst(masked.length, RATE, work.seed, 2)
    if side == "after":
        assert np.array_equal(heard[: clip.shape[0]], clip)
        check_new(heard, masked, expected)
        check_file(session, qtbot, take, source, Region(clip.shape[0], clip.shape[0]), masked.length)
    else:
        assert np.array_equal(heard[masked.length :], clip)
        check_new(heard, Region(0, masked.length), expected)
        check_file(session, qtbot, take, source, Region(0, 0), masked.length)
    assert take.facts.seed == work.seed


def test_a_mask_over_the_end_replaces_what_is_under_it_and_goes_on(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    source = sound_file(12.0)
    open_file(session, qtbot, source)
    choose(session, "fal-ai/stable-audio-3/medium/audio-outpainting")
    masked = mask(session, 10.0, 14.0)
    (take,) = take_of(session, qtbot)
    clip, heard, work = original(session), result(session, take), one_work(double)
    assert heard.shape[0] == masked.end
    assert np.array_equal(heard[: masked.start], clip[: masked.start])
    check_new(heard, masked, burst(masked.length, RATE, work.seed, 2))


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    "endpoint_id", ["fal-ai/stable-audio-3/small/sfx/audio-inpainting", "fal-ai/stable-audio-25/inpaint"]
)
def test_a_fill_past_the_end_makes_the_clip_longer(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str, side: str
) -> None:
    source = sound_file(12.0)
    open_file(session, qtbot, source)
    choose(session, endpoint_id)
    masked = mask(session, 10.6, 14.2) if side == "after" else mask(session, -2.2, 1.4)
    (take,) = take_of(session, qtbot)
    clip, heard, work = original(session), result(session, take), one_work(double)
    assert work.hole is not None
    length = clip.shape[0]
    place = Region(masked.start, length) if side == "after" else Region(0, masked.end)
    assert heard.shape[0] == length - place.length + masked.length
    begin = take.request.excerpt.start + work.hole[0]
    expected = tone(work, RATE, work.hole[1] - work.hole[0], work.seed)[masked.start - begin :]
    start = max(masked.start, 0)
    check_new(heard, Region(start, start + masked.length), expected)
    check_file(session, qtbot, take, source, place, masked.length)


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.GENERATE))
def test_what_is_generated_goes_in_at_the_playhead(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    source = sound_file(12.0)
    open_file(session, qtbot, source)
    endpoint = choose(session, endpoint_id)
    at, new = round(4.3 * RATE), round(6.5 * RATE)
    session.hearing.player.seek(at)
    session.asking.set_new_seconds(6.5)
    (take,) = take_of(session, qtbot)

    work, clip, heard = one_work(double), original(session), result(session, take)
    unit = endpoint.time(Role.DURATION)
    assert unit is not None
    assert work.duration == (7.0 if unit.step else 6.5)
    assert not double.uploads
    assert heard.shape[0] == clip.shape[0] + new
    assert np.array_equal(heard[:at], clip[:at])
    assert np.array_equal(heard[at + new :], clip[at:])
    check_new(heard, Region(at, at + new), burst(round(work.duration * MODEL_RATE), MODEL_RATE, work.seed, 2))
    check_file(session, qtbot, take, source, Region(at, at), new)
    assert take.facts.seed == work.seed == take.request.seed


@pytest.mark.parametrize(
    "endpoint_id",
    ["fal-ai/ace-step", "fal-ai/stable-audio-25/text-to-audio", "fal-ai/stable-audio-3/small/sfx/text-to-audio"],
)
def test_what_is_generated_replaces_the_mask(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, endpoint_id)
    masked = mask(session, 3.1, 9.4)
    (take,) = take_of(session, qtbot)
    work, clip, heard = one_work(double), original(session), result(session, take)
    assert work.duration is not None
    assert heard.shape == clip.shape
    assert np.array_equal(heard[: masked.start], clip[: masked.start])
    assert np.array_equal(heard[masked.end :], clip[masked.end :])
    check_new(heard, masked, burst(round(work.duration * MODEL_RATE), MODEL_RATE, work.seed, 2))


def test_a_result_keeps_its_own_length_where_the_user_said_so(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    """Whole seconds are all that can be told here: 7 s come for a mask of 6.3 s, and are let in."""
    open_file(session, qtbot, sound_file(12.0))
    choose(session, "fal-ai/stable-audio-25/text-to-audio")
    masked = mask(session, 3.1, 9.4)
    session.asking.set_grow(True)
    (take,) = take_of(session, qtbot)
    work, clip, heard = one_work(double), original(session), result(session, take)
    assert work.duration == 7.0
    assert heard.shape[0] == clip.shape[0] - masked.length + 7 * RATE
    assert np.array_equal(heard[: masked.start], clip[: masked.start])
    assert np.array_equal(heard[masked.start + 7 * RATE :], clip[masked.end :])
    check_new(heard, Region(masked.start, masked.start + 7 * RATE), burst(7 * RATE, RATE, work.seed, 2))
