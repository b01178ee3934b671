"""The context band's edges, by real mouse and keys, and the arithmetic behind them."""

import pytest
from lanes_hand import CTRL, NONE, Hand, lanes_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.sound.region import Region
from app.ui.context_drag import Band, ContextDrag, seconds_label
from app.ui.mask_drag import Grip
from app.ui.ruler import LEVEL_WIDTH

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = 44_100
LENGTH = 264_600
MASK = Region(3 * RATE, 4 * RATE)
CONTEXT = Region(2 * RATE, 5 * RATE)


@pytest.fixture
def view(qtbot, music):
    """Six seconds: a mask in the middle, a second of context at each side."""
    widget = lanes_of(qtbot, music)
    widget.set_mask(MASK)
    widget.set_context(CONTEXT)
    return widget


@pytest.fixture
def hand(view):
    return Hand(view)


def shown(view):
    return view._stage.fill.context


@pytest.mark.parametrize(("edge", "to"), [(2 * RATE, 1.5 * RATE), (5 * RATE, 5.5 * RATE)])
def test_either_edge_sets_the_same_seconds_at_both_sides(view, hand, edge, to):
    hand.drag(hand.x(edge), hand.x(to))
    assert hand.context[-1] == ("committed", 1.5)
    assert all(kind == "dragged" for kind, _ in hand.context[:-1])
    assert hand.context[-2] == ("dragged", 1.5)
    assert shown(view) == Region(round(1.5 * RATE), round(5.5 * RATE))
    assert (hand.committed, hand.changing, hand.sought, view.masked()) == ([], [], [], MASK)


def test_moving_tells_and_releasing_commits_once(view, hand):
    hand.press(hand.x(2 * RATE))
    hand.move(hand.x(1.4 * RATE))
    hand.move(hand.x(1.2 * RATE))
    assert hand.context == [("dragged", 1.6), ("dragged", 1.8)]
    assert view._stage.band.text == "context 1.8 s each side"
    hand.release(hand.x(1.2 * RATE))
    assert hand.context[2:] == [("committed", 1.8)]
    assert not view._stage.band.isVisible() or not view._stage.band.text


def test_a_press_off_the_middle_of_an_edge_does_not_make_it_jump(view, hand):
    hand.press(hand.x(2 * RATE) + 4)
    hand.move(hand.x(2 * RATE) + 4 - (hand.x(2 * RATE) - hand.x(1.5 * RATE)))
    assert hand.context[-1] == ("dragged", 1.5)


@pytest.mark.parametrize("off", [-5, 5])
def test_five_pixels_to_either_side_hold_the_edge(view, hand, off):
    hand.drag(hand.x(2 * RATE) + off, hand.x(2 * RATE) + off - 60)
    assert hand.context[-1][0] == "committed"
    assert hand.committed == []


@pytest.mark.parametrize("off", [-7, 7])
def test_a_drag_that_starts_further_away_makes_a_new_mask(view, hand, off):
    x = hand.x(2 * RATE) + off
    hand.drag(x, x - 60)
    assert hand.context == []
    assert hand.committed == [Region(hand.frame(x - 60), hand.frame(x))]


def test_the_masks_edges_win(view, hand):
    view.set_context(Region(MASK.start - 500, MASK.end + 500))  # two pixels beside them
    hand.drag(hand.x(MASK.start) - 3, 200)
    assert hand.context == []
    assert hand.committed[-1].end == MASK.end


def test_with_ctrl_held_outside_an_edge_a_new_mask_is_made_as_ever(view, hand):
    hand.drag(hand.x(RATE), hand.x(RATE) - 50, CTRL)
    assert hand.context == []
    assert len(hand.committed) == 1


def test_it_is_dragged_in_to_nothing_and_no_further(view, hand):
    hand.drag(hand.x(2 * RATE), hand.x(3.6 * RATE))
    assert hand.context[-1] == ("committed", 0.0)
    assert shown(view) == MASK


