"""The line that tells how far a sound has come in, and lets go of it."""

import time

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.session.opening import Loading
from app.sound.peaks import PeaksBuilder
from app.ui.loading_bar import LoadingBar


def loading(seconds: float, expected: int = 1000) -> Loading:
    peaks = PeaksBuilder(1).peaks()
    return Loading("a.mp3", peaks, 44100, expected, None, time.monotonic() - seconds)


@pytest.fixture
def bar(qtbot: QtBot) -> LoadingBar:
    made = LoadingBar()
    qtbot.addWidget(made)
    return made


def test_what_is_quick_is_not_spoken_of(bar: LoadingBar) -> None:
    bar.show_loading(loading(0.1))
    assert bar.isHidden()
    bar.show_loading(loading(1.0))
    assert not bar.isHidden()
    assert "a.mp3" in bar.text.text()
    bar.show_loading(None)
    assert bar.isHidden()


def test_a_length_that_nobody_knows_is_no_percentage(bar: LoadingBar) -> None:
    bar.show_loading(loading(1.0, expected=0))
    assert (bar.bar.minimum(), bar.bar.maximum()) == (0, 0)


def test_both_ways_out(bar: LoadingBar, qtbot: QtBot) -> None:
    bar.show_loading(loading(1.0))
    with qtbot.waitActive(bar):
        bar.activateWindow()
    bar.button.setFocus()
    with qtbot.waitSignal(bar.cancelled, timeout=2000):
        qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.cancelled, timeout=2000):
        qtbot.keyClick(bar.button, Qt.Key.Key_Escape)
