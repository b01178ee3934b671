"""Every gesture on the lanes, by real mouse and key events."""

import pytest
from lanes_hand import ALT, CTRL, LEFT, NONE, ROW, SHIFT, Hand, lanes_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui.ruler import LEVEL_WIDTH
from app.ui.waveform import WaveformView

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def view(qtbot, music):
    """Six seconds on a thousand pixels, without snapping."""
    return lanes_of(qtbot, music)


@pytest.fixture
def hand(view):
    return Hand(view)


def test_a_drag_makes_the_mask_and_the_release_commits_it_once(view, hand):
    hand.press(200)
    hand.move(300)
    hand.move(450.5)
    assert hand.committed == []
    assert hand.changing[-1] == view.masked() == Region(hand.frame(200), hand.frame(450.5))
    hand.release(450.5)
    assert hand.committed == [Region(hand.frame(200), hand.frame(450.5))]
    assert all(type(edge) is int for edge in (hand.committed[0].start, hand.committed[0].end))
    assert hand.sought == []


def test_a_drag_to_the_left_makes_the_same_mask(view, hand):
    hand.drag(450, 200)
    assert hand.committed == [Region(hand.frame(200), hand.frame(450))]


@pytest.mark.parametrize(("pixels", "made"), [(2, False), (3, True)])
def test_a_press_becomes_a_drag_at_three_pixels(hand, pixels, made):
    hand.drag(500, 500 + pixels)
    assert bool(hand.committed) is made
    assert bool(hand.sought) is not made


def test_a_plain_click_moves_the_playhead_and_leaves_the_mask(view, hand):
    mask = Region(50_000, 90_000)
    view.set_mask(mask)
    for x in (100, hand.x(70_000)):
        hand.click(x)
    assert hand.sought == [hand.frame(100), hand.frame(round(hand.x(70_000)))]
    assert view.masked() == mask
    assert hand.committed == []


def test_a_click_on_an_edge_changes_nothing_about_the_mask(view, hand):
    mask = Region(50_000, 90_000)
    view.set_mask(mask)
    hand.click(hand.x(50_000) + 2)
    assert view.masked() == mask
    assert hand.committed == []


@pytest.mark.parametrize("off", [-5, 0, 5])
def test_an_edge_drag_resizes_and_keeps_the_other_edge(view, hand, off):
    view.set_mask(Region(100_000, 160_000))
    hand.drag(hand.x(160_000) + off, 800)
    assert hand.committed == [Region(100_000, hand.frame(800))]
    hand.drag(hand.x(100_000) + off, 100)
    assert hand.committed[-1] == Region(hand.frame(100), hand.frame(800))


def test_an_edge_dragged_over_the_other_one_crosses_it(view, hand):
    view.set_mask(Region(100_000, 160_000))
    hand.drag(hand.x(160_000), 50)
    assert hand.committed == [Region(hand.frame(50), 100_000)]


def test_ctrl_drag_inside_moves_the_mask_and_stops_at_the_ends(view, hand):
    view.set_mask(Region(100_000, 160_000))
    x = hand.x(130_000)
    hand.drag(x, x + 40, CTRL)
    moved = hand.committed[0]
    assert moved.length == 60_000
    assert moved.start == 100_000 + hand.frame(x + 40) - hand.frame(x)
    hand.drag(hand.x(moved.start) + 20, 5, CTRL)
    hand.drag(200, -300, CTRL)
    assert hand.committed[-1] == Region(0, 60_000)


def test_ctrl_drag_outside_makes_a_new_mask(view, hand):
    view.set_mask(Region(100_000, 160_000))
    hand.drag(10, 60, CTRL)
    assert hand.committed == [Region(hand.frame(10), hand.frame(60))]


def test_shift_click_extends_the_nearer_edge_to_the_click(view, hand):
    view.set_mask(Region(100_000, 160_000))
    hand.click(900, SHIFT)
    assert hand.committed == [Region(100_000, hand.frame(900))]
    hand.click(100, SHIFT)
    assert hand.committed[-1] == Region(hand.frame(100), hand.frame(900))
    hand.click(850, SHIFT)
    assert hand.committed[-1] == Region(hand.frame(100), hand.frame(850))
    assert hand.sought == []


def test_shift_click_without_a_mask_selects_from_the_playhead(view, hand):
    view.set_playhead(100_000)
    hand.click(900, SHIFT)
    hand.view.set_mask(None)
    hand.click(100, SHIFT)
    assert hand.committed == [Region(100_000, hand.frame(900)), Region(hand.frame(100), 100_000)]


def test_double_click_selects_between_marks_and_else_everything(view, hand):
    QTest.mouseDClick(hand.port, LEFT, NONE, QPoint(LEVEL_WIDTH + 500, ROW))
    assert hand.committed == [Region(0, view.length)]
    view.set_marks((200_000, 60_000))
    QTest.mouseDClick(hand.port, LEFT, NONE, QPoint(LEVEL_WIDTH + 500, ROW))
    QTest.mouseDClick(hand.port, LEFT, NONE, QPoint(LEVEL_WIDTH + 990, ROW))
    assert hand.committed[1:] == [Region(60_000, 200_000), Region(200_000, view.length)]