def test_at_the_clips_end_it_can_be_held_but_not_dragged_out(view, hand):
    view.set_room(0, 5 * RATE)
    view.set_view(0, 2 * LENGTH)
    view.set_context(Region(0, LENGTH))
    x = hand.x(LENGTH)
    hand.hover(x)
    assert hand.port.cursor().shape() is Qt.CursorShape.SizeHorCursor
    hand.drag(x, x + 80)
    assert hand.context[-1] == ("committed", 2.0)
    view.set_context(Region(0, LENGTH))
    hand.drag(x, hand.x(5 * RATE))
    assert hand.context[-1] == ("committed", 1.0)
    assert shown(view) == CONTEXT


def test_the_other_side_gets_more_where_one_has_no_more(view, hand):
    view.set_mask(Region(RATE, 2 * RATE))
    view.set_context(Region(0, 3 * RATE))
    hand.drag(hand.x(3 * RATE), hand.x(5 * RATE))
    assert hand.context[-1] == ("committed", 3.0)
    assert shown(view) == Region(0, 5 * RATE)


def test_escape_gives_the_old_band_back(qtbot, view, hand):
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    hand.press(hand.x(2 * RATE))
    hand.move(hand.x(RATE))
    assert shown(view) != CONTEXT
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert shown(view) == CONTEXT
    assert hand.context[-1] == ("cancelled", None)
    told = len(hand.context)
    hand.move(hand.x(0.5 * RATE))
    hand.release(hand.x(0.5 * RATE))
    assert len(hand.context) == told
    assert (hand.committed, hand.sought, view.masked()) == ([], [], MASK)


def test_a_double_click_on_the_band_asks_for_the_best_and_elsewhere_selects(view, hand):
    for seconds in (2.0, 2.5, 4.5):
        hand.double_click(hand.x(seconds * RATE))
    assert hand.context == [("reset", None)] * 3
    assert hand.committed == []
    hand.double_click(hand.x(3.5 * RATE))
    assert hand.committed == [Region(0, LENGTH)]
    assert hand.context == [("reset", None)] * 3
    view.set_mask(MASK)
    hand.double_click(hand.x(MASK.start) - 4)
    assert len(hand.context) == 3, "that is the mask's edge"


def test_where_the_mask_goes_beyond_the_clip_its_end_is_no_edge_of_the_band(view, hand):
    view.set_room(5 * RATE, 5 * RATE)
    for mask, end in ((Region(5 * RATE, LENGTH + RATE), LENGTH), (Region(-RATE, RATE), 0)):
        view.set_mask(mask)
        view.set_context(Region(max(mask.start - RATE, 0), min(mask.end + RATE, LENGTH)))
        hand.hover(hand.x(end))
        assert hand.port.cursor().shape() is Qt.CursorShape.IBeamCursor


def test_a_click_on_its_edge_moves_the_playhead_and_nothing_else(view, hand):
    hand.click(hand.x(2 * RATE))
    assert len(hand.sought) == 1
    assert (hand.context, hand.committed, shown(view)) == ([], [], CONTEXT)


def test_cursor_and_handle_show_what_a_press_would_hold(view, hand):
    band = view._stage.band
    assert not band.isVisible()
    hand.hover(hand.x(5 * RATE) + 3)
    assert hand.port.cursor().shape() is Qt.CursorShape.SizeHorCursor
    assert (band.isVisible(), band.hot) == (True, Grip.END)
    hand.hover(hand.x(5 * RATE) + 9)
    assert hand.port.cursor().shape() is Qt.CursorShape.IBeamCursor
    assert not band.isVisible()
    hand.hover(hand.x(5 * RATE))
    view.set_context(Region(RATE, 6 * RATE))
    assert not band.isVisible(), "the edge is elsewhere now"


