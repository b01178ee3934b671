"""The takes, each heard in place with a click or an arrow key, used with Enter; jobs on their way stand above them."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.takes.take import TakeId
from app.ui import theme
from app.ui.job_cards import JobCard, JobCards
from app.ui.labels import ToneLabel, icon_button
from app.ui.take_row import ROW, Part, TakeDelegate, TakeRow, place

_Index = QModelIndex | QPersistentModelIndex
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class TakeModel(QAbstractListModel):
    """The lines that are shown, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[TakeRow] = []

    def set_rows(self, rows: list[TakeRow]) -> None:
        """Show these; lines of the same takes in the same order only change."""
        if [row.id for row in rows] == [row.id for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken()
            case _:
                return None


class TakeView(QListView):
    """The lines. A click hears, a double click uses, the small buttons do what they show."""

    heard = Signal(object)
    used = Signal(object)
    starred = Signal(object)
    binned = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes = TakeModel()
        self.lines = TakeDelegate()
        self.nothing = ""
        self._again = False
        self.setModel(self.takes)
        self.setItemDelegate(self.lines)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Takes"))
        self.setAccessibleDescription(self.tr("Arrows hear, Enter uses, F stars, Del moves to the bin"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: list[TakeRow], go_to_heard: bool) -> None:
        """Show these lines; the current one stays current, unless what is heard has changed."""
        before = self.current()
        self.lines.measure(rows, self.fontMetrics())
        self.takes.set_rows(rows)
        wanted = next((i for i, row in enumerate(rows) if row.heard), -1) if go_to_heard else -1
        if wanted < 0 and before is not None:
            wanted = next((i for i, row in enumerate(rows) if row.id == before.id), -1)
        if wanted >= 0:
            self.setCurrentIndex(self.takes.index(wanted))
            self.scrollTo(self.takes.index(wanted))
        self.viewport().update()

    def current(self) -> TakeRow | None:
        """The line that keys act on."""
        return self._row(self.currentIndex())

    def _row(self, index: _Index) -> TakeRow | None:
        row = index.data(ROW) if index.isValid() else None
        return row if isinstance(row, TakeRow) else None

    def part_rect(self, number: int, part: Part) -> QRect:
        """Where a line's button lies in the viewport; `number` counts the lines from 0."""
        index = self.takes.index(number)
        return place(self.visualRect(index), self.fontMetrics(), self.lines.widths).buttons[part]

    def _at(self, pos: QPoint) -> tuple[QModelIndex, TakeRow | None, Part | None]:
        index = self.indexAt(pos)
        row = self._row(index)
        if row is None:
            return index, None, None
        places = place(self.visualRect(index), self.fontMetrics(), self.lines.widths)
        return index, row, places.hit(row, pos.x(), pos.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._again = False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        _index, row, part = self._at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or row is None or self._again:
            return
        if part is None:
            self.heard.emit(row.id)
        else:
            self._act(part, row, event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        _index, row, part = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and row is not None and part is None:
            self._again = True
            self.used.emit(row.id)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index, _row, part = self._at(event.position().toPoint())
        self._hover(index.row(), part)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1, None)
        super().leaveEvent(event)

    def _hover(self, row: int, part: Part | None) -> None:
        if self.lines.hovered != (row, part):
            self.lines.hovered = (row, part)
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            _index, row, part = self._at(event.pos())
            text = "" if row is None else self.lines.tip(part) if part is not None else row.spoken()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not plain:
            event.ignore()
        elif event.key() in _MOVES:
            super().keyPressEvent(event)
            moved = self.current()
            if moved is not None and moved != row:
                self.heard.emit(moved.id)
        elif row is not None and event.key() in _ENTER:
            self.used.emit(row.id)
        elif row is not None and row.id is not None and event.key() == Qt.Key.Key_F:
            self.starred.emit(row.id)
        elif row is not None and row.id is not None and event.key() == Qt.Key.Key_Delete:
            self.binned.emit(row.id)
        else:
            event.ignore()  # single keys belong to the window; there is no search by letters here

    def _act(self, part: Part, row: TakeRow, where: QPoint) -> None:
        match part:
            case Part.USE:
                self.used.emit(row.id)
            case Part.STAR:
                self.starred.emit(row.id)
            case Part.BIN:
                self.binned.emit(row.id)
            case Part.MORE:
                self.menu_requested.emit(row.id, where)

    @Slot(QPoint)
    def _menu(self, pos: QPoint) -> None:
        row = self._row(self.indexAt(pos)) or self.current()
        if row is not None and row.id is not None:
            self.menu_requested.emit(row.id, self.viewport().mapToGlobal(pos))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "takes"):
            self.lines.measure(self.takes.rows, self.fontMetrics())
            self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.nothing:
            return
        count = self.takes.rowCount()
        used = self.visualRect(self.takes.index(count - 1)).bottom() + 1 if count else 0
        painter = QPainter(self.viewport())
        painter.setPen(theme.faded(theme.current().muted, 1.0))
        area = self.viewport().rect().adjusted(12, used, -12, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.nothing)


class TakeList(QWidget):
    """Jobs, then takes, under a line with filter, stars and bin.

    Signals carry a take's id, None for the original: `heard`, `used`, `starred` and `binned` (both toggle),
    `menu_requested` (and the point on the screen). `header` may be lent to a dock as its title bar.
    """

    heard = Signal(object)
    used = Signal(object)
    starred = Signal(object)
    binned = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[TakeRow, ...] = ()
        self._heard: tuple[TakeId | None, bool] = (None, False)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter takes"))
        self.filter.setAccessibleName(self.tr("Filter takes"))
        self.filter.setToolTip(self.tr("Show takes whose prompt, endpoint, seed or number holds this text"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(self.fontMetrics().horizontalAdvance("n" * 30))
        self.stars = self._toggle("star", self.tr("Only starred takes"))
        self.bin = self._toggle("bin", self.tr("Show the bin"))
        self.bin.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.jobs = JobCards(self)
        self.view = TakeView(self)
        self.header = QWidget(self)
        header = QHBoxLayout(self.header)
        header.setContentsMargins(12, 3, 8, 3)
        header.setSpacing(8)
        header.addWidget(ToneLabel(self.tr("Takes"), "section", self.header))
        header.addWidget(self.filter, 1)
        header.addWidget(self.stars)
        header.addStretch(1)
        header.addWidget(self.bin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.jobs)
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        for mine, its in (
            (self.heard, self.view.heard),
            (self.used, self.view.used),
            (self.starred, self.view.starred),
            (self.binned, self.view.binned),
            (self.menu_requested, self.view.menu_requested),
        ):
            its.connect(mine)
        self.filter.textChanged.connect(self._refilter)
        self.stars.toggled.connect(self._refilter)
        self.bin.toggled.connect(self._refilter)
        self._show()

    def _toggle(self, icon: str, name: str) -> QToolButton:
        button = icon_button(icon, name, name, self)
        button.setCheckable(True)
        return button

    def set_rows(self, rows: Sequence[TakeRow]) -> None:
        """Show these takes in this order, the original first."""
        self._rows = tuple(rows)
        self._show()

    def set_jobs(self, jobs: Sequence[JobCard]) -> None:
        """Show these jobs above the takes; they take at most half of the room."""
        self.jobs.set_jobs(jobs)
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        room = self.height() - (self.header.height() if self.header.parentWidget() is self else 0)
        self.jobs.setFixedHeight(self.jobs.height_within(round(room * 0.55)))

    def current(self) -> TakeId | None:
        """The take that keys act on; None for the original or for none."""
        row = self.view.current()
        return row.id if row is not None else None

    def _passes(self, row: TakeRow) -> bool:
        if row.id is None:
            return True
        if row.binned and not self.bin.isChecked():
            return False
        if self.stars.isChecked() and not row.starred:
            return False
        words = f"{row.number} {row.title} {row.notes} {' '.join(row.cells().values())}".casefold()
        return all(word in words for word in self.filter.text().casefold().split())

    @Slot()
    def _refilter(self) -> None:
        self._show()

    def _show(self) -> None:
        shown = [row for row in self._rows if self._passes(row)]
        heard = next(((row.id, True) for row in self._rows if row.heard), (None, False))
        if not any(row.id is not None for row in self._rows):
            self.view.nothing = self.tr("Takes appear here.")
        else:
            self.view.nothing = "" if any(row.id is not None for row in shown) else self.tr("No take fits the filter.")
        self.view.show_rows(shown, heard != self._heard)
        self._heard = heard
        binned = sum(row.binned for row in self._rows)
        self.bin.setText(str(binned) if binned else "")
        self.bin.setVisible(bool(binned) or self.bin.isChecked())
