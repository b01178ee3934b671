"""The submenu of what was open lately; what is away stands there grey."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

_UNNAMED = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-\w+ (.*)")


def recent_name(path: Path) -> str:
    """What to call a recent file or project: its name, or when and of what it was made while it has none."""
    if path.suffix != ".retake":
        return path.name
    match = _UNNAMED.fullmatch(path.stem)
    if match is None:
        return path.stem
    year, month, day, hour, minute, name = match.groups()
    return f"{name} – not named, {day}.{month}.{year} {hour}:{minute}"


class RecentMenu(QMenu):
    """Filled anew each time it is shown."""

    chosen = Signal(object)

    def __init__(self, recent: Callable[[], Sequence[str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Open recent"))
        self._recent = recent
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._on_triggered)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        for each in self._recent():
            path = Path(each)
            action = self.addAction(recent_name(path).replace("&", "&&"))
            action.setData(each)
            action.setToolTip(each)
            action.setEnabled(path.exists())
        if self.isEmpty():
            self.addAction(self.tr("Nothing yet")).setEnabled(False)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.chosen.emit(Path(action.data()))
