"""Who may come in: keys, hosts, origins; and what a refusal says."""

from dataclasses import replace

import pytest

from app.engine.config import is_loopback, read_key
from app.errors import EngineError


@pytest.fixture
def key(engine_server):
    return engine_server.headers


@pytest.mark.parametrize("path", ["/retake/inpaint", "/retake/inpaint/requests/x/status", "/storage/upload/initiate"])
@pytest.mark.parametrize(
    "value", ["Key wrong", "Key", "Bearer secret", "secret", "Basic c2VjcmV0", "Key secre", "Key ü"]
)
def test_a_wrong_key_is_refused(stranger, path, value):
    answer = stranger.post(path, headers={"Authorization": value.encode("latin-1")}, json={})
    assert (answer.status_code, answer.json()) == (401, {"detail": "invalid key credentials"})


def test_no_key_is_refused_in_the_words_of_each_service(stranger):
    queue = stranger.post("/retake/inpaint", json={})
    assert queue.status_code == 401
    assert queue.json()["detail"].startswith('Cannot access application "retake/inpaint".')
    storage = stranger.post("/storage/upload/initiate", json={})
    assert (storage.status_code, storage.json()) == (401, {"detail": "Authorization header is required"})
    assert stranger.post("/files/upload", content=b"x").json() == {"detail": "Authorization header is required"}
    assert stranger.get("/v1/models").status_code == 401


def test_the_right_key_opens_and_documents_need_none(stranger, key, engine_server):
    assert stranger.get("/v1/models", headers=key).status_code == 200
    assert stranger.get("/v1/models", headers={"Authorization": f"key {engine_server.key}"}).status_code == 200
    assert stranger.get("/api/openapi/queue/openapi.json?endpoint_id=retake/inpaint").status_code == 200
    assert stranger.get("/health").status_code == 200


def test_a_token_opens_the_files_but_not_the_queue(stranger, key):
    token = stranger.post("/storage/auth/token", headers=key, json={}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.post("/files/upload", content=b"x", headers=bearer).status_code == 200
    assert stranger.post("/retake/inpaint", json={}, headers=bearer).status_code == 401
    assert stranger.get("/v1/models", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example:8000", 400),
        ("192.168.1.5:8000", 400),
        ("", 400),
        ("[::1", 400),
    ],
)
def test_only_our_own_names_are_answered(stranger, key, host, code):
    assert stranger.get("/v1/models", headers={**key, "Host": host}).status_code == code


def test_an_engine_for_others_answers_to_addresses_and_given_names(make_config):
    config = replace(make_config(), loopback=False, hosts=frozenset({"studio"}))
    assert config.answers_to("192.168.1.5")
    assert config.answers_to("Studio")
    assert not config.answers_to("evil.example")


def test_a_web_page_of_another_origin_is_refused_even_without_a_key(make_config, serving):
    client = serving(make_config(key=None))
    assert client.get("/v1/models").status_code == 200
    refused = client.post("/files/upload", content=b"x", headers={"Origin": "http://evil.example"})
    assert refused.status_code == 403
    assert client.post("/files/upload", content=b"x", headers={"Origin": "null"}).status_code == 403
    own = client.post("/files/upload", content=b"x", headers={"Origin": str(client.base_url)})
    assert own.status_code == 200


def test_a_long_body_is_refused(make_config, serving):
    client = serving(make_config(max_body=1000))
    answer = client.post("/retake/inpaint", headers={"Authorization": "Key secret"}, json={"audio_url": "x" * 2000})
    assert answer.status_code == 413


def test_the_key_shows_in_no_repr(make_config):
    assert "secret" not in repr(make_config())


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"\xff\xfe", b"a\nb\n"])
def test_a_key_file_without_a_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(EngineError, match="key file"):
        read_key(path)


def test_a_key_file_is_read_without_its_line_end(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"id:secret\r\n")
    assert read_key(path) == "id:secret"
    with pytest.raises(EngineError):
        read_key(tmp_path / "none")


def test_loopback_is_told_from_the_rest():
    assert is_loopback("127.0.0.1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    with pytest.raises(EngineError):
        is_loopback("no.such.host.invalid")
