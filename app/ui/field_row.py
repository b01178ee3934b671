"""One row of the panel: label, mark and reset, editor, help, error."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.endpoints.fields import Field, Json, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor, same
from app.ui.labels import ElidedLabel, ToneLabel, icon_button, restyle, small


class FieldRow(QWidget):
    """A field's editor with everything that belongs beside it.

    The dot and the reset show while the value differs from the schema's default. An error stays until the value
    changes.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.field: Field = editor.field
        self._shown: FieldError | None = None
        self.label = QLabel(self.field.label.replace("&", "&&"), self)
        self.label.setBuddy(editor.focus_target())
        self.label.setToolTip(self.field.name)
        self.dot = ToneLabel("•", "accent", self)
        self.dot.setToolTip(self.tr("Differs from the default"))
        reset_name = self.tr("Reset {0}").format(self.field.label)
        self.reset = icon_button("reset", reset_name, self._reset_tip(), self)
        self.reset.setStyleSheet("padding: 1px")  # no taller than the label beside it
        self.help = ElidedLabel(self.field.description.strip(), "muted", self)
        small(self.help)
        self.problem = ToneLabel("", "error", self)
        self.problem.setWordWrap(True)
        small(self.problem, 0.95)
        self._lay_out()
        self.reset.clicked.connect(self.restore)
        editor.changed.connect(self._edited)
        self._mark()
        self._show_problem()

    def _lay_out(self) -> None:
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that nothing jumps when it comes
        self.reset.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        if self.editor.names_itself:
            self.label.hide()
            head.addWidget(self.editor)
        else:
            head.addWidget(self.label)
        head.addWidget(self.dot)
        head.addStretch(1)
        head.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        if not self.editor.names_itself:
            layout.addWidget(self.editor)
        layout.addWidget(self.help)
        layout.addWidget(self.problem)
        self.help.setVisible(bool(self.help.text()))

    def _reset_tip(self) -> str:
        default = self.editor.resting()
        if isinstance(default, Unset) or default is None:
            return self.tr("Back to not set")
        text = str(default)
        return self.tr("Back to the default: {0}").format(text if len(text) <= 60 else text[:59] + "…")

    @property
    def differs(self) -> bool:
        """Whether the value is another than the schema's default, where the schema has one to go back to."""
        if self.field.required and isinstance(self.field.default, Unset):
            return False
        if self.editor.error() is not None:
            return True
        return not same(self.editor.value(), self.editor.resting())

    def show_error(self, error: FieldError | None) -> None:
        """Show what is wrong with the value; None takes it away."""
        self._shown = error
        self._show_problem()

    @property
    def error(self) -> FieldError | None:
        """What is shown beside the editor."""
        return self._shown

    @Slot()
    def restore(self) -> None:
        """Back to the schema's default."""
        self.editor.set_value(self.editor.resting())
        self.editor.focus_target().setFocus()

    def set_value(self, value: Json | Unset) -> None:
        """Show this value."""
        self.editor.set_value(value)

    @Slot()
    def _edited(self) -> None:
        self._shown = self.editor.error()
        self._show_problem()
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        differs = self.differs
        self.dot.setVisible(differs)
        self.reset.setVisible(differs)

    def _show_problem(self) -> None:
        error = self._shown
        self.problem.setText(f"{error.message} {error.hint}".strip() if error is not None else "")
        self.problem.setVisible(error is not None)
        target = self.editor.focus_target()
        restyle(target, "invalid", error is not None)
        target.setAccessibleDescription(self.problem.text() or self.field.description)
