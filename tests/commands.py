"""The commands as a user gives them: in processes of their own, from the project's folder."""

import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
_MARK = "RETAKE_TEST_MARK"


def command(*arguments: object) -> list[str]:
    """`retake` with these arguments."""
    return [sys.executable, "-m", "app", *map(str, arguments)]


def marked(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """An environment that all descendants of a process inherit, by which `left_behind` knows them."""
    changes = {_MARK: uuid.uuid4().hex, "COLUMNS": "200", **(extra or {})}
    both = {**os.environ, **changes}
    return {name: value for name, value in both.items() if value is not None}


def retake(
    *arguments: object, env: Mapping[str, str | None] | None = None, timeout: float = 60.0
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=marked(env), capture_output=True, text=True, timeout=timeout, check=False
    )


def left_behind(environment: Mapping[str, str]) -> list[str]:
    """Processes that live and have this marked environment, where the system's /proc tells of them."""
    mark = f"{_MARK}={environment[_MARK]}".encode()
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # not ours, or gone meanwhile
            continue
    return found
