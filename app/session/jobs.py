"""JobQueue: one QThread running an asyncio loop, one task per job; what happens comes out by signal.

A job is written into the ledger before the wire hears of it, its URLs before the first poll, and its take into the
project before anybody is told. `run_job` yields between those steps, and this is where each step is written down.
"""

import asyncio
import logging
import shutil
import time
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import paths
from app.endpoints.request import Kind, Request
from app.errors import AppError, Expired, JobFailed, OutOfFunds, Rejected, SoundError, StillRunning
from app.files.ledger import Ledger
from app.files.project import Project
from app.remote.connection import Connection
from app.remote.job import Handle, Host, JobId, JobResult, JobState, JobUpdate, Order, make_host, run_job
from app.remote.life import ANSWER
from app.remote.queue import QueueClient
from app.remote.uploads import UploadCache
from app.session.landing import Landed, job_folder, land, load_result, prepare, save_result
from app.session.leavings import keep_files
from app.session.loop_thread import LoopThread
from app.session.shelf import Shelf
from app.takes.render import Rendering
from app.takes.take import Take, TakeId

log = logging.getLogger(__name__)

_WAITS = "A take for {} came back; it is kept until that project is opened again."


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One job to be done: the request, what it is made on, where it is asked, and whose take it becomes.

    `project` is the folder where the project lay when the job began; `resume` and `result` are how far it came before.
    """

    job: JobId
    request: Request
    base: Rendering
    connection: Connection | None
    project: Path
    resume: Handle | None = None
    result: JobResult | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """Takes that are on disk, the job that brought them, and the project that they are in."""

    job: JobId
    takes: tuple[Take, ...]
    project: Project


@dataclass(slots=True, eq=False)
class _Running:
    """What is known of a job while it runs; lives on the jobs' thread."""

    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    submitted: bool = False
    accepted: bool = False


def ended_at_host(error: AppError, *, accepted: bool) -> bool:
    """Whether a job is over with this error: asking for it again is a new job, and may be charged again.

    A job that was accepted goes on at its host whatever happens on the way to it; only the host's own word, or a
    result that cannot be used, is its end.
    """
    if not accepted:
        return True
    return isinstance(error, JobFailed | Rejected | Expired | OutOfFunds | SoundError) and not isinstance(
        error, StillRunning
    )


