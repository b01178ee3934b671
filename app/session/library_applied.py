"""What the user keeps of an endpoint, laid over the endpoint as it was offered; and what a new document changes."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from app.endpoints.catalogue import Catalogue, Endpoint, Stated, endpoint_from
from app.endpoints.fields import ArrayField, Field, ObjectField
from app.endpoints.limits import UNLIMITED
from app.endpoints.roles import Role, walk
from app.errors import AppError, SchemaError
from app.files.library import Entry

Key = tuple[str, str]
"""Connection and id."""

_NAMED = 4  # so many fields are called by name in a sentence


def key_of(endpoint: Endpoint) -> Key:
    """What tells an endpoint from all others."""
    return endpoint.connection, endpoint.id


def read_entry(entry: Entry) -> Endpoint | None:
    """The endpoint of an entry's own document; None where it has none, SchemaError where it cannot be read."""
    return None if entry.document is None else endpoint_from(entry.document.body, entry.connection)


def applied(offered: Endpoint | None, own: Endpoint | None, entry: Entry | None) -> Endpoint | None:
    """An endpoint as it is shown: its own document's where there is one, with what the user corrected."""
    plain = plain_of(offered, own)
    if plain is None or entry is None:
        return plain
    found = with_corrections(plain, entry.roles)
    return replace(found, price=entry.price) if entry.price is not None else found


def plain_of(offered: Endpoint | None, own: Endpoint | None) -> Endpoint | None:
    """An endpoint before any correction; its own document leaves standing what only the offered one tells."""
    return _with_profile(own, offered) if own is not None and offered is not None else own or offered


def with_corrections(plain: Endpoint, corrections: Mapping[Role, str | None]) -> Endpoint:
    """With those of the corrections that its fields still allow."""
    try:
        return plain.with_roles(corrections) if corrections else plain
    except SchemaError:
        found = plain
    for role, path in corrections.items():
        with suppress(SchemaError):
            found = found.with_roles({role: path})
    return found


def with_library(catalogue: Catalogue, entries: Iterable[Entry]) -> tuple[Catalogue, tuple[str, ...]]:
    """The catalogue with all that the user keeps, and a sentence for each document that can no longer be read."""
    shown: list[Endpoint] = []
    notes: list[str] = []
    for entry in entries:
        own: Endpoint | None = None
        try:
            own = read_entry(entry)
        except AppError as error:
            notes.append(unread(entry, error))
        endpoint = applied(catalogue.get(entry.id, entry.connection), own, entry)
        if endpoint is not None:
            shown.append(endpoint)
    return catalogue.with_endpoints(shown), tuple(notes)


def unread(entry: Entry, error: AppError) -> str:
    """A kept document that this version cannot read, in a sentence."""
    return f"The document that you keep of {entry.id} cannot be used: {error.message}"


# -- what a new document changes ---------------------------------------------------------------------------------------


def changes(old: Endpoint, new: Endpoint) -> str:
    """What of the fields is new, gone or different, in one sentence; other words for the same do not count."""
    before = {path: _bare(each) for path, each in walk(old.fields)}
    after = {path: _bare(each) for path, each in walk(new.fields)}
    parts = [
        _part([path for path in after if path not in before], "new"),
        _part([path for path in before if path not in after], "gone"),
        _part([path for path in after if path in before and before[path] != after[path]], "different"),
    ]
    told = [part for part in parts if part]
    if not told:
        return f"{new.title} has the same fields as before."
    return f"{new.title} has changed: {'; '.join(told)}."


def _part(paths: list[str], what: str) -> str:
    if not paths:
        return ""
    names = ", ".join(paths[:_NAMED]) + (f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else "")
    count = "1 field is" if len(paths) == 1 else f"{len(paths)} fields are"
    return f"{count} {what} ({names})"


def _bare(each: Field) -> Field:
    """A field without its words; those inside it are compared on their own."""
    each = replace(each, title="", description="", examples=())
    if isinstance(each, ObjectField):
        return replace(each, fields=())
    if isinstance(each, ArrayField):
        return replace(each, item=_bare(each.item))
    return each


def _with_profile(new: Endpoint, old: Endpoint) -> Endpoint:
    """A fetched document says nothing of roles, limits and price: what the offered one states of them stays."""
    paths = dict(walk(new.fields))
    roles = {role: path for role, path in old.stated.roles.items() if path is None or path in paths}
    limits = old.stated.limits if new.stated.limits == UNLIMITED else new.stated.limits
    read = new
    with suppress(SchemaError):  # a field of that name may be of another kind now: then the table finds its way alone
        read = new.read_as(Stated({**roles, **new.stated.roles}, limits))
    return replace(read, title=old.title, description=old.description or new.description, price=new.price or old.price)
