"""Uploads and downloads byte by byte: whole or not at all, without the key, within size and time."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from following import QUICK
from hostile_server import KEY, SOUND, Act, Hostile, hostile, html, js

from app.errors import BadReply, Rejected, RemoteError, UnwritableFile
from app.remote.connection import Key, fal, local
from app.remote.host import Host, Limits, limits_for, make_host
from app.remote.storage import DownloadFacts, download, upload

T = TypeVar("T")


def against(
    acts: dict[str, list[Act]], work: Callable[[Host, Hostile], Awaitable[T]], limits: Limits = QUICK
) -> tuple[T, Hostile]:
    async def run() -> tuple[T, Hostile]:
        async with hostile(acts) as server, make_host(local(server.url, Key(KEY), "test"), limits) as host:
            return await work(host, server), server

    return asyncio.run(run())


def send(
    path: Path, acts: dict[str, list[Act]] | None = None, limits: Limits = QUICK
) -> tuple[tuple[str, list[tuple[int, int | None]]], Hostile]:
    told: list[tuple[int, int | None]] = []

    async def work(host: Host, server: Hostile) -> tuple[str, list[tuple[int, int | None]]]:
        where = {"upload_url": f"{server.url}/put/1?sig=s3cret", "file_url": f"{server.url}/files/src.wav"}
        server.acts.setdefault("initiate", [js(where)])
        url = await upload(
            host.connection,
            host.http,
            path,
            "audio/wav",
            plain=host.plain,
            progress=lambda done, total: told.append((done, total)),
            limits=limits,
        )
        return url, told

    return against(acts or {}, work, limits)


def fetch(
    target: Path,
    acts: dict[str, list[Act]] | None = None,
    limits: Limits = QUICK,
    url: str = "",
    declared: int | None = None,
) -> tuple[DownloadFacts, Hostile]:
    return against(
        acts or {},
        lambda host, server: download(
            host.connection, host.plain, url or f"{server.url}/files/out.wav", target, declared=declared, limits=limits
        ),
        limits,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "Grandma's secret tape.WAV"
    path.write_bytes(bytes(range(256)) * 3000)
    return path


def test_an_upload_arrives_whole_and_only_its_initiation_has_the_key(source: Path) -> None:
    (url, told), server = send(source)
    initiate, put = server.seen
    assert url == f"{server.url}/files/src.wav"
    assert initiate.headers["authorization"] == f"Key {KEY}"
    assert b"Grandma" not in initiate.body
    assert b'"source.wav"' in initiate.body
    assert "authorization" not in put.headers
    assert put.headers["content-type"] == "audio/wav"
    assert put.headers["content-length"] == str(source.stat().st_size)
    assert "transfer-encoding" not in put.headers
    assert put.body == source.read_bytes()
    size = source.stat().st_size
    assert told[0] == (0, size)
    assert told[-1] == (size, size)
    assert told == sorted(told)
    assert len(told) > 3


def test_an_upload_is_tried_anew_with_a_new_address(source: Path) -> None:
    _, server = send(source, {"put": [html(503), Act(200)]})
    assert [seen.stage for seen in server.seen] == ["initiate", "put", "initiate", "put"]
    assert server.seen[-1].body == source.read_bytes()


def test_a_large_upload_goes_in_parts_and_only_a_lost_part_again(source: Path) -> None:
    limits = replace(QUICK, multipart_above=500_000, part_bytes=300_000)
    tag = Act(200, headers=(("ETag", '"e1"'),))
    acts = {"put": [tag, html(502), js({"partNumber": 2, "etag": "e2"}), tag, Act(200)]}
    (_, told), server = send(source, acts, limits)
    assert server.seen[0].path.startswith("/storage/upload/initiate-multipart?")
    puts = [seen for seen in server.seen if seen.stage == "put"]
    assert [(seen.method, seen.path) for seen in puts] == [
        ("PUT", "/put/1/1?sig=s3cret"),
        ("PUT", "/put/1/2?sig=s3cret"),
        ("PUT", "/put/1/2?sig=s3cret"),
        ("PUT", "/put/1/3?sig=s3cret"),
        ("POST", "/put/1/complete?sig=s3cret"),
    ]
    assert puts[0].body + puts[2].body + puts[3].body == source.read_bytes()
    assert puts[4].body == (
        b'{"parts": [{"partNumber": 1, "etag": "\\"e1\\""}, {"partNumber": 2, "etag": "e2"}, '
        b'{"partNumber": 3, "etag": "\\"e1\\""}]}'
    )
    assert server.leaks() == []
    assert told[-1] == (768_000, 768_000)


def test_a_part_that_is_not_confirmed_is_an_error(source: Path) -> None:
    with pytest.raises(BadReply, match="confirm"):
        send(source, {"put": [Act(200)]}, replace(QUICK, multipart_above=500_000, part_bytes=300_000))


@pytest.mark.parametrize("key", ["upload_url", "file_url"])
@pytest.mark.parametrize("url", ["http://evil.example.com/put", "file:///tmp/x", "ftp://x/y"])
def test_a_storage_that_points_to_an_unsafe_address_gets_nothing(source: Path, key: str, url: str) -> None:
    async def run() -> None:
        async with hostile() as server, make_host(local(server.url, Key(KEY)), QUICK) as host:
            good = {"upload_url": f"{server.url}/put/1", "file_url": f"{server.url}/files/1"}
            server.acts["initiate"] = [js({**good, key: url})]
            with pytest.raises(BadReply, match="not safe"):
                await upload(host.connection, host.http, source, "audio/wav", plain=host.plain, limits=QUICK)
            assert [seen.stage for seen in server.seen] == ["initiate"]

    asyncio.run(run())


def test_a_source_that_is_gone_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="could not be read"):
        send(tmp_path / "gone.wav")


def test_a_download_arrives_whole_without_the_key(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out.bin"
    facts, server = fetch(target)
    assert target.read_bytes() == SOUND
    assert facts == DownloadFacts(target, len(SOUND), "audio/wav", hashlib.sha256(SOUND).hexdigest())
    assert "authorization" not in server.seen[0].headers
    assert server.seen[0].headers["accept-encoding"] == "identity"
    assert list(target.parent.iterdir()) == [target]


def test_a_broken_download_starts_over_and_leaves_what_was_there_until_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.bin"
    target.write_bytes(b"before")
    with pytest.raises(RemoteError):
        fetch(target, {"file": [Act(200, SOUND, cut=100)]})
    assert target.read_bytes() == b"before"
    with target.open("rb") as reader:
        _, server = fetch(target, {"file": [Act(200, SOUND, cut=100), Act(200, SOUND)]})
        assert reader.read() == b"before", "the file must be swapped whole, never written into"
    assert target.read_bytes() == SOUND
    assert server.count("file") == 2
    assert list(tmp_path.iterdir()) == [target]


def test_a_cut_that_http_cannot_see_is_told_by_the_size_in_the_answer(tmp_path: Path) -> None:
    cut = Act(200, SOUND, cut=100, declare=False)
    with pytest.raises(BadReply, match="broke off"):
        fetch(tmp_path / "out.bin", {"file": [cut]}, declared=len(SOUND))
    # With a length on the way, a wrong size in the answer (documentation examples have those) is of no weight.
    fetch(tmp_path / "out.bin", {"file": [Act(200, SOUND)]}, declared=10**9)
    assert (tmp_path / "out.bin").read_bytes() == SOUND


def test_a_lying_length_takes_no_disk(tmp_path: Path) -> None:
    lie = Act(200, b"x", (("Content-Length", str(10**15)),), declare=False)
    with pytest.raises(BadReply, match="more than"):
        fetch(tmp_path / "out.bin", {"file": [lie]})
    with pytest.raises(UnwritableFile, match="no room"):
        fetch(tmp_path / "out.bin", {"file": [lie]}, replace(QUICK, file_bytes=10**18))


def test_redirects_are_followed_so_far_and_no_further(tmp_path: Path) -> None:
    async def work(host: Host, server: Hostile) -> None:
        def hop(n: int) -> Act:
            return Act(302, headers=(("Location", f"/files/{n}"),))

        async def go(hops: int) -> None:
            server.acts["file"] = [*(hop(n) for n in range(hops)), Act(200, SOUND)]
            await download(host.connection, host.plain, f"{server.url}/files/x", tmp_path / "o", limits=QUICK)

        await go(3)
        with pytest.raises(BadReply, match="without end"):
            await go(4)

    against({}, work)
    assert (tmp_path / "o").read_bytes() == SOUND


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:80/f", "http://cdn.example.com/f", "https://127.0.0.1/f", "https://localhost/f",
        "https://10.0.0.1/f", "https://192.168.0.9/f", "https://169.254.169.254/latest", "https://[::1]/f",
        "https://[fe80::1]/f", "https://0.0.0.0/f", "https://user:pw@cdn.example.com/f", "file:///etc/passwd",
        "https://cdn.example.com/" + "x" * 9000,
    ],
)  # fmt: skip
def test_a_far_host_cannot_send_us_into_our_own_network(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as plain:
            with pytest.raises(BadReply) as caught:
                await download(fal(None), plain, url, tmp_path / "o", limits=QUICK)
            assert not caught.value.retryable

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "content"),
    [
        ("data:audio/wav;base64," + base64.b64encode(SOUND).decode(), SOUND),
        ("data:audio/wav;base64,UklGRg%3D%3D", b"RIFF"),
        ("data:,plain%20text", b"plain text"),
        ("data:audio/x;name=a;base64,AAAA", b"\0\0\0"),
    ],
)
def test_data_addresses_hold_their_file(url: str, content: bytes, tmp_path: Path) -> None:
    facts, server = fetch(tmp_path / "o", url=url)
    assert (tmp_path / "o").read_bytes() == content
    assert facts.size == len(content)
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    ["data:audio/wav;base64", "data:audio/wav;base64,@@@", "data:;base64,AAA", "data:,é", "data:," + "x" * 300_000],
)
def test_broken_or_giant_data_addresses(url: str, tmp_path: Path) -> None:
    if url == "data:,é":
        fetch(tmp_path / "o", url=url)
        return
    with pytest.raises(BadReply):
        fetch(tmp_path / "o", url=url)
    assert list(tmp_path.iterdir()) == []


def test_a_stuck_transfer_is_given_up(tmp_path: Path) -> None:
    """Each single read is in time, the whole is not."""
    limits = replace(QUICK, stall=0.2, stall_bytes=1000, transfer_tries=1)
    with pytest.raises(RemoteError, match="too slowly"):
        fetch(tmp_path / "o", {"file": [Act(200, SOUND, drip=0.01)]}, limits)


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UnwritableFile, match="could not be written"):
        fetch(tmp_path / "file" / "o")


def test_no_proxy_of_the_system_stands_between_us_and_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    fetch(tmp_path / "o")

    async def far() -> None:
        async with make_host(fal(None)):
            pass

    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")
    with pytest.raises(RemoteError, match="network proxy"):
        asyncio.run(far())
    assert limits_for(fal(None)).outage == float("inf")