def test_escape_gives_the_old_mask_back_and_goes_no_further(qtbot, music):
    """In a window whose own Esc clears the mask, as the real one has it."""
    window = QMainWindow()
    qtbot.addWidget(window)
    view = WaveformView()
    window.setCentralWidget(view)
    window.resize(1000, 300)
    clear = QAction("Clear", window)
    clear.setShortcut(QKeySequence(Qt.Key.Key_Escape))
    cleared: list[bool] = []
    clear.triggered.connect(lambda: cleared.append(True))
    window.addAction(clear)
    window.show()
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(lambda: window.isActiveWindow() and view.hasFocus())
    view.set_sound(music, peaks_of(music))
    view.snap = False
    before = Region(1000, 20_000)
    view.set_mask(before)
    hand = Hand(view)
    hand.press(300)
    hand.move(500)
    assert view.masked() != before
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert view.masked() == before
    assert not view.dragging()
    hand.move(600)
    hand.release(600)
    assert (hand.committed, hand.sought, cleared) == ([], [], [])
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert len(cleared) == 1


def test_snapping_finds_zero_crossings_and_alt_suspends_it(view, hand, music):
    view.snap = True
    hand.drag(211, 433)
    mask = hand.committed[0]
    mono = music.read().mean(axis=1)
    for edge, x in ((mask.start, 211), (mask.end, 433)):
        assert (mono[edge - 1] >= 0) != (mono[edge] >= 0)
        assert abs(edge - hand.frame(x)) <= round(0.005 * music.rate)
    view.set_mask(None)
    hand.drag(211, 433, ALT)
    assert hand.committed[-1] == Region(hand.frame(211), hand.frame(433))
    assert hand.committed[-1] != mask


def test_the_mask_stays_inside_the_clip_and_is_never_empty(view, hand):
    hand.drag(900, 1400)
    assert hand.committed[-1].end == view.length
    hand.drag(100, -200)
    assert hand.committed[-1].start == 0
    hand.press(500)
    hand.move(510)
    hand.move(500)
    hand.release(500)
    assert hand.committed[-1].length == 1


def test_dragging_past_the_edge_scrolls_on(qtbot, view, hand):
    view.set_view(50_000, 70_000)
    hand.press(500)
    hand.move(1060)
    before = view.view()
    qtbot.waitUntil(lambda: view.view()[0] > before[0] + 3000, timeout=3000)
    hand.release(1060)
    stopped = view.view()
    assert hand.committed[-1].start == 60_000
    assert hand.committed[-1].end > 72_000
    qtbot.wait(80)
    assert view.view() == stopped


def test_middle_drag_pans(view, hand):
    view.set_view(50_000, 70_000)
    hand.drag(600, 400, button=Qt.MouseButton.MiddleButton)
    assert view.view() == pytest.approx((54_000, 74_000))
    assert (hand.committed, hand.sought, view.masked()) == ([], [], None)


def test_a_press_in_the_ruler_seeks_and_never_masks(view, hand):
    hand.press(300, y=10)
    hand.move(420, y=10)
    hand.release(420, y=10)
    assert hand.sought == [hand.frame(300), hand.frame(420)]
    assert view.masked() is None
    assert hand.committed == []


def test_the_cursor_tells_what_a_press_would_hold(view, hand):
    view.set_mask(Region(100_000, 160_000))
    inside = hand.x(130_000)
    for x, keys, y, shape in (
        (hand.x(100_000) + 5, NONE, ROW, Qt.CursorShape.SizeHorCursor),
        (hand.x(160_000) - 5, NONE, ROW, Qt.CursorShape.SizeHorCursor),
        (hand.x(160_000) + 9, NONE, ROW, Qt.CursorShape.IBeamCursor),
        (inside, NONE, ROW, Qt.CursorShape.IBeamCursor),
        (inside, CTRL, ROW, Qt.CursorShape.SizeAllCursor),
        (inside, NONE, 8, Qt.CursorShape.PointingHandCursor),
    ):
        hand.hover(x, keys, y)
        assert hand.port.cursor().shape() is shape


def test_setting_the_mask_from_outside_emits_nothing_and_ends_a_drag(view, hand):
    view.set_mask(Region(5, 10))
    assert (hand.committed, hand.changing) == ([], [])
    hand.press(300)
    hand.move(400)
    view.set_mask(Region(5, 10))
    hand.release(400)
    assert view.masked() == Region(5, 10)
    assert hand.committed == []


def test_without_a_clip_nothing_can_be_held(qtbot):
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(800, 300)
    view.show()
    hand = Hand(view)
    hand.drag(100, 300)
    hand.click(200)
    QTest.mouseDClick(hand.port, LEFT, NONE, QPoint(LEVEL_WIDTH + 100, ROW))
    assert (hand.committed, hand.changing, hand.sought) == ([], [], [])
    assert view.accessibleDescription() == "No clip is open."


def test_a_screen_reader_hears_where_the_mask_is(view):
    view.set_mask(Region(44_100, 88_200))
    assert view.accessibleDescription() == "Clip of 00:06.000; masked from 00:01.000 to 00:02.000."
