"""Sound for the disk's tests, and a folder that refuses to be written."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from project_samples import RATE, ask, patch
from sample_files import encoded, native

from app.files.project import Project
from app.sound.region import Region
from app.takes.take import RunFacts
from app.takes.timeline import Verb


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


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "field recording.wav"
    path.write_bytes(encoded(native(2000, 2, "PCM_24"), RATE, "WAV", "PCM_24"))
    return path


@pytest.fixture
def made(tmp_path: Path, source: Path) -> Path:
    """A closed project with two takes, the second on the first and in use."""
    with Project.create(tmp_path / "Song.retake", source) as project:
        first = project.add_take(ask(), None, Region(100, 300), patch(1), RunFacts(seed=1))
        project.add_take(ask(), first.id, Region(150, 350), patch(2), RunFacts(seed=2))
        project.record(Verb.USE, project.timeline.takes[1].id)
        return project.folder
