"""One run of the bundled engine; the app knows it only by its URL and the key made for this start."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from app import paths
from app.errors import EngineError
from app.remote.connection import Connection, Key, local

_PATIENCE = 30.0


def engine_command(key_file: Path) -> list[str]:
    """How this very installation starts its engine on any free port of loopback."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    return [*program, "engine", "--host", "127.0.0.1", "--port", "0", "--key-file", str(key_file), "--watch-stdin"]


class EngineProcess:
    """One run of the engine: started with a fresh key, ended with `stop`, and by itself when we are gone."""

    def __init__(self, begun: "Callable[[subprocess.Popen[bytes]], object] | None" = None) -> None:
        """Blocks until it listens; `begun` hears of the process before. EngineError where it does not start."""
        try:
            self.connection, self._process = _start(begun)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise EngineError(f"The offline engine cannot be started: {reason}.", "Look at its folders.") from error

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Block until it ends."""
        code = self._process.wait()
        self._let_go()
        return code

    def stop(self) -> None:
        """End it: its input closes, it tidies up and goes; if not, it is made to."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


def _start(
    begun: "Callable[[subprocess.Popen[bytes]], object] | None",
) -> tuple[Connection, "subprocess.Popen[bytes]"]:
    key = secrets.token_urlsafe(32)
    paths.log_dir().mkdir(parents=True, exist_ok=True)
    # The key goes by a file that only this user can read: arguments and environment are seen by others.
    handle, name = tempfile.mkstemp(prefix="retake-key-")
    key_file = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(key)
        with (paths.log_dir() / "engine.log").open("ab") as errors:
            process = subprocess.Popen(
                engine_command(key_file),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=None if getattr(sys, "frozen", False) else Path(__file__).parents[2],
            )
        if begun is not None:
            begun(process)
        url = _announced(process)
    finally:
        key_file.unlink(missing_ok=True)
    return local(url, Key(key)), process


def _announced(process: "subprocess.Popen[bytes]") -> str:
    """The URL from the line that the engine prints once it listens."""
    timer = threading.Timer(_PATIENCE, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        return str(json.loads(line)["url"])
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        raise EngineError(
            "The offline engine did not start.", f"Its log is at {paths.log_dir() / 'engine.log'}."
        ) from error
    finally:
        timer.cancel()
