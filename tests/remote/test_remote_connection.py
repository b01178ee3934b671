"""Connections and keys: where a key may go, and that it shows itself nowhere."""

import copy
import pickle

import pytest

from app.errors import FieldError, Unauthorized
from app.remote.connection import Connection, Key, fal, local, origin

SECRET = "id-77:sesame"


def test_a_key_shows_itself_nowhere() -> None:
    key = Key(f"  {SECRET}\n")
    connection = fal(key)
    for text in (repr(key), str(key), f"{key}", f"{key!r:>20}", repr(connection), str([key]), repr({"k": connection})):
        assert SECRET not in text
        assert "sesame" not in text
    assert key.reveal() == SECRET
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_key_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(fal(Key(SECRET)), protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(Key(SECRET))


def test_keys_compare_by_what_they_hold() -> None:
    assert Key(SECRET) == Key(SECRET)
    assert Key(SECRET) != Key(SECRET + "x")
    assert Key(SECRET) != SECRET
    assert len({Key(SECRET), Key(SECRET)}) == 1


@pytest.mark.parametrize("text", ["", "   ", "two words", "line\nbreak", "schlüssel", "\x7f", "x" * 1001])
def test_what_cannot_be_a_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        Key(text)
    assert not text.strip() or text.strip() not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://queue.example.com", "http://192.168.1.5:8000", "ftp://queue.example.com", "queue.example.com", "",
        "https://", "https://user:pass@queue.example.com", "https://queue.example.com/?a=1", "https://q.com/#x",
        "https://q.com:0", "https://q.com:99999", "https://q .com", "https://q.com\\@evil.com", "file:///etc/passwd",
        "http://127.0.0.1.evil.com", "http://localhost.evil.com", "https://[::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_safe_are_refused(url: str) -> None:
    with pytest.raises(FieldError) as caught:
        Connection("x", url, "https://storage.example.com")
    assert caught.value.field == "queue_url"
    with pytest.raises(FieldError) as caught:
        Connection("x", "https://queue.example.com", "https://storage.example.com", proxy_url=url)
    assert caught.value.field == "proxy_url"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://localhost:1", True),
        ("http://[::1]:8000", True),
        ("http://127.9.9.9", True),
        ("https://127.0.0.1", True),
        ("https://queue.fal.run", False),
        ("https://10.0.0.4", False),
    ],
)
def test_loopback_is_told_by_the_spelling(url: str, loopback: bool) -> None:
    connection = local(url, None)
    assert connection.loopback is loopback
    assert connection.storage_url == url.rstrip("/") + "/storage"


def test_fal_is_two_hosts() -> None:
    connection = fal(Key(SECRET))
    assert (connection.queue_url, connection.storage_url) == ("https://queue.fal.run", "https://rest.fal.ai/storage")
    assert connection.trusts("https://queue.fal.run/a/b")
    assert connection.trusts("https://queue.fal.run:443/a/b")
    assert connection.trusts("https://rest.fal.ai/storage/upload/initiate")
    assert not connection.serves("https://rest.fal.ai/a/b/requests/1")


@pytest.mark.parametrize(
    "url",
    [
        "http://queue.fal.run/a", "https://queue.fal.run:8443/a", "https://queue.fal.run.evil.com/a",
        "https://evil.com/queue.fal.run", "https://queue.fal.run@evil.com/", "https://x@queue.fal.run/",
        "https://v3.fal.media/files/a", "//queue.fal.run/a", "https://queue.fal.run\\.evil.com/",
        "https://queue.fal.run\n.evil.com", "",
    ],
)  # fmt: skip
def test_no_other_origin_is_trusted(url: str) -> None:
    assert not fal(Key(SECRET)).trusts(url)
    assert not fal(Key(SECRET)).serves(url)


def test_a_proxy_stands_in_for_the_key() -> None:
    assert not fal(Key(SECRET), proxy_url="https://studio.example.com/fal").trusts("https://queue.fal.run/a/b")


def test_files_come_by_https_or_from_this_machine_to_this_machine() -> None:
    here, there = local("http://127.0.0.1:5000", None), fal(None)
    assert here.may_fetch("http://127.0.0.1:6000/f")
    assert here.may_fetch("https://cdn.example.com/f")
    assert not here.may_fetch("http://cdn.example.com/f")
    assert there.may_fetch("https://cdn.example.com/f")
    for url in ("http://127.0.0.1:6000/f", "http://localhost/f", "file:///etc/passwd", "ftp://x/f", "data:,x"):
        assert not there.may_fetch(url)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("HTTPS://Queue.Fal.Run/x?y") == ("https", "queue.fal.run", 443)
    assert origin("http://h:81/") == ("http", "h", 81)
    assert origin("mailto:a@b.c") is None
