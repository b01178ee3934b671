"""A thread that takes blocks in the order in which they are put: what one thread decodes another writes and draws."""

import threading
from collections.abc import Callable
from queue import Queue
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_AHEAD = 4  # blocks that wait: enough that neither thread waits for the other's bad moments, and memory stays flat


class Pipe(Generic[T]):
    """Calls `take` with everything that is put, on a thread of its own, until the `with` ends; then all is taken.

    What `take` raises is raised by the next `put`, or by the end of the `with`, unless that ends by another.
    """

    def __init__(self, take: Callable[[T], object]) -> None:
        self._take = take
        self._waiting: Queue[T | None] = Queue(_AHEAD)
        self._error: BaseException | None = None
        self._dropping = False
        self._thread = threading.Thread(target=self._work, name="pipe", daemon=True)

    def __enter__(self) -> "Pipe[T]":
        self._thread.start()
        return self

    def put(self, block: T) -> None:
        """Hand one over; waits while too many are waiting."""
        if self._error is not None:
            raise self._error
        self._waiting.put(block)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # A reader that broke down gave good blocks before: they are taken. Any other end wants none of them.
        self._dropping = error is not None and not isinstance(error, Exception)
        self._waiting.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _work(self) -> None:
        while (block := self._waiting.get()) is not None:
            if self._error is None and not self._dropping:
                try:
                    self._take(block)
                except BaseException as error:  # it is raised on the other thread
                    self._error = error
