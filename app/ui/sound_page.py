"""The settings' page of sound: what is played on."""

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.session.output_choice import OutputChoice
from app.ui.focus import QuietWheel
from app.ui.labels import outlined
from app.ui.setting_rows import Row


class SoundPage(QWidget):
    """The output device, as in the menu Play."""

    def __init__(self, outputs: OutputChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outputs = outputs
        self._wheel = QuietWheel(self)
        self.device = QComboBox(self)
        self._wheel.guard(self.device)
        outlined(self.device)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(16)
        layout.addWidget(
            Row(
                self.tr("Output device"),
                self.device,
                self.tr(
                    "The system's default is followed when it changes. One that is chosen by name and is not plugged "
                    "in gives way to it until it comes back. Also in the menu Play."
                ),
                self,
            )
        )
        layout.addStretch(1)
        outputs.changed.connect(self._fill)
        self.device.activated.connect(self._on_chosen)
        self._fill()

    def renew(self) -> None:
        """Show the choice in force, and look what is plugged in."""
        self._fill()
        self._outputs.look()

    @Slot()
    def _fill(self) -> None:
        with QSignalBlocker(self.device):
            self.device.clear()
            for choice in self._outputs.choices:
                self.device.addItem(choice.text, choice.key)
                if choice.key == self._outputs.chosen:
                    self.device.setCurrentIndex(self.device.count() - 1)

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self._outputs.choose(self.device.itemData(index))
