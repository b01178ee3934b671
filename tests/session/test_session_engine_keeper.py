"""The bundled engine is there while the window is, comes back when it dies, and leaves nothing behind."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.errors import EngineError
from app.remote.connection import Connection
from app.session import engine_process
from app.session.engine_keeper import EngineKeeper
from app.session.engine_process import EngineProcess

LONG = 60_000


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]


def test_it_answers_with_a_key_of_its_own_and_tells_it_nobody(qtbot: QtBot) -> None:
    before = set(Path("/tmp").glob("retake-key-*"))
    process = EngineProcess()
    try:
        key = process.connection.key
        assert key is not None
        assert process.connection.loopback
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        assert key.reveal().encode() not in seen
        assert key.reveal() not in repr(process.connection)
        assert not [
            path for path in set(Path("/tmp").glob("retake-key-*")) - before if key.reveal() in path.read_text()
        ]
    finally:
        process.stop()
    assert not process.alive
    assert key.reveal() not in (paths.log_dir() / "engine.log").read_text()


def test_it_is_started_again_when_it_dies_with_another_key_and_ends_with_the_keeper(qtbot: QtBot) -> None:
    keeper = EngineKeeper()
    answered: list[Connection] = []
    keeper.ready.connect(answered.append)
    with qtbot.waitSignal(keeper.ready, timeout=LONG):
        keeper.begin()
    pid = keeper.pid
    assert pid is not None
    with qtbot.waitSignals([keeper.lost, keeper.ready], timeout=LONG):
        os.kill(pid, signal.SIGKILL)
    again = keeper.pid
    assert again not in (None, pid)
    assert answered[0].key != answered[1].key
    keeper.end()
    assert again is not None
    assert not running(again)


def test_ending_while_it_starts_does_not_wait_for_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(engine_process, "engine_command", lambda _: sleeper)
    keeper = EngineKeeper()
    keeper.begin()
    qtbot.waitUntil(lambda: keeper._starting is not None, timeout=LONG)
    began = time.monotonic()
    keeper.end()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("command", [[sys.executable, "-c", "print('not json')"], ["/no/such/program"]])
def test_an_engine_that_cannot_start_is_one_sentence(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr(engine_process, "engine_command", lambda _: command)
    keeper = EngineKeeper()
    with qtbot.waitSignal(keeper.gave_up, timeout=LONG) as told:
        keeper.begin()
    error = told.args[0]
    assert isinstance(error, EngineError)
    assert error.message.startswith("The offline engine")
    assert error.hint
    keeper.end()


def test_an_app_that_is_killed_takes_its_engine_along(qtbot: QtBot, home: Path) -> None:
    code = (
        "from app.session.engine_process import EngineProcess; import time;"
        "p = EngineProcess(); print(p.pid, flush=True); time.sleep(60)"
    )
    import subprocess

    app = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    pid = int(app.stdout.readline())
    assert running(pid)
    app.kill()
    app.wait()
    app.stdout.close()
    qtbot.waitUntil(lambda: not running(pid), timeout=10_000)
    assert QCoreApplication.instance() is not None
