"""What prompt editors can do beyond typing: recent prompts on Alt+Up and Alt+Down, and a word about wildcards."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.endpoints.catalogue import Endpoint
from app.endpoints.roles import Role
from app.endpoints.wildcards import alternatives, wild_paths
from app.session.prompts import WORDS, Prompts
from app.ui.labels import ToneLabel, small
from app.ui.param_form import ParamForm
from app.ui.text_editors import TextEditor

_MANY = 999
_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


@dataclass(slots=True)
class _Words:
    """One editor of words; `shown` is the text that was put there last, `place` what is said of it."""

    role: Role
    editor: TextEditor
    note: ToneLabel
    wild: bool
    shown: str = ""
    place: str = ""


class PromptKeys(QObject):
    """Watches the editors of words in a panel, whichever endpoint it shows."""

    def __init__(self, form: ParamForm, prompts: Prompts, parent: QObject | None = None) -> None:
        super().__init__(parent if parent is not None else form)
        self._form, self._prompts = form, prompts
        self._words: dict[QObject, _Words] = {}
        form.built.connect(self._on_built)

    @Slot(object)
    def _on_built(self, endpoint: Endpoint) -> None:
        self._words = {}
        wild = wild_paths(endpoint)
        for role in WORDS:
            path = endpoint.roles.get(role, "")
            row = next((each for each in self._form.rows() if each.field.name == path), None)
            if row is None or not isinstance(row.editor, TextEditor):
                continue
            note = ToneLabel("", "muted", row.editor)
            small(note)
            note.hide()
            layout = row.editor.layout()
            if layout is not None:
                layout.addWidget(note)
            target = row.editor.focus_target()
            words = self._words[target] = _Words(role, row.editor, note, path in wild)
            target.installEventFilter(self)
            row.editor.changed.connect(partial(self._renew, words))
            self._renew(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        words = self._words.get(watched)
        if words is None or not isinstance(event, QKeyEvent) or event.key() not in _STEPS:
            return False
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.AltModifier:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            self._go(words, _STEPS[Qt.Key(event.key())])
            return True
        return False

    def _go(self, words: _Words, by: int) -> None:
        typed = words.editor.text()
        step = (self._prompts.older if by > 0 else self._prompts.newer)(words.role, typed)
        if step is None:
            if by > 0 and not words.place:
                words.shown, words.place = typed, self.tr("no older prompt")
        else:
            words.place = self.tr("{0} of {1}").format(step.place, step.count) if step.place else ""
            words.shown = step.text
            _put(words.editor.focus_target(), step.text)
            words.shown = words.editor.text()
        self._renew(words)

    def _renew(self, words: _Words) -> None:
        text = words.editor.text()
        if text.split() != words.shown.split():
            words.place = ""
        several = alternatives(text) if words.wild else 1
        said = [words.place] if words.place else []
        if several > 1:
            count = f"{several}" if several <= _MANY else self.tr("more than {0}").format(_MANY)
            said.append(self.tr("{{…}}: {0} variants, one per take").format(count))
        words.note.setText(" · ".join(said))
        words.note.setVisible(bool(said))


def _put(target: QWidget, text: str) -> None:
    """Another text as one edit, which Ctrl+Z takes back."""
    if isinstance(target, QPlainTextEdit):
        cursor = target.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        target.setTextCursor(cursor)
    elif isinstance(target, QLineEdit):
        target.selectAll()
        target.insert(" ".join(text.split()))
