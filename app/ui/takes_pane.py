"""Takes that are there and takes that are on their way: the session's timeline and jobs as rows and cards."""

import json
import time

from PySide6.QtCore import QPoint, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Request
from app.remote.job import JobId, JobState
from app.session.desk import Job
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import Take, TakeId
from app.ui.copy_menu import add_copies
from app.ui.job_cards import JobCard
from app.ui.take_list import TakeList
from app.ui.take_row import TakeRow
from app.ui.times import format_time

_MINIATURE = 160
_AROUND_SECONDS = 1.0
_WORTH_SAYING = 0.005  # seconds
_STATES_BEFORE_START = (JobState.PREPARING, JobState.UPLOADING, JobState.QUEUED)


class TakesPane(QWidget):
    """Shows takes and jobs, and hands what is done with them to the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.takes = TakeList(self)
        self.cards = self.takes.jobs
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.takes, 1)
        self.takes.heard.connect(session.hear)
        self.takes.used.connect(session.use)
        self.takes.starred.connect(session.star)
        self.takes.binned.connect(session.bin)
        self.takes.menu_requested.connect(self._on_menu)
        self.cards.cancel.connect(session.desk.cancel)
        self.cards.retry.connect(session.retry)
        self.cards.edit_retry.connect(self._on_edit_retry)
        self.cards.copy.connect(self._on_copy)
        self.cards.dismiss.connect(session.desk.dismiss)
        self.cards.menu_requested.connect(self._on_card_menu)
        session.timeline_changed.connect(self.show_takes)
        session.hearing.changed.connect(self.show_takes)
        session.opened.connect(self.show_takes)
        session.closed.connect(self.show_takes)
        session.desk.changed.connect(self.show_jobs)
        session.opened.connect(self.show_jobs)
        session.closed.connect(self.show_jobs)
        session.asking.catalogue_changed.connect(self.show_takes)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.show_jobs)
        self.show_takes()
        self.show_jobs()

    @Slot()
    def show_takes(self) -> None:
        """The original, then every take, oldest first."""
        session = self._session
        if session.project is None:
            self.takes.set_rows([])
            return
        numbers = {take.id: take.number for take in session.timeline.takes}
        self._starred, self._binned = session.timeline.starred, session.timeline.binned
        rows = [self._original()]
        rows += [self._row(take, numbers) for take in session.timeline.takes]
        self.takes.set_rows(rows)

    def _original(self) -> TakeRow:
        session = self._session
        assert session.project is not None
        source = session.project.source
        return TakeRow(
            id=None,
            number=0,
            title=self.tr("Original · {0}").format(session.project.name),
            used=session.timeline.head is None,
            heard=session.hearing.heard is None,
            columns=session.hearing.miniature(None, Region(0, source.length), _MINIATURE),
        )

    def _row(self, take: Take, numbers: dict[TakeId, int]) -> TakeRow:
        session = self._session
        assert session.project is not None
        source = session.project.source
        around = round(_AROUND_SECONDS * source.rate)
        length = session.timeline.length(source.length, take.id)
        shown = take.landed.widened(around, around).clamped(length)
        start, end = take.landed.seconds(source.rate)
        more = (take.patch.length - take.region.length) / source.rate
        longer = f" {more:+.1f} s".replace("-", "−") if abs(more) > _WORTH_SAYING else ""
        endpoint = session.asking.catalogue.get(take.request.endpoint, take.request.connection)
        name = _name(endpoint, take.request)
        return TakeRow(
            id=take.id,
            number=take.number,
            title=" · ".join(each for each in (take.facts.label, take.request.prompt or _first(take) or name) if each),
            endpoint=name,
            seed=take.facts.seed,
            region=f"{format_time(start, 2)}–{format_time(end, 2)}{longer}",
            time=take.created.astimezone().strftime("%H:%M"),
            parent=numbers.get(take.parent) if take.parent else None,
            used=session.timeline.head == take.id,
            heard=session.hearing.heard == take.id,
            starred=take.id in self._starred,
            binned=take.id in self._binned,
            notes=" ".join(take.facts.notes[0 if take.request.prompt or not _first(take) else 1 :]),
            columns=session.hearing.miniature(take.id, shown, _MINIATURE),
            marked=_share(take.landed, shown),
        )

    @Slot()
    def show_jobs(self) -> None:
        """A card for every job of this project that has not become a take; what runs stands first."""
        jobs = self._session.desk.of(self._session.project)
        ordered = sorted(jobs.items(), key=lambda each: each[1].update.state.final)
        self.takes.set_jobs([self._card(job_id, job) for job_id, job in ordered])
        if any(not job.update.state.final for job in jobs.values()):
            self._clock.start()
        else:
            self._clock.stop()

    def _card(self, job_id: JobId, job: Job) -> JobCard:
        request, update = job.task.request, job.update
        endpoint = self._session.asking.catalogue.get(request.endpoint, request.connection)
        words = [request.prompt or (endpoint.title if endpoint else request.endpoint)]
        words += [f"{request.mask.duration(request.rate):.2f} s"] if request.mask.length else []
        words += [f"seed {request.seed}"] if request.seed is not None else []
        return JobCard(
            id=job_id,
            title=" · ".join(words),
            state=update.state,
            place=update.place,
            elapsed=time.monotonic() - job.began,
            log=job.log,
            done=update.done,
            total=update.total,
            error=update.error.message if update.error else "",
            hint=update.error.hint if update.error else "",
            can_cancel_free=update.state in _STATES_BEFORE_START,
        )

    @Slot(object)
    def _on_edit_retry(self, job: JobId) -> None:
        request = self._session.desk.jobs[job].task.request
        self._session.desk.dismiss(job)
        self._session.recall(request)

    @Slot(object)
    def _on_copy(self, job: JobId) -> None:
        state = self._session.desk.jobs[job]
        told = {"request": request_facts(state.task.request), "error": str(state.update.error or "")}
        QGuiApplication.clipboard().setText(json.dumps(told, indent=2, ensure_ascii=False))

    @Slot(object, object)
    def _on_menu(self, take: TakeId | None, where: QPoint) -> None:
        if take is None:
            return
        request = self._session.timeline.get(take).request
        menu = QMenu(self)
        menu.addAction(self.tr("Use these settings"), lambda: self._session.recall(request))
        menu.addAction(self.tr("Show its mask"), lambda: self._session.set_mask(self._session.mask_of(request)))
        menu.addSeparator()
        add_copies(menu, request, self._session)
        menu.exec(where)

    @Slot(object, object)
    def _on_card_menu(self, job: JobId, where: QPoint) -> None:
        request = self._session.desk.jobs[job].task.request
        menu = QMenu(self)
        menu.addAction(self.tr("Use these settings"), lambda: self._session.recall(request))
        menu.addSeparator()
        add_copies(menu, request, self._session)
        menu.exec(where)

    def hear_number(self, number: int) -> None:
        """Hear the take of that number; 0 is the original."""
        if number == 0:
            self._session.hear(None)
        for take in self._session.timeline.takes:
            if take.number == number:
                self._session.hear(take.id)


def _share(region: Region, shown: Region) -> tuple[float, float]:
    """Where a region lies in what is shown, as fractions of its width."""
    length = max(shown.length, 1)
    return (region.start - shown.start) / length, (region.end - shown.start) / length


def request_facts(request: Request) -> dict[str, object]:
    """A request as it may be pasted anywhere: no key, no address."""
    return {"endpoint": request.endpoint, "params": dict(request.params), "seed": request.seed}


def _first(take: Take) -> str:
    """What an engine without words says first of its take: how well it matches."""
    first = take.facts.notes[0] if take.facts.notes else ""
    return first.rstrip(".") if first.endswith("match.") else ""


def _name(endpoint: Endpoint | None, request: Request) -> str:
    return endpoint.title if endpoint is not None else request.endpoint
