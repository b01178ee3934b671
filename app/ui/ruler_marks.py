"""Ruler marks: where labels and ticks of a time axis stand, in time, in samples, or in bars and beats; no painting."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.ui.times import format_time

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400)
_MOST = 4000  # ticks: more than a screen has room for


class Unit(StrEnum):
    """What the ruler counts."""

    TIME = "time"
    SAMPLES = "samples"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Measure:
    """What the ruler counts, and for bars the tempo in quarter notes a minute and the meter as beats and their note."""

    unit: Unit = Unit.TIME
    tempo: float = 120.0
    beats: int = 4
    note: int = 4

    def beat_seconds(self) -> float:
        """How long a beat is."""
        return 60.0 / self.tempo * 4 / self.note


@dataclass(frozen=True, slots=True)
class Marks:
    """Ticks in pixels from the left, by their height: labelled ones with their words, middle ones, small ones."""

    labelled: tuple[tuple[int, str], ...] = ()
    middle: tuple[int, ...] = ()
    small: tuple[int, ...] = ()


def tick_step(seconds_per_pixel: float, label_width: float) -> tuple[float, int, int]:
    """Seconds between labels at least so many pixels apart, ticks per label, and decimals that tell labels apart."""
    wanted = seconds_per_pixel * label_width
    if wanted <= 1:
        power = math.floor(math.log10(wanted)) if wanted > 0 else -9
        for mantissa in (1, 2, 5, 10):
            step = mantissa * 10.0**power
            if step >= wanted * (1 - 1e-9):
                decimals = max(-power - (1 if mantissa == 10 else 0), 0)
                return step, 4 if mantissa == 2 else 5 if mantissa == 5 else 10, decimals
    step = next((each for each in _STEPS if each >= wanted), math.ceil(wanted / 86400) * 86400)
    parts = {1: 10, 2: 4, 5: 5, 10: 10, 15: 3, 30: 6, 60: 6, 120: 4}.get(int(step), 5 if step % 500 == 0 else 6)
    return float(step), parts, 0


def sample_step(frames_per_pixel: float, label_width: float) -> tuple[int, int]:
    """Frames between labels, and ticks per label; 1, 2 or 5 times a power of ten."""
    wanted = max(frames_per_pixel * label_width, 1.0)
    power = 10 ** math.floor(math.log10(wanted))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= wanted * (1 - 1e-9))
    parts = 4 if str(step)[0] == "2" else 5 if str(step)[0] == "5" else 10
    return step, parts if step >= parts else step


def bar_step(beats_per_pixel: float, label_width: float, beats: int) -> tuple[float, int]:
    """Beats between labels, and ticks per label: bars in powers of two, one beat, or halves of it down to a 64th."""
    wanted = beats_per_pixel * label_width
    if wanted > 1:
        bars = 2 ** max(math.ceil(math.log2(wanted / beats)), 0)
        return float(bars * beats), beats if bars == 1 else min(bars, 4)
    return 2.0 ** max(math.ceil(math.log2(max(wanted, 1e-9))), -6), 4


def marks(measure: Measure, start: float, end: float, width: float, rate: int, label_width: float) -> Marks:
    """The marks of the frames [start, end) on so many pixels; labels are at least so many pixels apart."""
    if not rate or width < 2 or end <= start:
        return Marks()
    per_pixel = (end - start) / width
    if measure.unit is Unit.SAMPLES:
        step, parts = sample_step(per_pixel, label_width)
        return _placed(start, end, width, float(step), parts, lambda at: f"{round(at * step):,}".replace(",", " "))
    if measure.unit is Unit.BARS:
        beat = measure.beat_seconds() * rate
        step, parts = bar_step(per_pixel / beat, label_width, measure.beats)
        return _placed(start, end, width, step * beat, parts, lambda at: bar_label(at * step, measure.beats))
    step, parts, decimals = tick_step(per_pixel / rate, label_width)
    return _placed(start, end, width, step * rate, parts, lambda at: format_time(at * step, decimals))


def bar_label(beats: float, per_bar: int) -> str:
    """Bar and beat counted from 1, as 12 or 12:3, with hundredths of a beat where there are some."""
    hundredths = round(beats * 100)
    bar, rest = divmod(hundredths, per_bar * 100)
    beat, part = divmod(rest, 100)
    text = str(bar + 1) if not rest else f"{bar + 1}:{beat + 1}"
    return f"{text}.{part:02d}" if part else text


def _placed(start: float, end: float, width: float, step: float, parts: int, words: Callable[[int], str]) -> Marks:
    """Every `step` frames a label with the words of its number, and `parts` ticks from one to the next."""
    minor = step / parts
    first = math.floor(start / minor / parts) * parts  # before the clip where there is room
    last = min(math.floor(end / minor), first + _MOST)
    scale = width / (end - start)
    labelled: list[tuple[int, str]] = []
    middle: list[int] = []
    small: list[int] = []
    half = parts // 2 if parts % 2 == 0 else -1
    for index in range(first, last + 1):
        x = round((index * minor - start) * scale)
        if x < 0 or x > width:
            continue
        place = index % parts
        if not place:
            labelled.append((x, words(index // parts)))
        else:
            (middle if place == half else small).append(x)
    return Marks(tuple(labelled), tuple(middle), tuple(small))
