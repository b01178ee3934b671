"""A quiet line that says why something cannot be done and, where that can be helped, a link that leads there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui.labels import ToneLabel, small


class ReasonLine(QWidget):
    """Words, and below them a link; `followed` is emitted when the link is pressed, by mouse or keyboard."""

    followed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ToneLabel("", "muted", self)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        small(self.words, 0.95)
        self.link = QPushButton(self)
        self.link.setProperty("link", True)
        self.link.setAutoDefault(False)
        self.link.setFlat(True)
        self.link.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.link.setCursor(Qt.CursorShape.PointingHandCursor)
        small(self.link, 0.95)
        self.link.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.words)
        layout.addWidget(self.link, 0, Qt.AlignmentFlag.AlignHCenter)
        self.link.clicked.connect(self.followed)

    def text(self) -> str:
        """The words."""
        return self.words.text()

    def say(self, text: str, link: str = "") -> None:
        """These words, and a link where something can be done about it."""
        self.words.setText(text)
        self.link.setText(link.replace("&", "&&"))
        self.link.setAccessibleDescription(text)
        self.link.setVisible(bool(link))
