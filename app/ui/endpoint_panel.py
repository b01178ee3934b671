"""The panel that drops down from the picker: search, the endpoints by kind of work, and what can be done with one."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from app.ui.endpoint_choices import EndpointChoice
from app.ui.endpoint_rows import EndpointList
from app.ui.labels import ToneLabel, icon_button, small


class Verb(StrEnum):
    """What the menu does with an endpoint."""

    REFRESH = "refresh"
    ROLES = "roles"
    PRICE = "price"
    FAVOURITE = "favourite"
    REMOVE = "remove"


_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_WIDTH, _HEIGHT = 460, 620


class EndpointPanel(QFrame):
    """Typing filters, arrows move the mark, Enter picks, Esc closes. `asked` carries a Verb and its choice."""

    picked = Signal(object)
    asked = Signal(str, object)
    add_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # the click that closes it must not open it again
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("Choose an endpoint"))
        self._choices: tuple[EndpointChoice, ...] = ()
        self._current: tuple[str, str] | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search by name, id or what it does"))
        self.search.setAccessibleName(self.tr("Search endpoints"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.list = EndpointList(self)
        self.list.installEventFilter(self)
        self.nothing = ToneLabel("", "muted", self)
        self.nothing.setWordWrap(True)
        self.nothing.setMargin(12)
        self.nothing.hide()
        self.add = QPushButton(self.tr("Add an endpoint…"), self)
        self.add.setFlat(True)
        self.add.setAutoDefault(False)
        self.add.setToolTip(self.tr("By its id, its page or its OpenAPI document"))
        self.more = icon_button(
            "more", self.tr("More for this endpoint"), self.tr("More for the marked endpoint"), self
        )
        self.count = ToneLabel("", "muted", self)
        small(self.count)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self.add)
        foot.addStretch(1)
        foot.addWidget(self.count)
        foot.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.nothing, 1)
        layout.addLayout(foot)
        self.search.textChanged.connect(self._show)
        self.list.picked.connect(self._pick)
        self.list.starred.connect(self._star)
        self.list.menu_wanted.connect(self._menu_at)
        self.add.clicked.connect(self._add)
        self.more.clicked.connect(self._more)

    def set_choices(self, choices: Sequence[EndpointChoice], current: tuple[str, str] | None) -> None:
        """Offer these; while it is open, what was typed and what is marked stays."""
        self._choices = tuple(choices)
        self._current = current
        if self.isVisible():
            marked = self.list.marked()
            self._list((marked.connection, marked.id) if marked is not None else current)

    def open_at(self, anchor: QWidget) -> None:
        """Drop down from a widget, right edges aligned, as high as it needs and the screen allows."""
        self.search.clear()
        self._show()
        screen = anchor.screen() or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        width = min(max(anchor.width(), _WIDTH), room.width())
        chrome = self.sizeHint().height() - self.list.sizeHint().height()
        height = min(self.list.content_height() + chrome + 6, _HEIGHT, round(room.height() * 0.8))
        corner = anchor.mapToGlobal(QPoint(anchor.width(), anchor.height() + 2))
        place = QRect(corner - QPoint(width, 0), QSize(width, max(height, 220)))
        place.moveLeft(max(room.left(), min(place.left(), room.right() - width)))
        place.moveTop(max(room.top(), min(place.top(), room.bottom() - place.height())))
        self.setGeometry(place)
        self.show()
        self.list.settle()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def _show(self) -> None:
        """The endpoints that match: while something is typed the first of them is marked, else the current one."""
        self._list(None if self.search.text().strip() else self._current)

    def _list(self, marked: tuple[str, str] | None) -> None:
        text = self.search.text().strip()
        found = [each for each in self._choices if each.matches(text)]
        self.list.show_choices(found, marked)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.more.setEnabled(bool(found))
        self.count.setText(f"{len(found)} of {len(self._choices)}" if text else "")
        named = "/" in text or "." in text
        self.nothing.setText(
            self.tr("No endpoint matches “{0}”.").format(text)
            + (" " + self.tr("Enter looks it up, to add it.") if named else "")
        )
        self.add.setText(self.tr("Add “{0}”…").format(_short(text)) if named and not found else self._add_text())

    def _add_text(self) -> str:
        return self.tr("Add an endpoint…")

    # --- keys -----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search and event.key() in _STEPS and not event.modifiers() & ~_KEYPAD:
                self.list.step(_STEPS[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._enter()
                return True
            if watched is self.list and event.key() in _STEPS:
                self.list.step(_STEPS[Qt.Key(event.key())])
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        choice = self.list.marked()
        if choice is not None and self.list.isVisible():
            self._pick(choice)
        elif self.search.text().strip():
            self._add()

    # --- what is done ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _pick(self, choice: EndpointChoice) -> None:
        self.close()
        self.picked.emit(choice)

    @Slot(object)
    def _star(self, choice: EndpointChoice) -> None:
        self.asked.emit(Verb.FAVOURITE, choice)

    @Slot()
    def _add(self) -> None:
        text = self.search.text().strip() if not self.list.isVisible() else ""
        self.close()
        self.add_wanted.emit(text)

    @Slot()
    def _more(self) -> None:
        choice = self.list.marked()
        if choice is not None:
            self._menu_at(choice, self.more.mapToGlobal(QPoint(0, self.more.height())))

    @Slot(object, QPoint)
    def _menu_at(self, choice: EndpointChoice, where: QPoint) -> None:
        self.menu_for(choice).popup(where)

    def menu_for(self, choice: EndpointChoice) -> QMenu:
        """What can be done with an endpoint; deletes itself when it is closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = menu.addAction(choice.title)
        title.setEnabled(False)
        menu.addSeparator()
        star = menu.addAction(
            self.tr("No &favourite any more") if choice.favourite else self.tr("Make it a &favourite")
        )
        star.triggered.connect(lambda: self._star(choice))
        for verb, text, enabled in (
            (Verb.REFRESH, self.tr("Refres&h its document"), choice.refreshable),
            (Verb.ROLES, self.tr("Correct its &roles…"), True),
            (Verb.PRICE, self.tr("Set its &price…"), not choice.free),
        ):
            action = menu.addAction(text)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, verb=verb: self._ask(verb, choice))
        menu.addSeparator()
        remove = menu.addAction(self.tr("Re&move") if choice.added else self.tr("Put it &back as it came"))
        remove.setEnabled(choice.added or choice.changed)
        remove.triggered.connect(lambda: self._ask(Verb.REMOVE, choice))
        return menu

    def _ask(self, verb: Verb, choice: EndpointChoice) -> None:
        self.close()
        self.asked.emit(verb, choice)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


def _short(text: str) -> str:
    return text if len(text) <= 36 else text[:35] + "…"
