"""An endpoint's OpenAPI document -> its fields in order; says plainly what it cannot read.

Takes the bare document, and the record that a platform wraps around it: {"endpoint_id", "metadata", "openapi"}. Names
of components mean nothing: input and output are found through the paths, by reference.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.endpoints.fields import Field, Json
from app.endpoints.shapes import ShapeReader, UnknownShape
from app.endpoints.values import as_object, as_text
from app.errors import SchemaError

PROFILE: Final = "x-retake"
_ID = re.compile(r"[A-Za-z0-9][\w.+-]*(?:/[\w.+-]+)+")


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says. `profile` is its x-retake object as it stands, `notes` what was left out, in sentences."""

    endpoint: str
    title: str
    description: str
    category: str
    fields: tuple[Field, ...]
    outputs: tuple[Field, ...]
    profile: dict[str, Json]
    notes: tuple[str, ...] = ()


def read_document(document: Json) -> Document:
    """The document as fields; SchemaError with a sentence where it is none, or none that can be asked."""
    record = _only(as_object(document))
    inner = record.get("openapi")
    told = as_text(record.get("endpoint_id"), 200)
    body = as_object(inner) if isinstance(inner, dict) or told else record
    _refuse_error(body, told)
    info = as_object(body.get("info"))
    about = as_object(info.get("x-fal-metadata"))
    endpoint = told or as_text(about.get("endpointId"), 200) or _shortest_post(body)
    if not _ID.fullmatch(endpoint):
        what = (
            f"{endpoint!r} is no endpoint's id"
            if endpoint
            else "This document does not say which endpoint it describes"
        )
        raise SchemaError(f"{what}.", "An id looks like owner/name/task.")
    metadata = as_object(record.get("metadata"))
    reader = ShapeReader(body)
    fields = _inputs(reader, endpoint, _posted(body, endpoint))
    outputs, notes = _outputs(body, endpoint)
    profile = as_object(body.get(PROFILE)) or as_object(info.get(PROFILE)) or as_object(record.get(PROFILE))
    return Document(
        endpoint=endpoint,
        title=as_text(metadata.get("display_name"), 200) or _title(info, endpoint),
        description=_first(metadata.get("description"), about.get("about"), _own_words(info.get("description"))),
        category=as_text(metadata.get("category") or about.get("category"), 100),
        fields=fields,
        outputs=outputs,
        profile=profile,
        notes=(*reader.notes, *notes),
    )


def _only(record: dict[str, Json]) -> dict[str, Json]:
    """The one record of a list of models, as a platform answers a search."""
    models = record.get("models")
    if not isinstance(models, list) or "paths" in record:
        return record
    if len(models) != 1:
        raise SchemaError(f"This is a list of {len(models)} endpoints.", "Give the document of one of them.")
    return as_object(models[0])


def _refuse_error(body: dict[str, Json], told: str) -> None:
    """A record may carry an error, or nothing, where its document should be."""
    name = told or "This endpoint"
    error = body.get("error", body.get("detail"))
    if error is not None and "paths" not in body:
        said = as_text(as_object(error).get("message"), 200) or as_text(error, 200) or "no reason given"
        raise SchemaError(f"{name} has no document that could be read: {said}.", "Try again later, or open a file.")
    if not isinstance(body.get("paths"), dict):
        raise SchemaError(
            f"{name} has no OpenAPI document with paths.", "Choose the JSON of an endpoint's OpenAPI page."
        )


def _posts(body: dict[str, Json]) -> dict[str, dict[str, Json]]:
    """Path -> its POST operation."""
    paths = as_object(body.get("paths"))
    return {path: as_object(each["post"]) for path, item in paths.items() if "post" in (each := as_object(item))}


def _shortest_post(body: dict[str, Json]) -> str:
    return min(_posts(body), key=len, default="").strip("/")


def _posted(body: dict[str, Json], endpoint: str) -> dict[str, Json]:
    """The schema of what is posted to start a job."""
    posts = _posts(body)
    operation = posts.get(f"/{endpoint}") or posts.get(f"/{_shortest_post(body)}")
    if operation is None:
        raise SchemaError(f"The document of {endpoint} does not say what may be posted.")
    return _content(as_object(operation.get("requestBody")))


def _content(message: dict[str, Json]) -> dict[str, Json]:
    """The JSON schema of a request's or response's body."""
    content = as_object(message.get("content"))
    media = content.get("application/json") or next(iter(content.values()), None)
    return as_object(as_object(media).get("schema"))


def _inputs(reader: ShapeReader, endpoint: str, schema: dict[str, Json]) -> tuple[Field, ...]:
    try:
        plain, _, trail = reader.settle(schema, frozenset())
        if "properties" not in plain and plain.get("type") != "object":
            raise UnknownShape("is not an object of named fields")
        return reader.fields(plain, 1, trail)
    except UnknownShape as shape:
        raise SchemaError(f"The input of {endpoint} cannot be read: it {shape}.") from None


def _outputs(body: dict[str, Json], endpoint: str) -> tuple[tuple[Field, ...], list[str]]:
    """The fields of the result; none, with a note, where they cannot be read: a result is walked anyway."""
    paths = as_object(body.get("paths"))
    results = [path for path in paths if re.fullmatch(r"/.+/requests/\{[^/]+\}(?:/response)?", path)]
    results.sort(key=lambda path: not path.startswith(f"/{endpoint}/"))
    reader = ShapeReader(body, outputs=True)
    for path in results:
        responses = as_object(as_object(as_object(paths[path]).get("get")).get("responses"))
        schema = _content(as_object(responses.get("200")))
        try:
            plain, _, trail = reader.settle(schema, frozenset())
            return reader.fields(plain, 1, trail), []
        except UnknownShape as shape:
            return (), [f"The result of {endpoint} cannot be read: it {shape}."]
    return (), [f"The document of {endpoint} does not describe a result."]


def _title(info: dict[str, Json], endpoint: str) -> str:
    """The document's own title; where that only repeats the id, the id in words."""
    title = as_text(info.get("title"), 200)
    if title and endpoint not in title:
        return title
    words = endpoint.split("/", 1)[1].replace("/", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _own_words(description: Json) -> str:
    text = as_text(description)
    return "" if text.startswith("The OpenAPI schema for") else text


def _first(*texts: Json) -> str:
    return next((text for each in texts if (text := as_text(each))), "")
