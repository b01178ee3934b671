"""fal's own client, pointed at the engine, as an independent judge of its protocol."""

import contextlib
import io
import time

import fal_client
import fal_client.client
import numpy as np
import pytest
import soundfile
from engine_fixture import start_engine

INPAINT = "retake/inpaint"
SLEEP = "retake/test-sleep"


@pytest.fixture
def fal(engine_server, monkeypatch):
    point_at(monkeypatch, engine_server.url)
    with official(engine_server.key) as client:
        yield client


@contextlib.contextmanager
def official(key):
    """The official client; it never closes its connections, so that is done here."""
    client = fal_client.SyncClient(key=key)
    with contextlib.ExitStack() as opened:
        opened.callback(lambda: client._client.close())
        make = client._get_cdn_client
        object.__setattr__(client, "_get_cdn_client", lambda: opened.enter_context(make()))
        yield client


def point_at(monkeypatch, url):
    """The official client takes its hosts from these globals."""
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{url}/")
    monkeypatch.setattr(fal_client.client, "RUN_URL_FORMAT", f"{url}/run/")
    monkeypatch.setattr(fal_client.client, "REST_URL", url)
    monkeypatch.setattr(fal_client.client, "CDN_URL", url)


def test_submit_status_with_logs_and_result(fal):
    handle = fal.submit(SLEEP, {"seconds": 0.2, "lines": 2})
    seen = list(handle.iter_events(with_logs=True, interval=0.02))
    assert isinstance(seen[-1], fal_client.Completed)
    assert seen[-1].error is None
    assert seen[-1].metrics["inference_time"] >= 0.2
    assert [each["message"] for each in seen[-1].logs][-1] == "line 2 of 2"
    assert any(isinstance(each, fal_client.InProgress) for each in seen)
    assert handle.status().logs is None
    assert handle.get() == {"slept": 0.2}


def test_a_handle_made_from_the_id_is_the_same(fal):
    handle = fal.submit(SLEEP, {"seconds": 0})
    again = fal.get_handle(SLEEP, handle.request_id)
    assert (again.status_url, again.response_url, again.cancel_url) == (
        handle.status_url,
        handle.response_url,
        handle.cancel_url,
    )
    assert again.get() == fal.result(SLEEP, handle.request_id) == {"slept": 0.0}
    assert isinstance(fal.status(SLEEP, handle.request_id), fal_client.Completed)


def test_queued_jobs_know_their_place(fal):
    busy = [fal.submit(SLEEP, {"seconds": 60, "lines": 600}) for _ in range(2)]
    waiting = [fal.submit(SLEEP, {"seconds": 0}) for _ in range(2)]
    assert [each.status() for each in waiting] == [fal_client.Queued(position=0), fal_client.Queued(position=1)]
    for each in (*busy, *waiting):
        each.cancel()


def test_subscribe_reports_on_the_way(fal):
    ids, updates = [], []
    result = fal.subscribe(
        SLEEP, {"seconds": 0.1}, with_logs=True, on_enqueue=ids.append, on_queue_update=updates.append
    )
    assert result == {"slept": 0.1}
    assert len(ids) == 1
    assert isinstance(updates[-1], fal_client.Completed)


def test_cancel_is_taken_once(fal):
    handle = fal.submit(SLEEP, {"seconds": 60, "lines": 600})
    handle.cancel()
    done = handle.status()
    assert isinstance(done, fal_client.Completed)
    assert done.error_type == "client_cancelled"
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.cancel()
    assert caught.value.status_code == 400
    assert caught.value.response.json() == {"status": "ALREADY_COMPLETED"}
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 499
    assert caught.value.error_type == "client_cancelled"


def test_bad_input_shows_at_the_result(fal):
    handle = fal.submit(INPAINT, {"mask_start_seconds": 3, "mask_end_seconds": 1, "audio_url": "http://example.com/"})
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 422
    assert caught.value.response_headers["x-fal-request-id"] == handle.request_id
    assert [(each["loc"], each["type"]) for each in caught.value.message] == [
        (["body", "mask_end_seconds"], "value_error")
    ]


