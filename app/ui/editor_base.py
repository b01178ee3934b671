"""The one face that every editor of a field has."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.endpoints.fields import UNSET, Field, Json, Unset
from app.errors import FieldError


def same(one: Json | Unset, other: Json | Unset) -> bool:
    """Whether two values mean the same to a host: null and left out do, 1 and true do not."""
    if one is None or isinstance(one, Unset):
        return other is None or isinstance(other, Unset)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return one == other


class Editor(QWidget):
    """Edits the value of one field.

    `value` gives what goes out, UNSET where it is left out. `set_value` takes what a preset or an older take holds;
    what this kind of field can never hold falls back to the resting value. `error` tells what is wrong with what is
    typed, where it cannot be read at all. `changed` is emitted by the user's hand and by `set_value` alike.
    """

    changed = Signal()
    submitted = Signal()
    names_itself = False  # whether the editor shows the field's label on its own

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field

    def value(self) -> Json | Unset:
        """What goes out."""
        raise NotImplementedError

    def set_value(self, value: Json | Unset) -> None:
        """Show this value."""
        raise NotImplementedError

    def error(self) -> FieldError | None:
        """Why what is typed cannot be read; None where it can."""
        return None

    def focus_target(self) -> QWidget:
        """The widget that takes the keys."""
        return self

    def resting(self) -> Json | Unset:
        """The value that counts as untouched: the schema's default, else nothing."""
        return self.field.default

    def left_out(self) -> Json | Unset:
        """What goes out when nothing is set: null only where leaving it out would mean something else."""
        if self.field.nullable and (self.field.required or not same(self.field.default, None)):
            return None
        return UNSET

    def name_for_readers(self, *widgets: QWidget) -> None:
        """Give these widgets the field's label as accessible name and its description as accessible text."""
        for widget in widgets:
            widget.setAccessibleName(self.field.label)
            widget.setAccessibleDescription(self.field.description)
