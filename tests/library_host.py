"""A host of documents for tests: real HTTP on loopback, each path's answer changeable while it runs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from app.endpoints.fields import Json


def document(endpoint: str, properties: dict[str, Json], **more: Json) -> dict[str, Json]:
    """An OpenAPI document as the hosted queue has it: input and output by reference, nothing said of roles."""
    result: Json = {"type": "object", "properties": {"audio": {"type": "object", "properties": {"url": {}}}}}
    return {
        "openapi": "3.0.4",
        "info": {"title": f"Queue OpenAPI for {endpoint}", "x-fal-metadata": {"endpointId": endpoint}},
        "paths": {
            f"/{endpoint}": {"post": {"requestBody": _content({"$ref": "#/components/schemas/In"})}},
            f"/{endpoint}/requests/{{request_id}}": {"get": {"responses": {"200": _content(result)}}},
        },
        "components": {"schemas": {"In": {"type": "object", "properties": properties, "required": ["audio_url"]}}},
        **more,
    }


def _content(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def hum() -> dict[str, Json]:
    """The fields of an endpoint that fills a mask."""
    return {
        "audio_url": {"type": "string"},
        "mask_start": {"type": "number", "minimum": 0},
        "mask_end": {"type": "number", "minimum": 0, "maximum": 47},
        "prompt": {"type": "string"},
        "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 8},
    }


@dataclass(slots=True)
class DocumentHost:
    """`answers` by an endpoint's id or by path; what is asked for otherwise is 404. `wait` holds answers back."""

    url: str
    answers: "dict[str, Json | bytes]" = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def address(self, endpoint: str) -> str:
        """Where this host keeps an endpoint's document, as fal's would be kept by fal."""
        return f"{self.url}/openapi.json?endpoint_id={endpoint}"


@contextmanager
def serving() -> Iterator[DocumentHost]:
    """The host, for as long as it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name = parse_qs(parts.query).get("endpoint_id", [parts.path])[0]
            host.asked.append(name)
            host.go_on.wait(30)
            found = host.answers.get(name)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(200 if name in host.answers else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # who asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = DocumentHost(f"http://127.0.0.1:{server.server_port}")
    host.go_on.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