class JobQueue(QObject):
    """Submits, follows and cancels any number of jobs side by side, off the GUI thread."""

    updated = Signal(object)
    arrived = Signal(object)
    fetched = Signal(object)

    def __init__(self, ledger: Ledger, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = LoopThread()
        self._ledger = ledger
        self._shelf = shelf
        self._running: dict[JobId, _Running] = {}
        self._landing: set[asyncio.Task[None]] = set()
        self._hosts: dict[Connection, Host] = {}
        self._uploads = UploadCache(paths.data_dir() / "uploads.json")
        self._stack = AsyncExitStack()
        self._thread.start()
        self._thread.ready.wait()

    def submit(self, task: Task) -> None:
        """Begin (or go on with) one job; returns at once."""
        # Known before its first step runs: a cancel that comes at once must find it.
        running = self._running[task.job] = _Running(accepted=task.resume is not None)
        self._thread.spawn(self._begin(task, running))

    def cancel(self, job: JobId) -> None:
        """Ask for an end; what becomes of it is told by an update."""
        self._thread.call(lambda: self._running[job].cancel.set() if job in self._running else None)

    def give_up(self, job: JobId, reason: str) -> None:
        """Write down that a job will bring nothing, because it ended or was asked for anew."""
        self._thread.spawn(self._close_row(job, reason))

    def fetch_endpoints(self, connection: Connection) -> None:
        """Ask a host what it offers; `fetched` brings (connection, documents) or (connection, AppError)."""
        self._thread.spawn(self._fetch(connection))

    def close(self) -> None:
        """Let go of every job without cancelling it, wait for takes that are being written, end the thread."""
        self._thread.finish(self._let_go())

    # --- one job ------------------------------------------------------------------------------------------------

    async def _begin(self, task: Task, running: _Running) -> None:
        running.task = asyncio.current_task()
        try:
            await self._carry_out(task, running)
        except AppError as error:
            await self._fail(task, running, error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # The job's card is where a fault in our own code shows as well: a job never just vanishes.
            log.exception("job %s broke", task.job)
            broke = AppError(f"Something broke inside Retake ({type(error).__name__}).", "The log has the details.")
            await self._fail(task, running, broke)
        finally:
            self._running.pop(task.job, None)

    async def _carry_out(self, task: Task, running: _Running) -> None:
        began = time.monotonic()
        found = (task.result, "") if task.result else await asyncio.to_thread(load_result, job_folder(task.job))
        result, request_id = found or await self._follow(task, running)
        if result is None:
            return
        running.accepted = True
        elapsed = time.monotonic() - began if task.resume is None and found is None else None
        if task.request.kind is Kind.OTHER:
            folder = await asyncio.to_thread(self._keep_files, task, result)
            note = f"{task.request.endpoint} is done: {_counted(len(result.files))} in {folder}."
            self.updated.emit(JobUpdate(task.job, JobState.DONE, result=result, notes=(note,)))
            return
        self.updated.emit(JobUpdate(task.job, JobState.DOWNLOADING, log="Fitting it into the clip"))
        landed = await asyncio.to_thread(land, task.request, task.base, result, elapsed, request_id)
        # From here on it is not to be cut in two, not even by quitting: a take on disk is a closed job.
        landing = asyncio.create_task(self._keep(task, landed, result))
        self._landing.add(landing)
        landing.add_done_callback(self._landing.discard)
        await asyncio.shield(landing)

    async def _keep(self, task: Task, landed: tuple[Landed, ...], result: JobResult) -> None:
        project = self._shelf.find(task.project)
        if project is None:
            # It stays in the inbox, and the ledger says so: it lands when its project is opened again.
            self.updated.emit(JobUpdate(task.job, JobState.DONE, notes=(_WAITS.format(task.project.stem),)))
            return
        takes, error = await asyncio.to_thread(self._write, project, task, landed, result)
        if takes:
            self.arrived.emit(Arrival(task.job, takes, project))
        if error is not None:
            raise error
        self.updated.emit(JobUpdate(task.job, JobState.DONE, result=result))

    def _write(
        self, project: Project, task: Task, landed: tuple[Landed, ...], result: JobResult
    ) -> tuple[tuple[Take, ...], AppError | None]:
        """The takes into their project, whole, before anybody hears of them; then the job is closed.

        Where the disk refuses one, those before it are there; the job stays open, and brings none of them twice.
        """
        folder = job_folder(task.job)
        answer = folder / ANSWER
        takes: list[Take] = []
        for place, each in enumerate(landed):
            try:
                take = project.add_take(
                    task.request,
                    TakeId(task.request.base) if task.request.base else None,
                    each.region,
                    each.frames,
                    each.facts,
                    answer if answer.exists() else None,
                    # With the first of several, so that nothing is kept twice.
                    tuple(file.path for file in result.files) if not place else (),
                    job=f"{task.job}.{place}" if place else task.job,
                )
            except AppError as error:
                return tuple(takes), error
            takes.append(take)
        try:
            self._ledger.imported(task.job, takes[0].id)
        except AppError as error:
            # The takes are safe, and a project takes no job twice: the row is closed at the next start.
            log.info("job %s stays open in the ledger: %s", task.job, error)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        return tuple(takes), None

    def _keep_files(self, task: Task, result: JobResult) -> Path:
        """What is no sound of a clip: into a folder of its own beside the projects, under the names it came with."""
        folder = keep_files(task.request, task.job, result)
        try:
            self._ledger.imported(task.job, "")
        except AppError as error:
            log.info("job %s stays open in the ledger: %s", task.job, error)
        else:
            shutil.rmtree(job_folder(task.job), ignore_errors=True)
        return folder

    async def _follow(self, task: Task, running: _Running) -> tuple[JobResult | None, str]:
        """Everything up to the result on disk; None where the job ended without one."""
        folder = job_folder(task.job)
        source: Path | None = None
        if task.resume is None:
            self.updated.emit(JobUpdate(task.job, JobState.PREPARING))
            project = self._shelf.find(task.project)
            where = project.folder if project else task.project
            await asyncio.to_thread(self._ledger.plan, task.job, where, task.request)
            source = await asyncio.to_thread(prepare, task.request, task.base, folder)
        order = Order(
            job=task.job, request=task.request, source=source, folder=folder, inline_bytes=task.request.inline_bytes
        )
        assert task.connection is not None
        host = await self._host(task.connection)
        request_id = task.resume.request_id if task.resume else ""
        async with aclosing(run_job(host, order, cancel=running.cancel, resume=task.resume)) as updates:
            async for update in updates:
                if update.error is not None:
                    raise update.error
                if update.handle is not None:
                    request_id = update.handle.request_id
                await asyncio.to_thread(self._write_down, update, running, request_id)
                if update.state is JobState.DONE:
                    return update.result, request_id
                self.updated.emit(update)
        return None, request_id

    def _write_down(self, update: JobUpdate, running: _Running, request_id: str) -> None:
        match update:
            case JobUpdate(state=JobState.SUBMITTING) if not running.submitted:
                running.submitted = True
                self._ledger.submitting(update.job)
            case JobUpdate(handle=Handle() as handle, state=JobState.QUEUED | JobState.RUNNING) if not running.accepted:
                running.accepted = True
                self._ledger.accepted(
                    update.job, handle.request_id, handle.status_url, handle.response_url, handle.cancel_url
                )
            case JobUpdate(state=JobState.DONE, result=JobResult() as result):
                save_result(result, request_id, job_folder(update.job))
                self._ledger.downloaded(update.job, job_folder(update.job))
            case JobUpdate(state=JobState.CANCELLED):
                self._ledger.cancelled(update.job)
                shutil.rmtree(job_folder(update.job), ignore_errors=True)
            case _:
                pass

    async def _fail(self, task: Task, running: _Running, error: AppError) -> None:
        folder = job_folder(task.job)
        if ended_at_host(error, accepted=running.accepted):
            await self._close_row(task.job, str(error))
            if not (folder / ANSWER).exists():
                await asyncio.to_thread(shutil.rmtree, folder, True)
        if (folder / ANSWER).exists():
            error.hint = f"{error.hint} What came back is kept in {folder}.".strip()
        self.updated.emit(JobUpdate(task.job, JobState.FAILED, error=error))

    async def _close_row(self, job: JobId, reason: str) -> None:
        try:
            await asyncio.to_thread(self._ledger.failed, job, reason)
        except (AppError, ValueError) as error:
            log.info("job %s stays open in the ledger: %s", job, error)

    # --- hosts --------------------------------------------------------------------------------------------------

    async def _fetch(self, connection: Connection) -> None:
        try:
            host = await self._host(connection)
            documents = await QueueClient(host.connection, host.http, host.limits).endpoints()
        except AppError as error:
            self.fetched.emit((connection, error))
        else:
            self.fetched.emit((connection, documents))

    async def _host(self, connection: Connection) -> Host:
        if connection not in self._hosts:
            self._hosts[connection] = await self._stack.enter_async_context(
                make_host(connection, uploads=self._uploads)
            )
        return self._hosts[connection]

    async def _let_go(self) -> None:
        tasks = [running.task for running in self._running.values() if running.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._landing, return_exceptions=True)
        await self._stack.aclose()


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
