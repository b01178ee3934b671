"""Results down: from https only, without a key, within a size and a time, onto the disk whole or not at all."""

import asyncio
import base64
import binascii
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin

import httpx

from app.errors import BadReply, RemoteError, Unreachable
from app.remote.connection import Connection
from app.remote.disk import Arriving
from app.remote.faults import Backoff, Step, clean, for_good, refused, translated
from app.remote.host import Limits, limits_for
from app.remote.transfer import Progress, quiet
from app.remote.ways import REDIRECTS, leads_inside

_ERROR_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class DownloadFacts:
    """What a download gave: how much, of what declared type (hearsay), with which SHA-256."""

    path: Path
    size: int
    content_type: str
    sha256: str


async def download(
    connection: Connection,
    plain: httpx.AsyncClient,
    url: str,
    target: Path,
    *,
    declared: int | None = None,
    limit_bytes: int | None = None,
    progress: Progress = quiet,
    limits: Limits | None = None,
) -> DownloadFacts:
    """Fetch one file of a result into `target`, repeating while trouble may pass. `plain` must carry no key.

    `declared` is the size that the answer gave for the file: it tells a cut transfer from a whole one where the
    transfer itself says no length. Raises RemoteError's, and UnwritableFile.
    """
    limits = limits or limits_for(connection)
    fetch = _Download(connection, plain, target, limit_bytes or limits.file_bytes, declared, progress, limits)
    if url[:5].lower() == "data:":
        return await fetch.decode(url)
    backoff = Backoff(limits)
    for left in reversed(range(limits.transfer_tries)):
        try:
            return await fetch.once(url)
        except RemoteError as fault:
            if not fault.retryable or not left:
                raise
            await asyncio.sleep(backoff.next(fault))
    raise AssertionError("the last try either returns or raises")


class _Download:
    """What all tries for one file share."""

    def __init__(
        self,
        connection: Connection,
        plain: httpx.AsyncClient,
        target: Path,
        most: int,
        declared: int | None,
        progress: Progress,
        limits: Limits,
    ) -> None:
        self._connection = connection
        self._plain = plain
        self._target = target
        self._most = most
        self._declared = declared
        self._progress = progress
        self._limits = limits

    async def decode(self, url: str) -> DownloadFacts:
        """A data: URI holds its file in itself."""
        head, comma, text = url[5:].partition(",")
        if not comma or len(text) > self._most * 4 / 3 + 4:
            raise self._unsafe("holds a file that is broken or far too large")
        try:
            content = unquote_to_bytes(text)
            if head.lower().rstrip().endswith(";base64"):
                content = base64.b64decode(b"".join(content.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._unsafe("holds a file that is broken") from error
        with Arriving(self._target) as file:
            await file.add(content)
            self._progress(file.size, file.size)
            return DownloadFacts(self._target, file.size, clean(head.split(";")[0]), await file.keep())

    async def once(self, url: str) -> DownloadFacts:
        """One try, from the first address through at most so many redirects."""
        with translated(Step.DOWNLOAD, self._connection):
            async with asyncio.timeout(self._limits.call) as deadline:
                for _ in range(self._limits.hops + 1):
                    await self._check(url)
                    request = self._plain.build_request("GET", url, headers={"Accept-Encoding": "identity"})
                    response = await self._plain.send(request, auth=None, stream=True, follow_redirects=False)
                    try:
                        if response.status_code not in REDIRECTS:
                            return await self._take(response, deadline)
                        url = urljoin(url, response.headers.get("location", ""))
                    finally:
                        await response.aclose()
        raise self._unsafe("sends us from one address to the next without end")

    async def _check(self, url: str) -> None:
        """BadReply where a file may not come from there: every hop is checked before it is taken."""
        if len(url) > 8192 or not self._connection.may_fetch(url):
            raise self._unsafe("points to a file at an address that is not safe")
        if not self._connection.loopback and not self._connection.trusts(url) and await leads_inside(url):
            raise self._unsafe("points to a file inside this network")

    async def _take(self, response: httpx.Response, deadline: asyncio.Timeout) -> DownloadFacts:
        limits = self._limits
        if 200 < response.status_code < 300:
            raise self._unsafe(f"answers without the file ({response.status_code})")
        if response.status_code != 200:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _ERROR_BYTES:
                    break
            raise refused(Step.DOWNLOAD, response.status_code, response.headers, bytes(body), self._connection, limits)
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise self._unsafe("packs a file that it was asked to send as it is")
        length = self._length(response)
        with Arriving(self._target) as file:
            if length is not None:
                if length > self._most:
                    raise self._unsafe(f"has a file of {length / 1e6:.0f} MB, which is more than Retake takes")
                file.expect(length)
            now = asyncio.get_running_loop().time()
            deadline.reschedule(now + limits.transfer(self._most if length is None else length))
            await self._stream(response, file, length)
            self._whole(file.size, length)
            kind = clean(response.headers.get("content-type", ""), most=100)
            return DownloadFacts(self._target, file.size, kind, await file.keep())

    async def _stream(self, response: httpx.Response, file: Arriving, length: int | None) -> None:
        since, before = time.monotonic(), 0
        async for piece in response.aiter_raw():
            await file.add(piece)
            if file.size > self._most:
                raise self._unsafe("sends a file that is larger than Retake takes")
            self._progress(file.size, length)
            now = time.monotonic()
            if now - since > self._limits.stall:
                if file.size - before < (now - since) * self._limits.stall_bytes:
                    raise Unreachable(
                        f"{self._connection.label} sends the result too slowly.",
                        "Check the network, then retry.",
                    )
                since, before = now, file.size

    def _length(self, response: httpx.Response) -> int | None:
        text = response.headers.get("content-length", "")
        return int(text) if re.fullmatch(r"\d{1,18}", text) else None

    def _whole(self, size: int, length: int | None) -> None:
        """A cut transfer without a length ends like a whole one; only the answer's own word can tell them apart."""
        expected = self._declared if length is None else length
        if size == 0 or (expected is not None and size < expected):
            raise BadReply(f"{self._connection.label} broke off in the middle of the result.", "Try again in a while.")

    def _unsafe(self, what: str) -> BadReply:
        return for_good(BadReply(f"{self._connection.label} {what}.", "Nothing was fetched from there."))
