"""Short limits, a request, and following a job to its end: for the tests of this room."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from hostile_server import KEY, Hostile

from app.endpoints.request import Kind, Request
from app.remote.connection import Key, local
from app.remote.job import Handle, JobId, JobUpdate, Limits, Order, make_host, run_job
from app.sound.region import Region

QUICK = Limits(
    connect=1.0, silence=2.0, call=3.0, submit=3.0, backoff_first=0.01, backoff_most=0.03, wait_most=0.3, patience=0.05,
    outage=0.08, cancel=0.2, poll_first=0.01, poll_most=0.02, transfer_tries=2, submit_tries=2, told_every=0.01,
    json_bytes=100_000, answer_bytes=100_000, file_bytes=200_000, slowest=1e6,
)  # fmt: skip


def make_request(**more: object) -> Request:
    given = {
        "endpoint": "acme/fill/fast", "connection": "test", "kind": Kind.FILL, "params": {"prompt": "rain", "seed": 11},
        "mask": Region(100, 200), "excerpt": Region(0, 1000), "rate": 44100, "source_field": "audio_url",
    }  # fmt: skip
    return Request(**{**given, **more})  # type: ignore[arg-type]


def make_order(folder: Path, **more: object) -> Order:
    """An order with a small source, its result going to `folder`/job."""
    source = folder / "source of someone.wav"
    source.write_bytes(b"RIFF" + bytes(range(200)) * 50)
    given = {
        "job": JobId("j1"),
        "request": make_request(),
        "folder": folder / "job",
        "source": source,
        "deadline": 20.0,
    }
    return Order(**{**given, **more})  # type: ignore[arg-type]


async def follow(
    server: Hostile,
    order: Order,
    *,
    limits: Limits = QUICK,
    cancel: asyncio.Event | None = None,
    resume: Handle | None = None,
    on_update: Callable[[JobUpdate], None] | None = None,
) -> list[JobUpdate]:
    """All updates of one job against that server."""
    updates: list[JobUpdate] = []
    async with make_host(local(server.url, Key(KEY), "test"), limits) as host:
        async for update in run_job(host, order, cancel=cancel or asyncio.Event(), resume=resume):
            updates.append(update)
            if on_update:
                on_update(update)
    return updates
