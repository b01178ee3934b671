"""Words to the user: one quiet bar that stays until it is read, and the banner that tells heard from used."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QWidget

from app.errors import AppError
from app.ui.labels import ElidedLabel, ToneLabel, icon_button, restyle, small


class Tone(StrEnum):
    """How much a message wants to be seen."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, what to do next, and what a developer would ask for."""

    text: str
    hint: str = ""
    details: str = ""
    tone: Tone = Tone.INFO

    @classmethod
    def of(cls, error: AppError, details: str = "") -> "Message":
        """The message of an error."""
        return cls(error.message, error.hint, details, Tone.ERROR)


def _push(text: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setStyleSheet("padding: 3px 10px")
    small(button, 0.95)
    return button


class MessageBar(QFrame):
    """Shows the newest message; the two before it come back when it is dismissed. Hidden when there is none."""

    _keep = 3

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: deque[Message] = deque(maxlen=self._keep)
        self.setProperty("role", "banner")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.text = ToneLabel("", "title", self)
        self.hint = ToneLabel("", "", self)
        for label in (self.text, self.hint):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = ToneLabel("", "muted", self)
        self.details_button = _push(self.tr("Details"), self)
        self.details_button.setCheckable(True)
        self.copy_button = icon_button("copy", self.tr("Copy message"), self.tr("Copy this message with details"), self)
        self.dismiss_button = icon_button("cancel", self.tr("Dismiss message"), self.tr("Dismiss"), self)
        self.details = QPlainTextEdit(self)
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName(self.tr("Details"))
        self.details.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.details.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for widget in (self.more, self.details_button, self.copy_button, self.dismiss_button):
            buttons.addWidget(widget)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 6, 8, 6)
        grid.setVerticalSpacing(1)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.hint, 1, 0)
        grid.addLayout(buttons, 0, 1, 2, 1)
        grid.addWidget(self.details, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.details_button.toggled.connect(self._show_details)
        self.copy_button.clicked.connect(self.copy)
        self.dismiss_button.clicked.connect(self.dismiss)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Put a message on top; the same one twice stands there once."""
        if message in self._messages:
            self._messages.remove(message)
        self._messages.append(message)
        self._show()

    def show_error(self, error: AppError, details: str = "") -> None:
        """Put an error's message on top."""
        self.show_message(Message.of(error, details))

    def message(self) -> Message | None:
        """What is shown."""
        return self._messages[-1] if self._messages else None

    @Slot()
    def dismiss(self) -> None:
        """Take the message away; the one before it comes back."""
        if self._messages:
            self._messages.pop()
        self._show()

    @Slot()
    def clear(self) -> None:
        """Take all messages away."""
        self._messages.clear()
        self._show()

    @Slot()
    def copy(self) -> None:
        """The message with its details, to the clipboard."""
        message = self.message()
        if message is not None:
            parts = (message.text, message.hint, message.details)
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))

    def _show(self) -> None:
        message = self.message()
        self.setVisible(message is not None)
        if message is None:
            return
        self.text.setText(message.text)
        self.text.set_tone({Tone.ERROR: "error", Tone.WARNING: "warning"}.get(message.tone, "title"))
        self.hint.setText(message.hint)
        self.hint.setVisible(bool(message.hint))
        restyle(self, "kind", message.tone.value)
        waiting = len(self._messages) - 1
        self.more.setText(self.tr("+{0} earlier").format(waiting) if waiting else "")
        self.more.setVisible(bool(waiting))
        self.details_button.setVisible(bool(message.details))
        self.details_button.setChecked(False)
        self.details.setPlainText(message.details)
        self.details.setFixedHeight(self.details.fontMetrics().lineSpacing() * min(8, message.details.count("\n") + 2))
        self.setAccessibleName(f"{message.text} {message.hint}".strip())

    @Slot(bool)
    def _show_details(self, on: bool) -> None:
        self.details.setVisible(on)


class HearingBanner(QFrame):
    """Tells that what is heard is not what is used. `use` asks to use what is heard."""

    use = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.text = ElidedLabel("", "", self)
        self.button = _push("", self)
        self.button.clicked.connect(self.use)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        self.show_difference("", "")

    def show_difference(self, heard: str, used: str) -> None:
        """Names of what is heard and what is used ("take 4", "the original"); equal or empty hides the banner."""
        differs = bool(heard) and heard != used
        self.text.setText(self.tr("Hearing {0} – the edit uses {1}").format(heard, used) if differs else "")
        self.button.setText(self.tr("Use {0} ⏎").format(heard))
        self.button.setToolTip(self.tr("Make {0} the version in use; can be undone (Enter)").format(heard))
        self.button.setAccessibleName(self.tr("Use {0}").format(heard))
        self.setAccessibleName(self.text.text())
        self.setVisible(differs)
