"""A real engine in a process of its own, for every test that needs one: `with start_engine(tmp_path) as engine`."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass
class RunningEngine:
    """An engine that listens at `url` and wants `key`; `log` is its stderr, `data` the folder it works in."""

    url: str
    key: str
    data: Path
    log: Path
    process: "subprocess.Popen[str]"

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs to be let in."""
        return {"Authorization": f"Key {self.key}"}

    def stop(self, timeout: float = 10.0) -> int:
        """End it as the app does, by closing its stdin; the exit code."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        return self._wait(timeout)

    def terminate(self, timeout: float = 10.0) -> int:
        """End it by SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._wait(timeout)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self._wait(10.0)

    def _wait(self, timeout: float) -> int:
        try:
            return self.process.wait(timeout)
        finally:
            self.close_pipes()

    def close_pipes(self) -> None:
        """Let go of its stdin and stdout."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe and not pipe.closed:
                pipe.close()


@contextlib.contextmanager
def start_engine(tmp_path: Path, **config: object) -> Iterator[RunningEngine]:
    """Start an engine on a free port with a fresh key, and end it after the block.

    `config` are the command's options: port, workers, retention, job_seconds; True switches on faults,
    test_endpoints or allow_leaky_put. `key=None` starts it without a key.
    """
    folder = tmp_path / f"engine-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    key = config.pop("key", "test-" + secrets.token_urlsafe(24))
    command = [sys.executable, "-m", "app.engine.serve", "--watch-stdin", "--data", str(folder / "data")]
    if key is not None:
        key_file = folder / "key"
        key_file.touch(mode=0o600)
        key_file.write_text(str(key))
        command += ["--key-file", str(key_file)]
    for name, value in config.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            command.append(option)
        elif value is not False:
            command += [option, str(value)]
    log = folder / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(10)
        raise RuntimeError(f"the engine did not start: {log.read_text()}")
    engine = RunningEngine(json.loads(line)["url"], str(key or ""), folder / "data", log, process)
    try:
        yield engine
    finally:
        if process.poll() is None:
            try:
                engine.stop()
            except subprocess.TimeoutExpired:
                engine.kill()
        engine.close_pipes()
