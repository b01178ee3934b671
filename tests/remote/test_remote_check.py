"""A key's check tells a good key from a bad one, a locked account, a dead network and a host of another kind."""

import asyncio
from pathlib import Path

import pytest
from engine_fixture import start_engine
from following import QUICK
from hostile_server import KEY, Act, Hostile, hostile, html, js

from app.errors import AppError, BadReply, OutOfFunds, RateLimited, Unauthorized, Unreachable
from app.remote.check import check_key
from app.remote.connection import Key, local
from app.remote.host import make_host


def checked(act: Act | None = None, key: str | None = KEY) -> Hostile:
    async def run() -> Hostile:
        async with hostile({"initiate": [act]} if act else {}) as server:
            async with make_host(local(server.url, Key(key) if key else None, "test"), QUICK) as host:
                await check_key(host)
            return server

    return asyncio.run(run())


def test_a_good_key_starts_nothing_and_sends_nothing() -> None:
    server = checked()
    (seen,) = server.seen
    assert (seen.stage, seen.method) == ("initiate", "POST")
    assert seen.headers["authorization"] == f"Key {KEY}"


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (js({"detail": "invalid key credentials"}, 401), Unauthorized),
        (js({"detail": "Authorization header is required"}, 401), Unauthorized),
        (js({"detail": "Cannot access application"}, 403), Unauthorized),
        (js({"detail": "User is locked. Reason: Exhausted balance. Top up your balance."}, 403), OutOfFunds),
        (js({"detail": "no"}, 402), OutOfFunds),
        (html(429), RateLimited),
        (html(404), BadReply),
        (html(200), BadReply),
        (js({"hello": 1}), BadReply),
        (html(502), BadReply),
        (Act(302, headers=(("Location", "https://example.com/"),)), BadReply),
        (Act(drop="body"), Unreachable),
        (Act(hang=5.0), Unreachable),
    ],
)
def test_each_refusal_has_its_name(act: Act, kind: type[AppError]) -> None:
    with pytest.raises(kind) as caught:
        checked(act)
    assert KEY not in str(caught.value)


def test_no_key_at_all_is_sent_without_one() -> None:
    with pytest.raises(Unauthorized):
        checked(js({"detail": "Authorization header is required"}, 401), key=None)


def test_nobody_there() -> None:
    async def run() -> None:
        async with hostile() as server:
            url = server.url
        async with make_host(local(url, Key(KEY)), QUICK) as host:
            await check_key(host)

    with pytest.raises(Unreachable):
        asyncio.run(run())


def test_the_real_engine_knows_its_key(tmp_path: Path) -> None:
    async def check(url: str, key: str | None) -> None:
        async with make_host(local(url, Key(key) if key else None)) as host:
            await check_key(host)

    with start_engine(tmp_path) as engine:
        asyncio.run(check(engine.url, engine.key))
        for wrong in ("wrong", None):
            with pytest.raises(Unauthorized):
                asyncio.run(check(engine.url, wrong))
