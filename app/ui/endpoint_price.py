"""Setting a price: what the user read at the host, dated today."""

from PySide6.QtCore import QRegularExpression, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.endpoints.catalogue import Endpoint
from app.session.library_words import price_text
from app.ui.labels import ToneLabel, outlined, without_icons

UNITS = ("request", "second", "minute")
_AMOUNT = QRegularExpression(r"\d{0,5}([.,]\d{0,6})?")  # a decimal comma is one too


class SetPrice(QDialog):
    """An amount in US dollars and what it is for; empty leaves the price to the document."""

    def __init__(self, shown: Endpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Price of {0}").format(shown.title))
        now = ToneLabel(
            self.tr("Now: {0}").format(price_text(shown.price)) if shown.price else self.tr("No price is known."),
            "muted",
            self,
        )
        self.amount = QLineEdit(self)
        self.amount.setAccessibleName(self.tr("US dollars"))
        self.amount.setPlaceholderText("0.03")
        self.amount.setValidator(QRegularExpressionValidator(_AMOUNT, self.amount))
        self.per = QComboBox(self)
        self.per.setAccessibleName(self.tr("Per"))
        outlined(self.per)
        self.per.addItems(list(UNITS))
        if shown.price is not None:
            self.amount.setText(f"{shown.price.amount:.6f}".rstrip("0").rstrip("."))
            unit = shown.price.per
            if self.per.findText(unit) < 0:
                self.per.addItem(unit)
            self.per.setCurrentText(unit)
        row = QHBoxLayout()
        row.addWidget(ToneLabel("$", "", self))
        row.addWidget(self.amount, 1)
        row.addWidget(ToneLabel(self.tr("per"), "", self))
        row.addWidget(self.per)
        note = ToneLabel(
            self.tr("It is dated today. Left empty, the document's own price counts again."), "muted", self
        )
        note.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        without_icons(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(now)
        layout.addLayout(row)
        layout.addWidget(note)
        layout.addWidget(self.buttons)
        self.amount.textChanged.connect(self._judge)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.amount.selectAll()

    def value(self) -> float | None:
        """Dollars; None where the field is empty."""
        text = self.amount.text().replace(",", ".")
        return float(text) if text else None

    def unit(self) -> str:
        """What they are for."""
        return self.per.currentText()

    @Slot()
    def _judge(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(self.amount.text() not in (".", ","))
