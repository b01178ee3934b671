"""A whole job without a window: the same rooms, one after the other, on the caller's own thread."""

import asyncio
import errno
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.endpoints.catalogue import Catalogue, Endpoint, bundled, endpoint_from
from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request
from app.errors import AppError, UnwritableFile
from app.files.audio import decode
from app.files.audio_write import export
from app.files.formats import ExportFormat
from app.files.library import load_library
from app.files.sentences import shown, unwritable
from app.files.settings import Settings
from app.remote.connection import Connection, Key
from app.remote.host import Host, make_host
from app.remote.job import JobState, JobUpdate, Order, run_job
from app.remote.queue import QueueClient
from app.session.connections import FAL, FAL_SETTING, LOCAL, keyless, look_up
from app.session.engine_process import EngineProcess
from app.session.errand_requests import Errand, check_errand, choose, requests_of
from app.session.landing import Landed, job_folder, land, new_job_id, prepare
from app.session.leavings import free_name, keep_files, safe_name
from app.session.library_applied import with_library
from app.session.originals import spare
from app.sound.clip import Clip
from app.takes.render import Rendering, original, replaced
from app.takes.take import RunFacts

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """One take that was written, or the folder of a result that is files."""

    path: Path
    endpoint: str
    seed: int | None
    seconds: float
    delay_ms: float = 0.0
    gain_db: float = 0.0
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, request: Request, facts: RunFacts, seconds: float, notes: tuple[str, ...]) -> "Made":
        """What is to be told of a take."""
        return cls(
            path=path,
            endpoint=request.endpoint,
            seed=facts.seed,
            seconds=seconds,
            delay_ms=facts.delay_ms,
            gain_db=facts.gain_db,
            notes=(*facts.notes, *notes),
        )

    def as_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "path": str(self.path),
            "endpoint": self.endpoint,
            "seed": self.seed,
            "elapsed_seconds": round(self.seconds, 3),
            "delay_ms": round(self.delay_ms, 3),
            "gain_db": round(self.gain_db, 3),
            "notes": list(self.notes),
        }

    def sentence(self) -> str:
        """For people."""
        return f"{self.path}  seed {self.seed}, {self.seconds:.1f} s" + "".join(f"\n  {note}" for note in self.notes)


def run_errand(errand: Errand, say: Say) -> tuple[Made, ...]:
    """Decode, ask, wait, splice and write; AppError where any of it cannot be done."""
    check_errand(errand)
    form = _format(errand.output)
    for path in _names(errand):
        spare(errand.source, path)
    decoded = decode(errand.source)
    for note in decoded.notes:
        say(note)
    _try_out(errand, decoded.clip, form)
    return asyncio.run(_run(errand, decoded.clip, form, say))


def offered(connection: str) -> tuple[Endpoint, ...]:
    """Every endpoint that a connection has: those that come with Retake, and those that its host tells of."""

    async def ask() -> tuple[Endpoint, ...]:
        if connection == FAL:
            return tuple(e for e in bundled() if e.connection == FAL)
        async with _host(connection) as host:
            found = await _catalogue(host)
        return tuple(found.all()) if connection == LOCAL else found.by_connection(connection)

    return asyncio.run(ask())


async def _run(errand: Errand, clip: Clip, form: ExportFormat, say: Say) -> tuple[Made, ...]:
    base = original(clip)
    async with _host(errand.connection) as host:
        catalogue = await _catalogue(host)
        endpoint = choose(catalogue, host.connection.name, errand.endpoint)
        requests = requests_of(errand, endpoint, base)
        run = _Run(host, base, clip, form, say, asyncio.Event())
        with _stoppable(run):
            jobs = [run.make(request, path) for request, path in zip(requests, _names(errand), strict=True)]
            results = await asyncio.gather(*jobs, return_exceptions=True)
    made = tuple(each for result in results if isinstance(result, tuple) for each in result)
    for result in results:
        if isinstance(result, BaseException):
            for each in made:
                say(each.sentence())
            raise result
    if not all(isinstance(result, tuple) for result in results):
        raise KeyboardInterrupt
    return made


