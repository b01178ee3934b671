"""Masks where schemas are coarse and clips end: at the edges, over everything, shorter than the least that can be told.

One endpoint of each family stands for it: they differ in their limits, which the other drives go through.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hosted_answers import MODEL_RATE, burst
from hosted_double import Double
from hosted_drive import choose, inner, mask, offset, one_work, open_file, original, result, take_of, tone
from pytestqt.qtbot import QtBot

from app.session.session import Session
from app.sound.region import Region

FILLS = (
    "fal-ai/stable-audio-3/small/sfx/audio-inpainting",
    "fal-ai/stable-audio-25/inpaint",
    "fal-ai/ace-step/audio-inpaint",
)
VARIES = (
    "fal-ai/stable-audio-3/small/sfx/base/audio-to-audio",
    "fal-ai/stable-audio-25/audio-to-audio",
    "fal-ai/ace-step/audio-to-audio",
)
GENERATES = (
    "fal-ai/stable-audio-3/small/sfx/text-to-audio",
    "fal-ai/stable-audio-25/text-to-audio",
    "fal-ai/ace-step",
)
SECONDS = 26.3


def outside_is_untouched(clip: np.ndarray, heard: np.ndarray, masked: Region) -> bool:
    """Whether all but the mask is what it was, bit for bit."""
    before = np.array_equal(heard[: masked.start], clip[: masked.start])
    return before and np.array_equal(heard[masked.end :], clip[masked.end :]) and heard.shape == clip.shape


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.3), (25.0, SECONDS), (0.0, SECONDS), (13.2, 13.45)])
@pytest.mark.parametrize("endpoint_id", FILLS)
def test_a_fill_at_the_edges_and_over_everything(
    session: Session,
    qtbot: QtBot,
    double: Double,
    sound_file: Callable[..., Path],
    endpoint_id: str,
    start: float,
    end: float,
) -> None:
    rate = 22_050 if start else 48_000
    open_file(session, qtbot, sound_file(SECONDS, rate, 1))
    choose(session, endpoint_id)
    masked = mask(session, start, end)
    (take,) = take_of(session, qtbot)
    work, clip, heard = one_work(double), original(session), result(session, take)
    assert outside_is_untouched(clip, heard, masked)
    assert work.hole is not None
    begin = take.request.excerpt.start + work.hole[0]
    assert begin <= masked.start + 1
    assert begin + work.hole[1] - work.hole[0] >= masked.end - 1
    part = inner(masked, rate)
    expected = tone(work, rate, work.hole[1] - work.hole[0], work.seed)[part.start - begin : part.end - begin]
    late, alike = offset(heard[part.start : part.end], expected, rate)
    assert abs(late) <= 1.0
    assert alike > 0.98


@pytest.mark.parametrize("endpoint_id", VARIES)
def test_without_a_mask_the_whole_clip_is_varied(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    open_file(session, qtbot, sound_file(SECONDS))
    choose(session, endpoint_id)
    (take,) = take_of(session, qtbot)
    work, clip, heard = one_work(double), original(session), result(session, take)
    assert work.source is not None
    assert work.source.frames.shape == clip.shape
    assert heard.shape == clip.shape
    assert not np.array_equal(heard, clip)


@pytest.mark.parametrize("endpoint_id", VARIES)
def test_a_variation_of_a_moment_is_no_longer_than_it(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, endpoint_id)
    masked = mask(session, 6.1, 6.5)
    (take,) = take_of(session, qtbot)
    assert not one_work(double).complaints
    assert outside_is_untouched(original(session), result(session, take), masked)


@pytest.mark.parametrize("endpoint_id", GENERATES)
def test_less_than_the_least_that_can_be_told_is_cut_out_of_it(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    open_file(session, qtbot, sound_file(12.0))
    choose(session, endpoint_id)
    masked = mask(session, 6.1, 6.5)
    (take,) = take_of(session, qtbot)
    work, clip, heard = one_work(double), original(session), result(session, take)
    assert work.duration is not None
    assert work.duration >= 1.0
    assert outside_is_untouched(clip, heard, masked)
    part = inner(masked, MODEL_RATE)
    expected = burst(round(work.duration * MODEL_RATE), MODEL_RATE, work.seed, 2)[part.start - masked.start :]
    late, alike = offset(heard[part.start : part.end], expected[: part.length], MODEL_RATE)
    assert abs(late) <= 1.0
    assert alike > 0.98


@pytest.mark.parametrize(("endpoint_id", "most"), [(FILLS[0], "120"), (FILLS[1], "190"), (FILLS[2], "240")])
def test_a_mask_that_cannot_be_sent_says_what_could(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str, most: str
) -> None:
    open_file(session, qtbot, sound_file(260.0, 8_000, 1))
    choose(session, endpoint_id)
    mask(session, 5.0, 250.0)
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(f"{message.text} {message.hint}"))
    session.submit()
    assert said
    assert most in said[0]
    assert not double.calls, "nothing was sent"
