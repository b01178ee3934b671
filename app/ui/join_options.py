"""How much context goes along, and how a take meets its surroundings."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QSpinBox, QWidget

from app.endpoints.excerpt import Context, ContextMode
from app.ui.focus import QuietWheel
from app.ui.labels import ToneLabel, outlined

_CONTEXTS = (
    ("Auto", Context()),
    ("Mask only", Context(ContextMode.MASK_ONLY)),
    ("Whole clip", Context(ContextMode.WHOLE)),
    *((f"{seconds:g} s each side", Context(ContextMode.SECONDS, seconds)) for seconds in (1.0, 2.0, 5.0, 10.0, 30.0)),
)
_USUAL_OUTSIDE_MS = 20


class JoinOptions(QWidget):
    """Two lines below the panel: Context, and Seam."""

    context_chosen = Signal(object)
    outside_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = QComboBox(self)
        self.context.addItems([self.tr(name) for name, _ in _CONTEXTS])
        self.context.setAccessibleName(self.tr("Context"))
        self.context.setToolTip(self.tr("How much of the clip around the mask is sent along"))
        self.seam = QComboBox(self)
        self.seam.addItems([self.tr("Inside the mask"), self.tr("Crossfade outside")])
        self.seam.setAccessibleName(self.tr("Seam"))
        self.seam.setToolTip(
            self.tr("Inside: the surroundings go on into the mask and fade to the take there; nothing outside changes.")
        )
        self.outside = QSpinBox(self)
        self.outside.setRange(1, 500)
        self.outside.setSuffix(" ms")
        self.outside.setAccessibleName(self.tr("Crossfade outside the mask, in milliseconds"))
        self.outside.hide()
        wheel = QuietWheel(self)
        for widget in (self.context, self.seam, self.outside):
            wheel.guard(widget)
            outlined(widget)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(6)
        layout.addWidget(ToneLabel(self.tr("Context"), "muted", self), 0, 0)
        layout.addWidget(self.context, 0, 1)
        layout.addWidget(ToneLabel(self.tr("Seam"), "muted", self), 1, 0)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.seam, 1)
        line.addWidget(self.outside)
        layout.addLayout(line, 1, 1)
        layout.setColumnStretch(1, 1)
        self.context.activated.connect(self._on_context)
        self.seam.activated.connect(self._on_seam)
        self.outside.valueChanged.connect(self._on_outside)

    def set_context(self, context: Context) -> None:
        """Show that context."""
        known = [each for _, each in _CONTEXTS]
        self.context.setCurrentIndex(known.index(context) if context in known else 0)

    def set_outside(self, milliseconds: float) -> None:
        """Show that crossfade; 0 is a seam inside the mask."""
        self.seam.setCurrentIndex(1 if milliseconds else 0)
        self.outside.setVisible(milliseconds > 0)
        if milliseconds:
            with QSignalBlocker(self.outside):  # shown, not chosen
                self.outside.setValue(round(milliseconds))

    @Slot(int)
    def _on_context(self, index: int) -> None:
        self.context_chosen.emit(_CONTEXTS[index][1])

    @Slot(int)
    def _on_seam(self, index: int) -> None:
        self.set_outside(_USUAL_OUTSIDE_MS if index else 0)
        self.outside_chosen.emit(float(_USUAL_OUTSIDE_MS if index else 0))

    @Slot(int)
    def _on_outside(self, value: int) -> None:
        if self.seam.currentIndex():
            self.outside_chosen.emit(float(value))
