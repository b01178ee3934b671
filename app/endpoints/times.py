"""Time as a field counts it: seconds or milliseconds, any number or whole ones only."""

import math
import re
from dataclasses import dataclass

from app.endpoints.fields import NumberField

_INWARD = 0.001  # seconds within a limit that is itself out of reach
_MILLI = re.compile(r"(?:.*_)?(?:ms|millis|milliseconds)")


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """Units in a second, the step between values that can be told (0: any), and the ends of the field in seconds."""

    per_second: float
    step: float
    least: float
    most: float | None

    @classmethod
    def of(cls, field: NumberField) -> "TimeUnit":
        """How this field counts: by its name, its type and its multipleOf."""
        milli = _MILLI.fullmatch(field.name.lower()) is not None or "in milliseconds" in field.description.lower()
        per_second = 1000.0 if milli else 1.0
        step = field.multiple_of or (1.0 if field.integer else 0.0)
        if field.integer:
            step = max(1.0, float(math.ceil(step)))
        inward = step or _INWARD * per_second
        low = field.minimum if field.minimum is not None else 0.0
        if field.exclusive_minimum is not None:
            low = max(low, field.exclusive_minimum + inward)
        high = field.maximum
        if field.exclusive_maximum is not None:
            below = field.exclusive_maximum - inward
            high = below if high is None else min(high, below)
        return cls(per_second, step, max(low / per_second, 0.0), None if high is None else high / per_second)

    @property
    def step_seconds(self) -> float:
        """The step in seconds; 0 where any value can be told."""
        return self.step / self.per_second

    def down(self, frames: int, rate: int) -> float:
        """Frames as a value of the field that is not later; half a frame counts as none."""
        exact = frames * self.per_second / rate
        if not self.step:
            return round(exact, 6)
        return self._told(math.floor((exact + 0.5 * self.per_second / rate) / self.step))

    def up(self, frames: int, rate: int) -> float:
        """Frames as a value of the field that is not earlier; half a frame counts as none."""
        exact = frames * self.per_second / rate
        if not self.step:
            return round(exact, 6)
        return self._told(math.ceil((exact - 0.5 * self.per_second / rate) / self.step))

    def frames(self, value: float, rate: int) -> int:
        """A value of the field in frames."""
        return round(value * rate / self.per_second)

    def _told(self, steps: int) -> float:
        value = round(steps * self.step, 9)
        return int(value) if value == int(value) else value
