"""fal's own async client, pointed at the engine."""

import asyncio

import fal_client
import fal_client.client
import pytest

SLEEP = "retake/test-sleep"


@pytest.fixture
def run(engine_server, monkeypatch):
    """Runs a coroutine function with an async client of the engine."""
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{engine_server.url}/")
    monkeypatch.setattr(fal_client.client, "REST_URL", engine_server.url)
    monkeypatch.setattr(fal_client.client, "CDN_URL", engine_server.url)

    def call(function):
        async def main():
            client = fal_client.AsyncClient(key=engine_server.key)
            try:
                return await function(client)
            finally:
                await (await client._client).aclose()

        return asyncio.run(main())

    return call


def test_submit_events_and_result(run):
    async def walk(client):
        handle = await client.submit(SLEEP, {"seconds": 0.2, "lines": 2})
        seen = [each async for each in handle.iter_events(with_logs=True, interval=0.02)]
        return seen, await handle.get()

    seen, result = run(walk)
    assert isinstance(seen[-1], fal_client.Completed)
    assert seen[-1].logs[-1]["message"] == "line 2 of 2"
    assert result == {"slept": 0.2}


def test_many_at_once_all_come_back(run):
    async def walk(client):
        bodies = [{"seconds": 0, "lines": n} for n in range(12)]
        return await asyncio.gather(*(client.subscribe(SLEEP, body) for body in bodies))

    assert run(walk) == [{"slept": 0.0}] * 12


def test_cancel_and_its_result(run):
    async def walk(client):
        handle = await client.submit(SLEEP, {"seconds": 60, "lines": 600})
        await handle.cancel()
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            await handle.get()
        return caught.value

    error = run(walk)
    assert (error.status_code, error.error_type) == (499, "client_cancelled")


def test_uploads_small_and_in_parts(run, http, monkeypatch, tmp_path):
    monkeypatch.setattr(fal_client.client, "MULTIPART_THRESHOLD", 50_000)
    monkeypatch.setattr(fal_client.client, "MULTIPART_CHUNK_SIZE", 30_000)
    path = tmp_path / "long.wav"
    path.write_bytes(bytes(range(256)) * 1000)

    async def walk(client):
        small = await client.upload(b"small", "audio/wav", file_name="small.wav")
        return small, await client.upload_file(path)

    small, long = run(walk)
    assert http.get(small).content == b"small"
    assert http.get(long).content == path.read_bytes()


def test_the_errors_are_the_same(run):
    async def walk(client):
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            await client.subscribe("retake/inpaint", {})
        return caught.value

    error = run(walk)
    assert error.status_code == 422
    assert {each["loc"][1] for each in error.message} == {"audio_url", "mask_start_seconds", "mask_end_seconds"}
