"""The desk where jobs lie: what was asked, how far each is, and what may be done about it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.endpoints.request import Request
from app.errors import AppError
from app.files.ledger import Ledger
from app.files.project import Project
from app.remote.connection import Connection
from app.remote.job import Handle, JobId, JobState, JobUpdate
from app.session.background import Background
from app.session.connections import LOCAL, Connections
from app.session.jobs import Arrival, JobQueue, Task, ended_at_host
from app.session.landing import RESULT, job_folder, new_job_id
from app.session.messages import Messages
from app.session.recovery import Found, look_up
from app.session.shelf import Shelf
from app.takes.render import Rendering
from app.takes.take import TakeId
from app.takes.timeline import Timeline


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A job of this session: what was asked, where it is, since when, and its last words."""

    task: Task
    update: JobUpdate
    began: float
    log: str = ""
    handle: Handle | None = None


class Desk(QObject):
    """Starts jobs on connections that are there, keeps their cards, and passes on the takes they bring."""

    changed = Signal()
    arrived = Signal(object)
    offered = Signal(object)
    waiting = Signal(object)

    def __init__(
        self,
        ledger: Ledger,
        shelf: Shelf,
        connections: Connections,
        messages: Messages,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.jobs: dict[JobId, Job] = {}
        self._connections = connections
        self._messages = messages
        self._background = background
        self._ledger = ledger
        self._shelf = shelf
        self._queue = JobQueue(ledger, shelf, self)
        self._queue.updated.connect(self._on_update)
        self._queue.arrived.connect(self._on_arrival)
        self._queue.fetched.connect(self._on_fetched)

    def start(self, request: Request, base: Rendering, project: Path) -> None:
        """Submit one request as a new job."""
        try:
            connection = self._connections.get(request.connection)
        except AppError as error:
            self._messages.fail(error)
            return
        self._begin(Task(new_job_id(), request, base, connection, project))

    def look_again(
        self, project: Project, timeline: Callable[[], Timeline], rendering: Callable[[TakeId | None], Rendering]
    ) -> None:
        """Look the project's open jobs up, and go on with those that do not run."""

        def answer(found: tuple[Found, ...]) -> None:
            for each in found:
                base = TakeId(each.request.base) if each.request.base else None
                if self._shelf.find(project.folder) is project and base in timeline():
                    self.go_on(each, rendering(base), project.folder)

        self._background.run(
            lambda: look_up(self._ledger, project.folder, self._connections), answer, self._messages.fail
        )

    def go_on(self, found: Found, base: Rendering, project: Path) -> None:
        """Follow a job of an earlier run, fit its result in, or show why neither can be done."""
        known = self.jobs.get(found.job)
        if known is not None and not known.update.state.final:
            return  # it runs: it was never let go
        connection = self._connections.find(found.request.connection)
        task = Task(found.job, found.request, base, connection, project, found.handle, found.result)
        if found.error is None:
            self._begin(task)
            return
        self.jobs[task.job] = Job(task, JobUpdate(task.job, JobState.FAILED, error=found.error), time.monotonic())
        if found.over:
            self._queue.give_up(task.job, str(found.error))
        self.changed.emit()

    def again(self, job: JobId) -> Request | None:
        """Go on with a job that failed on the way; the request to ask anew where that is all that can be done."""
        state = self.jobs[job]
        task, error = state.task, state.update.error
        connection = self._connections.find(task.request.connection)
        handle = state.handle or task.resume
        alive = handle is not None and error is not None and not ended_at_host(error, accepted=True)
        asked = connection is not None and connection.name != LOCAL  # a bundled engine that ended took its jobs along
        if alive and (asked or (job_folder(job) / RESULT).exists()):
            self._begin(replace(task, connection=connection, resume=handle))
            return None
        self._queue.give_up(job, "asked for anew")
        self.dismiss(job)
        return task.request

    def _begin(self, task: Task) -> None:
        self.jobs[task.job] = Job(task, JobUpdate(task.job, JobState.PREPARING), time.monotonic())
        self._queue.submit(task)
        self.changed.emit()

    def cancel(self, job: JobId) -> None:
        """Stop a job; its card tells what came of it."""
        self._queue.cancel(job)

    def cancel_latest(self, project: Project) -> None:
        """Stop the project's job that was started last and still runs."""
        live = [job for job, state in self.of(project).items() if not state.update.state.final]
        if live:
            self.cancel(live[-1])

    def dismiss(self, job: JobId) -> None:
        """Take the card of a job away that has come to its end."""
        if job in self.jobs and self.jobs[job].update.state.final:
            del self.jobs[job]
            self.changed.emit()

    def of(self, project: Project | None) -> dict[JobId, Job]:
        """The jobs of a project that is open: those that run, and those that failed and may be asked again."""
        if project is None:
            return {}
        return {i: job for i, job in self.jobs.items() if self._shelf.find(job.task.project) is project}

    def ask_offers(self, connection: Connection) -> None:
        """Ask a host which endpoints it has; `offered` brings (connection, documents)."""
        self._queue.fetch_endpoints(connection)

    def close(self) -> None:
        """Let go of all jobs without cancelling them."""
        self._queue.close()

    @Slot(object)
    def _on_update(self, update: JobUpdate) -> None:
        job = self.jobs.get(update.job)
        if job is None:
            return
        if update.state in (JobState.DONE, JobState.CANCELLED):
            del self.jobs[update.job]
            if update.state is JobState.CANCELLED:
                self._messages.say("The job was stopped.", " ".join(update.notes))
            if update.state is JobState.DONE and update.notes:
                self._messages.say(" ".join(update.notes))
            if update.state is JobState.DONE and update.result is None:
                self.waiting.emit(job.task.project)  # what came back lies in the inbox
        else:
            handle = update.handle or job.handle
            self.jobs[update.job] = replace(job, update=update, log=update.log or job.log, handle=handle)
        self.changed.emit()

    @Slot(object)
    def _on_arrival(self, arrival: Arrival) -> None:
        self.arrived.emit(arrival)

    @Slot(object)
    def _on_fetched(self, news: tuple[Connection, object]) -> None:
        connection, answer = news
        if isinstance(answer, AppError):
            self._messages.fail(answer)
        else:
            self.offered.emit((connection, answer))
