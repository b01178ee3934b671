"""RulerMenu: what the ruler counts, and the tempo and meter that bars and beats are counted by."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QMenu, QWidget, QWidgetAction

from app.ui.ruler_marks import Measure, Unit

TEMPO = (20.0, 400.0)
METERS = ("2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "3/8", "5/8", "6/8", "7/8", "9/8", "12/8", "2/2", "3/2")
_WORDS = {Unit.TIME: "Time", Unit.SAMPLES: "Samples", Unit.BARS: "Bars and beats"}


def meter_of(text: str) -> tuple[int, int]:
    """Beats in a bar and the note that is a beat, of "6/8"; 4/4 where that is no meter."""
    beats, _, note = text.partition("/")
    known = beats.isdecimal() and note in ("1", "2", "4", "8", "16") and 1 <= int(beats) <= 32
    return (int(beats), int(note)) if known else (4, 4)


class RulerMenu(QMenu):
    """Three units, and a small form below them; typing a tempo asks for bars, for nothing else shows it."""

    measure_changed = Signal(object)

    def __init__(self, measure: Measure, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = measure
        group = QActionGroup(self)
        self.units: dict[Unit, QAction] = {}
        for unit, words in _WORDS.items():
            action = self.units[unit] = QAction(words, group)
            action.setCheckable(True)
            action.setChecked(unit is measure.unit)
            action.setData(unit)
            self.addAction(action)
        group.triggered.connect(self._on_unit)
        self.addSeparator()
        form = QWidget(self)
        self.tempo = QDoubleSpinBox(form)
        self.tempo.setRange(*TEMPO)
        self.tempo.setDecimals(2)
        self.tempo.setSingleStep(1.0)
        self.tempo.setSuffix(" bpm")
        self.tempo.setToolTip("Quarter notes a minute")
        self.tempo.setKeyboardTracking(False)
        self.tempo.setValue(measure.tempo)
        self.meter = QComboBox(form)
        self.meter.addItems(METERS)
        self.meter.setCurrentText(f"{measure.beats}/{measure.note}")
        rows = QFormLayout(form)
        rows.addRow("Tempo", self.tempo)
        rows.addRow("Meter", self.meter)
        row = QWidgetAction(self)
        row.setDefaultWidget(form)
        self.addAction(row)
        self.tempo.valueChanged.connect(self._on_numbers)
        self.meter.currentTextChanged.connect(self._on_numbers)

    @Slot(QAction)
    def _on_unit(self, action: QAction) -> None:
        self._put(replace(self.measure, unit=Unit(action.data())))

    @Slot()
    def _on_numbers(self, _: object = None) -> None:
        beats, note = meter_of(self.meter.currentText())
        self.units[Unit.BARS].setChecked(True)
        self._put(Measure(Unit.BARS, self.tempo.value(), beats, note))

    def _put(self, measure: Measure) -> None:
        if measure != self.measure:
            self.measure = measure
            self.measure_changed.emit(measure)
