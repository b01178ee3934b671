"""submit, status, result, cancel, endpoints: the queue's verbs; httpx's errors become ours on the way."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast
from urllib.parse import urlencode

import httpx

from app.endpoints.fields import Json
from app.errors import BadReply, OutcomeUnknown, RateLimited, Rejected, Unreachable
from app.remote import wire
from app.remote.connection import Connection, split
from app.remote.exchange import Caller, Reply
from app.remote.faults import UNKNOWN_HINT, Backoff, Step, clean, for_good, on_the_road
from app.remote.host import Limits, limits_for
from app.remote.updates import Handle

T = TypeVar("T")
_ENDPOINT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_PAGES = 20


def is_endpoint(name: str) -> bool:
    """Whether a text is an endpoint's id, of at least owner/name."""
    return len(name) <= 200 and _ENDPOINT.fullmatch(name) is not None


class HostState(StrEnum):
    """What the host says of a job; UNKNOWN for any word that is new to us."""

    QUEUED = "IN_QUEUE"
    RUNNING = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a job's log; the pair identifies it, because the host sends a moving window."""

    timestamp: str
    message: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where a job is on the host; a failed or cancelled one is COMPLETED with an error."""

    state: HostState
    place: int | None = None
    lines: tuple[LogLine, ...] = ()
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished job's answer as it came, and what the host charges for it."""

    text: str
    billed_units: float | None = None


class CancelOutcome(StrEnum):
    """What became of a wish to cancel."""

    REQUESTED = "CANCELLATION_REQUESTED"
    ALREADY_COMPLETED = "ALREADY_COMPLETED"
    NOT_FOUND = "NOT_FOUND"


