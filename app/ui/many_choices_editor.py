"""Several of a list's choices: a check box each, found by typing where there are many."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QVBoxLayout, QWidget

from app.endpoints.fields import ArrayField, ChoiceField, Json, Unset
from app.endpoints.fields import same as equal
from app.ui.choice_editor import MANY
from app.ui.editor_base import Editor
from app.ui.field_words import value_words
from app.ui.labels import outlined


class ManyChoicesEditor(Editor):
    """Any number of the choices, in the order in which they were ticked; those no longer listed stay until unticked."""

    field: ArrayField

    def __init__(self, field: ArrayField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._chosen: list[Json] = []
        self._given = False  # whether an empty list was meant
        self.boxes: list[tuple[Json, QCheckBox]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        choices = field.item.choices if isinstance(field.item, ChoiceField) else ()
        self.search: QLineEdit | None = None
        if len(choices) > MANY:
            self.search = QLineEdit(self)
            self.search.setPlaceholderText(self.tr("Find one of {0}").format(len(choices)))
            self.search.setAccessibleName(self.tr("Find in {0}").format(field.label))
            self.search.setClearButtonEnabled(True)
            self.search.textChanged.connect(self._filter)
            layout.addWidget(self.search)
        frame = QFrame(self)
        frame.setProperty("role", "card")
        self._inside = QVBoxLayout(frame)
        self._inside.setContentsMargins(8, 6, 8, 6)
        self._inside.setSpacing(3)
        layout.addWidget(frame)
        for each in choices:
            self._add(each)
        self.set_value(field.default)

    def _add(self, choice: Json, listed: bool = True) -> None:
        words = value_words(choice)
        text = words if listed else self.tr("{0} (not in the list)").format(words)
        box = QCheckBox(text.replace("&", "&&"), self)
        outlined(box)
        box.setAccessibleName(f"{self.field.label}: {text}")
        self.boxes.append((choice, box))
        self._inside.addWidget(box)
        box.clicked.connect(self._clicked)

    def value(self) -> Json | Unset:
        if not self._chosen and not self._given and not self.field.required:
            return self.left_out()
        return list(self._chosen)

    def set_value(self, value: Json | Unset) -> None:
        self._chosen = list(value) if isinstance(value, list) else []
        self._given = isinstance(value, list)
        for each in self._chosen:
            if not any(equal(each, known) for known, _ in self.boxes):
                self._add(each, listed=False)
        for known, box in self.boxes:
            box.setChecked(any(equal(known, each) for each in self._chosen))
        self.changed.emit()

    def focus_target(self) -> QWidget:
        if self.search is not None:
            return self.search
        return self.boxes[0][1] if self.boxes else self

    @Slot()
    def _clicked(self) -> None:
        for known, box in self.boxes:
            inside = any(equal(known, each) for each in self._chosen)
            if box.isChecked() and not inside:
                self._chosen.append(known)
            elif inside and not box.isChecked():
                self._chosen = [each for each in self._chosen if not equal(known, each)]
        self._given = bool(self._chosen) or isinstance(self.field.default, list)
        self.changed.emit()

    @Slot(str)
    def _filter(self, text: str) -> None:
        for _, box in self.boxes:
            box.setVisible(text.strip().casefold() in box.text().casefold())
