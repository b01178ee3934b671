"""Files of the engine: uploads, results, and the tickets and parts on their way to becoming one.

Every file lies under a random name of the store's own; what a client calls it is kept as text and shown in the URL,
but never becomes a path. The URL's token is the only way to it: 192 bits, so knowing it is the permission.
"""

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import anyio.to_thread

from app.engine.problems import NOT_FOUND, Problem, Refused, bad_request, too_large

_CHUNK = 1 << 20
_MAX_PARTS = 10_000
_SAFE_TYPE = re.compile(r"(audio|video)/[\w.+-]{1,60}", re.ASCII)

FULL = Problem(status=507, detail="The engine has no more space for files.", error_type="internal_error")


@dataclass(slots=True)
class StoredFile:
    """One file; while `holds` is not 0 a job needs it and it is not forgotten."""

    token: str
    name: str
    content_type: str
    path: Path
    size: int
    touched: float
    holds: int = 0

    @property
    def url_path(self) -> str:
        """Its path in a URL."""
        return f"/files/{self.token}/{quote(self.name)}"


@dataclass(frozen=True, slots=True)
class Part:
    """One arrived part of a file."""

    path: Path
    size: int
    etag: str


@dataclass(slots=True)
class Ticket:
    """The permission to bring one file, in one piece or in parts, until `expires`."""

    secret: str
    token: str
    name: str
    content_type: str
    expires: float
    parts: dict[int, Part] = field(default_factory=dict[int, Part])

    @property
    def url_path(self) -> str:
        """Where the file will be found."""
        return f"/files/{self.token}/{quote(self.name)}"


