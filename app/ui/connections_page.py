"""The connections in a list, each with a dot for its state; beside it the form of the chosen one."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.endpoints.request import Kind
from app.session.connection_status import State
from app.session.connections import FAL, LOCAL, label
from app.session.hosts import Hosts
from app.ui import theme
from app.ui.connection_form import AddForm, ConnectionForm, tone_of
from app.ui.setting_rows import paint_dot, push

_NAME = Qt.ItemDataRole.UserRole
_STATE = Qt.ItemDataRole.UserRole + 1
_WORDS = {
    State.STARTING: "starting …",
    State.UNCHECKED: "not checked yet",
    State.CHECKING: "checking …",
    State.CONNECTED: "connected",
    State.NEEDS_KEY: "needs a key",
    State.KEY_REFUSED: "key refused",
    State.NO_FUNDS: "account is empty",
    State.UNREACHABLE: "cannot be reached",
    State.FAULTY: "does not work",
}


class _Line(QStyledItemDelegate):
    """A dot, a name, and quietly the state in words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 2 * option.fontMetrics.lineSpacing() + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.current()
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        rect: QRect = option.rect  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, QColor(colours.raised))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colours.accent))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        line = option.fontMetrics.lineSpacing()
        side = line * 0.55
        top = rect.top() + 8
        paint_dot(painter, QRectF(rect.left() + 14, top + (line - side) / 2, side, side), tone_of(index.data(_STATE)))
        left = round(rect.left() + 14 + side + 9)
        font = painter.font()
        painter.setPen(QColor(colours.text))
        font.setBold(chosen)
        painter.setFont(font)
        room = QRect(left, top, rect.right() - left - 6, line)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            room, Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics().elidedText(index.data(), elide, room.width())
        )
        font.setBold(False)
        font.setPointSizeF(font.pointSizeF() * 0.92)
        painter.setFont(font)
        painter.setPen(QColor(colours.muted))
        words = painter.fontMetrics().elidedText(_WORDS[index.data(_STATE)], elide, room.width())
        painter.drawText(room.translated(0, line), Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class ConnectionsPage(QWidget):
    """`offline_wanted` carries the id of the offline engine's endpoint that shall do the work instead."""

    offline_wanted = Signal(str)

    def __init__(self, hosts: Hosts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts = hosts
        self._kind: Kind | None = None
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setAccessibleName(self.tr("Connections"))
        self.list.setFixedWidth(self.fontMetrics().averageCharWidth() * 27)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.add_button = push(self.tr("+ Add…"), self)
        self.add_button.setToolTip(self.tr("Add a host of your own by its address"))
        self.form = ConnectionForm(hosts, self)
        self.add_form = AddForm(hosts, self)
        self._stack = QStackedWidget(self)
        self._scrolls = [_scrolled(each, self) for each in (self.form, self.add_form)]
        for scroll in self._scrolls:
            self._stack.addWidget(scroll)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 10)
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 10, 0)
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        left.addLayout(foot)
        line = QFrame(self)
        line.setFixedWidth(1)
        line.setStyleSheet("background: palette(mid)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(left)
        layout.addWidget(line)
        layout.addWidget(self._stack, 1)
        self.list.currentItemChanged.connect(self._on_chosen)
        self.list.itemClicked.connect(self._on_chosen)
        self.add_button.clicked.connect(self.show_add)
        self.add_form.added.connect(self.show_connection)
        self.form.removed.connect(self._on_removed)
        self.form.offline_wanted.connect(self.offline_wanted)
        hosts.changed.connect(self._on_changed)
        hosts.listed.connect(self.renew)
        self.renew()
        self.list.setCurrentRow(0)

    @Slot()
    def renew(self) -> None:
        """List what there is; the chosen one stays chosen."""
        names, shown = self._hosts.names(), self.form.name
        self.list.blockSignals(True)
        self.list.clear()
        for name in names:
            item = QListWidgetItem(label(name))
            item.setData(_NAME, name)
            self.list.addItem(item)
            self._show_state(item)
        self.list.setCurrentRow(names.index(shown) if shown in names else 0)
        self.list.blockSignals(False)

    @Slot(str)
    def show_connection(self, name: str, field: str = "", kind: Kind | None = None) -> None:
        """Choose that one, with the cursor in that field; `kind` is the work that was wanted of it."""
        self._kind = kind
        names = self._hosts.names()
        self.list.setCurrentRow(names.index(name) if name in names else 0)
        self._show(names[self.list.currentRow()])
        if field:
            self.form.focus(field)

    @Slot()
    def show_add(self) -> None:
        """Show the empty form for one more."""
        self.add_form.clear()
        self.list.clearSelection()
        self._stack.setCurrentIndex(1)
        self.add_form.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, name: str) -> None:
        self._stack.setCurrentIndex(0)
        self._scrolls[0].verticalScrollBar().setValue(0)
        self.list.setCurrentRow(self._hosts.names().index(name))
        self.form.show_connection(name, self._kind)

    def _show_state(self, item: QListWidgetItem) -> None:
        state = self._hosts.status(item.data(_NAME)).state
        item.setData(_STATE, state)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {_WORDS[state]}")

    @Slot(QListWidgetItem)
    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._show(item.data(_NAME))

    @Slot(str)
    def _on_changed(self, name: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_NAME) == name:
                self._show_state(item)

    @Slot(str)
    def _on_removed(self, _: str) -> None:
        self.show_connection(FAL if FAL in self._hosts.names() else LOCAL)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def _scrolled(widget: QWidget, parent: QWidget) -> QScrollArea:
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    return area
