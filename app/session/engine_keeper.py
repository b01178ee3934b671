"""Keeps the bundled engine running in the background, restarts it when it dies, ends it with the window."""

import logging
import subprocess
import threading
import time

from PySide6.QtCore import QObject, Signal, Slot

from app import paths
from app.errors import EngineError
from app.session.engine_process import EngineProcess

log = logging.getLogger(__name__)

_PATIENCE = 30.0
_RESTARTS_PER_MINUTE = 5


class EngineKeeper(QObject):
    """Keeps one engine running in the background, starts it again when it dies, ends it with the window."""

    ready = Signal(object)
    lost = Signal(object)
    gave_up = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: EngineProcess | None = None
        self._starting: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="engine-keeper", daemon=True)

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def begin(self) -> None:
        """Start keeping; returns at once, `ready` tells when the engine answers."""
        self._thread.start()

    @Slot()
    def end(self) -> None:
        """End the engine and stop keeping it."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                self._process.stop()
            elif self._starting is not None:
                self._starting.kill()  # it does not listen yet: there is nothing to tidy up
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _on_begun(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._starting = process
            if self._stopping.is_set():
                process.kill()

    def _keep(self) -> None:
        starts: list[float] = []
        while not self._stopping.is_set():
            starts = [t for t in starts if time.monotonic() - t < 60] + [time.monotonic()]
            if len(starts) > _RESTARTS_PER_MINUTE:
                self.gave_up.emit(
                    EngineError(
                        "The offline engine keeps stopping.", f"Its log is at {paths.log_dir() / 'engine.log'}."
                    )
                )
                return
            try:
                process = EngineProcess(self._on_begun)
            except EngineError as error:
                if not self._stopping.is_set():
                    self.gave_up.emit(error)
                return
            with self._lock:
                self._starting = None
                if self._stopping.is_set():
                    process.stop()
                    return
                self._process = process
            log.info("engine %d answers", process.pid)
            self.ready.emit(process.connection)
            process.wait()
            with self._lock:
                self._process = None
            if not self._stopping.is_set():
                log.info("engine %d ended by itself; starting another", process.pid)
                self.lost.emit(process.connection)
