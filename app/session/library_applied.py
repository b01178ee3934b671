"""What the user keeps of an endpoint, laid over the endpoint as it was offered; and what a new document changes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.endpoints.catalogue import Catalogue, Endpoint, Limits, endpoint_from
from app.endpoints.fields import ArrayField, Field, NumberField, ObjectField
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
    """With those of the corrections that its fields still allow; nothing else takes a place that became free."""
    if not corrections:
        return plain
    found: Mapping[Role, str | None] = {role: plain.roles.get(role) for role in Role}
    try:
        return plain.with_roles({**found, **corrections})
    except SchemaError:
        pass
    for role, path in corrections.items():
        try:
            plain.with_roles({**found, role: path})
        except SchemaError:
            continue
        found = {**found, role: path}
    return plain.with_roles(found)


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
    new_paths, old_paths = dict(walk(new.fields)), dict(walk(old.fields))
    roles: dict[Role, str | None] = {}
    for role in Role:
        before, after = old.roles.get(role), new.roles.get(role)
        if before in new_paths:
            roles[role] = before
        elif before is None and after in old_paths:
            roles[role] = None  # the offered one knew the field, and did not give it this role
        else:
            roles[role] = after
    found = with_corrections(new, roles)
    return replace(
        found,
        title=old.title,
        description=old.description or new.description,
        limits=_limits(new, old),
        price=new.price or old.price,
    )


def _limits(new: Endpoint, old: Endpoint) -> Limits:
    """A document that states limits is believed; else, where its fields end as before, so does the longest clip."""
    if replace(new.limits, max_seconds=None) != Limits():
        return new.limits
    same = all(_end(new, role) == _end(old, role) for role in (Role.MASK_END, Role.DURATION))
    return old.limits if same else replace(old.limits, max_seconds=new.limits.max_seconds)


def _end(endpoint: Endpoint, role: Role) -> float | None:
    each = endpoint.field(role)
    return each.maximum if isinstance(each, NumberField) else None
