"""Sources up, results down: where the key may go (the storage's own origin) and where never (everywhere else)."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, urlsplit

import httpx

from app.errors import BadReply, Rejected, RemoteError
from app.remote import wire
from app.remote.connection import Connection
from app.remote.download import DownloadFacts, download
from app.remote.exchange import Caller, Reply
from app.remote.faults import Backoff, Step, for_good, translated
from app.remote.host import Limits, limits_for
from app.remote.transfer import Progress, quiet

__all__ = ["DownloadFacts", "Progress", "download", "is_there", "upload"]

_PIECE = 256 * 1024
_JSON = {"Content-Type": "application/json"}


async def upload(
    connection: Connection,
    http: httpx.AsyncClient,
    path: Path,
    content_type: str,
    *,
    plain: httpx.AsyncClient,
    progress: Progress = quiet,
    limits: Limits | None = None,
) -> str:
    """Put a file where endpoints can fetch it; gives its URL. Safe to repeat, and repeated while trouble may pass.

    `http` asks the storage for an address, with the key; `plain`, which has none, sends the file there.
    Raises RemoteError's, and Rejected for a file that cannot be read.
    """
    limits = limits or limits_for(connection)
    backoff = Backoff(limits)
    for left in reversed(range(limits.transfer_tries)):
        try:
            return await _Upload(connection, http, plain, limits, path, content_type, progress).run()
        except RemoteError as fault:
            if not fault.retryable or not left:
                raise
            await asyncio.sleep(backoff.next(fault))
        except OSError as error:
            raise Rejected(f"{path.name} could not be read to be sent: {error.strerror}.", "Try again.") from error
    raise AssertionError("the last try either returns or raises")


async def is_there(connection: Connection, plain: httpx.AsyncClient, url: str, size: int, limits: Limits) -> bool:
    """Whether a file of that size can still be had at a URL: asked by HEAD, or for one byte where that is not allowed.

    Never raises: what cannot be asked counts as gone, and is uploaded anew.
    """
    if not connection.may_fetch(url):
        return False
    try:
        with translated(Step.DOWNLOAD, connection):
            async with asyncio.timeout(limits.call):
                for method, headers in (("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):
                    request = plain.build_request(method, url, headers=headers)
                    response = await plain.send(request, auth=None, stream=True, follow_redirects=False)
                    await response.aclose()
                    if method == "GET" or response.status_code not in (400, 403, 405, 501):
                        length = response.headers.get("content-length", "")
                        whole = response.status_code == 200 and length in ("", str(size))
                        return whole or response.status_code == 206
    except RemoteError:
        pass
    return False


class _Upload:
    """One try: ask for an address, send the file there whole or in parts."""

    def __init__(
        self,
        connection: Connection,
        http: httpx.AsyncClient,
        plain: httpx.AsyncClient,
        limits: Limits,
        path: Path,
        content_type: str,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._asker = Caller(connection, http, limits)
        self._sender = Caller(connection, plain, limits, keyed=False)
        self._path = path
        self._type = content_type
        self._progress = progress

    async def run(self) -> str:
        size = self._path.stat().st_size
        in_parts = size > self._limits.multipart_above
        place = await self._place("initiate-multipart" if in_parts else "initiate")
        self._progress(0, size)
        with self._path.open("rb") as file:
            if in_parts:
                await self._send_parts(place.upload_url, file, size)
            else:
                await self._put(place.upload_url, file, 0, size, size, {"Content-Type": self._type})
        self._progress(size, size)
        return place.file_url

    async def _place(self, verb: str) -> wire.UploadAnswer:
        """Ask the storage where to; the file's own name stays home, its ending goes along: loaders go by it."""
        url = f"{self._connection.storage_url}/upload/{verb}?storage_type=fal-cdn-v3"
        wish = {"content_type": self._type, "file_name": f"source{_ending(self._path)}"}
        reply = await self._asker.ask(Step.UPLOAD, "POST", url, content=_json(wish), headers=_JSON)
        if not reply.ok:
            raise self._asker.refusal(Step.UPLOAD, reply)
        place = wire.read(wire.UploadAnswer, reply.body)
        for given in (place.upload_url, place.file_url):
            if not self._connection.may_fetch(given):
                raise for_good(
                    BadReply(
                        f"{self._connection.label} wants the sound sent to an address that is not safe.",
                        "Check the connection's address; nothing was sent.",
                    )
                )
        return place

    async def _put(self, url: str, file: BinaryIO, start: int, size: int, total: int, headers: dict[str, str]) -> Reply:
        """PUT bytes [start, start + size) of the file, counting them."""

        async def pieces() -> AsyncIterator[bytes]:
            file.seek(start)
            sent = 0
            while sent < size:
                piece = file.read(min(_PIECE, size - sent))
                if not piece:
                    return
                yield piece
                sent += len(piece)
                self._progress(start + sent, total)

        reply = await self._sender.ask(
            Step.SEND,
            "PUT",
            url,
            content=pieces(),
            headers={**headers, "Content-Length": str(size)},
            within=self._limits.transfer(size),
        )
        if not reply.ok:
            raise self._sender.refusal(Step.SEND, reply)
        return reply

    async def _send_parts(self, upload_url: str, file: BinaryIO, size: int) -> None:
        """In numbered parts, each tried anew by itself, then one call that puts them together."""
        target = urlsplit(upload_url)
        parts: list[dict[str, object]] = []
        for number, start in enumerate(range(0, size, self._limits.part_bytes), 1):
            length = min(self._limits.part_bytes, size - start)
            url = _below(target, str(number))
            parts.append({"partNumber": number, "etag": await self._part(url, file, start, length, size)})
        reply = await self._sender.ask(
            Step.SEND, "POST", _below(target, "complete"), content=_json({"parts": parts}), headers=_JSON
        )
        if not reply.ok:
            raise self._sender.refusal(Step.SEND, reply)

    async def _part(self, url: str, file: BinaryIO, start: int, length: int, size: int) -> str:
        backoff = Backoff(self._limits)
        for left in reversed(range(self._limits.transfer_tries)):
            try:
                reply = await self._put(url, file, start, length, size, {"Content-Type": "application/octet-stream"})
                etag = _etag(reply)
            except RemoteError as fault:
                if not fault.retryable or not left:
                    raise
                await asyncio.sleep(backoff.next(fault))
            else:
                return etag
        raise AssertionError("the last try either returns or raises")


def _ending(path: Path) -> str:
    found = re.search(r"(\.tar)?\.[a-z0-9]{1,16}$", path.name.lower())
    return found[0] if found else ""


def _json(value: object) -> bytes:
    return json.dumps(value).encode("ascii")


def _below(target: SplitResult, name: str) -> str:
    return target._replace(path=f"{target.path.rstrip('/')}/{name}").geturl()


def _etag(reply: Reply) -> str:
    etag = reply.headers.get("etag", "")
    if not etag and reply.body:
        etag = wire.read(wire.PartAnswer, reply.body).etag
    if not etag:
        raise BadReply("The host did not confirm a part of the upload.", "Try again in a while.")
    return etag