class Store:
    """Keeps files in one folder, counts their bytes, and forgets what nobody touched for a while."""

    def __init__(self, folder: Path, *, max_file: int, max_total: int, ticket_seconds: float) -> None:
        self._folder = folder
        self._max_file = max_file
        self._max_total = max_total
        self._ticket_seconds = ticket_seconds
        self._files: dict[str, StoredFile] = {}
        self._tickets: dict[str, Ticket] = {}
        self._used = 0
        folder.mkdir(parents=True, exist_ok=True)

    def ticket(self, name: str, content_type: str) -> Ticket:
        """A new permission to upload."""
        ticket = Ticket(
            secret=secrets.token_urlsafe(24),
            token=secrets.token_urlsafe(24),
            name=shown_name(name),
            content_type=content_type,
            expires=time.monotonic() + self._ticket_seconds,
        )
        self._tickets[ticket.secret] = ticket
        return ticket

    def redeem(self, secret: str) -> Ticket:
        """The ticket of that secret; Refused with 403 where there is none or it is too old."""
        ticket = self._tickets.get(secret)
        if ticket is None or ticket.expires < time.monotonic():
            raise Refused(Problem(status=403, detail="This upload URL is unknown or has expired."))
        return ticket

    async def receive(self, ticket: Ticket, body: AsyncIterable[bytes]) -> StoredFile:
        """Stream a body to disk and publish it under the ticket; a second try replaces the first."""
        path, size, _ = await self._write(body)
        return self._publish(ticket.token, ticket.name, ticket.content_type, path, size)

    async def receive_part(self, ticket: Ticket, number: int, body: AsyncIterable[bytes]) -> Part:
        """Stream one part to disk; parts may come in any order, at once, and again."""
        if not 1 <= number <= _MAX_PARTS:
            raise bad_request(f"Part numbers run from 1 to {_MAX_PARTS}.")
        path, size, digest = await self._write(body)
        # The longer a large upload takes, the longer its ticket must hold.
        ticket.expires = time.monotonic() + self._ticket_seconds
        self._drop_part(ticket.parts.pop(number, None))
        part = ticket.parts[number] = Part(path, size, f'"{digest}"')
        return part

    async def join(self, ticket: Ticket, listed: dict[int, str]) -> StoredFile:
        """Put the listed parts together, by number; Refused where one is missing or not the one that was sent."""
        known = {number: part.etag.strip('"') for number, part in ticket.parts.items()}
        if not listed or any(known.get(number) != etag.strip('"') for number, etag in listed.items()):
            raise bad_request("The listed parts are not the parts that arrived.")
        if sum(ticket.parts[number].size for number in listed) > self._max_file:
            raise too_large(self._max_file)
        chosen = [ticket.parts[number] for number in sorted(listed)]
        target = self._new_path()
        await anyio.to_thread.run_sync(_concatenate, [each.path for each in chosen], target)
        size = target.stat().st_size
        self._used += size
        for number in list(ticket.parts):
            self._drop_part(ticket.parts.pop(number))
        return self._publish(ticket.token, ticket.name, ticket.content_type, target, size)

    def put(self, data: bytes, name: str, content_type: str) -> StoredFile:
        """Keep bytes that are already in memory, such as those of a data URI."""
        self._reserve(len(data))
        path = self._new_path()
        path.write_bytes(data)
        return self._publish(secrets.token_urlsafe(24), shown_name(name), content_type, path, len(data))

    def adopt(self, made: Path, name: str, content_type: str) -> StoredFile:
        """Take over a file that a worker made on the same disk."""
        size = made.stat().st_size
        path = self._new_path()
        made.replace(path)
        self._used += size
        return self._publish(secrets.token_urlsafe(24), shown_name(name), content_type, path, size)

    def find(self, token: str) -> StoredFile:
        """The file of that token; Refused with 404 where there is none."""
        stored = self._files.get(token)
        if stored is None:
            raise Refused(NOT_FOUND)
        stored.touched = time.monotonic()
        return stored

    def at_url(self, url: str) -> StoredFile | None:
        """The file that a URL of this engine names; nothing is ever fetched for it."""
        parts = urlsplit(url).path.split("/")
        if len(parts) != 4 or parts[1] != "files":
            return None
        stored = self._files.get(unquote(parts[2]))
        if stored is not None:
            stored.touched = time.monotonic()
        return stored

    def forget(self, stored: StoredFile) -> None:
        """Delete a file."""
        if self._files.pop(stored.token, None) is not None:
            self._delete(stored.path, stored.size)

    def sweep(self, older_than: float) -> None:
        """Delete files that no job holds and nobody touched for so many seconds, and tickets past their time."""
        now = time.monotonic()
        for stored in [f for f in self._files.values() if not f.holds and now - f.touched > older_than]:
            self.forget(stored)
        for ticket in [t for t in self._tickets.values() if t.expires < now]:
            del self._tickets[ticket.secret]
            for part in ticket.parts.values():
                self._drop_part(part)

    async def _write(self, body: AsyncIterable[bytes]) -> tuple[Path, int, str]:
        """Stream to a new file in pieces of a mebibyte, in a thread, so that a slow disk stalls nobody else."""
        path = self._new_path()
        size, digest, pending = 0, hashlib.sha256(), bytearray()
        try:
            with path.open("wb") as file:
                async for chunk in body:
                    if size + len(chunk) > self._max_file:
                        raise too_large(self._max_file)
                    self._reserve(len(chunk))
                    size += len(chunk)
                    digest.update(chunk)
                    pending += chunk
                    if len(pending) >= _CHUNK:
                        await anyio.to_thread.run_sync(file.write, bytes(pending))
                        pending.clear()
                file.write(pending)
        except BaseException as error:
            self._delete(path, size)
            if isinstance(error, OSError) and not isinstance(error, ConnectionError):
                raise Refused(FULL) from error
            raise
        return path, size, digest.hexdigest()

    def _publish(self, token: str, name: str, content_type: str, path: Path, size: int) -> StoredFile:
        old = self._files.get(token)
        if old is not None:
            if old.holds:
                self._delete(path, size)
                raise Refused(Problem(status=409, detail="A job is using this file; it cannot be replaced."))
            self.forget(old)
        # What is no sound is never told to a browser as anything that it would run or show.
        kind = content_type.split(";")[0].strip().lower()
        kind = kind if _SAFE_TYPE.fullmatch(kind) else "application/octet-stream"
        stored = self._files[token] = StoredFile(token, name, kind, path, size, time.monotonic())
        return stored

    def _reserve(self, size: int) -> None:
        if self._used + size > self._max_total:
            raise Refused(FULL)
        self._used += size

    def _delete(self, path: Path, size: int) -> None:
        path.unlink(missing_ok=True)
        self._used -= size

    def _drop_part(self, part: Part | None) -> None:
        if part is not None:
            self._delete(part.path, part.size)

    def _new_path(self) -> Path:
        return self._folder / secrets.token_hex(16)


def shown_name(name: str) -> str:
    """What remains of a client's file name: the last part, plain letters, at most 80 of them."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")
    return plain[-80:] or "upload.bin"


def _concatenate(parts: list[Path], target: Path) -> None:
    with target.open("wb") as out:
        for each in parts:
            with each.open("rb") as part:
                shutil.copyfileobj(part, out, _CHUNK)
