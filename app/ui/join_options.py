"""How much context goes along, how long what is new is to be, and how a take meets its surroundings."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QHBoxLayout, QSpinBox, QWidget

from app.endpoints.excerpt import Context, ContextMode
from app.ui.focus import QuietWheel
from app.ui.labels import ToneLabel, outlined

_MODES = (
    (ContextMode.AUTO, "Auto"),
    (ContextMode.MASK_ONLY, "Mask only"),
    (ContextMode.WHOLE, "Whole clip"),
    (ContextMode.SECONDS, "Each side"),
)
_USUAL_OUTSIDE_MS = 20
_USUAL_SECONDS = 2.0


class JoinOptions(QWidget):
    """Lines below the panel, those that the kind of work needs: Context, Length, Fit, Seam."""

    context_chosen = Signal(object)
    outside_chosen = Signal(float)
    seconds_chosen = Signal(float)
    grow_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = QComboBox(self)
        self.context.addItems([self.tr(name) for _, name in _MODES])
        self.context.setAccessibleName(self.tr("Context"))
        self.context.setToolTip(self.tr("How much of the clip around the mask is sent along"))
        self.around = QDoubleSpinBox(self)
        self.around.setRange(0.0, 3600.0)
        self.around.setDecimals(2)
        self.around.setSuffix(" s")
        self.around.setValue(_USUAL_SECONDS)
        self.around.setAccessibleName(self.tr("Context at each side, in seconds"))
        self.around.hide()
        self.seconds = QDoubleSpinBox(self)
        self.seconds.setRange(0.1, 600.0)
        self.seconds.setDecimals(2)
        self.seconds.setSuffix(" s")
        self.seconds.setAccessibleName(self.tr("Length of the new sound, in seconds"))
        self.seconds.setToolTip(self.tr("How long the new sound is to be; or drag a mask for it"))
        self.fit = QComboBox(self)
        self.fit.addItems([self.tr("As long as asked for"), self.tr("As long as it comes")])
        self.fit.setAccessibleName(self.tr("Where the result has another length"))
        self.fit.setToolTip(
            self.tr(
                "Cut or filled with silence to the length asked for; or as it comes, which may change the clip's length"
            )
        )
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
        for widget in (self.context, self.around, self.seconds, self.fit, self.seam, self.outside):
            wheel.guard(widget)
            outlined(widget)
        for spin in (self.around, self.seconds, self.outside):
            spin.setKeyboardTracking(False)  # what is half typed is no wish
        for spin in (self.seconds, self.around):
            spin.setMinimumHeight(self.fit.sizeHint().height())
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(12, 6, 12, 6)
        self._layout.setHorizontalSpacing(8)
        self._layout.setVerticalSpacing(6)
        self._layout.setColumnStretch(1, 1)
        self._lines = {
            "context": self._line(self.tr("Context"), self.context, self.around),
            "length": self._line(self.tr("Length"), self.seconds),
            "fit": self._line(self.tr("Fit"), self.fit),
            "seam": self._line(self.tr("Seam"), self.seam, self.outside),
        }
        self.show_lines({"context", "seam"})
        self.context.activated.connect(self._on_context)
        self.around.valueChanged.connect(self._on_around)
        self.seconds.valueChanged.connect(self.seconds_chosen)
        self.fit.activated.connect(self._on_fit)
        self.seam.activated.connect(self._on_seam)
        self.outside.valueChanged.connect(self._on_outside)

    def _line(self, name: str, widget: QWidget, further: QWidget | None = None) -> QWidget:
        row, label = self._layout.rowCount(), ToneLabel(name, "muted", self)
        label.setBuddy(widget)
        line = QWidget(self)
        inner = QHBoxLayout(line)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(widget, 1)
        if further is not None:
            inner.addWidget(further)
        self._layout.addWidget(label, row, 0)
        self._layout.addWidget(line, row, 1)
        return line

    def show_lines(self, names: set[str]) -> None:
        """Show those lines of "context", "length", "fit", "seam"; nothing at all where there are none."""
        for name, line in self._lines.items():
            place = self._layout.indexOf(line)
            row = self._layout.getItemPosition(place)[0]  # type: ignore[index]
            label = self._layout.itemAtPosition(row, 0)
            line.setVisible(name in names)
            if label is not None and (widget := label.widget()) is not None:
                widget.setVisible(name in names)
        self.setVisible(bool(names))

    def set_context(self, context: Context) -> None:
        """Show that context."""
        self.context.setCurrentIndex([mode for mode, _ in _MODES].index(context.mode))
        by_seconds = context.mode is ContextMode.SECONDS
        self.around.setVisible(by_seconds)
        if by_seconds:
            with QSignalBlocker(self.around):  # shown, not chosen
                self.around.setValue(context.seconds)

    def set_seconds(self, seconds: float) -> None:
        """Show how long what is new is to be."""
        with QSignalBlocker(self.seconds):
            self.seconds.setValue(seconds)

    def set_grow(self, grow: bool) -> None:
        """Show whether the clip may get longer or shorter."""
        self.fit.setCurrentIndex(1 if grow else 0)

    def set_outside(self, milliseconds: float) -> None:
        """Show that crossfade; 0 is a seam inside the mask."""
        self.seam.setCurrentIndex(1 if milliseconds else 0)
        self.outside.setVisible(milliseconds > 0)
        if milliseconds:
            with QSignalBlocker(self.outside):  # shown, not chosen
                self.outside.setValue(round(milliseconds))

    @Slot(int)
    def _on_context(self, index: int) -> None:
        mode = _MODES[index][0]
        context = Context(mode, self.around.value()) if mode is ContextMode.SECONDS else Context(mode)
        self.set_context(context)
        self.context_chosen.emit(context)

    @Slot(float)
    def _on_around(self, seconds: float) -> None:
        self.context_chosen.emit(Context(ContextMode.SECONDS, seconds))

    @Slot(int)
    def _on_fit(self, index: int) -> None:
        self.grow_chosen.emit(index == 1)

    @Slot(int)
    def _on_seam(self, index: int) -> None:
        self.set_outside(_USUAL_OUTSIDE_MS if index else 0)
        self.outside_chosen.emit(float(_USUAL_OUTSIDE_MS if index else 0))

    @Slot(int)
    def _on_outside(self, value: int) -> None:
        if self.seam.currentIndex():
            self.outside_chosen.emit(float(value))
