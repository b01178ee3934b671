"""What a newcomer sees: where to drop a sound, or one press to try."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import ToneLabel, restyle
from app.ui.recent_menu import recent_name

_SHOWN = 5


class _Recent(QPushButton):
    """One recent project: its name, and quietly its folder; greyed where it is away."""

    def __init__(self, path: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        there = path.exists()
        name = recent_name(path)
        self.setText(name.replace("&", "&&"))
        self.setFlat(True)
        self.setAutoDefault(False)
        self.setEnabled(there)
        self.setToolTip(str(path) if there else self.tr("Missing: {0}").format(path))
        self.setAccessibleName(self.tr("Open {0}").format(name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class EmptyState(QWidget):
    """Says what to do first. Takes files dropped anywhere on it."""

    open_requested = Signal()
    demo_requested = Signal()
    recent_chosen = Signal(object)
    files_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hot = False
        self.setAcceptDrops(True)
        self.title = ToneLabel(self.tr("Drop a sound file here"), "", self)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self.title.setFont(font)
        self.line = ToneLabel(
            self.tr("Then drag over the part that is wrong and ask for takes. Nothing outside it changes."),
            "muted",
            self,
        )
        self.line.setWordWrap(True)
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.kinds = ToneLabel(self.tr("WAV, AIFF, FLAC, MP3, OGG, Opus, M4A, or the sound of a video"), "muted", self)
        self.kinds.setWordWrap(True)
        for label in (self.title, self.line, self.kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.demo = QPushButton(self.tr("Try the demo clip"), self)
        restyle(self.demo, "primary", True)
        self.demo.setToolTip(self.tr("A short recording that comes with Retake; needs no key and no network"))
        self.open = QPushButton(self.tr("Open…"), self)
        self.open.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)  # as high as its neighbour
        self.open.setToolTip(self.tr("Open a sound, a video or a project (Ctrl+O)"))
        for button in (self.open, self.demo):
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._recents = QVBoxLayout()
        self._recents.setSpacing(0)
        self._recent_title = ToneLabel(self.tr("Recent"), "section", self)
        self._recent_title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()
        self.open.clicked.connect(self.open_requested)
        self.demo.clicked.connect(self.demo_requested)
        self.set_recent(())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(self.open)
        buttons.addWidget(self.demo)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 28, 36, 28)
        layout.setSpacing(8)
        layout.addStretch(2)
        layout.addWidget(self.title)
        layout.addWidget(self.line)
        layout.addSpacing(10)
        layout.addLayout(buttons)
        self.demo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout.addSpacing(6)
        layout.addWidget(self.kinds)
        layout.addSpacing(14)
        layout.addWidget(self._recent_title)
        layout.addLayout(self._recents)
        layout.addStretch(3)

    def set_recent(self, paths: Sequence[Path]) -> None:
        """Offer these, the latest first; missing ones stay, greyed."""
        while (item := self._recents.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for path in paths[:_SHOWN]:
            button = _Recent(path, self)
            button.clicked.connect(self._chosen)
            self._recents.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._recent_title.setVisible(bool(paths))

    def recent_buttons(self) -> tuple[QPushButton, ...]:
        """The buttons of the recent projects."""
        items = (self._recents.itemAt(index) for index in range(self._recents.count()))
        found = (item.widget() for item in items if item is not None)
        return tuple(widget for widget in found if isinstance(widget, QPushButton))

    @Slot()
    def _chosen(self) -> None:
        button = self.sender()
        if isinstance(button, _Recent):
            self.recent_chosen.emit(button.path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._glow(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._glow(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._glow(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def _glow(self, on: bool) -> None:
        self._hot = on
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        pen = QPen(QColor(colours.accent if self._hot else colours.control), 2 if self._hot else 1.4)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(theme.faded(colours.accent, 0.08) if self._hot else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(14, 14, -14, -14), 10, 10)
