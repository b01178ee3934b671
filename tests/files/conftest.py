"""Sound for the disk's tests, and a folder that refuses to be written."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def tone() -> np.ndarray:
    """A second of stereo float32 sound at 48 kHz, well below full scale."""
    t = np.arange(48000) / 48000
    return np.stack([0.4 * np.sin(2 * np.pi * 440 * t), 0.3 * np.sin(2 * np.pi * 660 * t)], 1).astype(np.float32)


@pytest.fixture
def powerless() -> Iterator[Path]:
    """A folder that others can reach; after sample_files.step_down(folder) it cannot be written, not even by root."""
    folder = Path(tempfile.mkdtemp(prefix="retake-powerless-"))
    folder.chmod(0o755)
    yield folder
    if hasattr(os, "seteuid"):
        os.seteuid(os.getuid())
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o755)
    shutil.rmtree(folder)
