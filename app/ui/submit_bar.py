"""The one button that matters, how many takes it makes, and what they cost."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.focus import QuietWheel
from app.ui.labels import outlined
from app.ui.reason_line import ReasonLine


class SubmitBar(QWidget):
    """Says what will happen and what it costs before it is pressed; says what is missing while it cannot be."""

    submitted = Signal()
    takes_changed = Signal(int)
    missing_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wheel = QuietWheel(self)
        self.takes = QSpinBox(self)
        self.takes.setRange(1, 16)
        self.takes.setPrefix("× ")
        self.takes.setAccessibleName(self.tr("Number of takes"))
        self.takes.setToolTip(self.tr("How many takes to make, each with its own seed"))
        self._wheel.guard(self.takes)
        outlined(self.takes)
        self.button = QPushButton(self)
        self.button.setProperty("primary", True)
        self.button.setAutoDefault(False)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.takes.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.note = ReasonLine(self)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.takes)
        line.addWidget(self.button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(5)
        layout.addLayout(line)
        layout.addWidget(self.note)
        self.note.followed.connect(self.missing_pressed)
        self.button.clicked.connect(self._pressed)
        self.takes.valueChanged.connect(self.takes_changed)
        self.set_action(self.tr("Fill"), "", False, self.tr("Drag over the part to remake."))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, QColor(theme.current().line))

    def set_action(self, text: str, price_text: str, enabled: bool, why: str = "", way: str = "") -> None:
        """What the button will do, its price, why it cannot be pressed, and the words of a link that leads on."""
        self.button.setText(text.replace("&", "&&"))
        self.button.setEnabled(enabled)
        self.note.say(price_text if enabled else why, "" if enabled else way)
        tip = self.tr("{0} (Ctrl+Enter)").format(text)
        self.button.setToolTip(tip if enabled else why)
        self.button.setAccessibleName(text)
        self.button.setAccessibleDescription(self.note.text())

    def set_takes(self, count: int) -> None:
        """Show this many takes."""
        self.takes.setValue(count)

    def take_count(self) -> int:
        """How many takes one press makes."""
        return self.takes.value()

    @Slot()
    def _pressed(self) -> None:
        self.submitted.emit()
