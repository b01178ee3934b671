"""Which editor edits which kind of field: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication

from app.endpoints.fields import (
    UNSET,
    ArrayField,
    BooleanField,
    ChoiceField,
    Field,
    FileField,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
)
from app.ui.choice_editor import CheckEditor, ChoiceEditor
from app.ui.editor_base import Editor
from app.ui.entries_editor import EntriesEditor
from app.ui.file_editor import FileEditor
from app.ui.json_editor import JsonEditor
from app.ui.many_choices_editor import ManyChoicesEditor
from app.ui.number_editor import NumberEditor
from app.ui.object_editor import ObjectEditor
from app.ui.optional_editor import OptionalEditor
from app.ui.text_editors import LinesEditor, TextEditor

DEEPEST = 3  # objects in objects that are shown as rows; deeper ones would be narrower than a word
_MOST_ROWS = 60  # in one object


def _may_be_unset(field: Field) -> bool:
    return field.nullable or (not field.required and field.default is UNSET)


def _text(field: TextField, depth: int) -> Editor:
    return TextEditor(field, fewest=1 if depth else 2)


def _number(field: NumberField, _depth: int) -> Editor:
    return OptionalEditor(NumberEditor(field)) if _may_be_unset(field) else NumberEditor(field)


def _yes_or_no(field: BooleanField, _depth: int) -> Editor:
    return ChoiceEditor(field) if _may_be_unset(field) else CheckEditor(field)


def _choice(field: ChoiceField, _depth: int) -> Editor:
    return ChoiceEditor(field)


def _file(field: FileField, _depth: int) -> Editor:
    return FileEditor(field)


def _array(field: ArrayField, depth: int) -> Editor:
    item = field.item
    if isinstance(item, ChoiceField):
        return ManyChoicesEditor(field)
    if isinstance(item, JsonField):
        return JsonEditor(field)
    if isinstance(item, NumberField) or (isinstance(item, TextField) and not item.multiline):
        return LinesEditor(field)
    return _too_much(field, depth) or EntriesEditor(field, editor_for, depth)


def _object(field: ObjectField, depth: int) -> Editor:
    return _too_much(field, depth) or ObjectEditor(field, editor_for, depth)


def _json(field: Field, _depth: int) -> Editor:
    return JsonEditor(field)


def _rows(field: Field) -> int:
    inner = field.item if isinstance(field, ArrayField) else field
    return sum(1 + _rows(each) for each in inner.fields) if isinstance(inner, ObjectField) else 0


def _too_much(field: Field, depth: int) -> Editor | None:
    """A JSON editor for what is too deep or too long to be rows; it checks against the same fields."""
    if depth < DEEPEST and _rows(field) <= _MOST_ROWS:
        return None
    said = QCoreApplication.translate("Editors", "This holds more than the panel can show: it is edited as JSON.")
    return JsonEditor(field, why=said)


EDITORS: Mapping[type[Field], Callable[..., Editor]] = {
    TextField: _text,
    NumberField: _number,
    BooleanField: _yes_or_no,
    ChoiceField: _choice,
    FileField: _file,
    ArrayField: _array,
    ObjectField: _object,
    JsonField: _json,
}


def editor_for(field: Field, depth: int = 0) -> Editor:
    """A new editor for a field that stands so many objects deep."""
    return EDITORS.get(type(field), _json)(field, depth)
