"""Endpoint: what a document offers, ready to be asked; Catalogue: all of them, bundled, added and advertised."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.endpoints.fields import ArrayField, Field, FileField, Json, NumberField
from app.endpoints.request import Kind
from app.endpoints.roles import Role, Roles, field_at, find_roles, kind_of
from app.endpoints.schema import Document, read_document
from app.endpoints.shapes import as_number, as_object, as_text
from app.endpoints.times import TimeUnit
from app.errors import AppError, SchemaError
from app.paths import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an endpoint takes, in seconds; of the whole excerpt, and with `mask` in the name, of the mask alone.

    `prefer_seconds` is the length it does best with; `grid_seconds` the raster on which its own masks lie;
    `min_context_seconds` is what it must have of sound outside the mask.
    """

    max_seconds: float | None = None
    min_seconds: float = 0.0
    prefer_seconds: float = 0.0
    grid_seconds: float = 0.0
    min_context_seconds: float = 0.0
    min_mask_seconds: float = 0.0
    max_mask_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What is known of the price, in US dollars; `as_of` says from when, since prices change."""

    amount: float
    per: str = "request"
    as_of: str = ""


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
    limits: Limits = Limits()
    price: Price | None = None
    connection: str = "fal"
    category: str = ""
    notes: tuple[str, ...] = ()

    def field(self, role: Role) -> Field | None:
        """The field that has the role, or None."""
        path = self.roles.get(role)
        return None if path is None else field_at(self.fields, path)

    def time(self, role: Role) -> TimeUnit | None:
        """How the field with that role counts time; None where there is none."""
        found = self.field(role)
        return TimeUnit.of(found) if isinstance(found, NumberField) else None

    def with_roles(self, stated: Mapping[Role, str | None]) -> "Endpoint":
        """With roles as the user corrected them; None takes one away. SchemaError for a field that is not there."""
        told: dict[str, Json] = {
            **{r.value: p for r, p in self.roles.items()},
            **{r.value: p for r, p in stated.items()},
        }
        roles = find_roles(self.fields, told)
        return replace(self, roles=roles, kind=_kind(roles, self.outputs))


def endpoint_from(document: Json, connection: str) -> Endpoint:
    """The endpoint that a document describes; SchemaError where it cannot be read."""
    found = read_document(document)
    roles = find_roles(found.fields, found.profile.get("roles"))
    return Endpoint(
        id=found.endpoint,
        title=found.title,
        description=found.description,
        kind=_kind(roles, found.outputs),
        fields=found.fields,
        roles=roles,
        outputs=found.outputs,
        limits=_limits(found, roles),
        price=_price(found.profile.get("price")),
        connection=connection,
        category=found.category,
        notes=found.notes,
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


def _kind(roles: Roles, outputs: tuple[Field, ...]) -> Kind:
    """By the roles; what answers with no sound at all does nothing with the clip."""
    media = {file.media for each in outputs if (file := _file(each)) is not None}
    return kind_of(roles) if not outputs or media & {"audio", "file"} else Kind.OTHER


def _file(each: Field) -> FileField | None:
    inner = each.item if isinstance(each, ArrayField) else each
    return inner if isinstance(inner, FileField) else None


def _limits(document: Document, roles: Roles) -> Limits:
    """As stated; the longest clip else by the ends of the fields that count its time."""
    stated = as_object(document.profile.get("limits"))

    def told(name: str) -> float:
        number = as_number(stated.get(name))
        return max(number, 0.0) if number is not None else 0.0

    longest = [told("max_seconds")] if told("max_seconds") else []
    for role in (Role.MASK_END, Role.DURATION):
        timed = field_at(document.fields, roles[role]) if role in roles else None
        if isinstance(timed, NumberField) and (most := TimeUnit.of(timed).most) is not None:
            longest.append(most)
    return Limits(
        max_seconds=min(longest, default=None),
        min_seconds=told("min_seconds"),
        prefer_seconds=told("prefer_seconds"),
        grid_seconds=told("grid_seconds"),
        min_context_seconds=told("min_context_seconds"),
        min_mask_seconds=told("min_mask_seconds"),
        max_mask_seconds=told("max_mask_seconds") or None,
    )


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
