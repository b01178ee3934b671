"""Documents to read, built around the properties that a test is about."""

from collections.abc import Callable

import pytest

from app.endpoints.catalogue import Endpoint, endpoint_from
from app.endpoints.fields import Field, Json

MakeDocument = Callable[..., dict[str, Json]]
MakeEndpoint = Callable[..., Endpoint]


def document(
    properties: dict[str, Json],
    required: tuple[str, ...] = (),
    schemas: dict[str, Json] | None = None,
    outputs: dict[str, Json] | None = None,
    **more: Json,
) -> dict[str, Json]:
    """A whole OpenAPI document of the endpoint "house/thing" with these inputs."""
    schema: dict[str, Json] = {"type": "object", "properties": properties, "required": list(required)}
    if "order" in more:
        schema["x-fal-order-properties"] = more.pop("order")
    sound: dict[str, Json] = {"audio": {"type": "object", "properties": {"url": {"type": "string"}}}}

    def content(inner: Json) -> dict[str, Json]:
        return {"content": {"application/json": {"schema": inner}}}

    answer: dict[str, Json] = {"type": "object", "properties": sound if outputs is None else outputs}
    return {
        "openapi": "3.0.4",
        "info": {"title": "A thing", "description": "Does it."},
        "paths": {
            "/house/thing": {"post": {"requestBody": content({"$ref": "#/components/schemas/In"})}},
            "/house/thing/requests/{request_id}": {"get": {"responses": {"200": content(answer)}}},
        },
        "components": {"schemas": {"In": schema, **(schemas or {})}},
        **more,
    }


@pytest.fixture
def make_document() -> MakeDocument:
    return document


@pytest.fixture
def make_endpoint() -> MakeEndpoint:
    """An endpoint with these properties."""
    return lambda *args, **more: endpoint_from(document(*args, **more), "fal")


@pytest.fixture
def read_field() -> Callable[..., Field]:
    """The one field of a document with one property."""

    def read(schema: Json, name: str = "thing", required: bool = False, **schemas: Json) -> Field:
        made = endpoint_from(document({name: schema}, (name,) if required else (), schemas), "fal")
        return made.fields[0]

    return read
