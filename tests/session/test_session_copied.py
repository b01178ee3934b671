"""Where a copied request goes, and which key it asks for: never one host's key for another host."""

import pytest

from app.endpoints.request import Kind, Request
from app.endpoints.spelled import Call
from app.remote.connection import Connection, Key, fal, local
from app.session.connections import Connections
from app.session.copied import call_for
from app.sound.region import Region


def call(connection: str, *known: Connection) -> Call:
    connections = Connections()
    for each in known:
        connections.put(each)
    request = Request(
        endpoint="house/thing",
        connection=connection,
        kind=Kind.FILL,
        params={},
        mask=Region(1, 2),
        excerpt=Region(0, 3),
        rate=1,
        source_field="audio_url",
    )
    return call_for(request, "take 2", connections)


def test_a_call_for_fal_needs_no_connection() -> None:
    assert call("fal") == call("fal", fal(Key("id:secret")))
    assert (call("fal").queue_url, call("fal").key) == ("https://queue.fal.run", "FAL_KEY")
    assert call("fal").body["audio_url"] == "<URL of the excerpt: 0.00–3.00 s of take 2>"


def test_a_studios_proxy_is_asked_instead() -> None:
    found = call("fal", fal(None, "https://studio.example/fal"))
    assert found.proxy_url == "https://studio.example/fal"
    assert "KEY" not in found.as_curl()


@pytest.mark.parametrize(("key", "name"), [(Key("abc"), "RETAKE_KEY"), (None, "")])
def test_other_hosts_have_a_key_of_their_own_or_none(key: Key | None, name: str) -> None:
    found = call("studio", local("https://studio.example", key, "studio"))
    assert (found.queue_url, found.key, found.proxy_url) == ("https://studio.example", name, None)


def test_a_host_that_is_gone_is_named_in_words() -> None:
    found = call("studio")
    assert found.target == "<address of studio>/house/thing"
    assert found.key == "RETAKE_KEY"
