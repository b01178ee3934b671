"""The line at the bottom: what the clip is, how loud, when it was saved, who can be asked, what plays it."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from app.ui.labels import ElidedLabel, ToneLabel


def format_text(rate: int, bits: str, channels: int) -> str:
    """48000, "24", 2 as 48k/24/2ch."""
    kilo = f"{rate / 1000:g}k"
    return f"{kilo}/{bits}/{channels}ch"


class StatusLine(QStatusBar):
    """Texts in a row; those that are empty take no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.format = self._part(self.tr("Format"), self.tr("Sample rate, bits and channels of the clip"))
        self.length = self._part(self.tr("Length"), self.tr("Length of the clip"))
        self.loudness = self._part(self.tr("Loudness"), self.tr("Integrated loudness of the version in use"))
        self.pointed = self._part(self.tr("Pointer"), self.tr("Time, frequency and level under the pointer"))
        self.saved = self._part(self.tr("Saved"), self.tr("When the project was last written"))
        self.connection = ToneLabel("", "muted", self)
        self.device = ElidedLabel("", "muted", self)
        self.connection.setAccessibleName(self.tr("Connection"))
        self.device.setAccessibleName(self.tr("Audio device"))
        self.device.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        right = QWidget(self)
        layout = QHBoxLayout(right)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.addWidget(self.connection)
        layout.addWidget(self.device)
        self.addPermanentWidget(right)

    def _part(self, name: str, tip: str) -> QLabel:
        label = ToneLabel("", "muted", self)
        label.setToolTip(tip)
        label.setAccessibleName(name)
        label.hide()
        self.addWidget(label)
        return label

    def set_format(self, text: str) -> None:
        """Such as 48k/24/2ch."""
        self._show(self.format, text)

    def set_length(self, text: str) -> None:
        """Such as 00:32.114."""
        self._show(self.length, text)

    def set_loudness(self, text: str) -> None:
        """Such as −16.2 LUFS."""
        self._show(self.loudness, text)

    def set_pointed(self, text: str) -> None:
        """Such as 00:13.204 · 440 Hz · −42 dB."""
        self._show(self.pointed, text)

    def set_saved(self, text: str) -> None:
        """Such as saved 14:06."""
        self._show(self.saved, text)

    def set_connection(self, text: str, tone: str = "muted") -> None:
        """Such as "Offline engine ready"; `tone` warning or error where it is not."""
        self._show(self.connection, text)
        self.connection.set_tone(tone)

    def set_device(self, text: str, tone: str = "muted") -> None:
        """The device that plays, or why none does."""
        self._show(self.device, text)
        self.device.set_tone(tone)

    def _show(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
