"""Hosts on loopback that look at the key: one that wants it, and a studio's proxy that adds its own."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOPS = ("connection", "host", "transfer-encoding", "content-length", "x-fal-target-url", "keep-alive")


@dataclass
class Seen:
    """What came to a host: each request's line, and the Authorization it carried."""

    url: str = ""
    lines: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    """Notes every request and leaves the answer to `answer`."""

    protocol_version = "HTTP/1.1"
    seen: Seen

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""

    def handle_any(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        self.seen.lines.append(f"{self.command} {self.path}")
        self.seen.keys.append(self.headers.get("authorization", ""))
        self.seen.targets.append(self.headers.get("x-fal-target-url", ""))
        self.answer(body)

    do_GET = do_POST = do_PUT = handle_any

    def answer(self, body: bytes) -> None:
        raise NotImplementedError

    def send(self, code: int, content: bytes, headers: list[tuple[str, str]] | None = None) -> None:
        self.send_response(code)
        for name, value in headers or [("Content-Type", "application/json")]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def _serving(handler: type[_Handler], seen: Seen) -> Iterator[Seen]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    seen.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def keyed_host(key: str, *, code: int = 401, detail: str = "invalid key credentials") -> Iterator[Seen]:
    """A host of the protocol that lets nobody in but who has the key; with it, it offers no endpoint."""
    seen = Seen()

    class Keyed(_Handler):
        def answer(self, body: bytes) -> None:
            if self.headers.get("authorization") != f"Key {key}":
                self.send(code, json.dumps({"detail": detail}).encode())
            elif "/storage/upload/initiate" in self.path:
                place = {"upload_url": f"{seen.url}/put/1", "file_url": f"{seen.url}/files/1"}
                self.send(200, json.dumps(place).encode())
            elif self.path.startswith("/v1/models"):
                self.send(200, json.dumps({"models": [], "has_more": False, "next_cursor": None}).encode())
            else:
                self.send(404, json.dumps({"status": "NOT_FOUND"}).encode())

    Keyed.seen = seen
    with _serving(Keyed, seen):
        yield seen


@contextmanager
def studio_proxy(key: str, allowed: str) -> Iterator[Seen]:
    """A proxy as studios run it: forwards what x-fal-target-url names below `allowed`, with the studio's own key."""
    seen = Seen()

    class Proxy(_Handler):
        def answer(self, body: bytes) -> None:
            target = self.headers.get("x-fal-target-url", "")
            if not target.startswith(f"{allowed}/"):
                self.send(412, json.dumps({"detail": "Invalid x-fal-target-url"}).encode())
                return
            parts = urlsplit(target)
            there = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOPS}
            headers["Authorization"] = f"Key {key}"
            there.request(self.command, parts._replace(scheme="", netloc="").geturl(), body, headers)
            answer = there.getresponse()
            content = answer.read()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOPS]
            there.close()
            self.send(answer.status, content, kept)

    Proxy.seen = seen
    with _serving(Proxy, seen):
        yield seen


def nobody() -> str:
    """The URL of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
