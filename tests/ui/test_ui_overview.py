"""The strip with the whole clip: looking elsewhere by mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.overview import Overview
from app.ui.ruler import LEVEL_WIDTH
from app.ui.waveform import WaveformView

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
LENGTH = 264_600
WIDTH = 1000


@pytest.fixture
def strip(qtbot, music):
    widget = Overview()
    qtbot.addWidget(widget)
    widget.resize(WIDTH + LEVEL_WIDTH, 46)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_sound(music, peaks_of(music))
    widget.set_view((LENGTH * 0.4, LENGTH * 0.6))
    widget.asked = []
    widget.view_requested.connect(widget.asked.append)
    return widget


def drag(widget, start, end):
    for kind, x, buttons, button in (
        (QMouseEvent.Type.MouseButtonPress, start, LEFT, LEFT),
        (QMouseEvent.Type.MouseMove, (start + end) / 2, LEFT, Qt.MouseButton.NoButton),
        (QMouseEvent.Type.MouseMove, end, LEFT, Qt.MouseButton.NoButton),
        (QMouseEvent.Type.MouseButtonRelease, end, Qt.MouseButton.NoButton, LEFT),
    ):
        at = QPointF(LEVEL_WIDTH + x, 20)
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, buttons, NONE))


def shares(view):
    return pytest.approx(tuple(edge * LENGTH for edge in view), abs=LENGTH / WIDTH)


def test_dragging_the_box_pans_and_stops_at_the_ends(strip):
    drag(strip, 500, 600)
    assert strip.asked[-1] == shares((0.5, 0.7))
    drag(strip, 600, 2000)
    assert strip.asked[-1] == shares((0.8, 1.0))


def test_a_click_elsewhere_centres_there(strip):
    QTest.mouseClick(strip, LEFT, NONE, QPoint(LEVEL_WIDTH + 200, 20))
    assert strip.asked == [shares((0.1, 0.3))]


def test_a_click_on_the_box_changes_nothing(strip):
    QTest.mouseClick(strip, LEFT, NONE, QPoint(LEVEL_WIDTH + 480, 20))
    assert strip.asked == []


def test_the_edges_zoom(strip):
    drag(strip, 600, 800)
    assert strip.asked[-1] == shares((0.4, 0.8))
    drag(strip, 401, 100)
    assert strip.asked[-1] == shares((0.1, 0.8))


def test_the_wheel_pans(strip):
    at = QPointF(300, 20)
    event = QWheelEvent(
        at, strip.mapToGlobal(at), QPoint(), QPoint(0, -120), LEFT & ~LEFT, NONE, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(strip, event)
    assert strip.asked == [shares((0.42, 0.62))]


def test_the_cursor_tells_what_a_press_would_do(qtbot, strip):
    for x, shape in (
        (402, Qt.CursorShape.SizeHorCursor),
        (598, Qt.CursorShape.SizeHorCursor),
        (500, Qt.CursorShape.OpenHandCursor),
        (100, Qt.CursorShape.PointingHandCursor),
    ):
        QTest.mouseMove(strip, QPoint(LEVEL_WIDTH + x, 20))
        qtbot.waitUntil(lambda shape=shape: strip.cursor().shape() is shape)


def test_the_mask_shows_where_it_lies(strip):
    strip.set_mask(Region(LENGTH // 10, LENGTH // 5))
    image = strip.grab().toImage()
    accent = QColor(theme.current().accent).rgb()
    row = [image.pixel(x, 45) == accent for x in range(image.width())]
    inside = np.flatnonzero(row) - LEVEL_WIDTH
    assert inside.min() == pytest.approx(100, abs=1)
    assert inside.max() == pytest.approx(199, abs=1)


def test_strip_and_lanes_follow_each_other(qtbot, strip, music):
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(WIDTH + LEVEL_WIDTH, 300)
    view.show()
    view.set_sound(music, peaks_of(music))
    view.view_changed.connect(strip.set_view)
    strip.view_requested.connect(lambda asked: view.set_view(*asked))
    view.set_view(LENGTH * 0.2, LENGTH * 0.4)
    drag(strip, 300, 500)
    assert view.view() == shares((0.4, 0.6))


def test_a_deep_zoom_leaves_a_box_that_can_be_held(strip):
    strip.set_view((LENGTH * 0.5, LENGTH * 0.5 + 20))
    drag(strip, 500, 700)
    assert strip.asked[-1] == pytest.approx((LENGTH * 0.7, LENGTH * 0.7 + 20), abs=LENGTH / WIDTH)
    assert strip.asked[-1][1] - strip.asked[-1][0] == pytest.approx(20)


# Beyond the clip


def tabs(strip):
    """The columns in the middle of the strip's height that hold the mask's colour."""
    image = strip.grab().toImage()
    accent = QColor(theme.current().accent).rgb()
    return np.flatnonzero([image.pixel(x, 23) == accent for x in range(image.width())]) - LEVEL_WIDTH


def test_a_mask_beyond_an_end_shows_as_a_tab_there_and_the_scale_stays(strip):
    strip.set_view((0, LENGTH))
    strip.set_mask(Region(LENGTH // 2, LENGTH))
    assert tabs(strip).size == 0
    strip.set_mask(Region(LENGTH // 2, LENGTH + 50_000))
    assert tabs(strip).size
    assert tabs(strip).min() > WIDTH - 8
    image = strip.grab().toImage()
    accent = QColor(theme.current().accent).rgb()
    row = np.flatnonzero([image.pixel(x, 43) == accent for x in range(image.width())]) - LEVEL_WIDTH
    assert row.min() == pytest.approx(WIDTH / 2, abs=1)
    strip.set_mask(Region(-50_000, 1000))
    assert tabs(strip).max() < 8
    strip.set_mask(Region(LENGTH, LENGTH + 50_000))
    assert tabs(strip).min() > WIDTH - 8


def test_nothing_is_painted_outside_the_strip(strip):
    bare = strip.grab().toImage().copy(0, 0, LEVEL_WIDTH - 1, 46)
    strip.set_mask(Region(-50_000, LENGTH + 50_000))
    strip.set_view((-80_000, LENGTH + 80_000))
    assert strip.grab().toImage().copy(0, 0, LEVEL_WIDTH - 1, 46) == bare


def test_a_view_beyond_the_clip_can_be_dragged_in_and_out_again(strip):
    strip.set_view((LENGTH * 0.7, LENGTH * 1.1))
    for kind, x in (
        (QMouseEvent.Type.MouseButtonPress, 800),
        (QMouseEvent.Type.MouseMove, 700),
        (QMouseEvent.Type.MouseMove, 800),
        (QMouseEvent.Type.MouseMove, 950),
        (QMouseEvent.Type.MouseButtonRelease, 950),
    ):
        at = QPointF(LEVEL_WIDTH + x, 20)
        QApplication.sendEvent(strip, QMouseEvent(kind, at, strip.mapToGlobal(at), LEFT, LEFT, NONE))
    assert strip.asked == [shares((0.6, 1.0)), shares((0.7, 1.1))]


def test_a_click_on_the_box_of_a_view_with_room_leaves_it(strip):
    strip.set_view((-LENGTH * 0.1, LENGTH * 1.1))
    drag(strip, 500, 600)
    assert strip.asked == []


def test_the_left_edge_zooms_and_leaves_the_room_in_view(strip):
    strip.set_view((LENGTH * 0.5, LENGTH * 1.2))
    drag(strip, 500, 300)
    assert strip.asked[-1] == shares((0.3, 1.2))
