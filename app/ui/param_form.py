"""The parameter panel: a loop over the fields of an endpoint's document."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.endpoints.binding import defaults, editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import UNSET, Field, Json, NumberField, Unset
from app.endpoints.roles import Role
from app.errors import FieldError
from app.ui import theme
from app.ui.editor_base import below
from app.ui.editors import editor_for
from app.ui.field_row import FieldRow
from app.ui.labels import ToneLabel, small
from app.ui.seed_editor import SeedEditor

FEW = 12  # more fields than these can be searched
_MARGIN = 12
_NOTES = 6


class ParamForm(QScrollArea):
    """Edits what an endpoint can be asked: prompt first, then the rest in the schema's order, advanced ones folded.

    `changed` after every edit; `submitted` on Ctrl+Enter in a text. `values` leaves out what is unset, and the seed
    unless it is kept; files of this machine are no values but `attachments`. Ask `errors` before sending: it tells what
    is typed but cannot be read, and which file is still missing. `built` carries an endpoint whose editors are new.
    """

    changed = Signal()
    submitted = Signal()
    advanced_toggled = Signal(bool)
    built = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Parameters"))
        self._endpoint: Endpoint | None = None
        self._rows: dict[str, FieldRow] = {}
        self._targets: dict[QObject, FieldRow] = {}
        self._prompts: tuple[str, ...] = ()
        self._seed: SeedEditor | None = None
        self._advanced_names: frozenset[str] = frozenset()
        self._advanced_open = False
        self._filling = False
        self._lines: tuple[str, ...] = ()
        self._bound = QFrame()
        self._fold = QToolButton()
        self._folded = QWidget()
        self._stray = ToneLabel("", "error")
        self._none_found = ToneLabel("", "muted")
        self.search = self._make_search()

    def _make_search(self) -> QLineEdit:
        search = QLineEdit(self)
        search.setPlaceholderText(self.tr("Find a parameter"))
        search.setAccessibleName(self.tr("Find a parameter"))
        search.setClearButtonEnabled(True)
        action = search.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        theme.bind_icon(action, "search")
        search.textChanged.connect(self._filter)
        search.hide()
        return search

    # -- the endpoint ------------------------------------------------------------------------------------------------

    def set_endpoint(
        self,
        endpoint: Endpoint,
        values: Mapping[str, Json] | None = None,
        attachments: Mapping[str, str] | None = None,
    ) -> None:
        """Show this endpoint's fields at these values, or at their defaults, and these files of this machine.

        The same endpoint again keeps its editors, the place that was scrolled to and the focus.
        """
        if endpoint != self._endpoint:
            self._build(endpoint)
            self.built.emit(endpoint)
        self._fill(defaults(endpoint) if values is None else values, attachments or {})
        self._count()

    def _build(self, endpoint: Endpoint) -> None:
        parts = editable(endpoint)
        self._endpoint = endpoint
        self._rows = {}
        self._targets = {}
        self._seed = None
        self._prompts = tuple(field.name for field in parts.prompt)
        self._advanced_names = frozenset(field.name for field in parts.advanced)
        seed_name = endpoint.roles.get(Role.SEED)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(_MARGIN, 10, _MARGIN, _MARGIN)
        layout.setSpacing(12)
        self._stray = self._note("", "error", layout)
        self._none_found = self._note("", "muted", layout)
        if not parts.prompt:
            said = self.tr("This endpoint takes no prompt: it works from the clip’s own sound.")
            self._note(said if Role.SOURCE in endpoint.roles else "", "muted", layout)
        self._add_rows(parts.prompt, seed_name, layout)
        layout.addWidget(self._make_bound())
        self._add_rows(parts.main, seed_name, layout)
        self._fold, self._folded = self._make_fold()
        inside = QVBoxLayout(self._folded)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(12)
        self._add_rows(parts.advanced, seed_name, inside)
        layout.addWidget(self._fold)
        layout.addWidget(self._folded)
        self._note("\n".join(endpoint.notes[:_NOTES]), "muted", layout)  # what the document says and nobody can use
        layout.addStretch(1)
        self._fold.setVisible(bool(parts.advanced))
        self._folded.setVisible(self._advanced_open and bool(parts.advanced))
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.search.setVisible(len(self._rows) > FEW)
        self._place_search()
        self.setWidget(body)
        self.set_bound(self._lines)
        self.verticalScrollBar().setValue(0)

    def _fill(self, values: Mapping[str, Json], attachments: Mapping[str, str]) -> None:
        self._filling = True
        for name, row in self._rows.items():
            value = values[name] if name in values else row.editor.resting()
            if row.editor is self._seed and value == row.field.default:
                value = UNSET  # a default seed is nobody's choice, and would make every take the same
            row.set_value(value)
            row.editor.set_attachments(below(name, attachments))
            row.show_error(None)
        self._filling = False

    def _note(self, text: str, tone: str, layout: QVBoxLayout) -> ToneLabel:
        note = ToneLabel(text, tone)
        note.setWordWrap(True)
        layout.addWidget(note)
        note.setVisible(bool(text))  # not before it has a parent: it would be a window of its own for a moment
        return note

    def _make_bound(self) -> QFrame:
        self._bound = QFrame()
        self._bound.setProperty("role", "card")
        lines = QVBoxLayout(self._bound)
        lines.setContentsMargins(10, 7, 10, 7)
        lines.setSpacing(2)
        return self._bound

    def _make_fold(self) -> tuple[QToolButton, QWidget]:
        fold = QToolButton()
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setAutoRaise(True)
        fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        fold.setStyleSheet("padding: 3px 6px 3px 0")  # stands under the labels
        fold.clicked.connect(self._fold_pressed)
        return fold, QWidget()

    def _add_rows(self, fields: Sequence[Field], seed_name: str | None, layout: QVBoxLayout) -> None:
        for field in fields:
            is_seed = field.name == seed_name and isinstance(field, NumberField)
            editor = SeedEditor(field) if is_seed and isinstance(field, NumberField) else editor_for(field)
            if isinstance(editor, SeedEditor):
                self._seed = editor
            editor.submitted.connect(self.submitted)
            row = FieldRow(editor)
            row.changed.connect(self._edited)
            self._rows[field.name] = row
            layout.addWidget(row)
            target = editor.focus_target()
            self._targets[target] = row
            target.installEventFilter(self)

    def set_bound(self, lines: Sequence[str]) -> None:
        """What the waveform fills in, as lines that are only read."""
        self._lines = tuple(lines)
        layout = self._bound.layout()
        if layout is None:
            return
        while layout.count() > len(self._lines):
            item = layout.takeAt(layout.count() - 1)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()  # without a parent it would be a window of its own for a moment, and take the focus
                widget.deleteLater()
        for index, line in enumerate(self._lines):
            item = layout.itemAt(index)
            label = item.widget() if item is not None else None
            if not isinstance(label, ToneLabel):
                label = ToneLabel("", "muted", self._bound)
                label.setWordWrap(True)
                small(label, 0.95)
                layout.addWidget(label)
            label.setText(line)
        self._bound.setVisible(bool(self._lines) and not self.search.text())

    # -- what it holds -----------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Json]:
        """The values that are set, by field name; not the seed unless it is kept, nor files of this machine."""
        found = ((name, row.editor.value()) for name, row in self._rows.items())
        return {name: value for name, value in found if not isinstance(value, Unset)}

    def attachments(self) -> dict[str, str]:
        """The files of this machine that go with the request: the field's dotted path -> the file's absolute path."""
        return {
            f"{name}{rest}": path for name, row in self._rows.items() for rest, path in row.editor.attachments().items()
        }

    def seed(self) -> int | None:
        """The seed that is kept; None: one is to be drawn for each take."""
        return self._seed.seed() if self._seed is not None else None

    def errors(self) -> tuple[FieldError, ...]:
        """What is typed but cannot be read as a value, and files that are missing."""
        found = (row.editor.error() or row.editor.lacking() for row in self._rows.values())
        return tuple(error for error in found if error is not None)

    def row(self, name: str) -> FieldRow:
        """The row of that field; KeyError where the panel shows none."""
        return self._rows[name]

    def rows(self) -> Iterator[FieldRow]:
        """All rows from top to bottom."""
        return iter(self._rows.values())

    def show_errors(self, errors: Sequence[FieldError]) -> None:
        """Put each error beside its editor and go to the first; those of no editor stand on top. () takes all away."""
        by_field = {error.field: error for error in reversed(errors)}
        first: FieldRow | None = None
        for name, row in self._rows.items():
            row.show_error(by_field.get(name))
            if name in by_field and first is None:
                first = row
        stray = [str(error) for error in errors if error.field not in self._rows]
        self._stray.setText("\n".join(stray))
        self._stray.setVisible(bool(stray))
        if first is not None:
            self._open_to(first)
            first.editor.problem_target().setFocus(Qt.FocusReason.OtherFocusReason)
            self._reveal(first)
        elif stray:
            self.ensureVisible(0, 0)

    def _open_to(self, row: FieldRow) -> None:
        """Whatever hides that row gives way."""
        if self.search.text():
            self.search.clear()
        if row.field.name in self._advanced_names:
            self.set_advanced_open(True)

    def focus_prompt(self) -> None:
        """Put the keys into the prompt, or into the first editor where there is no prompt."""
        name = next(iter(self._prompts or self._rows), None)
        if name is not None:
            self._open_to(self._rows[name])
            self._rows[name].editor.focus_target().setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- folding and searching ---------------------------------------------------------------------------------------

    @property
    def advanced_open(self) -> bool:
        """Whether the advanced fields are unfolded."""
        return self._advanced_open

    def set_advanced_open(self, on: bool) -> None:
        """Fold or unfold the advanced fields; holds for the next endpoint too."""
        if on != self._advanced_open:
            self._advanced_open = on
            self._folded.setVisible(on)
            self._count()
            self.advanced_toggled.emit(on)

    @Slot()
    def _fold_pressed(self) -> None:
        self.set_advanced_open(not self._advanced_open)

    @Slot(str)
    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        found = 0
        for row in self._rows.values():
            fits = all(word in row.words() for word in words)
            row.setVisible(fits)
            found += fits
        self._fold.setVisible(not words and bool(self._advanced_names))
        self._folded.setVisible(bool(self._advanced_names) and (bool(words) or self._advanced_open))
        self._bound.setVisible(not words and bool(self._lines))
        self._none_found.setText(self.tr("No parameter is called “{0}”.").format(text.strip()) if not found else "")
        self._none_found.setVisible(not found)

    def _place_search(self) -> None:
        if self.search.isHidden():
            self.setViewportMargins(0, 0, 0, 0)
            return
        height = self.search.sizeHint().height()
        self.setViewportMargins(0, height + 8, 0, 0)
        self.search.setGeometry(_MARGIN, 6, max(self.viewport().width() - 2 * _MARGIN, 40), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The search field stays on top while everything below it scrolls."""
        self._place_search()
        super().resizeEvent(event)

    @Slot()
    def _edited(self) -> None:
        if self._filling:
            return
        if self._stray.text():
            self._stray.setText("")
            self._stray.hide()
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        marked = sum(row.differs for name, row in self._rows.items() if name in self._advanced_names)
        changed = self.tr("Advanced ({0} changed)").format(marked)
        self._fold.setText(changed if marked else self.tr("Advanced"))
        self._fold.setArrowType(Qt.ArrowType.DownArrow if self._advanced_open else Qt.ArrowType.RightArrow)
        state = self.tr("unfolded") if self._advanced_open else self.tr("folded")
        self._fold.setAccessibleName(self.tr("Advanced parameters, {0}").format(state))
        one, many = self.tr("1 differs from its default"), self.tr("{0} differ from their defaults")
        told = (one if marked == 1 else many).format(marked)
        self._fold.setToolTip(told if marked else self.tr("Parameters that are seldom needed"))

    def _reveal(self, row: FieldRow) -> None:
        body = self.widget()
        if body is not None and (layout := body.layout()) is not None:
            layout.activate()
        self.ensureWidgetVisible(row, 0, 12)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll to what Tab reached, with its label and its help."""
        if event.type() == QEvent.Type.FocusIn and watched in self._targets:
            self.ensureWidgetVisible(self._targets[watched], 0, 12)
        return super().eventFilter(watched, event)
