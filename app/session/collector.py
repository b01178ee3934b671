"""Garbage is collected on the GUI thread only.

Python collects cycles on whatever thread happens to allocate. A widget that is part of one would then be destroyed by
a thread that must not touch it, and the process would end without a word.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 500


class Collector(QObject):
    """From its birth on the interpreter collects only when this timer of the GUI thread says so."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_EVERY_MS)

    @Slot()
    def look(self) -> None:
        """Collect the oldest generation that has come due, as the interpreter would have done by itself."""
        counts = gc.get_count()
        due = [n for n, (count, most) in enumerate(zip(counts, self._thresholds, strict=True)) if count > most]
        if due:
            gc.collect(due[-1])

    def end(self) -> None:
        """Leave it to the interpreter again."""
        self._timer.stop()
        gc.enable()
