"""Editors in which one of a few is picked: a check box, a list to choose from."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QSizePolicy, QVBoxLayout, QWidget

from app.endpoints.fields import UNSET, BooleanField, ChoiceField, Json, Unset
from app.endpoints.fields import same as equal
from app.ui.editor_base import Editor
from app.ui.focus import QuietWheel
from app.ui.labels import outlined

MANY = 12  # so many choices want to be searched
_LONG = 34


class CheckEditor(Editor):
    """Yes or no, as a check box that carries the field's label, unless that is too long for one line."""

    field: BooleanField

    def __init__(self, field: BooleanField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.names_itself = len(field.label) <= _LONG
        self.check = QCheckBox(field.label.replace("&", "&&") if self.names_itself else self.tr("Yes"), self)
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
    """One of the schema's choices; yes and no where a yes-or-no field may stay unset.

    What may be unset says so in the first line. A value that the schema no longer lists stays until another is picked.
    Long lists are searched by typing any part of a choice.
    """

    field: ChoiceField | BooleanField

    def __init__(self, field: ChoiceField | BooleanField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._choices: tuple[Json, ...] = field.choices if isinstance(field, ChoiceField) else (True, False)
        self._may_be_unset = field.nullable or (not field.required and isinstance(field.default, Unset))
        self._values: list[Json | Unset] = [UNSET] if self._may_be_unset else []
        self._values += self._choices
        self._wheel = QuietWheel(self)
        self.combo = QComboBox(self)
        self._wheel.guard(self.combo)
        outlined(self.combo)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(8)
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setMaxVisibleItems(20)
        self.combo.addItems([self._text(each) for each in self._values])
        if len(self._choices) > MANY:
            self._make_searchable()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.combo)
        self.name_for_readers(self.combo)
        self.setFocusProxy(self.combo)
        self.set_value(field.default)
        self.combo.currentIndexChanged.connect(self._picked)

    def _make_searchable(self) -> None:
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self.combo.model(), self.combo)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.combo.setCompleter(completer)
        line = self.combo.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("type to search"))
            line.editingFinished.connect(self._settle)
            self.name_for_readers(line)

    def _text(self, value: Json | Unset) -> str:
        if value is None or isinstance(value, Unset):
            return self.tr("Automatic") if self.field.nullable else self.tr("Not set")
        if isinstance(value, bool):
            return self.tr("Yes") if value else self.tr("No")
        return value if isinstance(value, str) else str(value)

    def _find(self, value: Json) -> int:
        exact = (i for i, each in enumerate(self._values) if type(each) is type(value) and each == value)
        return next(exact, -1)

    def value(self) -> Json | Unset:
        index = self.combo.currentIndex()
        value = self._values[index] if index >= 0 else UNSET
        return self.left_out() if isinstance(value, Unset) else value

    def set_value(self, value: Json | Unset) -> None:
        index = self._index_for(value)
        if index == self.combo.currentIndex():
            self.changed.emit()
        self.combo.setCurrentIndex(index)

    def _index_for(self, value: Json | Unset) -> int:
        default = self.field.default
        if value is None or isinstance(value, Unset):
            if self._may_be_unset and (value is None or default is None or isinstance(default, Unset)):
                return 0
            listed = not isinstance(default, Unset) and any(equal(default, each) for each in self._choices)
            if not self._choices:
                return -1
            value = default if listed and not isinstance(default, Unset) else self._choices[0]
        index = self._find(value)
        if index < 0:
            near = (i for i, each in enumerate(self._values) if not isinstance(each, Unset) and equal(each, value))
            index = next(near, -1)  # 1.0 where the schema says 1
        if index < 0:
            self._values.append(value)
            self.combo.addItem(self.tr("{0} (not in the list)").format(self._text(value)))
            index = len(self._values) - 1
        return index

    def focus_target(self) -> QWidget:
        return self.combo

    @Slot(int)
    def _picked(self, _index: int) -> None:
        self.changed.emit()

    @Slot()
    def _settle(self) -> None:
        """Typing ends at a choice: the one that was meant, or the one before."""
        typed = self.combo.currentText().strip().casefold()
        texts = [self.combo.itemText(i).casefold() for i in range(self.combo.count())]
        meant = [i for i, text in enumerate(texts) if text == typed] or [
            i for i, text in enumerate(texts) if typed and typed in text
        ]
        if len(meant) == 1:
            self.combo.setCurrentIndex(meant[0])
        self.combo.setEditText(self.combo.itemText(self.combo.currentIndex()))
