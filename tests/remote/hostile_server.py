"""A queue host on loopback, scripted per stage down to the bytes: real sockets, no HTTP library that could correct it.

Left alone it is a decent host: upload, submit, one IN_QUEUE, one IN_PROGRESS with a log, COMPLETED, result, file. Each
stage takes a list of `Act`s, played one per request (the last one for good), in place of its decent answer.
"""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

KEY = "canary-8d1f:0123456789abcdef"
SOUND = bytes(range(256)) * 40

Kind = TypeVar("Kind", bound="Hostile")

STAGES = ("initiate", "put", "submit", "status", "result", "file", "cancel", "models", "other")


@dataclass(frozen=True)
class Act:
    """One answer. `cut` sends only so many bytes of the body; `declare=False` sends no length; `drip` waits before
    every byte; `drop` breaks off: "head" right after the request's head, "body" after its body, "middle" in the
    middle of the answer's head. `last` closes the listening socket, so that whatever comes next is refused."""

    code: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    declare: bool = True
    cut: int | None = None
    drip: float = 0.0
    drip_head: bool = False
    drop: str = ""
    hang: float = 0.0
    last: bool = False
    repeat: int = 1


def js(value: object, code: int = 200, **more: object) -> Act:
    """A JSON answer."""
    return replace(Act(code, json.dumps(value).encode(), (("Content-Type", "application/json"),)), **more)


def html(code: int) -> Act:
    """What a gateway says."""
    return Act(code, b"<html><body><h1>nginx</h1></body></html>", (("Content-Type", "text/html"),))


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    stage: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hostile:
    """The server's state: what it was told to do and what it saw."""

    acts: dict[str, list[Act]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    server: asyncio.Server | None = None
    failures: list[BaseException] = field(default_factory=list)
    cancelled: bool = False
    polls: int = 0
    tasks: set[asyncio.Task[object]] = field(default_factory=set)
    before: dict[str, object] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, stage: str) -> int:
        return sum(1 for each in self.seen if each.stage == stage)

    def leaks(self) -> list[Seen]:
        """Requests that carried the key although they are not calls of the protocol."""
        keyed = ("initiate", "submit", "status", "result", "cancel", "models")
        return [each for each in self.seen if each.stage not in keyed and KEY in repr(each.headers)]

    def stage(self, method: str, path: str) -> str:
        path = path.split("?")[0].rstrip("/")
        if "/storage/upload/initiate" in path:
            return "initiate"
        if path.startswith("/put"):
            return "put"
        if path.startswith("/files"):
            return "file"
        if path.startswith("/v1/models"):
            return "models"
        if path.endswith("/status"):
            return "status"
        if path.endswith("/cancel"):
            return "cancel"
        if "/requests/" in path:
            return "result"
        return "submit" if method == "POST" and path.startswith("/acme") else "other"

    def decent(self, stage: str, seen: Seen) -> Act:
        """What a good host would answer."""
        base = f"{self.url}/acme/fill/requests/r-1"
        where = {
            "request_id": "r-1", "status_url": f"{base}/status", "response_url": base, "cancel_url": f"{base}/cancel"
        }  # fmt: skip
        match stage:
            case "initiate":
                return js({"upload_url": f"{self.url}/put/1?sig=s3cret", "file_url": f"{self.url}/files/src.wav"})
            case "submit":
                return js({"status": "IN_QUEUE", "queue_position": 2, **where})
            case "status":
                self.polls += 1
                log = {"message": "half way", "timestamp": "t1", "level": "INFO", "source": "USER"}
                answers = (
                    js({"status": "IN_QUEUE", "queue_position": 1, **where}, 202),
                    js({"status": "IN_PROGRESS", "logs": [log], **where}, 202),
                )
                if self.polls <= len(answers):
                    return answers[self.polls - 1]
                return js({"status": "COMPLETED", "logs": [log], **where})
            case "result":
                if self.cancelled:
                    return js({"detail": "Request cancelled by the client."}, 499)
                sound = {"url": f"{self.url}/files/out.wav", "content_type": None, "file_name": "../../evil.wav"}
                units = (("x-fal-billable-units", "1.5"),)
                return replace(js({"audio": sound, "seed": 11, "prompt": "rain"}), headers=units)
            case "cancel":
                self.cancelled = True
                return js({"status": "CANCELLATION_REQUESTED"}, 202)
            case "file":
                return Act(200, SOUND, (("Content-Type", "audio/wav"),))
            case "models":
                return js({"models": [], "has_more": False, "next_cursor": None})
            case "put":
                return Act(200)
            case _:
                return js({"status": "NOT_FOUND"}, 404)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            # Cancelled at the end of a test, while it still hangs or drips; asyncio would print that.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        except Exception as error:
            self.failures.append(error)
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        stage = self.stage(method, path)
        script = self.acts.get(stage)
        act = None
        if script:
            act = script[0]
            if len(script) > 1:
                script.pop(0)
        if act and act.drop == "head":
            self.seen.append(Seen(stage, method, path, headers, b""))
            return self._reset(writer)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        seen = Seen(stage, method, path, headers, body)
        self.seen.append(seen)
        if stage in self.before:
            self.before[stage]()  # type: ignore[operator]
        if stage in self.gates:
            await self.gates[stage].wait()
        act = act or self.decent(stage, seen)
        if act.last and self.server:
            self.server.close()
        if act.drop == "body":
            return self._reset(writer)
        if act.hang:
            await asyncio.sleep(act.hang)
        lines = [f"HTTP/1.1 {act.code} Because", "Connection: close", *(f"{k}: {v}" for k, v in act.headers)]
        if act.declare:
            lines.append(f"Content-Length: {len(act.body) * act.repeat}")
        top = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if act.drop == "middle":
            writer.write(top[: len(top) // 2])
            await writer.drain()
            return self._reset(writer)
        await self._send(writer, top, act.drip if act.drip_head else 0.0)
        for _ in range(act.repeat):
            await self._send(writer, act.body if act.cut is None else act.body[: act.cut], act.drip)
        return None

    async def _send(self, writer: asyncio.StreamWriter, data: bytes, drip: float) -> None:
        for piece in [data[i : i + 1] for i in range(len(data))] if drip else [data]:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(drip)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.asynccontextmanager
async def hostile(acts: dict[str, list[Act]] | None = None, kind: type[Kind] = Hostile) -> AsyncIterator[Kind]:
    """A running server; a fault of its own fails the test."""
    host = kind(dict(acts or {}))
    host.server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = host.server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        host.server.close()
        for task in host.tasks:
            task.cancel()
        await asyncio.gather(*host.tasks)
    assert not host.failures, host.failures