class QueueClient:
    """The verbs of one host's queue.

    Asking verbs are repeated while the trouble may pass, for at most `patience` seconds (0: once). `submit` is never
    repeated: what it raises tells whether it is certain that nothing was taken.
    """

    def __init__(self, connection: Connection, http: httpx.AsyncClient, limits: Limits | None = None) -> None:
        self._connection = connection
        self._limits = limits or limits_for(connection)
        self._caller = Caller(connection, http, self._limits)

    async def submit(self, endpoint: str, body: Mapping[str, Json]) -> Handle:
        """Send a request, once.

        Unreachable, RateLimited, Rejected, Unauthorized, OutOfFunds: certainly not taken. OutcomeUnknown: perhaps
        taken. BadReply: taken by a host that points elsewhere, or not spoken to at all.
        """
        if not is_endpoint(endpoint):
            raise Rejected("This is not the name of an endpoint.", "Write it like owner/name.")
        try:
            content = json.dumps(dict(body), allow_nan=False).encode("ascii")
        except (ValueError, TypeError) as error:
            raise Rejected("The request has a value that cannot be sent.", "Set every number anew.") from error
        reply = await self._caller.ask(
            Step.SUBMIT,
            "POST",
            f"{self._connection.queue_url}/{endpoint}",
            content=content,
            headers={"Content-Type": "application/json"},
            within=self._limits.submit,
        )
        if not reply.ok:
            raise self._caller.refusal(Step.SUBMIT, reply)
        try:
            answer = wire.read(wire.SubmitAnswer, reply.body)
        except BadReply as error:
            raise self._unnumbered() from error
        return self._handle(endpoint, answer)

    def _handle(self, endpoint: str, answer: wire.SubmitAnswer) -> Handle:
        number = answer.request_id
        base = ""
        if not (answer.status_url and answer.response_url and answer.cancel_url):
            if not re.fullmatch(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*", number):
                raise self._unnumbered()
            # The resources of a request live under owner/name, without the rest of the endpoint's path.
            parts = endpoint.split("/")
            app = parts[:3] if parts[0] in ("workflows", "comfy") else parts[:2]
            base = "/".join([self._connection.queue_url, *app, "requests", number])
        handle = Handle(
            clean(number),
            answer.status_url or f"{base}/status",
            answer.response_url or base,
            answer.cancel_url or f"{base}/cancel",
        )
        for url in (handle.status_url, handle.response_url, handle.cancel_url):
            self._own(url)
        return handle

    def _unnumbered(self) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{self._connection.label} took the job, but did not say under which number.", UNKNOWN_HINT
        )

    def _own(self, url: str) -> str:
        """The URL itself, once it is sure that it leads to the queue and nowhere else."""
        if not self._connection.serves(url):
            raise self._foreign()
        return url

    def _foreign(self) -> BadReply:
        return for_good(
            BadReply(
                f"{self._connection.label} points to an address that is not its own.",
                "Check the connection's address; the key was not sent there.",
            )
        )

    async def status(self, handle: Handle, *, logs: bool = True, patience: float = 0.0) -> Status:
        """Where the job is. Expired where the host does not know it."""
        url = self._own(handle.status_url)
        if logs:
            url += ("&" if (parts := split(url)) and parts.query else "?") + urlencode({"logs": "1"})

        def read(reply: Reply) -> Status:
            if not reply.ok:
                raise self._caller.refusal(Step.STATUS, reply)
            answer = wire.read(wire.StatusAnswer, reply.body)
            known = {state.value: state for state in HostState}
            key = self._connection.key
            lines = [LogLine(clean(e.timestamp), clean(e.message, key, 2000)) for e in answer.logs[-1000:]]
            return Status(
                known.get(answer.status, HostState.UNKNOWN),
                answer.queue_position,
                tuple(line for line in lines if line.message),
                clean(answer.error, key),
                clean(answer.error_type, key),
            )

        return await self._steadily(Step.STATUS, "GET", url, read, patience)

    async def result(self, handle: Handle, *, patience: float = 0.0) -> Answer | None:
        """The finished job's answer; None while it is still in progress. JobFailed, Rejected: the job's own end."""

        def read(reply: Reply) -> Answer | None:
            if reply.code == 400 and "in progress" in _said(reply).lower():
                return None
            if not reply.ok:
                raise self._caller.refusal(Step.RESULT, reply)
            wire.read_json(reply.body)
            return Answer(reply.body.decode("utf-8-sig"), _units(reply.headers))

        return await self._steadily(Step.RESULT, "GET", self._own(handle.response_url), read, patience)

    async def cancel(self, handle: Handle, *, patience: float = 0.0) -> CancelOutcome:
        """Ask the host to stop; cooperative jobs do, others finish all the same."""

        def read(reply: Reply) -> CancelOutcome:
            known = {outcome.value: outcome for outcome in CancelOutcome}
            told = wire.read_error(reply.body).status
            if reply.ok:
                return known.get(told, CancelOutcome.REQUESTED)
            if reply.code == 400:
                return CancelOutcome.ALREADY_COMPLETED
            if reply.code in (404, 410):
                return CancelOutcome.NOT_FOUND
            raise self._caller.refusal(Step.CANCEL, reply)

        return await self._steadily(Step.CANCEL, "PUT", self._own(handle.cancel_url), read, patience)

    async def endpoints(self, *, patience: float = 0.0) -> tuple[Json, ...]:
        """The records (id, metadata, OpenAPI document) of all endpoints listed; without a document it is left out."""
        records: list[Json] = []
        query = {"expand": "openapi-3.0"}
        for _ in range(_PAGES):
            url = f"{self._connection.queue_url}/v1/models?{urlencode(query)}"
            page = await self._steadily(Step.CATALOGUE, "GET", url, self._page, patience)
            records += [cast("Json", record.model_dump()) for record in page.models if record.openapi]
            if not page.next_cursor or query.get("cursor") == page.next_cursor:
                break
            query["cursor"] = page.next_cursor
        return tuple(records)

    def _page(self, reply: Reply) -> wire.Listing:
        if not reply.ok:
            raise self._caller.refusal(Step.CATALOGUE, reply)
        return wire.read(wire.Listing, reply.body)

    async def _steadily(self, step: Step, method: str, url: str, read: Callable[[Reply], T], patience: float) -> T:
        """Ask until an answer can be read or patience runs out; only verbs that may safely be repeated come here."""
        backoff = Backoff(self._limits)
        ends = time.monotonic() + patience
        while True:
            try:
                reply = await self._caller.ask(step, method, url)
                if reply.code >= 400 and on_the_road(step, reply.code, reply.body):
                    raise self._caller.refusal(step, reply)
                return read(reply)
            except (Unreachable, RateLimited, BadReply) as fault:
                pause = backoff.next(fault)
                if not fault.retryable or time.monotonic() + pause > ends:
                    raise
            await asyncio.sleep(pause)


def _said(reply: Reply) -> str:
    detail = wire.read_error(reply.body).detail
    return detail[0].msg if detail else ""


def _units(headers: httpx.Headers) -> float | None:
    text = headers.get("x-fal-billable-units", "")
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text) else None
