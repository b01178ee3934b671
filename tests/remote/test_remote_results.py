"""Files in answers of every shape that the hosted endpoints are known to give."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.fields import Json
from app.remote.results import files_of

U = "https://cdn.example.com/files/b/ab/"


def file(name: str, **more: Json) -> Json:
    return {"url": U + name, "content_type": None, "file_name": None, "file_size": None, **more}


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        ({"audio": file("a.wav"), "seed": 1, "prompt": "p"}, ["audio"]),
        ({"audio": U + "a.mp3", "seed": 1}, ["audio"]),
        ({"audio": [file("a.wav"), file("b.wav")]}, ["audio.0", "audio.1"]),
        ({"audio": [file("a.wav")]}, ["audio"]),
        ({"audio_file": file("a.wav")}, ["audio_file"]),
        ({"audio_url": file("a.wav")}, ["audio_url"]),
        ({"audio_url": U + "a"}, ["audio_url"]),
        ({"audio": file("a.wav"), "audios": [file("a.wav"), file("b.wav")]}, ["audio", "audios.1"]),
        ({"audios": [U + "a.wav", U + "b.wav"]}, ["audios.0", "audios.1"]),
        ({"target": file("t.wav"), "residual": file("r.wav"), "duration": 3}, ["target", "residual"]),
        (
            {"vocals": file("v.mp3"), "drums": None, "bass": file("b.mp3"), "other": file("o.mp3")},
            ["vocals", "bass", "other"],
        ),
        ({"stems": {"vocals": file("v.wav"), "drums": file("d.wav")}}, ["stems.vocals", "stems.drums"]),
        ({"output": {"result": {"audio": file("a.wav")}}}, ["output.result.audio"]),
        ({"audio": {"url": "data:audio/wav;base64,UklGRg=="}}, ["audio"]),
        ({"sound": "data:audio/mpeg;base64,AAAA"}, ["sound"]),
        ({"audio": {"url": U + "a.wav", "preview": {"url": U + "p.mp3"}}}, ["audio", "audio.preview"]),
        ([file("a.wav")], ["url"]),
        ({"audio": None, "timings": {"inference": 1.0}}, []),
        ({"audio": "/etc/passwd", "url": "file:///etc/passwd", "a": {"url": "ftp://x/y"}, "b": {"url": 7}}, []),
        ({"prompt": "see https://example.com", "text": "https://example.com/a.wav"}, []),
        ("https://cdn.example.com/a.wav", []),
        (None, []),
    ],
)
def test_known_shapes(answer: Json, keys: list[str]) -> None:
    assert [each.key for each in files_of(answer)] == keys


def test_sounds_come_first_whatever_the_order_and_the_content_type() -> None:
    answer: Json = {
        "video": file("v.mp4", content_type="video/mp4"),
        "config_file": file("c.json", content_type="application/json"),
        "lora_file": file("l.safetensors"),
        "waveform": file("w.png", content_type="image/png"),
        "audio": file("noext", content_type="image/png"),
        "extra": file("e.flac"),
    }
    found = files_of(answer)
    assert [(each.key, each.audio) for each in found] == [
        ("audio", True),
        ("extra", True),
        ("video", False),
        ("config_file", False),
        ("lora_file", False),
        ("waveform", False),
    ]


def test_what_the_host_says_about_a_file_is_kept_as_hearsay() -> None:
    (found,) = files_of({"audio": file("a", content_type="audio/wav", file_name="../x.wav", file_size=44)})
    assert (found.content_type, found.file_name, found.size) == ("audio/wav", "../x.wav", 44)
    for odd in (True, -3, "7", 1.5):
        (found,) = files_of({"audio": file("a", file_size=odd)})
        assert found.size is None


def test_answers_without_bottom_or_end() -> None:
    deep: Json = file("a.wav")
    for _ in range(500):
        deep = {"audio": deep}
    assert files_of(deep) == ()
    assert len(files_of({"audio": [file(f"{n}.wav") for n in range(1000)]})) == 64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(U + "x.wav"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["url", "audio"]), inner),
    max_leaves=30,
)


@given(JSON)
def test_no_answer_at_all_breaks_the_walk(answer: Json) -> None:
    found = files_of(json.loads(json.dumps(answer)))
    assert len({each.url for each in found}) == len(found)
    assert [each.audio for each in found] == sorted((each.audio for each in found), reverse=True)
