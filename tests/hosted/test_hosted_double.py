"""The double itself: a host that lets everything through, or nothing, would prove nothing about Retake."""

import io
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from hosted_answers import Manner, answer, burst, packed
from hosted_documents import judge
from hosted_double import FILES, QUEUE, STORAGE, UPLOADS, Double
from hosted_drive import ENDPOINTS, filled, known_of, of_kind, offset
from hosted_work import Sent, Work

from app.endpoints.fields import Json
from app.endpoints.request import Kind
from app.endpoints.roles import Role, with_value

SFX = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"
WHOLE = "fal-ai/stable-audio-25/inpaint"
SONG = "fal-ai/ace-step/audio-inpaint"
SOUND = packed(burst(8 * 44_100, 44_100, 1, 2), 44_100, "wav")


@pytest.fixture
def client(double: Double) -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Authorization": f"Key {double.key}"}, timeout=20) as client:
        yield client


def upload(double: Double, client: httpx.Client, data: bytes) -> str:
    """Initiate with the key, PUT without it; the file's address."""
    wish = {"file_name": "a.wav", "content_type": "audio/wav"}
    place = client.post(f"{double.connection.storage_url}/upload/initiate", json=wish).raise_for_status().json()
    httpx.put(place["upload_url"], content=data).raise_for_status()
    return place["file_url"]


def run(double: Double, client: httpx.Client, endpoint_id: str, body: object) -> httpx.Response:
    """Submit, follow to the end, fetch the result."""
    handle = client.post(f"{double.origins[QUEUE]}/{endpoint_id}", json=body).raise_for_status().json()
    until = time.monotonic() + 10
    while client.get(handle["status_url"]).json()["status"] != "COMPLETED":
        assert time.monotonic() < until
        time.sleep(0.01)
    return client.get(handle["response_url"])


def body_for(url: str, **more: Json) -> dict[str, Json]:
    told = {
        "prompt": "rain",
        "audio_url": url,
        "mask_start_seconds": 2,
        "mask_end_seconds": 4.5,
        "output_format": "wav",
    }
    return {**told, **more}


def test_the_four_hosts_are_four_origins(double: Double) -> None:
    assert len(set(double.origins.values())) == 4


def test_a_right_body_is_answered_with_the_hole_filled(double: Double, client: httpx.Client) -> None:
    url = upload(double, client, SOUND)
    assert url.startswith(double.origins[FILES])
    told = run(double, client, SFX, body_for(url, seed=5)).raise_for_status().json()
    assert (told["seed"], told["prompt"]) == (5, "rain")
    made, rate = soundfile.read(io.BytesIO(httpx.get(told["audio"]["url"]).content), dtype="float32")
    sent, _ = soundfile.read(io.BytesIO(SOUND), dtype="float32")
    assert rate == 44_100
    start, end = 2 * rate, round(4.5 * rate)
    assert np.array_equal(made[:start], sent[:start])
    assert np.array_equal(made[end:], sent[end:])
    np.testing.assert_allclose(made[start:end], burst(end - start, rate, 5, 2), atol=2**-15)
    assert double.uploads == [len(SOUND)]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"prompt": None}, "prompt"),
        ({"seed": "five"}, "seed"),
        ({"guidance_scale": 99}, "guidance_scale"),
        ({"num_inference_steps": 8.5}, "num_inference_steps"),
        ({"output_format": "wave"}, "output_format"),
        ({"mask_start_second": 2}, "mask_start_second"),
        ({"output_format": "mp3"}, "output_format"),
        ({"mask_end_seconds": 9}, "mask_end_seconds"),
        ({"mask_end_seconds": 2}, "mask_end_seconds"),
        ({"audio_url": "https://example.com/a.wav"}, "audio_url"),
        ({"audio_url": "data:audio/wav;base64,AAAA"}, "audio_url"),
        ({"sync_mode": True}, "sync_mode"),
    ],
)
def test_a_wrong_body_is_taken_and_refused_at_the_result(
    double: Double, client: httpx.Client, more: dict[str, Json], where: str
) -> None:
    answer = run(double, client, SFX, body_for(upload(double, client, SOUND), **more))
    assert answer.status_code == 422
    told = answer.json()["detail"]
    assert any(where in [*each["loc"], *each["msg"].replace("'", " ").split()] for each in told), told
    assert len(double.faults) == 1, "it is written down, so that a test that passes over it fails"
    assert where in double.faults[0]
    double.faults.clear()


@pytest.mark.parametrize(
    ("endpoint_id", "body", "where"),
    [
        (WHOLE, {"mask_start": 2, "mask_end": 4}, "seconds_total"),
        (WHOLE, {"mask_start": 2, "mask_end": 4, "seconds_total": 30}, "seconds_total"),
        (WHOLE, {"mask_start": 2.5, "mask_end": 4, "seconds_total": 8}, "mask_start"),
        (WHOLE, {"mask_end": 4, "seconds_total": 8}, "mask_start"),
        (SONG, {"tags": "x", "start_time": 2, "end_time": 4}, "start_time_relative_to"),
        (
            SONG,
            {
                "tags": "x",
                "start_time": 2,
                "end_time": 7,
                "start_time_relative_to": "end",
                "end_time_relative_to": "end",
            },
            "end_time",
        ),
    ],
)
def test_lengths_and_times_must_be_told_and_must_fit(
    double: Double, client: httpx.Client, endpoint_id: str, body: dict[str, Json], where: str
) -> None:
    url = upload(double, client, SOUND)
    words: dict[str, Json] = {} if endpoint_id == SONG else {"prompt": "rain"}
    assert run(double, client, endpoint_id, {**words, "audio_url": url, **body}).status_code == 422
    assert where in double.faults.pop()
    assert not double.faults


