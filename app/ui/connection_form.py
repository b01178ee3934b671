"""The form of one connection: what is known of it, its key, its addresses; and the form that adds one."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.endpoints.request import Kind
from app.errors import AppError, FieldError
from app.files.settings import ConnectionSetting
from app.session.connection_status import State, Status
from app.session.connections import FAL, LOCAL, label
from app.session.hosts import Hosts
from app.ui.labels import ToneLabel, icon_button
from app.ui.setting_rows import Dot, KeyField, Row, WrappedLabel, note, push

_TONES = {
    State.CONNECTED: "success",
    State.NEEDS_KEY: "warning",
    State.NO_FUNDS: "warning",
    State.KEY_REFUSED: "error",
    State.UNREACHABLE: "error",
    State.FAULTY: "error",
}
_AWAY = (State.NEEDS_KEY, State.KEY_REFUSED, State.NO_FUNDS, State.UNREACHABLE, State.FAULTY)


def tone_of(state: State) -> str:
    """The colour that a state is shown in."""
    return _TONES.get(state, "muted")


class StatusCard(QFrame):
    """What was found, when, and what to do next, with the button that looks again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.dot = Dot(self)
        self.sentence = WrappedLabel("", "title", self)
        self.hint = note("", "muted", self)
        self.check_button = push(self.tr("Check"), self)
        self.check_button.setToolTip(self.tr("Ask the host whether it takes the key; starts no job, costs nothing"))
        self.offline_button = push(self.tr("Use the offline engine instead"), self)
        self.offline_button.setToolTip(self.tr("Choose its endpoint for the same kind of work; it needs no key"))
        self.offline_button.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.dot)
        head.addWidget(self.sentence, 1)
        head.addWidget(self.check_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.hint)
        layout.addSpacing(2)
        layout.addWidget(self.offline_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_status(self, status: Status) -> None:
        """Put it into words and a colour."""
        self.dot.set_tone(tone_of(status.state))
        self.sentence.setText(status.sentence)
        when = self.tr("Checked at {0}.").format(f"{status.checked:%H:%M:%S}") if status.checked else ""
        self.hint.setText(f"{status.hint} {when}".strip())
        self.hint.setVisible(bool(self.hint.text()))
        self.check_button.setEnabled(status.state is not State.CHECKING)
        self.setAccessibleName(f"{status.sentence} {self.hint.text()}".strip())


class _Form(QWidget):
    """A column of rows in a scroll area, which asks it for the height at the very width that there is."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class ConnectionForm(_Form):
    """Shows and changes one connection; what is typed counts once the field is left or Enter is pressed."""

    offline_wanted = Signal(str)
    removed = Signal(str)

    def __init__(self, hosts: Hosts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts, self._name = hosts, LOCAL
        self._kind: Kind | None = None
        self.title = ToneLabel("", "title", self)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.title.setFont(font)
        self.card = StatusCard(self)
        self.key = KeyField(self)
        self.queue_url, self.storage_url, self.proxy_url, self.key_file = (QLineEdit(self) for _ in range(4))
        self.storage_url.setPlaceholderText(self.tr("the address above, then /storage"))
        self.proxy_url.setPlaceholderText(self.tr("none: calls go straight to the host"))
        self.key_file.setPlaceholderText(self.tr("none: the key is in the keyring"))
        self.browse = icon_button("open", self.tr("Choose a key file"), self.tr("Choose a key file"), self)
        self.remove_button = push(self.tr("Remove this connection"), self)
        self.rows = {
            "queue_url": Row(self.tr("Address"), self.queue_url, "", self),
            "key": Row(self.tr("Key"), self.key, "", self),
            "key_file": Row(self.tr("Key file"), self._with_browse(), self.tr("One line of plain text."), self),
            "storage_url": Row(self.tr("Storage address"), self.storage_url, "", self),
            "proxy_url": Row(self.tr("Studio proxy"), self.proxy_url, "", self),
        }
        self.key_file.setAccessibleName(self.tr("Key file"))
        self.rows["proxy_url"].set_help(
            self.tr("A server of your studio that adds its own key; it is told the target in x-fal-target-url.")
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(self.title)
        layout.addWidget(self.card)
        for row in self.rows.values():
            layout.addWidget(row)
        layout.addStretch(1)
        layout.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignLeft)

        self.card.check_button.clicked.connect(self._on_check)
        self.card.offline_button.clicked.connect(self._on_offline)
        self.key.given.connect(self._on_key)
        self.key.forgotten.connect(self._on_forgotten)
        self.browse.clicked.connect(self._on_browse)
        self.remove_button.clicked.connect(self._on_remove)
        for edit in self._edits().values():
            edit.editingFinished.connect(self._on_edited)
        hosts.changed.connect(self._on_changed)
        hosts.key_kept.connect(self._on_key_kept)

    def show_connection(self, name: str, kind: Kind | None = None) -> None:
        """Show that one; `kind` is the work that somebody wanted of it."""
        self._name, self._kind = name, kind
        setting = self._hosts.setting(name)
        self.title.setText(label(name))
        own = name not in (LOCAL, FAL)
        seen = {"queue_url": own, "key_file": own, "storage_url": own, "key": name != LOCAL, "proxy_url": name == FAL}
        for each, row in self.rows.items():
            row.setVisible(seen[each])
            row.set_error("")
        for each, edit in self._edits().items():
            edit.setText((getattr(setting, each) if setting else "") or "")
        self.rows["key"].set_help(
            self.tr("The key goes into the system's keyring and to {0}, nowhere else.").format(label(name))
        )
        self.remove_button.setVisible(own)
        self.card.check_button.setVisible(name != LOCAL)
        self._show_status()

    @property
    def name(self) -> str:
        """The connection that is shown."""
        return self._name

    def focus(self, field: str) -> None:
        """Put the cursor into that field: key, queue_url, key_file, storage_url or proxy_url."""
        if field == "key":
            self.key.replace()
        elif field in self._edits():
            self._edits()[field].setFocus(Qt.FocusReason.OtherFocusReason)

    def _edits(self) -> dict[str, QLineEdit]:
        return {
            "queue_url": self.queue_url,
            "key_file": self.key_file,
            "storage_url": self.storage_url,
            "proxy_url": self.proxy_url,
        }

    def _with_browse(self) -> QWidget:
        both = QWidget(self)
        layout = QHBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.key_file, 1)
        layout.addWidget(self.browse)
        return both

    def _show_status(self) -> None:
        status = self._hosts.status(self._name)
        self.card.show_status(status)
        self.key.show_key(status.key_place, status.replaceable)
        instead = self._hosts.instead(self._name, self._kind)
        self.card.offline_button.setVisible(status.state in _AWAY and instead is not None)

    @Slot(str)
    def _on_changed(self, name: str) -> None:
        if name in (self._name, LOCAL):
            self._show_status()

    @Slot()
    def _on_check(self) -> None:
        self._hosts.check(self._name)

    @Slot()
    def _on_offline(self) -> None:
        instead = self._hosts.instead(self._name, self._kind)
        if instead is not None:
            self.offline_wanted.emit(instead.id)

    @Slot(str)
    def _on_key(self, key: str) -> None:
        self.rows["key"].set_error("")
        self._hosts.set_key(self._name, key)

    @Slot()
    def _on_forgotten(self) -> None:
        self._hosts.set_key(self._name, "")

    @Slot(str, object)
    def _on_key_kept(self, name: str, error: AppError | None) -> None:
        if name == self._name:
            self.rows["key"].set_error(str(error) if error is not None else "")

    @Slot()
    def _on_edited(self) -> None:
        """Take over what was typed, or say beside the field why it cannot be."""
        setting = self._hosts.setting(self._name)
        if setting is None:
            return
        typed = {each: edit.text().strip() or None for each, edit in self._edits().items()}
        typed["queue_url"] = typed["queue_url"] or ""  # type: ignore[assignment]
        now = {each: getattr(setting, each) for each in typed}
        for each in typed:
            self.rows[each].set_error("")
        if typed == now:
            return
        try:
            self._hosts.put(setting.changed(**typed))
        except FieldError as error:
            self.rows[error.field].set_error(str(error))
        except ValueError:
            self.rows["queue_url"].set_error(self.tr("This cannot be kept: it is too long."))

    @Slot()
    def _on_browse(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a key file"))
        if chosen:
            self.key_file.setText(chosen)
            self._on_edited()

    @Slot()
    def _on_remove(self) -> None:
        name = self._name
        self._hosts.remove(name)
        self.removed.emit(name)


class AddForm(_Form):
    """Takes the name, the address and perhaps the key of a host of one's own."""

    added = Signal(str)

    def __init__(self, hosts: Hosts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts = hosts
        self.title = ToneLabel(self.tr("Add a connection"), "title", self)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.title.setFont(font)
        about = self.tr("A Retake engine on another computer (`retake engine`), or any host that speaks its protocol.")
        self.about = note(about.replace("`", ""), "muted", self)
        self.name, self.url, self.key = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.name.setPlaceholderText(self.tr("studio"))
        self.url.setPlaceholderText("https://studio.example.com:8443")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.rows = {
            "name": Row(self.tr("Name"), self.name, self.tr("It cannot be changed later: jobs remember it."), self),
            "queue_url": Row(self.tr("Address"), self.url, self.tr("With https://, unless it is this computer."), self),
            "key": Row(self.tr("Key"), self.key, self.tr("Empty where the host asks for none."), self),
        }
        self.add_button = push(self.tr("Add and check"), self)
        self.add_button.setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(self.title)
        layout.addWidget(self.about)
        for row in self.rows.values():
            layout.addWidget(row)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        self.setFocusProxy(self.name)
        self.add_button.clicked.connect(self.add)
        for edit in (self.name, self.url, self.key):
            edit.returnPressed.connect(self.add)

    def clear(self) -> None:
        """Begin with empty fields."""
        for edit in (self.name, self.url, self.key):
            edit.setText("")
        for row in self.rows.values():
            row.set_error("")

    @Slot()
    def add(self) -> None:
        """Set it up, or say beside the field what is wrong."""
        for row in self.rows.values():
            row.set_error("")
        name, key = self.name.text().strip(), self.key.text().strip()
        if name.lower() in {each.lower() for each in self._hosts.names()}:
            self._refuse("name", self.tr("There is a connection of that name. Choose another."))
            return
        try:
            setting = ConnectionSetting(name=name, queue_url=self.url.text().strip())
        except ValueError:
            self._refuse("name", self.tr("Use up to 40 letters, digits, spaces, dots and dashes."))
            return
        try:
            self._hosts.put(setting)
        except FieldError as error:
            self._refuse("queue_url", str(error))
            return
        self.clear()
        if key:
            self._hosts.set_key(name, key)
        self.added.emit(name)

    def _refuse(self, field: str, why: str) -> None:
        self.rows[field].set_error(why)
        (self.name if field == "name" else self.url).setFocus(Qt.FocusReason.OtherFocusReason)
