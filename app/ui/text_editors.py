"""Editors in which text is typed: a line, a prompt that grows, a list of lines."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import json
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.endpoints.fields import UNSET, ArrayField, Field, Json, NumberField, TextField, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor
from app.ui.labels import ToneLabel, small

_NEAR = 0.8  # of the longest text, from where its length is counted aloud
_ANY_LENGTH = 2**30
_HINT = 60  # letters of an example that fit into the empty box


class GrowingEdit(QPlainTextEdit):
    """A text box as high as its text, between two numbers of lines; Ctrl+Enter submits, Tab moves on."""

    submitted = Signal()
    left = Signal()

    def __init__(self, fewest: int = 2, most: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fewest, self._most = fewest, most
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def sizeHint(self) -> QSize:
        lines = max(self._fewest, min(self._most, round(self.document().size().height())))
        inside = lines * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin()
        chrome = self.height() - self.maximumViewportSize().height()
        return QSize(120, round(inside) + chrome)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.submitted.emit()
                return
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            event.ignore()  # the window takes the focus back to the waveform
            return
        super().keyPressEvent(event)

    @Slot()
    def _fit(self) -> None:
        self.updateGeometry()


class TextEditor(Editor):
    """Text in one line, or in a box that grows; emptied, an optional text is left out.

    Its length is counted where it comes near a limit, and never cut: what is pasted stays whole until it is shortened.
    """

    field: TextField

    def __init__(self, field: TextField, parent: QWidget | None = None, fewest: int = 2) -> None:
        super().__init__(field, parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._line: QLineEdit | None = None
        self._box: QPlainTextEdit | None = None
        self.counter: ToneLabel | None = None
        if field.multiline:
            box = self._box = GrowingEdit(fewest, parent=self)
            box.textChanged.connect(self._typed)
            box.submitted.connect(self.submitted)
            box.setToolTip(self.tr("Ctrl+Enter: submit"))
        else:
            line = self._line = QLineEdit(self)
            line.setMaxLength(_ANY_LENGTH)
            line.textChanged.connect(self._typed)
        target = self.focus_target()
        layout.addWidget(target)
        if field.max_length is not None or field.min_length:
            self.counter = ToneLabel("", "muted", self)
            self.counter.setAlignment(Qt.AlignmentFlag.AlignRight)
            small(self.counter)
            self.counter.hide()
            layout.addWidget(self.counter)
        self.name_for_readers(target)
        self.set_placeholder(self._hint())
        self.set_value(field.default)
        self.setFocusProxy(target)

    def _hint(self) -> str:
        example = next((each for each in self.field.examples if isinstance(each, str) and each), "")
        if example:
            short = " ".join(example.split())
            return self.tr("e.g. {0}").format(short if len(short) <= _HINT else f"{short[:_HINT].rsplit(' ', 1)[0]} …")
        return self.tr("optional") if self.field.optional and not isinstance(self.field.default, str) else ""

    def set_placeholder(self, text: str) -> None:
        """What stands in the empty editor."""
        if self._box is not None:
            self._box.setPlaceholderText(text)
        elif self._line is not None:
            self._line.setPlaceholderText(text)

    def focus_target(self) -> QWidget:
        return self._box if self._box is not None else self._line or self

    def text(self) -> str:
        """What is typed."""
        return self._box.toPlainText() if self._box is not None else self._line.text() if self._line else ""

    def value(self) -> Json | Unset:
        text = self.text()
        if text or self.field.required or isinstance(self.field.default, str):
            return text
        return self.left_out()

    def set_value(self, value: Json | Unset) -> None:
        text = "" if value is None or isinstance(value, Unset) else value if isinstance(value, str) else str(value)
        if text == self.text():
            self.changed.emit()
        elif self._box is not None:
            self._box.setPlainText(text)
        elif self._line is not None:
            self._line.setText(text)

    def error(self) -> FieldError | None:
        most, length = self.field.max_length, len(self.text())
        if most is None or length <= most:
            return None  # too short is every text that is still being typed: `check` tells it at the end
        return FieldError(self.field.name, self.tr("This is {0} characters too long.").format(length - most))

    @Slot()
    def _typed(self) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        if self.counter is None:
            return
        length, least, most = len(self.text()), self.field.min_length or 0, self.field.max_length
        if 0 < length < least:
            words = self.tr("{0} of at least {1}").format(length, least)
        elif most is not None and length >= _NEAR * most:
            words = f"{length} / {most}"
        else:
            words = ""
        self.counter.setText(words)
        self.counter.set_tone("error" if most is not None and length > most else "muted")
        self.counter.setVisible(bool(words))


class BoxEditor(Editor):
    """A box of text that is read as a value; whoever shows it asks `error` for what cannot be read."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box = GrowingEdit(2, 8, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        self.name_for_readers(self.box)
        self.setFocusProxy(self.box)
        self.box.submitted.connect(self.submitted)
        self.box.textChanged.connect(self.changed)

    def focus_target(self) -> QWidget:
        return self.box

    def parse(self) -> Json | Unset:
        """The value of the text; FieldError where it cannot be read."""
        raise NotImplementedError

    def value(self) -> Json | Unset:
        try:
            return self.parse()
        except FieldError:
            return UNSET

    def error(self) -> FieldError | None:
        try:
            self.parse()
        except FieldError as error:
            return error
        return None


class LinesEditor(BoxEditor):
    """A list of plain values, one a line; a comma serves as the decimal point of numbers."""

    field: ArrayField

    def __init__(self, field: ArrayField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._given: tuple[str, list[Json]] | None = None  # the text of a list that was set, and the list itself
        self.box.setPlaceholderText(self.tr("one entry per line"))
        self.set_value(field.default)

    def parse(self) -> Json | Unset:
        text = self.box.toPlainText()
        rows = [row.strip() for row in text.splitlines() if row.strip()]
        if self._given is not None and text == self._given[0]:
            found = list(self._given[1])  # exactly, even where an entry holds a line break or blanks at its ends
        else:
            found = [self._item(row) for row in rows]
        if not found and not self.field.required and not isinstance(self.field.default, list):
            return self.left_out()
        most = self.field.max_items
        if (most is not None and len(found) > most) or self.field.unique:
            replace(self.field, min_items=None).check(found)
        return found

    def _item(self, row: str) -> Json:
        item = self.field.item
        try:
            value: Json = row
            if not isinstance(item, TextField):
                value = json.loads(row.replace(",", ".") if isinstance(item, NumberField) else row)
        except (ValueError, RecursionError):
            value = row
        try:
            return item.check(value)
        except FieldError as error:
            raise FieldError(self.field.name, self.tr("“{0}”: {1}").format(row, error.message)) from error

    def set_value(self, value: Json | Unset) -> None:
        rows = value if isinstance(value, list) else []
        text = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        self._given = (text, rows) if rows else None
        self.box.setPlainText(text)
