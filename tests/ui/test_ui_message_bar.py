"""Messages stay until they are read; the banner tells what is heard from what is used."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.errors import UnwritableFile
from app.ui.message_bar import HearingBanner, Message, MessageBar, Tone

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton
ERROR = UnwritableFile("The folder cannot be written to.", "Choose another folder.")


@pytest.fixture
def bar(qtbot) -> MessageBar:
    found = MessageBar()
    qtbot.addWidget(found)
    found.resize(900, 60)
    return found


def test_hidden_until_there_is_something_to_say(bar):
    assert not bar.isVisible()
    bar.show_error(ERROR)
    assert bar.isVisible()
    assert bar.text.text() == ERROR.message
    assert bar.hint.text() == ERROR.hint
    assert bar.property("kind") == "error"


def test_dismiss_brings_back_the_one_before_and_only_three_are_kept(qtbot, bar):
    for number in range(5):
        bar.show_message(Message(f"Message {number}."))
    assert bar.more.text() == "+2 earlier"
    seen = []
    while bar.isVisible():
        seen.append(bar.text.text())
        qtbot.mouseClick(bar.dismiss_button, LEFT)
    assert seen == ["Message 4.", "Message 3.", "Message 2."]


def test_the_same_message_stands_there_once(bar):
    bar.show_error(ERROR)
    bar.show_message(Message("Other."))
    bar.show_error(ERROR)
    bar.dismiss()
    bar.dismiss()
    assert not bar.isVisible()


def test_details_unfold_and_are_copied(qtbot, bar):
    bar.show_error(ERROR, "Traceback\nline 2")
    assert not bar.details.isVisible()
    qtbot.mouseClick(bar.details_button, LEFT)
    assert bar.details.isVisible()
    assert bar.details.toPlainText() == "Traceback\nline 2"
    qtbot.mouseClick(bar.copy_button, LEFT)
    assert QGuiApplication.clipboard().text() == f"{ERROR.message}\n{ERROR.hint}\nTraceback\nline 2"
    bar.show_message(Message("Plain.", tone=Tone.WARNING))
    assert not bar.details.isVisible()
    assert not bar.details_button.isVisible()


def test_words_of_others_are_never_markup(bar):
    bar.show_message(Message("<b>x</b>"))
    assert bar.text.textFormat() is Qt.TextFormat.PlainText


def test_banner_shows_only_a_difference(qtbot):
    banner = HearingBanner()
    qtbot.addWidget(banner)
    banner.show_difference("take 2", "take 2")
    assert not banner.isVisible()
    banner.show_difference("take 4", "take 2")
    assert banner.isVisible()
    assert banner.text.text() == "Hearing take 4 – the edit uses take 2"
    assert banner.button.accessibleName() == "Use take 4"
    with qtbot.waitSignal(banner.use):
        qtbot.mouseClick(banner.button, LEFT)
    banner.show_difference("", "take 2")
    assert not banner.isVisible()
