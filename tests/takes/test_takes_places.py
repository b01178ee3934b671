"""Places: a sample keeps its place in the sound, whatever was put in or taken out before it."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.request import Kind, Request
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.places import Change, changes, frame_in, mask_in, region_in, same_length
from app.takes.render import render
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Timeline

RATE = 8000


def take(
    name: str, parent: str | None, mask: Region, length: int, place: Region | None = None, outside: int = 0
) -> Take:
    """A take of silence; `outside` frames at each side were taken by a crossfade."""
    request = Request(
        endpoint="e", connection="local", kind=Kind.FILL, params={}, mask=mask, excerpt=mask, rate=RATE, place=place
    )
    region = request.replaced.widened(outside, outside)
    patch = Clip(np.full((length + 2 * outside, 1), -1, np.int32), RATE)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Take(TakeId(name), 1, TakeId(parent) if parent else None, request, region, patch, RunFacts(), when)


INSERTED = take("inserted", None, Region(40, 60), 20, Region(40, 40))
EXTENDED = take("extended", None, Region(95, 130), 35, Region(95, 100))
BEFORE = take("before", "inserted", Region(-10, 5), 15, Region(0, 5))
SHORTER = take("shorter", None, Region(20, 50), 10)
SAME = take("same", None, Region(20, 50), 30)


@pytest.fixture
def timeline() -> Timeline:
    found = Timeline()
    for each in (INSERTED, EXTENDED, BEFORE, SHORTER, SAME):
        found = found.add(each)
    return found


@pytest.mark.parametrize("a", [None, INSERTED.id, EXTENDED.id, BEFORE.id, SHORTER.id])
@pytest.mark.parametrize("b", [None, INSERTED.id, EXTENDED.id, BEFORE.id, SHORTER.id])
def test_what_both_versions_have_is_found_in_both(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> None:
    source = Clip(np.arange(1000, 1100, dtype=np.int32).reshape(-1, 1), RATE)
    one, two = render(source, timeline.lineage(a)), render(source, timeline.lineage(b))
    assert one.length == timeline.length(100, a)
    ours = np.concatenate([part.clip.samples[part.start : part.end] for part in one.parts(0, one.length)])[:, 0]
    theirs = np.concatenate([part.clip.samples[part.start : part.end] for part in two.parts(0, two.length)])[:, 0]
    steps = changes(timeline, a, b)
    shared = [frame for frame in range(ours.size) if ours[frame] > 0 and ours[frame] in theirs]
    assert len(shared) > 50
    edges = {each.region.start for each in (INSERTED, SHORTER, EXTENDED, BEFORE)}
    for frame in shared:
        at = frame_in(steps, frame)
        # At the very place where something goes in, the place stays before it.
        assert theirs[min(at, theirs.size - 1)] == ours[frame] or ours[frame] - 1000 in edges


def test_versions_of_one_length_move_nothing(timeline: Timeline) -> None:
    assert same_length(changes(timeline, None, SAME.id))
    assert not same_length(changes(timeline, SAME.id, INSERTED.id))
    assert [frame_in(changes(timeline, None, SAME.id), frame) for frame in range(100)] == list(range(100))


@pytest.mark.parametrize(
    ("to", "mask", "becomes"),
    [
        (EXTENDED.id, Region(95, 130), Region(95, 130)),
        (INSERTED.id, Region(40, 60), Region(40, 60)),
        (INSERTED.id, Region(50, 70), Region(70, 90)),
        (INSERTED.id, Region(10, 30), Region(10, 30)),
        (SHORTER.id, Region(20, 50), Region(20, 30)),
        (SHORTER.id, Region(60, 80), Region(40, 60)),
        (SAME.id, Region(30, 35), Region(30, 35)),
    ],
)
def test_the_mask_follows_what_is_used(timeline: Timeline, to: TakeId, mask: Region, becomes: Region) -> None:
    assert mask_in(timeline, None, to, mask, 100) == becomes
    if mask != Region(30, 35):
        assert mask_in(timeline, to, None, becomes, timeline.length(100, to)) == mask


def test_what_was_before_the_start_is_found_again(timeline: Timeline) -> None:
    assert mask_in(timeline, INSERTED.id, BEFORE.id, Region(-10, 5), 120) == Region(0, 15)
    assert mask_in(timeline, BEFORE.id, INSERTED.id, Region(0, 15), 130) == Region(-10, 5)


def test_a_mask_on_what_is_not_there_is_gone(timeline: Timeline) -> None:
    assert mask_in(timeline, INSERTED.id, None, Region(45, 55), 120) is None


def test_a_crossfade_outside_is_no_part_of_what_was_remade() -> None:
    made = take("x", None, Region(20, 50), 10, outside=5)
    assert (made.region, made.landed, made.remade) == (Region(15, 55), Region(15, 35), Region(20, 30))
    timeline = Timeline().add(made)
    assert mask_in(timeline, None, made.id, Region(20, 50), 100) == Region(20, 30)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.lists(st.integers(0, 200), min_size=2))
def test_order_is_kept(start: int, old: int, new: int, frames: list[int]) -> None:
    change = Change(Region(start, start + old), new)
    moved = [change.frame(frame) for frame in sorted(frames)]
    assert moved == sorted(moved)
    assert region_in((change,), Region(min(frames), max(frames))).length >= 0
