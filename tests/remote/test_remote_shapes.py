"""Whole jobs whose answers have every shape that hosts are known to give: which files come, which are sound."""

import asyncio
import base64
import io
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from following import QUICK, follow, make_order, make_request
from hostile_server import hostile
from recording_server import Recording

from app.errors import BadReply, Expired
from app.remote.job import JobState, JobUpdate, Limits, sounds


def wav(value: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes([value, 0]) * 40)
    return file.getvalue()


A, B, C = wav(1), wav(2), wav(3)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
FILES = {
    "/files/a.wav": ("audio/wav", A),
    "/files/b.wav": ("audio/wav", B),
    "/files/c.wav": ("audio/wav", C),
    "/files/noext": ("", A),
    "/files/lie": ("image/png", B),
    "/files/mystery": ("audio/x-wav", b"what only the transfer calls sound"),
    "/files/p.png": ("audio/wav", PNG),
    "/files/v.mp4": ("video/mp4", b"\0\0\0\x18ftypmp42" + bytes(40)),
    "/files/l.safetensors": ("application/octet-stream", b"\x08" + bytes(7) + b"{}"),
    "/files/c.json": ("application/json", b'{"rank": 16}'),
    "/files/s.zip": ("application/zip", b"PK\x03\x04" + bytes(30)),
}


def played(
    tmp_path: Path, answer: object, files: Mapping[str, tuple[str, bytes]] = FILES, limits: Limits = QUICK
) -> JobUpdate:
    async def run() -> JobUpdate:
        async with hostile(kind=Recording) as server:
            server.answer, server.files = answer, dict(files)
            order = make_order(tmp_path, source=None, request=make_request(source_field=None))
            return (await follow(server, order, limits=limits))[-1]

    return asyncio.run(run())


def file(name: str, **more: object) -> dict[str, object]:
    return {"url": f"@/files/{name}", "content_type": None, "file_name": None, "file_size": None, **more}


def data(content: bytes, kind: str = "audio/wav") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"audio": file("a.wav"), "seed": 1}, {"audio": A}, id="object"),
        pytest.param({"audio": {"url": "@/files/a.wav"}}, {"audio": A}, id="object with its url alone"),
        pytest.param({"audio": "@/files/a.wav"}, {"audio": A}, id="bare"),
        pytest.param({"audio": [file("a.wav"), file("b.wav")]}, {"audio.0": A, "audio.1": B}, id="list"),
        pytest.param({"audio": ["@/files/b.wav", "@/files/a.wav"]}, {"audio.0": B, "audio.1": A}, id="bare list"),
        pytest.param({"audio_file": file("a.wav")}, {"audio_file": A}, id="audio_file"),
        pytest.param({"audios": [file("a.wav"), file("c.wav")]}, {"audios.0": A, "audios.1": C}, id="audios"),
        pytest.param(
            {"audio": file("a.wav"), "audios": [file("a.wav"), file("b.wav")]},
            {"audio": A, "audios.1": B},
            id="the first one twice",
        ),
        pytest.param({"audio_url": file("a.wav", file_size=len(A))}, {"audio_url": A}, id="audio_url object"),
        pytest.param(
            {"vocals": file("a.wav"), "drums": None, "bass": file("b.wav"), "other": None, "piano": file("c.wav")},
            {"vocals": A, "bass": B, "piano": C},
            id="stems, some null",
        ),
        pytest.param({"drums": "@/files/a.wav", "no_vocals": "@/files/b.wav"}, {"drums": A, "no_vocals": B}, id="bare"),
        pytest.param({"stems": [file("a.wav"), None, file("b.wav")]}, {"stems.0": A, "stems.2": B}, id="stems listed"),
        pytest.param(
            {"target": file("a.wav"), "residual": file("b.wav"), "duration": 4.2},
            {"target": A, "residual": B},
            id="target and residual",
        ),
        pytest.param({"audio": {"url": data(A)}}, {"audio": A}, id="data, base64"),
        pytest.param({"audio": data(A, "image/png")}, {"audio": A}, id="data, lying type"),
        pytest.param({"audio": {"url": data(A, "")}}, {"audio": A}, id="data, no type"),
        pytest.param({"audio": {"url": "data:audio/wav," + quote(A)}}, {"audio": A}, id="data, percent"),
        pytest.param({"audio": {"url": "Data:Audio/WAV;BASE64," + quote(data(A)[22:])}}, {"audio": A}, id="data, case"),
        pytest.param({"x": data(B, "audio/mpeg")}, {"x": B}, id="data under an unknown key"),
        pytest.param({"r": {"x": [{"y": {"url": data(B, "text/plain")}}]}}, {"r.x.y": B}, id="data, told by its bytes"),
        pytest.param({"audio": file("a.wav", content_type="image/png")}, {"audio": A}, id="lying type"),
        pytest.param({"audio": file("noext")}, {"audio": A}, id="no type, no ending"),
        pytest.param({"clip": file("lie", content_type="image/png")}, {"clip": B}, id="sound by its bytes alone"),
        pytest.param({"clip": file("mystery")}, {"clip": FILES["/files/mystery"][1]}, id="sound by its transfer alone"),
        pytest.param({"output": {"data": [{"audio": file("a.wav")}]}}, {"output.data.audio": A}, id="nested"),
        pytest.param([file("a.wav")], {"url": A}, id="a list at the top"),
        pytest.param({"video": file("v.mp4"), "audio": file("a.wav")}, {"audio": A}, id="beside a video"),
        pytest.param({"image": file("p.png"), "audio": file("a.wav")}, {"audio": A}, id="beside a picture"),
    ],
)  # fmt: skip
def test_the_sounds_of_an_answer(answer: object, expected: dict[str, bytes], tmp_path: Path) -> None:
    end = played(tmp_path, answer)
    assert end.state is JobState.DONE, end.error
    assert end.result is not None
    assert {each.key: each.path.read_bytes() for each in sounds(end.result)} == expected
    assert [each.key for each in sounds(end.result)] == list(expected)


