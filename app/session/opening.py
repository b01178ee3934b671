"""Opening a sound or a project: a preview first, then what can be worked on; exact peaks follow or grow meanwhile."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.endpoints.fields import Json
from app.errors import AppError, UnreadableAudio
from app.files.audio import probe
from app.files.fingerprint import fingerprint
from app.files.layout import Layout, layout_of
from app.files.peaks_cache import PeaksCache
from app.files.pipe import Pipe
from app.files.preview import preview_compressed, preview_plain
from app.files.project import Project
from app.files.project_folders import new_unnamed_folder
from app.files.sound_cache import SoundCache
from app.sound.clip import Clip, Samples
from app.sound.peaks import Peaks, PeaksBuilder
from app.sound.peaks_growing import grow
from app.sound.preview import preview_of

log = logging.getLogger(__name__)

_REPORT_EVERY = 0.05
_AT_ONCE = 4_000_000  # samples that are summed up in a few milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """How far a sound has come in: its peaks so far (beyond them, the preview), and the frames that are expected.

    `preview` is the coarse picture of the whole alone; `since` is when opening began, by the monotonic clock.
    """

    name: str
    peaks: Peaks
    rate: int
    expected: int
    preview: Peaks | None = None
    since: float = 0.0

    @property
    def share(self) -> float:
        """How much of it is there, 0 to 1."""
        return min(self.peaks.length / self.expected, 1.0) if self.expected else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A project that is ready to be worked on; `growing` where its exact peaks are still to be made."""

    project: Project
    peaks: Peaks
    panels: Mapping[str, dict[str, Json]]
    growing: bool = False
    strange: int = 0
    """How many samples are not numbers, where that was found without decoding."""


Report = Callable[[Loading], None]


def is_project(path: Path) -> bool:
    """Whether the path is a project's folder, by its name or by what is in it."""
    return path.is_dir() and (path.suffix == ".retake" or (path / "project.db").exists())


def open_path(path: Path, report: Report, cancelled: Callable[[], bool]) -> Opened:
    """Open a project, or make an unnamed one around a sound file. FileError where neither can be."""
    try:
        return _reopen(path) if is_project(path) else _create(path, report, cancelled)
    except AppError:
        raise
    except Exception as error:
        # Whatever a strange file brings about, opening it ends in a sentence, and what was open stays.
        log.exception("opening %s broke", path.name)
        what = f"{path.name} could not be opened ({type(error).__name__})."
        raise UnreadableAudio(what, "The log has the details.") from error


def _create(path: Path, report: Report, cancelled: Callable[[], bool]) -> Opened:
    layout = layout_of(path) if path.is_file() else None
    if layout is not None:
        return _around(path, layout)
    began = time.monotonic()
    info = probe(path)
    key = fingerprint(path)
    kept = PeaksCache().find(key)
    known = kept.peaks if kept is not None else None
    preview = None
    if not SoundCache().has(key):
        preview = known or preview_compressed(path, info)
        empty = PeaksBuilder(info.channels).peaks().over(preview)
        report(Loading(path.name, empty, info.rate, info.frames, preview, began))
    growing = _Growing(Loading(path.name, PeaksBuilder(info.channels).peaks(), info.rate, info.frames, preview, began))
    with Pipe(growing.add) as pipe:

        def on_block(block: Samples, expected: int) -> None:
            growing.report = report
            pipe.put((block, expected))

        folder = new_unnamed_folder(path.stem)
        project = Project.create(folder, path, on_block=on_block, cancelled=cancelled, later=True)
    if growing.builder is not None:
        peaks = growing.builder.finish()
        if known is None:
            PeaksCache().keep(key, peaks, 0)
        return Opened(project, peaks, {})
    return _pictured(project, {}, lambda: preview_of(project.source))


def _around(path: Path, layout: Layout) -> Opened:
    """A project around samples that can be read where they lie: at once, whatever their length."""
    project = Project.create(new_unnamed_folder(path.stem), path, later=True)
    return _pictured(project, {}, lambda: preview_plain(path, layout))


def _reopen(folder: Path) -> Opened:
    project = Project.open(folder)
    return _pictured(project, project.panels(), lambda: preview_of(project.source))


def _pictured(project: Project, panels: Mapping[str, dict[str, Json]], look: Callable[[], Peaks | None]) -> Opened:
    """A project with the peaks that are kept of its sound, or at once where it is short, or else with a preview."""
    source, key = project.source, project.source_key
    kept = PeaksCache().find(key) if key else None
    if kept is not None and (kept.peaks.length, kept.peaks.channels) == (source.length, source.channels):
        return Opened(project, kept.peaks, panels, strange=kept.strange)
    if source.length * source.channels <= _AT_ONCE:
        grown = grow(source)
        assert grown is not None  # nobody cancels it
        if key:
            PeaksCache().keep(key, grown.peaks, grown.strange)
        return Opened(project, grown.peaks, panels, strange=grown.strange)
    empty = PeaksBuilder(source.channels, source.scale).peaks()
    return Opened(project, empty.over(look()), panels, growing=True)


class _Growing:
    """Summarises blocks as they come and reports every now and then."""

    def __init__(self, begun: Loading) -> None:
        self._begun = begun
        self._reported = 0.0
        self.report: Report | None = None
        self.builder: PeaksBuilder | None = None

    def add(self, news: tuple[Samples, int]) -> None:
        block, expected = news
        if self.builder is None:
            self.builder = PeaksBuilder(block.shape[1], Clip(block, 1).scale)
        self.builder.add(block)
        if self.report is not None and time.monotonic() - self._reported > _REPORT_EVERY:
            self._reported = time.monotonic()
            begun, peaks = self._begun, self.builder.peaks().over(self._begun.preview)
            expected = max(expected, begun.expected, peaks.length)
            self.report(Loading(begun.name, peaks, begun.rate, expected, begun.preview, begun.since))
