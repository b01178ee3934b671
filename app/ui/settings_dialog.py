"""The settings: connections, how takes are made and joined, what plays, and colours. What is changed counts at once."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QRadioButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.endpoints.request import Kind
from app.session.connections import LOCAL
from app.session.hosts import Hosts
from app.session.output_choice import OutputChoice
from app.session.preferences import Preferences
from app.ui import theme
from app.ui.connections_page import ConnectionsPage
from app.ui.focus import QuietWheel
from app.ui.labels import outlined
from app.ui.setting_rows import Row, note, push
from app.ui.sound_page import SoundPage


class SettingsDialog(QDialog):
    """`changed` tells that a preference has another value; `offline_wanted` carries the endpoint to ask instead."""

    changed = Signal()
    offline_wanted = Signal(str)

    def __init__(
        self, hosts: Hosts, preferences: Preferences, outputs: OutputChoice, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self.setWindowTitle(self.tr("Settings"))
        self.connections = ConnectionsPage(hosts, self)
        self.takes = TakesPage(preferences, self)
        self.sound = SoundPage(outputs, self)
        self.appearance = AppearancePage(preferences, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.connections, self.tr("&Connections"))
        self.tabs.addTab(self.takes, self.tr("&Takes and seams"))
        self.tabs.addTab(self.sound, self.tr("&Sound"))
        self.tabs.addTab(self.appearance, self.tr("Colo&urs"))
        self.close_button = push(self.tr("Close"), self)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 12)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(foot)
        unit = self.fontMetrics().height()
        self.resize(unit * 46, unit * 37)
        self.close_button.clicked.connect(self.accept)
        self.takes.changed.connect(self.changed)
        self.connections.offline_wanted.connect(self._on_offline)

    @Slot()
    def open_at(self, connection: str = "", field: str = "", kind: Kind | None = None) -> None:
        """Show it; at a connection, with the cursor in the field that is missing; `kind` is the work that needs it."""
        self.takes.renew()
        self.sound.renew()
        self.appearance.renew()
        self.open()
        if connection:
            self.tabs.setCurrentWidget(self.connections)
            self.connections.show_connection(connection, field or ("" if connection == LOCAL else "key"), kind)
        else:
            self.connections.show_connection(self.connections.form.name)
            self.tabs.tabBar().setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_offline(self, endpoint: str) -> None:
        self.accept()
        self.offline_wanted.emit(endpoint)


class TakesPage(QWidget):
    """How many takes a press makes, and how they meet what is around them."""

    changed = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._wheel = QuietWheel(self)
        ms, times = self.tr(" ms"), self.tr("× ")
        self.editors = {
            "seam_ms": self._spin(0, 500, suffix=ms),
            "outside_ms": self._spin(0, 500, suffix=ms),
            "takes_per_click_local": self._spin(1, 16, prefix=times),
            "takes_per_click": self._spin(1, 16, prefix=times),
        }
        words = {
            "seam_ms": (
                self.tr("Seam inside the mask"),
                self.tr("How long, at each edge, the surroundings go on into the mask while the take comes in."),
            ),
            "outside_ms": (
                self.tr("Crossfade outside the mask"),
                self.tr("0 keeps every sample outside the mask as it is. More blends the take into what is around it."),
            ),
            "takes_per_click_local": (self.tr("Takes per press, offline engine"), self.tr("They are free.")),
            "takes_per_click": (self.tr("Takes per press, other hosts"), self.tr("Each is a job, and may be charged.")),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(16)
        for name, editor in self.editors.items():
            title, help_text = words[name]
            layout.addWidget(Row(title, editor, help_text, self))
            editor.valueChanged.connect(self._on_changed)
        layout.addStretch(1)
        self.renew()

    def _spin(self, low: int, high: int, prefix: str = "", suffix: str = "") -> QSpinBox:
        spin = QSpinBox(self)
        spin.setRange(low, high)
        spin.setPrefix(prefix)
        spin.setSuffix(suffix)
        spin.setFixedWidth(self.fontMetrics().averageCharWidth() * 18)
        self._wheel.guard(spin)
        outlined(spin)
        return spin

    def renew(self) -> None:
        """Show the values in force."""
        now = self._preferences.now
        for name, editor in self.editors.items():
            with QSignalBlocker(editor):
                editor.setValue(round(getattr(now, name)))

    @Slot()
    def _on_changed(self) -> None:
        now = self._preferences.now
        told = {name: editor.value() for name, editor in self.editors.items()}
        # What was not touched keeps its fraction of a millisecond.
        different = {name: value for name, value in told.items() if value != round(getattr(now, name))}
        if different:
            self._preferences.change(**different)
            self.changed.emit()


class AppearancePage(QWidget):
    """Light, dark, or as the system has it."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._group = QButtonGroup(self)
        self.choices = {
            "system": QRadioButton(self.tr("As the system has it"), self),
            "light": QRadioButton(self.tr("Light"), self),
            "dark": QRadioButton(self.tr("Dark"), self),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        for button in self.choices.values():
            outlined(button)
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addWidget(note(self.tr("Also in the menu View."), "muted", self))
        layout.addStretch(1)
        self.renew()
        self._group.buttonClicked.connect(self._on_chosen)

    def renew(self) -> None:
        """Show the choice in force."""
        self.choices[self._preferences.now.theme].setChecked(True)

    @Slot()
    def _on_chosen(self) -> None:
        mode = next(name for name, button in self.choices.items() if button.isChecked())
        self._preferences.change(theme=mode)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, mode)
