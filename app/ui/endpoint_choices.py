"""What the picker lists: the catalogue with the user's library and what is connected, in words."""

from dataclasses import dataclass
from typing import Final

from app.endpoints.catalogue import Catalogue, Endpoint, Price
from app.endpoints.request import Kind
from app.errors import AppError, Unauthorized
from app.session.connections import FAL, LOCAL, Connections, label
from app.session.library import Library

KINDS: Final = {
    Kind.FILL: "Fill",
    Kind.VARY: "Vary",
    Kind.EXTEND: "Extend",
    Kind.GENERATE: "Generate",
    Kind.OTHER: "Other",
}


@dataclass(frozen=True, slots=True)
class EndpointChoice:
    """One line of the picker. `group` is what the connection is called; `price`, `limits` and `away` are words.

    `away` says why it cannot be asked now; with `needs_key` a key is all that is missing. `added` is there only because
    the user added it; `changed` differs from what was offered, and can be put back; `about` is searched, not shown.
    """

    id: str
    title: str
    group: str
    kind: Kind
    price: str = ""
    needs_key: bool = False
    connection: str = ""
    limits: str = ""
    away: str = ""
    free: bool = False
    favourite: bool = False
    added: bool = False
    changed: bool = False
    refreshable: bool = False
    about: str = ""

    def matches(self, words: str) -> bool:
        """Whether every one of these words stands somewhere in it."""
        text = f"{self.title} {self.id} {self.group} {KINDS.get(self.kind, self.kind)} {self.about}".casefold()
        return all(word in text for word in words.casefold().split())

    def detail(self, with_kind: bool = False) -> str:
        """The quiet second line."""
        mark = "added by you" if self.added else "changed by you" if self.changed else ""
        kind = KINDS.get(self.kind, self.kind) if with_kind else ""
        return " · ".join(part for part in (kind, self.group, self.limits, self.price, mark) if part)


def choices_of(catalogue: Catalogue, library: Library, connections: Connections) -> list[EndpointChoice]:
    """Every endpoint as a line of the picker: by kind of work, the offline engine's first, then by title."""
    order = list(KINDS)
    every = sorted(
        catalogue, key=lambda each: (order.index(each.kind), each.connection != LOCAL, each.title.casefold(), each.id)
    )
    return [_choice(each, library, connections) for each in every]


def _choice(endpoint: Endpoint, library: Library, connections: Connections) -> EndpointChoice:
    key = endpoint.connection, endpoint.id
    needs_key, away = False, ""
    try:
        connections.get(endpoint.connection)
    except Unauthorized:
        needs_key, away = True, "needs a key"
    except AppError:
        away = "starting …" if endpoint.connection == LOCAL else "not connected"
    return EndpointChoice(
        id=endpoint.id,
        title=endpoint.title,
        group=label(endpoint.connection),
        kind=endpoint.kind,
        price=price_words(endpoint),
        needs_key=needs_key,
        connection=endpoint.connection,
        limits=limits_words(endpoint),
        away=away,
        free=endpoint.connection == LOCAL,
        favourite=library.entry(*key).favourite,
        added=library.is_added(*key),
        changed=library.is_changed(*key),
        refreshable=library.can_refresh(*key),
        about=endpoint.description,
    )


def price_words(endpoint: Endpoint) -> str:
    """What it costs and since when that is known; "free" for the offline engine."""
    if endpoint.connection == LOCAL:
        return "free"
    if endpoint.price is None:
        return "price not known" if endpoint.connection == FAL else ""
    return price_text(endpoint.price)


def price_text(price: Price) -> str:
    """A price with its date: "$0.03 per second (2026-11-20)"."""
    return f"${price.amount:g} per {price.per}" + (f" ({price.as_of})" if price.as_of else "")


def limits_words(endpoint: Endpoint) -> str:
    """How long a clip and a mask may be, as far as that is told: "up to 120 s, mask 1–8 s"."""
    limits = endpoint.limits
    parts: list[str] = []
    if limits.max_seconds is not None:
        least = f"{limits.min_seconds:g}–" if limits.min_seconds else "up to "
        parts.append(f"{least}{limits.max_seconds:g} s")
    elif limits.min_seconds:
        parts.append(f"at least {limits.min_seconds:g} s")
    if endpoint.kind is Kind.FILL and limits.max_mask_seconds is not None:
        least = f"{limits.min_mask_seconds:g}–" if limits.min_mask_seconds else "up to "
        parts.append(f"mask {least}{limits.max_mask_seconds:g} s")
    return ", ".join(parts)