def test_times_from_the_end_are_understood(double: Double, client: httpx.Client) -> None:
    body: dict[str, Json] = {
        "tags": "x",
        "audio_url": upload(double, client, SOUND),
        "start_time": 6,
        "start_time_relative_to": "end",
        "end_time": 3,
        "end_time_relative_to": "end",
    }
    assert run(double, client, SONG, body).status_code == 200
    assert double.work[0].hole == (2 * 44_100, 5 * 44_100)


def test_sound_that_is_too_long_is_refused(double: Double, client: httpx.Client) -> None:
    url = upload(double, client, packed(np.zeros((121 * 8_000, 1), np.float32), 8_000, "wav"))
    assert run(double, client, SFX, body_for(url)).status_code == 422
    assert "too long" in double.faults.pop()


@pytest.mark.parametrize("host", [QUEUE, STORAGE])
def test_queue_and_storage_want_the_key(double: Double, host: str) -> None:
    url = f"{double.origins[QUEUE]}/{SFX}" if host == QUEUE else f"{double.connection.storage_url}/upload/initiate"
    for headers in ({}, {"Authorization": "Key wrong:wrong"}):
        assert httpx.post(url, json={}, headers=headers).status_code == 401
    assert not double.work


def test_the_key_is_refused_and_written_down_at_the_other_two(double: Double, client: httpx.Client) -> None:
    file = upload(double, client, SOUND)
    assert client.get(file).status_code == 400
    assert "host for files" in double.faults.pop()
    assert client.put(f"{double.origins[UPLOADS]}/storage/put/x", content=b"").status_code == 400
    assert "host for uploads" in double.faults.pop()
    smuggled = httpx.get(file, headers={"X-Other": f"Key {double.key}"})
    assert smuggled.status_code == 400
    assert "host for files" in double.faults.pop()


def test_one_host_does_not_do_the_work_of_another(double: Double, client: httpx.Client) -> None:
    file = upload(double, client, SOUND)
    path = file.removeprefix(double.origins[FILES])
    assert httpx.get(double.origins[UPLOADS] + path).status_code == 404
    assert client.post(f"{double.origins[QUEUE]}/storage/upload/initiate", json={}).status_code == 404


@pytest.mark.parametrize("endpoint_id", sorted(ENDPOINTS))
def test_what_it_answers_is_what_the_document_says(endpoint_id: str) -> None:
    """For every bundled endpoint, without a host: the body of a filled panel and the answer fit their schemas."""
    known = known_of(endpoint_id)
    work = Work(known, filled(known.endpoint), seed=4)
    if Role.SOURCE in known.endpoint.roles:
        work.source = Sent(burst(5 * 8_000, 8_000, 2), 8_000, "PCM_16", 100)
        work.hole, work.before, work.after = (8_000, 16_000), 1.0, 1.0
    kept: list[tuple[str, str]] = []

    def keep(data: bytes, name: str, kind: str) -> str:
        assert data
        kept.append((name, kind))
        return f"https://files.example.com/{name}"

    told = answer(work, Manner(), keep)
    assert not list(known.output.iter_errors(told))
    assert len(kept) == (2 if known.endpoint.kind is Kind.OTHER else 1)
    body = work.body
    for role in (Role.SOURCE, Role.ARCHIVE, Role.MASK_START, Role.MASK_END):
        if role in known.endpoint.roles:
            value: Json = 3 if role in (Role.MASK_START, Role.MASK_END) else "https://files.example.com/sent"
            body = with_value(body, known.endpoint.roles[role], value)
    assert not list(known.complaints(body))
    assert list(known.complaints({**body, "no_such_field": 1}))


def test_old_words_of_schemas_are_understood() -> None:
    document: Any = {"components": {"schemas": {"Part": {"type": "object", "properties": {"n": {"type": "integer"}}}}}}
    schema = {
        "type": "object",
        "properties": {
            "x": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
            "part": {"$ref": "#/components/schemas/Part"},
        },
    }
    found = judge(document, schema)
    assert found.is_valid({"x": None, "part": {"n": 1}})
    assert found.is_valid({"x": 0.1})
    assert not found.is_valid({"x": 0})
    assert not found.is_valid({"part": {"n": 1.5}})
    assert not found.is_valid({"part": {"m": 1}})


def test_a_glide_tells_where_it_lies() -> None:
    clip = np.zeros((44_100, 1), np.float32)
    clip[10_000:30_000] = burst(20_000, 44_100, 3)
    for late in (-200, 0, 31):
        found, alike = offset(clip[10_000 - late : 30_000 - late], burst(20_000, 44_100, 3), 44_100)
        assert found == pytest.approx(late * 1000 / 44_100, abs=0.03)
        assert alike > 0.99
    assert offset(clip[10_000:30_000], burst(20_000, 44_100, 4), 44_100)[1] < 0.5


def test_every_bundled_document_is_known() -> None:
    assert len(ENDPOINTS) >= 33
    assert all(of_kind(each) for each in Kind)
