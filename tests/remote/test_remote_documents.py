"""Documents by id, page or address: which endpoint a text names, and what is fetched from where, without a key."""

import asyncio
import json
from collections.abc import Callable

import pytest
from following import QUICK
from hostile_server import Act, Hostile, hostile, html, js
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError, BadReply, FieldError, RateLimited, Rejected, Unreachable
from app.remote.connection import Key, local
from app.remote.documents import document_url, endpoint_id_of, fetch_document, get_document
from app.remote.host import make_host

ID = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"


@pytest.mark.parametrize(
    "text",
    [
        ID, f"  {ID}/ \n", f"`{ID}`", f'"{ID}"', f"https://fal.ai/models/{ID}", f"https://fal.ai/models/{ID}/",
        f"https://fal.ai/models/{ID}/api", f"https://fal.ai/models/{ID}/playground", f"https://fal.ai/models/{ID}/llms.txt",
        f"https://fal.ai/models/{ID}/api#schema", f"https://fal.ai/models/{ID}?share=1", f"<https://fal.ai/models/{ID}>",
        f"http://www.fal.ai/models/{ID}", f"fal.ai/models/{ID}", f"www.fal.ai/models/{ID}/api",
        f"https://fal.ai/explore/models/{ID}", f"https://fal.ai/models/{ID.replace('-', '%2D')}",
        f"https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={ID}",
        f"https://fal.ai/api/openapi/queue/openapi.json?x=1&endpoint_id={ID.replace('/', '%2F')}&y=2",
        f"http://127.0.0.1:9000/api/openapi/queue/openapi.json?endpoint_id={ID}",
        f"https://queue.fal.run/{ID}", f"https://fal.run/{ID}", f"queue.fal.run/{ID}",
        f"https://queue.fal.run/{ID}/requests/764cabcf/status",
    ],
)  # fmt: skip
def test_texts_that_name_an_endpoint(text: str) -> None:
    assert endpoint_id_of(text) == ID


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "hello world", "fal-ai", "https://fal.ai", "https://fal.ai/models", "https://fal.ai/models/fal-ai",
        "https://fal.ai/docs/api-reference/inference-api", "https://example.com/models/fal-ai/x", "/etc/passwd",
        "../../x", "docs/openapi.json", "a/b.yaml", "https://", "https://[bad/models/a/b", "a//b", "file:///a/b",
        "https://user:pw@fal.ai/models/a/b", "x/" * 300, "fal-ai/x?y=1", "https://fal.ai/models/a/..%2F..%2Fb c",
        "https://x/openapi.json?endpoint_id=nothing", "fal-ai/../x", "a/b\nc/d",
    ],
)  # fmt: skip
def test_texts_that_name_none(text: str) -> None:
    assert endpoint_id_of(text) is None


def test_short_ids_keep_a_last_part_that_looks_like_a_page() -> None:
    assert endpoint_id_of("https://fal.ai/models/acme/api") == "acme/api"
    assert endpoint_id_of("https://fal.ai/models/acme/fill/api") == "acme/fill"


@given(st.text() | st.text().map(lambda text: f"https://fal.ai/models/{text}"))
def test_any_text_names_an_endpoint_or_none(text: str) -> None:
    found = endpoint_id_of(text)
    assert found is None or endpoint_id_of(document_url(found)) == found


def test_an_address_for_every_id() -> None:
    assert document_url(ID) == f"https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={ID}"
    for bad in ("fal-ai", "a b/c", "a/b&x=1", "../x/y"):
        with pytest.raises(Rejected):
            document_url(bad)


def fetched(path: str = "/doc.json", prepare: Callable[[Hostile], object] = lambda s: None) -> tuple[object, Hostile]:
    async def run() -> tuple[object, Hostile]:
        async with hostile() as server:
            prepare(server)
            return await get_document(server.url + path, QUICK), server

    return asyncio.run(run())


def acts(*given: Act) -> Callable[[Hostile], object]:
    return lambda server: server.acts.update(other=list(given))


def test_a_document_comes_without_a_key() -> None:
    document = {"openapi": "3.0.4", "paths": {}}

    async def run() -> tuple[object, Hostile]:
        # Even where the client at hand is one of a host with a key.
        async with (
            hostile({"other": [js(document)]}) as server,
            make_host(local(server.url, Key("secret-key")), QUICK) as host,
        ):
            return await fetch_document(host.plain, f"  {server.url}/doc.json ", QUICK), server

    found, server = asyncio.run(run())
    assert found == document
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/doc.json")
    assert "authorization" not in seen.headers
    assert "secret" not in repr(seen)


def test_redirects_are_followed_so_far_and_no_further() -> None:
    hop = Act(302, headers=(("Location", "/next.json"),))
    assert fetched(prepare=acts(hop, hop, hop, js({"a": 1})))[0] == {"a": 1}
    with pytest.raises(BadReply, match="without end"):
        fetched(prepare=acts(hop, hop, hop, hop, js({"a": 1})))


@pytest.mark.parametrize("where", ["file:///etc/passwd", "http://example.com/x", "ftp://x/y", "http://[bad"])
def test_a_redirect_to_an_unsafe_address_is_not_taken(where: str) -> None:
    with pytest.raises(BadReply):
        fetched(prepare=acts(Act(302, headers=(("Location", where),)), js({"a": 1})))


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (html(200), BadReply, "no JSON"),
        (Act(body=b"{"), BadReply, "no JSON"),
        (Act(body=b"[" * 50_000), BadReply, "no JSON"),
        (js(None), BadReply, "no document of this endpoint"),
        (html(404), BadReply, "no document at this address"),
        (js({"detail": "unknown endpoint_id"}, 400), BadReply, "unknown endpoint_id"),
        (html(401), BadReply, "does not give out"),
        (html(403), BadReply, "does not give out"),
        (html(429), RateLimited, "wait"),
        (html(502), BadReply, "trouble of its own"),
        (Act(body=b" " * 200_000), BadReply, "far too long"),
        (Act(body=b" " * 10_000, repeat=50, declare=False), BadReply, "far too long"),
        (Act(drop="head"), Unreachable, "broke off"),
        (Act(hang=5.0), Unreachable, "in time"),
    ],
)
def test_what_is_no_document_is_one_clear_sentence(act: Act, kind: type[AppError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        fetched(prepare=acts(act))
    assert caught.value.hint


@pytest.mark.parametrize(
    "url",
    ["", "hello", "http://example.com/d", "file:///etc/passwd", "https://a:b@c/d", "https://", f"https://{'y' * 5000}"],
)  # fmt: skip
def test_only_https_or_this_machine_is_asked(url: str) -> None:
    with pytest.raises(FieldError) as caught:
        asyncio.run(get_document(url))
    assert caught.value.field == "url"


def test_nobody_there() -> None:
    async def run() -> None:
        async with hostile() as server:
            url = server.url
        await get_document(f"{url}/doc.json", QUICK)

    with pytest.raises(Unreachable, match="cannot be reached"):
        asyncio.run(run())


def test_a_large_document_fits() -> None:
    document = {"components": {"x" * 100: "y" * 1_000_000}}

    async def run() -> object:
        async with hostile({"other": [js(document)]}) as server:
            return await get_document(f"{server.url}/doc.json")

    assert asyncio.run(run()) == json.loads(json.dumps(document))
