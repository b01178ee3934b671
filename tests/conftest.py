"""What every test shares: an own home, no window system, no log record that nobody expected."""

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
os.environ.pop("FAL_KEY", None)

from sounds import make_music

from app.sound.clip import Clip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.session.engine_process import EngineProcess
    from app.session.session import Session

_ORDER = ("sound", "endpoints", "takes", "remote", "files", "engine", "session", "ui")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pure floors first: a fault is shown where it begins."""

    def floor(item: pytest.Item) -> int:
        parts = item.path.relative_to(Path(__file__).parent).parts
        return _ORDER.index(parts[0]) if parts[0] in _ORDER else len(_ORDER)

    items.sort(key=floor)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data, caches and logs of this test only."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RETAKE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_unexpected_log(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning that a test did not announce with @pytest.mark.logs fails it."""
    yield
    if request.node.get_closest_marker("logs"):
        return
    loud = [r for when in ("setup", "call") for r in caplog.get_records(when) if r.levelno >= logging.WARNING]
    assert not loud, "unexpected log records: " + "; ".join(f"{r.name}: {r.getMessage()}" for r in loud)


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Widgets in cycles are collected between tests, on the thread that made them, as the app itself sees to."""
    gc.disable()
    yield
    if gc.get_count()[2] > 10 or gc.get_count()[1] > 200:
        gc.collect()
    else:
        gc.collect(1)


@pytest.fixture
def music() -> Clip:
    """Six seconds of stereo sound with pitch, beat and noise, 44.1 kHz, made anew from a fixed seed."""
    return make_music()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator["EngineProcess"]:
    """The real bundled engine in a process of its own, one for all tests that only use it."""
    from app.session.engine_process import EngineProcess

    before = os.environ.get("RETAKE_HOME")
    os.environ["RETAKE_HOME"] = str(tmp_path_factory.mktemp("engine-home"))
    try:
        process = EngineProcess()
    finally:
        if before is None:
            del os.environ["RETAKE_HOME"]
        else:
            os.environ["RETAKE_HOME"] = before
    yield process
    process.stop()


@pytest.fixture
def session(qtbot: "QtBot", engine: "EngineProcess") -> Iterator["Session"]:
    """A session with the real engine connected and its endpoint chosen."""
    from app.files.ledger import Ledger
    from app.files.settings import Settings
    from app.session.session import Session

    ledger = Ledger()
    session = Session(Settings(), ledger)
    session.add_connection(engine.connection)
    qtbot.waitUntil(lambda: session.asking.endpoint is not None, timeout=10_000)
    yield session
    session.shut_down()
    ledger.close()
