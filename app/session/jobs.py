"""JobQueue: one QThread running an asyncio loop, one task per job; what happens comes out by signal.

A job is written into the ledger before the wire hears of it, its URLs before the first poll, and its take into the
project before anybody is told. `run_job` yields between those steps, and this is where each step is written down.
"""

import asyncio
import logging
import shutil
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from app.endpoints.request import Request
from app.errors import AppError, UnwritableFile
from app.files.ledger import Ledger
from app.files.project import Project
from app.remote.connection import Connection
from app.remote.job import Handle, Host, JobId, JobResult, JobState, JobUpdate, Order, make_host, run_job
from app.remote.life import ANSWER
from app.remote.queue import QueueClient
from app.session.landing import Landed, job_folder, land, prepare, save_result
from app.session.shelf import Shelf
from app.takes.render import Rendering
from app.takes.take import Take, TakeId

log = logging.getLogger(__name__)

_WAITS = "A take for {} came back; it is kept until that project is opened again."


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One job to be done: the request, what it is made on, where it is asked, and who keeps the take."""

    job: JobId
    request: Request
    base: Rendering
    connection: Connection | None
    project: Path
    resume: Handle | None = None
    result: JobResult | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A take that is on disk, and the job that brought it."""

    job: JobId
    take: Take


@dataclass(slots=True, eq=False)
class _Running:
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    submitted: bool = False
    accepted: bool = False


def _keep(project: Project, task: Task, landed: Landed, result: JobResult) -> Take:
    """Put a take into its project: on disk, whole, before anybody hears of it."""
    answer = job_folder(task.job) / ANSWER
    return project.add_take(
        task.request,
        TakeId(task.request.base) if task.request.base else None,
        landed.region,
        landed.frames,
        landed.facts,
        answer if answer.exists() else None,
        tuple(file.path for file in result.files),
    )


class JobQueue(QObject):
    """Submits, follows and cancels any number of jobs side by side, off the GUI thread."""

    updated = Signal(object)
    arrived = Signal(object)
    fetched = Signal(object)

    def __init__(self, ledger: Ledger, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = _LoopThread()
        self._ledger = ledger
        self._shelf = shelf
        self._running: dict[JobId, _Running] = {}
        self._hosts: dict[Connection, Host] = {}
        self._stack = AsyncExitStack()
        self._thread.start()
        self._thread.ready.wait()

    def submit(self, task: Task) -> None:
        """Begin (or go on with) one job; returns at once."""
        # Known before its first step runs: a cancel that comes at once must find it.
        running = self._running[task.job] = _Running()
        self._thread.spawn(self._begin(task, running))

    def cancel(self, job: JobId) -> None:
        """Ask for an end; what becomes of it is told by an update."""
        self._thread.call(lambda: self._running[job].cancel.set() if job in self._running else None)

    def fetch_endpoints(self, connection: Connection) -> None:
        """Ask a host what it offers; `fetched` brings (connection, documents) or (connection, AppError)."""
        self._thread.spawn(self._fetch(connection))

    def close(self) -> None:
        """Let go of every job without cancelling it, and end the thread."""
        self._thread.finish(self._let_go())

    async def _begin(self, task: Task, running: _Running) -> None:
        running.task = asyncio.current_task()
        try:
            await self._carry_out(task, running)
        finally:
            self._running.pop(task.job, None)

    async def _carry_out(self, task: Task, running: _Running) -> None:
        began = time.monotonic()
        kept = ""
        try:
            result, request_id = task.result, task.resume.request_id if task.resume else ""
            if result is None:
                result, request_id = await self._follow(task, running)
            if result is None:
                return
            kept = f"What came back is kept in {job_folder(task.job)}."
            self.updated.emit(JobUpdate(task.job, JobState.DOWNLOADING, log="Fitting it into the clip"))
            elapsed = time.monotonic() - began if task.resume is None else None
            landed = await asyncio.to_thread(land, task.request, task.base, result, elapsed, request_id)
            project = self._shelf.find(task.project)
            if project is None:
                # It stays in the inbox, and the ledger says so: it lands when its project is opened again.
                self.updated.emit(JobUpdate(task.job, JobState.DONE, notes=(_WAITS.format(task.project.stem),)))
                return
            take = await asyncio.to_thread(_keep, project, task, landed, result)
            await asyncio.to_thread(self._ledger.imported, task.job, take.id)
        except AppError as error:
            error.hint = f"{error.hint} {kept}".strip()
            # What came back but could not be written (a full disk, a closed project) is tried again at the next start.
            await self._fail(task.job, error, for_good=not (kept and isinstance(error, UnwritableFile)))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # The job's card is where a fault in our own code shows as well: a job never just vanishes.
            log.exception("job %s broke", task.job)
            await self._fail(
                task.job, AppError(f"Something broke inside Retake ({type(error).__name__}).", f"See the log. {kept}")
            )
        else:
            self.arrived.emit(Arrival(task.job, take))
            self.updated.emit(JobUpdate(task.job, JobState.DONE, result=result))
            await asyncio.to_thread(shutil.rmtree, job_folder(task.job), True)

    async def _follow(self, task: Task, running: _Running) -> tuple[JobResult | None, str]:
        """Everything up to the result on disk; None where the job ended without one."""
        folder = job_folder(task.job)
        source: Path | None = None
        if task.resume is None:
            self.updated.emit(JobUpdate(task.job, JobState.PREPARING))
            await asyncio.to_thread(self._ledger.plan, task.job, task.project, task.request)
            if task.request.source_field is not None:
                source = await asyncio.to_thread(prepare, task.request, task.base, folder)
        order = Order(job=task.job, request=task.request, source=source, folder=folder)
        assert task.connection is not None
        host = await self._host(task.connection)
        request_id = task.resume.request_id if task.resume else ""
        async for update in run_job(host, order, cancel=running.cancel, resume=task.resume):
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
            case JobUpdate(state=JobState.FAILED):
                self._ledger.failed(update.job, str(update.error or ""))
            case JobUpdate(state=JobState.CANCELLED):
                self._ledger.cancelled(update.job)
            case _:
                pass

    async def _fail(self, job: JobId, error: AppError, *, for_good: bool = True) -> None:
        try:
            if for_good:
                await asyncio.to_thread(self._ledger.failed, job, str(error))
        except AppError as second:
            error = replace_hint(error, second)
        self.updated.emit(JobUpdate(job, JobState.FAILED, error=error))

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
            self._hosts[connection] = await self._stack.enter_async_context(make_host(connection))
        return self._hosts[connection]

    async def _let_go(self) -> None:
        tasks = [running.task for running in self._running.values() if running.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stack.aclose()


def replace_hint(error: AppError, second: AppError) -> AppError:
    """The first error, with what went wrong while it was written down as its hint."""
    return AppError(error.message, str(second))


class _LoopThread(QThread):
    """Runs an asyncio loop until it is told to finish."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self.ready.set)
        self._loop.run_forever()
        self._loop.close()

    def call(self, work: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        def begin() -> None:
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.call(begin)

    def finish(self, last: Coroutine[Any, Any, None]) -> None:
        if self._loop.is_closed():
            last.close()
            return
        farewell: Future[None] = asyncio.run_coroutine_threadsafe(last, self._loop)
        try:
            farewell.result(10)
        except TimeoutError:
            log.warning("jobs did not let go in time")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.wait(5000)
