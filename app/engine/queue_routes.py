"""The queue over HTTP: submit, status, stream, result, cancel.

URLs are read as the hosted queue reads them: a submit names the whole endpoint, a request only its owner and alias;
the whole endpoint, a trailing slash, and `/response` are understood too.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Container
from typing import Protocol

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.engine.bodies import origin, read_json
from app.engine.config import EngineConfig
from app.engine.jobs import Fault, Job
from app.engine.problems import Problem, Refused, bad_request

_REQUEST = re.compile(r"/(?P<app>.+?)/requests/(?P<id>[^/]+)(?P<tail>/status/stream|/status|/cancel|/response|)")
_METHODS = {"/cancel": "PUT"}
_IN_PROGRESS = Problem(status=400, detail="Request is still in progress")


class Runs(Protocol):
    """Whoever takes jobs and works through them."""

    def submit(self, job: Job, *, start_within: float | None = None, max_waiting: int | None = None) -> None:
        """Put a job at the end of the queue; Refused where it is too long already."""
        ...

    def find(self, request_id: str) -> Job | None:
        """The job of that id, as long as it is remembered."""
        ...

    def cancel(self, job: Job) -> None:
        """Stop a job, waiting or running."""
        ...


class QueueRoutes:
    """One catch-all route, taken apart by its path's shape.

    `offered` are the ids of the endpoints; `bind` makes the job of an id, an input and the origin that was asked.
    """

    def __init__(
        self,
        config: EngineConfig,
        offered: Container[str],
        bind: Callable[[str, JsonValue, str], Job],
        runner: Runs,
    ) -> None:
        self._config = config
        self._offered = offered
        self._bind = bind
        self._runner = runner

    def routes(self) -> list[Route]:
        """The last in the table: it matches everything."""
        return [Route("/{path:path}", self.answer, methods=["GET", "HEAD", "POST", "PUT"])]

    async def answer(self, request: Request) -> Response:
        """Whatever the path says."""
        path = request.scope["path"]
        found = _REQUEST.fullmatch(path)
        if found is None:
            return await self._submit(request, path.strip("/"))
        wanted = _METHODS.get(found["tail"], "GET")
        if request.method != wanted and not (wanted == "GET" and request.method == "HEAD"):
            return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": wanted})
        job = self._runner.find(found["id"])
        if job is None or found["app"] not in (job.endpoint.app, job.endpoint.id):
            return JSONResponse({"status": "NOT_FOUND"}, 404)
        logs = request.query_params.get("logs", "").lower() in ("1", "true")
        match found["tail"]:
            case "/status":
                return JSONResponse(job.status(logs), 200 if job.done else 202, {"x-fal-request-id": job.id})
            case "/status/stream":
                return StreamingResponse(
                    self._events(job, logs),
                    media_type="text/event-stream",
                    headers={"cache-control": "no-store", "x-fal-request-id": job.id},
                )
            case "/cancel":
                return self._cancel(job)
            case _:
                return _result(job)

    async def _submit(self, request: Request, endpoint_id: str) -> Response:
        if endpoint_id not in self._offered:
            return JSONResponse({"detail": f"Path /{endpoint_id} not found"}, 404)
        if request.method != "POST":
            return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": "POST"})
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            # A web page can post any other type blindly, without asking first.
            raise bad_request("The Content-Type must be application/json.")
        body = await read_json(request, self._config.limits.max_body)
        job = self._bind(endpoint_id, body, origin(request))
        if self._config.rehearsal.faults:
            job.fault = _fault(request)
            if job.fault is Fault.EARLY_422 and job.refused is not None:
                raise Refused(job.refused)
        self._runner.submit(job, start_within=_start_timeout(request), max_waiting=_max_waiting(request))
        answer = {"status": "IN_QUEUE", **job.handle(), "queue_position": job.place}
        return JSONResponse(answer, headers={"x-fal-request-id": job.id})

    def _cancel(self, job: Job) -> Response:
        headers = {"x-fal-request-id": job.id}
        if job.done:
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400, headers)
        self._runner.cancel(job)
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202, headers)

    async def _events(self, job: Job, logs: bool) -> AsyncIterator[str]:
        """The status at every change, a comment when nothing changes for long, and an end with the job's."""
        while True:
            waiting = job.changes()
            yield f"data: {json.dumps(job.status(logs))}\n\n"
            if job.done:
                return
            while not await waiting.within(self._config.limits.keep_alive):
                yield ": keep-alive\n\n"


def _result(job: Job) -> Response:
    headers = {"x-fal-request-id": job.id}
    if not job.done:
        return JSONResponse(_IN_PROGRESS.body(), _IN_PROGRESS.status, headers)
    if job.problem is not None:
        return JSONResponse(job.problem.body(), job.problem.status, headers | job.problem.headers())
    return JSONResponse(job.output, headers=headers | {"x-fal-billable-units": "0"})


def _start_timeout(request: Request) -> float | None:
    value = request.headers.get("x-fal-request-timeout")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.1 < seconds < 1e6:
        raise bad_request("X-Fal-Request-Timeout must be a number of seconds above 0.1.")
    return seconds


def _max_waiting(request: Request) -> int | None:
    value = request.query_params.get("fal_max_queue_length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _fault(request: Request) -> Fault:
    try:
        return Fault(request.headers.get("x-retake-fault", ""))
    except ValueError as error:
        raise bad_request(f"X-Retake-Fault must be one of: {', '.join(filter(None, Fault))}.") from error
