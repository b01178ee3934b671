"""Every bundled endpoint that fills or varies, from a mask to a take, on real files and through the double."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hosted_answers import varied
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
from hosted_work import Work
from pytestqt.qtbot import QtBot

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import Take

PACKINGS = [(44_100, 2, "PCM_16"), (48_000, 1, "PCM_24"), (48_000, 2, "FLOAT"), (44_100, 1, "PCM_16")]


def packing(endpoint_id: str) -> tuple[int, int, str]:
    """Another one for each endpoint, the same at every run."""
    return PACKINGS[sum(endpoint_id.encode()) % len(PACKINGS)]


def check_sent(endpoint: Endpoint, take: Take, work: Work, clip: np.ndarray, rate: int) -> Region:
    """The excerpt is the clip's own sound and the hole covers the mask, no wider than it must; the hole in the clip."""
    assert work.source is not None
    excerpt = take.request.excerpt
    assert (work.source.rate, work.source.channels) == (rate, clip.shape[1])
    np.testing.assert_allclose(work.source.frames, clip[excerpt.start : excerpt.end], atol=2**-23)
    if work.hole is None:
        return excerpt
    hole = Region(excerpt.start + work.hole[0], excerpt.start + work.hole[1])
    mask = take.request.mask
    assert hole.start <= mask.start + 1
    assert hole.end >= mask.end - 1
    start, end = endpoint.time(Role.MASK_START), endpoint.time(Role.MASK_END)
    assert start is not None
    assert end is not None
    slack = max(start.step_seconds, end.step_seconds) + 2 * endpoint.limits.grid_seconds
    assert mask.start - hole.start <= slack * rate + 2
    assert hole.end - mask.end <= slack * rate + 2
    return hole


def check_outside(session: Session, take: Take, clip: np.ndarray) -> np.ndarray:
    heard = result(session, take)
    mask = take.request.mask
    assert heard.shape == clip.shape
    assert np.array_equal(heard[: mask.start], clip[: mask.start])
    assert np.array_equal(heard[mask.end :], clip[mask.end :])
    return heard


def check_file(session: Session, qtbot: QtBot, take: Take, source: Path) -> None:
    """At the file's own depth and rate nothing outside of the mask changed by one bit."""
    before, rate, subtype = stored(source)
    after, *same = exported(session, qtbot, take, source.with_name("out.wav"))
    assert same == [rate, subtype]
    mask = take.request.mask
    assert after.shape == before.shape
    assert np.array_equal(after[: mask.start], before[: mask.start])
    assert np.array_equal(after[mask.end :], before[mask.end :])
    assert not np.array_equal(after, before)


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.FILL))
def test_a_fill_lands_where_the_mask_is(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    rate, channels, subtype = packing(endpoint_id)
    source = sound_file(26.0, rate, channels, subtype)
    open_file(session, qtbot, source)
    endpoint = choose(session, endpoint_id)
    mask(session, 11.37, 13.21)
    (take,) = take_of(session, qtbot)

    work, clip = one_work(double), original(session)
    hole = check_sent(endpoint, take, work, clip, rate)
    heard = check_outside(session, take, clip)
    part = inner(take.request.mask, rate)
    expected = tone(work, rate, hole.length, work.seed)[part.start - hole.start : part.end - hole.start]
    late, alike = offset(heard[part.start : part.end], expected, rate)
    assert abs(late) <= 1.0
    assert alike > 0.99
    assert abs(louder(heard[part.start : part.end], expected)) < 0.1, "what came back as it went up is not leveled"

    assert take.facts.seed == work.seed == take.request.seed
    assert take.facts.connection == "fal"
    assert len(double.uploads) == 1
    assert double.uploads[0] < 30 * rate * channels * 4
    check_file(session, qtbot, take, source)


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.VARY))
def test_a_variation_lands_where_the_mask_is(
    session: Session, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    rate, channels, subtype = packing(endpoint_id)
    source = sound_file(20.0, rate, channels, subtype)
    open_file(session, qtbot, source)
    endpoint = choose(session, endpoint_id)
    mask(session, 7.3, 14.1)
    (take,) = take_of(session, qtbot)

    work, clip = one_work(double), original(session)
    excerpt = check_sent(endpoint, take, work, clip, rate)
    heard = check_outside(session, take, clip)
    part = inner(take.request.mask, rate)
    expected = varied(clip[excerpt.start : excerpt.end])[part.start - excerpt.start : part.end - excerpt.start]
    late, alike = offset(heard[part.start : part.end], expected, rate)
    assert abs(late) <= 1.0
    assert alike > 0.99
    assert abs(louder(heard[part.start : part.end], expected)) < 0.1, "a variation keeps its own level"
    assert take.facts.seed == work.seed == take.request.seed
    assert len(double.uploads) == 1
    check_file(session, qtbot, take, source)
