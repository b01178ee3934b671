"""What a job sends besides its request: its source and its attachments, checked, counted together, uploaded once."""

import asyncio
import hashlib
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.endpoints.paths import in_order
from app.errors import Rejected
from app.remote.host import Host
from app.remote.inline import data_uri
from app.remote.order import Order
from app.remote.storage import is_there, upload
from app.remote.transfer import Progress
from app.remote.uploads import Content

_BLOCK: Final = 8 << 20
# The system's own table differs from desk to desk, and knows little of sound.
_TYPES: Final[Mapping[str, str]] = {
    ".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".oga": "audio/ogg",
    ".opus": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".aif": "audio/aiff", ".aiff": "audio/aiff",
    ".zip": "application/zip", ".gz": "application/gzip", ".tgz": "application/gzip",
    ".safetensors": "application/octet-stream", ".ckpt": "application/octet-stream",
    ".json": "application/json", ".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".mid": "audio/midi",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file to upload; `path` is its field's path in the request, None for the source."""

    path: str | None
    file: Path
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Pack:
    """What is to be uploaded, and the source's data URI where it travels in the request itself."""

    parcels: tuple[Parcel, ...] = ()
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where everything is found: the source, and by field's path the attachments."""

    source_url: str | None = None
    uploaded: Mapping[str, str] = field(default_factory=dict[str, str])


async def pack_up(order: Order) -> Pack:
    """Look at everything that an order sends, before anything is sent. Rejected, naming the file that is not there."""
    return await asyncio.to_thread(_pack, order)


def _pack(order: Order) -> Pack:
    parcels: list[Parcel] = []
    source_url: str | None = None
    if order.source is not None:
        size = _size(order.source, None)
        source_url = data_uri(order.source, order.source_type, order.inline_bytes)
        if source_url is None:
            parcels.append(Parcel(None, order.source, order.source_type, size))
    for path in in_order(order.request.attachments):
        file = Path(order.request.attachments[path])
        parcels.append(Parcel(path, file, content_type_of(file), _size(file, path)))
    return Pack(tuple(parcels), source_url)


def content_type_of(file: Path) -> str:
    """The media type by the name's ending, the same on every machine."""
    guessed = mimetypes.MimeTypes().guess_type(file.name)[0]
    return _TYPES.get(file.suffix.lower()) or guessed or "application/octet-stream"


def _size(file: Path, path: str | None) -> int:
    """How large a file is that can be read; Rejected, with the field's path, where it cannot."""
    try:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not there"
        raise Rejected(
            f"{file.name or file} could not be read to be sent: {reason}.",
            "Choose the file again; nothing was sent." if path else "Try again; nothing was sent.",
            path,
        ) from error
    if not size:
        raise Rejected(f"{file.name} is empty.", "Choose another file; nothing was sent.", path)
    return size


async def send(host: Host, pack: Pack, progress: Progress) -> Sent:
    """Upload what is not at the storage yet; `progress` counts the bytes of all files together. Raises as `upload`."""
    total = sum(each.size for each in pack.parcels)
    before = 0
    source_url, uploaded = pack.source_url, dict[str, str]()
    for parcel in pack.parcels:
        url = await _send(host, parcel, _Share(progress, before, parcel.size, total))
        if parcel.path is None:
            source_url = url
        else:
            uploaded[parcel.path] = url
        before += parcel.size
        progress(before, total)
    return Sent(source_url, uploaded)


@dataclass(frozen=True, slots=True)
class _Share:
    """One file's progress as part of the whole."""

    progress: Progress
    before: int
    size: int
    total: int

    def __call__(self, done: int, total: int | None) -> None:
        self.progress(self.before + min(done, self.size), self.total)


async def _send(host: Host, parcel: Parcel, progress: Progress) -> str:
    connection, limits = host.connection, host.limits
    found, known = await asyncio.to_thread(_stamp, parcel.file), await fingerprint(parcel.file)

    async def start(note: Progress) -> str:
        url = await upload(
            connection, host.http, parcel.file, parcel.content_type, plain=host.plain, progress=note, limits=limits
        )
        if await asyncio.to_thread(_stamp, parcel.file) not in (found, None):
            raise Rejected(
                f"{parcel.file.name} changed while it was being sent.", "Send it again once it is ready.", parcel.path
            )
        return url

    async def still_there(url: str) -> bool:
        return await is_there(connection, host.plain, url, parcel.size, limits)

    content = Content(connection.storage_url, known, parcel.content_type)
    return await host.uploads.share(content, start, progress, still_there=still_there, lasts=limits.reuse)


def _stamp(file: Path) -> tuple[int, int] | None:
    """What changes when a file is written to; None where it is gone, as a cancelled job's is: what went up was it."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


async def fingerprint(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hex; of a WAV without the time at which it was written. Rejected."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            block = _timeless(await asyncio.to_thread(opened.read, _BLOCK))
            while block:
                await asyncio.to_thread(found.update, block)
                block = await asyncio.to_thread(opened.read, _BLOCK)
    except OSError as error:
        raise Rejected(f"{file.name} could not be read to be sent: {error.strerror}.", "Try again.") from error
    return found.hexdigest()


def _timeless(head: bytes) -> bytes:
    """A file's beginning with the time in its PEAK chunk blanked.

    Writers of float WAV put the current time there, so that the same sound written twice is not the same file.
    """
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return head
    at = 12
    while at + 16 <= len(head) and head[at : at + 4] != b"data":
        if head[at : at + 4] == b"PEAK":
            return head[: at + 12] + bytes(4) + head[at + 16 :]
        at += 8 + (length := int.from_bytes(head[at + 4 : at + 8], "little")) + length % 2
    return head
