"""The mask beyond the clip's ends: by mouse, in the view, and in what is drawn and told."""

import numpy as np
import pytest
from lanes_hand import ALT, CTRL, SHIFT, Hand, lanes_of
from PySide6.QtGui import QColor

from app.sound.region import Region
from app.ui import theme
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = 44_100
LENGTH = 264_600
ROOM = 10 * RATE


@pytest.fixture
def view(qtbot, music):
    """Six seconds of music with ten seconds of room at either end, all of it on a thousand pixels."""
    widget = lanes_of(qtbot, music)
    widget.set_room(ROOM, ROOM)
    widget.set_view(-ROOM, LENGTH + ROOM)
    return widget


@pytest.fixture
def hand(view):
    return Hand(view)


def colours_at(view, x):
    """What is painted in a column of the lanes, as a set of colours."""
    image = view._canvas.grab().toImage()
    return {image.pixelColor(LEVEL_WIDTH + round(x), y).name() for y in range(RULER_HEIGHT + 3, image.height() - 3)}


# Dragging


def test_a_drag_goes_on_beyond_the_end_and_beyond_the_start(view, hand):
    hand.drag(hand.x(LENGTH - RATE), hand.x(LENGTH + 3 * RATE))
    assert hand.committed[-1].start == pytest.approx(LENGTH - RATE, abs=500)
    assert hand.committed[-1].end == pytest.approx(LENGTH + 3 * RATE, abs=500)
    hand.drag(hand.x(RATE), hand.x(-2 * RATE))
    assert hand.committed[-1].start == pytest.approx(-2 * RATE, abs=500)
    assert hand.committed[-1].end == pytest.approx(RATE, abs=500)


def test_a_drag_within_the_room_begins_at_the_clip(view, hand):
    hand.drag(hand.x(LENGTH + 2 * RATE), hand.x(LENGTH + 4 * RATE))
    assert hand.committed[-1].start == LENGTH
    assert hand.committed[-1].end == pytest.approx(LENGTH + 4 * RATE, abs=500)
    hand.drag(hand.x(-2 * RATE), hand.x(-4 * RATE))
    assert hand.committed[-1].end == 0
    assert hand.committed[-1].start == pytest.approx(-4 * RATE, abs=500)


