"""How far a sound has come in, with a way out: only for what takes longer than half a second."""

import time

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from app.session.opening import Loading
from app.ui.labels import ElidedLabel, small

_PATIENCE = 0.5
_STEPS = 1000


class LoadingBar(QFrame):
    """A line with the name, the share that is there, and Cancel (Esc). `cancelled` asks to let go of it."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.text = ElidedLabel("", "", self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(self.fontMetrics().height() * 12)
        self.button = QPushButton(self.tr("Cancel"), self)
        self.button.setAutoDefault(False)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolTip(self.tr("Stop opening this file (Esc)"))
        self.button.setStyleSheet("padding: 3px 10px")
        small(self.button, 0.95)
        self.button.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.button)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, context=Qt.ShortcutContext.WindowShortcut)
        self._escape.activated.connect(self.cancelled)
        self.hide()

    @Slot(object)
    def show_loading(self, loading: Loading | None) -> None:
        """What is being opened now; None where nothing is."""
        if loading is None or time.monotonic() - loading.since < _PATIENCE:
            self.hide()
            return
        self.text.setText(self.tr("Opening {0} …").format(loading.name))
        self.bar.setRange(0, _STEPS if loading.expected else 0)
        self.bar.setValue(round(loading.share * _STEPS))
        self.setAccessibleName(self.tr("Opening {0}, {1:.0%}").format(loading.name, loading.share))
        self.show()
