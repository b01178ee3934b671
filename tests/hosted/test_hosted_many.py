"""Several takes, and the same again: what goes up once, what differs, and what a refusal looks like."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hosted_double import QUEUE, Double
from hosted_drive import LONG, choose, failures, mask, one_work, open_file, take_of
from pytestqt.qtbot import QtBot

from app.session.session import Session

SFX = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"


def test_takes_differ_by_their_seeds_and_share_one_upload(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, SFX)
    mask(session, 5.0, 6.5)
    session.asking.set_takes(3)
    takes = take_of(session, qtbot, 3)
    assert len({work.seed for work in double.work}) == 3
    assert {take.facts.seed for take in takes} == {work.seed for work in double.work}
    assert len(double.uploads) == 1, "the same sound goes up once"
    patches = [take.patch.read() for take in takes]
    assert not any(np.array_equal(patches[0], other) for other in patches[1:])

    session.asking.set_takes(1)
    take_of(session, qtbot)
    assert len(double.uploads) == 1, "its address is known to live"
    mask(session, 2.0, 3.0)
    (take,) = take_of(session, qtbot)
    if take.request.excerpt != takes[0].request.excerpt:
        assert len(double.uploads) == 2


def test_a_kept_seed_brings_the_same_take_again(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, SFX)
    session.asking.set_values(session.asking.values, 4711)
    mask(session, 5.0, 6.5)
    (one,) = take_of(session, qtbot)
    (two,) = take_of(session, qtbot)
    assert [work.seed for work in double.work] == [4711, 4711]
    assert np.array_equal(one.patch.read(), two.patch.read())


def test_a_format_that_the_user_chose_is_asked_for(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    double.lossy = True
    open_file(session, qtbot, sound_file(12.0))
    choose(session, SFX)
    session.asking.set_values({**session.asking.values, "output_format": "mp3"}, None)
    mask(session, 5.0, 6.5)
    (take,) = take_of(session, qtbot)
    assert double.work[0].format == "mp3"
    assert take.facts.delay_ms == pytest.approx(25.0, abs=1.5)


def test_what_the_host_refuses_is_said_in_its_own_words_and_nothing_lands(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, SFX)
    session.asking.set_values({**session.asking.values, "output_format": "mp3"}, None)
    mask(session, 5.0, 6.5)
    session.submit()
    qtbot.waitUntil(lambda: bool(failures(session)), timeout=LONG)
    assert "loses" in failures(session)[0]
    assert not session.timeline.takes
    assert len([call for call in double.calls if call.host == QUEUE and call.method == "POST"]) == 1, "no second try"
    assert "loses" in double.faults.pop()


def test_the_key_is_shown_where_it_must_be_and_nowhere_else(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, SFX)
    mask(session, 5.0, 6.5)
    take_of(session, qtbot)
    keyed = {(call.host, call.keyed) for call in double.calls}
    assert keyed == {("queue", True), ("storage", True), ("uploads", False), ("files", False)}


def test_a_small_source_travels_in_the_request_itself(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    open_file(session, qtbot, sound_file(12.0, 8_000, 1))
    choose(session, "fal-ai/stable-audio-3/small/sfx/audio-to-audio")
    mask(session, 5.0, 7.0)
    take_of(session, qtbot)
    work = one_work(double)
    assert str(work.body["audio_url"]).startswith("data:audio/")
    assert work.source is not None
    assert work.source.seconds == 2.0
    assert not [call for call in double.calls if call.host in ("storage", "uploads")]
