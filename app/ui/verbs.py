"""What each action of the table does: one method a name, each a line or two."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMessageBox

from app import __version__, paths
from app.endpoints.request import Kind
from app.files.formats import ExportFormat
from app.session.connections import FAL, LOCAL
from app.session.session import Session
from app.sound.region import Region
from app.ui import theme
from app.ui.diagnostics_dialog import DiagnosticsDialog
from app.ui.editor_pane import EditorPane
from app.ui.request_pane import RequestPane
from app.ui.settings_dialog import SettingsDialog
from app.ui.spectrogram_look import Shown
from app.ui.takes_pane import TakesPane
from app.ui.view_verbs import ViewVerbs

_SOUNDS = "*.wav *.aif *.aiff *.flac *.mp3 *.ogg *.opus *.m4a *.aac *.caf *.w64 *.rf64 *.mp4 *.mov *.mkv *.webm"
_EXPORTS = "WAV (*.wav);;FLAC (*.flac);;MP3 (*.mp3);;Ogg Vorbis (*.ogg);;AIFF (*.aiff)"
_VIEW = {"overlaid", "decibels", "rms", "clipping", "ruler_time", "ruler_samples", "ruler_bars", "ruler_tempo"}


class Verbs(QObject):
    """The methods that `actions.TABLE` names."""

    def __init__(
        self, session: Session, editor: EditorPane, request: RequestPane, takes: TakesPane, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._editor, self._request, self._takes = editor, request, takes
        self._dialog: SettingsDialog | None = None
        self._diagnostics: DiagnosticsDialog | None = None
        self.view = ViewVerbs(session.preferences, editor.wave, self)

    def state(self) -> set[str]:
        """What of the table's needs is met now."""
        session = self._session
        met: set[str] = set()
        if session.project is not None:
            met.add("clip")
            if session.hearing.heard != session.timeline.head:
                met.add("other")
        if session.mask is not None and not session.loading:
            met.add("mask")
        if session.can_undo:
            met.add("undo")
        if session.can_redo:
            met.add("redo")
        return met | {f"={name}" for name in self.view.state()}

    # --- File, Edit ---------------------------------------------------------------------------------------------

    def open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a sound or a project"),
            "",
            f"Sounds and projects ({_SOUNDS} project.db);;All files (*)",
        )
        if chosen:
            path = Path(chosen)
            self._session.open(path.parent if path.name == "project.db" else path)

    def demo(self) -> None:
        self._session.open(paths.demo_clip())

    def save_as(self) -> None:
        project = self._session.project
        assert project is not None
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save the project as"), f"{project.name}.retake", self.tr("Retake project (*.retake)")
        )
        if chosen:
            path = Path(chosen)
            self._session.save_as(path if path.suffix == ".retake" else path.with_name(f"{path.name}.retake"))

    def export(self) -> None:
        self._export(None)

    def export_mask(self) -> None:
        mask = self._session.mask
        self._export(mask.clamped(self._session.sound.length) if mask is not None else None)

    def _export(self, region: Region | None) -> None:
        project = self._session.project
        assert project is not None
        name = f"{project.name}{' mask' if region else ''}.wav"
        title = self.tr("Export the mask of {0}") if region else self.tr("Export {0}")
        used = self._session.timeline.name_of(self._session.timeline.head)
        chosen, kind = QFileDialog.getSaveFileName(self._window, title.format(used), name, _EXPORTS)
        if chosen:
            path = Path(chosen)
            suffix = path.suffix.lower().lstrip(".")
            if suffix not in set(ExportFormat):
                suffix = kind.partition("*.")[2].rstrip(")") or "wav"
                path = path.with_name(f"{path.name}.{suffix}")
            self._session.export(path, region, ExportFormat(suffix))

    def close_clip(self) -> None:
        self._session.close()

    def quit(self) -> None:
        self._window.close()

    def undo(self) -> None:
        self._session.undo()

    def redo(self) -> None:
        self._session.redo()

    def settings(self) -> None:
        self._settings().open_at()

    def fal_key(self) -> None:
        self.open_settings_at(FAL, "key")

    @Slot(str)
    def open_settings_at(self, connection: str, field: str = "", kind: Kind | None = None) -> None:
        """Lead to the one field that is missing; `kind` is the work that the offline engine could do instead."""
        self._settings().open_at(connection, field, kind)

    def _settings(self) -> SettingsDialog:
        if self._dialog is None:
            session = self._session
            self._dialog = SettingsDialog(session.hosts, session.preferences, session.outputs, self._window)
            self._dialog.changed.connect(self._on_settings)
            self._dialog.offline_wanted.connect(self._on_offline)
        return self._dialog

    @Slot()
    def _on_settings(self) -> None:
        self._request.join_options.set_outside(self._session.preferences.now.outside_ms)
        self._request.submit_bar.set_takes(self._session.asking.takes)

    @Slot(str)
    def _on_offline(self, endpoint: str) -> None:
        self._session.asking.choose(endpoint, LOCAL)

    # --- Region -------------------------------------------------------------------------------------------------

    def mask_all(self) -> None:
        project = self._session.project
        assert project is not None
        self._session.set_mask(Region(0, self._session.sound.length))

    def mask_clear(self) -> None:
        self._session.set_mask(None)

    def mask_restore(self) -> None:
        self._session.restore_mask()

    def edge_start(self) -> None:
        self._editor.set_edge(start=True)

    def edge_end(self) -> None:
        self._editor.set_edge(start=False)

    def nudge_left(self) -> None:
        self._editor.nudge(-0.010)

    def nudge_right(self) -> None:
        self._editor.nudge(0.010)

    def nudge_left_far(self) -> None:
        self._editor.nudge(-0.100)

    def nudge_right_far(self) -> None:
        self._editor.nudge(0.100)

    def nudge_left_fine(self) -> None:
        self._editor.nudge(-0.001)

    def nudge_right_fine(self) -> None:
        self._editor.nudge(0.001)

    # --- Take ---------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        self._request.submit()

    def cancel_job(self) -> None:
        project = self._session.project
        if project is not None:
            self._session.desk.cancel_latest(project)

    def use(self) -> None:
        self._session.use(self._session.hearing.heard)

    def star(self) -> None:
        if self._session.hearing.heard is not None:
            self._session.star(self._session.hearing.heard)

    def bin(self) -> None:
        if self._session.hearing.heard is not None:
            self._session.bin(self._session.hearing.heard)

    def flip(self) -> None:
        self._session.hearing.flip()

    def __getattr__(self, name: str) -> object:
        # hear_0 … hear_9: ten keys, one verb; how things are drawn is said by ViewVerbs.
        if name.startswith("hear_"):
            number = int(name.removeprefix("hear_"))
            return lambda: self._takes.hear_number(number)
        if name in _VIEW:
            return getattr(self.view, name)
        raise AttributeError(name)

    # --- Play ---------------------------------------------------------------------------------------------------

    def play(self) -> None:
        self._session.hearing.player.toggle()

    def play_mask(self) -> None:
        self._session.hearing.play_mask()

    def play_seams(self) -> None:
        self._session.hearing.play_seams()

    def loop(self) -> None:
        self._session.hearing.set_looping(not self._session.hearing.looping)

    def loop_mask(self) -> None:
        self._session.hearing.set_looping(True)
        if not self._session.hearing.player.playing:
            self._session.hearing.player.play()

    def match(self) -> None:
        self._session.hearing.set_matching(not self._session.hearing.matching)

    def half_speed(self) -> None:
        player = self._session.hearing.player
        player.set_half_speed(player.speed == 1.0)

    def to_start(self) -> None:
        self._editor.seek(0)

    def to_end(self) -> None:
        project = self._session.project
        assert project is not None
        self._editor.seek(self._session.hearing.length)

    # --- View, Help ---------------------------------------------------------------------------------------------

    def zoom_in(self) -> None:
        self._editor.zoom(0.5)

    def zoom_out(self) -> None:
        self._editor.zoom(2.0)

    def zoom_mask(self) -> None:
        self._editor.zoom_to_mask()

    def zoom_back(self) -> None:
        self._editor.wave.zoom_back()

    def zoom_fit(self) -> None:
        self._editor.wave.zoom_fit()

    def show_waveform(self) -> None:
        self._show(Shown.WAVE)

    def show_spectrogram(self) -> None:
        self._show(Shown.SPECTROGRAM)

    def show_split(self) -> None:
        self._show(Shown.SPLIT)

    def _show(self, shown: Shown) -> None:
        self._session.preferences.change(clip_shown=shown)
        self._editor.wave.spectrogram.show_as(shown)

    def go_prompt(self) -> None:
        self._request.form.focus_prompt()

    def go_takes(self) -> None:
        self._takes.takes.setFocus()

    def theme_system(self) -> None:
        self._set_theme("system")

    def theme_light(self) -> None:
        self._set_theme("light")

    def theme_dark(self) -> None:
        self._set_theme("dark")

    def _set_theme(self, mode: str) -> None:
        self._session.preferences.change(theme=mode)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, mode)

    def diagnostics(self) -> None:
        if self._diagnostics is None:
            self._diagnostics = DiagnosticsDialog(self._session.hearing.player, self._window)
        self._diagnostics.show()

    def about(self) -> None:
        QMessageBox.about(
            self._window,
            self.tr("About Retake"),
            self.tr(
                "<b>Retake {0}</b><p>Drag over the part that is wrong, say what you want instead, hear the takes "
                "in place, keep the best one — and nothing outside your selection changes by one bit.</p>"
                "<p>MIT licence.</p>"
            ).format(__version__),
        )
