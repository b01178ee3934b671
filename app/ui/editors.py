"""Which editor edits which kind of field: one table, and the editors that are picked rather than typed."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.endpoints.fields import (
    UNSET,
    ArrayField,
    BooleanField,
    ChoiceField,
    Field,
    FileField,
    Json,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
    Unset,
)
from app.errors import FieldError
from app.ui.editor_base import Editor
from app.ui.focus import QuietWheel
from app.ui.labels import icon_button, outlined
from app.ui.number_editor import NumberEditor
from app.ui.text_editors import JsonEditor, LinesEditor, TextEditor


class CheckEditor(Editor):
    """Yes or no, as a check box that carries the field's label."""

    field: BooleanField
    names_itself = True

    def __init__(self, field: BooleanField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.check = QCheckBox(field.label.replace("&", "&&"), self)
        outlined(self.check)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.check)
        self.name_for_readers(self.check)
        self.setFocusProxy(self.check)
        self.set_value(field.default)
        self.check.toggled.connect(self._toggled)

    def value(self) -> Json | Unset:
        return self.check.isChecked()

    def set_value(self, value: Json | Unset) -> None:
        wanted = value if isinstance(value, bool) else self.field.default is True
        if wanted == self.check.isChecked():
            self.changed.emit()
        self.check.setChecked(wanted)

    def focus_target(self) -> QWidget:
        return self.check

    @Slot(bool)
    def _toggled(self, _on: bool) -> None:
        self.changed.emit()


class ChoiceEditor(Editor):
    """One of the schema's choices; a value that the schema no longer lists stays until another is picked."""

    field: ChoiceField

    def __init__(self, field: ChoiceField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._values: list[Json] = list(field.choices)
        self._wheel = QuietWheel(self)
        self.combo = QComboBox(self)
        self._wheel.guard(self.combo)
        outlined(self.combo)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(8)
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setMaxVisibleItems(20)
        self.combo.addItems([self._text(each) for each in self._values])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.combo)
        self.name_for_readers(self.combo)
        self.setFocusProxy(self.combo)
        self.set_value(field.default)
        self.combo.currentIndexChanged.connect(self._picked)

    @staticmethod
    def _text(value: Json) -> str:
        return value if isinstance(value, str) else "null" if value is None else str(value)

    def _find(self, value: Json) -> int:
        exact = (i for i, each in enumerate(self._values) if type(each) is type(value) and each == value)
        return next(exact, -1)

    def value(self) -> Json | Unset:
        index = self.combo.currentIndex()
        return self._values[index] if index >= 0 else self.left_out()

    def set_value(self, value: Json | Unset) -> None:
        choices = self.field.choices
        if isinstance(value, Unset) or (value is None and None not in choices):
            default = self.field.default
            if not choices:
                return
            value = choices[0] if isinstance(default, Unset) or default not in choices else default
        index = self._find(value)
        if index < 0:
            self._values.append(value)
            self.combo.addItem(self.tr("{0} (not in the list)").format(self._text(value)))
            index = len(self._values) - 1
        if index == self.combo.currentIndex():
            self.changed.emit()
        self.combo.setCurrentIndex(index)

    def focus_target(self) -> QWidget:
        return self.combo

    @Slot(int)
    def _picked(self, _index: int) -> None:
        self.changed.emit()


