"""The queue's verbs one by one: what they send, what they make of odd answers, when they ask again."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

import httpx
import pytest
from following import QUICK
from hostile_server import KEY, Act, Hostile, hostile, html, js
from hypothesis import given
from hypothesis import strategies as st

from app.errors import (
    BadReply,
    Expired,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RemoteError,
)
from app.remote import wire
from app.remote.connection import Connection, Key, local
from app.remote.faults import Backoff, clean, retry_after
from app.remote.host import Limits, limits_for, make_host
from app.remote.queue import CancelOutcome, HostState, LogLine, QueueClient, Status
from app.remote.updates import Handle

T = TypeVar("T")


def handle(server: Hostile) -> Handle:
    base = f"{server.url}/acme/fill/requests/r-1"
    return Handle("r-1", f"{base}/status", base, f"{base}/cancel")


def ask(
    acts: dict[str, list[Act]], verb: Callable[[QueueClient, Hostile], Awaitable[T]], limits: Limits = QUICK
) -> tuple[T, Hostile]:
    """One verb against a scripted server."""

    async def run() -> tuple[T, Hostile]:
        async with hostile(acts) as server, make_host(local(server.url, Key(KEY), "test"), limits) as host:
            return await verb(QueueClient(host.connection, host.http, limits), server), server

    return asyncio.run(run())


def status(act: Act) -> Status:
    return ask({"status": [act]}, lambda queue, server: queue.status(handle(server)))[0]


def test_submit_sends_the_input_itself_with_the_key() -> None:
    taken, server = ask({}, lambda queue, server: queue.submit("acme/fill/fast", {"prompt": "é", "n": 1.5}))
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/acme/fill/fast")
    assert json.loads(seen.body) == {"prompt": "é", "n": 1.5}
    assert seen.headers["authorization"] == f"Key {KEY}"
    assert seen.headers["content-type"] == "application/json"
    assert taken == handle(server)


def test_an_answer_with_only_an_id_is_enough() -> None:
    """The published schema requires no more; the sub-path is not part of a request's address."""
    taken, server = ask(
        {"submit": [js({"status": "IN_QUEUE", "request_id": "r-1"})]},
        lambda queue, server: queue.submit("acme/fill/fast", {}),
    )
    assert taken == handle(server)


@pytest.mark.parametrize("name", ["", "fill", "/acme/fill", "acme/../x", "acme//x", "acme/fill?x=1", "acme/f#", "a/b "])
def test_names_that_no_endpoint_has_are_not_sent(name: str) -> None:
    with pytest.raises(Rejected):
        ask({}, lambda queue, server: queue.submit(name, {}))


def test_numbers_that_json_does_not_have_are_not_sent() -> None:
    with pytest.raises(Rejected, match="cannot be sent"):
        ask({}, lambda queue, server: queue.submit("acme/fill", {"x": float("nan")}))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/acme/fill/requests/r-1/status",
        "https://queue.fal.run/acme/fill/requests/r-1/status",
        "http://evil.example.com/x",
        "file:///etc/passwd",
        "/acme/fill/requests/r-1/status",
    ],
)
@pytest.mark.parametrize("which", ["status_url", "response_url", "cancel_url"])
def test_a_host_that_points_elsewhere_is_not_followed(url: str, which: str) -> None:
    async def verb(queue: QueueClient, server: Hostile) -> None:
        where = dict.fromkeys(("status_url", "response_url", "cancel_url"), f"{server.url}/a/b/requests/r-1")
        server.acts["submit"] = [js({"request_id": "r-1", **where, which: url})]
        with pytest.raises(BadReply, match="not its own") as caught:
            await queue.submit("acme/fill", {})
        assert not caught.value.retryable
        # The same holds for a handle that comes from a journal on disk.
        stray = replace(handle(server), **{which: url})
        asking = {"status_url": queue.status, "response_url": queue.result, "cancel_url": queue.cancel}[which]
        with pytest.raises(BadReply, match="not its own"):
            await asking(stray)
        assert server.count("submit") == len(server.seen) == 1

    ask({}, verb)


@pytest.mark.parametrize("number", ["", 7, None, "../../x", "a/b", "x" * 300])
def test_a_taken_job_without_a_usable_number_may_have_been_taken(number: object) -> None:
    with pytest.raises(OutcomeUnknown, match="did not say"):
        ask({"submit": [js({"request_id": number})]}, lambda queue, server: queue.submit("acme/fill", {}))


def test_submit_is_sent_once_whatever_happens() -> None:
    async def verb(queue: QueueClient, server: Hostile) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await queue.submit("acme/fill", {})
        assert "charged" in caught.value.hint

    for act in (Act(drop="body"), html(502), html(504), Act(body=b"{")):
        assert ask({"submit": [act]}, verb)[1].count("submit") == 1


