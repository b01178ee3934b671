"""The seed: a new one for each take, or one that is kept."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import random

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.endpoints.fields import UNSET, Json, NumberField, Unset
from app.ui import theme
from app.ui.editor_base import Editor
from app.ui.labels import icon_button
from app.ui.number_editor import NumberEditor

_HIGHEST = 2**31 - 1


def _whole(limit: float | None, otherwise: int) -> int:
    return otherwise if limit is None else int(limit)


class SeedEditor(Editor):
    """A number, dice that draw another and keep it, and a lock: open, each take gets a seed of its own.

    Unlocked, `seed()` is None: whoever submits draws one for each take and records it.
    """

    field: NumberField

    def __init__(self, field: NumberField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._shown = False  # whether the number is a seed that was used
        self._low = max(_whole(field.minimum, 0), 0)  # −1 and the like mean "any"
        self._high = _whole(field.maximum, _HIGHEST)
        plain = NumberField(name=field.name, title=field.label, description=field.description, integer=True)
        self._number = NumberEditor(plain, self)
        self.spin = self._number.spin
        self.spin.setRange(self._low, self._high)
        self.spin.setStepType(self.spin.StepType.DefaultStepType)
        self.dice = icon_button("dice", self.tr("Draw a seed"), self.tr("Draw another seed and keep it"), self)
        self.lock = icon_button("", self.tr("Keep this seed"), "", self)
        self.lock.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._number, 1)
        layout.addWidget(self.dice)
        layout.addWidget(self.lock)
        self._number.changed.connect(self._typed)
        self.dice.clicked.connect(self.draw)
        self.lock.toggled.connect(self._locked)
        theme.changed.connect(self._show_lock)
        self._show_lock()
        self.setFocusProxy(self.spin)

    def seed(self) -> int | None:
        """The seed that is kept; None where each take shall have its own."""
        return int(self.spin.value()) if self.lock.isChecked() else None

    def value(self) -> Json | Unset:
        seed = self.seed()
        return UNSET if seed is None else seed

    def set_value(self, value: Json | Unset) -> None:
        kept = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        self.lock.setChecked(kept)
        if kept:
            self._number.set_value(value)
        self.changed.emit()

    def show_last(self, seed: int) -> None:
        """Show the seed that was drawn for the latest take, without keeping it."""
        if not self.lock.isChecked():
            self._shown = True
            self._number.set_value(seed)
            self._show_lock()

    def resting(self) -> Json | Unset:
        return UNSET  # a default seed would make every take the same

    def focus_target(self) -> QWidget:
        return self.spin

    @Slot()
    def draw(self) -> None:
        """Draw a seed, show it and keep it."""
        self.lock.setChecked(True)
        self._number.set_value(random.SystemRandom().randint(self._low, min(self._high, _HIGHEST)))

    @Slot()
    def _typed(self) -> None:
        if not self.lock.isChecked() and self.spin.hasFocus():
            self.lock.setChecked(True)  # a number that is typed is meant to be kept
        self.changed.emit()

    @Slot(bool)
    def _locked(self, _on: bool) -> None:
        self._show_lock()
        self.changed.emit()

    @Slot()
    def _show_lock(self) -> None:
        kept = self.lock.isChecked()
        self._shown = self._shown or kept
        self.lock.setIcon(theme.icon("lock" if kept else "unlock"))
        self.lock.setToolTip(
            self.tr("This seed is kept. Press to draw a new one for each take.")
            if kept
            else self.tr("Each take gets a new seed. Press to keep this one.")
        )
        self.spin.setSpecialValueText("" if kept or self._shown else self.tr("new for each take"))
        self.spin.setPrefix("" if kept else self.tr("new each take · "))
