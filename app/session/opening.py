"""Opening a sound or a project: decoded, summarised for drawing, and on disk, before it is worked on."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.endpoints.fields import Json
from app.errors import AppError, UnreadableAudio
from app.files.audio import probe
from app.files.project import Project
from app.files.project_folders import new_unnamed_folder
from app.sound.clip import Clip, Samples
from app.sound.peaks import Peaks, PeaksBuilder

log = logging.getLogger(__name__)

_BLOCK = 1 << 18
_REPORT_EVERY = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """How far a sound has come in: its peaks so far, and the frames that are expected."""

    name: str
    peaks: Peaks
    rate: int
    expected: int


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A project that is ready to be worked on."""

    project: Project
    peaks: Peaks
    panels: Mapping[str, dict[str, Json]]


Report = Callable[[Loading], None]


def is_project(path: Path) -> bool:
    """Whether the path is a project's folder, by its name or by what is in it."""
    return path.is_dir() and (path.suffix == ".retake" or (path / "project.db").exists())


def open_path(path: Path, report: Report, cancelled: Callable[[], bool]) -> Opened:
    """Open a project, or make an unnamed one around a sound file. FileError where neither can be."""
    try:
        return _reopen(path, report) if is_project(path) else _create(path, report, cancelled)
    except AppError:
        raise
    except Exception as error:
        # Whatever a strange file brings about, opening it ends in a sentence, and what was open stays.
        log.exception("opening %s broke", path.name)
        what = f"{path.name} could not be opened ({type(error).__name__})."
        raise UnreadableAudio(what, "The log has the details.") from error


def _create(path: Path, report: Report, cancelled: Callable[[], bool]) -> Opened:
    info = probe(path)
    growing = _Growing(path.name, info.rate, info.channels, info.frames, report)
    project = Project.create(new_unnamed_folder(path.stem), path, on_block=growing.add, cancelled=cancelled)
    return Opened(project, growing.finished(project.source), {})


def _reopen(folder: Path, report: Report) -> Opened:
    project = Project.open(folder)
    source = project.source
    growing = _Growing(project.name, source.rate, source.channels, source.length, report)
    for start in range(0, source.length, _BLOCK):
        growing.add(source.samples[start : start + _BLOCK], source.length)
    return Opened(project, growing.finished(source), project.panels())


class _Growing:
    """Summarises blocks as they come and reports every now and then."""

    def __init__(self, name: str, rate: int, channels: int, expected: int, report: Report) -> None:
        self._name, self._rate, self._channels, self._expected = name, rate, channels, expected
        self._report = report
        self._builder: PeaksBuilder | None = None
        self._reported = 0.0

    def add(self, block: Samples, expected: int) -> None:
        if self._builder is None:
            self._builder = PeaksBuilder(block.shape[1], _scale(block))
        self._builder.add(block)
        if time.monotonic() - self._reported > _REPORT_EVERY:
            self._reported = time.monotonic()
            peaks = self._builder.peaks()
            self._report(Loading(self._name, peaks, self._rate, max(expected, self._expected, peaks.length)))

    def finished(self, source: Clip) -> Peaks:
        if self._builder is None:
            self._builder = PeaksBuilder(source.channels, source.scale)
        return self._builder.peaks()


def _scale(block: Samples) -> float:
    return Clip(block, 1).scale
