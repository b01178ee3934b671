"""Editors in which text is typed: a line, a prompt that grows, a list of lines, JSON."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import json

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.endpoints.fields import UNSET, ArrayField, Field, Json, NumberField, TextField, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor


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
    """Text in one line, or in a box that grows; emptied, an optional text is left out."""

    field: TextField

    def __init__(self, field: TextField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._line: QLineEdit | None = None
        self._box: QPlainTextEdit | None = None
        if field.multiline:
            box = self._box = GrowingEdit(parent=self)
            box.textChanged.connect(self.changed)
            box.submitted.connect(self.submitted)
            box.setToolTip(self.tr("Ctrl+Enter: submit"))
        else:
            line = self._line = QLineEdit(self)
            line.textChanged.connect(self._typed)
            if field.max_length is not None:
                line.setMaxLength(field.max_length)
        target = self.focus_target()
        layout.addWidget(target)
        self.name_for_readers(target)
        self.set_placeholder(self._hint())
        self.set_value(field.default)
        self.setFocusProxy(target)

    def _hint(self) -> str:
        example = next((each for each in self.field.examples if isinstance(each, str) and each), "")
        if example:
            return self.tr("e.g. {0}").format(example)
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

    @Slot(str)
    def _typed(self, _text: str) -> None:
        self.changed.emit()


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
    """A list of plain values, one a line; commas too where the items are numbers or words."""

    field: ArrayField

    def __init__(self, field: ArrayField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box.setPlaceholderText(self.tr("one entry per line"))
        self.set_value(field.default)

    def parse(self) -> Json | Unset:
        rows = [row.strip() for row in self.box.toPlainText().splitlines() if row.strip()]
        if not rows and not self.field.required and not isinstance(self.field.default, list):
            return self.left_out()
        return [self._item(row) for row in rows]

    def _item(self, row: str) -> Json:
        item = self.field.item
        if isinstance(item, TextField):
            return row
        try:
            value: Json = json.loads(row.replace(",", ".") if isinstance(item, NumberField) else row)
        except ValueError:
            value = row
        try:
            return item.check(value)
        except FieldError as error:
            raise FieldError(self.field.name, self.tr("“{0}”: {1}").format(row, error.message)) from error

    def set_value(self, value: Json | Unset) -> None:
        rows = value if isinstance(value, list) else []
        text = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        self.box.setPlainText(text)


class JsonEditor(BoxEditor):
    """Any value as JSON, checked while it is typed; empty means left out."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.box.setPlaceholderText(self.tr("JSON; left out while empty") if field.optional else self.tr("JSON"))
        self.set_value(field.default)

    def parse(self) -> Json | Unset:
        text = self.box.toPlainText()
        if not text.strip():
            return self.left_out()
        try:
            value: Json = json.loads(text, parse_constant=self._refuse)
        except json.JSONDecodeError as error:
            where = self.tr("line {0}, column {1}").format(error.lineno, error.colno)
            raise FieldError(self.field.name, self.tr("Not JSON yet, {0}: {1}.").format(where, error.msg)) from error
        return self.field.check(value)

    def _refuse(self, word: str) -> Json:
        raise FieldError(self.field.name, self.tr("{0} is not JSON.").format(word))

    def set_value(self, value: Json | Unset) -> None:
        empty = isinstance(value, Unset) or (value is None and self.field.optional)
        self.box.setPlainText("" if empty else json.dumps(value, indent=2, ensure_ascii=False))