def test_a_crash_is_a_request_error(fal):
    handle = fal.submit(SLEEP, {"seconds": 0, "outcome": "exit"})
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 500
    assert caught.value.error_type == "runner_server_error"


def test_a_wrong_key_is_401(engine_server, fal):
    with official("not:it") as stranger, pytest.raises(fal_client.FalClientHTTPError) as caught:
        stranger.submit(SLEEP, {})
    assert caught.value.status_code == 401
    assert caught.value.message == "invalid key credentials"


def test_what_does_not_exist_is_404(fal):
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal.submit("retake/nothing", {})
    assert caught.value.status_code == 404
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal.status(SLEEP, "00000000-0000-4000-8000-000000000000")
    assert caught.value.status_code == 404


def test_a_client_that_gives_up_cancels(fal):
    with pytest.raises(fal_client.FalClientTimeoutError) as caught:
        fal.subscribe(SLEEP, {"seconds": 60, "lines": 600}, client_timeout=1.2)
    deadline = time.monotonic() + 5
    while not isinstance(status := fal.status(SLEEP, caught.value.request_id), fal_client.Completed):
        assert time.monotonic() < deadline
    assert status.error_type in ("client_cancelled", "request_timeout")


def test_upload_of_bytes(fal, http):
    url = fal.upload(b"\0\1\2" * 1000, "audio/wav", file_name="bytes.wav")
    assert url.endswith("/bytes.wav")
    assert http.get(url).content == b"\0\1\2" * 1000


def test_upload_of_a_file(fal, http, tmp_path):
    path = tmp_path / "take.flac"
    path.write_bytes(b"fLaC" * 5000)
    url = fal.upload_file(path, lifecycle=fal_client.StorageSettings(expires_in="1h"))
    answer = http.get(url)
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] in ("audio/flac", "audio/x-flac")


@pytest.mark.parametrize("way", ["bytes", "file"])
def test_upload_in_parts(fal, http, monkeypatch, tmp_path, way):
    monkeypatch.setattr(fal_client.client, "MULTIPART_THRESHOLD", 100_000)
    monkeypatch.setattr(fal_client.client, "MULTIPART_CHUNK_SIZE", 70_000)
    data = np.random.default_rng(1).bytes(1_000_000)
    path = tmp_path / "long.wav"
    path.write_bytes(data)
    url = fal.upload(data, "audio/wav", file_name="long.wav") if way == "bytes" else fal.upload_file(path)
    assert http.get(url).content == data


def test_the_fallback_needs_the_leaky_switch(fal, http, tmp_path, monkeypatch):
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal.upload(b"abc", "audio/wav", repository="fal")
    assert caught.value.status_code == 400
    with start_engine(tmp_path, allow_leaky_put=True) as engine:
        point_at(monkeypatch, engine.url)
        with official(engine.key) as client:
            url = client.upload(b"abc", "audio/wav", repository="fal")
            assert http.get(url).content == b"abc"


def test_a_clip_goes_out_and_comes_back_remade(fal, http, music, tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, music.read(), music.rate, subtype="FLOAT")
    lines = []
    result = fal.subscribe(
        INPAINT,
        {"audio_url": fal.upload_file(path), "mask_start_seconds": 2.0, "mask_end_seconds": 2.5, "seed": 5},
        with_logs=True,
        on_queue_update=lambda status: lines.extend(getattr(status, "logs", None) or []),
    )
    assert result["seed"] == 5
    assert lines
    back, rate = soundfile.read(io.BytesIO(http.get(result["audio"]["url"]).content), dtype="float32")
    assert rate == music.rate
    assert np.array_equal(back[: 2 * rate], music.read(0, 2 * rate))
    assert not np.array_equal(back, music.read())
