"""RegionBar: the mask in typed times: start, end and length."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from app.sound.region import Region
from app.ui import theme
from app.ui.reach import Reach
from app.ui.times import format_time, parse_time

_STEP_MS = 10


class TimeEdit(QLineEdit):
    """One time; Enter takes it, Esc gives the old one back, the up and down keys step it as arrows nudge the mask."""

    entered = Signal(float)
    """A new time in seconds."""
    done = Signal()
    """The keyboard may go back to the waveform."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.least = 0.0
        self._shown = ""
        self.setFont(theme.number_font())
        self.setPlaceholderText("–")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: minutes, seconds and thousandths, as 3.2 or 0:03.2")
        self.returnPressed.connect(self._finish)
        self.editingFinished.connect(self._take)
        self.textEdited.connect(lambda: self._mark(""))

    def sizeHint(self) -> QSize:
        """Room for an hour with its thousandths."""
        width = QFontMetrics(self.font()).horizontalAdvance("0:00:00.000") + 20
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """As much as it likes to have: a cut time is no time."""
        return self.sizeHint()

    def show_seconds(self, seconds: float | None) -> None:
        """Show a time that was set elsewhere; None empties the field."""
        self._shown = "" if seconds is None else format_time(seconds)
        self.setText(self._shown)
        self._mark("")

    def refuse(self, reason: str) -> None:
        """Say why what was typed cannot be."""
        self._mark(reason)

    def _take(self) -> None:
        """Unchanged text is no edit: the exact frame stays, which three decimals cannot tell."""
        text = self.text().strip()
        if text == self._shown:
            return
        seconds = parse_time(text)
        if seconds is None:
            self._mark(f"“{text}” is no time; type it as 3.2 or 0:03.2." if text else "A time is needed here.")
            return
        self.entered.emit(seconds)

    def _finish(self) -> None:
        self._take()  # Enter is told before the end of editing is
        if self.property("invalid") is not True:
            self.done.emit()

    def _mark(self, reason: str) -> None:
        """Mark the field as wrong, or as right with an empty reason."""
        wrong = bool(reason)
        self.setAccessibleDescription(reason)
        self.setStatusTip(reason)
        if self.property("invalid") is not wrong:
            self.setProperty("invalid", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, and steps of 10 ms: 100 ms with Shift, 1 ms with Ctrl."""
        key = event.key()
        seconds = parse_time(self.text())
        if key == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self._mark("")
            self.done.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and seconds is not None:
            modifiers = event.modifiers()
            step = _STEP_MS * (10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
            step = 1 if modifiers & Qt.KeyboardModifier.ControlModifier else step
            moved = max(seconds + (step if key == Qt.Key.Key_Up else -step) / 1000, self.least)
            self.setText(format_time(moved))
            self._take()
        else:
            super().keyPressEvent(event)
            return
        event.accept()


class RegionBar(QWidget):
    """Start, end and length of the mask, typed to the thousandth; any of them can be changed."""

    region_edited = Signal(object)
    """The mask that was typed (Region)."""
    done = Signal()
    """Enter or Esc: the keyboard goes back to the waveform."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._region: Region | None = None
        self._rate = 0
        self._reach = Reach(0)
        self._typed: dict[str, float] = {}
        self.start, self.end, self.duration = (TimeEdit(name) for name in ("Mask start", "Mask end", "Mask length"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for text, field, key in (
            ("Region", self.start, "start"),
            ("–", self.end, "end"),
            ("Length", self.duration, "length"),
        ):
            label = QLabel(text)
            label.setProperty("role", "muted")
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            field.entered.connect(lambda seconds, key=key: self._enter(key, seconds))
            field.done.connect(self.done)
        row.addStretch()
        self.setAccessibleName("Region")
        self._show()

    def set_region(self, region: Region | None, rate: int, length: int) -> None:
        """Show the mask of a clip of so many frames at that rate; rate 0 for no clip."""
        reach = Reach(length, self._reach.before, self._reach.after)
        if (region, rate, reach) != (self._region, self._rate, self._reach):
            self._region, self._rate, self._reach = region, rate, reach
            self._typed.clear()
            self._show()

    def set_room(self, before: int, after: int) -> None:
        """So many frames beyond the clip's start and end may be typed too; 0 for none."""
        reach = Reach(self._reach.length, max(before, 0), max(after, 0))
        if reach == self._reach:
            return
        self._reach = reach
        self._show()

    def region(self) -> Region | None:
        """The mask as it is shown."""
        return self._region

    def _show(self) -> None:
        known = self._region is not None and self._rate > 0
        for field in (self.start, self.end, self.duration):
            field.setEnabled(self._rate > 0)
            field.least = -self._reach.before / self._rate if self._rate and field is not self.duration else 0.0
            if not known:
                field.show_seconds(None)
        if self._region is not None and known:
            start, end = self._region.seconds(self._rate)
            self.start.show_seconds(start)
            self.end.show_seconds(end)
            self.duration.show_seconds(self._region.duration(self._rate))

    def _enter(self, key: str, seconds: float) -> None:
        """Start moves the start, end and length move the end; the other edge keeps its exact frame."""
        frame = round(seconds * self._rate)
        if self._region is None:
            self._typed[key] = seconds
            self._from_nothing()
            return
        start, end = self._region.start, self._region.end
        reach = self._reach.including(self._region)
        if key == "start":
            if frame > reach.length or (frame == reach.length and not reach.after):
                self.start.refuse("The clip ends before that.")
                return
            if frame < reach.start:
                self.start.refuse(self._too_early())
                return
            start = frame
            if start >= end:
                end = start + self._region.length
        elif key == "end":
            end = frame
            if end <= start:
                self.end.refuse("The end must come after the start.")
                return
            if end < 0:
                self.end.refuse("The mask must reach the clip.")
                return
        else:
            end = start + frame
            if end <= start:
                self.duration.refuse("The mask must be longer than nothing.")
                return
        self._set(Region(start, reach.pushed(end)))

    def _too_early(self) -> str:
        before = self._reach.before / self._rate
        return f"At most {before:g} s before the clip can be masked." if before else "The clip begins at 0."

    def _from_nothing(self) -> None:
        """Without a mask, a start and an end or a length together make one."""
        typed = self._typed
        if "start" in typed and ("end" in typed or "length" in typed):
            end = typed["end"] if "end" in typed else typed["start"] + typed["length"]
            asked = Region.from_seconds(typed["start"], end, self._rate)
            start, stop = self._reach.pushed(asked.start), self._reach.pushed(asked.end)
            if end > typed["start"] and start < stop and start <= self._reach.length and stop >= 0:
                self._set(Region(start, stop))
            else:
                (self.end if "end" in typed else self.duration).refuse("That leaves nothing to mask.")

    def _set(self, region: Region) -> None:
        changed = region != self._region
        self._region = region
        self._typed.clear()
        self._show()
        if changed:
            self.region_edited.emit(region)
