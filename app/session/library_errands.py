"""The library without a window: the same adding, refreshing and removing, one after the other."""

from dataclasses import dataclass, replace
from pathlib import Path

from app.endpoints.catalogue import Catalogue, Endpoint, bundled, endpoint_from
from app.errors import AppError, SchemaError
from app.files.library import Entry, forget_entry, load_library, read_document_file, store_entry
from app.remote.documents import document_url
from app.session.connections import FAL, LOCAL
from app.session.library_applied import Key, applied, changes, read_entry, with_library
from app.session.library_lookup import Address, look_up


@dataclass(frozen=True, slots=True)
class Listed:
    """What there is, the user's marks on it, and sentences for what could not be read."""

    catalogue: Catalogue
    marks: dict[Key, str]
    notes: tuple[str, ...]


def listed(offered: tuple[Endpoint, ...], connection: str) -> Listed:
    """What a connection offers with all that the user keeps of it (of every connection beside the bundled engine)."""
    loaded = load_library()
    entries = [each for each in loaded.entries if connection in (LOCAL, each.connection)]
    before = Catalogue(offered)
    catalogue, notes = with_library(before, entries)
    marks = {each.key: _mark(each, before.get(each.id, each.connection) is None) for each in entries}
    return Listed(catalogue, marks, (*loaded.notes, *notes))


def _mark(entry: Entry, added: bool) -> str:
    changed = "added by you" if added else "changed by you" if entry.document or entry.roles or entry.price else ""
    return " · ".join(part for part in (changed, "favourite" if entry.favourite else "") if part)


def read_file(path: Path, connection: str) -> Endpoint:
    """The endpoint of a document in a file, kept nowhere."""
    return endpoint_from(read_document_file(path), connection)


def add(text: str, connection: str, address: Address = document_url) -> Endpoint:
    """Look up what the text names and keep it; AppError where that cannot be done."""
    found = look_up(text, connection, address)
    entry = replace(_entry(found.endpoint.id, connection), document=found.document)
    store_entry(entry)
    return _shown(entry)


def refresh(endpoint: str, connection: str, address: Address = document_url) -> str:
    """Fetch the document anew; what changed, in a sentence."""
    entry = _entry(endpoint, connection)
    before = _shown(entry)
    if entry.document is None and connection != FAL:
        raise AppError(f"There is no document of {endpoint} to fetch.", "Its host tells of it when it is connected.")
    found = look_up(entry.document.origin if entry.document is not None else endpoint, connection, address)
    if found.endpoint.id != endpoint:
        raise SchemaError(f"What is there now is the document of {found.endpoint.id}, not of {endpoint}.")
    renewed = replace(entry, document=found.document)
    store_entry(renewed)
    return changes(before, _shown(renewed))


def remove(endpoint: str, connection: str) -> str:
    """Forget an added endpoint, or put one back to how it was offered; a sentence says which."""
    entry = _entry(endpoint, connection)
    if not (entry.document or entry.roles or entry.price):
        raise AppError(f"{endpoint} was neither added nor changed.", "`retake endpoints` says what was.")
    if _offered(endpoint, connection) is None:
        forget_entry(entry)
        return f"{endpoint} was removed."
    store_entry(replace(entry, document=None, roles={}, price=None))
    return f"{endpoint} is as it came."


def _entry(endpoint: str, connection: str) -> Entry:
    known = (each for each in load_library().entries if each.key == (connection, endpoint))
    return next(known, Entry(connection=connection, id=endpoint))


def _offered(endpoint: str, connection: str) -> Endpoint | None:
    return Catalogue(bundled()).get(endpoint, connection)


def _shown(entry: Entry) -> Endpoint:
    """The endpoint with what is kept of it; AppError where there is none."""
    offered = _offered(entry.id, entry.connection)
    own = read_entry(entry)
    shown = applied(offered, own, entry)
    if shown is None:
        raise AppError(f"There is no endpoint {entry.id} to refresh.", "`retake endpoints --add` adds one.")
    return shown
