"""Rows of the settings: a quiet label, an editor, a line of help or of what is wrong; and the field for a key."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import ToneLabel, restyle, small


def push(text: str, parent: QWidget) -> QPushButton:
    """A plain button that Enter in a field does not press."""
    button = QPushButton(text, parent)
    button.setAutoDefault(False)
    return button


class WrappedLabel(ToneLabel):
    """Words that wrap and can be copied."""

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, tone, parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


def note(text: str, tone: str, parent: QWidget) -> WrappedLabel:
    """A small line that wraps."""
    label = WrappedLabel(text, tone, parent)
    small(label, 0.95)
    return label


class Row(QWidget):
    """A label above an editor, and below it a line of help that gives way to what is wrong."""

    def __init__(self, title: str, editor: QWidget, help_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._help = help_text
        self._editor = editor
        self.title = ToneLabel(title, "title", self)
        self.title.setBuddy(editor)
        self.help = note(help_text, "muted", self)
        self.help.setVisible(bool(help_text))
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(help_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(editor)
        layout.addWidget(self.help)

    def set_help(self, text: str) -> None:
        """Say something else below it."""
        self._help = text
        self.set_error("")

    def set_error(self, text: str) -> None:
        """What is wrong with what was typed; empty where nothing is."""
        self.help.setText(text or self._help)
        self.help.set_tone("error" if text else "muted")
        self.help.setVisible(bool(text or self._help))
        self._editor.setAccessibleDescription(text or self._help)
        if isinstance(self._editor, QLineEdit):
            restyle(self._editor, "invalid", bool(text))

    def error(self) -> str:
        """What is said to be wrong."""
        return self.help.text() if self.help.text() != self._help else ""


class Dot(QWidget):
    """A small disc in the colour of a tone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = "muted"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * 0.62)
        return QSize(side, side)

    def set_tone(self, tone: str) -> None:
        """Show another tone."""
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_dot(QPainter(self), QRectF(self.rect()).adjusted(1, 1, -1, -1), self._tone)


def paint_dot(painter: QPainter, rect: QRectF, tone: str) -> None:
    """A disc for what is known, a ring for what is not."""
    colours = theme.current()
    known = {"success": colours.success, "warning": colours.warning, "error": colours.danger}
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(known.get(tone, colours.control))
    painter.setPen(colour)
    painter.setBrush(colour if tone in known else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(rect)


class KeyField(QWidget):
    """Takes a key and never shows one: where one is set, it says from where, and lets it be replaced or forgotten."""

    given = Signal(str)
    forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place, self._fixed = "", False
        self.edit = QLineEdit(self)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setPlaceholderText(self.tr("Paste the key here"))
        self.edit.setMaxLength(1024)
        self.put_button = push(self.tr("Set key"), self)
        self.put_button.setEnabled(False)
        self.there = ToneLabel("", "", self)
        self.replace_button = push(self.tr("Replace…"), self)
        self.forget_button = push(self.tr("Forget"), self)
        self.forget_button.setToolTip(self.tr("Take the key out of the keyring"))
        self.setFocusProxy(self.edit)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.there, 1)
        layout.addWidget(self.edit, 1)
        for button in (self.put_button, self.replace_button, self.forget_button):
            layout.addWidget(button)
        self.edit.textChanged.connect(self._on_typed)
        self.edit.returnPressed.connect(self._on_given)
        self.put_button.clicked.connect(self._on_given)
        self.replace_button.clicked.connect(self.replace)
        self.forget_button.clicked.connect(self._on_forget)
        self.show_key("")

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.edit.setAccessibleName(name)

    def setAccessibleDescription(self, description: str) -> None:
        super().setAccessibleDescription(description)
        self.edit.setAccessibleDescription(description)

    def show_key(self, place: str, replaceable: bool = True) -> None:
        """Say from where the key is; empty where there is none, and the field is open."""
        if (place, not replaceable) != (self._place, self._fixed) or not place:
            self._place, self._fixed = place, not replaceable
            self._open(not place)

    @Slot()
    def replace(self) -> None:
        """Open the field; what is set stays until something else is given."""
        if not self._fixed:
            self._open(True)
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_open(self) -> bool:
        """Whether a key can be typed now."""
        return not self.edit.isHidden()

    def _open(self, on: bool) -> None:
        was_here = self.edit.hasFocus() or self.put_button.hasFocus()
        self.there.setText(self.tr("A key is set, from {0}.").format(self._place) if self._place else "")
        self.there.setHidden(on)
        self.edit.setHidden(not on)
        self.put_button.setHidden(not on)
        self.replace_button.setHidden(on or self._fixed)
        self.forget_button.setHidden(on or self._fixed)
        if was_here and not on and not self._fixed:
            self.replace_button.setFocus(Qt.FocusReason.OtherFocusReason)  # else the next field would get it

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wipe()

    def _wipe(self) -> None:
        self.edit.setText("")  # unlike clear(), this cannot be undone

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self.put_button.setEnabled(bool(text.strip()))

    @Slot()
    def _on_given(self) -> None:
        key = self.edit.text().strip()
        self._wipe()
        if key:
            self.given.emit(key)

    @Slot()
    def _on_forget(self) -> None:
        self.forgotten.emit()
        self._place = ""
        self._open(True)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
