"""Requests and facts as JSON text, and back: foreign bytes enter here, so pydantic reads them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request, Seam
from app.sound.region import Region
from app.takes.take import RunFacts

MAX_JSON = 1 << 24


class BadRecord(Exception):
    """A stored text is not what was once written there."""


class _Record(BaseModel):
    """Strict, and closed: a word that nobody knows is no record of ours."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Span(_Record):
    """A region, in frames."""

    start: int
    end: int

    @classmethod
    def of(cls, region: Region) -> _Span:
        return cls(start=region.start, end=region.end)

    def region(self) -> Region:
        return Region(self.start, self.end)


class _Seam(_Record):
    """A seam, in milliseconds."""

    inside: float
    outside: float


class RequestRecord(_Record):
    """A Request in JSON; the numbers keep their types, 3 stays 3 and 3.0 stays 3.0."""

    endpoint: str
    connection: str
    kind: str
    params: dict[str, JsonValue]
    mask: _Span
    excerpt: _Span
    rate: int = Field(gt=0)
    source_field: str | None = None
    base: str | None = None
    seam: _Seam
    seed: int | None = None
    prompt: str = ""
    price: float | None = None
    place: _Span | None = None
    sent: _Span | None = None
    grow: bool = False
    attachments: dict[str, str] = Field(default_factory=dict)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return Kind(kind).value

    @classmethod
    def of(cls, request: Request) -> RequestRecord:
        """The record of a request."""
        return cls(
            endpoint=request.endpoint,
            connection=request.connection,
            kind=request.kind.value,
            params=dict[str, Any](request.params),
            mask=_Span.of(request.mask),
            excerpt=_Span.of(request.excerpt),
            rate=request.rate,
            source_field=request.source_field,
            base=request.base,
            seam=_Seam(inside=request.seam.inside, outside=request.seam.outside),
            seed=request.seed,
            prompt=request.prompt,
            price=request.price,
            place=None if request.place is None else _Span.of(request.place),
            sent=None if request.sent is None else _Span.of(request.sent),
            grow=request.grow,
            attachments=dict(request.attachments),
        )

    def request(self) -> Request:
        """The request of a record."""
        return Request(
            endpoint=self.endpoint,
            connection=self.connection,
            kind=Kind(self.kind),
            params=_plain_object(self.params),
            mask=self.mask.region(),
            excerpt=self.excerpt.region(),
            rate=self.rate,
            source_field=self.source_field,
            base=self.base,
            seam=Seam(self.seam.inside, self.seam.outside),
            seed=self.seed,
            prompt=self.prompt,
            price=self.price,
            place=None if self.place is None else self.place.region(),
            sent=None if self.sent is None else self.sent.region(),
            grow=self.grow,
            attachments=self.attachments,
        )


class _Facts(_Record):
    """What is known of a run."""

    model_config = ConfigDict(strict=False, extra="ignore")

    connection: str = ""
    request_id: str = ""
    seed: int | None = None
    elapsed: float | None = None
    billed_units: float | None = None
    delay_ms: float = 0.0
    gain_db: float = 0.0
    confidence: float | None = None
    notes: tuple[str, ...] = ()
    label: str = ""
    used: dict[str, JsonValue] = Field(default_factory=dict)


class _Values(_Record):
    """What stood in a panel."""

    values: dict[str, JsonValue]


def request_to_json(request: Request) -> str:
    """A request as JSON text; ValueError for what JSON cannot hold."""
    return _text(RequestRecord.of(request))


def request_from_json(text: str) -> Request:
    """The request that was written; BadRecord where it is none."""
    try:
        return RequestRecord.model_validate(_parsed(text)).request()
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadRecord("the request cannot be read") from error


def facts_to_json(facts: RunFacts) -> str:
    """Facts as JSON text; a number that JSON cannot hold is left out rather than losing a paid take over it."""
    known: dict[str, Any] = asdict(facts)
    for name, value in asdict(facts).items():
        if isinstance(value, float) and not math.isfinite(value):
            del known[name]
    return _text(_Facts.model_validate(known))


def facts_from_json(text: str) -> RunFacts:
    """The facts that were written; BadRecord where there are none."""
    try:
        found = _Facts.model_validate(_parsed(text))
        return RunFacts(**found.model_dump(exclude={"used"}), used=_plain_object(found.used))
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadRecord("the facts of the run cannot be read") from error


def values_to_json(values: dict[str, Json]) -> str:
    """A panel's values as JSON text."""
    return _text(_Values(values=dict[str, Any](values)))


def values_from_json(text: str) -> dict[str, Json]:
    """A panel's values; BadRecord where there are none."""
    try:
        return _plain_object(_Values.model_validate(_parsed(text)).values)
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadRecord("the values cannot be read") from error


def _plain_object(values: dict[str, JsonValue]) -> dict[str, Json]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: JsonValue) -> Json:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return _plain_object(value)
    return value


def _text(record: BaseModel) -> str:
    # ASCII, so that half a surrogate pair in a prompt does not cost a take.
    return json.dumps(record.model_dump(), allow_nan=False, separators=(",", ":"))


def _parsed(text: str) -> object:
    if len(text) > MAX_JSON:
        raise BadRecord("a stored text is larger than anything that Retake writes")
    return json.loads(text)
