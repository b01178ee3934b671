"""Takes are heard with a click or an arrow, used with Enter, and every line can be worked without a mouse."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

from app.remote.job import JobId, JobState
from app.takes.take import TakeId
from app.ui.job_cards import JobCard
from app.ui.take_list import TakeList
from app.ui.take_row import Part, TakeRow, place

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def columns(seed: int) -> np.ndarray:
    high = np.random.default_rng(seed).uniform(0.1, 0.9, (120, 2)).astype(np.float32)
    return np.stack([-high, high], axis=-1)


def row(number: int, **more) -> TakeRow:
    facts = {"title": f"glass hit {number}", "endpoint": "Repair", "seed": 40 + number, "region": "3.20–5.00"}
    facts |= {"time": "14:02", "columns": columns(number), "marked": (0.3, 0.5)}
    return TakeRow(TakeId(f"t{number}"), number, **(facts | more))


ORIGINAL = TakeRow(None, 0, "Original", columns=columns(0), used=True)


@pytest.fixture
def takes(qtbot) -> TakeList:
    found = TakeList()
    qtbot.addWidget(found)
    found.resize(1046, 190)
    found.set_rows([ORIGINAL, row(1), row(2, starred=True), row(3, binned=True), row(4, parent=2)])
    found.show()
    qtbot.waitExposed(found)
    found.view.setFocus()
    qtbot.waitUntil(found.view.hasFocus)
    return found


def collect(signal) -> list:
    got: list = []
    signal.connect(got.append)
    return got


def middle(takes: TakeList, number: int) -> QPoint:
    """On the title of a line, away from its buttons."""
    rect = takes.view.visualRect(takes.view.takes.index(number))
    return QPoint(rect.left() + 260, rect.center().y())


def button(takes: TakeList, number: int, part: Part) -> QPoint:
    return takes.view.part_rect(number, part).center()


def test_click_hears_and_double_click_uses(qtbot, takes):
    heard, used = collect(takes.heard), collect(takes.used)
    qtbot.mouseClick(takes.view.viewport(), LEFT, pos=middle(takes, 1))
    assert heard == ["t1"]
    assert used == []
    place_of_it = QPointF(middle(takes, 1))
    for kind, held in ((QEvent.Type.MouseButtonDblClick, LEFT), (QEvent.Type.MouseButtonRelease, NONE)):
        second = QMouseEvent(kind, place_of_it, place_of_it, LEFT, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(takes.view.viewport(), second)
    assert used == ["t1"]
    assert heard == ["t1"]  # the second click is no click of its own
    qtbot.mouseClick(takes.view.viewport(), LEFT, pos=middle(takes, 0))
    assert heard[-1] is None


def test_arrows_move_and_hear_enter_uses_f_stars_del_bins(qtbot, takes):
    heard, used = collect(takes.heard), collect(takes.used)
    starred, binned = collect(takes.starred), collect(takes.binned)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(takes.view, key)
    assert heard[-3:] == ["t1", "t2", "t1"]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F, Qt.Key.Key_Delete):
        qtbot.keyClick(takes.view, key)
    assert used == ["t1", "t1"]
    assert starred == ["t1"]
    assert binned == ["t1"]
    assert takes.current() == "t1"


def test_the_original_can_be_used_but_not_binned(qtbot, takes):
    takes.set_rows([replace(ORIGINAL, used=False), row(1, used=True)])
    used, starred, binned = collect(takes.used), collect(takes.starred), collect(takes.binned)
    qtbot.keyClick(takes.view, Qt.Key.Key_Home)
    for key in (Qt.Key.Key_F, Qt.Key.Key_Delete, Qt.Key.Key_Return):
        qtbot.keyClick(takes.view, key)
    assert (used, starred, binned) == ([None], [], [])
    for part in (Part.STAR, Part.BIN):
        qtbot.mouseClick(takes.view.viewport(), LEFT, pos=button(takes, 0, part))
    assert (starred, binned) == ([], [])


@pytest.mark.parametrize(("part", "signal"), [(Part.USE, "used"), (Part.STAR, "starred"), (Part.BIN, "binned")])
def test_buttons_of_a_line_do_what_they_show(qtbot, takes, part, signal):
    heard, got = collect(takes.heard), collect(getattr(takes, signal))
    qtbot.mouseClick(takes.view.viewport(), LEFT, pos=button(takes, 1, part))
    assert got == ["t1"]
    assert heard == []


def test_more_asks_for_a_menu_where_it_was_pressed(qtbot, takes):
    asked: list = []
    takes.menu_requested.connect(lambda take, where: asked.append((take, where)))
    qtbot.mouseClick(takes.view.viewport(), LEFT, pos=button(takes, 1, Part.MORE))
    assert asked[0][0] == "t1"
    assert isinstance(asked[0][1], QPoint)


def test_letters_and_space_are_left_to_the_window(qtbot, takes):
    heard = collect(takes.heard)
    qtbot.keyClick(takes.view, Qt.Key.Key_Home)
    before = takes.current()
    heard.clear()
    for key in (Qt.Key.Key_G, Qt.Key.Key_Space, Qt.Key.Key_L):
        qtbot.keyClick(takes.view, key)
    assert heard == []
    assert takes.current() == before


def shown(takes: TakeList) -> list:
    return [each.number for each in takes.view.takes.rows]


def test_filter_stars_and_bin(qtbot, takes):
    assert shown(takes) == [0, 1, 2, 4]
    assert takes.bin.text() == "1"
    qtbot.mouseClick(takes.bin, LEFT)
    assert shown(takes) == [0, 1, 2, 3, 4]
    qtbot.mouseClick(takes.bin, LEFT)
    qtbot.mouseClick(takes.stars, LEFT)
    assert shown(takes) == [0, 2]
    qtbot.mouseClick(takes.stars, LEFT)
    qtbot.keyClicks(takes.filter, "HIT 44")
    assert shown(takes) == [0, 4]
    qtbot.keyClicks(takes.filter, "zz")
    assert shown(takes) == [0]
    assert takes.view.nothing


def test_what_is_heard_becomes_current_and_else_the_place_is_kept(qtbot, takes):
    rows = [ORIGINAL, row(1), row(2), row(4, heard=True)]
    takes.set_rows(rows)
    assert takes.current() == "t4"
    qtbot.keyClick(takes.view, Qt.Key.Key_Up)
    takes.set_rows([*rows, row(5)])
    assert takes.current() == "t2"


def test_empty_list_says_where_takes_come(takes):
    takes.set_rows([])
    assert takes.view.nothing == "Takes appear here."
    takes.set_rows([ORIGINAL])
    assert takes.view.nothing == "Takes appear here."
    takes.set_rows([ORIGINAL, row(1)])
    assert takes.view.nothing == ""


def test_a_line_is_read_aloud_with_its_states():
    spoken = row(2, used=True, starred=True, parent=1).spoken()
    assert spoken == "Take 2, in use, starred, glass hit 2, from 1, Repair, seed 42, 3.20–5.00, 14:02"
    assert ORIGINAL.spoken() == "Original, in use"


@pytest.mark.parametrize("width", [1046, 700, 420])
def test_parts_of_a_line_never_overlap(qtbot, takes, width):
    takes.resize(width, 190)
    rect = takes.view.visualRect(takes.view.takes.index(1))
    places = place(rect, takes.view.fontMetrics(), takes.view.lines.widths)
    parts = [places.state, places.number, places.miniature, places.title]
    parts += sorted(places.cells.values(), key=lambda each: each.left())
    parts += [places.buttons[part] for part in (Part.USE, Part.STAR, Part.BIN, Part.MORE)]
    for one, other in pairwise(parts):
        assert one.right() < other.left() + 1
    assert parts[-1].right() <= rect.right()
    assert places.title.width() > 0
    takes.grab()


def test_jobs_stand_above_the_takes_and_leave_them_room(qtbot, takes):
    jobs = [JobCard(JobId(str(i)), "Fill", JobState.RUNNING) for i in range(8)]
    takes.set_jobs(jobs)
    qtbot.waitUntil(lambda: takes.jobs.isVisible() and takes.jobs.height() > 10)
    qtbot.waitUntil(lambda: takes.jobs.geometry().bottom() <= takes.view.geometry().top())
    assert takes.jobs.height() <= takes.height() / 2
    assert takes.view.height() >= takes.view.sizeHintForRow(0)
    takes.set_jobs([])
    qtbot.waitUntil(lambda: not takes.jobs.isVisible())


def test_header_can_be_lent_to_a_dock(takes):
    assert takes.header.findChild(QLabel) is not None
    assert takes.filter.parent() is takes.header
