"""A list of objects, files or long texts: a card for each entry, with its own rows, that can be moved and removed."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.endpoints.fields import ArrayField, FileField, Json, Unset
from app.errors import FieldError
from app.ui import theme
from app.ui.editor_base import Editor, MakeEditor, below
from app.ui.field_row import FieldRow
from app.ui.labels import ToneLabel, icon_button, restyle
from app.ui.object_editor import ObjectEditor, wrong_with

_MOST = 50  # cards; a longer list is somebody’s data and no panel


class EntryCard(QFrame):
    """One entry: its number, up, down and remove, and below them its editor."""

    moved = Signal(object, int)
    removed = Signal(object)

    def __init__(self, editor: Editor, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.editor = editor
        self._name = name
        # An object brings rows; anything else is a row without words, its errors under it.
        self.row = None if editor.holds_rows else FieldRow(editor, bare=True)
        self.number = ToneLabel("", "section", self)
        self.up = icon_button("up", "", "", self)
        self.down = icon_button("down", "", "", self)
        self.remove = icon_button("cancel", "", "", self)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(1)
        head.addWidget(self.number)
        head.addStretch(1)
        for button in (self.up, self.down, self.remove):
            button.setStyleSheet("padding: 1px")
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 4, 7, 8)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(self.row or editor)
        self.up.clicked.connect(self._up)
        self.down.clicked.connect(self._down)
        self.remove.clicked.connect(self._remove)

    def stand(self, index: int, count: int, fewest: int) -> None:
        """Say which of how many this is, and allow what can be done with it there."""
        self.number.setText(str(index + 1))
        words = (
            (self.up, self.tr("Move entry {0} of {1} up")),
            (self.down, self.tr("Move entry {0} of {1} down")),
            (self.remove, self.tr("Remove entry {0} of {1}")),
        )
        for button, text in words:
            button.setAccessibleName(text.format(index + 1, self._name))
            button.setToolTip(text.format(index + 1, self._name))
        self.up.setEnabled(index > 0)
        self.down.setEnabled(index < count - 1)
        self.up.setVisible(count > 1)
        self.down.setVisible(count > 1)
        self.remove.setEnabled(count > fewest)

    def show_error(self, error: FieldError | None) -> bool:
        """Show what is wrong with this entry; whether anything is shown."""
        if self.row is not None:
            return self.row.show_error(error)
        self.editor.place_error(error)
        restyle(self, "invalid", error is not None)
        return error is not None

    @Slot()
    def _up(self) -> None:
        self.moved.emit(self, -1)

    @Slot()
    def _down(self) -> None:
        self.moved.emit(self, 1)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)


def chain_from(start: QWidget) -> Iterator[QWidget]:
    """What Tab can reach in this window, from here once around; parts of a spin or combo box are no stops."""
    widget = start.nextInFocusChain()
    while widget is not None and widget is not start:
        part = widget.focusProxy() is not None or isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not part:
            yield widget
        widget = widget.nextInFocusChain()


class EntriesEditor(Editor):
    """Cards with an editor each, and a button that adds one; a file in entry 2 is attached as "name[1].file"."""

    field: ArrayField
    holds_rows = True

    def __init__(self, field: ArrayField, make: MakeEditor, depth: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._make = make
        self._depth = depth
        self._given = False
        self._filling = False
        self._tail: list[Json] = []  # entries that have no card, and stay as they are
        self.cards: list[EntryCard] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self.add = QPushButton(self.tr("Add entry"), self)
        theme.bind_icon(self.add, "add")
        self.add.setAccessibleName(self.tr("Add an entry to {0}").format(field.label))
        self._layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.add.clicked.connect(self._add_pressed)
        self.setFocusProxy(self.add)
        self.set_value(field.default)
        self._rest = self.value()

    def _fewest(self) -> int:
        return self.field.min_items or 0

    def _append(self, value: Json | Unset) -> EntryCard:
        item = replace(self.field.item, required=True, title=self.field.item.title or self.field.label)
        editor = self._make(item, self._depth + 1)
        if not isinstance(value, Unset):
            editor.set_value(value)
        if isinstance(editor, ObjectEditor):
            editor.unframe()
        card = EntryCard(editor, self.field.label, self)
        editor.changed.connect(self._edited)
        editor.submitted.connect(self.submitted)
        card.moved.connect(self._move)
        card.removed.connect(self._remove)
        self._layout.insertWidget(len(self.cards), card)
        self.cards.append(card)
        return card

    def _drop_cards(self, keep: int) -> None:
        for card in self.cards[keep:]:
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        del self.cards[keep:]

    def _renumber(self) -> None:
        for index, card in enumerate(self.cards):
            card.stand(index, len(self.cards), self._fewest() if self.field.required else 0)
        most = min(self.field.max_items if self.field.max_items is not None else _MOST, _MOST)
        full = len(self.cards) >= most
        self.add.setEnabled(not full)
        self.add.setToolTip(self.tr("{0} entries are as many as it takes").format(most) if full else "")
        rest = self.tr(" ({0} more are kept as they are)").format(len(self._tail)) if self._tail else ""
        self.add.setText(self.tr("Add entry") + rest)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes through the cards in the order in which they stand, though Qt would take that of their making."""
        inside = [each for each in chain_from(self) if self.isAncestorOf(each)]
        # The last stop before this list; none while the list stands alone.
        anchor = next((each for each in reversed(list(chain_from(self.add))) if not self.isAncestorOf(each)), None)
        wanted: list[QWidget] = []
        for card in self.cards:
            head = [card.up, card.down, card.remove]
            wanted += [*head, *(each for each in inside if card.isAncestorOf(each) and each not in head)]
        for widget in [*wanted, self.add]:
            if anchor is not None:
                QWidget.setTabOrder(anchor, widget)
            anchor = widget

    # -- what it holds -----------------------------------------------------------------------------------------------

    def value(self) -> Json | Unset:
        if not self.cards and not self._given and not self.field.required:
            return self.left_out()
        return [*(self._entry(card) for card in self.cards), *self._tail]

    def _entry(self, card: EntryCard) -> Json:
        value = card.editor.value()
        if not isinstance(value, Unset):
            return value
        # An entry keeps its place in the list even while it is empty, or a file whose address comes later.
        return "" if isinstance(self.field.item, FileField) else None

    def set_value(self, value: Json | Unset) -> None:
        entries = value[:_MOST] if isinstance(value, list) else []
        self._tail = value[_MOST:] if isinstance(value, list) else []
        self._given = isinstance(value, list)
        self._filling = True
        self._drop_cards(0)
        for each in entries:
            self._append(each)
        if self.field.required and not isinstance(value, list):
            for _ in range(min(self._fewest(), _MOST)):
                self._append(self.field.item.default)
        self._renumber()
        self._filling = False
        self.changed.emit()

    def attachments(self) -> dict[str, str]:
        return {
            f"[{index}]{rest}": path
            for index, card in enumerate(self.cards)
            for rest, path in card.editor.attachments().items()
        }

    def set_attachments(self, files: Mapping[str, str]) -> None:
        for index, card in enumerate(self.cards):
            card.editor.set_attachments(below(f"[{index}]", files))

    # -- what is wrong -----------------------------------------------------------------------------------------------

    def error(self) -> FieldError | None:
        return self._first(lambda card: card.editor.error())

    def lacking(self) -> FieldError | None:
        return self._first(lambda card: card.editor.lacking())

    def _first(self, ask: Callable[[EntryCard], FieldError | None]) -> FieldError | None:
        for index, card in enumerate(self.cards):
            error = ask(card)
            if error is not None:
                message = self.tr("Entry {0}: {1}").format(index + 1, error.message)
                return FieldError(self.field.name, message, error.hint)
        return None

    def place_error(self, error: FieldError | None) -> bool:
        placed = [card.show_error(wrong_with(card.editor) if error is not None else None) for card in self.cards]
        return any(placed)

    def problem_target(self) -> QWidget:
        for card in self.cards:
            if wrong_with(card.editor) is not None:
                return card.editor.problem_target()
        return self.focus_target()

    def focus_target(self) -> QWidget:
        return self.cards[0].editor.focus_target() if self.cards else self.add

    def resting(self) -> Json | Unset:
        return self._rest

    # -- the hand ----------------------------------------------------------------------------------------------------

    @Slot()
    def _add_pressed(self) -> None:
        card = self._append(self.field.item.default)
        self._renumber()
        card.editor.focus_target().setFocus(Qt.FocusReason.OtherFocusReason)
        self._edited()

    @Slot(object, int)
    def _move(self, card: EntryCard, by: int) -> None:
        index = self.cards.index(card)
        self.cards.insert(index + by, self.cards.pop(index))
        self._layout.removeWidget(card)
        self._layout.insertWidget(index + by, card)
        self._renumber()
        pressed = card.up if by < 0 else card.down
        (pressed if pressed.isEnabled() else card.down if by < 0 else card.up).setFocus()
        self._edited()

    @Slot(object)
    def _remove(self, card: EntryCard) -> None:
        index = self.cards.index(card)
        had_focus = card.isAncestorOf(self.window().focusWidget() or card)
        self._layout.removeWidget(card)
        card.hide()
        card.deleteLater()
        del self.cards[index]
        self._renumber()
        if had_focus:
            after = self.cards[min(index, len(self.cards) - 1)].remove if self.cards else self.add
            (after if after.isEnabled() else self.add).setFocus()
        self._edited()

    @Slot()
    def _edited(self) -> None:
        if self._filling:
            return
        self._given = bool(self.cards) or isinstance(self.field.default, list)
        self.changed.emit()