class PathEditor(Editor):
    """A file: a path that is typed, picked or dropped, or the URL of one that is already hosted."""

    field: FileField

    def __init__(self, field: FileField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("drop a file, or choose one"))
        self.line.setClearButtonEnabled(True)
        self.line.setAcceptDrops(False)  # the whole editor takes the drop, as a path and not as a file:// URL
        name = self.tr("Choose a file for {0}").format(field.label)
        self.browse = icon_button("open", name, self.tr("Choose a file"), self)
        self.browse.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.browse)
        self.setAcceptDrops(True)
        self.name_for_readers(self.line)
        self.setFocusProxy(self.line)
        self.set_value(field.default)
        self.line.textChanged.connect(self._typed)

    def value(self) -> Json | Unset:
        text = self.line.text().strip()
        return text if text or self.field.required else self.left_out()

    def set_value(self, value: Json | Unset) -> None:
        text = value if isinstance(value, str) else ""
        if text == self.line.text():
            self.changed.emit()
        self.line.setText(text)

    def error(self) -> FieldError | None:
        text = self.line.text().strip()
        if not text or "://" in text or text.startswith("data:"):
            return None
        path = Path(text).expanduser()
        if not path.is_file():
            return FieldError(self.field.name, self.tr("There is no file “{0}”.").format(path.name))
        limit = self.field.max_bytes
        if limit is not None and path.stat().st_size > limit:
            size = limit / 1e6
            return FieldError(self.field.name, self.tr("“{0}” is larger than {1:.0f} MB.").format(path.name, size))
        return None

    def focus_target(self) -> QWidget:
        return self.line

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.line.setText(url.toLocalFile())
                event.acceptProposedAction()
                return

    @Slot()
    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.field.label, self.line.text())
        if path:
            self.line.setText(path)

    @Slot(str)
    def _typed(self, _text: str) -> None:
        self.changed.emit()


class OptionalEditor(Editor):
    """Any editor behind a check: unticked, the field is left out."""

    def __init__(self, inner: Editor, parent: QWidget | None = None) -> None:
        super().__init__(inner.field, parent)
        self.inner = inner
        self.set_box = QCheckBox(self)
        outlined(self.set_box)
        self.set_box.setToolTip(self.tr("Ticked: this value is sent. Unticked: it is left out."))
        self.set_box.setAccessibleName(self.tr("Set {0}").format(inner.field.label))
        if isinstance(inner, CheckEditor):
            inner.check.setText(self.tr("Yes"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.set_box)
        layout.addWidget(inner, 1)
        inner.changed.connect(self.changed)
        inner.submitted.connect(self.submitted)
        self.set_box.toggled.connect(self._toggled)
        self.set_value(self.field.default)
        inner.setEnabled(self.set_box.isChecked())
        self.setFocusProxy(self.set_box)

    def value(self) -> Json | Unset:
        return self.inner.value() if self.set_box.isChecked() else self.left_out()

    def set_value(self, value: Json | Unset) -> None:
        unset = value is None or isinstance(value, Unset)
        if not unset:
            self.inner.set_value(value)
        elif not self.set_box.isChecked():
            self.changed.emit()
        self.set_box.setChecked(not unset)

    def resting(self) -> Json | Unset:
        return self.field.default

    def error(self) -> FieldError | None:
        return self.inner.error() if self.set_box.isChecked() else None

    def focus_target(self) -> QWidget:
        return self.inner.focus_target() if self.set_box.isChecked() else self.set_box

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self.inner.setEnabled(on)
        self.changed.emit()


def _array(field: ArrayField) -> Editor:
    scalar = isinstance(field.item, TextField | NumberField | ChoiceField | BooleanField)
    return LinesEditor(field) if scalar else JsonEditor(field)


EDITORS: Mapping[type[Field], Callable[..., Editor]] = {
    TextField: TextEditor,
    NumberField: NumberEditor,
    BooleanField: CheckEditor,
    ChoiceField: ChoiceEditor,
    FileField: PathEditor,
    ArrayField: _array,
    ObjectField: JsonEditor,
    JsonField: JsonEditor,
}

_ALWAYS_HOLD_A_VALUE = (NumberField, BooleanField, ChoiceField)


def editor_for(field: Field) -> Editor:
    """A new editor for a field; behind a check where it may be unset and its editor has no empty state of its own."""
    make = EDITORS.get(type(field), JsonEditor)
    may_be_unset = field.nullable or (not field.required and field.default is UNSET)
    if may_be_unset and isinstance(field, _ALWAYS_HOLD_A_VALUE):
        return OptionalEditor(make(field))
    return make(field)
