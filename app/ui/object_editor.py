"""An object inside the request: a titled group of rows, one for each of its fields."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Callable, Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.endpoints.fields import UNSET, Json, ObjectField, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor, MakeEditor, below
from app.ui.field_row import FieldRow


class ObjectEditor(Editor):
    """The rows of an object's fields; an optional one goes out as soon as any of them was touched.

    Names that the schema does not know are kept as they came.
    """

    field: ObjectField
    holds_rows = True

    def __init__(self, field: ObjectField, make: MakeEditor, depth: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._extra: dict[str, Json] = {}
        self._given = False
        self._filling = False
        self._frame = QFrame(self)
        self._frame.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._frame)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(9, 7, 9, 8)
        inside.setSpacing(9)
        self.rows: dict[str, FieldRow] = {}
        for each in field.fields:
            editor = make(each, depth + 1)
            editor.submitted.connect(self.submitted)
            row = FieldRow(editor)
            row.changed.connect(self._edited)
            self.rows[each.name] = row
            inside.addWidget(row)
        self.name_for_readers(self)
        self._blank = self._values()
        self.set_value(field.default)
        self._rest = self.value()

    def unframe(self) -> None:
        """Without a frame of its own, for one that stands in a card already."""
        self._frame.setProperty("role", None)
        layout = self._frame.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)

    def _values(self) -> dict[str, Json]:
        found = ((name, row.editor.value()) for name, row in self.rows.items())
        return {name: value for name, value in found if not isinstance(value, Unset)}

    def value(self) -> Json | Unset:
        values = self._values()
        untouched = values == self._blank and not self._extra and not self.attachments()
        if untouched and not self._given and not self.field.required:
            return self.left_out() if isinstance(self.field.default, Unset | None) else UNSET
        return {**values, **self._extra}

    def set_value(self, value: Json | Unset) -> None:
        held = value if isinstance(value, dict) else {}
        self._given = isinstance(value, dict)
        self._extra = {name: each for name, each in held.items() if name not in self.rows}
        self._filling = True
        for name, row in self.rows.items():
            row.set_value(held[name] if name in held else row.editor.resting())
            row.show_error(None)
        self._filling = False
        self.changed.emit()

    def attachments(self) -> dict[str, str]:
        return {
            f".{name}{rest}": path for name, row in self.rows.items() for rest, path in row.editor.attachments().items()
        }

    def set_attachments(self, files: Mapping[str, str]) -> None:
        for name, row in self.rows.items():
            row.editor.set_attachments(below(f".{name}", files))

    def error(self) -> FieldError | None:
        return self._first(lambda row: row.editor.error())

    def lacking(self) -> FieldError | None:
        return self._first(lambda row: row.editor.lacking())

    def _first(self, ask: Callable[[FieldRow], FieldError | None]) -> FieldError | None:
        for row in self.rows.values():
            error = ask(row)
            if error is not None:
                return FieldError(self.field.name, f"{row.field.label}: {error.message}", error.hint)
        return None

    def place_error(self, error: FieldError | None) -> bool:
        placed = [row.show_error(wrong_with(row.editor) if error is not None else None) for row in self.rows.values()]
        return any(placed)

    def problem_target(self) -> QWidget:
        wrong = next((row for row in self.rows.values() if row.error is not None), None)
        return wrong.editor.problem_target() if wrong is not None else self.focus_target()

    def focus_target(self) -> QWidget:
        return next((row.editor.focus_target() for row in self.rows.values()), self)

    def resting(self) -> Json | Unset:
        return self._rest

    @Slot()
    def _edited(self) -> None:
        if not self._filling:
            self.changed.emit()


def wrong_with(editor: Editor) -> FieldError | None:
    """What a check of this editor alone finds, what is missing included; a file on its way is not missing."""
    error = editor.error() or editor.lacking()
    if error is not None or editor.attachments():
        return error
    field, value = editor.field, editor.value()
    try:
        if not isinstance(value, Unset):
            field.check(value)
        elif field.required and isinstance(field.default, Unset):
            raise field.error("needs a value")
    except FieldError as found:
        return found
    return None
