"""Choosing an endpoint: what is chosen and what it costs; pressed, it drops down the panel of all there are."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from app.ui.endpoint_choices import EndpointChoice
from app.ui.endpoint_panel import EndpointPanel
from app.ui.focus import QuietWheel
from app.ui.labels import ElidedLabel, outlined, small


class _Box(QComboBox):
    """Looks and answers like a combo box, and opens something else."""

    opened = Signal()

    def showPopup(self) -> None:
        self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class EndpointPicker(QWidget):
    """The chosen endpoint, and below it what it does and costs. `chosen` carries the endpoint's id.

    `asked` carries a Verb of the panel's menu and the choice it is for; `add_wanted` what was typed of an endpoint that
    is not there.
    """

    chosen = Signal(str)
    asked = Signal(str, object)
    add_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[EndpointChoice, ...] = ()
        self._current: EndpointChoice | None = None
        self._wheel = QuietWheel(self)
        self.combo = _Box(self)
        self.combo.setAccessibleName(self.tr("Endpoint"))
        self.combo.setToolTip(self.tr("What makes the new takes"))
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(10)
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setPlaceholderText(self.tr("No endpoint yet"))
        self._wheel.guard(self.combo)
        outlined(self.combo)
        self.detail = ElidedLabel("", "muted", self)
        small(self.detail)
        self.panel = EndpointPanel(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 4)
        layout.setSpacing(3)
        layout.addWidget(self.combo)
        layout.addWidget(self.detail)
        self.setFocusProxy(self.combo)
        self.combo.opened.connect(self.open)
        self.panel.picked.connect(self._on_picked)
        self.panel.asked.connect(self.asked)
        self.panel.add_wanted.connect(self.add_wanted)

    def set_choices(self, choices: Sequence[EndpointChoice], current: str = "", connection: str = "") -> None:
        """Offer these, with `current` shown."""
        before = self._current
        self._choices = tuple(choices)
        if current or before is None:
            self.set_current(current, connection)
        else:
            self.set_current(before.id, before.connection)

    def current(self) -> str:
        """The id of what is shown; empty where there is nothing to choose."""
        return self._current.id if self._current is not None else ""

    def current_choice(self) -> EndpointChoice | None:
        """What is shown; None where there is nothing to choose."""
        return self._current

    def set_current(self, endpoint: str, connection: str = "") -> None:
        """Show this endpoint, at that connection or at the first that has it, without a signal."""
        found = [each for each in self._choices if each.id == endpoint]
        choice = next((each for each in found if each.connection == connection), found[0] if found else None)
        self._current = choice
        self.combo.clear()
        if choice is not None:
            self.combo.addItem(choice.title)
            self.combo.setItemData(0, choice.id, Qt.ItemDataRole.ToolTipRole)
        self.combo.setCurrentIndex(0 if choice is not None else -1)
        self.detail.setText(choice.summary() if choice is not None else "")
        self.detail.set_tone("warning" if choice is not None and choice.away else "muted")
        self.combo.setAccessibleDescription(self.detail.text())
        self.panel.set_choices(self._choices, (choice.connection, choice.id) if choice is not None else None)

    @Slot()
    def open(self) -> None:
        """Drop the panel down."""
        self.panel.open_at(self.combo)

    @Slot(object)
    def _on_picked(self, choice: EndpointChoice) -> None:
        before = self._current
        self.set_current(choice.id, choice.connection)
        if before is None or (before.connection, before.id) != (choice.connection, choice.id):
            self.chosen.emit(choice.id)
