"""Hands on the real window: drags in the waveform, keys in the panel, the button under the mouse."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.endpoints.binding import editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import TextField, Unset
from app.ui.ruler import LEVEL_WIDTH
from app.ui.window import MainWindow

NONE = Qt.KeyboardModifier.NoModifier


def at(window: MainWindow, seconds: float) -> QPoint:
    """Where a time lies in the waveform, in its viewport's pixels."""
    assert window.session.project is not None
    wave = window.editor.wave
    x = wave.scale().x(seconds * window.session.project.source.rate)
    return QPoint(LEVEL_WIDTH + round(x), wave.height() // 2)


def mouse(window: MainWindow, kind: QEvent.Type, where: QPoint) -> None:
    """One event of the left button over the waveform."""
    port = window.editor.wave._canvas.viewport()
    point = QPointF(where)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, point, QPointF(port.mapToGlobal(where)), button, held, NONE)
    QApplication.sendEvent(port, event)


def drag(window: MainWindow, start: float, end: float) -> None:
    """From one time to another, in three moves."""
    mouse(window, QEvent.Type.MouseButtonPress, at(window, start))
    for part in (0.3, 0.6, 1.0):
        mouse(window, QEvent.Type.MouseMove, at(window, start + (end - start) * part))
    mouse(window, QEvent.Type.MouseButtonRelease, at(window, end))
    window.editor.wave.setFocus()


def click(window: MainWindow, seconds: float) -> None:
    """A plain click in the waveform."""
    mouse(window, QEvent.Type.MouseButtonPress, at(window, seconds))
    mouse(window, QEvent.Type.MouseButtonRelease, at(window, seconds))


def type_words(window: MainWindow, endpoint: Endpoint, words: str) -> None:
    """Type what must be written into each empty editor of a text that is required."""
    for each in editable(endpoint).all():
        if each.required and isinstance(each, TextField) and isinstance(each.default, Unset):
            window.request.form.row(each.name).editor.setFocus()
            target = QApplication.focusWidget()
            assert target is not None
            QTest.keyClicks(target, words)


def press_button(window: MainWindow, qtbot: QtBot) -> None:
    """The submit button, by the mouse; it can be pressed."""
    button = window.request.submit_bar.button
    assert button.isEnabled(), window.request.submit_bar.note.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
