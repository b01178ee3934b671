"""Editors of numbers: a spin box, with a slider beside it where both limits are known."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import math
import re

from PySide6.QtCore import QLocale, QSize, Qt, Slot
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from app.endpoints.fields import UNSET, Json, NumberField, Unset
from app.errors import FieldError
from app.ui.editor_base import Editor
from app.ui.focus import QuietWheel
from app.ui.labels import outlined

_FAR = float(2**53)  # doubles count whole numbers exactly up to here
_DIGITS = 6
_MOST_DIGITS = 12
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


def digits_for(field: NumberField) -> int:
    """How many decimals are needed to show what the schema names: six, or more for a learning rate of 1e-8."""
    if field.integer:
        return 0
    named = (field.default, field.minimum, field.maximum, field.exclusive_minimum, field.multiple_of)
    small = [abs(each) for each in named if isinstance(each, int | float) and 0 < abs(each) < 1]
    wanted = max((1 - math.floor(math.log10(each)) for each in small), default=0)
    return min(max(wanted, _DIGITS), _MOST_DIGITS)


class NumberSpin(QDoubleSpinBox):
    """A spin box that shows no needless zeros and takes the comma as well as the point."""

    def __init__(self, integer: bool, parent: QWidget | None = None, digits: int = _DIGITS) -> None:
        super().__init__(parent)
        self._integer = integer
        outlined(self)
        self.setDecimals(0 if integer else digits)
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


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


class NumberEditor(Editor):
    """A number: slider and spin box between two limits, a spin box alone where one is open."""

    field: NumberField

    def __init__(self, field: NumberField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._exact: float | None = None  # what was set, before a spin box rounds it
        self._digits = digits_for(field)
        self._wheel = QuietWheel(self)
        self.spin = NumberSpin(field.integer, self, self._digits)
        self._wheel.guard(self.spin)
        low, high = self._limits()
        self.spin.setRange(low if low is not None else -_FAR, high if high is not None else _FAR)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self.slider: QSlider | None = None
        if low is not None and high is not None and high > low:
            self.step = field.multiple_of or field.step or tidy_step(high - low, field.integer)
            self.spin.setSingleStep(self.step)
            if (high - low) / self.step <= _SLIDER_STEPS and not (field.integer and high - low > _SLIDER_STEPS):
                layout.addWidget(self._make_slider(low, high), 1)
        else:
            self.step = field.multiple_of or field.step or 1.0
            self.spin.setSingleStep(self.step)
            if field.multiple_of is None and field.step is None:
                self.spin.setStepType(NumberSpin.StepType.AdaptiveDecimalStepType)
        layout.addWidget(self.spin, 0 if self.slider else 1)
        self.spin.setSizePolicy(
            QSizePolicy.Policy.Fixed if self.slider else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        if self.slider is not None:
            QWidget.setTabOrder(self.slider, self.spin)  # as they stand
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
        digits = max(6, len(longest) + (0 if self.field.integer else 2))
        chrome = self.spin.sizeHint().height() + 14
        self.spin.setMinimumWidth(self.spin.fontMetrics().horizontalAdvance("0" * min(digits, 11)) + chrome)

    def _limits(self) -> tuple[float | None, float | None]:
        """Both ends of what can be chosen, on the schema's own raster."""
        field, nudge = self.field, 1.0 if self.field.integer else 10.0**-self._digits
        above, below = field.exclusive_minimum, field.exclusive_maximum
        if field.integer:
            above, below = above and math.floor(above), below and math.ceil(below)
        lows = [field.minimum, None if above is None else above + nudge]
        highs = [field.maximum, None if below is None else below - nudge]
        low = max((each for each in lows if each is not None), default=None)
        high = min((each for each in highs if each is not None), default=None)
        step = field.multiple_of or (1.0 if field.integer else None)
        if step and low is not None and abs(low / step) < _FAR:
            low = math.ceil(low / step - 1e-9) * step
        if step and high is not None and abs(high / step) < _FAR:
            high = math.floor(high / step + 1e-9) * step
        return low, high

    def value(self) -> Json | Unset:
        return self._number()

    def _number(self) -> float:
        number = self._exact if self._exact is not None else self.spin.value()
        if not self.field.integer:
            return float(number)
        whole = number if isinstance(number, int) else round(number)
        most = self.field.maximum
        return min(whole, math.floor(most)) if most is not None else whole  # doubles round 2⁶⁴ − 1 up

    def set_value(self, value: Json | Unset) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            value = self._start()
        before = self.spin.value()
        self.spin.setValue(value)
        inside = self.spin.minimum() <= value <= self.spin.maximum()
        whole = self.field.integer and value == int(value)
        self._exact = (int(value) if whole else float(value)) if inside else None
        self._follow()
        if self.spin.value() == before:
            self.changed.emit()

    def _start(self) -> float:
        default = self.field.default
        if isinstance(default, int | float) and not isinstance(default, bool):
            return default
        return min(max(0.0, self.spin.minimum()), self.spin.maximum())

    def error(self) -> FieldError | None:
        try:
            self.field.check(self._number())
        except FieldError as error:
            return error
        return None

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
