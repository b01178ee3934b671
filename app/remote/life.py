"""What happens between two updates of a job: sending, following, fetching."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from app.errors import AppError, BadReply, Expired, JobFailed, RateLimited, RemoteError, StillRunning, Unreachable
from app.remote import wire
from app.remote.disk import store
from app.remote.download import DownloadFacts, download
from app.remote.faults import Backoff, Trouble, clean
from app.remote.host import Host
from app.remote.order import Order
from app.remote.queue import Answer, CancelOutcome, HostState, LogLine, QueueClient, Status
from app.remote.results import Found, files_of, sounds_by_bytes, used_of
from app.remote.sending import Sent, pack_up, send
from app.remote.transfer import Progress, Transfer, put_down
from app.remote.updates import Handle, JobResult, JobState, JobUpdate, ResultFile

T = TypeVar("T")

ANSWER = "answer.json"
_RETRY = "Try again, or with other settings."


class Life:
    """What is known of the job as it goes."""

    def __init__(self, host: Host, order: Order, cancel: asyncio.Event, handle: Handle | None) -> None:
        self._host = host
        self._limits = host.limits
        self._order = order
        self._cancel = cancel
        self._handle = handle
        self._queue = QueueClient(host.connection, host.http, host.limits)
        self._ends = time.monotonic() + order.deadline
        self._seen: dict[LogLine, None] = {}
        self._answer: Answer | None = None
        self._told = JobUpdate(order.job, JobState.PREPARING)
        self._final = False

    def update(
        self,
        state: JobState,
        *,
        place: int | None = None,
        done: int = 0,
        total: int | None = None,
        result: JobResult | None = None,
        error: AppError | None = None,
        notes: tuple[str, ...] = (),
        lines: tuple[str, ...] = (),
    ) -> JobUpdate:
        """The next update, with what stays true of the job filled in."""
        self._told = JobUpdate(
            self._order.job,
            state,
            place=place,
            log=lines[-1] if lines else self._told.log,
            done=done,
            total=total,
            handle=self._handle,
            result=result,
            error=error,
            notes=notes,
            lines=lines,
        )
        self._final = state.final
        return self._told

    async def run(self) -> AsyncGenerator[JobUpdate, None]:
        """All phases in turn; a phase that ends the job says so by a final update."""
        resumed = self._handle is not None
        phases = [self._fetch] if resumed and await self._stored() else [self._follow, self._fetch]
        if not resumed:
            phases.insert(0, self._send)
        for phase in phases:
            async with aclosing(phase()) as updates:
                async for update in updates:
                    yield update
            if self._final:
                return

    async def _stored(self) -> bool:
        """Whether the answer of an earlier run lies in the folder: then the host need not be asked for it again."""
        try:
            text = (self._order.folder / ANSWER).read_text("utf-8")
            wire.read_json(text.encode("utf-8"))
        except (OSError, UnicodeError, BadReply):
            return False
        self._answer = Answer(text)
        return True

    # Sending

    async def _send(self) -> AsyncGenerator[JobUpdate, None]:
        """Files up, then the one POST; ends with the handle, which the next phase tells before it does anything."""
        pack = await pack_up(self._order)
        sent = Sent(pack.source_url)
        if pack.parcels:
            yield self.update(JobState.UPLOADING)
            transfer = Transfer(lambda progress: send(self._host, pack, progress))
            try:
                async for done, total in transfer.counted(self._limits.told_every, self._cancel):
                    yield self.update(JobState.UPLOADING, done=done, total=total)
                if not self._cancel.is_set():
                    sent = await transfer.result()
            finally:
                await transfer.stop()
        body = self._order.request.body(sent.source_url, sent.uploaded)
        backoff = Backoff(self._limits)
        notes: tuple[str, ...] = ()
        for left in reversed(range(self._limits.submit_tries)):
            if not self._cancel.is_set():
                yield self.update(JobState.SUBMITTING, notes=notes)
            if self._cancel.is_set():
                yield self.update(JobState.CANCELLED)
                return
            try:
                # From here to the answer the wish to cancel waits: a POST that is broken off may have been taken.
                self._handle = await self._queue.submit(self._order.endpoint, body)
                break
            except (RateLimited, Unreachable) as fault:
                pause = backoff.next(fault)
                if not left or time.monotonic() + pause > self._ends:
                    raise
                notes = (f"{fault.message} Trying again.",)
                await self._pause(pause)

    # Following

    async def _follow(self) -> AsyncGenerator[JobUpdate, None]:
        """Poll until there is an answer, through whatever may pass: lost networks, odd words, steps back."""
        assert self._handle is not None
        yield self.update(JobState.QUEUED)
        state, place = JobState.QUEUED, None
        interval = self._limits.poll_first
        trouble = Trouble(self._limits)
        asked_to_stop = False
        while True:
            if self._cancel.is_set() and not asked_to_stop:
                asked_to_stop = True
                notes = await self._call_off()
                if notes is not None:
                    yield self.update(JobState.CANCELLED, notes=notes)
                    return
            try:
                status = await self._unless_cancelled(self._queue.status(self._handle), asked_to_stop)
                if status is None:
                    continue
                if status.state is HostState.COMPLETED:
                    await self._ask_result(status, self._limits.cancel if asked_to_stop else 0.0)
                    if self._answer is not None:
                        return
                if asked_to_stop:
                    yield self.update(JobState.CANCELLED)
                    return
                lines = self._fresh(status)
                state, place = _where(status, state, place)
                if lines or (state, place, ()) != (self._told.state, self._told.place, self._told.notes):
                    yield self.update(state, place=place, lines=lines)
                trouble.over()
                pause = interval
                interval = min(interval * self._limits.poll_growth, self._limits.poll_most)
            except RemoteError as fault:
                if asked_to_stop:
                    yield self.update(JobState.CANCELLED, notes=(fault.message,))
                    return
                pause = trouble.pause(fault)
                note = f"{fault.message} " + (
                    "Waiting for the network." if isinstance(fault, Unreachable) else "Waiting."
                )
                if self._told.notes != (note,):
                    yield self.update(state, place=place, notes=(note,))
                if time.monotonic() + pause > self._ends:
                    raise
            if time.monotonic() + pause > self._ends:
                raise StillRunning(
                    f"The job was not done within {_spoken(self._order.deadline)}.",
                    "The host may still be at it: look again later, or send the request anew.",
                )
            await self._pause(pause)

    async def _ask_result(self, status: Status, patience: float) -> None:
        """The answer of a job that the host calls complete; raises the job's own end where it failed."""
        assert self._handle is not None
        failed = JobFailed(f"The job failed on the host: {status.error.rstrip('.')}.", _RETRY)
        try:
            answer = await self._queue.result(self._handle, patience=patience)
        except (BadReply, Expired) as fault:
            raise failed if status.error else fault from None
        if answer is not None and status.error and not files_of(wire.read_json(answer.text.encode("utf-8"))):
            raise failed
        self._answer = answer

    async def _call_off(self) -> tuple[str, ...] | None:
        """Ask the host to stop; notes for the end, or None where the job is complete and its result may be had."""
        assert self._handle is not None
        try:
            outcome = await self._queue.cancel(self._handle, patience=self._limits.cancel)
        except RemoteError as fault:
            return (f"{fault.message} It may go on with the job.",)
        return None if outcome is CancelOutcome.ALREADY_COMPLETED else ()

    def _fresh(self, status: Status) -> tuple[str, ...]:
        """Lines not seen before: the host sends a window that moves, now and then with nothing in it."""
        fresh = [line for line in status.lines if line not in self._seen]
        self._seen.update(dict.fromkeys(fresh))
        return tuple(line.message for line in fresh)

    async def _unless_cancelled(self, work: Coroutine[object, object, T], cancel_is_old: bool) -> T | None:
        """What the work gives; None where the wish to cancel comes first."""
        if cancel_is_old:
            return await work
        task, wish = asyncio.create_task(work), asyncio.create_task(self._cancel.wait())
        try:
            await asyncio.wait({task, wish}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            await put_down(task)
            await put_down(wish)

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until the wish to cancel."""
        if self._cancel.is_set():
            await asyncio.sleep(min(seconds, self._limits.poll_first))
            return
        try:
            async with asyncio.timeout(seconds):
                await self._cancel.wait()
        except TimeoutError:
            pass

    # Fetching

    async def _fetch(self) -> AsyncGenerator[JobUpdate, None]:
        """The answer to disk first, then its files; the result has come, so the wish to cancel comes too late."""
        assert self._answer is not None
        folder, text = self._order.folder, self._answer.text
        yield self.update(JobState.DOWNLOADING)
        await store(folder / ANSWER, text.encode("utf-8"))
        answer = wire.read_json(text.encode("utf-8"))
        found = files_of(answer)
        if not found:
            raise BadReply(
                f"{self._host.connection.label} finished the job, but its answer names no file.",
                "This endpoint may not make sound; choose another.",
            )
        # Without any sound the files are what was asked for, as a trainer's weights are; beside sound they are extras.
        needed = [each.audio or not found[0].audio for each in found]
        files: list[ResultFile] = []
        notes: list[str] = []
        for number, each in enumerate(found, 1):
            target = folder / f"{number:02d}-{_slug(each.key)}.bin"
            transfer = Transfer(self._download(each, target))
            try:
                async for done, total in transfer.counted(self._limits.told_every):
                    yield self.update(JobState.DOWNLOADING, done=done, total=total)
                facts = await transfer.result()
            except RemoteError as fault:
                if needed[number - 1]:
                    raise
                notes.append(f"{clean(each.file_name or each.key, most=80)} could not be had: {fault.message}")
                continue
            finally:
                await transfer.stop()
            files.append(_file(each, facts))
        seed, prompt = (answer.get("seed"), answer.get("prompt")) if isinstance(answer, dict) else (None, None)
        result = JobResult(
            tuple(files),
            text,
            seed=seed if isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 2**63 else None,
            prompt=clean(prompt, most=5000) if isinstance(prompt, str) else "",
            billed_units=self._answer.billed_units,
            used=used_of(answer),
        )
        yield self.update(JobState.DONE, result=result, notes=tuple(notes))

    def _download(self, found: Found, target: Path) -> Callable[[Progress], Coroutine[object, object, DownloadFacts]]:
        host = self._host
        return lambda progress: download(
            host.connection,
            host.plain,
            found.url,
            target,
            declared=found.size,
            progress=progress,
            limits=host.limits,
        )


def _where(status: Status, state: JobState, place: int | None) -> tuple[JobState, int | None]:
    """The job's state after a status; a word that is new to us changes nothing."""
    match status.state:
        case HostState.QUEUED:
            return JobState.QUEUED, status.place
        case HostState.RUNNING | HostState.COMPLETED:
            return JobState.RUNNING, None
        case HostState.UNKNOWN:
            return state, place


def _file(found: Found, facts: DownloadFacts) -> ResultFile:
    """A file that came; where the answer does not make it sound, its bytes may, or the transfer of a nameless one."""
    kind = clean(found.content_type) or facts.content_type
    called = facts.content_type.startswith("audio/") and not found.other
    with facts.path.open("rb") as file:
        audio = found.audio or called or sounds_by_bytes(file.read(16))
    return ResultFile(clean(found.key), facts.path, kind, clean(found.file_name), audio=audio)


def _slug(key: str) -> str:
    """A file name made of a key that a host chose: letters, digits and hyphens, nothing that a path could be."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:40] or "file"


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"
