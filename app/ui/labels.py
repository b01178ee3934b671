"""Small parts that several panels share: labels in the stylesheet's tones, one that elides, a small icon button."""

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QSizePolicy, QToolButton, QWidget

from app.ui import theme


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the stylesheet asks for, and let it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class ToneLabel(QLabel):
    """Plain text in one of the stylesheet's tones: muted, title, section, error, warning, success, accent."""

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # words of schemas and servers are never markup
        self.setProperty("role", tone)

    def set_tone(self, tone: str) -> None:
        """Speak in another tone."""
        restyle(self, "role", tone)


class ElidedLabel(ToneLabel):
    """One line of text, cut with an ellipsis where it does not fit; the whole text is its tooltip then."""

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, tone, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _line(self) -> str:
        return " ".join(self.text().split())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().height() * 2, self.fontMetrics().height() + 1)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._line()) + 2, self.fontMetrics().height() + 1)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        line = self.fontMetrics().elidedText(self._line(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
        whole = self.text().strip()
        wanted = whole if line != whole else ""
        if self.toolTip() != wanted:
            self.setToolTip(wanted)


class _Outline(QObject):
    """Keeps its parent's outline in the theme's colour, and goes with it."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        theme.changed.connect(self.renew)
        self.renew()

    @Slot()
    def renew(self) -> None:
        """Fusion draws outlines a fixed shade darker than the window, which is black on a dark one."""
        target = self.parent()
        if isinstance(target, QWidget):
            palette = target.palette()
            palette.setColor(QPalette.ColorRole.Window, QColor(theme.current().control).lighter(140))
            target.setPalette(palette)


def outlined(widget: QWidget) -> None:
    """Give a check, combo or spin box, which the style draws itself, an outline that is seen on dark ground too."""
    _Outline(widget)


def without_icons(buttons: QDialogButtonBox) -> None:
    """Buttons say what they do; the style's own little pictures belong to another look."""
    for button in buttons.buttons():
        button.setIcon(QIcon())


def small(widget: QWidget, factor: float = 0.9) -> None:
    """Set the widget's own font a little smaller than the application's."""
    font = widget.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * factor)
    widget.setFont(font)


def icon_button(icon: str, name: str, tip: str, parent: QWidget | None = None, key: str = "") -> QToolButton:
    """A flat button with an icon, an accessible name, and a tooltip that ends with its key.

    A click does not take the focus: the keys stay with the waveform. Tab reaches it all the same.
    """
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(f"{tip} ({key})" if key else tip)
    side = round(button.fontMetrics().height() * 1.05)
    button.setIconSize(QSize(side, side))
    if icon:
        theme.bind_icon(button, icon)
    return button
