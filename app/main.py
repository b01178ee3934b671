"""The composition root: settings, session, window; the only place where all rooms meet."""

import importlib
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import __version__, paths
from app.files.first_look import FirstLook
from app.ui import theme
from app.ui.window import MainWindow

_LOADED = (
    "numpy",
    "pydantic",
    "app.sound.clip",
    "app.files.ledger",
    "app.files.settings",
    "app.files.project_folders",
    "app.session.session",
    "app.session.engine_keeper",
    "pyqtgraph",
    "app.ui.actions",
    "app.ui.editor_pane",
    "app.ui.request_pane",
    "app.ui.takes_pane",
    "app.ui.transport_pane",
    "app.ui.status_pane",
    "app.ui.verbs",
)


def run(arguments: Sequence[str]) -> int:
    """Show the window, then put in what works, then open what the arguments name."""
    # A thread that decodes or summarises lets the window go first after half a millisecond, not five.
    sys.setswitchinterval(0.0005)
    app = application()
    first = FirstLook.load()
    theme.apply(app, first.theme)
    window = MainWindow(first=first)
    if arguments:
        window.open_files([Path(each) for each in arguments])
    starting = Starting(window)
    window.show()
    code = app.exec()
    starting.end()
    return code


class Starting(QObject):
    """Loads everything behind the window once the window is seen; meanwhile it answers."""

    _loaded = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._retake: Retake | None = None
        self._thread = threading.Thread(target=self._load, name="starting", daemon=True)
        self._loaded.connect(self._on_loaded)
        window.shown_first.connect(self._on_shown)

    @Slot()
    def _on_shown(self) -> None:
        self._thread.start()

    def _load(self) -> None:
        try:
            for name in _LOADED:
                importlib.import_module(name)
        finally:
            self._loaded.emit()  # what could not be loaded fails again where it is seen

    @Slot()
    def _on_loaded(self) -> None:
        if not self._window.isVisible():
            QApplication.quit()  # closed before it could do anything
            return
        _log_to_file()
        self._retake = Retake(self._window)
        self._retake.begin()

    def end(self) -> None:
        """Leave nothing running."""
        if self._thread.is_alive():
            self._thread.join()  # half of a module must not be left to the interpreter's end
        if self._retake is not None:
            self._retake.end()


def application() -> QApplication:
    """The Qt application, named and dressed."""
    app = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(app, QApplication)
    app.setApplicationName("Retake")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("retake")
    app.setWindowIcon(QIcon(str(paths.resources() / "icons" / "retake.svg")))
    return app


class Retake(QObject):
    """Everything of one run of the app, put together."""

    _broke = Signal(str)

    def __init__(self, window: MainWindow | None = None) -> None:
        super().__init__()
        from app.files.ledger import Ledger
        from app.files.settings import Settings
        from app.session.collector import Collector
        from app.session.engine_keeper import EngineKeeper
        from app.session.session import Session

        self._collector = Collector(self)
        settings = Settings.load()
        app = application()
        if window is None or theme.mode() != settings.theme:
            theme.apply(app, settings.theme)
        self.ledger = Ledger()
        self.session = Session(settings, self.ledger)
        self.window = window or MainWindow()
        self.window.furnish(self.session)
        self.engine = EngineKeeper(self)
        self.engine.ready.connect(self.session.add_connection)
        self.engine.lost.connect(self.session.lose_connection)
        self.engine.gave_up.connect(self.session.messages.fail)
        self.engine.gave_up.connect(self.session.hosts.engine_gave_up)
        self.session.hosts.connected.connect(self.session.on_keys)
        self._broke.connect(self._on_broke)
        for note in (*settings.notes, *self.ledger.notes):
            self.session.messages.warn(note)

    def begin(self) -> None:
        """Start what runs in the background, and catch what nobody else catches."""
        sys.excepthook = self._on_uncaught
        threading.excepthook = lambda told: self._on_uncaught(
            told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
        )
        signal.signal(signal.SIGTERM, lambda *_: QApplication.quit())
        signal.signal(signal.SIGINT, lambda *_: QApplication.quit())
        # Python runs signal handlers only between its own instructions: let it have some.
        self._breath = QTimer(self)
        self._breath.timeout.connect(self._on_breath)
        self._breath.start(200)
        from app.files.project_folders import unnamed_projects

        self.engine.begin()
        self.session.background.run(
            unnamed_projects, self.session.preferences.keep_in_sight, self.session.messages.fail
        )
        self.session.hosts.begin()

    def end(self) -> None:
        """Leave nothing running and nothing unwritten."""
        self.session.shut_down()
        self.engine.end()
        self.ledger.close()
        self.session.preferences.now.save()
        self._collector.end()

    @Slot()
    def _on_breath(self) -> None:
        """Nothing: the call itself is the purpose."""

    def _on_uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger(__name__).error("uncaught", exc_info=(kind, error, trace))
        self._broke.emit(kind.__name__)

    @Slot(str)
    def _on_broke(self, name: str) -> None:
        self.session.messages.warn(
            f"Something broke inside Retake ({name}); your project is on disk.",
            f"The log is at {paths.log_dir() / 'retake.log'}.",
        )


def _log_to_file() -> None:
    paths.log_dir().mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=paths.log_dir() / "retake.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
