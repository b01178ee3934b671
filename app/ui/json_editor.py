"""JSON as it is typed, for shapes that have no editor of their own: says why, and shows the schema."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import json

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.endpoints.fields import ArrayField, Field, Json, JsonField, Unset
from app.errors import FieldError
from app.ui.labels import ToneLabel, small
from app.ui.text_editors import BoxEditor

_LONGEST = 20_000


class JsonEditor(BoxEditor):
    """Any value as JSON, checked while it is typed; empty means left out."""

    def __init__(self, field: Field, parent: QWidget | None = None, why: str = "") -> None:
        super().__init__(field, parent)
        self.box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.box.setPlaceholderText(self.tr("JSON; left out while empty") if field.optional else self.tr("JSON"))
        unknown = field.item if isinstance(field, ArrayField) else field
        reason = unknown.reason if isinstance(unknown, JsonField) else ""
        schema = unknown.schema if isinstance(unknown, JsonField) else None
        self.expander: QToolButton | None = None
        self.schema: QPlainTextEdit | None = None
        layout = self.layout()
        if (reason or why) and isinstance(layout, QVBoxLayout):
            layout.setSpacing(3)
            said = why or self.tr("This {0}: it is edited as JSON.").format(reason)
            self.note = ToneLabel(said, "muted", self)
            self.note.setWordWrap(True)
            small(self.note)
            layout.addWidget(self.note)
            if schema is not None:
                self._make_expander(layout, schema)
        self.set_value(field.default)

    def _make_expander(self, layout: QVBoxLayout, schema: Json) -> None:
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        text = text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
        self._schema_text = text
        self.expander = QToolButton(self)
        self.expander.setText(self.tr("Schema"))
        self.expander.setAccessibleName(self.tr("Schema of {0}").format(self.field.label))
        self.expander.setToolTip(self.tr("What the endpoint’s document says of it"))
        self.expander.setAutoRaise(True)
        self.expander.setArrowType(Qt.ArrowType.RightArrow)
        self.expander.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.expander.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.expander.setStyleSheet("padding: 1px 4px 1px 0")
        self.expander.clicked.connect(self._expand)
        layout.addWidget(self.expander)

    @Slot()
    def _expand(self) -> None:
        layout, on = self.layout(), self.schema is None or self.schema.isHidden()
        if self.schema is None and layout is not None:
            self.schema = QPlainTextEdit(self._schema_text, self)
            self.schema.setReadOnly(True)
            self.schema.setTabChangesFocus(True)
            self.schema.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            self.schema.setAccessibleName(self.tr("Schema of {0}").format(self.field.label))
            self.schema.setFixedHeight(self.schema.fontMetrics().lineSpacing() * 10)
            layout.addWidget(self.schema)
        if self.schema is not None:
            self.schema.setVisible(on)
        if self.expander is not None:
            self.expander.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def parse(self) -> Json | Unset:
        text = self.box.toPlainText()
        if not text.strip():
            return self.left_out()
        try:
            value: Json = json.loads(text, parse_constant=self._refuse)
        except json.JSONDecodeError as error:
            where = self.tr("line {0}, column {1}").format(error.lineno, error.colno)
            raise FieldError(self.field.name, self.tr("Not JSON yet, {0}: {1}.").format(where, error.msg)) from error
        except (ValueError, RecursionError) as error:  # digits by the thousand, or brackets
            raise FieldError(self.field.name, self.tr("This JSON is too large to be read.")) from error
        try:
            return self.field.check(value)
        except FieldError as error:
            raise FieldError(self.field.name, error.message, error.hint) from error

    def _refuse(self, word: str) -> Json:
        raise FieldError(self.field.name, self.tr("{0} is not JSON.").format(word))

    def set_value(self, value: Json | Unset) -> None:
        empty = isinstance(value, Unset) or (value is None and self.field.optional)
        self.box.setPlainText("" if empty else json.dumps(value, indent=2, ensure_ascii=False))
