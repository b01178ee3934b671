"""The transport: where the playhead is, what is heard, and why nothing can be."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.ui import theme
from app.ui.labels import ElidedLabel, ToneLabel, icon_button, outlined, restyle
from app.ui.times import format_time


class TimeDisplay(QLabel):
    """The playhead's time in digits that stand still while they count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(theme.number_font(self.font().pointSizeF() * 1.25, bold=True))
        self.setAccessibleName(self.tr("Playhead"))
        self.setToolTip(self.tr("Where the playhead is"))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.set_time(0, 1)

    def set_time(self, frame: int, rate: int) -> None:
        """Show the time of a frame."""
        text = format_time(frame / rate)
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        widest = "00:00.000" if len(self.text()) <= 9 else "0:00:00.000"
        return QSize(self.fontMetrics().horizontalAdvance(widest) + 16, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Transport(QWidget):
    """Start, play, loop, time, A/B. The setters show what is; the signals say what is wanted."""

    to_start = Signal()
    play_toggled = Signal()
    loop_toggled = Signal(bool)
    flip = Signal()
    match_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._reason: str | None = None
        self.start = icon_button("to-start", self.tr("To start"), self.tr("Back to the start"), self, "Home")
        self.play = icon_button("play", self.tr("Play"), "", self)
        self.loop = icon_button("loop", self.tr("Loop"), self.tr("Loop the region with a second around it"), self, "L")
        self.loop.setCheckable(True)
        self.time = TimeDisplay(self)
        self.speed = ToneLabel(self.tr("half speed"), "warning", self)
        self.speed.setToolTip(self.tr("It plays half as fast, an octave lower (/)"))
        self.speed.hide()
        self.deck_a, self.deck_b = self._deck("A"), self._deck("B")
        self.match = QCheckBox(self.tr("Match loudness"), self)
        outlined(self.match)
        self.match.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.match.setToolTip(self.tr("Play A and B equally loud; files are never changed by it"))
        self.reason = ElidedLabel("", "warning", self)
        self.reason.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(2)
        for widget in (self.start, self.play, self.loop):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self.time)
        layout.addWidget(self.speed)
        layout.addWidget(self._line())
        layout.addWidget(self.deck_a)
        layout.addWidget(self.deck_b)
        layout.addSpacing(6)
        layout.addWidget(self.match)
        layout.addSpacing(8)
        layout.addWidget(self.reason, 1)
        layout.addStretch(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.start.clicked.connect(self.to_start)
        self.play.clicked.connect(self.play_toggled)
        self.loop.clicked.connect(self.loop_toggled)
        self.match.clicked.connect(self.match_toggled)
        theme.changed.connect(self._show_play)
        self.set_deck("A")
        self.set_reason(None)

    def _deck(self, deck: str) -> QToolButton:
        button = icon_button("", self.tr("Deck {0}").format(deck), "", self)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setCheckable(True)
        button.setProperty("deck", deck)
        button.clicked.connect(self._deck_pressed)
        return button

    def _line(self) -> QFrame:
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.VLine)
        line.setForegroundRole(self.palette().ColorRole.Mid)
        return line

    @Slot(bool)
    def set_playing(self, playing: bool) -> None:
        """Whether sound is playing."""
        self._playing = playing
        self._show_play()

    @Slot(int, int)
    def set_time(self, frame: int, rate: int) -> None:
        """Where the playhead is; cheap enough for every screen refresh."""
        self.time.set_time(frame, rate)

    @Slot(bool)
    def set_loop(self, on: bool) -> None:
        """Whether the loop is on."""
        self.loop.setChecked(on)

    @Slot(float)
    def set_speed(self, speed: float) -> None:
        """How fast it plays; 1 is as it is."""
        self.speed.setVisible(speed != 1.0)

    @Slot(bool)
    def set_match(self, on: bool) -> None:
        """Whether loudness is matched."""
        self.match.setChecked(on)

    def set_deck(self, deck: str, labels: tuple[str, str] = ("", "")) -> None:
        """Which deck is heard, and what lies on each: ("used: take 2", "take 4"); empty where nothing does."""
        self._heard = deck
        both = bool(labels[0] and labels[1])
        for button, name, label in ((self.deck_a, "A", labels[0]), (self.deck_b, "B", labels[1])):
            button.setText(f"{name} · {label}" if label else name)
            button.setChecked(name == deck)
            button.setEnabled(both)
            restyle(button, "heard", name == deck)
            heard = self.tr("heard now") if name == deck else self.tr("press to hear it")
            button.setAccessibleName(f"{name} {label}".strip() + f", {heard}")
            button.setToolTip(
                self.tr("Flip between A and B at the same place (B)")
                if both
                else self.tr("Pick a take to compare it with the used version (B)")
            )
        self.match.setEnabled(both)

    def set_reason(self, reason: str | None) -> None:
        """Why nothing can be heard; None where it can. Play stays: it stops what runs silently, and tries again."""
        self._reason = reason
        self.reason.setText(reason or "")
        self.reason.setVisible(bool(reason))
        self._show_play()

    @Slot()
    def _show_play(self) -> None:
        self.play.setIcon(theme.icon("stop" if self._playing else "play"))
        name = self.tr("Stop") if self._playing else self.tr("Play")
        self.play.setAccessibleName(name)
        self.play.setToolTip(f"{name} (Space)" + (f"\n{self._reason}" if self._reason else ""))

    @Slot()
    def _deck_pressed(self) -> None:
        button = self.sender()
        pressed = button.property("deck") if button is not None else self._heard
        for each in (self.deck_a, self.deck_b):  # the buttons show what is heard, not what was pressed
            each.setChecked(each.property("deck") == self._heard)
        if pressed != self._heard:
            self.flip.emit()
