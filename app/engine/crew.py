"""Worker: the server's side of one worker process; a thread listens to its pipe and tells the event loop."""

import asyncio
import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from app.engine import worker
from app.engine.jobs import Job
from app.engine.messages import NEWS, News, Ready, Task

_SPAWN = multiprocessing.get_context("spawn")

# Workers inherit it: two jobs of one thread each are faster than two that fight over the cores (10 times, measured).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
_MAX_NEWS = 1 << 22


class Worker:
    """One process and the job it has, if any. All but the listening happens on the event loop."""

    def __init__(self, heard: "Callable[[Worker, News], None]", gone: "Callable[[Worker], None]") -> None:
        self.job: Job | None = None
        self.folder: Path | None = None
        self.ready = False
        self.dismissed = False
        self._loop = asyncio.get_running_loop()
        self._heard = heard
        self._gone = gone
        self._pipe, theirs = _SPAWN.Pipe(duplex=True)
        self._process = _SPAWN.Process(target=worker.work, args=(theirs,), name="retake-worker", daemon=True)
        self._process.start()
        theirs.close()
        self._thread = threading.Thread(target=self._listen, name="retake-worker-pipe", daemon=True)
        self._thread.start()

    def give(self, job: Job, task: Task) -> None:
        """Hand over a task. A worker that has just died takes it too; `gone` follows."""
        self.job, self.folder = job, task.folder
        try:
            self._pipe.send_bytes(task.model_dump_json().encode())
        except OSError:
            self._process.kill()

    def dismiss(self) -> None:
        """Kill the process at once; nothing more is heard from it but that it is gone."""
        self.dismissed, self.job = True, None
        self._process.kill()

    def join(self, timeout: float) -> None:
        """Wait until the process is gone and its pipe closed."""
        self._thread.join(timeout)

    def _listen(self) -> None:
        try:
            while True:
                self._call(self._hear, NEWS.validate_json(self._pipe.recv_bytes(_MAX_NEWS)))
        except (EOFError, OSError, ValidationError):
            self._process.kill()
        self._process.join()
        self._pipe.close()
        self._call(self._gone, self)

    def _hear(self, news: News) -> None:
        if self.dismissed:
            return
        if isinstance(news, Ready):
            self.ready = True
        else:
            self._heard(self, news)

    def _call(self, function: "Callable[..., None]", *arguments: object) -> None:
        # The loop may have ended, and with it everybody who could care.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)
