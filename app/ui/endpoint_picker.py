"""Choosing an endpoint: by connection, with what it does, what it costs, and whether a key is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.focus import QuietWheel
from app.ui.labels import ElidedLabel, outlined, small

_ID = Qt.ItemDataRole.UserRole
_DETAIL = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class EndpointChoice:
    """One line of the picker: `group` is the connection's name, `kind` and `price` are words as they are shown."""

    id: str
    title: str
    group: str
    kind: str
    price: str = ""
    needs_key: bool = False


class _TwoLines(QStyledItemDelegate):
    """A title with a quiet second line; a connection's name stands alone as a heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = option.fontMetrics.lineSpacing()
        detail = index.data(_DETAIL)
        return QSize(200, 2 * line + 10 if detail else line + 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.current()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        heading = index.data(_ID) is None
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        if chosen and not heading:
            painter.fillRect(rect, QColor(colours.accent))
        line = option.fontMetrics.lineSpacing()
        inside = rect.adjusted(10 if heading else 20, 5, -10, -5)
        font = painter.font()
        font.setBold(heading)
        painter.setFont(font)
        painter.setPen(
            QColor(colours.on_accent if chosen and not heading else colours.muted if heading else colours.text)
        )
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        title = QRect(inside.left(), inside.top(), inside.width(), line if not heading else inside.height())
        painter.drawText(
            title, align, painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, title.width())
        )
        if detail := index.data(_DETAIL):
            painter.setPen(QColor(colours.on_accent if chosen else colours.muted))
            font.setPointSizeF(font.pointSizeF() * 0.9)
            painter.setFont(font)
            below = title.translated(0, line)
            painter.drawText(
                below, align, painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, below.width())
            )
        painter.restore()


class EndpointPicker(QWidget):
    """A list that opens, and below it what the chosen endpoint does and costs. `chosen` carries the endpoint's id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[EndpointChoice, ...] = ()
        self._current = ""
        self._wheel = QuietWheel(self)
        self._model = QStandardItemModel(self)
        self.combo = QComboBox(self)
        self.combo.setModel(self._model)
        self.combo.setItemDelegate(_TwoLines(self.combo))
        self.combo.setAccessibleName(self.tr("Endpoint"))
        self.combo.setToolTip(self.tr("What makes the new takes"))
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(10)
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setMaxVisibleItems(14)
        self.combo.setPlaceholderText(self.tr("No endpoint yet"))
        self._wheel.guard(self.combo)
        outlined(self.combo)
        self.detail = ElidedLabel("", "muted", self)
        small(self.detail)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 4)
        layout.setSpacing(3)
        layout.addWidget(self.combo)
        layout.addWidget(self.detail)
        self.setFocusProxy(self.combo)
        self.combo.activated.connect(self._activated)

    def set_choices(self, choices: Sequence[EndpointChoice], current: str = "") -> None:
        """Offer these, in their order under the heading of their group, with `current` shown."""
        self._choices = tuple(choices)
        self._model.clear()
        for group in dict.fromkeys(each.group for each in self._choices):
            heading = QStandardItem(group)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self._model.appendRow(heading)
            for each in (one for one in self._choices if one.group == group):
                item = QStandardItem(each.title)
                item.setData(each.id, _ID)
                item.setData(self._words(each), _DETAIL)
                item.setToolTip(each.id)
                item.setData(f"{each.title}, {self._words(each)}", Qt.ItemDataRole.AccessibleTextRole)
                self._model.appendRow(item)
        self.set_current(current or self._current)

    def _words(self, choice: EndpointChoice) -> str:
        parts = [choice.kind, choice.price, self.tr("needs a key") if choice.needs_key else ""]
        return " · ".join(part for part in parts if part)

    def current(self) -> str:
        """The id of what is shown; empty where there is nothing to choose."""
        return self._current

    def set_current(self, endpoint: str) -> None:
        """Show this endpoint, without a signal."""
        index = self.combo.findData(endpoint, _ID) if endpoint else -1
        self.combo.setCurrentIndex(index)
        self._current = endpoint if index >= 0 else ""
        choice = next((each for each in self._choices if each.id == self._current), None)
        self.detail.setText(f"{choice.group} · {self._words(choice)}" if choice is not None else "")
        self.detail.set_tone("warning" if choice is not None and choice.needs_key else "muted")

    @Slot(int)
    def _activated(self, index: int) -> None:
        endpoint = self.combo.itemData(index, _ID)
        if isinstance(endpoint, str) and endpoint != self._current:
            self.set_current(endpoint)
            self.chosen.emit(endpoint)
