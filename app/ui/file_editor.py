"""A file: one of this machine that is typed, picked or dropped, or the address of one that is already hosted."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from weakref import ref

from PySide6.QtCore import QMimeData, QUrl, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.endpoints.fields import UNSET, FileField, Json, Unset
from app.errors import AppError, FieldError
from app.files.attached import Look, look_at
from app.session.background import Background
from app.ui.editor_base import Editor
from app.ui.field_words import dialog_filter, media_words, size_words
from app.ui.labels import ToneLabel, icon_button, restyle, small

_SHOWN = 4000  # so much of a data URI is a text to be edited; more only makes the line slow
_RECENT = 8
_recent: dict[str, list[str]] = {}
_lookers: list[Background] = []


def recent_files(media: str) -> list[str]:
    """The files of that kind that were chosen since the start, latest first."""
    return [each for each in _recent.get(media, []) if Path(each).is_file()]


def _remember(media: str, path: str) -> None:
    known = _recent.setdefault(media, [])
    known[:] = [path, *(each for each in known if each != path)][:_RECENT]


def _looker() -> Background:
    """One thread for all looks at files: a sleeping network drive must not stop the window."""
    if not _lookers:
        _lookers.append(Background(threads=1))
    return _lookers[0]


def local_path(text: str) -> str | None:
    """The absolute path that is meant by a text, None where it is an address or nothing."""
    text = text.strip()
    if not text or text.startswith("data:"):
        return None
    if text.startswith("file:"):
        return QUrl(text).toLocalFile() or None
    if "://" in text:
        return None
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]  # as file managers copy them
    try:
        return str(Path(text).expanduser().absolute())
    except RuntimeError:  # a home that nobody has
        return str(Path(text).absolute())


class FileEditor(Editor):
    """A file of this machine is an attachment, the address of a hosted one is the value.

    A file is looked at on a thread of its own; what is wrong with it is this editor's `error`.
    """

    field: FileField

    def __init__(self, field: FileField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._long: str | None = None  # a data URI that is too long to be shown
        self._look: Look | None = None
        self._trouble = ""
        self._looking = ""  # the path that is looked at
        words, _ = media_words(field.media)
        self.line = QLineEdit(self)
        self.line.setMaxLength(2**30)
        self.line.setPlaceholderText(self.tr("drop a {0} here, or paste a URL").format(words))
        self.line.setClearButtonEnabled(True)
        self.line.setAcceptDrops(False)  # the whole row takes the drop, as a path and not as a file:// URL
        name = self.tr("Choose a file for {0}").format(field.label)
        self.browse = icon_button("open", name, self.tr("Choose a {0}").format(words), self)
        self.browse.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        self.browse.clicked.connect(self._browse)
        self.told = ToneLabel("", "muted", self)
        self.told.setWordWrap(True)
        small(self.told)
        self.told.hide()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.line, 1)
        line.addWidget(self.browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.told)
        self.setAcceptDrops(True)
        self.name_for_readers(self.line)
        self.setFocusProxy(self.line)
        self.set_value(field.default)
        self.line.textChanged.connect(self._typed)

    # -- what it holds -----------------------------------------------------------------------------------------------

    def _address(self) -> str:
        """The hosted file's address, or nothing."""
        text = self._long if self._long is not None else self.line.text().strip()
        return text if text and local_path(text) is None else ""

    def _path(self) -> str:
        return (local_path(self.line.text()) or "") if self._long is None else ""

    def value(self) -> Json | Unset:
        address = self._address()
        if address:
            return address
        return UNSET if self._path() else self.left_out()

    def set_value(self, value: Json | Unset) -> None:
        self._set_text(value if isinstance(value, str) else "")

    def attachments(self) -> dict[str, str]:
        path = self._path()
        return {"": path} if path else {}

    def set_attachments(self, files: Mapping[str, str]) -> None:
        if files.get(""):
            self._set_text(files[""])

    def error(self) -> FieldError | None:
        address = self._address()
        if address:
            if not address.startswith(("https://", "http://", "data:")):
                said = self.tr("This is neither a file nor an https address.")
                return FieldError(self.field.name, said)
            most = self.field.max_length
            if most is not None and len(address) > most:
                said = self.tr("The address is {0} characters too long.").format(len(address) - most)
                return FieldError(self.field.name, said)
            return None
        return FieldError(self.field.name, self._trouble) if self._trouble and self._path() else None

    def lacking(self) -> FieldError | None:
        path = self._path()
        if path and self._looking == path:
            self._looked_at(path, *_try_look(path, self.field.media == "archive"))  # asked before the thread answered
            return self.error()
        if not path and not self._address() and self.field.required and isinstance(self.field.default, Unset):
            words, _ = media_words(self.field.media)
            hint = self.tr("Choose a {0}, or paste an address.").format(words)
            return FieldError(self.field.name, self.tr("{0} needs a file.").format(self.field.label), hint)
        return None

    def focus_target(self) -> QWidget:
        return self.line

    # -- choosing ----------------------------------------------------------------------------------------------------

    def choose(self, text: str) -> None:
        """Take this path or address, as if it had been typed."""
        self._set_text(text)

    def _set_text(self, text: str) -> None:
        if text == (self._long if self._long is not None else self.line.text()):
            self.changed.emit()
            return
        self.line.setText(text)
        self._settle()

    @Slot()
    def _browse(self) -> None:
        recent = recent_files(self.field.media)
        if not recent:
            self._choose()
            return
        menu = QMenu(self.browse)
        menu.addAction(self.tr("Choose a file…"), self._choose)
        menu.addSeparator()
        for path in recent:
            shown = Path(path).name.replace("&", "&&")
            menu.addAction(shown, partial(self.choose, path)).setToolTip(path)
        menu.setToolTipsVisible(True)
        menu.popup(self.browse.mapToGlobal(self.browse.rect().bottomLeft()))

    @Slot()
    def _choose(self) -> None:
        start = self._path() or next(iter(recent_files(self.field.media)), "")
        path, _ = QFileDialog.getOpenFileName(self, self.field.label, start, dialog_filter(self.field.media))
        if path:
            self.choose(path)

    @Slot(str)
    def _typed(self, text: str) -> None:
        if self._long is not None and text != _abbreviated(self._long):
            self._long = None
        if len(text) > _SHOWN and text.lstrip().startswith("data:"):
            self._long = text.strip()
            self.line.setText(_abbreviated(self._long))
            return
        self._settle()
        self.changed.emit()

    def _settle(self) -> None:
        """Look at the file that is meant now."""
        path = self._path()
        if path and path == self._looking:
            return
        self._look, self._trouble, self._looking = None, "", path
        self._tell()
        if path:
            _looker().run(partial(_look, path, self.field.media == "archive"), _Reply(self), _lost)

    def looked(self, path: str, look: Look | None, trouble: str) -> None:
        """What the look at a file found, if it is still the one that is meant."""
        if path == self._looking:
            self._looked_at(path, look, trouble)
            self.changed.emit()

    def _looked_at(self, path: str, look: Look | None, trouble: str) -> None:
        limit = self.field.max_bytes
        if look is not None and limit is not None and look.size > limit:
            name = Path(path).name
            trouble = self.tr("“{0}” is {1}, more than the {2} that are taken.").format(
                name, size_words(look.size), size_words(limit)
            )
        self._look, self._trouble, self._looking = look, trouble, ""
        if look is not None and not trouble:
            _remember(self.field.media, path)
        self._tell()

    def _tell(self) -> None:
        words = ""
        if self._look is not None:
            words = size_words(self._look.size)
            if self._look.files is not None:
                many = self.tr("1 file inside") if self._look.files == 1 else self.tr("{0} files inside")
                words += " · " + many.format(self._look.files)
            words += " · " + self.tr("sent with the request")
        self.told.setText(words)
        self.told.setVisible(bool(words))
        self.line.setToolTip(self._path())

    # -- dropping ----------------------------------------------------------------------------------------------------

    def takes(self, mime: QMimeData) -> bool:
        """Whether a drop of this can be taken."""
        return bool(_dropped(mime))

    def drop(self, mime: QMimeData) -> None:
        """Take the first file or address of a drop."""
        text = _dropped(mime)
        if text:
            self.choose(text)
            self.line.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.takes(event.mimeData()):
            restyle(self.line, "drop", True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        restyle(self.line, "drop", False)

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self.line, "drop", False)
        self.drop(event.mimeData())
        event.acceptProposedAction()


def _dropped(mime: QMimeData) -> str:
    for url in mime.urls():
        if url.isLocalFile():
            return url.toLocalFile()
        if url.scheme() in ("https", "http"):
            return url.toString()
    return ""


def _abbreviated(address: str) -> str:
    head = address.partition(",")[0][:80]
    return f"{head}, … ({size_words(len(address))})"


def _try_look(path: str, archive: bool) -> tuple[Look | None, str]:
    try:
        return look_at(Path(path), archive), ""
    except AppError as error:
        return None, str(error)


class _Reply:
    """Brings an answer to an editor, if it still lives.

    Held weakly: the thread that looks must never be the last to let go of a widget, for then it would delete it.
    """

    def __init__(self, editor: FileEditor) -> None:
        self._editor = ref(editor)

    def __call__(self, answer: tuple[str, Look | None, str]) -> None:
        editor = self._editor()
        if editor is not None and isValid(editor):
            editor.looked(*answer)


def _look(path: str, archive: bool) -> tuple[str, Look | None, str]:
    return (path, *_try_look(path, archive))


def _lost(_error: AppError) -> None:
    """Nothing: a look brings its own troubles home."""
