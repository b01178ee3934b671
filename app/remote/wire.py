"""pydantic models of every body that a host sends: strict where the job depends on it, forgiving elsewhere."""

import json
from typing import Annotated, Never, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.endpoints.fields import Json
from app.errors import BadReply

Model = TypeVar("Model", bound="Wire")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _place(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _entries(value: object) -> list[object]:
    """Log entries from a list, an object of entries, one entry, or nothing at all."""
    if isinstance(value, dict):
        entry = cast("dict[str, object]", value)
        value = [entry] if "message" in entry else list(entry.values())
    if not isinstance(value, list):
        return []
    found: list[object] = []
    for each in cast("list[object]", value):
        if isinstance(each, str):
            found.append({"message": each})
        elif isinstance(each, dict):
            found.append(cast("object", each))
    return found


def _parts(value: object) -> list[object]:
    """Error details from a list or a single string."""
    if isinstance(value, str):
        return [{"msg": value}]
    if not isinstance(value, list):
        return []
    return [each for each in cast("list[object]", value) if isinstance(each, dict)]


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _document(value: object) -> dict[str, object]:
    """An OpenAPI document; empty where the host gives none, or an error in its place."""
    document = _object(value)
    return document if "paths" in document else {}


def _location(value: object) -> list[str]:
    return [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


Text = Annotated[str, BeforeValidator(_text)]
Url = Annotated[str, Field(min_length=1, max_length=4096)]


class Wire(BaseModel):
    """A body from outside: unknown keys are nothing to us."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SubmitAnswer(Wire):
    """The answer to a submit; the URLs may be missing, the id may not."""

    request_id: str = Field(min_length=1, max_length=200)
    status_url: Text = ""
    response_url: Text = ""
    cancel_url: Text = ""
    queue_position: Annotated[int | None, BeforeValidator(_place)] = None


class LogEntry(Wire):
    """One line of a job's log."""

    message: Text = ""
    timestamp: Text = ""
    level: Text = ""


class StatusAnswer(Wire):
    """Where a job is; a word that is not known is not an error."""

    status: str = Field(min_length=1, max_length=100)
    queue_position: Annotated[int | None, BeforeValidator(_place)] = None
    logs: Annotated[list[LogEntry], BeforeValidator(_entries)] = []
    error: Text = ""
    error_type: Text = ""


class UploadAnswer(Wire):
    """Where to put a file, and under which address it will be found."""

    upload_url: Url
    file_url: Url


class PartAnswer(Wire):
    """What identifies a part that was taken."""

    etag: Text = ""


class ModelRecord(Wire):
    """One endpoint of a listing; `openapi` is empty where the host has no document of it."""

    endpoint_id: Text = ""
    metadata: Annotated[dict[str, object], BeforeValidator(_object)] = {}
    openapi: Annotated[dict[str, object], BeforeValidator(_document)] = {}


class Listing(Wire):
    """A page of endpoints."""

    models: list[ModelRecord]
    next_cursor: Text = ""


class ErrorPart(Wire):
    """One complaint: where, what, of which kind."""

    loc: Annotated[list[str], BeforeValidator(_location)] = []
    msg: Text = ""
    type: Text = ""

    @property
    def field(self) -> str | None:
        """The input's field it is about."""
        return self.loc[1] if len(self.loc) > 1 and self.loc[0] == "body" else None


class ErrorBody(Wire):
    """Both families of error bodies in one: of the platform (a string) and of the endpoint (a list)."""

    detail: Annotated[list[ErrorPart], BeforeValidator(_parts)] = []
    error_type: Text = ""
    status: Text = ""


def _no_constant(text: str) -> Never:
    raise ValueError(f"{text} is not JSON")


def read_json(body: bytes) -> Json:
    """Any JSON of a host; BadReply for what is none, is nested too deeply, or has NaN in it."""
    try:
        return cast("Json", json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        raise BadReply("The host sent an answer that Retake cannot read.", "Try again in a while.") from error


def read(model: type[Model], body: bytes) -> Model:
    """A body as one of the models here; BadReply where it does not fit."""
    try:
        return model.model_validate(read_json(body))
    except ValidationError as error:
        # The cause stays out: pydantic quotes what it was given, and that may be anything.
        what = ", ".join(sorted({".".join(map(str, each["loc"])) or "all of it" for each in error.errors()}))
        raise BadReply(
            f"The host sent an answer that does not fit the protocol ({what[:100]}).", "Try again in a while."
        ) from None


def read_error(body: bytes) -> ErrorBody:
    """What an error body says; an empty one where it says nothing that can be understood."""
    try:
        return read(ErrorBody, body)
    except BadReply:
        return ErrorBody()
