"""From what a user pastes to an endpoint: an id, its page, the address or the file of its OpenAPI document."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import url2pathname

from app.endpoints.catalogue import Endpoint, endpoint_from
from app.endpoints.fields import Json
from app.errors import AppError
from app.files.library import Fetched, read_document_file
from app.remote.documents import document_url, endpoint_id_of, get_document

_GLANCE = 0.1  # seconds between two looks at whether it is still wanted

Address = Callable[[str], str]
"""Where the document of an endpoint's id is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint as its document has it, and that document."""

    endpoint: Endpoint
    document: Fetched


def look_up(
    text: str, connection: str, address: Address = document_url, stopped: Callable[[], bool] = lambda: False
) -> Found:
    """What the text names, to be asked at that connection. Blocks on the network or the disk, until it is stopped.

    AppError where it names nothing, where nothing is there, or where what is there cannot be read.
    """
    text = text.strip().strip("\"'").strip()
    if not text:
        raise AppError("There is nothing to look up yet.", "Paste an endpoint's id, like owner/name, or its address.")
    path = _path(text)
    if path is not None:
        origin = str(path.absolute())
        body = read_document_file(path)
    else:
        origin = _origin(text, address)
        body = asyncio.run(_get(origin, stopped))
    return Found(endpoint_from(body, connection), Fetched(body, origin, now()))


async def _get(origin: str, stopped: Callable[[], bool]) -> Json:
    """Quitting does not wait for a host that is slow."""
    task = asyncio.create_task(get_document(origin))
    while not (await asyncio.wait({task}, timeout=_GLANCE))[0]:
        if stopped():
            task.cancel()
            await asyncio.wait({task})
            raise AppError("The look-up was stopped.")
    return task.result()


def now() -> str:
    """The time as it is written down: ISO, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> str:
    """The date where the user is, as it is written down."""
    return datetime.now().astimezone().date().isoformat()


def _path(text: str) -> Path | None:
    """The file that the text names, there or not; None where it names none."""
    if text.lower().startswith("file:"):
        return Path(url2pathname(urlsplit(text).path))
    if "://" in text:
        return None
    path = Path(text).expanduser()
    try:
        there = path.is_file()
    except (OSError, ValueError):  # too long, or with a zero in it: no file has that name
        return None
    return path if there or (endpoint_id_of(text) is None and path.suffix.lower() == ".json") else None


def _origin(text: str, address: Address) -> str:
    """The address of the document that the text leads to."""
    if "://" in text and "endpoint_id" in parse_qs(urlsplit(text).query):
        return text  # a document's own address, at whichever host
    named = endpoint_id_of(text)
    if named is not None:
        return address(named)
    if "://" in text:
        return text
    raise AppError(
        "This is neither an endpoint's id nor an address or a file.",
        "An id looks like owner/name/task; a page's address begins with https://.",
    )
