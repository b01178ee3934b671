"""The engine's server put together: the guard, storage, catalogue and queue on one origin, and their common life."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.engine.binding import make_job
from app.engine.bodies import origin
from app.engine.config import EngineConfig
from app.engine.documents import document, record
from app.engine.endpoints import Endpoint, offered
from app.engine.guard import Guard, Keys
from app.engine.jobs import Job
from app.engine.problems import Refused
from app.engine.queue_routes import QueueRoutes
from app.engine.runner import Runner
from app.engine.storage_routes import StorageRoutes
from app.engine.store import Store


class Engine:
    """The whole engine as one ASGI application, `app`; its workers live from the app's startup to `close`."""

    def __init__(self, config: EngineConfig) -> None:
        limits = config.limits
        self._config = config
        self._retention = limits.retention
        self._store = Store(
            config.data / "files",
            max_file=limits.max_upload,
            max_total=limits.max_stored,
            ticket_seconds=limits.ticket_seconds,
        )
        self._runner = Runner(config, self._store)
        keys = Keys(config.key)
        self._endpoints = offered(config.rehearsal.test_endpoints)
        self.app = Starlette(
            routes=[
                Route("/health", _health, methods=["GET"]),
                *_catalogue(self._endpoints),
                *StorageRoutes(config, keys, self._store).routes(),
                *QueueRoutes(config, self._endpoints, self._bind, self._runner).routes(),
            ],
            middleware=[Middleware(Guard, config=config, keys=keys)],
            exception_handlers=HANDLERS,
            lifespan=self._life,
        )

    async def close(self) -> None:
        """End every job and its worker; open streams end with their jobs."""
        await self._runner.close()

    def _bind(self, endpoint_id: str, body: JsonValue, origin: str) -> Job:
        return make_job(self._endpoints[endpoint_id], body, origin, self._config, self._store)

    @contextlib.asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncGenerator[None, None]:
        self._runner.start()
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            await self.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(60.0, max(self._retention / 4, 0.1)))
            self._store.sweep(self._retention)


def build_app(config: EngineConfig) -> Starlette:
    """The engine as an ASGI application, for tests and for other servers than ours."""
    return Engine(config).app


def _catalogue(endpoints: dict[str, Endpoint]) -> list[Route]:
    async def models(request: Request) -> Response:
        """The platform's list of models, all on one page."""
        wanted = request.query_params.getlist("endpoint_id")
        with_document = "openapi-3.0" in request.query_params.getlist("expand")
        found = [each for each in endpoints.values() if not wanted or each.id in wanted]
        entries = [record(each, origin(request), with_document=with_document) for each in found]
        return JSONResponse({"models": entries, "has_more": False, "next_cursor": None})

    async def openapi(request: Request) -> Response:
        """One endpoint's document."""
        endpoint = endpoints.get(request.query_params.get("endpoint_id", ""))
        return JSONResponse(None, 404) if endpoint is None else JSONResponse(document(endpoint, origin(request)))

    return [
        Route("/v1/models", models, methods=["GET"]),
        Route("/api/openapi/queue/openapi.json", openapi, methods=["GET"]),
    ]


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return JSONResponse(error.problem.body(), error.problem.status, error.problem.headers())


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _gone(request: Request, error: Exception) -> Response:
    # Nobody reads this answer; it only keeps a broken upload out of the log.
    return JSONResponse({"detail": "Client Disconnected"}, 499)


async def _bug(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": "Internal Server Error"}, 500)


HANDLERS: Final = {Refused: _refused, HTTPException: _http, ClientDisconnect: _gone, Exception: _bug}
