"""MainWindow: places the panels, nothing else."""

from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from app import paths
from app.session.messages import Message as Said
from app.session.messages import Weight
from app.session.opening import Loading
from app.session.session import Session
from app.sound.region import Region
from app.ui.actions import Actions
from app.ui.editor_pane import EditorPane
from app.ui.empty_state import EmptyState
from app.ui.focus import FocusKeys
from app.ui.loading_bar import LoadingBar
from app.ui.message_bar import Message, MessageBar, Tone
from app.ui.recent_menu import RecentMenu
from app.ui.region_bar import RegionBar
from app.ui.request_pane import RequestPane
from app.ui.status_line import StatusLine
from app.ui.status_pane import StatusPane
from app.ui.takes_pane import TakesPane
from app.ui.transport import Transport
from app.ui.transport_pane import TransportPane
from app.ui.verbs import Verbs

_INFO_MS = 15_000
_TONES = {Weight.INFO: Tone.INFO, Weight.WARN: Tone.WARNING, Weight.ERROR: Tone.ERROR}


class MainWindow(QMainWindow):
    """The one window: transport above, clip in the middle, takes below, what is asked for at the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("retake")
        self.setWindowTitle("Retake")
        self.setAcceptDrops(True)
        self.editor = EditorPane(session, self)
        self.request = RequestPane(session, self)
        self.takes = TakesPane(session, self)
        self.empty = EmptyState(self)
        self.message_bar = MessageBar(self)
        self.loading_bar = LoadingBar(self)
        self.region_bar = RegionBar(self)
        self.transport = Transport(self)
        self.status = StatusLine(self)
        self._place()

        self.verbs = Verbs(session, self.editor, self.request, self.takes, self)
        self.actions_table = Actions(self.verbs, self, self.menuBar(), self.verbs.state)
        self._recent_menu = RecentMenu(lambda: session.preferences.now.recent, self)
        self.actions_table.menus["File"].insertMenu(self.actions_table["demo"], self._recent_menu)
        self._transport_pane = TransportPane(session, self.transport, self.actions_table, self)
        self._status_pane = StatusPane(session, self.status, self)
        self._focus = FocusKeys(self.editor.wave, self)
        self._focus.watch(self)
        self._connect()
        self.empty.set_recent([Path(each) for each in session.preferences.now.recent])
        self.actions_table.renew()

    def _place(self) -> None:
        bar = QToolBar(self.tr("Transport"), self)
        bar.setObjectName("transport-bar")
        bar.setMovable(False)
        bar.addWidget(self.transport)
        bar.addSeparator()
        bar.addWidget(self.region_bar)
        self.addToolBar(bar)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.editor)
        middle = QWidget(self)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.loading_bar)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self._dock(self.tr("Request"), "request", self.request, Qt.DockWidgetArea.RightDockWidgetArea)
        self._dock(self.tr("Takes"), "takes", self.takes, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setStatusBar(self.status)
        self.resize(1366, 768)
        unit = self.fontMetrics().height()
        self.resizeDocks([self.docks["request"]], [unit * 21], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["takes"]], [unit * 13], Qt.Orientation.Vertical)
        if self.session.preferences.now.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.session.preferences.now.window_geometry.encode()))

    docks: dict[str, QDockWidget]

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setTitleBarWidget(QWidget(dock))  # the panes say themselves what they are
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        self.docks = {**getattr(self, "docks", {}), name: dock}

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
        self._recent_menu.chosen.connect(session.open)
        self.empty.open_requested.connect(self.verbs.open)
        self.empty.demo_requested.connect(self.verbs.demo)
        self.empty.recent_chosen.connect(session.open)
        self.empty.files_dropped.connect(self.open_files)

    @Slot(object)
    def open_files(self, files: list[Path]) -> None:
        """Open the first; one window holds one clip."""
        if files:
            self.session.open(files[0])
            if len(files) > 1:
                self.session.messages.say(f"Opened {files[0].name}; one window holds one clip.")

    @Slot()
    def _on_faded(self) -> None:
        """What was only worth knowing goes by itself; warnings and errors wait to be read."""
        message = self.message_bar.message()
        if message is not None and message.tone is Tone.INFO:
            self.message_bar.dismiss()

    @Slot(object)
    def _on_said(self, said: Said) -> None:
        if said.weight is Weight.INFO:
            self._fading.start()
        else:
            self._fading.stop()
        self.message_bar.show_message(Message(said.text, said.hint, tone=_TONES[said.weight]))

    @Slot(object)
    def _on_opening(self, loading: Loading | None) -> None:
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
    def _on_mask(self, mask: Region | None) -> None:
        self._show_mask()
        self.actions_table.renew()

    @Slot()
    @Slot(object)
    def _show_mask(self, _: object = None) -> None:
        self._show_region(self.session.hearing.shown_mask)

    @Slot(object)
    def _show_region(self, mask: Region | None) -> None:
        project = self.session.project
        if project is not None:
            self.region_bar.set_room(*self.editor.room())
            self.region_bar.set_region(mask, project.source.rate, self.session.hearing.length)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.open_files(files)

    def closeEvent(self, event: QCloseEvent) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.session.preferences.change(window_geometry=geometry)
        self.hide()  # whatever still has to be let go of, the window is gone at once
        self.session.shut_down()
        event.accept()

    def open_demo(self) -> None:
        """What a newcomer hears first."""
        self.session.open(paths.demo_clip())
