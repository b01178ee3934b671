"""A whole job without a window: the same rooms, one after the other, on the caller's own thread."""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.endpoints.binding import check, defaults, make_requests
from app.endpoints.catalogue import Catalogue, Endpoint, bundled, endpoint_from
from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request
from app.endpoints.roles import Role
from app.errors import AppError, UnwritableFile
from app.files.audio import decode
from app.files.audio_write import export
from app.files.formats import ExportFormat
from app.remote.connection import Connection, Key
from app.remote.host import Host, make_host
from app.remote.job import JobState, Order, run_job
from app.remote.queue import QueueClient
from app.session.connections import FAL, LOCAL, Connections
from app.session.engine_process import EngineProcess
from app.session.landing import Landed, job_folder, land, new_job_id, prepare
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.render import Rendering, original, replaced

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is wanted: a part of a file, remade so many times."""

    source: Path
    start: float
    end: float
    output: Path
    connection: str = LOCAL
    endpoint: str | None = None
    values: Mapping[str, Json] = field(default_factory=dict[str, Json])
    seed: int | None = None
    takes: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """One take that was written."""

    path: Path
    endpoint: str
    seed: int | None
    seconds: float
    delay_ms: float
    gain_db: float
    notes: tuple[str, ...]

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
    if errand.takes < 1:
        raise AppError(f"{errand.takes} takes cannot be made.", "Ask for 1 or more.")
    form = _format(errand.output)
    _check_output(errand.output)
    decoded = decode(errand.source)
    for note in decoded.notes:
        say(note)
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
        endpoint = _choose(catalogue, host.connection.name, errand.endpoint)
        requests = _requests(errand, endpoint, base)
        names = [_name(errand.output, index, len(requests)) for index in range(len(requests))]
        jobs = [_one(host, r, base, clip, path, form, say) for r, path in zip(requests, names, strict=True)]
        results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return tuple(result for result in results if isinstance(result, Made))


async def _one(
    host: Host, request: Request, base: Rendering, clip: Clip, path: Path, form: ExportFormat, say: Say
) -> Made:
    job, began = new_job_id(), time.monotonic()
    folder = job_folder(job)
    source = await asyncio.to_thread(prepare, request, base, folder)
    order = Order(job=job, request=request, source=source if request.source_field else None, folder=folder)
    request_id, landed = "", None
    async for update in run_job(host, order, cancel=asyncio.Event()):
        if update.handle is not None:
            request_id = update.handle.request_id
        if update.error is not None:
            raise update.error
        if update.result is not None:
            elapsed = time.monotonic() - began
            landed = await asyncio.to_thread(land, request, base, update.result, elapsed, request_id)
        elif update.log:
            say(f"{path.name}: {update.log}")
        elif update.state in (JobState.UPLOADING, JobState.QUEUED) and not update.done:
            say(f"{path.name}: {update.state}")
    if landed is None:
        raise AppError("The job ended without a result.", "Try again.")
    notes = await asyncio.to_thread(_write, path, base, landed, clip, form)
    facts = landed.facts
    return Made(
        path=path,
        endpoint=request.endpoint,
        seed=facts.seed,
        seconds=time.monotonic() - began,
        delay_ms=facts.delay_ms,
        gain_db=facts.gain_db,
        notes=(*facts.notes, *notes),
    )


def _write(path: Path, base: Rendering, landed: Landed, clip: Clip, form: ExportFormat) -> tuple[str, ...]:
    sound = replaced(base, landed.region, Clip.from_frames(landed.frames, clip.rate))
    return export(path, sound.segments, sound.rate, sound.channels, form, source=clip)


def _requests(errand: Errand, endpoint: Endpoint, base: Rendering) -> Sequence[Request]:
    values = {**defaults(endpoint), **errand.values}
    prompt = endpoint.roles.get(Role.PROMPT) or endpoint.roles.get(Role.TAGS)
    if "prompt" in values and prompt != "prompt":
        if prompt is None:
            raise AppError(f"{endpoint.id} takes no prompt: it works from the clip's own sound.", "Leave --prompt out.")
        values[prompt] = values.pop("prompt")
    for error in check(endpoint, values):
        raise error
    return make_requests(
        endpoint,
        values,
        Region.from_seconds(errand.start, errand.end, base.rate),
        base.length,
        base.rate,
        takes=errand.takes,
        seed=errand.seed,
        rng=random.SystemRandom(),
    )


def _choose(catalogue: Catalogue, connection: str, wanted: str | None) -> Endpoint:
    own_first = [e for e in catalogue.all() if e.connection == connection]
    if wanted is None:
        fill = next((e for e in own_first if e.kind is Kind.FILL), None)
        if fill is None:
            raise AppError("This connection has no endpoint that fills a mask.", "Name one with --endpoint.")
        return fill
    found = next((e for e in own_first if e.id == wanted), None)
    if found is None:
        raise AppError(f"There is no endpoint {wanted} on {connection}.", "`retake endpoints` lists them.")
    return found


async def _catalogue(host: Host) -> Catalogue:
    catalogue = Catalogue(bundled())
    if host.connection.name == FAL:
        return catalogue
    documents = await QueueClient(host.connection, host.http, host.limits).endpoints()
    return catalogue.with_endpoints([endpoint_from(each, host.connection.name) for each in documents])


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
    connections = Connections()
    connections.look_for_keys()
    return connections.get(name)


def _format(output: Path) -> ExportFormat:
    try:
        return ExportFormat(output.suffix.lower().lstrip(".").replace("aif", "aiff").replace("aifff", "aiff"))
    except ValueError as error:
        raise UnwritableFile(
            f"Retake cannot write {output.suffix or 'a file without a suffix'}.",
            "Use .wav, .flac, .aiff, .mp3 or .ogg.",
        ) from error


def _check_output(output: Path) -> None:
    if not output.parent.is_dir():
        raise UnwritableFile(f"The folder {output.parent} does not exist.", "Make it first, or choose another.")


def _name(output: Path, index: int, count: int) -> Path:
    return output if count == 1 else output.with_stem(f"{output.stem}-{index + 1}")
