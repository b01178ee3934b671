"""The endpoint `retake/inpaint` over HTTP, on real sound."""

import base64
import io

import httpx
import numpy as np
import pytest
import soundfile

RATE = 44100
MASK = {"mask_start_seconds": 2.0, "mask_end_seconds": 2.6}


@pytest.fixture
def frames(music):
    return music.read(0, 5 * RATE)


@pytest.fixture
def source(http, frames):
    return http.post("/files/upload", content=_wav(frames), headers={"Content-Type": "audio/wav"}).json()["access_url"]


@pytest.fixture
def inpaint(http, ended):
    def run(**body):
        job = http.post("/retake/inpaint", json=body).json()
        status = ended(job, 60)
        return http.get(job["response_url"]), status.json()

    return run


def test_only_the_mask_is_remade_and_seeds_decide_how(http, inpaint, source, frames):
    made = {}
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        answer, status = inpaint(audio_url=source, seed=seed, variety=1.0, **MASK)
        assert answer.status_code == 200, answer.text
        output = answer.json()
        assert output["seed"] == seed
        assert output["method"] in ("repair", "fill")
        assert isinstance(output["notes"], list)
        assert all(0 <= start < end <= 5.0 for start, end in output["sources"])
        assert any("wrote" in line["message"] for line in status["logs"])
        made[name], rate = soundfile.read(io.BytesIO(http.get(output["audio"]["url"]).content), dtype="float32")
        assert rate == RATE
    start, end = round(2.0 * RATE), round(2.6 * RATE)
    for each in made.values():
        assert each.shape == frames.shape
        assert np.array_equal(each[:start], frames[:start])
        assert np.array_equal(each[end:], frames[end:])
        assert np.abs(each[start:end]).max() > 0.01
    assert np.array_equal(made["one"], made["again"])
    assert not np.array_equal(made["one"], made["two"])


@pytest.mark.parametrize(
    ("form", "media"), [("wav", "audio/wav"), ("flac", "audio/flac"), ("mp3", "audio/mpeg"), ("ogg", "audio/ogg")]
)
def test_each_format_comes_back_as_such(http, inpaint, source, form, media):
    answer, _ = inpaint(audio_url=source, output_format=form, seed=3, **MASK)
    file = answer.json()["audio"]
    download = http.get(file["url"])
    assert file["content_type"] == media == download.headers["content-type"]
    assert file["file_size"] == len(download.content)
    assert file["file_name"].endswith(form)
    info = soundfile.info(io.BytesIO(download.content))
    assert info.format.lower()[:3] == form[:3] or form == "mp3"
    assert abs(info.duration - 5.0) < 0.1
    if form == "wav":
        assert info.subtype == "FLOAT"


def test_a_seed_is_drawn_and_reported(inpaint, source):
    seeds = {inpaint(audio_url=source, **MASK, seed=None)[0].json()["seed"] for _ in range(2)}
    assert len(seeds) == 2
    assert all(isinstance(each, int) and each >= 0 for each in seeds)


def test_a_data_uri_is_a_source_too(inpaint, frames):
    uri = "data:audio/wav;base64," + base64.b64encode(_wav(frames)).decode()
    answer, _ = inpaint(audio_url=uri, seed=1, **MASK)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://example.com/a.wav",
        "http://169.254.169.254/latest/meta-data",
        "ftp://127.0.0.1/files/a/b",
        "{origin}/files/guessed/a.wav",
        "{origin}/v1/models",
        "http://127.0.0.1:1/files/x/y",
        "http://[::1",
        "/etc/passwd",
        "data:audio/wav;base64,!!!",
        "data:nothing",
    ],
)
def test_a_source_is_never_fetched_from_anywhere(engine_server, inpaint, url):
    answer, _ = inpaint(audio_url=url.format(origin=engine_server.url), **MASK)
    assert answer.status_code == 422
    detail = answer.json()["detail"][0]
    assert (detail["type"], detail["loc"]) == ("file_download_error", ["body", "audio_url"])


def test_a_long_data_uri_is_too_large(inpaint):
    uri = "data:audio/wav;base64," + base64.b64encode(bytes(11 << 20)).decode()
    detail = inpaint(audio_url=uri, **MASK)[0].json()["detail"][0]
    assert detail["type"] == "file_too_large"
    assert detail["ctx"]["max_size"] == 10 << 20


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (2, 2, "mask_end_seconds"),
        (3, 1, "mask_end_seconds"),
        (1, 5.5, "mask_end_seconds"),
        (7, 8, "mask_start_seconds"),
    ],
)
def test_a_mask_that_does_not_fit_is_told_at_its_field(inpaint, source, start, end, field):
    answer, _ = inpaint(audio_url=source, mask_start_seconds=start, mask_end_seconds=end)
    assert answer.status_code == 422
    detail = answer.json()["detail"][0]
    assert (detail["type"], detail["loc"]) == ("value_error", ["body", field])
    assert detail["msg"]


def test_a_mask_up_to_the_very_end_is_inside(inpaint, source, frames):
    answer, _ = inpaint(audio_url=source, mask_start_seconds=4.5, mask_end_seconds=len(frames) / RATE + 1e-6, seed=1)
    assert answer.status_code == 200


def test_missing_fields_are_told_together(inpaint):
    answer, _ = inpaint(method="magic", variety=3)
    found = {each["loc"][1]: each["type"] for each in answer.json()["detail"]}
    assert found["audio_url"] == "missing"
    assert found["mask_start_seconds"] == "missing"
    assert found["method"] == "literal_error"
    assert found["variety"] == "less_than_equal"


@pytest.mark.parametrize("content", [b"", b"not sound at all" * 100, b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_sound_is_told_in_a_sentence(http, inpaint, content):
    url = http.post("/files/upload", content=content).json()["access_url"]
    answer, _ = inpaint(audio_url=url, **MASK)
    assert answer.status_code == 422
    detail = answer.json()["detail"][0]
    assert detail["type"] == "unsupported_audio_format"
    assert "wav" in detail["ctx"]["supported_formats"]


def test_silence_has_nothing_to_draw_from(http, inpaint):
    url = http.post("/files/upload", content=_wav(np.zeros((RATE, 1), np.float32))).json()["access_url"]
    answer, _ = inpaint(audio_url=url, mask_start_seconds=0.2, mask_end_seconds=0.8)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"]


def test_nothing_is_left_in_the_jobs_folder(engine_server, inpaint, source):
    inpaint(audio_url=source, seed=1, **MASK)
    assert list(engine_server.data.rglob("jobs/*/*")) == []


def test_another_engines_port_is_not_ours(inpaint, source):
    other = httpx.URL(source).copy_with(port=9)
    assert inpaint(audio_url=str(other), **MASK)[0].json()["detail"][0]["type"] == "file_download_error"


def _wav(frames) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, frames, RATE, format="WAV", subtype="FLOAT")
    return out.getvalue()
