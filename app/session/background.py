"""Pure functions on a pool: the answer comes back on the thread that Background lives on, and nowhere else."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.errors import AppError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a piece of work came to, and who wants to hear it."""

    deliver: Callable[[Any], None]
    value: object


class Background(QObject):
    """Runs work on a few threads; answers and progress cross to this object's thread by a queued signal."""

    _arrived = Signal(object)

    def __init__(self, threads: int = 3, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._closed = False
        # A bound method of a QObject: the slot runs on this object's thread; a lambda would run on the worker's.
        # Queued always: an answer that is there at once must not be delivered inside `run`.
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[AppError], None],
    ) -> None:
        """Call `work` on the pool, then `done` or `failed` here; what is no AppError is a bug, and is raised here."""
        if self._closed:
            return

        def finish(future: "Future[T]") -> None:
            error = future.exception() if not future.cancelled() else None
            if future.cancelled():
                return
            if error is None:
                self._send(done, future.result())
            elif isinstance(error, AppError):
                self._send(failed, error)
            else:
                self._send(_raise, error)

        self._pool.submit(work).add_done_callback(finish)

    def report(self, deliver: Callable[[T], None], value: T) -> None:
        """From inside a piece of work: hand a value over before the work is done."""
        self._send(deliver, value)

    @property
    def closing(self) -> bool:
        """Whether nobody waits for answers any more: work that takes long may ask, from its own thread."""
        return self._closed

    def close(self, *, finish: bool = False) -> None:
        """Wait for what runs and, to `finish`, for what has not begun; late answers fall silent."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=not finish)

    def _send(self, deliver: Callable[[Any], None], value: object) -> None:
        if not self._closed:
            self._arrived.emit(_Answer(deliver, value))

    @Slot(object)
    def _on_arrived(self, answer: _Answer) -> None:
        if not self._closed:
            answer.deliver(answer.value)


def _raise(error: BaseException) -> None:
    raise error
