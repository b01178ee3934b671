"""Correcting roles: which field is the source, the mask's start, the seed …, as read and as the user knows better."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.endpoints.catalogue import Endpoint
from app.endpoints.roles import TABLE, Role, walk
from app.errors import AppError
from app.session.library_words import KINDS, limits_words
from app.ui.focus import QuietWheel
from app.ui.labels import ToneLabel, outlined, without_icons

WORDS: Final = {
    Role.SOURCE: "Source sound",
    Role.MASK_START: "Mask's start",
    Role.MASK_END: "Mask's end",
    Role.MASK_START_FROM: "Start counts from",
    Role.MASK_END_FROM: "End counts from",
    Role.DURATION: "Length of the result",
    Role.EXTEND_BEFORE: "Seconds added before",
    Role.EXTEND_AFTER: "Seconds added after",
    Role.PROMPT: "Prompt",
    Role.TAGS: "Tags",
    Role.LYRICS: "Lyrics",
    Role.NEGATIVE_PROMPT: "Negative prompt",
    Role.SEED: "Seed",
    Role.STRENGTH: "Strength",
    Role.OUTPUT_FORMAT: "Format of the result",
    Role.BITRATE: "Bit rate",
    Role.REFERENCE: "Reference sound",
    Role.LORAS: "LoRA weights",
    Role.ARCHIVE: "Training archive",
    Role.SYNC: "Result in the answer",
    Role.COUNT: "Number of results",
}


class CorrectRoles(QDialog):
    """A row for each role that a field of the endpoint could have. `roles` is what stands there."""

    def __init__(self, plain: Endpoint, shown: Endpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Roles of {0}").format(plain.title))
        self._plain = plain
        self._wheel = QuietWheel(self)
        self.combos: dict[Role, QComboBox] = {}
        why = ToneLabel(self.tr("A field with a role is filled by Retake, or shown where it belongs."), "muted", self)
        why.setWordWrap(True)
        inner = QWidget(self)
        form = QFormLayout(inner)
        form.setContentsMargins(0, 0, 8, 0)
        for role, paths in _candidates(plain).items():
            combo = QComboBox(inner)
            outlined(combo)
            self._wheel.guard(combo)
            combo.setAccessibleName(WORDS.get(role, role.value))
            combo.addItem(self.tr("– none –"), "")
            for path in paths:
                combo.addItem(path, path)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(24)
            combo.currentIndexChanged.connect(lambda _, role=role: self._on_chosen(role))
            self.combos[role] = combo
            form.addRow(WORDS.get(role, role.value), combo)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        self.state = ToneLabel("", "muted", self)
        self.state.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        without_icons(self.buttons)
        self.reset = self.buttons.addButton(self.tr("As it was &read"), QDialogButtonBox.ButtonRole.ResetRole)
        self.reset.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(why)
        layout.addWidget(area, 1)
        layout.addWidget(self.state)
        layout.addWidget(self.buttons)
        self.resize(520, min(560, 190 + 34 * len(self.combos)))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.reset.clicked.connect(self._put_back)
        self._put(shown.roles)

    def roles(self) -> dict[Role, str | None]:
        """Every role on show, with its field's path or None."""
        return {role: combo.currentData() or None for role, combo in self.combos.items()}

    def corrections(self) -> dict[Role, str | None]:
        """What differs from how the document was read."""
        return {role: path for role, path in self.roles().items() if path != self._plain.roles.get(role)}

    def _put(self, roles: Mapping[Role, str]) -> None:
        for role, combo in self.combos.items():
            with QSignalBlocker(combo):
                combo.setCurrentIndex(max(combo.findData(roles.get(role, "")), 0))
        self._judge()

    @Slot()
    def _put_back(self) -> None:
        self._put(self._plain.roles)

    def _on_chosen(self, role: Role) -> None:
        """A field has one role: whoever had it gives it up."""
        path = self.combos[role].currentData()
        for other, combo in self.combos.items():
            if path and other is not role and combo.currentData() == path:
                with QSignalBlocker(combo):
                    combo.setCurrentIndex(0)
        self._judge()

    def _judge(self) -> None:
        """Say what the endpoint does with these roles, or why they cannot be."""
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            found = self._plain.with_roles(self.corrections())
        except AppError as error:
            self.state.setText(str(error))
            self.state.set_tone("error")
            ok.setEnabled(False)
            return
        words = [self.tr("Kind of work: {0}").format(KINDS[found.kind]), limits_words(found)]
        self.state.setText(" · ".join(word for word in words if word))
        self.state.set_tone("muted")
        ok.setEnabled(True)


def _candidates(endpoint: Endpoint) -> dict[Role, list[str]]:
    """Which fields could have a role, by what kind of field they are; roles that none could have are left out."""
    found: dict[Role, list[str]] = {}
    every = list(walk(endpoint.fields))
    for role in Role:
        kinds = tuple({kind for rule in TABLE if rule.role is role for kind in rule.kinds})
        paths = [path for path, field in every if isinstance(field, kinds)]
        if paths:
            found[role] = paths
    return found
