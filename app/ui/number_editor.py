"""Editors of numbers: a spin box, with a slider beside it where both limits are known."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import math
import re

from PySide6.QtCore import QLocale, QSize, Qt, Slot
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from app.endpoints.fields import UNSET, Json, NumberField, Unset
from app.ui.editor_base import Editor
from app.ui.focus import QuietWheel
from app.ui.labels import outlined

_FAR = float(2**53)  # doubles count whole numbers exactly up to here
_DIGITS = 6
_PARTIAL = re.compile(r"[-+]?\d*(\.\d*)?")
_SLIDER_STEPS = 10_000


def tidy_step(span: float, integer: bool) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides a span into about a hundred; whole for integers."""
    if span <= 0 or not math.isfinite(span):
        return 1.0
    rough = span / 100
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    return max(1.0, round(step)) if integer else step


class NumberSpin(QDoubleSpinBox):
    """A spin box that shows no needless zeros and takes the comma as well as the point."""

    def __init__(self, integer: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._integer = integer
        outlined(self)
        self.setDecimals(0 if integer else _DIGITS)
        self.setRange(-_FAR, _FAR)
        self.setKeyboardTracking(True)
        self.setAccelerated(True)
        self.setCorrectionMode(QDoubleSpinBox.CorrectionMode.CorrectToNearestValue)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self.fontMetrics().height() + 10))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def textFromValue(self, value: float) -> str:
        locale = QLocale(self.locale())
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        text = locale.toString(float(value), "f", self.decimals())
        point = locale.decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def valueFromText(self, text: str) -> float:
        try:
            return float(self._plain(text))
        except ValueError:
            return self.value()

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        plain = self._plain(text)
        if not _PARTIAL.fullmatch(plain) or (self._integer and "." in plain) or ("-" in plain and self.minimum() >= 0):
            return QValidator.State.Invalid, text, pos
        try:
            number = float(plain)
        except ValueError:
            return QValidator.State.Intermediate, text, pos
        inside = self.minimum() <= number <= self.maximum()
        return QValidator.State.Acceptable if inside else QValidator.State.Intermediate, text, pos

    def _plain(self, text: str) -> str:
        body = text.removeprefix(self.prefix()).removesuffix(self.suffix())
        return body.strip().replace(",", ".").replace("−", "-")


class NumberEditor(Editor):
    """A number: slider and spin box between two limits, a spin box alone where one is open."""

    field: NumberField

    def __init__(self, field: NumberField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._exact: float | None = None  # what was set, before a spin box rounds it
        self._wheel = QuietWheel(self)
        self.spin = NumberSpin(field.integer, self)
        self._wheel.guard(self.spin)
        low, high = self._limits()
        self.spin.setRange(low if low is not None else -_FAR, high if high is not None else _FAR)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self.slider: QSlider | None = None
        if low is not None and high is not None and high > low:
            self.step = field.multiple_of or tidy_step(high - low, field.integer)
            self.spin.setSingleStep(self.step)
            if (high - low) / self.step <= _SLIDER_STEPS and not (field.integer and high - low > _SLIDER_STEPS):
                layout.addWidget(self._make_slider(low, high), 1)
        else:
            self.step = field.multiple_of or 1.0
            self.spin.setSingleStep(self.step)
            if field.multiple_of is None:
                self.spin.setStepType(NumberSpin.StepType.AdaptiveDecimalStepType)
        layout.addWidget(self.spin, 0 if self.slider else 1)
        self.spin.setSizePolicy(
            QSizePolicy.Policy.Fixed if self.slider else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        self._fit_width()
        self.name_for_readers(self.spin, *([self.slider] if self.slider else []))
        self.set_value(field.default)
        self.spin.valueChanged.connect(self._typed)
        self.setFocusProxy(self.spin)

    def _make_slider(self, low: float, high: float) -> QSlider:
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        steps = max(1, round((high - low) / self.step))
        self.slider.setRange(0, steps)
        self.slider.setPageStep(max(1, steps // 10))
        self._wheel.guard(self.slider)
        self.slider.valueChanged.connect(self._slid)
        return self.slider

    def _fit_width(self) -> None:
        """Wide enough for its usual numbers, not for sixteen digits."""
        low, high = self._limits()
        longest = max((self.spin.textFromValue(each) for each in (low or 0.0, high or 0.0, self.step)), key=len)
        digits = max(5, len(longest) + (0 if self.field.integer else 2))
        chrome = self.spin.sizeHint().height() + 14
        self.spin.setMinimumWidth(self.spin.fontMetrics().horizontalAdvance("0" * min(digits, 11)) + chrome)

    def _limits(self) -> tuple[float | None, float | None]:
        field, nudge = self.field, 1.0 if self.field.integer else 10.0**-_DIGITS
        lows = [field.minimum, None if field.exclusive_minimum is None else field.exclusive_minimum + nudge]
        highs = [field.maximum, None if field.exclusive_maximum is None else field.exclusive_maximum - nudge]
        return (
            max((each for each in lows if each is not None), default=None),
            min((each for each in highs if each is not None), default=None),
        )

    def value(self) -> Json | Unset:
        number = self._exact if self._exact is not None else self.spin.value()
        return round(number) if self.field.integer else float(number)

    def set_value(self, value: Json | Unset) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            value = self._start()
        before = self.spin.value()
        self.spin.setValue(value)
        inside = self.spin.minimum() <= value <= self.spin.maximum()
        self._exact = float(value) if inside else None
        self._follow()
        if self.spin.value() == before:
            self.changed.emit()

    def _start(self) -> float:
        default = self.field.default
        if isinstance(default, int | float) and not isinstance(default, bool):
            return float(default)
        return min(max(0.0, self.spin.minimum()), self.spin.maximum())

    def resting(self) -> Json | Unset:
        return self.field.default if not isinstance(self.field.default, Unset | None) else UNSET

    def focus_target(self) -> QWidget:
        return self.spin

    def _follow(self) -> None:
        if self.slider is not None:
            self.slider.blockSignals(True)
            self.slider.setValue(round((self.spin.value() - self.spin.minimum()) / self.step))
            self.slider.blockSignals(False)

    @Slot(float)
    def _typed(self, _value: float) -> None:
        self._exact = None
        self._follow()
        self.changed.emit()

    @Slot(int)
    def _slid(self, position: int) -> None:
        low, high = self.spin.minimum(), self.spin.maximum()
        at_end = self.slider is not None and position == self.slider.maximum()
        self.spin.setValue(high if at_end else round(low + position * self.step, 9))
