"""The submenu of outputs; filled when it is shown, and again when the devices were counted."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.session.output_choice import OutputChoice


class OutputMenu(QMenu):
    """One of them is chosen; what is plugged in while it is open appears in it."""

    def __init__(self, outputs: OutputChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Output device"))
        self._outputs = outputs
        self.aboutToShow.connect(self._on_shown)
        self.triggered.connect(self._on_triggered)
        outputs.changed.connect(self._fill)
        self._fill()

    @Slot()
    def _on_shown(self) -> None:
        self._fill()
        self._outputs.look()

    @Slot()
    def _fill(self) -> None:
        self.clear()
        group = QActionGroup(self)
        for choice in self._outputs.choices:
            action = self.addAction(choice.text.replace("&", "&&"))
            action.setData(choice.key)
            action.setCheckable(True)
            action.setChecked(choice.key == self._outputs.chosen)
            group.addAction(action)
            if choice.key is None:
                self.addSeparator()

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self._outputs.choose(action.data())
