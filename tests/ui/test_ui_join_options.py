"""Context and seam are chosen by hand, and what is chosen goes out."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.endpoints.excerpt import Context, ContextMode
from app.ui.join_options import JoinOptions


def shown(qtbot: QtBot) -> JoinOptions:
    widget = JoinOptions()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_the_seam_is_inside_until_another_is_chosen(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    heard: list[float] = []
    widget.outside_chosen.connect(heard.append)
    assert not widget.outside.isVisible()
    widget.seam.setFocus()
    QTest.keyClick(widget.seam, Qt.Key.Key_Down)
    assert heard == [20.0]
    assert widget.outside.isVisible()
    widget.outside.selectAll()
    QTest.keyClicks(widget.outside, "250")
    QTest.keyClick(widget.outside, Qt.Key.Key_Return)
    assert heard[-1] == 250.0
    QTest.keyClick(widget.seam, Qt.Key.Key_Up)
    assert heard[-1] == 0.0
    assert not widget.outside.isVisible()


def test_a_context_is_chosen_by_key(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    heard: list[Context] = []
    widget.context_chosen.connect(heard.append)
    widget.context.setFocus()
    QTest.keyClick(widget.context, Qt.Key.Key_Down)
    assert heard == [Context(ContextMode.MASK_ONLY)]
    widget.set_context(Context(ContextMode.SECONDS, 5.0))
    assert widget.context.currentText() == "Each side"
    assert widget.around.value() == 5.0
    assert heard == [Context(ContextMode.MASK_ONLY)], "shown, not chosen"
    widget.around.selectAll()
    QTest.keyClicks(widget.around, "3.5")
    QTest.keyClick(widget.around, Qt.Key.Key_Return)
    assert heard[-1] == Context(ContextMode.SECONDS, 3.5)


def test_only_the_lines_that_are_needed_are_seen(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    widget.show_lines({"length", "fit", "seam"})
    assert not widget.context.isVisible()
    assert widget.seconds.isVisible()
    chosen: list[object] = []
    widget.seconds_chosen.connect(chosen.append)
    widget.grow_chosen.connect(chosen.append)
    widget.seconds.selectAll()
    QTest.keyClicks(widget.seconds, "7")
    QTest.keyClick(widget.seconds, Qt.Key.Key_Return)
    widget.fit.setFocus()
    QTest.keyClick(widget.fit, Qt.Key.Key_Down)
    assert chosen == [7.0, True]
    widget.set_seconds(4.0)
    widget.set_grow(False)
    assert chosen == [7.0, True], "shown, not chosen"
    widget.show_lines(set())
    assert not widget.isVisible()


def test_what_is_set_is_shown_and_not_sent_back(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    heard: list[float] = []
    widget.set_outside(120.0)
    widget.outside_chosen.connect(heard.append)
    widget.set_context(Context())
    assert widget.outside.value() == 120
    assert heard == []
