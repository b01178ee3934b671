"""The dialog of figures about playing, to be looked at or copied."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.session.diagnosis import diagnosis
from app.session.player import Player
from app.ui.labels import ToneLabel
from app.ui.setting_rows import push

_EVERY_MS = 500


class DiagnosticsDialog(QDialog):
    """Device, block, latency, underruns, decks: as they are now, twice a second."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diagnostics")
        self.setWindowTitle(self.tr("Diagnostics"))
        self._player = player
        self._values: dict[str, QLabel] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(18)
        self._form.setVerticalSpacing(5)
        self.copy_button = push(self.tr("Copy"), self)
        self.copy_button.setToolTip(self.tr("Copy all of it as text; there is no path and no key in it"))
        self.close_button = push(self.tr("Close"), self)
        foot = QHBoxLayout()
        foot.addWidget(self.copy_button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(14)
        layout.addLayout(self._form)
        layout.addStretch(1)
        layout.addLayout(foot)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)
        self.copy_button.clicked.connect(self.copy)
        self.close_button.clicked.connect(self.accept)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.renew)
        self.renew()

    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join(f"{name}: {value}" for name, value in diagnosis(self._player))

    @Slot()
    def renew(self) -> None:
        """Show what is so now."""
        facts = diagnosis(self._player)
        if tuple(self._values) != tuple(name for name, _ in facts):
            while self._form.rowCount():
                self._form.removeRow(0)
            self._values = {}
            for name, _ in facts:
                value = QLabel(self)
                value.setWordWrap(True)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                value.setAccessibleName(name)
                self._form.addRow(ToneLabel(name, "muted", self), value)
                self._values[name] = value
        for name, value in facts:
            if self._values[name].text() != value:
                self._values[name].setText(value)

    @Slot()
    def copy(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
