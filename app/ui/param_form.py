"""The parameter panel: a loop over the fields of an endpoint's document."""

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.endpoints.binding import defaults, editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import Field, Json, NumberField, Unset
from app.endpoints.roles import Role
from app.errors import FieldError
from app.ui.editors import editor_for
from app.ui.field_row import FieldRow
from app.ui.labels import ToneLabel, small
from app.ui.seed_editor import SeedEditor


class ParamForm(QScrollArea):
    """Edits what an endpoint can be asked: prompt first, then the rest in the schema's order, advanced ones folded.

    `changed` after every edit; `submitted` on Ctrl+Enter in a text. `values` leaves out what is unset, and the seed
    unless it is kept; ask `errors` before sending: it tells what is typed but cannot be read.
    """

    changed = Signal()
    submitted = Signal()
    advanced_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Parameters"))
        self._rows: dict[str, FieldRow] = {}
        self._prompts: tuple[str, ...] = ()
        self._seed: SeedEditor | None = None
        self._advanced_names: frozenset[str] = frozenset()
        self._advanced_open = False
        self._lines: tuple[str, ...] = ()
        self._bound = QFrame()
        self._fold = QToolButton()
        self._folded = QWidget()
        self._stray = ToneLabel("", "error")

    def set_endpoint(self, endpoint: Endpoint, values: Mapping[str, Json] | None = None) -> None:
        """Show this endpoint's fields, at these values or at their defaults."""
        parts = editable(endpoint)
        start = defaults(endpoint) if values is None else values
        self._rows = {}
        self._seed = None
        self._prompts = tuple(field.name for field in parts.prompt)
        self._advanced_names = frozenset(field.name for field in parts.advanced)
        seed_name = endpoint.roles.get(Role.SEED)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(12)
        self._stray = ToneLabel("", "error")
        self._stray.setWordWrap(True)
        self._stray.hide()
        layout.addWidget(self._stray)
        if not parts.prompt:
            layout.addWidget(self._no_prompt_note())
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
        layout.addStretch(1)
        self._fold.setVisible(bool(parts.advanced))
        self._folded.setVisible(self._advanced_open and bool(parts.advanced))
        for name, value in start.items():
            row = self._rows.get(name)
            if row is not None and not (row.editor is self._seed and value == row.field.default):
                row.set_value(value)  # a default seed is nobody's choice, and would make every take the same
        for row in self._rows.values():
            row.changed.connect(self._edited)
        self.setWidget(body)
        self._count()
        self.set_bound(self._lines)

    def _no_prompt_note(self) -> ToneLabel:
        note = ToneLabel(self.tr("This endpoint takes no prompt: it works from the clip’s own sound."), "muted")
        note.setWordWrap(True)
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
            self._rows[field.name] = row
            layout.addWidget(row)
            editor.focus_target().installEventFilter(self)

    def set_bound(self, lines: Sequence[str]) -> None:
        """What the waveform fills in, as lines that are only read."""
        self._lines = tuple(lines)
        layout = self._bound.layout()
        if layout is None:
            return
        while layout.count() > len(self._lines):
            item = layout.takeAt(layout.count() - 1)
            if item is not None and (widget := item.widget()) is not None:
                widget.deleteLater()
        for index, line in enumerate(self._lines):
            item = layout.itemAt(index)
            label = item.widget() if item is not None else None
            if not isinstance(label, ToneLabel):
                label = ToneLabel("", "muted")
                label.setWordWrap(True)
                small(label, 0.95)
                layout.addWidget(label)
            label.setText(line)
        self._bound.setVisible(bool(self._lines))

    def values(self) -> dict[str, Json]:
        """The values that are set, by field name; not the seed unless it is kept."""
        found = ((name, row.editor.value()) for name, row in self._rows.items())
        return {name: value for name, value in found if not isinstance(value, Unset)}

    def seed(self) -> int | None:
        """The seed that is kept; None: one is to be drawn for each take."""
        return self._seed.seed() if self._seed is not None else None

    def errors(self) -> tuple[FieldError, ...]:
        """What is typed but cannot be read as a value."""
        found = (row.editor.error() for row in self._rows.values())
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
            if first.field.name in self._advanced_names:
                self.set_advanced_open(True)
            first.editor.focus_target().setFocus(Qt.FocusReason.OtherFocusReason)
            self._reveal(first)
        elif stray:
            self.ensureVisible(0, 0)

    def focus_prompt(self) -> None:
        """Put the keys into the prompt, or into the first editor where there is no prompt."""
        name = next(iter(self._prompts or self._rows), None)
        if name is not None:
            self._rows[name].editor.focus_target().setFocus(Qt.FocusReason.ShortcutFocusReason)

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

    @Slot()
    def _edited(self) -> None:
        if self._stray.text():
            self._stray.setText("")
            self._stray.hide()
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        marked = sum(row.differs for name, row in self._rows.items() if name in self._advanced_names)
        self._fold.setText(self.tr("Advanced ({0}•)").format(marked) if marked else self.tr("Advanced"))
        self._fold.setArrowType(Qt.ArrowType.DownArrow if self._advanced_open else Qt.ArrowType.RightArrow)
        state = self.tr("unfolded") if self._advanced_open else self.tr("folded")
        self._fold.setAccessibleName(self.tr("Advanced parameters, {0}").format(state))
        self._fold.setToolTip(
            self.tr("%n advanced parameter(s) differ from the default", "", marked)
            if marked
            else self.tr("Parameters that are seldom needed")
        )

    def _reveal(self, row: FieldRow) -> None:
        body = self.widget()
        if body is not None and (layout := body.layout()) is not None:
            layout.activate()
        self.ensureWidgetVisible(row, 0, 12)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll to what Tab reached, with its label and its help."""
        if event.type() == QEvent.Type.FocusIn:
            for row in self._rows.values():
                if row.editor.focus_target() is watched:
                    self.ensureWidgetVisible(row, 0, 12)
                    break
        return super().eventFilter(watched, event)
