"""A machine without a display: `python -m app` does the main job by itself, with the real window and engine."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import ROOT, command, left_behind, marked
from PySide6.QtGui import QImage

from app import paths
from app.files.audio import decode_file
from app.sound.region import Region
from app.takes.compare import compare
from app.walkthrough import FAULT

_NO_DISPLAY = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run puts what is temporary, and nothing else does."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def environment(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A machine without a display, and a user whose home is empty."""
    home = tmp_path_factory.mktemp("users") / "home"
    return marked({**_NO_DISPLAY, "TMPDIR": str(temporary), "RETAKE_HOME": str(home)})


@pytest.fixture(scope="module")
def told(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """One run, for all that is to be said of it."""
    return subprocess.run(
        command(paths.demo_clip()), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False
    )


@pytest.fixture(scope="module")
def made(told: "subprocess.CompletedProcess[str]") -> list[Path]:
    """The files that it says it made."""
    return [Path(line) for line in told.stdout.splitlines() if line.endswith((".wav", ".png"))]


def test_it_says_why_and_what_and_ends_well(told: "subprocess.CompletedProcess[str]") -> None:
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    first, second, *_ = told.stdout.splitlines()
    assert first == "There is no display here, so Retake does its demo job without a window."
    assert second == "Asking for Fill 1.60 s × 3 …"


def test_three_takes_equal_the_demo_clip_outside_the_mask(made: list[Path]) -> None:
    demo = decode_file(paths.demo_clip())
    mask = Region.from_seconds(*FAULT, demo.rate)
    takes = [path for path in made if path.suffix == ".wav"]
    assert [path.name for path in takes] == ["demo take 1.wav", "demo take 2.wav", "demo take 3.wav"]
    for path in takes:
        assert soundfile.info(path).subtype == soundfile.info(paths.demo_clip()).subtype
        found = compare(demo, decode_file(path))
        assert found.length_a == found.length_b
        assert found.first is not None
        assert found.last is not None
        assert mask.start <= found.first < found.last < mask.end
        assert found.frames > 0.9 * mask.length
    assert len({path.read_bytes() for path in takes}) == 3


def test_the_picture_shows_a_window(made: list[Path]) -> None:
    (path,) = [path for path in made if path.suffix == ".png"]
    picture = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    assert picture.width() >= 900
    assert picture.height() >= 600
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), -1)[:, : picture.width()]
    colours, counts = np.unique(pixels, return_counts=True)
    assert len(colours) > 100
    assert counts.max() < 0.9 * pixels.size
    bands = np.array_split(pixels, 6)
    assert all(len(np.unique(band)) > 10 for band in bands), "no part of it is empty"


def test_it_leaves_what_it_made_and_nothing_else(
    told: "subprocess.CompletedProcess[str]", made: list[Path], environment: dict[str, str], temporary: Path
) -> None:
    assert left_behind(environment) == []
    assert {path.parent for path in made} == set(temporary.iterdir())
    assert set(made[0].parent.iterdir()) == set(made)
    assert not Path(environment["RETAKE_HOME"]).exists(), "the user's own settings and projects are as they were"


def test_a_file_of_the_users_own_is_not_passed_over_in_silence(environment: dict[str, str], tmp_path: Path) -> None:
    """Only the beginning of what it says is waited for; then it is told to go, and takes its engine along."""
    changed = {**environment, **marked(), "TMPDIR": str(tmp_path)}
    for name in _NO_DISPLAY:
        changed.pop(name, None)
    process = subprocess.Popen(
        command("song.wav"), cwd=ROOT, env=changed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert "no display" in process.stdout.readline()
        assert process.stdout.readline() == (
            "To remake a part of your own file: retake regenerate FILE --start S --end S -o OUT\n"
        )
        process.kill()


def test_a_job_that_fails_ends_it_at_once_with_the_reason(environment: dict[str, str], tmp_path: Path) -> None:
    code = "import sys; from app import walkthrough; walkthrough.FAULT = (0.0, 26.9); sys.exit(walkthrough.run([]))"
    changed = {**environment, "TMPDIR": str(tmp_path)}
    failed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=changed, capture_output=True, text=True, timeout=60, check=False
    )
    assert failed.returncode == 1
    (line,) = failed.stderr.splitlines()
    assert line.startswith("retake: ")
    assert "gave up" not in line
    assert left_behind(changed) == []
