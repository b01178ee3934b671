"""The endpoints' own descriptions: an OpenAPI document each, and the record that the platform's list of models has.

The documents are built like those of the hosted queue, down to its habits: four paths, components named after the
endpoint without its owner, the fields' order beside them. So one reader reads both. What hosted documents leave to
be guessed, the role of each field, stands under `x-retake`.
"""

import re

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import GenerateJsonSchema

from app.engine.endpoints import Endpoint

_SINCE = "2026-11-20T00:00:00.000Z"
_REF = "#/components/schemas/"

_QUEUE_STATUS: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string", "description": "Names the request."},
        "response_url": {"type": "string", "description": "Where the result will be."},
        "status_url": {"type": "string", "description": "Where to ask how it goes."},
        "cancel_url": {"type": "string", "description": "Where to stop it."},
        "logs": {"type": "object", "description": "Lines of progress.", "additionalProperties": True},
        "metrics": {"type": "object", "description": "How long it took.", "additionalProperties": True},
        "queue_position": {"type": "integer", "description": "How many wait before it."},
    },
    "required": ["status", "request_id"],
}


def document(endpoint: Endpoint, origin: str) -> dict[str, JsonValue]:
    """The OpenAPI document of one endpoint, served from `origin`."""
    name = _camel(endpoint.id)
    schemas: dict[str, JsonValue] = {"QueueStatus": _QUEUE_STATUS}
    schemas |= _schemas(endpoint.input, f"{name}Input", "validation")
    schemas |= _schemas(endpoint.output, f"{name}Output", "serialization")
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {endpoint.id}",
            "version": "1.0.0",
            "description": endpoint.description,
            "x-fal-metadata": {
                "endpointId": endpoint.id,
                "category": endpoint.category,
                "thumbnailUrl": "",
                "playgroundUrl": "",
                "documentationUrl": "",
                "about": endpoint.title,
            },
        },
        "components": {
            "securitySchemes": {"apiKeyAuth": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "schemas": schemas,
        },
        "paths": _paths(endpoint.id, name),
        "servers": [{"url": origin}],
        "security": [{"apiKeyAuth": []}],
        "x-retake": {"roles": dict(endpoint.roles), "price": 0, "limits": dict(endpoint.limits)},
    }


def record(endpoint: Endpoint, origin: str, *, with_document: bool) -> dict[str, JsonValue]:
    """The entry of one endpoint in the list of models."""
    entry: dict[str, JsonValue] = {
        "endpoint_id": endpoint.id,
        "metadata": {
            "display_name": endpoint.title,
            "category": endpoint.category,
            "description": endpoint.description,
            "status": "active",
            "tags": list(endpoint.tags),
            "updated_at": _SINCE,
            "date": _SINCE,
            "is_favorited": False,
            "thumbnail_url": "",
            "model_url": f"{origin}/{endpoint.id}",
            "highlighted": False,
            "pinned": False,
            "kind": "inference",
        },
    }
    if with_document:
        entry["openapi"] = document(endpoint, origin)
    return entry


class _Ordered(GenerateJsonSchema):
    """Adds what pydantic leaves to the order of the properties, which JSON does not keep."""

    def model_schema(self, schema):  # pyright: ignore[reportMissingParameterType, reportUnknownParameterType]
        found = super().model_schema(schema)
        found["x-fal-order-properties"] = list(found.get("properties", {}))
        return found


def _schemas(model: type[BaseModel], name: str, mode: str) -> dict[str, JsonValue]:
    """The model's component under its new name, and every component that it refers to."""
    schema: dict[str, JsonValue] = model.model_json_schema(
        ref_template=_REF + "{model}",
        mode="validation" if mode == "validation" else "serialization",
        schema_generator=_Ordered,
    )
    parts = schema.pop("$defs", {})
    schema.pop("description", None)
    assert isinstance(parts, dict)
    return {name: schema, **parts}


def _paths(endpoint_id: str, name: str) -> dict[str, JsonValue]:
    request_id: JsonValue = {
        "name": "request_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "description": "Names the request."},
    }
    logs: JsonValue = {
        "name": "logs",
        "in": "query",
        "required": False,
        "schema": {"type": "number", "description": "1 for lines of progress, 0 for none."},
    }
    status: JsonValue = {"$ref": f"{_REF}QueueStatus"}
    success: JsonValue = {"type": "object", "properties": {"success": {"type": "boolean"}}}
    base = f"/{endpoint_id}/requests/{{request_id}}"
    body: JsonValue = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"{_REF}{name}Input"}}},
    }
    return {
        f"{base}/status": {"get": {"parameters": [request_id, logs], "responses": _ok("How it goes.", status)}},
        f"{base}/cancel": {"put": {"parameters": [request_id], "responses": _ok("It was cancelled.", success)}},
        f"/{endpoint_id}": {"post": {"requestBody": body, "responses": _ok("It was taken.", status)}},
        base: {"get": {"parameters": [request_id], "responses": _ok("The result.", {"$ref": f"{_REF}{name}Output"})}},
    }


def _ok(description: str, schema: JsonValue) -> JsonValue:
    return {"200": {"description": description, "content": {"application/json": {"schema": schema}}}}


def _camel(endpoint_id: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", endpoint_id.split("/", 1)[1])
    return "".join(word[:1].upper() + word[1:] for word in words)
