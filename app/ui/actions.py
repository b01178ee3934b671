"""Every action in one table: its words, keys, menu, verb, and when it may be done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.ui import theme


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `needs` is "" (always), "clip", "mask", "undo", "redo", "other" (what is heard is not in use).

    A menu "View/Ruler" is one inside of another. What has a `check` is ticked where the state says "=name".
    """

    name: str
    menu: str
    text: str
    keys: str = ""
    needs: str = "clip"
    icon: str = ""
    line: bool = False
    check: bool = False


TABLE: tuple[Spec, ...] = (
    Spec("open", "File", "Open…", "Ctrl+O", "", "open"),
    Spec("demo", "File", "Open the demo clip", "", ""),
    Spec("save_as", "File", "Save as…", "Ctrl+S, Ctrl+Shift+S", "clip", "save", line=True),
    Spec("export", "File", "Export…", "Ctrl+Shift+E", "clip", "export"),
    Spec("export_mask", "File", "Export the mask alone…", "", "mask"),
    Spec("close_clip", "File", "Close", "Ctrl+W", "clip", line=True),
    Spec("quit", "File", "Quit", "Ctrl+Q", ""),
    Spec("undo", "Edit", "Undo", "Ctrl+Z", "undo", "undo"),
    Spec("redo", "Edit", "Redo", "Ctrl+Shift+Z, Ctrl+Y", "redo", "redo"),
    Spec("settings", "Edit", "Settings…", "Ctrl+,", "", "settings", line=True),
    Spec("fal_key", "Edit", "Key for fal.ai…", "", ""),
    Spec("mask_all", "Region", "Mask everything", "Ctrl+A"),
    Spec("mask_clear", "Region", "Clear the mask", "Esc", "mask"),
    Spec("mask_restore", "Region", "Bring the last mask back", "Ctrl+Shift+R"),
    Spec("edge_start", "Region", "Start at the playhead", "[", line=True),
    Spec("edge_end", "Region", "End at the playhead", "]"),
    Spec("nudge_left", "Region", "Nudge left 10 ms", "Left", line=True),
    Spec("nudge_right", "Region", "Nudge right 10 ms", "Right"),
    Spec("nudge_left_far", "Region", "Nudge left 100 ms", "Shift+Left"),
    Spec("nudge_right_far", "Region", "Nudge right 100 ms", "Shift+Right"),
    Spec("nudge_left_fine", "Region", "Nudge left 1 ms", "Ctrl+Left"),
    Spec("nudge_right_fine", "Region", "Nudge right 1 ms", "Ctrl+Right"),
    Spec("submit", "Take", "Ask for takes", "Ctrl+Return, Ctrl+Enter", "clip"),
    Spec("cancel_job", "Take", "Stop the newest job", "Ctrl+."),
    Spec("use", "Take", "Use what is heard", "Return, Enter", "other", line=True),
    Spec("star", "Take", "Star what is heard", "F", "clip", "star"),
    Spec("bin", "Take", "Bin what is heard", "Del", "clip", "bin"),
    Spec("flip", "Take", "Flip between A and B", "B", "clip", "ab", line=True),
    Spec("hear_0", "Take", "Hear the original", "0"),
    *(Spec(f"hear_{n}", "Take", f"Hear take {n}", str(n)) for n in range(1, 10)),
    Spec("play", "Play", "Play or stop", "Space", "clip", "play"),
    Spec("play_mask", "Play", "Play the mask once", "Shift+Space", "mask"),
    Spec("play_seams", "Play", "Hear the seams", "C", "mask"),
    Spec("loop", "Play", "Loop", "L", "clip", "loop", line=True),
    Spec("loop_mask", "Play", "Loop the mask", "Shift+L", "mask"),
    Spec("match", "Play", "Match loudness of A and B"),
    Spec("half_speed", "Play", "Half speed (an octave lower)", "/"),
    Spec("to_start", "Play", "To the start", "Home", line=True),
    Spec("to_end", "Play", "To the end", "End"),
    Spec("zoom_in", "View", "Zoom in", "Ctrl+=, Ctrl++"),
    Spec("zoom_out", "View", "Zoom out", "Ctrl+-"),
    Spec("zoom_mask", "View", "Zoom to the mask", "Z, Ctrl+E", "mask"),
    Spec("zoom_back", "View", "Zoom back", "X"),
    Spec("zoom_fit", "View", "Show everything", "Shift+Z, Ctrl+F"),
    Spec("show_waveform", "View", "Waveform", "Ctrl+1", "", line=True),
    Spec("show_spectrogram", "View", "Spectrogram", "Ctrl+2", ""),
    Spec("show_split", "View", "Waveform and spectrogram", "Ctrl+3", ""),
    Spec("overlaid", "View", "Channels over each other", "", "", line=True, check=True),
    Spec("decibels", "View", "Levels in dB", "", "", check=True),
    Spec("rms", "View", "Show the RMS level", "", "", check=True),
    Spec("clipping", "View", "Mark clipping", "", "", check=True),
    Spec("ruler_time", "View/Ruler", "Time", "", "", check=True),
    Spec("ruler_samples", "View/Ruler", "Samples", "", "", check=True),
    Spec("ruler_bars", "View/Ruler", "Bars and beats", "", "", check=True),
    Spec("ruler_tempo", "View/Ruler", "Tempo and meter…", "", "", line=True),
    Spec("go_prompt", "View", "Go to the panel", "G", "", line=True),
    Spec("go_takes", "View", "Go to the takes", "H", ""),
    Spec("theme_system", "View", "Colours of the system", "", "", line=True),
    Spec("theme_light", "View", "Light colours", "", ""),
    Spec("theme_dark", "View", "Dark colours", "", ""),
    Spec("diagnostics", "Help", "Diagnostics…", "", ""),
    Spec("about", "Help", "About Retake", "", ""),
)


