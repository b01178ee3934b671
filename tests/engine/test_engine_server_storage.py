"""Storage over raw HTTP: every way in, and what comes out."""

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from app.engine.store import shown_name

DATA = bytes(range(256)) * 5000


@pytest.fixture
def token(http):
    answer = http.post("/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    return {"Authorization": f"{answer['token_type']} {answer['token']}"}


def test_a_token_says_where_to_upload_and_until_when(http, engine_server):
    answer = http.post("/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    assert answer["token_type"] == "Bearer"
    assert answer["base_url"] == engine_server.url
    assert datetime.fromisoformat(answer["expires_at"]) > datetime.now(UTC)
    assert engine_server.key not in answer["token"]


def test_a_file_comes_back_as_it_went(stranger, token):
    headers = {**token, "Content-Type": "audio/wav", "X-Fal-File-Name": "my take.wav"}
    url = stranger.post("/files/upload", content=DATA, headers=headers).json()["access_url"]
    answer = stranger.get(url)
    assert answer.content == DATA
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["content-type"] == "audio/wav"
    assert url.endswith("/my_take.wav")


def test_downloads_know_head_and_range(http):
    url = http.post("/files/upload", content=DATA).json()["access_url"]
    head = http.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(DATA)))
    assert head.headers["accept-ranges"] == "bytes"
    part = http.get(url, headers={"Range": "bytes=1000-1099"})
    assert part.status_code == 206
    assert part.content == DATA[1000:1100]
    assert part.headers["content-range"] == f"bytes 1000-1099/{len(DATA)}"
    assert http.get(url, headers={"Range": "bytes=-10"}).content == DATA[-10:]
    assert http.get(url, headers={"Range": f"bytes={len(DATA)}-"}).status_code == 416


@pytest.mark.parametrize("kind", ["gcs", "fal-cdn-v3"])
def test_a_presigned_target_needs_no_key_and_refuses_one(http, stranger, engine_server, kind):
    body = {"file_name": "a.flac", "content_type": "audio/flac"}
    made = http.post(f"/storage/upload/initiate?storage_type={kind}", json=body).json()
    assert stranger.get(made["file_url"]).status_code == 404
    leak = stranger.put(made["upload_url"], content=DATA, headers=engine_server.headers)
    assert leak.status_code == 400
    assert stranger.get(made["file_url"]).status_code == 404
    assert stranger.put(made["upload_url"], content=b"first").status_code == 200
    assert stranger.put(made["upload_url"], content=DATA).status_code == 200
    answer = stranger.get(made["file_url"])
    assert answer.content == DATA
    assert answer.headers["content-type"] == "audio/flac"
    assert stranger.put(f"{engine_server.url}/storage/put/guessed", content=DATA).status_code == 403


def test_parts_to_a_presigned_target(http, stranger):
    made = http.post("/storage/upload/initiate-multipart?storage_type=fal-cdn-v3", json={"file_name": "a.wav"}).json()
    pieces = [DATA[i : i + 300_000] for i in range(0, len(DATA), 300_000)]

    def bring(number):
        answer = stranger.put(f"{made['upload_url']}/{number}?x=1", content=pieces[number - 1])
        assert answer.headers["etag"] == answer.json()["etag"]
        return answer.json()

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(bring, reversed(range(1, len(pieces) + 1))))
    answer = stranger.post(f"{made['upload_url']}/complete?x=1", json={"parts": parts})
    assert answer.status_code == 200
    assert stranger.get(made["file_url"]).content == DATA


def test_parts_with_a_token_in_any_order(stranger, token):
    made = stranger.post("/files/upload/multipart", headers={**token, "X-Fal-File-Name": "b.wav"}).json()
    base = f"{made['access_url']}/multipart/{made['uploadId']}"
    parts = []
    for number in (2, 1):
        piece = DATA[:700_000] if number == 1 else DATA[700_000:]
        answer = stranger.put(f"{base}/{number}", content=piece, headers=token)
        assert answer.headers["etag"].strip('"') == hashlib.sha256(piece).hexdigest()
        parts.append({"partNumber": number, "etag": answer.headers["etag"]})
    assert stranger.put(f"{base}/1", content=b"").status_code == 401
    wrong = [{**parts[0], "etag": "no"}, parts[1]]
    assert stranger.post(f"{base}/complete", json={"parts": wrong}, headers=token).status_code == 400
    assert stranger.post(f"{base}/complete", json={"parts": []}, headers=token).status_code == 400
    assert stranger.post(f"{base}/complete", json={"nothing": 1}, headers=token).status_code == 400
    assert stranger.post(f"{base}/complete", json={"parts": parts}, headers=token).status_code == 200
    assert stranger.get(made["access_url"]).content == DATA
    assert stranger.put(f"{base}/0", content=b"x", headers=token).status_code == 400


def test_an_upload_that_breaks_off_leaves_nothing(engine_server, http):
    before = set(engine_server.data.rglob("files/*"))

    def broken():
        yield b"x" * 100_000
        raise RuntimeError("cut")

    with httpx.Client(base_url=engine_server.url, headers=engine_server.headers) as client, pytest.raises(RuntimeError):
        client.post("/files/upload", content=broken())
    assert http.get("/health").json() == {"status": "ok"}
    assert _settled(lambda: set(engine_server.data.rglob("files/*")) == before)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "...", "a\tb\0c.wav", "é/ü"]
)
def test_a_clients_name_never_becomes_a_path(http, engine_server, name):
    made = http.post("/storage/upload/initiate", json={"file_name": name}).json()
    with httpx.Client() as stranger:
        assert stranger.put(made["upload_url"], content=b"hello").status_code == 200
        assert stranger.get(made["file_url"]).content == b"hello"
    shown = made["file_url"].rsplit("/", 1)[-1]
    assert shown == shown_name(name)
    assert not shown.startswith(".")
    assert all(each.name.isalnum() for each in engine_server.data.rglob("files/*"))


def test_what_is_no_sound_is_never_served_as_a_page(http):
    url = http.post("/files/upload", content=b"<script>", headers={"Content-Type": "text/html"}).json()["access_url"]
    answer = http.get(url)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_limits_of_one_file_and_of_all(make_config, serving):
    config = make_config(max_upload=1000, max_stored=2500)
    client = serving(config)
    client.headers = {"Authorization": "Key secret"}
    assert client.post("/files/upload", content=b"x" * 1001).status_code == 413
    urls = [client.post("/files/upload", content=b"x" * 1000).json()["access_url"] for _ in range(2)]
    full = client.post("/files/upload", content=b"x" * 1000)
    assert full.status_code == 507
    assert full.json()["detail"]
    # What was refused is gone from the disk and from the count.
    assert client.post("/files/upload", content=b"x" * 400).status_code == 200
    assert client.get(urls[0]).status_code == 200
    assert len(list((config.data / "files").iterdir())) == 3


def test_an_upload_target_expires(make_config, serving):
    client = serving(make_config(ticket_seconds=-1.0))
    made = client.post(
        "/storage/upload/initiate", json={"file_name": "a"}, headers={"Authorization": "Key secret"}
    ).json()
    assert client.put(made["upload_url"], content=b"x").status_code == 403


def test_memory_stays_flat_while_a_large_file_comes(engine_server, http):
    def stream():
        for _ in range(64):
            yield bytes(1 << 20)

    before = _resident(engine_server.process.pid)
    url = http.post("/files/upload", content=stream()).json()["access_url"]
    assert _resident(engine_server.process.pid) - before < 20 << 20
    assert http.head(url).headers["content-length"] == str(64 << 20)


def _resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _settled(condition, seconds=3.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
