"""A QThread that runs an asyncio loop: where jobs live."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QThread

log = logging.getLogger(__name__)


class LoopThread(QThread):
    """Runs an asyncio loop until it is told to finish."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self) -> None:
        """Qt calls this on the new thread."""
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self.ready.set)
        self._loop.run_forever()
        self._loop.close()

    def call(self, work: Callable[[], object]) -> None:
        """Run something on the loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the loop as a task of its own."""

        def begin() -> None:
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.call(begin)

    def finish(self, last: Coroutine[Any, Any, None]) -> None:
        """Run one last coroutine, then end the loop and the thread."""
        if self._loop.is_closed():
            last.close()
            return
        farewell: Future[None] = asyncio.run_coroutine_threadsafe(last, self._loop)
        try:
            farewell.result(10)
        except TimeoutError:
            log.warning("jobs did not let go in time")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.wait(5000)
