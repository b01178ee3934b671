"""The library on the disk: what the user added to the catalogue or corrected in it, one small file per endpoint.

A file that is damaged is set aside, and costs nothing but itself. Loading reads many files: not on the GUI thread.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app import paths
from app.endpoints.catalogue import Price
from app.endpoints.fields import Json
from app.endpoints.roles import Role
from app.errors import FileError, UnwritableFile
from app.files.atomic import replace, write_bytes
from app.files.sentences import shown, unwritable

_MAX: Final = 8 << 20  # no document is larger than 5 MB, and what stands beside it is small
_DOCUMENT_MAX: Final = 5_000_000
_DAMAGED: Final = ".damaged"
_ROLES: Final = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An endpoint's document as it was fetched: from where (an address or a file's path), and when (ISO, UTC)."""

    body: Json
    origin: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is kept of one endpoint; `document` is None where only the catalogue's own was corrected.

    `roles` are the user's corrections: a field's dotted path, or None where no field has the role. `used` is when it
    was chosen last (ISO, UTC).
    """

    connection: str
    id: str
    document: Fetched | None = None
    favourite: bool = False
    roles: Mapping[Role, str | None] = field(default_factory=dict[Role, "str | None"])
    price: Price | None = None
    used: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Connection and id, which name an endpoint."""
        return self.connection, self.id

    @property
    def empty(self) -> bool:
        """Whether it says nothing that the catalogue does not say."""
        return not (self.document or self.favourite or self.roles or self.price or self.used)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Every entry that could be read, by connection and id, and a sentence for each that could not."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


_Short = Annotated[str, Field(max_length=4096)]


class _Document(BaseModel):
    """`body` is the document's own text: what JSON readers differ about stays as the first one took it."""

    model_config = ConfigDict(frozen=True)

    body: str
    origin: _Short = ""
    when: _Short = ""


class _Price(BaseModel):
    """What the user knows of the price."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    amount: float = Field(ge=0)
    per: str = Field(default="request", min_length=1, max_length=40)
    as_of: str = Field(default="", max_length=40)


class _File(BaseModel):
    """The file's own shape; roles of a later version are passed over."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    connection: str = Field(min_length=1, max_length=4096)
    id: str = Field(min_length=1, max_length=200)
    document: _Document | None = None
    favourite: bool = False
    roles: dict[str, _Short | None] = {}
    price: _Price | None = None
    used: _Short = ""


def library_folder() -> Path:
    """Where the entries lie."""
    return paths.data_dir() / "endpoints"


def load_library() -> Loaded:
    """Everything that is kept. Never raises: what cannot be read is set aside, and a note tells of it."""
    entries: dict[tuple[str, str], Entry] = {}
    notes: list[str] = []
    try:
        files = sorted(library_folder().glob("*.json"))
    except OSError as error:
        return Loaded((), (f"Your endpoints could not be read: {(error.strerror or 'unknown reason').lower()}.",))
    for path in files:
        try:
            entry = _read(path)
            entries[entry.key] = entry
        except OSError as error:
            notes.append(f"{shown(path)} could not be read: {(error.strerror or 'unknown reason').lower()}.")
        except (ValueError, RecursionError):
            notes.append(_set_aside(path))
    return Loaded(tuple(entries[key] for key in sorted(entries)), tuple(notes))


def store_entry(entry: Entry) -> None:
    """Write an entry, whole or not at all; one that says nothing any more goes. Raises UnwritableFile."""
    if entry.empty:
        forget_entry(entry)
        return
    path = _path(entry)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(
            f"The endpoint could not be kept in {shown(path.parent)}.", "Check that folder's permissions."
        ) from error
    write_bytes(path, json.dumps(_told(entry)).encode("ascii"))


def forget_entry(entry: Entry) -> None:
    """Take an entry off the disk; one that is not there is none the less gone. Raises UnwritableFile."""
    path = _path(entry)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def read_document_file(path: Path) -> Json:
    """The JSON in a file that the user chose. FileError where it cannot be read, is too large, or is no JSON."""
    try:
        with open(path, "rb") as file:
            data = file.read(_DOCUMENT_MAX + 1)
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise FileError(f"{shown(path)} could not be read: {why}.", "Choose another file.") from error
    if len(data) > _DOCUMENT_MAX:
        raise FileError(f"{shown(path)} is too large for an endpoint's document.", "Choose its OpenAPI file.")
    try:
        found: Json = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{shown(path)} is not JSON.", "Choose the endpoint's OpenAPI document.") from error
    return found


def _read(path: Path) -> Entry:
    """ValueError (pydantic's is one too) for what is no entry."""
    if path.stat().st_size > _MAX:
        raise ValueError("larger than any entry")
    try:
        found = _File.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"not an entry: {error.error_count()} faults") from error
    price, document = found.price, found.document
    return Entry(
        connection=found.connection,
        id=found.id,
        document=Fetched(json.loads(document.body), document.origin, document.when) if document else None,
        favourite=found.favourite,
        roles={_ROLES[name]: where for name, where in found.roles.items() if name in _ROLES},
        price=Price(price.amount, price.per, price.as_of) if price else None,
        used=found.used,
    )


def _told(entry: Entry) -> dict[str, Json]:
    document, price = entry.document, entry.price
    kept: Json = None
    if document is not None:
        kept = {"body": json.dumps(document.body), "origin": document.origin, "when": document.when}
    return {
        "version": 1,
        "connection": entry.connection,
        "id": entry.id,
        "favourite": entry.favourite,
        "roles": {role.value: where for role, where in entry.roles.items()},
        "price": {"amount": price.amount, "per": price.per, "as_of": price.as_of} if price else None,
        "used": entry.used,
        "document": kept,
    }


def _path(entry: Entry) -> Path:
    """A name that a person recognises and no two endpoints share."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", entry.id).strip("-")[:80]
    mark = hashlib.sha256(f"{entry.connection}\n{entry.id}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return library_folder() / f"{words or 'endpoint'}.{mark}.json"


def _set_aside(path: Path) -> str:
    with suppress(OSError):
        replace(path, path.with_name(path.name + _DAMAGED))
        return f"An endpoint that you added or changed is damaged; its file was set aside as {shown(path)}{_DAMAGED}."
    return f"An endpoint that you added or changed is damaged, and was left out: {shown(path)}."
