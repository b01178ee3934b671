"""One row of the panel: label, marks and reset, editor, help, error."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.endpoints.fields import Field, Json, ObjectField, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor, same
from app.ui.field_words import facts, limits, value_words
from app.ui.file_editor import FileEditor
from app.ui.labels import ElidedLabel, ToneLabel, icon_button, restyle, small

_LONG = 30  # a longer label is broken into lines


class Dot(ToneLabel):
    """The mark of a value that differs from the default: a click puts the default back."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("•", "accent", parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setContentsMargins(2, 0, 4, 0)  # more to hit than the dot itself
        self.setToolTip(self.tr("Differs from the default: click to put it back"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


class FieldRow(QWidget):
    """A field's editor with everything that belongs beside it; a bare row has the editor and its error alone.

    The dot and the reset show while the value differs from the schema's default. An error stays until the value
    changes. A file that is dropped anywhere on the row goes to its editor. What most rows never show is made when it
    is first needed: a panel is built in half the time.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QWidget | None = None, *, bare: bool = False) -> None:
        super().__init__(parent)
        self.editor = editor
        self.field: Field = editor.field
        self._bare = bare
        self._shown: FieldError | None = None
        self._dot: Dot | None = None
        self._reset: QToolButton | None = None
        self._problem: ToneLabel | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        if not bare:
            layout.addLayout(self._make_head())
        if bare or not editor.names_itself:
            layout.addWidget(editor)
        if not bare and self.field.description.strip():
            self.help = ElidedLabel(self.field.description.strip(), "muted", self)
            small(self.help)
            layout.addWidget(self.help)
        if isinstance(editor, FileEditor):
            self.setAcceptDrops(True)
        editor.changed.connect(self._edited)
        self._mark()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        self.label = QLabel(self.field.label.replace("&", "&&"), self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setBuddy(self.editor.focus_target())
        self.label.setToolTip(self.field.name)
        self.label.setWordWrap(len(self.field.label) > _LONG)
        if self.editor.names_itself:
            self.label.hide()
            head.addWidget(self.editor)
        else:
            head.addWidget(self.label)
        self.required: ToneLabel | None = None
        if self.field.required and isinstance(self.field.default, Unset):
            self.required = ToneLabel("*", "accent", self)
            self.required.setToolTip(self.tr("Required"))
            self.required.setAccessibleName(self.tr("Required"))
            head.addWidget(self.required)
        self._place = head.count()  # of the dot
        drawn = isinstance(self.editor.resting(), Unset) and not isinstance(self.field.default, Unset)
        words = limits(self.field) if drawn else facts(self.field)  # a seed's default is never what is sent
        if words:
            self.facts = ElidedLabel(words, "muted", self)
            small(self.facts)
            head.addWidget(self.facts, 1)
        else:
            head.addStretch(1)
        head.addStrut(round(self.fontMetrics().height() * 1.05) + 4)  # as high as the reset, so that nothing jumps
        self._head = head
        return head

    @property
    def dot(self) -> Dot:
        """The mark of a value that differs."""
        if self._dot is None:
            self._dot = Dot(self)
            self._dot.hide()
            self._dot.clicked.connect(self.restore)
            self._head.insertWidget(self._place, self._dot)
        return self._dot

    @property
    def reset(self) -> QToolButton:
        """The button that puts the default back."""
        if self._reset is None:
            name = self.tr("Reset {0}").format(self.field.label)
            self._reset = icon_button("reset", name, self._reset_tip(), self)
            self._reset.setStyleSheet("padding: 1px")  # no taller than the label beside it
            self._reset.hide()
            self._reset.clicked.connect(self.restore)
            self._head.addWidget(self._reset)
            QWidget.setTabOrder(self.editor.last_target(), self._reset)
        return self._reset

    @property
    def problem(self) -> ToneLabel:
        """Where an error stands."""
        if self._problem is None:
            self._problem = ToneLabel("", "error", self)
            self._problem.setWordWrap(True)
            small(self._problem, 0.95)
            self._problem.hide()
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._problem)
        return self._problem

    def _reset_tip(self) -> str:
        default = self.editor.resting()
        if isinstance(default, Unset) or default is None:
            return self.tr("Back to not set")
        text = value_words(default)
        return self.tr("Back to the default: {0}").format(text if len(text) <= 60 else text[:59] + "…")

    def event(self, event: QEvent) -> bool:
        """What's this? is made when it is asked for."""
        if event.type() in (QEvent.Type.QueryWhatsThis, QEvent.Type.WhatsThis) and not self.whatsThis():
            self.setWhatsThis(self.about())
        return super().event(event)

    def about(self) -> str:
        """Everything that the document says of the field, as the text of What's this."""
        default = self.field.default
        said = [self.field.label, self.field.description.strip(), facts(self.field)]
        if self.field.required:
            said.append(self.tr("Required."))
        if self.field.deprecated:
            said.append(self.tr("Deprecated."))
        if isinstance(default, str) and len(default) > 18:
            said.append(self.tr("Default: {0}").format(default))
        text = "\n".join(each for each in [*said, self.field.name] if each)
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")  # bubbles would read markup

    def words(self) -> str:
        """Everything that a search for this row may find."""
        inner = self.field.fields if isinstance(self.field, ObjectField) else ()
        names = [f"{each.name} {each.label}" for each in (self.field, *inner)]
        return f"{' '.join(names)} {self.field.description}".casefold()

    @property
    def differs(self) -> bool:
        """Whether the value is another than the schema's default, where the schema has one to go back to."""
        if self.editor.attachments():
            return True
        if self.field.required and isinstance(self.field.default, Unset):
            return False
        if self.editor.error() is not None:
            return True
        return not same(self.editor.value(), self.editor.resting())

    def show_error(self, error: FieldError | None) -> bool:
        """Show what is wrong with the value, beside the very editor where it is inside; None takes it away."""
        self._shown = error
        self._show_problem(inside=self.editor.place_error(error))
        return error is not None

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
        self._show_problem(inside=self.editor.holds_rows)  # its own rows have shown it already
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        if not self._bare and (self.differs or self._dot is not None):
            differs = self.differs
            self.dot.setVisible(differs)
            self.reset.setVisible(differs)

    def _show_problem(self, inside: bool = False) -> None:
        error = self._shown if not inside else None
        text = f"{error.message} {error.hint}".strip() if error is not None else ""
        if text or self._problem is not None:
            self.problem.setText(text)
            self.problem.setVisible(bool(text))
        target = self.editor.focus_target()
        if not self.editor.holds_rows and (text or target.property("invalid")):
            restyle(target, "invalid", error is not None)
            target.setAccessibleDescription(text or self.field.description)

    # -- dropping ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if isinstance(self.editor, FileEditor):
            self.editor.dragEnterEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if isinstance(self.editor, FileEditor):
            self.editor.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if isinstance(self.editor, FileEditor):
            self.editor.dropEvent(event)