def test_a_sound_of_minutes_in_the_answer_itself(tmp_path: Path) -> None:
    sound = B + bytes(9_000_000)
    usual = Limits()
    limits = replace(QUICK, answer_bytes=usual.answer_bytes, file_bytes=usual.file_bytes, call=20.0)
    end = played(tmp_path, {"audio": {"url": data(sound)}}, limits=limits)
    assert end.state is JobState.DONE, end.error
    assert end.result is not None
    assert end.result.files[0].path.read_bytes() == sound


def test_other_files_come_along_after_the_sounds(tmp_path: Path) -> None:
    answer = {
        "lora_file": file("l.safetensors"), "config_file": file("c.json"), "archive": file("s.zip"),
        "waveform": file("p.png"), "audio": file("b.wav"), "video": file("v.mp4"),
    }  # fmt: skip
    end = played(tmp_path, answer)
    assert end.result is not None
    assert [(each.key, each.audio) for each in end.result.files] == [
        ("audio", True), ("lora_file", False), ("config_file", False), ("archive", False), ("waveform", False),
        ("video", False),
    ]  # fmt: skip
    assert end.result.files[4].path.read_bytes() == PNG
    assert end.notes == ()


def test_an_answer_without_sound_is_done_with_its_files(tmp_path: Path) -> None:
    """A trainer's: weights and their settings are what was asked for, each of them."""
    answer = {"lora_file": file("l.safetensors"), "config_file": file("c.json")}
    end = played(tmp_path, answer)
    assert end.state is JobState.DONE
    assert end.result is not None
    assert sounds(end.result) == ()
    assert [each.path.read_bytes() for each in end.result.files] == [
        FILES["/files/l.safetensors"][1], FILES["/files/c.json"][1]
    ]  # fmt: skip
    for lost in ("/files/l.safetensors", "/files/c.json"):
        left = {name: kept for name, kept in FILES.items() if name != lost}
        again = tmp_path / lost[-4:]
        again.mkdir()
        assert isinstance(played(again, answer, left).error, Expired)


def test_an_extra_that_cannot_be_had_is_a_note(tmp_path: Path) -> None:
    answer = {"audio": file("a.wav"), "cover": file("gone.png", file_name="cover.png"), "config": file("c.json")}
    end = played(tmp_path, answer)
    assert end.state is JobState.DONE
    assert end.result is not None
    assert [each.key for each in end.result.files] == ["audio", "config"]
    (note,) = end.notes
    assert note.startswith("cover.png could not be had: ")
    assert end.error is None


def test_a_stem_that_cannot_be_had_is_a_failure(tmp_path: Path) -> None:
    assert isinstance(played(tmp_path, {"vocals": file("a.wav"), "drums": file("gone.wav")}).error, Expired)


@pytest.mark.parametrize("answer", [{}, [], None, {"audio": None, "seed": 3}, {"text": "@/files/a.wav"}, {"audio": ""}])
def test_an_answer_that_names_nothing(answer: object, tmp_path: Path) -> None:
    end = played(tmp_path, {"it": None} if answer is None else answer)
    assert isinstance(end.error, BadReply)
    assert "names no file" in end.error.message


def test_what_the_host_says_it_used(tmp_path: Path) -> None:
    answer = {
        "audio": "@/files/a.wav", "seed": 77, "tags": "lofi, rain", "lyrics": "[verse]\nla la\x1b[31m\u202e\nla",
        "duration": 4.25, "instrumental": True, "timings": {"inference": 1.0}, "none": None, "big": 2**80,
        "page": "see https://example.com/x", "bad\x00 key": "v", "empty": "",
    }  # fmt: skip
    end = played(tmp_path, answer)
    assert end.result is not None
    assert end.result.used == {
        "seed": 77, "tags": "lofi, rain", "lyrics": "[verse]\nla la [31m\nla", "duration": 4.25, "instrumental": True,
        "page": "see https://example.com/x", "bad  key": "v",
    }  # fmt: skip
    assert end.result.seed == 77
    assert hash(end.result) == hash(end.result)


def test_what_the_host_says_is_bounded(tmp_path: Path) -> None:
    answer = {"audio": "@/files/a.wav", "prompt": "x" * 60_000, **{f"n{i}": i for i in range(100)}}
    end = played(tmp_path, answer)
    assert end.result is not None
    assert len(end.result.used) == 32
    assert len(str(end.result.used["prompt"])) == 5000
