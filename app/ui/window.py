"""MainWindow: places the panels, nothing else.

It comes in two steps. What is seen first (menus, the way to open something, empty panels) needs nothing but widgets
and is shown at once; the panels and all that lies behind them are loaded and put in after that.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent

from app import paths
from app.files.first_look import FirstLook
from app.ui.shell import Shell

if TYPE_CHECKING:
    from app.session.messages import Message as Said
    from app.session.opening import Loading
    from app.session.session import Session
    from app.sound.region import Region

_INFO_MS = 15_000


class MainWindow(Shell):
    """The one window: transport above, clip in the middle, takes below, what is asked for at the right."""

    def __init__(self, session: "Session | None" = None, first: FirstLook | None = None) -> None:
        super().__init__(first)
        if session is not None:
            self.furnish(session)

    def furnish(self, session: "Session") -> None:
        """Put in what works on a session, and do what was asked for meanwhile."""
        from app.ui.actions import Actions
        from app.ui.editor_pane import EditorPane
        from app.ui.focus import FocusKeys
        from app.ui.loading_bar import LoadingBar
        from app.ui.message_bar import MessageBar
        from app.ui.output_menu import OutputMenu
        from app.ui.recent_menu import RecentMenu
        from app.ui.region_bar import RegionBar
        from app.ui.request_pane import RequestPane
        from app.ui.spectrogram_pane import SpectrogramPane
        from app.ui.status_line import StatusLine
        from app.ui.status_pane import StatusPane
        from app.ui.takes_pane import TakesPane
        from app.ui.transport import Transport
        from app.ui.transport_pane import TransportPane
        from app.ui.verbs import Verbs

        self.session = session
        self.setUpdatesEnabled(False)
        self.editor = EditorPane(session, self)
        self.request = RequestPane(session, self)
        self.takes = TakesPane(session, self)
        self.message_bar = MessageBar(self)
        self.loading_bar = LoadingBar(self)
        self.region_bar = RegionBar(self)
        self.transport = Transport(self)
        self.status = StatusLine(self)
        self._bar.clear()
        self._bar.addWidget(self.transport)
        self._bar.addSeparator()
        self._bar.addWidget(self.region_bar)
        self.pages.addWidget(self.editor)
        self._middle.insertWidget(0, self.message_bar)
        self._middle.insertWidget(1, self.loading_bar)
        self._fill_dock("request", self.request)
        self._fill_dock("takes", self.takes)
        self.setStatusBar(self.status)

        self.menuBar().clear()
        self.verbs = Verbs(session, self.editor, self.request, self.takes, self)
        self.actions_table = Actions(self.verbs, self, self.menuBar(), self.verbs.state)
        self._recent_menu = RecentMenu(lambda: session.preferences.now.recent, self)
        self.actions_table.menus["File"].insertMenu(self.actions_table["demo"], self._recent_menu)
        self._output_menu = OutputMenu(session.outputs, self)
        self.actions_table.menus["Play"].insertMenu(self.actions_table["to_start"], self._output_menu)
        self._transport_pane = TransportPane(session, self.transport, self.actions_table, self)
        self.spectrogram = SpectrogramPane(session, self.editor.wave, self.actions_table, self.status, self)
        self._status_pane = StatusPane(session, self.status, self)
        self._focus = FocusKeys(self.editor.wave, self)
        self._focus.watch(self)
        self._connect()
        self.empty.set_recent([Path(each) for each in session.preferences.now.recent])
        self.actions_table.renew()
        if not self._painted:
            self._place_again(session.preferences.now.window_geometry)
        self.setUpdatesEnabled(True)
        self._do_wishes()

    def _connect(self) -> None:
        session = self.session
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(_INFO_MS)
        self._fading.timeout.connect(self._on_faded)
        session.messages.posted.connect(self._on_said)
        session.opening.connect(self._on_opening)
        session.opening.connect(self.loading_bar.show_loading)
        session.opening.connect(self.actions_table.renew)
        self.loading_bar.cancelled.connect(session.opener.cancel)
        session.opened.connect(self._on_opened)
        session.closed.connect(self._on_closed)
        session.saved.connect(self._on_saved)
        for signal in (session.timeline_changed, session.hearing.changed, session.opened, session.closed):
            signal.connect(self.actions_table.renew)
        session.mask_changed.connect(self._on_mask)
        self.editor.wave.mask_changing.connect(self._show_region)
        self.request.key_wanted.connect(self.verbs.open_settings_at)
        self.region_bar.region_edited.connect(self.editor.commit_mask)
        for signal in (session.asking.endpoint_changed, session.hearing.changed):
            signal.connect(self._show_mask)
        self.region_bar.done.connect(self.editor.wave.setFocus)
        self.request.asked.connect(self.editor.wave.setFocus)
        self._recent_menu.chosen.connect(session.open)

    def choose_file(self) -> None:
        self.verbs.open()

    def open_path(self, path: Path) -> None:
        self.session.open(path)

    def open_all(self, files: list[Path]) -> None:
        """Open the first; one window holds one clip."""
        if files:
            self.session.open(files[0])
            if len(files) > 1:
                self.session.messages.say(f"Opened {files[0].name}; one window holds one clip.")

    @Slot()
    def _on_faded(self) -> None:
        """What was only worth knowing goes by itself; warnings and errors wait to be read."""
        from app.ui.message_bar import Tone

        message = self.message_bar.message()
        if message is not None and message.tone is Tone.INFO:
            self.message_bar.dismiss()

    @Slot(object)
    def _on_said(self, said: "Said") -> None:
        from app.session.messages import Weight
        from app.ui.message_bar import Message, Tone

        tones = {Weight.INFO: Tone.INFO, Weight.WARN: Tone.WARNING, Weight.ERROR: Tone.ERROR}
        if said.weight is Weight.INFO:
            self._fading.start()
        else:
            self._fading.stop()
        self.message_bar.show_message(Message(said.text, said.hint, tone=tones[said.weight]))

    @Slot(object)
    def _on_opening(self, loading: "Loading | None") -> None:
        if loading is not None:
            self.pages.setCurrentWidget(self.editor)
            self.setWindowTitle(f"{loading.name} – Retake")
        elif self.session.project is None:
            self.pages.setCurrentWidget(self.empty)
            self.setWindowTitle("Retake")
        else:
            self.setWindowTitle(f"{self.session.project.name} – Retake")

    @Slot()
    def _on_opened(self) -> None:
        project = self.session.project
        assert project is not None
        self.message_bar.clear()
        self.pages.setCurrentWidget(self.editor)
        self.setWindowTitle(f"{project.name} – Retake")
        self._show_mask()
        self.editor.wave.setFocus()
        if project.source_path == paths.demo_clip() and not self.session.timeline.takes:
            self.session.messages.say(
                self.tr("This is the demo: a needle is dragged across the groove at 13 seconds."),
                self.tr("Drag over it in the waveform, press Fill, and listen to the takes in place."),
            )

    @Slot()
    def _on_closed(self) -> None:
        self.pages.setCurrentWidget(self.empty)
        self.empty.set_recent([Path(each) for each in self.session.preferences.now.recent])
        self.setWindowTitle("Retake")
        self.region_bar.set_region(None, 1, 0)

    @Slot(object)
    def _on_saved(self, folder: Path) -> None:
        self.setWindowTitle(f"{folder.stem} – Retake")

    @Slot(object)
    def _on_mask(self, mask: "Region | None") -> None:
        self._show_mask()
        self.actions_table.renew()

    @Slot()
    @Slot(object)
    def _show_mask(self, _: object = None) -> None:
        self._show_region(self.session.hearing.shown_mask)

    @Slot(object)
    def _show_region(self, mask: "Region | None") -> None:
        project = self.session.project
        if project is not None:
            self.region_bar.set_room(*self.editor.room())
            self.region_bar.set_region(mask, project.source.rate, self.session.hearing.length)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.furnished:
            event.accept()
            return
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.session.preferences.change(window_geometry=geometry)
        self.hide()  # whatever still has to be let go of, the window is gone at once
        self.session.shut_down()
        event.accept()
