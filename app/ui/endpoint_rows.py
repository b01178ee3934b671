"""The rows of the list of endpoints: a heading for each kind of work, two lines and a star for each endpoint."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.session.library_words import KINDS
from app.ui import theme
from app.ui.endpoint_choices import EndpointChoice

_CHOICE = Qt.ItemDataRole.UserRole
_DETAIL = Qt.ItemDataRole.UserRole + 1
_PAD = 10

Index = QModelIndex | QPersistentModelIndex


class _Painter(QStyledItemDelegate):
    """Draws a row; where its star is, `star` tells."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.lineSpacing()  # type: ignore[attr-defined]
        return QSize(200, 2 * line + 10 if index.data(_CHOICE) is not None else line + 14)

    @staticmethod
    def star(row: QRect) -> QRect:
        """The square of a row that toggles its star."""
        side = min(row.height(), 36)
        return QRect(row.right() - side, row.top(), side, row.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]
        choice = index.data(_CHOICE)
        painter.save()
        if isinstance(choice, EndpointChoice):
            state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            hovered = bool(state & QStyle.StateFlag.State_MouseOver)
            self._row(painter, rect, choice, str(index.data(_DETAIL)), chosen, hovered)
        else:
            self._heading(painter, rect, str(index.data()))
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        font = QFont(painter.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(QColor(theme.current().muted))
        inside = rect.adjusted(_PAD, 4, -_PAD, -2)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _row(
        self, painter: QPainter, rect: QRect, choice: EndpointChoice, detail: str, chosen: bool, hovered: bool
    ) -> None:
        colours = theme.current()
        if chosen or hovered:
            painter.fillRect(rect, QColor(colours.accent if chosen else colours.raised))
        star = self.star(rect)
        if choice.favourite or chosen or hovered:
            self._star(painter, star, choice.favourite, chosen)
        line = painter.fontMetrics().lineSpacing()
        width = star.left() - rect.left() - 2 * _PAD
        first = QRect(rect.left() + 2 * _PAD, rect.top() + 5, width, line)
        badge = choice.away or ("free" if choice.free else "")
        if badge:
            space = painter.fontMetrics().horizontalAdvance(badge)
            painter.setPen(QColor(colours.on_accent if chosen else colours.muted if choice.away else colours.success))
            painter.drawText(QRect(first.right() - space, first.top(), space + 1, line), _MIDDLE, badge)
            first.setWidth(first.width() - space - _PAD)
        painter.setPen(QColor(colours.on_accent if chosen else colours.text))
        painter.drawText(first, _MIDDLE, _elided(painter, choice.title, first.width()))
        font = QFont(painter.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(QColor(colours.on_accent if chosen else colours.muted))
        second = QRect(rect.left() + 2 * _PAD, first.top() + line, width, line)
        painter.drawText(second, _MIDDLE, _elided(painter, detail, width))

    def _star(self, painter: QPainter, star: QRect, filled: bool, chosen: bool) -> None:
        colours = theme.current()
        font = QFont(painter.font())
        painter.setPen(QColor(colours.on_accent if chosen else colours.accent if filled else colours.muted))
        font.setPointSizeF(font.pointSizeF() * 1.15)
        painter.save()
        painter.setFont(font)
        painter.drawText(star, Qt.AlignmentFlag.AlignCenter, "★" if filled else "☆")
        painter.restore()


_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


class EndpointList(QListView):
    """Endpoints under their headings. `picked` is a click or Enter on one, `starred` a click on its star."""

    picked = Signal(object)
    starred = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QStandardItemModel(self)
        self._painter = _Painter(self)
        self._pressed = -1
        self.setModel(self._rows)
        self.setItemDelegate(self._painter)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(False)
        self.setAccessibleName(self.tr("Endpoints"))
        self.activated.connect(self._on_activated)

    def show_choices(self, choices: Sequence[EndpointChoice], current: tuple[str, str] | None) -> None:
        """List these, favourites first, then by kind; `current` (connection, id), or else the first, is marked."""
        self._rows.clear()
        favourites = [each for each in choices if each.favourite]
        self._add(self.tr("★ Favourites"), favourites, with_kind=True)
        for kind, heading in KINDS.items():
            self._add(heading, [each for each in choices if each.kind == kind and not each.favourite])
        self._add("", [each for each in choices if each.kind not in KINDS and not each.favourite])
        rows = [row for row in range(self._rows.rowCount()) if self.choice_at(row) is not None]
        marked = next((row for row in rows if self._key(row) == current), rows[0] if rows else None)
        if marked is not None:
            self.mark(marked)

    def _add(self, heading: str, choices: Sequence[EndpointChoice], with_kind: bool = False) -> None:
        if not choices:
            return
        head = QStandardItem(heading)
        head.setFlags(Qt.ItemFlag.NoItemFlags)
        self._rows.appendRow(head)
        for each in choices:
            item = QStandardItem(each.title)
            item.setData(each, _CHOICE)
            item.setData(each.detail(with_kind), _DETAIL)
            item.setToolTip(f"{each.id}\n{each.summary()}" + (f"\n{each.about}" if each.about else ""))
            words = [each.title, each.summary(), self.tr("favourite") if each.favourite else ""]
            item.setData(", ".join(word for word in words if word), Qt.ItemDataRole.AccessibleTextRole)
            self._rows.appendRow(item)

    def choice_at(self, row: int) -> EndpointChoice | None:
        """The endpoint of a row; None for a heading."""
        choice = self._rows.index(row, 0).data(_CHOICE)
        return choice if isinstance(choice, EndpointChoice) else None

    def marked(self) -> EndpointChoice | None:
        """The endpoint that Enter would pick."""
        index = self.currentIndex()
        return self.choice_at(index.row()) if index.isValid() else None

    def mark(self, row: int) -> None:
        """Mark a row and bring it into sight, with the heading above it where there is one."""
        self.setCurrentIndex(self._rows.index(row, 0))
        if self.choice_at(row - 1) is None:
            self.scrollTo(self._rows.index(row - 1, 0))
        self.scrollTo(self._rows.index(row, 0))

    def settle(self) -> None:
        """Show the top of the list, or as far down as the marked row is."""
        self.scrollToTop()
        if self.currentIndex().isValid():
            self.mark(self.currentIndex().row())

    def step(self, by: int) -> None:
        """Move the mark by so many endpoints, over headings, and stay at the ends."""
        rows = [row for row in range(self._rows.rowCount()) if self.choice_at(row) is not None]
        if not rows:
            return
        here = self.currentIndex().row()
        place = rows.index(here) + by if here in rows else 0
        self.mark(rows[max(0, min(place, len(rows) - 1))])

    def row_of(self, endpoint: str) -> int:
        """The row of an endpoint's id, -1 where it is not listed."""
        found = (row for row in range(self._rows.rowCount()) if (c := self.choice_at(row)) and c.id == endpoint)
        return next(found, -1)

    def star_of(self, row: int) -> QRect:
        """Where a row's star is, in the viewport."""
        return self._painter.star(self.visualRect(self._rows.index(row, 0)))

    def texts(self) -> list[str]:
        """What the rows say, headings included."""
        return [str(self._rows.index(row, 0).data()) for row in range(self._rows.rowCount())]

    def content_height(self) -> int:
        """How high it would be with every row in sight."""
        return sum(self.sizeHintForRow(row) for row in range(self._rows.rowCount()))

    def _key(self, row: int) -> tuple[str, str] | None:
        choice = self.choice_at(row)
        return (choice.connection, choice.id) if choice is not None else None

    def _on_activated(self, index: QModelIndex) -> None:
        choice = self.choice_at(index.row())
        if choice is not None:
            self.picked.emit(choice)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # The base class would mark the row at once; the mark stays where the keys left it until a row is picked.
        index = self.indexAt(event.position().toPoint())
        choice = self.choice_at(index.row()) if index.isValid() else None
        self._pressed = index.row() if choice is not None and event.button() == Qt.MouseButton.LeftButton else -1
        if choice is not None and event.button() == Qt.MouseButton.RightButton:
            self.setCurrentIndex(index)
            self.menu_wanted.emit(choice, event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        row = self.indexAt(where).row()
        pressed, self._pressed = self._pressed, -1
        choice = self.choice_at(row) if row == pressed and row >= 0 else None
        if choice is not None and event.button() == Qt.MouseButton.LeftButton:
            (self.starred if self.star_of(row).contains(where) else self.picked).emit(choice)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # the second click of two is a click
