"""The spectrogram bound to the session: what is shown and how is remembered, chosen in the menus, said in the line."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.session.session import Session
from app.sound.frequencies import Axis
from app.sound.spectrum import WINDOWS
from app.ui.actions import Actions
from app.ui.colour_maps import ColourMap
from app.ui.spectrogram_look import RANGES, Shown, SpectrogramLook
from app.ui.status_line import StatusLine
from app.ui.waveform import WaveformView

_ACTIONS = {
    Shown.WAVE: "show_waveform",
    Shown.SPECTROGRAM: "show_spectrogram",
    Shown.SPLIT: "show_split",
}


class SpectrogramPane(QObject):
    """Keeps the preferences, the menus and the view of one mind."""

    def __init__(
        self, session: Session, wave: WaveformView, actions: Actions, status: StatusLine, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._preferences, self._wave = session.preferences, wave
        wave.spectrogram.use(session.background)
        wave.spectrogram.pointed.connect(status.set_pointed)
        now = self._preferences.now
        self._look = SpectrogramLook(
            Axis(now.spectrogram_axis),
            now.spectrogram_window,
            now.spectrogram_range_db,
            ColourMap(now.spectrogram_colours),
        )
        wave.spectrogram.set_look(self._look)
        self._shown = [actions[name] for name in _ACTIONS.values()]
        group = QActionGroup(self)
        for shown, action in zip(_ACTIONS, self._shown, strict=True):
            action.setCheckable(True)
            action.setChecked(shown == now.clip_shown)
            group.addAction(action)
        self.menu = QMenu(self.tr("Spectrogram"), parent)
        self._build()
        actions.menus["View"].insertMenu(actions["go_prompt"], self.menu)
        wave.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        wave.customContextMenuRequested.connect(self._on_menu)
        self.context = QMenu(wave)
        self.context.addActions(self._shown)
        self.context.addSeparator()
        self.context.addActions(self.menu.actions())
        wave.spectrogram.show_as(Shown(now.clip_shown))

    def _build(self) -> None:
        """One submenu for each thing that can be chosen."""
        axes = ((self.tr("Logarithmic"), Axis.LOG), (self.tr("Mel"), Axis.MEL), (self.tr("Linear"), Axis.LINEAR))
        windows = ((self.tr("As suits the zoom"), 0), *((self.tr("{0} frames").format(each), each) for each in WINDOWS))
        ranges = tuple((self.tr("{0} dB").format(each), each) for each in RANGES)
        colours = (
            (self.tr("Sea"), ColourMap.SEA),
            (self.tr("Glow"), ColourMap.GLOW),
            (self.tr("Grey"), ColourMap.GREY),
        )
        self._choice(self.tr("Frequency axis"), "axis", axes)
        self._choice(self.tr("Window"), "window", windows)
        self._choice(self.tr("Range"), "range_db", ranges)
        self._choice(self.tr("Colours"), "colours", colours)

    def _choice(self, title: str, field: str, choices: Sequence[tuple[str, object]]) -> None:
        menu = self.menu.addMenu(title)
        menu.menuAction().setObjectName(f"spectrogram_{field}")
        group = QActionGroup(menu)
        for text, value in choices:
            action = QAction(text, menu)
            action.setCheckable(True)
            action.setChecked(getattr(self._look, field) == value)
            action.triggered.connect(partial(self._on_chosen, field, value))
            group.addAction(action)
            menu.addAction(action)

    def _on_chosen(self, field: str, value: object, _: bool = False) -> None:
        chosen = {name: getattr(self._look, name) for name in ("axis", "window", "range_db", "colours")}
        self._look = SpectrogramLook(**{**chosen, field: value})
        self._preferences.change(**{f"spectrogram_{field}": value})
        self._wave.spectrogram.set_look(self._look)

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        self.context.popup(self._wave.mapToGlobal(at))
