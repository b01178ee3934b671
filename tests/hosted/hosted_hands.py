"""Hands on the real window: drags in the waveform, keys in the panel, the button under the mouse."""

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.endpoints.binding import editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import FileField, TextField, Unset
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


def fill_in(window: MainWindow, endpoint: Endpoint, words: str, path: Path | None = None) -> None:
    """Type what must be written into each empty editor that is required: words, or a file's path."""
    for each in editable(endpoint).all():
        if each.required and isinstance(each, TextField | FileField) and isinstance(each.default, Unset):
            window.request.form.row(each.name).editor.setFocus()
            type_into(QApplication.focusWidget(), words if isinstance(each, TextField) else str(path))


def type_into(target: QWidget | None, text: str) -> None:
    """Type it in place of what stands there."""
    assert target is not None
    QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(target, text)


def set_length(window: MainWindow, seconds: float) -> None:
    """Type how long what is new is to be."""
    spin = window.request.join_options.seconds
    assert spin.isVisible(), "the panel asks for a length"
    spin.setFocus()
    type_into(spin, window.locale().toString(seconds, "f", 2))
    QTest.keyClick(spin, Qt.Key.Key_Tab)


def set_context(window: MainWindow, seconds: float) -> None:
    """Choose context in seconds, by the box's own keys, and type how many."""
    options = window.request.join_options
    options.context.setFocus()
    for _ in range(options.context.count() - 1):
        QTest.keyClick(options.context, Qt.Key.Key_Down)
    assert options.around.isVisible(), "seconds can be typed"
    options.around.setFocus()
    type_into(options.around, window.locale().toString(seconds, "f", 2))
    QTest.keyClick(options.around, Qt.Key.Key_Tab)


def press_button(window: MainWindow, qtbot: QtBot) -> None:
    """The submit button, by the mouse; it can be pressed."""
    button = window.request.submit_bar.button
    assert button.isEnabled(), window.request.submit_bar.note.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
