"""The line under the endpoint: presets of its panel, and the request for the clipboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.endpoints.spelled import Call
from app.errors import AppError, FieldError
from app.files.presets import NAME
from app.session.asking import FieldsRefused
from app.session.copied import call_for
from app.session.prompts import Prompts
from app.session.session import Session
from app.ui.copy_menu import add_spellings, base_name
from app.ui.labels import ToneLabel, icon_button, small

_SHOWN = 24  # letters of a name that fit beside the other button


class _NameEdit(QLineEdit):
    """A line for a name; `left` on Esc, and when the keys go elsewhere."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.left.emit()


class NameRow(QWidget):
    """Asks for a preset's name in place: Enter takes it, Esc or going elsewhere leaves everything as it was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taken: frozenset[str] = frozenset()
        self._named: Callable[[str], object] | None = None
        self.edit = _NameEdit(self)
        self.edit.setMaxLength(NAME)
        self.note = ToneLabel("", "muted", self)
        self.note.setWordWrap(True)
        small(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.edit)
        layout.addWidget(self.note)
        self.edit.returnPressed.connect(self._take)
        self.edit.left.connect(self.leave)
        self.edit.textChanged.connect(self._judge)
        self.hide()

    def ask(self, what: str, name: str, taken: frozenset[str], named: Callable[[str], object]) -> None:
        """Show the line with a name to begin with; `named` gets what is entered. `taken` are names in use."""
        self._taken, self._named = taken, named
        self.edit.setPlaceholderText(what)
        self.edit.setAccessibleName(what)
        self.edit.setText(name)
        self._judge()
        self.show()
        self.edit.selectAll()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _judge(self) -> None:
        name = self.edit.text().strip()
        taken = name in self._taken
        says = self.tr("Enter replaces “{0}”.").format(name) if taken else self.tr("Enter saves, Esc leaves.")
        self.note.setText(says)
        self.note.set_tone("warning" if taken else "muted")

    @Slot()
    def _take(self) -> None:
        named, self._named = self._named, None
        name = self.edit.text()
        self.hide()
        if named is not None and name.strip():
            named(name)

    @Slot()
    def leave(self) -> None:
        """Put the line away."""
        self._named = None
        self.hide()


class PresetBar(QWidget):
    """A button with the presets' menu, whose text is the current preset, and one that copies the request."""

    def __init__(self, session: Session, prompts: Prompts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._prompts = session, prompts
        self.menu = QMenu(self)
        self.button = QToolButton(self)
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self.menu)
        self.button.setStyleSheet("padding: 3px 6px 3px 0")  # stands under the endpoint
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        tip = self.tr("Copy this request as curl, Python or JSON")
        self.more = icon_button("more", self.tr("Copy request"), tip, self)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.copies = QMenu(self)
        self.more.setMenu(self.copies)
        add_spellings(self.copies, self._call, session)
        self.naming = NameRow(self)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.button)
        line.addStretch(1)
        line.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 2)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.naming)
        self.menu.aboutToShow.connect(self._fill)
        prompts.changed.connect(self.renew)
        session.asking.endpoint_changed.connect(self._on_endpoint)
        self.renew()

    @Slot()
    def renew(self) -> None:
        """Say which preset the panel holds, and whether it was changed since."""
        name, edited = self._prompts.current, self._prompts.edited
        shown = name if len(name) <= _SHOWN else f"{name[: _SHOWN - 1]}…"
        text = self.tr("Preset: {0}").format(shown) if name else self.tr("Preset")
        self.button.setText(f"{text.replace('&', '&&')}{' •' if edited else ''} ▾")
        said = self.tr("Preset {0}").format(name) if name else self.tr("Presets")
        self.button.setAccessibleName(self.tr("{0}, edited").format(said) if edited else said)
        changed = self.tr("The panel differs from the preset “{0}”").format(name)
        self.button.setToolTip(changed if edited else self.tr("Keep this panel's values under a name, and recall them"))
        self.button.setEnabled(self._session.asking.endpoint is not None)
        self.more.setEnabled(self._session.asking.endpoint is not None)

    @Slot(object)
    def _on_endpoint(self, _: object) -> None:
        self.naming.leave()  # what was to be named is another endpoint's panel
        self.renew()

    @Slot()
    def _fill(self) -> None:
        """The menu as it is now: made anew each time, as presets come and go."""
        prompts, menu = self._prompts, self.menu
        menu.clear()
        names, current = prompts.names(), prompts.current
        for name in names:
            action = menu.addAction(_plain(name), lambda name=name: prompts.recall(name))
            action.setCheckable(True)
            action.setChecked(name == current)
        if not names:
            menu.addAction(self.tr("No presets yet")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(self.tr("Save as…"), self.save_as)
        if current:
            update = menu.addAction(
                self.tr("Update “{0}”").format(_plain(current)), lambda: self._tried(prompts.save_preset, current)
            )
            update.setEnabled(prompts.edited)
        if names:
            renaming, deleting = menu.addMenu(self.tr("Rename")), menu.addMenu(self.tr("Delete"))
            for name in names:
                renaming.addAction(_plain(name), lambda name=name: self.rename(name))
                deleting.addAction(_plain(name), lambda name=name: prompts.delete(name))
        if prompts.deleted is not None and prompts.deleted.endpoint == self._endpoint():
            menu.addAction(self.tr("Bring “{0}” back").format(_plain(prompts.deleted.name)), prompts.undelete)
        menu.addSeparator()
        menu.addAction(self.tr("Reset to defaults"), prompts.reset).setToolTip(
            self.tr("Everything but the words and a kept seed")
        )
        menu.setToolTipsVisible(True)

    @Slot()
    def save_as(self) -> None:
        """Ask for a name, and keep the panel under it."""
        prompts = self._prompts
        taken = frozenset(prompts.names())
        self.naming.ask(self.tr("Name of the preset"), "", taken, lambda name: self._tried(prompts.save_preset, name))

    def rename(self, name: str) -> None:
        """Ask for another name."""
        prompts = self._prompts
        taken = frozenset(prompts.names()) - {name}
        what = self.tr("New name of “{0}”").format(name)
        self.naming.ask(what, name, taken, lambda new: self._tried(lambda: prompts.rename(name, new)))

    def _endpoint(self) -> str:
        endpoint = self._session.asking.endpoint
        return endpoint.id if endpoint is not None else ""

    def _tried(self, do: Callable[..., object], *words: str) -> None:
        try:
            do(*words)
        except AppError as error:
            self._session.messages.fail(error)

    def _call(self) -> Call | None:
        """What pressing the button would send first; says why where nothing could be sent."""
        session = self._session
        try:
            if session.project is None:
                raise AppError("Nothing is open.", "Open a sound first: the request tells where in it the mask lies.")
            asked = session.asking.requests(
                session.mask, session.sound, session.hearing.frame_in_use(), session.timeline.head
            )
        except FieldsRefused as error:
            session.fields_refused.emit(error.errors)
        except FieldError as error:
            session.fields_refused.emit((error,))
        except AppError as error:
            session.messages.fail(error)
        else:
            return call_for(asked[0], base_name(asked[0], session), session.connections)
        return None


def _plain(name: str) -> str:
    """A name as the text of an action: & would mark a letter, and a tab begin a shortcut."""
    return name.replace("&", "&&").replace("\t", " ")
