"""One double of the hosted service for the whole room, begun anew for each test, and a session that only knows it."""

import functools
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile
from hosted_double import Double, start_double
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.files.ledger import Ledger
from app.files.settings import Settings
from app.session.session import Session


@pytest.fixture(scope="session")
def running_double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    with start_double(tmp_path_factory.mktemp("double")) as double:
        yield double


@pytest.fixture
def double(running_double: Double) -> Iterator[Double]:
    """The double; a fault that it wrote down, and that the test did not take away, fails the test."""
    running_double.begin_anew()
    yield running_double
    assert not running_double.faults, running_double.faults


@pytest.fixture
def session(qtbot: QtBot, double: Double) -> Iterator[Session]:
    """A session that is connected with the double and with nothing else."""
    ledger = Ledger()
    session = Session(Settings(), ledger)
    session.connections.put(double.connection)
    yield session
    session.shut_down()
    ledger.close()


@functools.cache
def _music(seconds: float, rate: int, channels: int, subtype: str) -> bytes:
    """A WAV file; made once, for many tests ask for the same."""
    out = io.BytesIO()
    soundfile.write(out, make_music(seconds, rate, channels).read(), rate, subtype=subtype, format="WAV")
    return out.getvalue()


@pytest.fixture
def sound_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes music to a file of the given packing."""

    def write(
        seconds: float = 24.0, rate: int = 44_100, channels: int = 2, subtype: str = "PCM_16", name: str = "clip.wav"
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(_music(seconds, rate, channels, subtype))
        return path

    return write
