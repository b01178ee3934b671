"""A double of the hosted service on loopback: the bundled engine's protocol code in front of the bundled documents.

Four origins, as out there: the queue and the storage want the key, the hosts that take and give files must never see
it. Bad input is taken and refused at the result, as the real host does it; every fault is written down besides, so
that a test cannot pass over one.
"""

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from hosted_answers import Manner, answer
from hosted_documents import Known, known
from hosted_work import Work, inline, read_work
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.engine.config import EngineConfig
from app.engine.guard import Guard, Keys
from app.engine.jobs import Job
from app.engine.problems import CANCELLED, CRASHED, Problem
from app.engine.process import EngineServer
from app.engine.queue_routes import QueueRoutes
from app.engine.server import HANDLERS
from app.engine.storage_routes import Places, StorageRoutes
from app.engine.store import Store
from app.remote.connection import Connection, Key

QUEUE, STORAGE, UPLOADS, FILES = "queue", "storage", "uploads", "files"
_KEYLESS = (UPLOADS, FILES)


@dataclass(eq=False)
class Call:
    """One HTTP request as it came: to which of the hosts, with or without the key, with how many bytes."""

    host: str
    method: str
    path: str
    keyed: bool
    received: int = 0


@dataclass(eq=False)
class Double:
    """The double while it runs: `manner` is how it answers; `work`, `calls`, `faults` what came and what was wrong."""

    data: Path
    key: str = field(default_factory=lambda: f"double-{secrets.token_hex(4)}:{secrets.token_hex(16)}", repr=False)
    manner: Manner = field(default_factory=Manner)
    lossy: bool = False
    work: list[Work] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)

    @property
    def connection(self) -> Connection:
        """The way to it, under the name of the host that it stands for."""
        return Connection("fal", self.origins[QUEUE], f"{self.origins[STORAGE]}/storage", Key(self.key))

    @property
    def uploads(self) -> list[int]:
        """The bytes of every upload that came."""
        return [call.received for call in self.calls if call.host == UPLOADS and call.method == "PUT"]

    def begin_anew(self) -> None:
        """Forget what came, and answer as at the beginning."""
        self.manner, self.lossy = Manner(), False
        self.work, self.calls, self.faults = [], [], []


class _Studio:
    """Works through the jobs one after the other, on the event loop itself: they are short."""

    def __init__(self, double: Double, store: Store) -> None:
        self._double = double
        self._store = store
        self._known = known()
        self._jobs: dict[str, Job] = {}
        self._work: dict[str, Work] = {}

    @property
    def known(self) -> dict[str, Known]:
        return self._known

    def bind(self, endpoint_id: str, body: JsonValue, origin: str) -> Job:
        """Read and check at once; what is wrong is told at the result only."""
        job = Job(endpoint=self._known[endpoint_id], origin=origin, params={}, folder=self._double.data / "none")
        work = read_work(self._known[endpoint_id], body, self._fetch, lossy=self._double.lossy)
        if work.complaints:
            job.refused = Problem(status=422, detail=tuple(work.complaints))
            self._double.faults.append(f"{endpoint_id}: {job.refused.summary}")
        self._double.work.append(work)
        self._work[job.id] = work
        return job

    def submit(self, job: Job, *, start_within: float | None = None, max_waiting: int | None = None) -> None:
        self._jobs[job.id] = job
        asyncio.get_running_loop().call_soon(self._do, job)

    def find(self, request_id: str) -> Job | None:
        return self._jobs.get(request_id)

    def cancel(self, job: Job) -> None:
        job.finish(problem=CANCELLED)

    def _do(self, job: Job) -> None:
        job.begin()
        if job.refused is not None:
            job.finish(problem=job.refused)
            return
        try:
            job.finish(cast(dict[str, JsonValue], answer(self._work[job.id], self._double.manner, self._keep)))
        except Exception as error:
            self._double.faults.append(f"The double broke: {error!r}")
            job.finish(problem=CRASHED)

    def _keep(self, data: bytes, name: str, content_type: str) -> str:
        return self._double.origins[FILES] + self._store.put(data, name, content_type).url_path

    def _fetch(self, url: str) -> bytes | None:
        """The bytes behind an address: only files that were brought here, and what an address itself holds."""
        if url.startswith("data:"):
            return inline(url)
        stored = self._store.at_url(url) if url.startswith(f"{self._double.origins[FILES]}/") else None
        return None if stored is None else stored.path.read_bytes()


class _Watch:
    """ASGI middleware of one host: writes down each call, and refuses the key where it must not come."""

    def __init__(self, app: ASGIApp, host: str, double: Double) -> None:
        self._app = app
        self._host = host
        self._double = double

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        keyed = any(name == b"authorization" for name, _ in scope["headers"])
        leaked = any(self._double.key.encode() in value for _, value in scope["headers"]) and self._host in _KEYLESS
        call = Call(self._host, scope["method"], scope["path"], keyed)
        self._double.calls.append(call)
        if leaked or (keyed and self._host in _KEYLESS):
            self._double.faults.append(f"The key came to the host for {self._host}.")
            await JSONResponse({"detail": "No key belongs here."}, 400)(scope, receive, send)
            return

        async def counted() -> Message:
            message = await receive()
            call.received += len(message.get("body", b""))
            return message

        await self._app(scope, counted, send)


class _Hosts:
    """All four hosts as one application: which of them is meant shows in the port."""

    def __init__(self, apps: dict[int, ASGIApp]) -> None:
        self._apps = apps

    @property
    def app(self) -> ASGIApp:
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await next(iter(self._apps.values()))(scope, receive, send)
        else:
            await self._apps[scope["server"][1]](scope, receive, send)

    async def close(self) -> None:
        """Its jobs end by themselves."""


@contextlib.contextmanager
def start_double(folder: Path) -> Iterator[Double]:
    """Serve a double from a thread until the end of the block."""
    double = Double(folder)
    with contextlib.ExitStack() as stack:
        listeners = {
            host: stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for host in (QUEUE, STORAGE, UPLOADS, FILES)
        }
        ports = {host: listener.getsockname()[1] for host, listener in listeners.items()}
        double.origins = {host: f"http://127.0.0.1:{port}" for host, port in ports.items()}
        apps = _apps(double)
        listening = threading.Event()
        server = EngineServer(_Hosts({ports[host]: app for host, app in apps.items()}), listening.set)
        thread = threading.Thread(target=server.run, args=(list(listeners.values()),), name="double")
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.end)
        assert listening.wait(20)
        yield double


def _apps(double: Double) -> dict[str, ASGIApp]:
    config = EngineConfig(data=double.data, key=double.key)
    limits = config.limits
    store = Store(
        double.data / "files",
        max_file=limits.max_upload,
        max_total=limits.max_stored,
        ticket_seconds=limits.ticket_seconds,
    )
    keys = Keys(config.key)
    studio = _Studio(double, store)
    storage = StorageRoutes(config, keys, store, Places(uploads=double.origins[UPLOADS], files=double.origins[FILES]))
    routes = {
        QUEUE: QueueRoutes(config, studio.known, studio.bind, studio).routes(),
        STORAGE: storage.asked(),
        UPLOADS: storage.presigned(),
        FILES: storage.stored(),
    }

    def app(host: str, served: list[Route]) -> ASGIApp:
        watch = Middleware(_Watch, host=host, double=double)
        guard = [] if host in _KEYLESS else [Middleware(Guard, config=config, keys=keys)]
        return Starlette(routes=served, middleware=[watch, *guard], exception_handlers=HANDLERS)

    return {host: app(host, served) for host, served in routes.items()}
