"""Adding an endpoint: what is pasted is looked up at once, and its panel is seen before it is kept."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import ChoiceField
from app.endpoints.roles import walk
from app.endpoints.words import unreadable
from app.session.connections import label
from app.session.library import Library, Preview
from app.session.library_words import KINDS, limits_words
from app.ui.field_words import facts
from app.ui.labels import ToneLabel, outlined, restyle, small, without_icons

_PAUSE = 500  # milliseconds without a key after which what was typed is looked up


class AddEndpoint(QDialog):
    """Paste, see, keep. What is kept goes into the library, which asks it from then on."""

    def __init__(self, library: Library, connections: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Add an endpoint"))
        self._library = library
        self._preview: Preview | None = None
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(self.tr("owner/name, the address of its page, or an OpenAPI document"))
        self.text.setAccessibleName(self.tr("Endpoint"))
        self.text.setClearButtonEnabled(True)
        self.file = QPushButton(self.tr("&File…"), self)
        self.file.setAutoDefault(False)
        self.connection = QComboBox(self)
        outlined(self.connection)
        for each in connections:
            self.connection.addItem(label(each), each)
        what = QHBoxLayout()
        what.addWidget(self.text, 1)
        what.addWidget(self.file)
        form = QFormLayout()
        name = QLabel(self.tr("&Endpoint"), self)
        name.setBuddy(self.text)
        form.addRow(name, what)
        form.addRow(self.tr("&Ask it at"), self.connection)
        self.state = ToneLabel("", "muted", self)
        self.state.setWordWrap(True)
        self.card = EndpointCard(self)
        self.card.hide()
        self.buttons = QDialogButtonBox(self)
        self.keep = self.buttons.addButton(self.tr("&Keep"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setAutoDefault(False)
        without_icons(self.buttons)
        self.keep.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(self.state)
        layout.addWidget(self.card, 1)
        layout.addStretch(0)
        layout.addWidget(self.buttons)
        self.resize(640, 520)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.look)
        self.text.textEdited.connect(self._edited)
        self.text.textChanged.connect(self._changed)
        self.text.returnPressed.connect(self._enter)
        self.connection.activated.connect(self.look)
        self.file.clicked.connect(self._choose_file)
        self.buttons.accepted.connect(self._keep)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(library.stop_preview)
        library.previewed.connect(self._on_previewed)
        self._changed()
        self.text.setFocus()

    def look_at(self, text: str) -> None:
        """Put a text there and look it up."""
        self.text.setText(text)
        self.look()

    @Slot()
    def _changed(self) -> None:
        """What was seen is not what stands there now."""
        self._library.stop_preview()
        self._preview = None
        self.keep.setEnabled(False)
        self.card.hide()
        self._say(self.tr("Nothing is kept before you have seen what it takes."), "muted")

    @Slot()
    def _edited(self) -> None:
        self._pause.start()

    @Slot()
    def look(self) -> None:
        """Look up what stands there."""
        self._pause.stop()
        text = self.text.text().strip()
        if text:
            self._changed()
            self._say(self.tr("Looking it up …"), "muted")
            self._library.preview(text, self.connection.currentData())

    @Slot()
    def _enter(self) -> None:
        if self._preview is None:
            self.look()

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("An endpoint's OpenAPI document"),
            str(Path(self.text.text()).parent) if self.text.text().startswith("/") else "",
            self.tr("OpenAPI documents (*.json);;All files (*)"),
        )
        if path:
            self.look_at(path)

    @Slot(object)
    def _on_previewed(self, preview: Preview) -> None:
        if not self.isVisible():
            return
        self._preview = preview
        if preview.found is None:
            self._say(str(preview.error), "error")
            return
        endpoint = preview.found.endpoint
        known = self._library.plain(endpoint.connection, endpoint.id)
        self._say(
            self.tr("You have this endpoint already. Keeping this document takes the other one's place.")
            if known is not None
            else self.tr("This is how Retake reads it. Roles can be corrected once it is kept."),
            "warning" if known is not None else "muted",
        )
        self.card.show_endpoint(endpoint)
        self.card.show()
        self.keep.setEnabled(True)
        self.keep.setDefault(True)

    @Slot()
    def _keep(self) -> None:
        if self._preview is not None and self._preview.found is not None:
            self._library.keep(self._preview.found)
            self.accept()

    def _say(self, text: str, tone: str) -> None:
        self.state.setText(text)
        self.state.set_tone(tone)
        self.state.setAccessibleName(text)


class EndpointCard(QFrame):
    """An endpoint as it was read: what it does, how long a clip it takes, its fields, and what could not be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        restyle(self, "role", "card")
        self.title = ToneLabel("", "title", self)
        self.title.setWordWrap(True)
        self.summary = ToneLabel("", "muted", self)
        self.summary.setWordWrap(True)
        self.about = ToneLabel("", "", self)
        self.about.setWordWrap(True)
        small(self.about)
        self.fields = QTreeWidget(self)
        self.fields.setRootIsDecorated(False)
        self.fields.setUniformRowHeights(True)
        self.fields.setHeaderLabels([self.tr("Field"), self.tr("Takes"), self.tr("Role")])
        self.fields.setAccessibleName(self.tr("Fields"))
        self.fields.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.fields.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.fields.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.fields.header().setStretchLastSection(False)
        self.notes = ToneLabel("", "warning", self)
        self.notes.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.summary)
        layout.addWidget(self.about)
        layout.addWidget(self.fields, 1)
        layout.addWidget(self.notes)

    def show_endpoint(self, endpoint: Endpoint) -> None:
        """Show this one."""
        every = list(walk(endpoint.fields))
        self.title.setText(endpoint.title)
        count = self.tr("1 field") if len(every) == 1 else self.tr("{0} fields").format(len(every))
        parts = [endpoint.id, KINDS[endpoint.kind], limits_words(endpoint), count]
        self.summary.setText(" · ".join(part for part in parts if part))
        self.about.setText(endpoint.description)
        self.about.setVisible(bool(endpoint.description))
        roles = {path: role.value.replace("_", " ") for role, path in endpoint.roles.items()}
        self.fields.clear()
        for path, field in every:
            kind = type(field).__name__.removesuffix("Field").lower()
            several = [str(each) for each in field.choices] if isinstance(field, ChoiceField) else []
            takes = ", ".join(part for part in (kind, " | ".join(several), facts(field)) if part)
            item = QTreeWidgetItem([path + (" *" if field.required else ""), takes, roles.get(path, "")])
            item.setToolTip(0, field.description or path)
            item.setToolTip(1, takes)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.fields.addTopLevelItem(item)
        self.notes.setText("\n".join(unreadable(endpoint)))
        self.notes.setVisible(bool(self.notes.text()))
