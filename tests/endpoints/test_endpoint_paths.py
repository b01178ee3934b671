"""Values at their places in a request: nested, listed, beyond a list's end."""

import pytest

from app.endpoints.paths import in_order, put_at
from app.endpoints.request import Kind, Request
from app.sound.region import Region


@pytest.mark.parametrize(
    ("values", "path", "result"),
    [
        ({"a": 1}, "audio_url", {"a": 1, "audio_url": "U"}),
        ({"voice": {"gain": 1}}, "voice.url", {"voice": {"gain": 1, "url": "U"}}),
        ({}, "a.b.c", {"a": {"b": {"c": "U"}}}),
        ({"a": "text"}, "a.b", {"a": {"b": "U"}}),
        ({}, "urls[0]", {"urls": ["U"]}),
        ({"urls": ["x", None, "z"]}, "urls[1]", {"urls": ["x", "U", "z"]}),
        ({"urls": ["x"]}, "urls[7]", {"urls": ["x", "U"]}),
        ({"urls": ["x"]}, "urls[]", {"urls": ["U"]}),
        ({"urls": None}, "urls[]", {"urls": ["U"]}),
        ({"l": [{"a": 1}, {"a": 2}]}, "l[1].path", {"l": [{"a": 1}, {"a": 2, "path": "U"}]}),
        ({"spans": [{"end": 2}]}, "spans[].start", {"spans": [{"end": 2, "start": "U"}]}),
        ({}, "odd]name", {"odd]name": "U"}),
    ],
)  # fmt: skip
def test_a_value_is_put_at_its_path_into_a_copy(values, path, result):
    before = repr(values)
    assert put_at(values, path, "U") == result
    assert repr(values) == before


def test_entries_come_by_their_numbers():
    paths = [f"urls[{n}]" for n in (10, 2, 0, 1)]
    assert in_order(paths) == ["urls[0]", "urls[1]", "urls[2]", "urls[10]"]


def test_a_body_has_every_upload_in_its_place():
    request = Request(
        endpoint="a/b", connection="fal", kind=Kind.VARY, params={"prompt": "p", "loras": [{"scale": 0.5}]},
        mask=Region(0, 1), excerpt=Region(0, 1), rate=44100, source_field="input.audio",
    )  # fmt: skip
    uploaded = {"voices[1]": "https://x/2", "voices[0]": "https://x/1", "loras[0].path": "https://x/l"}
    assert request.body("https://x/s", uploaded) == {
        "prompt": "p",
        "input": {"audio": "https://x/s"},
        "voices": ["https://x/1", "https://x/2"],
        "loras": [{"scale": 0.5, "path": "https://x/l"}],
    }
    assert request.body(None) == request.params
    assert request.params["loras"] == [{"scale": 0.5}]
