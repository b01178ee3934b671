"""Every stage of a job against every misbehaviour of a host: one expected end, in time, one POST, no leak."""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from following import QUICK, follow, make_order
from hostile_server import KEY, Act, Hostile, hostile, html, js

from app.errors import (
    BadReply,
    Expired,
    JobFailed,
    OutcomeUnknown,
    OutOfFunds,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from app.remote.job import JobState, JobUpdate

STAGES = ("initiate", "put", "submit", "status", "result", "file", "cancel")
# One try each: a short deadline that a loaded machine still keeps, and no second helping of it.
IMPATIENT = replace(QUICK, silence=0.15, call=0.25, submit=0.25, outage=-1.0, patience=-1.0, transfer_tries=1)


def told(code: int, text: str = "") -> Act:
    """An error as the platform words it; a hostile one, that quotes the key and tries to paint the terminal."""
    return js({"detail": f"{text or 'no'} Key {KEY} \x1b[31m\u202e"}, code)


def field_error(code: int) -> Act:
    return js({"detail": [{"loc": ["body", "mask_end"], "msg": f"too large {KEY}", "type": "less_than"}]}, code)


FAULTS: dict[str, Callable[[Hostile, Hostile], Act]] = {
    "drop before the body": lambda s, o: Act(drop="head"),
    "drop after the body": lambda s, o: Act(drop="body"),
    "drop in the answer's head": lambda s, o: Act(drop="middle"),
    "hang": lambda s, o: Act(hang=0.6),
    "drip head": lambda s, o: Act(body=b"{}", drip=0.05, drip_head=True),
    "drip body": lambda s, o: Act(body=b" " * 100, drip=0.05),
    "cut, length told": lambda s, o: replace(js({"status": "IN_QUEUE", "request_id": "r-1"}), cut=20),
    "cut, no length": lambda s, o: replace(js({"status": "IN_QUEUE", "request_id": "r-1"}), cut=20, declare=False),
    "redirect to a file": lambda s, o: Act(302, headers=(("Location", "file:///etc/passwd"),)),
    "redirect to another host": lambda s, o: Act(307, headers=(("Location", f"{o.url}/files/x?t=1"),)),
    "redirect to itself": lambda s, o: Act(301, headers=(("Location", ""),)),
    "redirect to nonsense": lambda s, o: Act(308, headers=(("Location", "http://[bad"),)),
    "400": lambda s, o: told(400),
    "401": lambda s, o: told(401, "invalid key credentials"),
    "402": lambda s, o: told(402),
    "403": lambda s, o: told(403, "Cannot access application"),
    "403 balance": lambda s, o: told(403, "User is locked. Reason: Exhausted balance."),
    "404": lambda s, o: js({"status": "NOT_FOUND"}, 404),
    "408": lambda s, o: told(408),
    "409": lambda s, o: told(409),
    "410": lambda s, o: told(410),
    "413": lambda s, o: html(413),
    "422": lambda s, o: field_error(422),
    "429": lambda s, o: told(429),
    "429 wait": lambda s, o: replace(told(429), headers=(("Retry-After", "0.05"),)),
    "499": lambda s, o: told(499, "Request cancelled by the client."),
    "500": lambda s, o: told(500),
    "500 html": lambda s, o: html(500),
    "502": lambda s, o: html(502),
    "503": lambda s, o: html(503),
    "503 wait": lambda s, o: replace(html(503), headers=(("Retry-After", "0.05"),)),
    "504": lambda s, o: html(504),
    "204": lambda s, o: Act(204, declare=False),
    "empty": lambda s, o: Act(),
    "html": lambda s, o: html(200),
    "not json": lambda s, o: Act(body=b'{"status": "COMPL'),
    "NaN": lambda s, o: Act(body=b'{"status": "COMPLETED", "request_id": "r", "x": NaN}'),
    "nested": lambda s, o: Act(body=b"[" * 40_000 + b"]" * 40_000),
    "a list": lambda s, o: js([1, 2, 3]),
    "wrong types": lambda s, o: js({"status": 5, "request_id": {"a": 1}, "upload_url": 7, "audio": {"url": 9}}),
    "no utf-8": lambda s, o: Act(body=b'{"status": "\xff\xfe"}'),
    "giant": lambda s, o: Act(body=b" " * 10_000, repeat=30),
    "giant, no length": lambda s, o: Act(body=b" " * 10_000, repeat=300, declare=False),
    "two lengths": lambda s, o: Act(body=b"{}", headers=(("Content-Length", "77"),)),
    "broken gzip": lambda s, o: Act(body=b"nogzip", headers=(("Content-Encoding", "gzip"),)),
    "not http": lambda s, o: Act(code=99999, body=b"\x00\x01"),
}
SLOW = {"hang", "drip head", "drip body"}
ROAD = SLOW | {
    "drop before the body", "drop after the body", "drop in the answer's head", "cut, length told", "two lengths",
    "not http",
}  # fmt: skip
REDIRECTS = {name for name in FAULTS if name.startswith("redirect")}
COMMON: dict[str, type[Exception]] = {
    **dict.fromkeys(ROAD, Unreachable),
    **dict.fromkeys(REDIRECTS, BadReply),
    **dict.fromkeys(("400", "413", "422"), Rejected),
    **dict.fromkeys(("401", "403"), Unauthorized),
    **dict.fromkeys(("402", "403 balance"), OutOfFunds),
    **dict.fromkeys(("429", "429 wait", "503 wait"), RateLimited),
}
BY_STAGE: dict[str, dict[str, type[Exception] | None]] = {
    "submit": {
        **dict.fromkeys(FAULTS, OutcomeUnknown),
        **{name: kind for name, kind in COMMON.items() if name not in ROAD and name != "503 wait"},
        "404": Rejected,
        "410": Rejected,
    },
    # What an upload's receiver says in a good answer is of no interest.
    "put": {
        "401": BadReply,
        "403": BadReply,
        **dict.fromkeys(
            ("empty", "html", "not json", "NaN", "nested", "a list", "wrong types", "no utf-8", "204"), None
        ),
        "cut, no length": None,
    },
    "status": {"404": Expired, "410": Expired},
    "result": {"404": Expired, "410": Expired, "499": JobFailed, "500": JobFailed},
    # A file's bytes are judged where they are decoded; a cut without any length told cannot be seen here.
    "file": {
        **dict.fromkeys(("401", "403", "404", "410"), Expired),
        **dict.fromkeys(("html", "not json", "NaN", "nested", "a list", "wrong types", "no utf-8"), None),
        "cut, no length": None,
        "redirect to another host": None,
    },
}


def expected(stage: str, fault: str) -> type[Exception] | None:
    """The class of the end; None where the job is done all the same."""
    return {**dict.fromkeys(FAULTS, BadReply), **COMMON, **BY_STAGE.get(stage, {})}[fault]


def check_no_leak(servers: tuple[Hostile, ...], updates: list[JobUpdate], caplog: pytest.LogCaptureFixture) -> None:
    """The key is in no log, no sentence, no traceback, and went to nobody but the protocol's own calls."""
    for server in servers:
        assert server.leaks() == []
    error = updates[-1].error
    spoken = [caplog.text, repr([replace(update, result=None) for update in updates]), str(error), repr(error)]
    if error:
        spoken.append("".join(traceback.format_exception(error)))
        assert error.message.endswith(".")
        assert error.hint.endswith(".")
        assert "\x1b" not in str(error)
        assert "\u202e" not in str(error)
    for text in spoken:
        assert KEY not in text
        assert "s3cret" not in text


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", STAGES)
def test_every_fault_at_every_stage(stage: str, fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    limits = IMPATIENT if fault in SLOW else QUICK
    cancel = asyncio.Event()

    def on_update(update: JobUpdate) -> None:
        if stage == "cancel" and update.state is JobState.RUNNING:
            cancel.set()

    async def run() -> tuple[Hostile, Hostile, list[JobUpdate]]:
        async with hostile() as other, hostile() as server:
            server.acts[stage] = [FAULTS[fault](server, other)]
            order = make_order(tmp_path)
            return server, other, await follow(server, order, limits=limits, cancel=cancel, on_update=on_update)

    start = time.monotonic()
    server, other, updates = asyncio.run(run())
    elapsed = time.monotonic() - start

    finals = [update for update in updates if update.state.final]
    assert finals == updates[-1:]
    assert elapsed < 8
    assert server.count("submit") <= (2 if fault.startswith("429") else 1)
    if not (stage == "file" and fault == "redirect to another host"):
        assert other.seen == []
    kind, end = expected(stage, fault), updates[-1]
    if stage == "cancel":
        assert end.state in (JobState.CANCELLED, JobState.DONE)
        assert server.count("cancel") >= 1
    elif kind is None:
        assert end.state is JobState.DONE, end.error
    else:
        assert (end.state, type(end.error)) == (JobState.FAILED, kind), end.error
    if stage in ("initiate", "put") and kind is not None:
        assert server.count("submit") == 0
    check_no_leak((server, other), updates, caplog)
    assert list((tmp_path / "job").glob(".*")) == []


@pytest.mark.parametrize("before", ["initiate", "put", "submit", "status", "result"])
def test_a_host_that_is_gone_after_a_stage(before: str, tmp_path: Path) -> None:
    async def run() -> tuple[Hostile, list[JobUpdate]]:
        async with hostile() as server:
            server.before[before] = lambda: server.server and server.server.close()
            return server, await follow(server, make_order(tmp_path))

    server, updates = asyncio.run(run())
    assert (updates[-1].state, type(updates[-1].error)) == (JobState.FAILED, Unreachable)
    assert server.count("submit") == (0 if before in ("initiate", "put") else 1)


def test_nobody_there_at_all(tmp_path: Path) -> None:
    async def run() -> list[JobUpdate]:
        async with hostile() as server:
            assert server.server
            server.server.close()
            return await follow(server, make_order(tmp_path, source=None))

    updates = asyncio.run(run())
    # Certain that nothing was taken, so it is tried again, and told again before each try.
    assert [update.state for update in updates] == [JobState.SUBMITTING, JobState.SUBMITTING, JobState.FAILED]
    assert isinstance(updates[-1].error, Unreachable)
    assert "engine" in updates[-1].error.hint


def test_an_endless_queue_ends_by_the_deadline(tmp_path: Path) -> None:
    async def run() -> tuple[Hostile, list[JobUpdate]]:
        async with hostile({"status": [js({"status": "IN_QUEUE", "queue_position": 7}, 202)]}) as server:
            return server, await follow(server, make_order(tmp_path, deadline=0.5))

    start = time.monotonic()
    server, updates = asyncio.run(run())
    assert time.monotonic() - start < 3
    assert isinstance(updates[-1].error, JobFailed)
    assert "0.5 seconds" in updates[-1].error.message
    assert updates[-1].handle is not None
    assert server.count("status") < 40
    assert [u.place for u in updates if u.state is JobState.QUEUED] == [None, 7]
