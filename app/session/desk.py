"""The desk where jobs lie: what was asked, how far each is, and what may be done about it."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.endpoints.request import Request
from app.errors import AppError
from app.files.ledger import Ledger
from app.remote.connection import Connection
from app.remote.job import JobId, JobState, JobUpdate
from app.session.connections import Connections
from app.session.jobs import Arrival, JobQueue, Task
from app.session.landing import new_job_id
from app.session.messages import Messages
from app.session.recovery import Found
from app.session.shelf import Shelf
from app.takes.render import Rendering


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A job of this session: what was asked, where it is, since when, and its last words."""

    task: Task
    update: JobUpdate
    began: float
    log: str = ""


class Desk(QObject):
    """Starts jobs on connections that are there, keeps their cards, and passes on the takes they bring."""

    changed = Signal()
    arrived = Signal(object)
    offered = Signal(object)

    def __init__(
        self,
        ledger: Ledger,
        shelf: Shelf,
        connections: Connections,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.jobs: dict[JobId, Job] = {}
        self._connections = connections
        self._messages = messages
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

    def go_on(self, found: Found, base: Rendering, project: Path) -> None:
        """Follow a job of an earlier run, fit its result in, or show why neither can be done."""
        connection = self._connections.find(found.request.connection)
        task = Task(found.job, found.request, base, connection, project, found.handle, found.result)
        if found.error is None:
            self._begin(task)
        else:
            self.jobs[task.job] = Job(task, JobUpdate(task.job, JobState.FAILED, error=found.error), time.monotonic())
            self.changed.emit()

    def _begin(self, task: Task) -> None:
        self.jobs[task.job] = Job(task, JobUpdate(task.job, JobState.PREPARING), time.monotonic())
        self._queue.submit(task)
        self.changed.emit()

    def cancel(self, job: JobId) -> None:
        """Stop a job; its card tells what came of it."""
        self._queue.cancel(job)

    def cancel_latest(self) -> None:
        """Stop the job that was started last and still runs."""
        live = [job for job, state in self.jobs.items() if not state.update.state.final]
        if live:
            self.cancel(live[-1])

    def dismiss(self, job: JobId) -> None:
        """Take the card of a job away that has come to its end."""
        if job in self.jobs and self.jobs[job].update.state.final:
            del self.jobs[job]
            self.changed.emit()

    def live(self, project: Path) -> bool:
        """Whether a job still works for that project."""
        return any(j.task.project == project and not j.update.state.final for j in self.jobs.values())

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
            for note in update.notes if update.state is JobState.DONE else ():
                self._messages.say(note)
        else:
            self.jobs[update.job] = replace(job, update=update, log=update.log or job.log)
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
