"""What a worker can do, by endpoint. Runs in worker processes only."""

import importlib
import os
import time
from collections.abc import Callable

from app.engine.endpoints import EXTEND, INPAINT, SLEEP, VARY, SleepInput
from app.engine.messages import Done, Task


def preload() -> None:
    """Import what the first real job would have to wait for: numpy, scipy and the readers of sound files."""
    for name in ("inpaint_task", "vary_task", "extend_task"):
        importlib.import_module(f"app.engine.{name}")


def run(task: Task, tell: Callable[[str], None]) -> Done:
    """Do the task; Refused where its input turns out to be wrong."""
    if task.endpoint == SLEEP.id:
        return _sleep(task, tell)
    if task.endpoint == VARY.id:
        from app.engine.vary_task import run_vary

        return run_vary(task, tell)
    if task.endpoint == EXTEND.id:
        from app.engine.extend_task import run_extend

        return run_extend(task, tell)
    assert task.endpoint == INPAINT.id
    from app.engine.inpaint_task import run_inpaint

    return run_inpaint(task, tell)


def _sleep(task: Task, tell: Callable[[str], None]) -> Done:
    asked = SleepInput.model_validate(task.params)
    tell(f"pid {os.getpid()}")
    for line in range(asked.lines):
        time.sleep(asked.seconds / asked.lines)
        tell(f"line {line + 1} of {asked.lines}")
    if not asked.lines:
        time.sleep(asked.seconds)
    if asked.outcome == "error":
        raise RuntimeError("asked to fail")
    if asked.outcome == "exit":
        os._exit(3)
    return Done(output={"slept": asked.seconds}, files={})
