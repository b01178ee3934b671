"""What is done for an open project behind the user's back: its exact peaks, then its own copy of its sound."""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.files.formats import Cancelled
from app.files.peaks_cache import PeaksCache
from app.files.project import Project
from app.session.background import Background
from app.session.messages import Messages
from app.session.opening import Opened
from app.sound.clip import Clip
from app.sound.peaks import Peaks, PeaksBuilder
from app.sound.peaks_growing import grow

_REPORT_EVERY = 0.05
_NICE = 10


class Upkeep(QObject):
    """One thread, for one project at a time. `kept` carries the project that has its own copy now."""

    kept = Signal(object)

    def __init__(
        self, messages: Messages, draw: Callable[[tuple[Clip, Peaks]], None], parent: QObject | None = None
    ) -> None:
        """`draw` takes the peaks of a source as they grow."""
        super().__init__(parent)
        self._messages, self._draw = messages, draw
        self._worker = Background(1, self)
        self._turn = 0

    def begin(self, opened: Opened) -> None:
        """A project was opened: what was begun for another is let go of."""
        self._turn += 1
        turn, project = self._turn, opened.project

        def cancelled() -> bool:
            return turn != self._turn

        self._on_grown(opened.strange)
        if opened.growing:
            preview = opened.peaks.beyond

            def report(peaks: Peaks) -> None:
                self._worker.report(self._on_pictured, (turn, project.source, peaks.over(preview)))

            self._worker.run(
                lambda: _grown(project.source, project.source_key, report, cancelled), self._on_grown, self._on_failed
            )
        if not project.self_contained:
            self._worker.run(lambda: _kept(project, cancelled), self._on_kept, self._on_failed)

    def end(self) -> None:
        """The project is being put away; returns at once."""
        self._turn += 1

    def close(self) -> None:
        """Let go of everything, and of the thread."""
        self.end()
        self._worker.close()

    def _on_pictured(self, news: tuple[int, Clip, Peaks]) -> None:
        turn, source, peaks = news
        if turn == self._turn:
            self._draw((source, peaks))

    def _on_grown(self, strange: int | None) -> None:
        if strange:
            self._messages.warn(f"{strange:,} samples are not numbers; they are heard as silence.")

    def _on_kept(self, project: Project | None) -> None:
        if project is not None:
            self.kept.emit(project)

    def _on_failed(self, error: AppError) -> None:
        self._messages.fail(error)


def _grown(source: Clip, key: str, report: Callable[[Peaks], None], cancelled: Callable[[], bool]) -> int | None:
    """The exact peaks of a sound, reported as they grow and kept for the next time; how many samples are no numbers."""
    cache = PeaksCache()
    draft = cache.draft(key, source.length, source.channels, source.samples.dtype) if key else None
    reported = time.monotonic()

    def on_more(builder: PeaksBuilder) -> None:
        nonlocal reported
        if time.monotonic() - reported > _REPORT_EVERY:
            reported = time.monotonic()
            report(builder.peaks())

    grown = grow(source, room=draft.room if draft is not None else (), report=on_more, cancelled=cancelled)
    if grown is None:
        if draft is not None:
            draft.drop()
        return None
    report(grown.peaks)
    if draft is not None:
        with suppress(OSError):
            draft.keep(grown.peaks, grown.strange)
    return grown.strange


def _kept(project: Project, cancelled: Callable[[], bool]) -> Project | None:
    _step_back()
    try:
        project.keep_source(cancelled)
    except Cancelled:
        return None
    return project


def _step_back() -> None:
    """Let every other thread go first, where the system can tell threads apart."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
