"""What every test shares: an own home, no window system, no log record that nobody expected."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
os.environ.pop("FAL_KEY", None)

from app.sound.clip import Clip

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


@pytest.fixture
def music() -> Clip:
    """Six seconds of stereo sound with pitch, beat and noise, 44.1 kHz, made anew from a fixed seed."""
    return make_music()


def make_music(seconds: float = 6.0, rate: int = 44100, channels: int = 2, seed: int = 7) -> Clip:
    """A clip with notes on a beat over a noise floor; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    t = np.arange(n) / rate
    frames = np.zeros((n, channels))
    beat = round(rate * 0.5)
    for i, start in enumerate(range(0, n, beat)):
        note = 110.0 * 2 ** ((0, 3, 7, 10, 12, 7, 3, 5)[i % 8] / 12)
        span = t[: min(beat, n - start)]
        tone = sum(np.sin(2 * np.pi * note * k * span) / k for k in range(1, 7)) * np.exp(-4 * span)
        for c in range(channels):
            frames[start : start + span.size, c] += tone * (0.16 + 0.03 * ((i + c) % 3))
    frames += rng.normal(0, 0.003, frames.shape)
    return Clip.from_frames(frames, rate)