@pytest.mark.parametrize(
    ("logs", "lines"),
    [
        (None, ()),
        ([], ()),
        ("x", ()),
        (7, ()),
        ([{"message": "a", "timestamp": "t", "labels": {}}, {"message": "b"}], (("t", "a"), ("", "b"))),
        (["a", None, 3, {"message": None}, {"nothing": 1}], (("", "a"),)),
        ({"message": "only", "timestamp": "t"}, (("t", "only"),)),
        ({"0": {"message": "a"}, "1": {"message": "b"}}, (("", "a"), ("", "b"))),
        ([{"message": f"red \x1b[31m{KEY}\u202e\n"}], (("", "red  [31m***"),)),
    ],
)
def test_logs_of_every_shape(logs: object, lines: tuple[tuple[str, str], ...]) -> None:
    got = status(js({"status": "IN_PROGRESS", "logs": logs, "metrics": 3, "queue_position": "x"}, 202))
    assert got.state is HostState.RUNNING
    assert got.lines == tuple(LogLine(*line) for line in lines)


def test_status_words() -> None:
    assert status(js({"status": "IN_QUEUE", "queue_position": 3})).place == 3
    assert status(js({"status": "IN_QUEUE"})) == Status(HostState.QUEUED)
    assert status(js({"status": "BREWING", "surprise": [1]})).state is HostState.UNKNOWN
    done = status(js({"status": "COMPLETED", "error": "GPU lost", "error_type": "runner_server_error"}))
    assert (done.state, done.error, done.error_type) == (HostState.COMPLETED, "GPU lost", "runner_server_error")


def test_status_asks_for_logs_after_whatever_query_there_is() -> None:
    async def verb(queue: QueueClient, server: Hostile) -> None:
        await queue.status(replace(handle(server), status_url=f"{handle(server).status_url}?a=b"))
        await queue.status(handle(server), logs=False)

    paths = [seen.path for seen in ask({}, verb)[1].seen]
    assert paths == ["/acme/fill/requests/r-1/status?a=b&logs=1", "/acme/fill/requests/r-1/status"]


def test_result_gives_text_and_units_or_none_or_the_jobs_own_end() -> None:
    answer, _ = ask({}, lambda queue, server: queue.result(handle(server)))
    assert answer is not None
    assert answer.billed_units == 1.5
    assert json.loads(answer.text)["seed"] == 11
    early = js({"detail": "Request is still in progress"}, 400)
    assert ask({"result": [early]}, lambda queue, server: queue.result(handle(server)))[0] is None
    with pytest.raises(Expired):
        ask({"result": [js({"status": "NOT_FOUND"}, 404)]}, lambda queue, server: queue.result(handle(server)))


def test_a_rejection_names_its_field() -> None:
    detail = [{"loc": ["body", "duration", 0], "msg": "Input should be less than 120", "type": "less_than"}]
    with pytest.raises(Rejected) as caught:
        ask({"result": [js({"detail": detail}, 422)]}, lambda queue, server: queue.result(handle(server)))
    assert caught.value.field == "duration"
    assert "less than 120" in caught.value.message


@pytest.mark.parametrize(
    "act", [html(502), html(503), html(504), js({}, 408), Act(drop="body"), Act(body=b"{"), js([])]
)
def test_asking_goes_on_while_the_trouble_may_pass(act: Act) -> None:
    limits = replace(QUICK, patience=0.0)
    good = js({"status": "IN_QUEUE"})
    got, server = ask(
        {"status": [act, act, good]}, lambda queue, server: queue.status(handle(server), patience=3.0), limits
    )
    assert got.state is HostState.QUEUED
    assert server.count("status") == 3
    with pytest.raises(RemoteError):
        ask({"status": [act, act, good]}, lambda queue, server: queue.status(handle(server)), limits)


@pytest.mark.parametrize("act", [Act(302), Act(body=b" " * 200_000), js({"detail": "no"}, 418)])
def test_what_will_not_pass_is_asked_once(act: Act) -> None:
    async def verb(queue: QueueClient, server: Hostile) -> None:
        with pytest.raises(BadReply):
            await queue.status(handle(server), patience=0.5)

    assert ask({"status": [act]}, verb)[1].count("status") == 1


def test_retry_after_is_kept_to() -> None:
    busy = replace(js({"detail": "slow down"}, 429), headers=(("Retry-After", "0.25"),))
    start = time.monotonic()
    ask({"status": [busy, js({"status": "IN_QUEUE"})]}, lambda q, server: q.status(handle(server), patience=3.0))
    assert time.monotonic() - start >= 0.25
    with pytest.raises(RateLimited) as caught:
        ask({"submit": [busy]}, lambda queue, server: queue.submit("acme/fill", {}))
    assert caught.value.retry_after == 0.25


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("1.5", 1.5), ("99999", 300.0), ("-1", None), ("nan", None), ("", None), ("soon", None)],
)
def test_retry_after_in_seconds(text: str, seconds: float | None) -> None:
    assert retry_after(httpx.Headers({"Retry-After": text}), Limits()) == seconds


