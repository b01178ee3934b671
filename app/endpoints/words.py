"""What is said of an endpoint: on the button, and of what its document holds that could not be read."""

from typing import Final

from app.endpoints.aim import Aim
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import ArrayField, JsonField
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.sound.region import Region

VERBS: Final = {
    Kind.FILL: "Fill",
    Kind.VARY: "Vary",
    Kind.EXTEND: "Extend",
    Kind.GENERATE: "Generate",
    Kind.OTHER: "Run",
}


def verb(endpoint: Endpoint) -> str:
    """What its button says while nothing can be asked."""
    return "Train" if Role.ARCHIVE in endpoint.roles else VERBS[endpoint.kind]


def action_words(endpoint: Endpoint, aimed: Aim, length: int, rate: int, takes: int) -> str:
    """What the button will do: "Fill 1.50 s × 3", "Extend the end by 8.00 s", "Insert 5.00 s"."""
    times = f" × {takes}" if takes > 1 else ""
    much = f"{aimed.mask.duration(rate):.2f} s"
    if endpoint.kind is Kind.OTHER:
        return verb(endpoint) + times
    if endpoint.kind is Kind.EXTEND:
        end = "start" if aimed.mask.start < 0 else "end"
        return f"Extend the {end} by {much}{times}"
    if aimed.inserts and endpoint.kind is Kind.GENERATE:
        return f"Insert {much}{times}"
    if endpoint.kind is Kind.VARY and aimed.place == Region(0, length):
        return f"Vary all {much}{times}"
    return f"{VERBS[endpoint.kind]} {much}{times}"


def unreadable(endpoint: Endpoint) -> tuple[str, ...]:
    """What the document holds but could not be read, in sentences for the panel."""
    shown = [each for each in endpoint.fields if isinstance(each, JsonField)]
    shown += [
        each.item for each in endpoint.fields if isinstance(each, ArrayField) and isinstance(each.item, JsonField)
    ]
    return (*(f"{each.label} {each.reason}: it is edited as JSON." for each in shown), *endpoint.notes)
