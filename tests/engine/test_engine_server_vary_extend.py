"""The endpoints `retake/vary` and `retake/extend` over HTTP, on real sound, and as the app reads their documents."""

import io

import fal_client
import numpy as np
import pytest
import soundfile

from app.endpoints.catalogue import endpoint_from
from app.endpoints.excerpt import plan
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.engine.documents import document
from app.engine.endpoints import EXTEND, VARY
from app.sound.region import Region

RATE = 44100


def wav(frames, rate=RATE, subtype="FLOAT") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, frames, rate, format="WAV", subtype=subtype)
    return out.getvalue()


@pytest.fixture
def frames(music):
    return music.read(0, 5 * RATE)


@pytest.fixture
def upload(http):
    return lambda content: http.post("/files/upload", content=content).json()["access_url"]


@pytest.fixture
def run(http, ended):
    def job(endpoint, **body):
        submitted = http.post(f"/{endpoint}", json=body).json()
        ended(submitted, 60)
        return http.get(submitted["response_url"])

    return job


def sound_of(http, answer):
    assert answer.status_code == 200, answer.text
    found, rate = soundfile.read(io.BytesIO(http.get(answer.json()["audio"]["url"]).content), dtype="float32")
    return found, rate


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
def test_strength_0_comes_back_bit_for_bit(http, run, upload, frames, subtype):
    content = wav(frames.astype(np.float64) / 3, subtype=subtype)
    answer = run("retake/vary", audio_url=upload(content), strength=0, seed=1)
    back = http.get(answer.json()["audio"]["url"]).content
    given, got = (soundfile.read(io.BytesIO(each), dtype="float64")[0] for each in (content, back))
    assert given.tobytes() == got.tobytes()
    assert soundfile.info(io.BytesIO(back)).subtype == subtype


def test_a_variation_is_as_long_as_the_clip_and_another_with_every_seed(http, run, upload, frames):
    url = upload(wav(frames))
    made = [sound_of(http, run("retake/vary", audio_url=url, strength=0.8, seed=s))[0] for s in (1, 1, 2)]
    assert all(each.shape == frames.shape for each in made)
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
    assert not np.array_equal(made[0], frames)
    output = run("retake/vary", audio_url=url, seed=3).json()
    assert 0 < output["changed"] <= 1
    assert output["sources"]


def test_an_extension_leaves_the_clip_as_it_is(http, run, upload, frames):
    url = upload(wav(frames))
    answer = run("retake/extend", audio_url=url, extend_before_seconds=1.5, extend_after_seconds=2, seed=1)
    made, rate = sound_of(http, answer)
    assert rate == RATE
    assert made.shape == (len(frames) + round(3.5 * RATE), 2)
    before = round(1.5 * RATE)
    assert np.array_equal(made[before : before + len(frames)], frames)
    assert made[: before // 2].std() > 0.01
    assert made[-RATE:].std() > 0.01
    assert answer.json()["match"] in ("strong", "fair", "weak")


@pytest.mark.parametrize(
    ("endpoint", "body", "field", "kind"),
    [
        ("retake/vary", {"strength": 1.5}, "strength", "less_than_equal"),
        ("retake/vary", {"strength": -0.1}, "strength", "greater_than_equal"),
        ("retake/extend", {}, "extend_after_seconds", "value_error"),
        ("retake/extend", {"extend_after_seconds": 1e9}, "extend_after_seconds", "less_than_equal"),
        ("retake/extend", {"extend_after_seconds": 1e-6}, "extend_after_seconds", "value_error"),
        ("retake/extend", {"extend_before_seconds": -1}, "extend_before_seconds", "greater_than_equal"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(run, upload, frames, endpoint, body, field, kind):
    answer = run(endpoint, audio_url=upload(wav(frames)), **body)
    assert answer.status_code == 422
    detail = answer.json()["detail"][0]
    assert (detail["loc"], detail["type"]) == (["body", field], kind)


@pytest.mark.parametrize(
    ("endpoint", "body"), [("retake/vary", {"strength": 0.5}), ("retake/extend", {"extend_after_seconds": 1})]
)
def test_silence_is_told_in_a_sentence(run, upload, endpoint, body):
    answer = run(endpoint, audio_url=upload(wav(np.zeros((RATE, 1)))), **body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"]


def test_a_format_that_cannot_hold_the_sound_is_told(run, upload):
    noise = np.random.default_rng(0).normal(0, 0.1, (4 * RATE, 4))
    answer = run("retake/vary", audio_url=upload(wav(noise)), seed=1, output_format="mp3")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "output_format"])


def test_more_than_eight_channels_are_refused(run, upload):
    answer = run("retake/vary", audio_url=upload(wav(np.full((RATE, 9), 0.1))), seed=1)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == "unsupported_audio_format"


def test_the_official_client_runs_both(engine_server, monkeypatch, frames):
    url = engine_server.url
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{url}/")
    monkeypatch.setattr(fal_client.client, "REST_URL", url)
    client = fal_client.SyncClient(key=engine_server.key)
    source = fal_client.encode(wav(frames[:RATE]), "audio/wav")
    try:
        varied = client.subscribe("retake/vary", {"audio_url": source, "strength": 0.3, "seed": 1}, with_logs=True)
        longer = client.subscribe("retake/extend", {"audio_url": source, "extend_after_seconds": 1, "seed": 1})
    finally:
        client._client.close()
    assert varied["audio"]["content_type"] == longer["audio"]["content_type"] == "audio/wav"
    assert longer["audio"]["file_size"] > varied["audio"]["file_size"]


def test_the_app_reads_what_each_does_from_its_document():
    vary, extend = (endpoint_from(document(each, "http://127.0.0.1:1"), "local") for each in (VARY, EXTEND))
    assert (vary.kind, extend.kind) == (Kind.VARY, Kind.EXTEND)
    assert vary.roles == {
        Role.SOURCE: "audio_url",
        Role.STRENGTH: "strength",
        Role.SEED: "seed",
        Role.OUTPUT_FORMAT: "output_format",
    }
    assert extend.roles[Role.EXTEND_BEFORE] == "extend_before_seconds"
    assert extend.roles[Role.EXTEND_AFTER] == "extend_after_seconds"
    assert Role.STRENGTH not in extend.roles or extend.roles[Role.STRENGTH] == "variety"
    assert Role.PROMPT not in vary.roles
    assert Role.PROMPT not in extend.roles
    assert not vary.notes
    assert not extend.notes
    planned = plan(extend, Region(10 * RATE, 14 * RATE), 12 * RATE, RATE)
    assert planned.sent == Region(10 * RATE, 14 * RATE), "what lies under the mask gives way"
    assert planned.excerpt.end == 10 * RATE
    assert plan(vary, Region(RATE, 4 * RATE), 12 * RATE, RATE).excerpt.length >= 3 * RATE