def test_retry_after_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after(httpx.Headers({"Retry-After": soon}), Limits()) == pytest.approx(60, abs=2)
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after(httpx.Headers({"Retry-After": past}), Limits()) == 0.0


def test_backoff_is_jittered_and_bounded() -> None:
    limits = Limits()
    pauses = [[backoff.next() for _ in range(12)] for backoff in (Backoff(limits) for _ in range(200))]
    for index in range(12):
        column = [row[index] for row in pauses]
        assert max(column) <= min(0.5 * 2**index, 30.0)
        assert max(column) > 1.5 * min(column)


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (js({"status": "CANCELLATION_REQUESTED"}, 202), CancelOutcome.REQUESTED),
        (js({"success": True}), CancelOutcome.REQUESTED),
        (js({"status": "OK"}), CancelOutcome.REQUESTED),
        (Act(202), CancelOutcome.REQUESTED),
        (js({"status": "ALREADY_COMPLETED"}, 400), CancelOutcome.ALREADY_COMPLETED),
        (js({"status": "NOT_FOUND"}, 404), CancelOutcome.NOT_FOUND),
    ],
)
def test_cancel_outcomes(act: Act, outcome: CancelOutcome) -> None:
    got, server = ask({"cancel": [act]}, lambda queue, server: queue.cancel(handle(server)))
    assert got is outcome
    assert server.seen[0].method == "PUT"


def test_endpoints_are_read_page_by_page_and_broken_ones_left_out() -> None:
    good = {"openapi": "3.0.4", "paths": {}}
    first = {
        "models": [{"endpoint_id": "a/b", "metadata": {"status": "active"}, "openapi": good}],
        "has_more": True,
        "next_cursor": "c 2",
    }
    second = {
        "models": [
            {"endpoint_id": "a/c", "openapi": {"error": {"code": "expansion_failed"}}},
            {"endpoint_id": "a/d"},
            {"endpoint_id": 7, "openapi": {**good, "info": {}}},
        ],
        "next_cursor": None,
    }
    got, server = ask({"models": [js(first), js(second)]}, lambda queue, server: queue.endpoints())
    assert got == (
        {"endpoint_id": "a/b", "metadata": {"status": "active"}, "openapi": good},
        {"endpoint_id": "", "metadata": {}, "openapi": {**good, "info": {}}},
    )
    assert [seen.path for seen in server.seen] == [
        "/v1/models?expand=openapi-3.0",
        "/v1/models?expand=openapi-3.0&cursor=c+2",
    ]


def test_a_listing_that_never_ends_is_left() -> None:
    page = js({"models": [], "next_cursor": "same"})
    assert ask({"models": [page]}, lambda queue, server: queue.endpoints())[1].count("models") == 2


def test_a_proxy_gets_the_target_and_never_the_key() -> None:
    async def run() -> tuple[Hostile, Hostile]:
        async with hostile() as far, hostile({"other": [js({"status": "IN_QUEUE", "request_id": "r-1"})]}) as proxy:
            connection = Connection("studio", far.url, f"{far.url}/storage", Key(KEY), f"{proxy.url}/proxy")
            async with make_host(connection, QUICK) as host:
                await QueueClient(connection, host.http, QUICK).submit("acme/fill", {})
            return far, proxy

    far, proxy = asyncio.run(run())
    assert far.seen == []
    (seen,) = proxy.seen
    assert (seen.method, seen.path) == ("POST", "/proxy")
    assert seen.headers["x-fal-target-url"] == f"{far.url}/acme/fill"
    assert "authorization" not in seen.headers


def test_this_machine_gets_little_patience_a_far_host_much() -> None:
    near, far = limits_for(local("http://127.0.0.1:1", None)), limits_for(local("https://q.example.com", None))
    assert near.outage < 60 < far.outage
    assert (near.poll_most, far.poll_most) == (2.0, 5.0)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_bodies_of_any_bytes_are_read_or_refused(body: bytes) -> None:
    wire.read_error(body)
    for model in (wire.SubmitAnswer, wire.StatusAnswer, wire.UploadAnswer, wire.Listing):
        with contextlib.suppress(BadReply):
            wire.read(model, body)


@given(st.text(), st.integers(1, 50))
def test_foreign_words_fit_one_line(text: str, most: int) -> None:
    got = clean(text, Key(KEY), most)
    assert len(got) <= most
    assert got.isprintable() or all(c.isspace() or ord(c) > 126 for c in got if not c.isprintable())
    assert "\n" not in got
    assert "\x1b" not in got
    got.encode("utf-8")
