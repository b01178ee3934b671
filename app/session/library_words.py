"""What a list says of an endpoint: its kind of work, how long a clip it takes, what it costs and since when."""

from typing import Final

from app.endpoints.catalogue import Endpoint, Price
from app.endpoints.request import Kind
from app.session.connections import FAL, LOCAL

KINDS: Final = {
    Kind.FILL: "Fill",
    Kind.VARY: "Vary",
    Kind.EXTEND: "Extend",
    Kind.GENERATE: "Generate",
    Kind.OTHER: "Other",
}


def price_words(endpoint: Endpoint) -> str:
    """What it costs and since when that is known; "free" for the offline engine."""
    if endpoint.connection == LOCAL:
        return "free"
    if endpoint.price is None:
        return "price not known" if endpoint.connection == FAL else ""
    return price_text(endpoint.price)


def price_text(price: Price) -> str:
    """A price with its date: "$0.03 per second (2026-11-20)"."""
    if not price.amount:
        return "free"
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
