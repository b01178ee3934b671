"""An editor that always holds a value, behind a check: unticked, the endpoint decides."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.endpoints.fields import Json, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor
from app.ui.labels import outlined


class OptionalEditor(Editor):
    """Any editor behind a check: unticked, the field is left out, and the check says what that means."""

    def __init__(self, inner: Editor, parent: QWidget | None = None) -> None:
        super().__init__(inner.field, parent)
        self.inner = inner
        self._off = self.tr("Automatic") if self.field.nullable else self.tr("Not set")
        self.set_box = QCheckBox(self._off, self)
        outlined(self.set_box)
        self.set_box.setToolTip(self.tr("Ticked: this value is sent. Unticked: it is left to the endpoint."))
        self.set_box.setMinimumHeight(inner.sizeHint().height())  # nothing below moves when the value comes
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.set_box, 0, Qt.AlignmentFlag.AlignLeft)  # no wider than can be clicked
        layout.addWidget(inner, 1)
        inner.changed.connect(self.changed)
        inner.submitted.connect(self.submitted)
        self.set_box.toggled.connect(self._toggled)
        self.set_value(self.field.default)
        self._show(self.set_box.isChecked())
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

    def error(self) -> FieldError | None:
        return self.inner.error() if self.set_box.isChecked() else None

    def focus_target(self) -> QWidget:
        return self.inner.focus_target() if self.set_box.isChecked() else self.set_box

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._show(on)
        self.changed.emit()

    def _show(self, on: bool) -> None:
        self.inner.setVisible(on)
        self.set_box.setText("" if on else self._off)
        name = self.tr("Set {0}") if on else self.tr("Set {0}: now {1}")
        self.set_box.setAccessibleName(name.format(self.field.label, self._off))
