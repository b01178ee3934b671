"""Where masks may lie, for any room and any frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sound.region import Region
from app.ui.mask_drag import Grip, MaskDrag
from app.ui.reach import Reach

LENGTH = 10_000
FRAMES = st.integers(-40_000, 60_000)
ROOMS = st.builds(Reach, st.just(LENGTH), st.integers(0, 15_000), st.integers(0, 15_000))


@st.composite
def masks(draw):
    """A mask as some other endpoint may have had room for it: it touches the clip."""
    start = draw(st.integers(-15_000, LENGTH))
    return Region(start, draw(st.integers(max(start + 1, 0), 25_000)))


@given(st.sampled_from(Grip), FRAMES, masks(), ROOMS, FRAMES)
def test_no_drag_leaves_the_room_loses_the_clip_or_empties_the_mask(grip, origin, before, reach, frame):
    region = MaskDrag(grip, origin, before, reach).region(frame)
    wide = reach if grip is Grip.NEW else reach.including(before)
    assert wide.start <= region.start < region.end <= wide.end
    assert region.start <= LENGTH
    assert region.end >= 0
    if grip is Grip.MOVE:
        assert region.length == before.length


@given(masks(), st.builds(Reach, st.just(LENGTH), st.just(0), st.just(0)))
def test_a_drag_that_goes_nowhere_leaves_a_mask_where_more_room_was(mask, reach):
    assert MaskDrag(Grip.MOVE, 50, mask, reach).region(50) == mask
    assert MaskDrag(Grip.END, mask.end, mask, reach).region(mask.end) == mask
    assert MaskDrag(Grip.START, mask.start, mask, reach).region(mask.start) == mask


def test_a_drag_in_the_room_alone_begins_at_the_clip():
    reach = Reach(100, before=50, after=50)
    assert reach.between(120, 140) == Region(100, 140)
    assert reach.between(-40, -10) == Region(-40, 0)
    assert reach.between(-500, 500) == Region(-50, 150)
    assert Reach(100).between(120, 140) == Region(99, 100)


@pytest.mark.parametrize(
    ("mask", "before", "after"),
    [
        (Region(10, 90), None, None),
        (Region(0, 100), None, None),
        (Region(-7, 20), Region(-7, 0), None),
        (Region(90, 130), None, Region(100, 130)),
        (Region(100, 130), None, Region(100, 130)),
        (Region(-7, 130), Region(-7, 0), Region(100, 130)),
    ],
)
def test_what_lies_beyond_is_told_for_each_end(mask, before, after):
    assert Reach(100).beyond(mask) == (before, after)


def test_the_ends_of_the_clip_hold_what_comes_near():
    reach = Reach(1000)
    assert [reach.stuck(frame, 8.0) for frame in (-9, -8, 8, 9, 991, 992, 1008, 1009)] == [
        None,
        0,
        0,
        None,
        None,
        1000,
        1000,
        None,
    ]
