"""What a drag makes of the mask, for any frames."""

from hypothesis import given
from hypothesis import strategies as st

from app.sound.region import Region
from app.ui.mask_drag import Grip, MaskDrag, extended
from app.ui.reach import Reach

LENGTH = 10_000
FRAMES = st.integers(-20_000, 30_000)


@st.composite
def masks(draw):
    start = draw(st.integers(0, LENGTH - 1))
    return Region(start, draw(st.integers(start + 1, LENGTH)))


@given(st.sampled_from(Grip), st.integers(0, LENGTH), masks(), FRAMES)
def test_no_drag_leaves_the_clip_or_an_empty_mask(grip, origin, before, frame):
    region = MaskDrag(grip, origin, before, Reach(LENGTH)).region(frame)
    assert 0 <= region.start < region.end <= LENGTH
    if grip is Grip.MOVE:
        assert region.length == before.length


@given(masks(), FRAMES)
def test_an_edge_drag_keeps_the_other_edge_unless_the_mask_would_be_empty(before, frame):
    end = MaskDrag(Grip.END, before.end, before, Reach(LENGTH)).region(frame)
    start = MaskDrag(Grip.START, before.start, before, Reach(LENGTH)).region(frame)
    assert before.start in (end.start, end.end)
    assert before.end in (start.start, start.end)


def test_a_mask_of_nothing_grows_by_one_frame_towards_where_it_can():
    assert Reach(100).between(50, 50) == Region(50, 51)
    assert Reach(100).between(50, 50, leftwards=True) == Region(49, 50)
    assert Reach(100).between(100, 120) == Region(99, 100)
    assert Reach(100).between(-5, 0, leftwards=True) == Region(0, 1)


def test_extending_takes_the_nearer_edge_or_the_playhead():
    mask = Region(100, 200)
    assert extended(mask, 5, 120) == (Grip.START, mask)
    assert extended(mask, 5, 180) == (Grip.END, mask)
    assert extended(None, 5, 180) == (Grip.END, Region(5, 5))
    assert extended(None, None, 180) is None
