"""A newcomer can drop, open, or try; and the line at the bottom shows what it is given."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.ui.empty_state import EmptyState
from app.ui.status_line import StatusLine, format_text

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def empty(qtbot) -> EmptyState:
    found = EmptyState()
    qtbot.addWidget(found)
    found.resize(800, 450)
    found.show()
    return found


def test_two_ways_to_begin(qtbot, empty):
    with qtbot.waitSignal(empty.open_requested):
        qtbot.mouseClick(empty.open, LEFT)
    with qtbot.waitSignal(empty.demo_requested):
        qtbot.mouseClick(empty.demo, LEFT)


def test_recent_projects_open_and_missing_ones_are_greyed(qtbot, empty, tmp_path):
    there, gone = tmp_path / "Forest & walk.retake", tmp_path / "gone.retake"
    there.mkdir()
    empty.set_recent([there, gone])
    first, second = empty.recent_buttons()
    assert first.text() == "Forest && walk"
    assert not second.isEnabled()
    assert "Missing" in second.toolTip()
    with qtbot.waitSignal(empty.recent_chosen, check_params_cb=lambda path: path == there):
        qtbot.mouseClick(first, LEFT)
    empty.set_recent([])
    assert empty.recent_buttons() == ()


def _drop(empty: EmptyState, urls: list[QUrl]) -> bool:
    mime = QMimeData()
    mime.setUrls(urls)
    copy, button, key = Qt.DropAction.CopyAction, LEFT, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), copy, mime, button, key)
    QApplication.sendEvent(empty, enter)
    if enter.isAccepted():
        QApplication.sendEvent(empty, QDropEvent(QPointF(20, 20), copy, mime, button, key))
    return enter.isAccepted()


def test_files_can_be_dropped_anywhere(empty):
    got: list = []
    empty.files_dropped.connect(got.append)
    assert _drop(empty, [QUrl.fromLocalFile("/a/one.wav"), QUrl.fromLocalFile("/a/two.flac")])
    assert got == [[Path("/a/one.wav"), Path("/a/two.flac")]]
    assert not _drop(empty, [QUrl("https://example.org/a.wav")])


def test_tab_reaches_both_buttons(qtbot, empty):
    empty.open.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(empty.open.hasFocus)
    qtbot.keyClick(empty.open, Qt.Key.Key_Tab)
    qtbot.waitUntil(empty.demo.hasFocus)
    with qtbot.waitSignal(empty.demo_requested):
        qtbot.keyClick(empty.demo, Qt.Key.Key_Space)


def test_status_line_hides_what_is_empty(qtbot):
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(900, 24)
    line.show()
    assert not line.format.isVisible()
    line.set_format(format_text(44_100, "24", 2))
    line.set_device("No audio device", "warning")
    assert line.format.text() == "44.1k/24/2ch"
    assert line.format.isVisible()
    assert line.device.property("role") == "warning"
    line.set_format("")
    assert not line.format.isVisible()
