"""Request: everything that shapes a result. What is not in here cannot change a take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from app.endpoints.fields import Json
from app.endpoints.paths import in_order, put_at
from app.sound.region import Region

Params: TypeAlias = Mapping[str, Json]


class Kind(StrEnum):
    """What an endpoint does with the clip."""

    FILL = "fill"
    VARY = "vary"
    EXTEND = "extend"
    GENERATE = "generate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Seam:
    """How a patch meets its surroundings, in milliseconds.

    `inside` is how far the context is continued into the mask and faded to the patch there (nothing outside
    changes); `outside`, 0 unless the user chose it, is a crossfade with the context beyond the mask's edges.
    """

    inside: float = 40.0
    outside: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One take asked for: frozen when the button is pressed, kept with the take.

    `params` are bound and checked, in the schema's own names, units and types, with everything but the URLs of what
    is uploaded: the source's goes into `source_field`, those of `attachments` (a field's dotted path -> a file on
    this machine) into their fields. `mask` and `excerpt` are in frames of the base, and may reach beyond its ends
    where the clip is to grow; `sent` is what was told as the mask where it is wider; `base` is the take (its id)
    that was in use, None for the original; `seed` is the one that was sent. What gives way is `place`, the mask
    where it is None: an insertion gives way nothing. With `grow` a result keeps its own length and the clip gets
    longer or shorter by it. A source of up to `inline_bytes`, as text, may travel inside the request.
    """

    endpoint: str
    connection: str
    kind: Kind
    params: Params
    mask: Region
    excerpt: Region
    rate: int
    source_field: str | None = None
    base: str | None = None
    seam: Seam = Seam()
    seed: int | None = None
    prompt: str = ""
    price: float | None = None
    place: Region | None = None
    sent: Region | None = None
    grow: bool = False
    inline_bytes: int = 0
    attachments: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def replaced(self) -> Region:
        """What of the base gives way to the result."""
        return self.mask if self.place is None else self.place

    def body(self, source_url: str | None, uploaded: Mapping[str, str] = MappingProxyType({})) -> dict[str, Json]:
        """What is posted: the params, the source's URL where the endpoint takes one, and those of the attachments."""
        body: dict[str, Json] = dict(self.params)
        if self.source_field is not None and source_url is not None:
            body = put_at(body, self.source_field, source_url)
        for path in in_order(uploaded):
            body = put_at(body, path, uploaded[path])
        return body
