"""Where resources, settings, data and caches live: from source, installed, or frozen."""

import os
import sys
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path, user_log_path

APP_NAME = "retake"


def resources() -> Path:
    """The folder with endpoint documents, icons, the demo clip and the stylesheet."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen) / "resources"
    installed = Path(__file__).parent / "_resources"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "resources"


def demo_clip() -> Path:
    """The recording that a newcomer starts with."""
    return resources() / "demo" / "demo.flac"


def _home(kind: str, default: Path) -> Path:
    """RETAKE_HOME moves everything that Retake writes under one folder: for tests and portable installs."""
    root = os.environ.get("RETAKE_HOME")
    return Path(root) / kind if root else default


def config_dir() -> Path:
    """Settings and presets."""
    return _home("config", user_config_path(APP_NAME, appauthor=False))


def data_dir() -> Path:
    """The ledger of jobs, the inbox, and projects that were never named."""
    return _home("data", user_data_path(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """Pictures and decoded sounds of files that were opened before; may be thrown away at any time."""
    return _home("cache", user_cache_path(APP_NAME, appauthor=False))


def log_dir() -> Path:
    """Logs of the app and of the engine; never a key in them."""
    return _home("log", user_log_path(APP_NAME, appauthor=False))


def unnamed_projects() -> Path:
    """Projects that were never given a name."""
    return data_dir() / "unnamed"