class Actions(QObject):
    """The table as QActions in menus, each calling the method of its name on whoever keeps the verbs."""

    def __init__(self, verbs: QObject, window: QWidget, bar: QMenuBar, state: Callable[[], Iterable[str]]) -> None:
        super().__init__(window)
        self._state = state
        self._specs = {spec.name: spec for spec in TABLE}
        self._made: dict[str, QAction] = {}
        menus: dict[str, QMenu] = {}
        for spec in TABLE:
            menu = menus.get(spec.menu)
            if menu is None:
                above, _, name = spec.menu.rpartition("/")
                # Each begins with a letter of its own.
                menu = menus[spec.menu] = (menus[above] if above else bar).addMenu(f"&{name}")
            if spec.line:
                menu.addSeparator()
            action = QAction(spec.text, window)
            action.setShortcuts([QKeySequence(each.strip()) for each in spec.keys.split(", ") if each])
            if spec.icon:
                theme.bind_icon(action, spec.icon)
            action.setObjectName(spec.name)
            action.setCheckable(spec.check)
            action.triggered.connect(_Call(verbs, spec.name, self).run)
            menu.addAction(action)
            window.addAction(action)
            self._made[spec.name] = action
        self.menus = menus

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    @Slot()
    def renew(self) -> None:
        """Enable what may be done now."""
        there = {"", *self._state()}
        for name, action in self._made.items():
            action.setEnabled(self._specs[name].needs in there)
            if self._specs[name].check:
                action.setChecked(f"={name}" in there)


class _Call(QObject):
    """Calls one verb; a bound method, because a lambda has no thread of its own."""

    def __init__(self, verbs: QObject, name: str, parent: Actions) -> None:
        super().__init__(parent)
        self._name = name
        self._verb: Callable[[], object] = getattr(verbs, name)
        self._table = parent

    @Slot()
    def run(self) -> None:
        self._verb()
        if self._table[self._name].isCheckable():
            self._table.renew()  # a tick tells what is, not what was clicked