def test_what_is_set_during_a_drag_counts_after_it(view, hand):
    hand.press(hand.x(2 * RATE))
    hand.move(hand.x(RATE))
    dragged = shown(view)
    view.set_context(Region(1000, 6 * RATE))
    assert shown(view) == dragged
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert shown(view) == Region(1000, 6 * RATE)


def test_another_mask_ends_the_drag(view, hand):
    hand.press(hand.x(2 * RATE))
    hand.move(hand.x(RATE))
    view.set_mask(Region(1000, 2000))
    hand.release(hand.x(RATE))
    assert hand.context[-1] == ("cancelled", None)
    assert view.masked() == Region(1000, 2000)


def test_dragging_past_the_widget_scrolls_on(qtbot, view, hand):
    view.set_view(1.5 * RATE, 4.5 * RATE)
    hand.press(hand.x(2 * RATE))
    hand.move(-60)
    qtbot.waitUntil(lambda: view.view()[0] < RATE, timeout=3000)
    hand.release(-60)
    assert hand.context[-1][0] == "committed"
    assert hand.context[-1][1] > 2.0


def test_context_beyond_the_clip_is_silence_and_not_drawn(view):
    view.set_room(5 * RATE, 5 * RATE)
    view.set_view(-5 * RATE, LENGTH + 5 * RATE)
    view.set_context(Region(-3 * RATE, LENGTH + 3 * RATE))
    scale = view.scale()
    image = view._canvas.grab().toImage()
    beyond = [image.pixel(LEVEL_WIDTH + round(scale.x(frame)), 150) for frame in (-4 * RATE, -2 * RATE, LENGTH + RATE)]
    assert len(set(beyond)) == 1
    before = image.pixel(LEVEL_WIDTH + round(scale.x(RATE)), 290)
    view.set_context(None)
    assert view._canvas.grab().toImage().pixel(LEVEL_WIDTH + round(scale.x(RATE)), 290) != before


def test_beside_a_mask_beyond_the_end_the_other_edge_is_held(view, hand):
    view.set_room(0, 5 * RATE)
    view.zoom_fit()
    view.set_mask(Region(LENGTH, LENGTH + RATE))
    view.set_context(Region(LENGTH - 2 * RATE, LENGTH))
    hand.hover(hand.x(LENGTH - 2 * RATE))
    assert hand.port.cursor().shape() is Qt.CursorShape.SizeHorCursor
    hand.drag(hand.x(LENGTH - 2 * RATE), hand.x(LENGTH - 3 * RATE), NONE)
    assert hand.context[-1] == ("committed", 3.0)
    assert shown(view) == Region(LENGTH - 3 * RATE, LENGTH)


@pytest.mark.parametrize(
    ("per_pixel", "seconds"), [(4410.0, 1.2), (400.0, 1.23), (40.0, 1.234), (0.1, 1.234)], ids=["0.1", "10", "1", "0"]
)
def test_steps_are_as_fine_as_a_pixel_can_tell(per_pixel, seconds):
    drag = ContextDrag(Grip.START, 2 * RATE, Band(CONTEXT, MASK, LENGTH, RATE))
    assert drag.seconds(round((3 - 1.234) * RATE), per_pixel) == seconds


def test_a_clip_that_ends_between_two_steps_is_sent_to_its_end():
    length = MASK.end + round(1.13 * RATE)
    drag = ContextDrag(Grip.END, 5 * RATE, Band(CONTEXT, MASK, length, RATE))
    seconds = drag.seconds(10 * RATE, 4410.0)
    assert seconds == 1.2
    assert drag.dragged(seconds).context == Region(MASK.start - round(1.2 * RATE), length)


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.5, "3.5"), (3.0, "3.0"), (0.25, "0.25"), (0.0, "0.0"), (12.0, "12.0")]
)
def test_seconds_are_told_with_one_decimal_at_least(seconds, text):
    assert seconds_label(seconds) == f"context {text} s each side"
