"""Endpoint: what a document offers, ready to be asked; Catalogue: all of them, bundled, added and advertised."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.endpoints.fields import Field, Json, NumberField
from app.endpoints.limits import UNLIMITED, Limits, limits_of, stated_limits
from app.endpoints.request import Kind
from app.endpoints.roles import OF_THE_CLIP, Role, Roles, field_at, find_roles, kind_of, stated_roles
from app.endpoints.schema import read_document
from app.endpoints.times import TimeUnit
from app.endpoints.values import as_number, as_object, as_text
from app.errors import AppError, SchemaError
from app.paths import resources


@dataclass(frozen=True, slots=True)
class Price:
    """What is known of the price, in US dollars; `as_of` says from when, since prices change."""

    amount: float
    per: str = "request"
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What was said outright, by the document or by the user, and not found: None says that no field has the role."""

    roles: Mapping[Role, str | None] = field(default_factory=dict[Role, str | None])
    limits: Limits = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation of one connection; `outputs` are the fields of its result, `notes` what could not be read."""

    id: str
    title: str
    description: str
    kind: Kind
    fields: tuple[Field, ...]
    roles: Roles
    outputs: tuple[Field, ...] = ()
    limits: Limits = UNLIMITED
    price: Price | None = None
    connection: str = "fal"
    category: str = ""
    notes: tuple[str, ...] = ()
    stated: Stated = field(default_factory=Stated)

    def field(self, role: Role) -> Field | None:
        """The field that has the role, or None."""
        path = self.roles.get(role)
        return None if path is None else field_at(self.fields, path)

    def time(self, role: Role) -> TimeUnit | None:
        """How the field with that role counts time; None where there is none."""
        found = self.field(role)
        return TimeUnit.of(found) if isinstance(found, NumberField) else None

    def with_roles(self, stated: Mapping[Role, str | None]) -> "Endpoint":
        """With roles as the user corrected them, and the kind and limits that follow; None takes a role away.

        What was stated before still holds, but a field that is given a role loses the one it had. SchemaError for a
        field that is not there, or cannot have the role.
        """
        given = {path for path in stated.values() if path is not None}
        before = {role: None if path in given else path for role, path in self.stated.roles.items()}
        return self.read_as(Stated({**before, **stated}, self.stated.limits))

    def read_as(self, stated: Stated) -> "Endpoint":
        """With roles, kind and limits found anew, by what was stated and by the table."""
        roles = find_roles(self.fields, stated.roles, self.outputs)
        # Whoever says that the clip goes in knows what comes out, however the document describes it.
        told = stated.roles.get(Role.SOURCE) is not None
        kind = kind_of(roles, self.fields, () if told else self.outputs)
        if kind is Kind.OTHER:
            roles = {role: path for role, path in roles.items() if role not in OF_THE_CLIP}
        return replace(self, roles=roles, kind=kind, limits=limits_of(stated.limits, self.fields, roles), stated=stated)


def endpoint_from(document: Json, connection: str) -> Endpoint:
    """The endpoint that a document describes; SchemaError where it cannot be read."""
    found = read_document(document)
    read = Endpoint(
        id=found.endpoint,
        title=found.title,
        description=found.description,
        kind=Kind.OTHER,
        fields=found.fields,
        roles={},
        outputs=found.outputs,
        price=_price(found.profile.get("price")),
        connection=connection,
        category=found.category,
        notes=found.notes,
    )
    return read.read_as(
        Stated(stated_roles(found.profile.get("roles")), stated_limits(as_object(found.profile.get("limits"))))
    )


def bundled() -> tuple[Endpoint, ...]:
    """The endpoints whose documents ship with Retake, by title."""
    found: list[Endpoint] = []
    for path in (resources() / "endpoints").glob("*.json"):
        try:
            document: Json = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise SchemaError(f"The bundled document {path.name} cannot be read.", "Install Retake again.") from error
        found.append(endpoint_from(document, "fal"))
    return tuple(sorted(found, key=lambda each: each.title))


def _price(told: Json) -> Price | None:
    """{"amount", "per", "as_of"}, or a bare number per request; None where nothing is known."""
    number = as_number(told)
    if number is not None:
        return Price(number) if number >= 0 else None
    stated = as_object(told)
    amount = as_number(stated.get("amount"))
    if amount is None or amount < 0:
        return None
    return Price(amount, as_text(stated.get("per"), 40) or "request", as_text(stated.get("as_of"), 40))


class Catalogue:
    """Endpoints by connection and id; immutable: every change gives a new one."""

    __slots__ = ("_by_key",)

    def __init__(self, endpoints: Iterable[Endpoint] = ()) -> None:
        self._by_key = MappingProxyType({(each.connection, each.id): each for each in endpoints})

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, endpoint: str) -> bool:
        return self.get(endpoint) is not None

    def get(self, endpoint: str, connection: str | None = None) -> Endpoint | None:
        """The endpoint of that id, at that connection or at the first that has it; None where there is none."""
        if connection is not None:
            return self._by_key.get((connection, endpoint))
        return next((each for each in self if each.id == endpoint), None)

    def need(self, endpoint: str, connection: str | None = None) -> Endpoint:
        """The same, with a sentence in an AppError where there is none."""
        found = self.get(endpoint, connection)
        if found is None:
            where = f" at {connection}" if connection else ""
            raise AppError(f"There is no endpoint {endpoint!r}{where}.", "`retake endpoints` lists what there is.")
        return found

    def all(self) -> tuple[Endpoint, ...]:
        """Every endpoint, in the order they were added."""
        return tuple(self)

    def by_connection(self, connection: str) -> tuple[Endpoint, ...]:
        """The endpoints of one connection."""
        return tuple(each for each in self if each.connection == connection)

    def with_endpoints(self, endpoints: Iterable[Endpoint]) -> "Catalogue":
        """With these added; those of the same connection and id give way."""
        return Catalogue((*self, *endpoints))

    def without(self, connection: str) -> "Catalogue":
        """Without the endpoints of a connection that is gone."""
        return Catalogue(each for each in self if each.connection != connection)