def test_an_edge_is_dragged_out_and_back_in(view, hand):
    view.set_mask(Region(LENGTH - RATE, LENGTH))
    hand.drag(hand.x(LENGTH), hand.x(LENGTH + 5 * RATE))
    assert hand.committed[-1] == Region(LENGTH - RATE, hand.frame(hand.x(LENGTH + 5 * RATE)))
    hand.drag(hand.x(hand.committed[-1].end), hand.x(LENGTH - RATE // 2))
    assert hand.committed[-1].end == pytest.approx(LENGTH - RATE // 2, abs=500)
    hand.drag(hand.x(LENGTH - RATE), -200)
    assert hand.committed[-1].start == -ROOM


def test_shift_click_extends_into_the_room(view, hand):
    view.set_mask(Region(LENGTH - RATE, LENGTH))
    hand.click(hand.x(LENGTH + 4 * RATE), SHIFT)
    assert hand.committed[-1].start == LENGTH - RATE
    assert hand.committed[-1].end == pytest.approx(LENGTH + 4 * RATE, abs=500)
    view.set_mask(None)
    view.set_playhead(LENGTH)
    hand.click(hand.x(LENGTH + 2 * RATE), SHIFT)
    assert hand.committed[-1].start == LENGTH


def test_ctrl_drag_moves_the_mask_out_but_not_off_the_clip(view, hand):
    view.set_mask(Region(LENGTH - 2 * RATE, LENGTH - RATE))
    x = hand.x(LENGTH - 1.5 * RATE)
    hand.drag(x, x + 400, CTRL)
    assert hand.committed[-1] == Region(LENGTH, LENGTH + RATE)
    x = hand.x(LENGTH + 0.5 * RATE)
    hand.drag(x, x - 900, CTRL)
    assert hand.committed[-1] == Region(-RATE, 0)


def test_the_playhead_stays_in_the_clip(view, hand):
    for x in (hand.x(-3 * RATE), hand.x(LENGTH + 3 * RATE)):
        hand.click(x)
        hand.click(x, y=10)
    assert hand.sought == [0, 0, LENGTH, LENGTH]


def test_a_double_click_selects_the_clip_only_also_from_the_room(view, hand):
    for x in (500, hand.x(-3 * RATE), hand.x(LENGTH + 3 * RATE)):
        view.set_mask(None)
        hand.double_click(x)
    assert hand.committed == [Region(0, LENGTH)] * 3


def test_without_room_nothing_goes_beyond(view, hand):
    view.set_room(0, 0)
    assert view.view() == (0, LENGTH)
    hand.drag(900, 1400)
    hand.drag(100, -300)
    assert hand.committed[0].end == LENGTH
    assert hand.committed[1].start == 0


def test_room_at_one_end_is_no_room_at_the_other(view, hand):
    view.set_room(0, ROOM)
    assert view.view()[0] == 0
    hand.drag(500, -300)
    assert hand.committed[-1].start == 0


def test_dragging_past_the_widget_scrolls_on_into_the_room(qtbot, view, hand):
    view.set_view(0, LENGTH)
    hand.press(900)
    hand.move(1060)
    qtbot.waitUntil(lambda: view.view()[1] > LENGTH + RATE, timeout=3000)
    hand.release(1060)
    assert hand.committed[-1].end > LENGTH + RATE
    assert hand.committed[-1].end <= LENGTH + ROOM


# Snapping


@pytest.mark.parametrize("off", [-7, 7])
@pytest.mark.parametrize("end", [0, LENGTH])
def test_edges_stick_to_the_clips_ends_and_alt_suspends_it(view, hand, off, end):
    view.snap = True
    hand.drag(500, hand.x(end) + off)
    stuck = hand.committed[-1]
    assert end in (stuck.start, stuck.end)
    view.set_mask(None)
    hand.drag(500, hand.x(end) + off, ALT)
    free = hand.committed[-1]
    assert end not in (free.start, free.end)
    assert hand.frame(hand.x(end) + off) in (free.start, free.end)


def test_beyond_eight_pixels_nothing_sticks(view, hand):
    view.snap = True
    hand.drag(500, hand.x(LENGTH) + 11)
    assert hand.committed[-1].end == hand.frame(hand.x(LENGTH) + 11)


def test_either_edge_of_a_moved_mask_sticks(view, hand):
    view.snap = True
    view.set_mask(Region(RATE, 3 * RATE))
    x = hand.x(2 * RATE)
    hand.drag(x, x + hand.x(LENGTH) - hand.x(3 * RATE) + 5, CTRL)
    assert hand.committed[-1] == Region(LENGTH - 2 * RATE, LENGTH)
    x = hand.x(LENGTH - RATE)
    hand.drag(x, x + hand.x(0) - hand.x(LENGTH - 2 * RATE) - 5, CTRL)
    assert hand.committed[-1] == Region(0, 2 * RATE)


# Looking


def test_the_whole_clip_is_seen_with_a_bit_of_the_room(view):
    view.zoom_fit()
    assert view.view() == pytest.approx((-0.03 * LENGTH, 1.03 * LENGTH))
    view.set_room(0, 1000)
    assert view.view() == (0, LENGTH + 1000)
    view.set_room(0, 0)
    assert view.view() == (0, LENGTH)


def test_a_mask_far_beyond_is_part_of_the_whole(view):
    view.set_mask(Region(LENGTH - RATE, LENGTH + 8 * RATE))
    view.zoom_fit()
    assert view.view() == pytest.approx((-LENGTH * 0.03, LENGTH * 1.03 + 8 * RATE))
    view.set_mask(Region(-8 * RATE, RATE))
    view.zoom_fit()
    assert view.view() == pytest.approx((-LENGTH * 0.03 - 8 * RATE, LENGTH * 1.03))


def test_where_the_whole_clip_is_in_view_its_room_comes_into_view_too(view):
    view.set_room(0, 0)
    assert view.view() == (0, LENGTH)
    view.set_room(0, ROOM)
    assert view.view() == pytest.approx((0, LENGTH * 1.03))


def test_a_view_of_a_part_stays_where_it_is_when_room_comes_and_goes(view):
    view.set_view(1000, 90_000)
    view.set_room(0, 0)
    view.set_room(ROOM, 0)
    assert view.view() == (1000, 90_000)


def test_a_mask_that_was_made_with_more_room_can_be_seen_and_drawn_back(view, hand):
    view.set_mask(Region(LENGTH - RATE, LENGTH + 4 * RATE))
    view.set_room(0, 0)
    view.set_view(-ROOM, LENGTH + ROOM)
    assert view.view() == (0, LENGTH + 4 * RATE)
    hand.drag(hand.x(LENGTH + 4 * RATE), hand.x(LENGTH + 3 * RATE))
    assert hand.committed[-1].end == pytest.approx(LENGTH + 3 * RATE, abs=500)
    view.set_mask(Region(1000, 2000))
    assert view.view() == (0, LENGTH)


def test_the_ruler_counts_on_and_below_nought(view):
    labels = [text for _, text in view._stage.times.marks().labelled]
    assert labels[0].startswith("−00:")
    assert "00:00" in labels
    assert labels[-1] > "00:06"


# What is drawn and told


def test_the_ground_beyond_the_clip_is_another_one(view):
    colours = theme.current()
    assert colours_at(view, 100) == colours_at(view, 900) == {QColor(colours.window).name()}
    assert QColor(colours.canvas).name() in colours_at(view, 450)
    assert len({QColor(colours.window).name(), QColor(colours.canvas).name()}) == 2
    image = view._canvas.grab().toImage()
    line = QColor(colours.control).rgb()
    row = [image.pixel(x, image.height() - 5) == line for x in range(image.width())]
    ends = np.flatnonzero(row) - LEVEL_WIDTH
    scale = view.scale()
    assert ends == pytest.approx([scale.x(0) - 1, scale.x(LENGTH)], abs=1)


def test_the_new_part_says_how_much_longer_the_clip_gets(view, monkeypatch):
    said: list[tuple[str, float]] = []
    edges = view._stage.edges
    monkeypatch.setattr(edges, "_label", lambda painter, text, at, *_, **__: said.append((text, at)))
    view.set_mask(Region(-2 * RATE, LENGTH + int(3.2 * RATE)))
    view._canvas.grab()
    assert [text for text, _ in said] == ["+2.00 s", "+3.20 s"]
    scale = view.scale()
    assert [at for _, at in said] == pytest.approx(
        [(scale.x(-2 * RATE) + scale.x(0)) / 2, (scale.x(LENGTH) + scale.x(LENGTH + int(3.2 * RATE))) / 2], abs=1
    )
    said.clear()
    view.set_mask(Region(0, LENGTH))
    view._canvas.grab()
    assert said == []


def test_the_times_of_a_drag_beyond_are_right(view, hand, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(view._stage.edges, "_label", lambda painter, text, *_, **__: said.append(text))
    hand.press(hand.x(RATE))
    hand.move(hand.x(-RATE))
    mask = view.masked()
    view._canvas.grab()
    start, end = mask.seconds(RATE)
    assert said[-3:] == [f"−00:{-start:06.3f}", f"00:{end:06.3f}", f"{end - start:.3f} s"]
    hand.release(hand.x(-RATE))


def test_a_screen_reader_hears_of_the_part_beyond(view):
    view.set_mask(Region(RATE, LENGTH + int(3.2 * RATE)))
    assert view.accessibleDescription() == (
        "Clip of 00:06.000; masked from 00:01.000 to 00:09.200; makes the clip 3.20 s longer after its end."
    )
    view.set_mask(Region(-RATE, RATE))
    assert view.accessibleDescription().endswith(
        "masked from −00:01.000 to 00:01.000; makes the clip 1.00 s longer before its start."
    )


def test_panning_through_the_room_draws_the_wave_where_it_is(view, music):
    """The same columns as without room, only further to the right."""
    view._stage.fill.hide()

    def wave_columns():
        image = view._canvas.grab().toImage()
        colour = QColor(theme.current().wave).rgb()
        rows = range(RULER_HEIGHT + 3, image.height() - 3)
        return {x - LEVEL_WIDTH for x in range(image.width()) if any(image.pixel(x, y) == colour for y in rows)}

    for start, span in ((-ROOM, LENGTH + 2 * ROOM), (-RATE, 3 * RATE), (-300, 400), (LENGTH - 200, 400)):
        view.set_view(start, start + span)
        scale = view.scale()
        inked = wave_columns()
        assert min(inked) >= scale.x(0) - 1
        assert max(inked) <= scale.x(LENGTH) + 1
        assert inked
