"""Several of a list's choices: a check box each, found by typing where there are many."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QVBoxLayout, QWidget

from app.endpoints.fields import ArrayField, ChoiceField, Json, Unset
from app.endpoints.fields import same as equal
from app.ui.choice_editor import MANY
from app.ui.editor_base import Editor
from app.ui.field_words import value_words
from app.ui.labels import ToneLabel, outlined, small


class ManyChoicesEditor(Editor):
    """Any number of the choices, in the order in which they were ticked; those no longer listed stay until unticked.

    Of a long list, only what is ticked and what the search finds has a box: the first few, until more is typed.
    """

    field: ArrayField

    def __init__(self, field: ArrayField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._chosen: list[Json] = []
        self._given = False  # whether an empty list was meant
        self._known: list[Json] = list(field.item.choices) if isinstance(field.item, ChoiceField) else []
        self._listed = len(self._known)
        self._boxes: dict[int, QCheckBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.search: QLineEdit | None = None
        if self._listed > MANY:
            self.search = QLineEdit(self)
            self.search.setPlaceholderText(self.tr("Find one of {0}").format(self._listed))
            self.search.setAccessibleName(self.tr("Find in {0}").format(field.label))
            self.search.setClearButtonEnabled(True)
            self.search.textChanged.connect(self._show)
            layout.addWidget(self.search)
        frame = QFrame(self)
        frame.setProperty("role", "card")
        self._inside = QVBoxLayout(frame)
        self._inside.setContentsMargins(8, 6, 8, 6)
        self._inside.setSpacing(3)
        self._rest = ToneLabel("", "muted", frame)
        small(self._rest)
        self._inside.addWidget(self._rest)
        layout.addWidget(frame)
        self.name_for_readers(self)
        self.set_value(field.default)

    def boxes(self) -> dict[str, QCheckBox]:
        """The boxes that are shown, by their texts, from top to bottom."""
        return {box.text(): box for _, box in sorted(self._boxes.items()) if not box.isHidden()}

    def _box(self, index: int) -> QCheckBox:
        box = self._boxes.get(index)
        if box is None:
            words = value_words(self._known[index])
            text = words if index < self._listed else self.tr("{0} (not in the list)").format(words)
            box = self._boxes[index] = QCheckBox(text.replace("&", "&&"), self)
            outlined(box)
            box.setAccessibleName(f"{self.field.label}: {text}")
            self._inside.insertWidget(sum(each < index for each in self._boxes), box)
            box.clicked.connect(self._clicked)
        return box

    def value(self) -> Json | Unset:
        if not self._chosen and not self._given and not self.field.required:
            return self.left_out()
        return list(self._chosen)

    def set_value(self, value: Json | Unset) -> None:
        self._chosen = list(value) if isinstance(value, list) else []
        self._given = isinstance(value, list)
        for each in self._chosen:
            if not any(equal(each, known) for known in self._known):
                self._known.append(each)
        self._show()
        self.changed.emit()

    def focus_target(self) -> QWidget:
        return self.search or next(iter(self.boxes().values()), self)

    @Slot()
    def _clicked(self) -> None:
        for index, box in self._boxes.items():
            known = self._known[index]
            inside = any(equal(known, each) for each in self._chosen)
            if box.isChecked() and not inside:
                self._chosen.append(known)
            elif inside and not box.isChecked():
                self._chosen = [each for each in self._chosen if not equal(known, each)]
        self._given = bool(self._chosen) or isinstance(self.field.default, list)
        self.changed.emit()

    @Slot()
    def _show(self) -> None:
        typed = self.search.text().strip().casefold() if self.search is not None else ""
        ticked = {i for i, each in enumerate(self._known) if any(equal(each, one) for one in self._chosen)}
        found = [i for i, each in enumerate(self._known) if typed in value_words(each).casefold()]
        shown = ticked | set(found[: MANY if self.search is not None else None])
        for index in sorted(shown):
            self._box(index)
        for index, box in self._boxes.items():
            box.setChecked(index in ticked)
            box.setVisible(index in shown)
        left = len(set(found) - shown)
        self._rest.setText(self.tr("and {0} more: type to find them").format(left))
        self._rest.setVisible(left > 0)
