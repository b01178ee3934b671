"""Who gets a key: the widget that was reached by Tab, the field being typed in, or the window's single-key actions.

The window binds Space, Enter, Esc and the arrows. Qt asks the focused widget first, with a ShortcutOverride event, but
buttons, sliders and lists do not claim their keys there, so they could not be worked without a mouse.
"""

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ALONG_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ALONG_SLIDER = (*_ALONG_LIST, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_REACHED = "reachedByKey"


def _fields(widget: QObject) -> bool:
    return isinstance(widget, QLineEdit | QAbstractSpinBox)


def _pressable(widget: QObject) -> bool:
    return isinstance(widget, QAbstractButton) or (isinstance(widget, QComboBox) and not widget.isEditable())


def _moves(widget: QObject, key: int) -> bool:
    """Whether the key moves something in it; a list leaves nudging and the ends of the clip to the window."""
    if isinstance(widget, QAbstractSlider):
        return key in _ALONG_SLIDER
    return isinstance(widget, QAbstractItemView | QComboBox) and key in _ALONG_LIST


def press(widget: QWidget) -> None:
    """What Return means on it: a menu or list opens, anything else is clicked."""
    if isinstance(widget, QComboBox):
        widget.showPopup()
    elif isinstance(widget, QToolButton | QPushButton) and widget.menu() is not None:
        widget.showMenu()
    elif isinstance(widget, QAbstractButton):
        widget.click()


class FocusKeys(QObject):
    """Gives buttons reached by keyboard their Space and Enter, and lets Enter and Esc lead from a field back home.

    `home` is the widget that gets the focus back (the waveform). `watch` covers a widget, all it holds, and
    whatever is put into it later. A button that was clicked with the mouse leaves Space to the transport.
    """

    def __init__(self, home: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent if parent is not None else home)
        self._home = home

    def watch(self, root: QWidget) -> None:
        """Cover this widget and everything in it, now and later; a dialog or panel above it has keys of its own."""
        root.removeEventFilter(self)
        root.installEventFilter(self)
        for child in root.children():
            if isinstance(child, QWidget) and not child.isWindow():
                self.watch(child)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.ChildPolished if isinstance(event, QChildEvent):
                child = event.child()
                if isinstance(child, QWidget) and not child.isWindow():
                    self.watch(child)
            case QEvent.Type.FocusIn if isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
                if event.reason() in _BY_KEY:
                    watched.setProperty(_REACHED, True)
                elif event.reason() == Qt.FocusReason.MouseFocusReason:
                    watched.setProperty(_REACHED, False)
            case QEvent.Type.ShortcutOverride if isinstance(event, QKeyEvent) and isinstance(watched, QWidget):
                if self._claims(watched, event):
                    event.accept()
                    return True
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent) and isinstance(watched, QWidget):
                return self._pressed(watched, event)
            case _:
                pass
        return False

    def _claims(self, widget: QWidget, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = event.key()
        if _pressable(widget) and key in _PRESS:
            return bool(widget.property(_REACHED))
        if _fields(widget) and (key in _ENTER or key == Qt.Key.Key_Escape):
            return True
        return _moves(widget, key)

    def _pressed(self, widget: QWidget, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if _pressable(widget) and event.key() in _ENTER and widget.property(_REACHED):
            press(widget)
            return True
        if _fields(widget) and event.key() in _ENTER:
            QTimer.singleShot(0, self, self._go_home)  # after the field has taken over what was typed
        elif _fields(widget) and event.key() == Qt.Key.Key_Escape:
            self._go_home()
            return True
        return False

    def _go_home(self) -> None:
        self._home.setFocus(Qt.FocusReason.OtherFocusReason)


class QuietWheel(QObject):
    """Keeps the wheel scrolling the panel: an editor under the pointer changes only once it has the focus."""

    def guard(self, widget: QWidget) -> None:
        """Let this editor's wheel events pass to whatever scrolls around it."""
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False