@contextmanager
def _stoppable(run: "_Run") -> Generator[None]:
    """The first Ctrl-C asks a host that would work on, and be paid, to stop; the next one breaks off.

    The bundled engine needs no asking: it ends with us.
    """
    if run.host.connection.name == LOCAL or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        run.say("stopping …")
        loop.call_soon_threadsafe(run.cancel.set)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What all takes of an errand share."""

    host: Host
    base: Rendering
    clip: Clip
    form: ExportFormat
    say: Say
    cancel: asyncio.Event

    async def make(self, request: Request, path: Path) -> tuple[Made, ...] | None:
        """What one request brings, written to `path`; None where it was stopped.

        The sounds of a result that has several get names of their own. What came back is kept until it is written.
        """
        began, job = time.monotonic(), new_job_id()
        folder = job_folder(job)
        try:
            source = prepare(request, self.base, folder)  # in a thread it would write on after a Ctrl-C
            order = Order(job=job, request=request, source=source, folder=folder, inline_bytes=request.inline_bytes)
            last = await self._follow(order, path)
        except OSError as error:
            raise unwritable(folder, error) from error
        except BaseException:
            await _remove(folder)
            raise
        if last.result is None:
            await _remove(folder)
            if last.state is JobState.CANCELLED:
                return None
            raise last.error or AppError("The job ended without a result.", "Try again.")
        request_id = last.handle.request_id if last.handle else ""
        try:
            elapsed = time.monotonic() - began
            if request.kind is Kind.OTHER:
                kept = await asyncio.to_thread(keep_files, request, job, last.result)
                await _remove(folder)
                return (Made(path=kept, endpoint=request.endpoint, seed=last.result.seed, seconds=elapsed),)
            landed = await asyncio.to_thread(land, request, self.base, last.result, elapsed, request_id)
            made: list[Made] = []
            for each in landed:
                target = self._target(path, each.facts.label)
                notes = await asyncio.to_thread(_write, target, self.base, each, self.clip, self.form)
                made.append(Made.of(target, request, each.facts, time.monotonic() - began, notes))
        except AppError as error:
            raise AppError(str(error), f"What came back is kept in {folder}.") from error
        await _remove(folder)
        return tuple(made)

    def _target(self, path: Path, label: str) -> Path:
        """The path that was named; of several sounds one beside it that nobody's file has."""
        if not label:
            return path
        name = safe_name(f"{path.stem} {label}", path.stem) + path.suffix
        taken = {each.name.casefold() for each in path.parent.iterdir()}
        return path.with_name(free_name(name, taken))

    async def _follow(self, order: Order, path: Path) -> JobUpdate:
        """The job's last update; what it says on the way is said."""
        told = ""
        last: JobUpdate | None = None
        async for update in run_job(self.host, order, cancel=self.cancel):
            place = f", place {update.place}" if update.place else ""
            where = [f"{update.state}{place}"] if update.state in (JobState.UPLOADING, JobState.QUEUED) else []
            for line in (*where, *update.lines, *update.notes):
                if line != told:
                    self.say(f"{path.name}: {line}")
                    told = line
            last = update
        assert last is not None
        return last


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _write(path: Path, base: Rendering, landed: Landed, clip: Clip, form: ExportFormat) -> tuple[str, ...]:
    sound = replaced(base, landed.region, Clip.from_frames(landed.frames, clip.rate))
    return export(path, sound.segments, sound.rate, sound.channels, form, source=clip)


async def _catalogue(host: Host) -> Catalogue:
    catalogue = Catalogue(bundled())
    if host.connection.name != FAL:
        documents = await QueueClient(host.connection, host.http, host.limits).endpoints()
        catalogue = catalogue.with_endpoints([endpoint_from(each, host.connection.name) for each in documents])
    return with_library(catalogue, load_library().entries)[0]


@asynccontextmanager
async def _host(name: str) -> AsyncGenerator[Host]:
    """The host of that name or URL; the bundled engine is started for as long as it is needed."""
    if name == LOCAL:
        engine = await asyncio.to_thread(EngineProcess)
        try:
            async with make_host(engine.connection) as host:
                yield host
        finally:
            await asyncio.to_thread(engine.stop)
        return
    async with make_host(_connection(name)) as host:
        yield host


def _connection(name: str) -> Connection:
    if "://" in name:
        # A workstation's engine; its key comes by the environment, because arguments are seen by everybody.
        key = os.environ.get("RETAKE_KEY")
        url = name.rstrip("/")
        return Connection(url, url, f"{url}/storage", Key(key) if key else None)
    setting = Settings.load().connection(name) or (FAL_SETTING if name == FAL else None)
    if setting is None:
        raise AppError(
            f"There is no connection called {name}.", "Use local, fal, one of Settings by its name, or a host's URL."
        )
    found = look_up(setting)
    if found.connection is None:
        raise found.error or keyless(name)
    return found.connection


def _format(output: Path) -> ExportFormat:
    try:
        return ExportFormat(output.suffix.lower().lstrip(".").replace("aif", "aiff").replace("aifff", "aiff"))
    except ValueError as error:
        raise UnwritableFile(
            f"Retake cannot write {output.suffix or 'a file without a suffix'}.",
            "Use .wav, .flac, .aiff, .mp3 or .ogg.",
        ) from error


def _names(errand: Errand) -> tuple[Path, ...]:
    """OUT itself for one take; OUT-1, OUT-2 … for more."""
    output = errand.output
    if errand.takes == 1:
        return (output,)
    return tuple(output.with_stem(f"{output.stem}-{number}") for number in range(1, errand.takes + 1))


def _try_out(errand: Errand, clip: Clip, form: ExportFormat) -> None:
    """Write a moment of the source beside where the takes will go: what refuses, refuses before anything is paid."""
    folder, path = errand.output.parent, _names(errand)[-1]
    if not folder.is_dir():
        raise UnwritableFile(f"The folder {folder} does not exist.", "Make it first, or choose another.")
    try:
        for each in _names(errand):
            if each.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder")
        with tempfile.TemporaryDirectory(prefix=".retake-", dir=folder) as trial:
            moment = Clip(clip.samples[: clip.rate // 10], clip.rate, clip.bits)
            export(Path(trial) / path.name, original(moment).segments, clip.rate, clip.channels, form, source=clip)
    except UnicodeError as error:  # libsndfile's door wants names that are text
        raise UnwritableFile(f"{shown(path)} cannot be written: its name is not text.", "Use another name.") from error
    except OSError as error:
        raise unwritable(path, error) from error
