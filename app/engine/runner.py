"""Runner: the queue, and the worker processes that empty it."""

import asyncio
import itertools
import logging
import shutil
from collections import deque

from pydantic import JsonValue

from app.engine.config import EngineConfig
from app.engine.crew import Worker
from app.engine.jobs import Fault, Job, State
from app.engine.messages import Done, Failed, Log, News, Task
from app.engine.problems import CANCELLED, CRASHED, NOT_STARTED, Problem, Refused
from app.engine.store import Store

TOO_LONG = Problem.of_model(504, "generation_timeout", "The job took longer than the engine allows.")
QUEUE_FULL = Problem(
    status=429, detail="The queue is full.", error_type="concurrent_requests_limit", extra={"retry-after": "5"}
)
ENDING = Problem(status=503, detail="The engine is ending.", error_type="runner_disconnected")
_log = logging.getLogger(__name__)


class Runner:
    """First come, first served, on at most `config.limits.workers` processes.

    The first worker is started with the server, so that its imports are over when the first job comes; the others
    when jobs wait. A cancelled or overdue job's worker is killed: nothing gentler stops numpy in its tracks.
    """

    def __init__(self, config: EngineConfig, store: Store) -> None:
        self._config = config
        self._store = store
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._crew: list[Worker] = []
        self._stillborn = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    def start(self) -> None:
        """Start the first worker; to be called on the event loop."""
        self._hire()

    async def close(self) -> None:
        """Kill the workers and end every job; a second time does nothing."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        for job in self._jobs.values():
            if not job.done:
                job.finish(problem=ENDING)
        crew, self._crew = self._crew, []
        for worker in crew:
            worker.dismiss()
        for worker in crew:
            await asyncio.to_thread(worker.join, 2.0)

    def submit(self, job: Job, *, start_within: float | None = None, max_waiting: int | None = None) -> None:
        """Put a job at the end of the queue; Refused with 429 where it is too long already."""
        longest = (
            self._config.limits.max_queued if max_waiting is None else min(max_waiting, self._config.limits.max_queued)
        )
        if len(self._queue) >= longest:
            raise Refused(QUEUE_FULL)
        if job.source is not None:
            job.source.holds += 1
        self._jobs[job.id] = job
        job.place = len(self._queue)
        self._queue.append(job)
        if start_within is not None:
            self._set_timer(job, start_within, NOT_STARTED)
        # Not at once: the answer to a submit speaks of a job that waits.
        asyncio.get_running_loop().call_soon(self._pump)
        self._forget_oldest()

    def find(self, request_id: str) -> Job | None:
        """The job of that id, as long as it is remembered."""
        return self._jobs.get(request_id)

    def cancel(self, job: Job) -> None:
        """Stop a job, waiting or running; it is over when this returns."""
        if job.fault is not Fault.STUBBORN and not job.done:
            self._stop(job, CANCELLED)

    def _pump(self) -> None:
        """Give waiting jobs to free workers; inputs that were refused need none."""
        while self._queue and not self._closed:
            job = self._queue[0]
            if job.refused is not None:
                self._queue.popleft()
                job.begin()
                self._finish(job, problem=job.refused)
                continue
            worker = next((each for each in self._crew if each.job is None), None) or self._hire()
            if worker is None:
                break
            self._queue.popleft()
            self._begin(job, worker)
        for place, job in enumerate(self._queue):
            job.moved(place)

    def _begin(self, job: Job, worker: Worker) -> None:
        self._drop_timer(job)
        job.folder.mkdir(parents=True)
        job.begin()
        self._set_timer(job, self._config.limits.job_seconds, TOO_LONG)
        source = None if job.source is None else job.source.path
        worker.give(job, Task(endpoint=job.endpoint.id, params=job.params, source=source, folder=job.folder))

    def _hire(self) -> Worker | None:
        """One more worker, unless there are enough or the last ones died before they were ready."""
        if self._closed or len(self._crew) >= self._config.limits.workers or self._stillborn >= 3:
            return None
        worker = Worker(self._heard, self._gone)
        self._crew.append(worker)
        return worker

    def _heard(self, worker: Worker, news: News) -> None:
        job = worker.job
        if job is None:
            return
        match news:
            case Log():
                job.hear(news)
            case Done():
                worker.job = None
                self._finish_with(job, news)
                self._pump()
            case Failed():
                worker.job = None
                self._finish(job, problem=news.problem)
                self._pump()
            case _:
                pass

    def _finish_with(self, job: Job, done: Done) -> None:
        try:
            output = self._collect(job, done)
        except OSError:
            _log.exception("a worker's file is not there")
            self._finish(job, problem=CRASHED)
        else:
            self._finish(job, output=output)

    def _collect(self, job: Job, done: Done) -> dict[str, JsonValue]:
        """Take over what the worker made; its files get URLs of this engine."""
        output = dict(done.output)
        for key, made in done.files.items():
            # Only the name counts: a worker may say nothing about where the server reads.
            stored = self._store.adopt(job.folder / made.file.rsplit("/", 1)[-1], made.file_name, made.content_type)
            job.files.append(stored)
            stored.holds += 1
            described: dict[str, JsonValue] = {
                "url": job.origin + stored.url_path,
                "content_type": made.content_type,
                "file_name": made.file_name,
                "file_size": stored.size,
            }
            output[key] = described
        return output

    def _gone(self, worker: Worker) -> None:
        """A worker's process has ended: by our hand, or by a crash that takes its job along."""
        if worker.folder is not None:
            # It may have written something between the kill and its death.
            shutil.rmtree(worker.folder, ignore_errors=True)
        self._stillborn = 0 if worker.ready or worker.dismissed else self._stillborn + 1
        if worker not in self._crew or self._closed:
            return
        self._crew.remove(worker)
        if worker.job is not None:
            _log.warning("a worker ended in the middle of a job")
            self._finish(worker.job, problem=CRASHED)
        if self._stillborn >= 3:
            # Something is wrong with every worker: say so at each job instead of spawning for ever.
            _log.error("workers end before they are ready; trying again in 10 s")
            while self._queue:
                self._finish(self._queue.popleft(), problem=CRASHED)
            asyncio.get_running_loop().call_later(10.0, self._try_again)
        elif not self._crew:
            self._hire()
        self._pump()

    def _try_again(self) -> None:
        self._stillborn = 0
        self._hire()
        self._pump()

    def _stop(self, job: Job, problem: Problem) -> None:
        if job.state is State.IN_QUEUE:
            self._queue.remove(job)
        for worker in [each for each in self._crew if each.job is job]:
            worker.dismiss()
            self._crew.remove(worker)
        self._finish(job, problem=problem)
        if not self._crew:
            self._hire()
        self._pump()

    def _finish(self, job: Job, *, output: dict[str, JsonValue] | None = None, problem: Problem | None = None) -> None:
        self._drop_timer(job)
        if job.source is not None:
            job.source.holds -= 1
        shutil.rmtree(job.folder, ignore_errors=True)
        job.finish(output, problem)
        loop = asyncio.get_running_loop()
        self._timers[job.id] = loop.call_later(self._config.limits.retention, self._forget, job)

    def _forget(self, job: Job) -> None:
        self._drop_timer(job)
        self._jobs.pop(job.id, None)
        for stored in job.files:
            self._store.forget(stored)

    def _forget_oldest(self) -> None:
        surplus = len(self._jobs) - self._config.limits.max_remembered
        if surplus > 0:
            finished = (job for job in list(self._jobs.values()) if job.done)
            for job in itertools.islice(finished, surplus):
                self._forget(job)

    def _set_timer(self, job: Job, seconds: float, problem: Problem) -> None:
        self._timers[job.id] = asyncio.get_running_loop().call_later(seconds, self._stop, job, problem)

    def _drop_timer(self, job: Job) -> None:
        timer = self._timers.pop(job.id, None)
        if timer is not None:
            timer.cancel()
