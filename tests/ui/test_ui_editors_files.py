"""Files: typed, dropped, chosen; local ones are attachments, hosted ones are values, and both are looked at."""

import gc
import zipfile
from pathlib import Path
from weakref import ref

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.endpoints.fields import UNSET, FileField
from app.ui import file_editor
from app.ui.editors import editor_for
from app.ui.field_row import FieldRow
from app.ui.field_words import dialog_filter
from app.ui.file_editor import FileEditor, local_path

LEFT, COPY, PLAIN = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def nothing_recent(monkeypatch):
    monkeypatch.setattr(file_editor, "_recent", {})


@pytest.fixture
def archive(tmp_path) -> Path:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a/", "")
        made.writestr("a/one.wav", b"x" * 4000)
        made.writestr("a/one.txt", "one")
    return path


def show(qtbot, **told) -> FileEditor:
    editor = editor_for(FileField(name="data", **told))
    assert isinstance(editor, FileEditor)
    qtbot.addWidget(editor)
    editor.resize(320, 60)
    editor.show()
    return editor


def drag(*urls: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(urls))
    return mime


def drop_on(widget, mime: QMimeData) -> bool:
    enter = QDragEnterEvent(QPoint(1, 1), COPY, mime, LEFT, PLAIN)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        QApplication.sendEvent(widget, QDragLeaveEvent())
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(1, 1), COPY, mime, LEFT, PLAIN))
    return True


def test_a_typed_path_is_an_attachment_and_no_value(qtbot, archive):
    editor = show(qtbot, media="archive", required=True)
    qtbot.keyClicks(editor.line, str(archive))
    assert editor.value() is UNSET
    assert editor.attachments() == {"": str(archive)}
    qtbot.waitUntil(lambda: "2 files inside" in editor.told.text())
    assert "kB" in editor.told.text() or "bytes" in editor.told.text()
    assert editor.error() is None
    assert editor.lacking() is None


@pytest.mark.parametrize("address", ["https://x.org/a.zip", "http://127.0.0.1/a", "data:audio/wav;base64,UklGRg=="])
def test_an_address_is_a_value_and_no_attachment(qtbot, address):
    editor = show(qtbot, required=True)
    qtbot.keyClicks(editor.line, address)
    assert editor.value() == address
    assert editor.attachments() == {}
    assert editor.error() is None
    assert not editor.told.isVisible()


def test_other_addresses_and_too_long_ones_are_refused(qtbot):
    editor = show(qtbot, max_length=25)
    editor.set_value("ftp://x.org/a")
    assert "https" in str(editor.error())
    editor.set_value("https://x.org/" + "a" * 20)
    assert "9 characters too long" in str(editor.error())


def test_a_required_file_is_asked_for_only_before_sending(qtbot, archive):
    editor = show(qtbot, media="archive", required=True)
    assert editor.error() is None
    lacking = editor.lacking()
    assert lacking is not None
    assert "zip archive" in lacking.hint
    editor.set_attachments({"": str(archive)})
    assert editor.lacking() is None
    assert show(qtbot, required=False).lacking() is None


def test_what_is_no_archive_is_told_beside_it(qtbot, archive, tmp_path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-30])
    editor = show(qtbot, media="archive")
    for path, words in ((cut, "no zip archive"), (tmp_path / "gone.zip", "no file"), (tmp_path, "folder")):
        editor.set_attachments({"": str(path)})
        qtbot.waitUntil(lambda words=words: words in str(editor.error()))
        assert not editor.told.isVisible()
    editor.set_attachments({"": str(archive)})
    qtbot.waitUntil(lambda: editor.told.isVisible())
    assert editor.error() is None


def test_asking_before_the_look_is_done_looks_at_once(qtbot, tmp_path):
    editor = show(qtbot, required=True)
    editor.set_attachments({"": str(tmp_path / "gone.wav")})
    assert "no file" in str(editor.lacking())


def test_a_file_that_is_too_large_is_told_with_both_sizes(qtbot, archive):
    editor = show(qtbot, media="archive", max_bytes=100)
    editor.set_attachments({"": str(archive)})
    qtbot.waitUntil(lambda: "100 bytes" in str(editor.error()))


def test_a_file_dropped_anywhere_on_the_row_is_taken(qtbot, archive):
    editor = FileEditor(FileField(name="data", media="archive", description="What is learnt."))
    row = FieldRow(editor)
    qtbot.addWidget(row)
    row.show()
    assert drop_on(row, drag(QUrl.fromLocalFile(str(archive))))
    assert editor.attachments() == {"": str(archive)}
    assert row.differs
    assert drop_on(row, drag(QUrl("https://x.org/b.zip")))
    assert editor.value() == "https://x.org/b.zip"
    words = QMimeData()
    words.setText("just words")
    assert not drop_on(row, words)
    assert editor.value() == "https://x.org/b.zip"
    row.restore()
    assert editor.value() is UNSET
    assert not row.differs


def test_while_a_file_hangs_over_it_the_line_shows_it(qtbot, archive):
    editor = show(qtbot)
    mime = drag(QUrl.fromLocalFile(str(archive)))
    QApplication.sendEvent(editor, QDragEnterEvent(QPoint(1, 1), COPY, mime, LEFT, PLAIN))
    assert editor.line.property("drop") is True
    QApplication.sendEvent(editor, QDragLeaveEvent())
    assert editor.line.property("drop") is False


def test_browse_asks_for_the_kind_of_file_and_recent_ones_are_offered(qtbot, archive, monkeypatch):
    asked = []

    def answer(parent, title, start, pattern):
        asked.append(pattern)
        return str(archive), pattern

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    editor = show(qtbot, media="archive")
    qtbot.mouseClick(editor.browse, LEFT)
    assert editor.attachments() == {"": str(archive)}
    assert "*.zip" in asked[0]
    assert "*.wav" in dialog_filter("audio")
    qtbot.waitUntil(lambda: editor.told.isVisible())
    second = show(qtbot, media="archive")
    qtbot.mouseClick(second.browse, LEFT)
    menu = second.browse.findChild(QMenu)
    qtbot.waitUntil(menu.isVisible)
    menu.actions()[-1].trigger()
    assert second.attachments() == {"": str(archive)}
    menu.close()


def test_a_long_data_uri_is_kept_whole_and_shown_short(qtbot):
    editor = show(qtbot)
    address = "data:audio/wav;base64," + "A" * 50_000
    editor.line.clear()
    editor.line.insert(address)
    assert len(editor.line.text()) < 200
    assert editor.value() == address
    editor.set_value("https://x.org/a.wav")
    assert editor.value() == "https://x.org/a.wav"
    editor.set_value(address)
    assert editor.value() == address
    editor.line.clear()
    assert editor.value() is UNSET


def test_paths_as_people_paste_them():
    assert local_path("~/a.wav") == str(Path.home() / "a.wav")
    assert local_path("'/tmp/a b.wav'") == "/tmp/a b.wav"
    assert local_path("file:///tmp/a%20b.wav") == "/tmp/a b.wav"
    assert local_path("https://x.org/a.wav") is None
    assert local_path("  ") is None
    assert local_path("~nobody-of-that-name/a") is not None


def test_the_thread_that_looks_never_holds_an_editor(qtbot, archive):
    """The last to let go of a widget deletes it: on a thread of its own that ends the program."""
    gone = []
    for _ in range(50):
        editor = FileEditor(FileField(name="data", media="archive"))
        editor.set_attachments({"": str(archive)})
        gone.append(ref(editor))
        del editor
    gc.collect()
    assert not any(each() for each in gone)
    qtbot.wait(60)  # late answers find nobody
