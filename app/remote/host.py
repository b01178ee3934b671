"""Host: a connection with its HTTP clients and its patience, for as long as it is in use."""

import functools
import logging
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from app.errors import Unreachable
from app.remote.connection import Connection, is_loopback
from app.remote.uploads import UploadCache

# At INFO and below these two write whole URLs (signed ones too) and headers into the log.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much: times in seconds, sizes in bytes."""

    connect: float = 10.0
    silence: float = 30.0  # between two pieces of an answer
    call: float = 45.0  # a whole small call, however it trickles
    submit: float = 90.0
    backoff_first: float = 0.5
    backoff_most: float = 30.0
    wait_most: float = 300.0  # of what a host asks for in Retry-After
    submit_tries: int = 4  # only while it is certain that nothing was taken
    transfer_tries: int = 4
    patience: float = 90.0  # with answers that make no sense
    outage: float = float("inf")  # with no answer at all, once a job is on its way
    cancel: float = 8.0
    poll_first: float = 0.1
    poll_growth: float = 1.4
    poll_most: float = 5.0
    json_bytes: int = 5_000_000
    answer_bytes: int = 128 * 1024 * 1024  # of a job's answer, which may hold its sound in itself
    file_bytes: int = 512 * 1024 * 1024
    multipart_above: int = 90_000_000
    part_bytes: int = 10 * 1024 * 1024
    slowest: float = 50_000.0  # bytes per second that a transfer may take in all
    stall_bytes: float = 1_000.0  # bytes per second below which a transfer counts as stuck
    stall: float = 30.0  # over so many seconds
    hops: int = 3
    told_every: float = 0.1  # between two updates about bytes
    reuse: float = 3600.0  # for which an upload is taken to be kept; accounts may have shorter lifetimes than "forever"

    def transfer(self, size: int) -> float:
        """Seconds that a transfer of so many bytes may take."""
        return self.call + size / self.slowest


def limits_for(connection: Connection) -> Limits:
    """A host on this machine answers at once or is gone; one out there may come back."""
    return Limits(poll_most=2.0, outage=10.0, patience=10.0, reuse=1800.0) if connection.loopback else Limits()


class KeyAuth(httpx.Auth):
    """Puts the key on requests to the connection's own origins, and on no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """One request, with the key where it may go."""
        key = self._connection.key
        if key is not None and self._connection.trusts(str(request.url)):
            request.headers["Authorization"] = f"Key {key.reveal()}"
        yield request


@dataclass(frozen=True, slots=True)
class Host:
    """A connection, one client for calls with the key and one that never has it, the limits, and what was uploaded."""

    connection: Connection
    http: httpx.AsyncClient
    plain: httpx.AsyncClient
    limits: Limits
    uploads: UploadCache = field(default_factory=UploadCache)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _client(loopback: bool, limits: Limits) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(
            verify=_tls(),
            trust_env=not loopback,
            follow_redirects=False,
            headers={"User-Agent": "retake", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(limits.silence, connect=limits.connect),
            # Let go of idle connections before the host does (uvicorn: 5 s): a POST that races with the
            # host's closing would end as "outcome unknown".
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=16, keepalive_expiry=3.0),
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise Unreachable(
            "The network proxy in this computer's settings cannot be used.",
            "Set HTTPS_PROXY and ALL_PROXY to an http:// address, or remove them.",
        ) from error


@asynccontextmanager
async def make_host(
    connection: Connection, limits: Limits | None = None, uploads: UploadCache | None = None
) -> AsyncGenerator[Host]:
    """The clients of a connection, closed at the end. Unreachable where the system's proxy settings are broken.

    `uploads` may be shared by hosts on the same event loop; each has one of its own otherwise.
    """
    limits = limits or limits_for(connection)
    here = connection.loopback
    async with _client(here, limits) as http, _client(here, limits) as plain:
        yield Host(connection, http, plain, limits, uploads or UploadCache())


@asynccontextmanager
async def make_plain(url: str, limits: Limits | None = None) -> AsyncGenerator[httpx.AsyncClient]:
    """A client that has no key, for what lies at one address. Unreachable as for `make_host`."""
    async with _client(is_loopback(url), limits or Limits()) as plain:
        yield plain
