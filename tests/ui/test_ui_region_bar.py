"""The mask in typed times."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.sound.region import Region
from app.ui.region_bar import RegionBar
from app.ui.times import format_time, parse_time

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = 44_100
LENGTH = RATE * 10


@pytest.fixture
def bar(qtbot):
    widget = RegionBar()
    qtbot.addWidget(widget)
    widget.show()
    widget.set_region(Region(RATE * 3, RATE * 5), RATE, LENGTH)
    widget.edited, widget.finished = [], []
    widget.region_edited.connect(widget.edited.append)
    widget.done.connect(lambda: widget.finished.append(True))
    return widget


def enter(field, text, key=Qt.Key.Key_Return):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3.2", 3.2),
        ("3,2", 3.2),
        (" 0:03.2 ", 3.2),
        ("00:03,200", 3.2),
        ("3.2 s", 3.2),
        ("250 ms", 0.25),
        ("1:02:03.5", 3723.5),
        ("90", 90.0),
        ("90:00", 5400.0),
        (".5", 0.5),
        ("", None),
        ("x", None),
        ("-1", -1.0),
        ("−0:01.5", -1.5),
        ("--1", None),
        ("1:60", None),
        ("1:75:00", None),
        ("1:2:3:4", None),
        ("1.2.3", None),
        ("1e3", None),
        ("nan", None),
    ],
)
def test_times_are_read_as_people_write_them(text, seconds):
    assert parse_time(text) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [
        (3.2, 3, "00:03.200"),
        (59.9996, 3, "01:00.000"),
        (3599.9999, 3, "1:00:00.000"),
        (61.0, 0, "01:01"),
        (-0.5, 1, "−00:00.5"),
        (-0.0001, 3, "00:00.000"),
    ],
)
def test_times_are_shown_in_full(seconds, decimals, text):
    assert format_time(seconds, decimals) == text


def test_the_fields_show_the_mask(bar):
    assert [f.text() for f in (bar.start, bar.end, bar.duration)] == ["00:03.000", "00:05.000", "00:02.000"]


def test_start_end_and_length_can_be_typed(bar):
    enter(bar.start, "3.2")
    enter(bar.end, "0:04,7")
    enter(bar.duration, "1")
    assert bar.edited == [
        Region(141_120, RATE * 5),
        Region(141_120, 207_270),
        Region(141_120, 141_120 + RATE),
    ]
    assert len(bar.finished) == 3
    assert bar.end.text() == "00:04.200"


def test_a_start_behind_the_end_takes_the_length_along(bar):
    enter(bar.start, "7")
    assert bar.edited == [Region(RATE * 7, RATE * 9)]


def test_what_goes_beyond_the_clip_is_cut_to_it(bar):
    enter(bar.end, "99")
    enter(bar.start, "9")
    enter(bar.duration, "9")
    assert bar.edited == [Region(RATE * 3, LENGTH), Region(RATE * 9, LENGTH)]


@pytest.mark.parametrize(("field", "text"), [("start", "abc"), ("start", "11"), ("end", "2"), ("duration", "0")])
def test_what_cannot_be_is_marked_and_esc_gives_the_old_time_back(bar, field, text):
    edit = getattr(bar, field)
    before = edit.text()
    enter(edit, text)
    assert bar.edited == []
    assert bar.finished == []
    assert edit.property("invalid") is True
    assert edit.accessibleDescription()
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == before
    assert edit.property("invalid") is False
    assert bar.finished == [True]


def test_with_room_times_beyond_the_clip_can_be_typed(bar):
    bar.set_room(RATE * 5, RATE * 20)
    enter(bar.end, "13.2")
    enter(bar.start, "10")
    enter(bar.duration, "99")
    assert bar.edited == [
        Region(RATE * 3, round(RATE * 13.2)),
        Region(LENGTH, round(RATE * 13.2)),
        Region(LENGTH, RATE * 30),
    ]
    bar.set_region(Region(RATE, RATE * 2), RATE, LENGTH)
    enter(bar.start, "-1.5")
    assert bar.edited[-1] == Region(round(-RATE * 1.5), RATE * 2)
    assert bar.start.text() == "−00:01.500"
    assert bar.duration.text() == "00:03.500"


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("start", "10.001", "The clip ends before that."),
        ("start", "-5.1", "At most 5 s before the clip can be masked."),
        ("end", "-3.5", "The mask must reach the clip."),
    ],
)
def test_with_room_the_mask_still_touches_the_clip(bar, field, text, why):
    bar.set_room(RATE * 5, RATE * 20)
    bar.set_region(Region(-RATE * 4, RATE), RATE, LENGTH)
    edit = getattr(bar, field)
    enter(edit, text)
    assert bar.edited == []
    assert edit.accessibleDescription() == why


def test_without_room_nothing_before_the_clip_is_a_start(bar):
    enter(bar.start, "-1")
    assert (bar.edited, bar.start.accessibleDescription()) == ([], "The clip begins at 0.")
    bar.set_region(Region(0, RATE), RATE, LENGTH)
    QTest.keyClick(bar.start, Qt.Key.Key_Down)
    assert bar.start.text() == "00:00.000"


def test_the_keys_step_below_nought_where_there_is_room(bar):
    bar.set_room(RATE // 100, 0)
    bar.set_region(Region(0, RATE), RATE, LENGTH)
    bar.start.setFocus()
    for _ in range(3):
        QTest.keyClick(bar.start, Qt.Key.Key_Down)
    assert bar.edited == [Region(-RATE // 100, RATE)]
    assert bar.start.text() == "−00:00.010"


def test_without_a_mask_two_times_beyond_the_clip_make_one_that_touches_it(bar):
    bar.set_room(0, RATE * 20)
    bar.set_region(None, RATE, LENGTH)
    enter(bar.start, "12")
    enter(bar.duration, "2")
    assert bar.edited == []
    enter(bar.start, "10")
    assert bar.edited == [Region(LENGTH, LENGTH + 2 * RATE)]


def test_unchanged_text_keeps_the_exact_frames(bar):
    exact = Region(141_123, 207_271)
    bar.set_region(exact, RATE, LENGTH)
    for field in (bar.start, bar.end, bar.duration):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert bar.edited == []
    enter(bar.end, "5")
    assert bar.edited == [Region(141_123, RATE * 5)]


def test_the_keys_step_a_time(bar):
    bar.start.setFocus()
    QTest.keyClick(bar.start, Qt.Key.Key_Up)
    assert bar.edited[-1].start == round(3.01 * RATE)
    QTest.keyClick(bar.start, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert bar.edited[-1].start == round(2.91 * RATE)
    QTest.keyClick(bar.start, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert bar.edited[-1].start == round(2.911 * RATE)


def test_without_a_mask_two_typed_times_make_one(bar):
    bar.set_region(None, RATE, LENGTH)
    assert [f.text() for f in (bar.start, bar.end, bar.duration)] == ["", "", ""]
    enter(bar.start, "1")
    assert bar.edited == []
    enter(bar.duration, "0.5")
    assert bar.edited == [Region(RATE, RATE + RATE // 2)]


def test_without_a_clip_nothing_can_be_typed(bar):
    bar.set_region(None, 0, 0)
    assert not bar.start.isEnabled()
