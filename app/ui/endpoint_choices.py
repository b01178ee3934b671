"""What the picker lists: the catalogue with the user's library and what is connected, in words."""

from dataclasses import dataclass

from app.endpoints.catalogue import Catalogue, Endpoint
from app.endpoints.request import Kind
from app.errors import AppError, Unauthorized
from app.session.connections import LOCAL, Connections, label
from app.session.library import Library
from app.session.library_words import KINDS, limits_words, price_text


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
        """The quiet second line of the list, where what is free has a word of its own."""
        mark = "added by you" if self.added else "changed by you" if self.changed else ""
        kind = KINDS.get(self.kind, self.kind) if with_kind else ""
        price = "" if self.free else self.price
        return " · ".join(part for part in (kind, self.group, self.limits, price, mark) if part)

    def summary(self) -> str:
        """All of it in one line, what stands in the way first."""
        return " · ".join(part for part in (self.away, "free" if self.free else "", self.detail(True)) if part)


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
        price=price_text(endpoint.price) if endpoint.price is not None else "",
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
