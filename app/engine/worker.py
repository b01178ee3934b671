"""The inside of a worker process: take a task from the pipe, do it, tell what came of it, wait for the next.

Started by `spawn`, never by `fork`: a fork would copy the server's locks and sockets in whatever state they are.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import TypeAlias

from app.engine import tasks
from app.engine.messages import Failed, Log, News, Ready, Task
from app.engine.problems import Problem, Refused

Pipe: TypeAlias = "Connection[bytes, bytes]"

INTERNAL = Problem.of_model(500, "internal_server_error", "The engine failed at this job.")
_log = logging.getLogger(__name__)


def work(pipe: Pipe) -> None:
    """Serve tasks until the pipe closes; the entry point of the process."""
    _settle_in()
    _send(pipe, Ready())
    threading.Thread(target=tasks.preload, daemon=True).start()
    while True:
        try:
            task = Task.model_validate_json(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        _send(pipe, _do(task, lambda text: _send(pipe, Log(at=datetime.now(UTC), text=text))))


def _do(task: Task, tell: Callable[[str], None]) -> News:
    try:
        return tasks.run(task, tell)
    except Refused as refused:
        return Failed(problem=refused.problem)
    except MemoryError:
        return Failed(
            problem=Problem.of_model(500, "internal_server_error", "The engine has not enough memory for it.")
        )
    except Exception:
        _log.exception("%s failed", task.endpoint)
        return Failed(problem=INTERNAL)


def _send(pipe: Pipe, news: News) -> None:
    try:
        pipe.send_bytes(news.model_dump_json().encode())
    except OSError:
        os._exit(1)  # Nobody listens any more.


def _settle_in() -> None:
    # Ctrl+C in a terminal reaches every process of the group; only the server decides when work ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # The server's stdout carries one line of JSON for its parent, and nothing else.
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(5)  # Playback and the GUI come first.
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(wait: Callable[[], None]) -> None:
    """A server that was killed cannot end its workers; so each watches for itself."""
    wait()
    os._exit(0)
