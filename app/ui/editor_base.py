"""The one face that every editor of a field has."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
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


def below(prefix: str, files: Mapping[str, str]) -> dict[str, str]:
    """Those files whose dotted path begins with the prefix, under the rest of their path."""
    end = len(prefix)
    found = ((path, file) for path, file in files.items() if path.startswith(prefix))
    return {path[end:]: file for path, file in found if path[end:][:1] in ("", ".", "[")}


class Editor(QWidget):
    """Edits the value of one field.

    `value` gives what goes out, UNSET where it is left out. `set_value` takes what a preset or an older take holds;
    what this kind of field can never hold falls back to the resting value. `error` tells what is wrong with what is
    typed, where it cannot be read at all; `lacking` what is missing although nothing is wrong. `attachments` are files
    of this machine by the rest of their dotted path ("" is the field itself): they are no values, their URLs will be.
    `changed` is emitted by the user's hand and by `set_value` alike.
    """

    changed = Signal()
    submitted = Signal()
    names_itself = False  # whether the editor shows the field's label on its own
    holds_rows = False  # whether there are editors of further fields in it, which show their own errors

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field

    def value(self) -> Json | Unset:
        """What goes out."""
        raise NotImplementedError

    def set_value(self, value: Json | Unset) -> None:
        """Show this value."""
        raise NotImplementedError

    def attachments(self) -> dict[str, str]:
        """The files of this machine that are to be uploaded: the rest of the path -> the file's absolute path."""
        return {}

    def set_attachments(self, files: Mapping[str, str]) -> None:
        """Show these files; after `set_value`, which takes away those of before."""

    def error(self) -> FieldError | None:
        """Why what is typed cannot be read; None where it can."""
        return None

    def lacking(self) -> FieldError | None:
        """What must still be given before anything can be sent, as far as values alone do not tell it."""
        return None

    def place_error(self, error: FieldError | None) -> bool:
        """Show an error beside the editor inside that it belongs to; whether there is one. None takes all away."""
        return False

    def focus_target(self) -> QWidget:
        """The widget that takes the keys."""
        return self

    def last_target(self) -> QWidget:
        """The last of its widgets that takes the keys."""
        window, by_tab = self.window(), Qt.FocusPolicy.TabFocus
        inside = [
            each for each in self.findChildren(QWidget) if each.focusPolicy() & by_tab and each.window() is window
        ]
        return inside[-1] if inside else self.focus_target()  # a combo's list is a window of its own

    def problem_target(self) -> QWidget:
        """The widget that takes the keys when something is wrong."""
        return self.focus_target()

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


MakeEditor: TypeAlias = Callable[[Field, int], Editor]
"""Makes the editor of a field that stands so many objects deep."""
