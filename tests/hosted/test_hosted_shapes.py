"""One fill, answered in every shape and manner that hosts have: the take is the same."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hosted_answers import ENCODER_DELAY, EXPANDED, STEMS, Shape, Told
from hosted_double import Double
from hosted_drive import WORDS, choose, inner, mask, offset, open_file, original, result, take_of, tone
from pytestqt.qtbot import QtBot

from app.session.session import Session
from app.takes.take import Take

SFX = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"
RATE = 44_100


def fill(session: Session, qtbot: QtBot, source: Path) -> Take:
    """The first take of a fill in the middle of the file."""
    open_file(session, qtbot, source)
    choose(session, SFX)
    mask(session, 5.0, 6.5)
    return take_of(session, qtbot)[0]


def check(session: Session, take: Take, double: Double, *, alike: float = 0.99) -> None:
    """The double's tone is in the mask to a millisecond, and nothing else changed."""
    work = double.work[0]
    assert work.hole is not None
    clip, heard = original(session), result(session, take)
    masked = take.request.mask
    assert np.array_equal(heard[: masked.start], clip[: masked.start])
    assert np.array_equal(heard[masked.end :], clip[masked.end :])
    part, begin = inner(masked, RATE), take.request.excerpt.start + work.hole[0]
    expected = tone(work, RATE, work.hole[1] - work.hole[0], work.seed)[part.start - begin : part.end - begin]
    late, likeness = offset(heard[part.start : part.end], expected, RATE)
    assert abs(late) <= 1.0
    assert likeness > alike


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        *((shape, Told.TRUE) for shape in Shape if shape is not Shape.STEMS),
        *((shape, told) for shape in (Shape.FILE, Shape.BARE, Shape.DATA) for told in (Told.MISSING, Told.LYING)),
    ],
)
def test_a_take_comes_of_every_shape(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], shape: Shape, told: Told
) -> None:
    double.manner.shape, double.manner.told = shape, told
    take = fill(session, qtbot, sound_file(10.0))
    check(session, take, double)
    assert take.facts.seed == double.work[0].seed


def test_a_lossy_result_that_begins_late_is_moved_back(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    double.manner.format = "mp3"
    take = fill(session, qtbot, sound_file(12.0))
    check(session, take, double, alike=0.95)
    assert take.facts.delay_ms == pytest.approx(ENCODER_DELAY * 1000 / RATE, abs=1.0)


@pytest.mark.parametrize("rate", [48_000, 32_000])
def test_a_result_at_another_rate_is_resampled(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], rate: int
) -> None:
    double.manner.rate = rate
    take = fill(session, qtbot, sound_file(12.0))
    check(session, take, double)
    assert any(f"{rate} Hz" in note for note in take.facts.notes)


@pytest.mark.parametrize("more", [0.7, -0.7])
def test_a_result_of_another_length_still_fits_into_the_mask(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], more: float
) -> None:
    double.manner.seconds_more = more
    take = fill(session, qtbot, sound_file(12.0))
    check(session, take, double)
    assert any("0.70 s" in note for note in take.facts.notes)


def test_what_the_host_says_that_it_used_is_recorded_beside_what_was_asked(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    double.manner.expands = True
    take = fill(session, qtbot, sound_file(10.0))
    assert take.request.prompt == WORDS
    assert take.facts.used["prompt"] == WORDS + EXPANDED
    assert take.facts.request_id


def test_each_stem_is_a_take_of_its_own(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path]
) -> None:
    double.manner.shape = Shape.STEMS
    open_file(session, qtbot, sound_file(10.0))
    choose(session, SFX)
    mask(session, 5.0, 6.5)
    takes = take_of(session, qtbot, 3)
    assert sorted(take.facts.label for take in takes) == sorted(set(STEMS) - {"bass"}), "bass came as null"
    check(session, takes[0], double)
    sounds = [take.patch.read() for take in takes]
    assert not any(np.array_equal(sounds[0], other) for other in sounds[1:])
