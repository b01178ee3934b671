"""Whole jobs against the real engine in its own process, on real sound: done, cancelled, killed, many at once."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from engine_fixture import RunningEngine, start_engine

from app import paths
from app.endpoints.request import Kind, Request
from app.errors import Expired, Rejected, Unauthorized, Unreachable
from app.remote.connection import Key, local
from app.remote.job import JobId, JobState, JobUpdate, Limits, Order, limits_for, make_host, run_job
from app.remote.queue import QueueClient
from app.remote.storage import is_there, upload
from app.sound.region import Region

RATE = 44100


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with start_engine(tmp_path_factory.mktemp("engine"), test_endpoints=True) as engine:
        yield engine


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the demo clip, as the app would prepare them."""
    path = tmp_path_factory.mktemp("source") / "excerpt.wav"
    with soundfile.SoundFile(paths.demo_clip()) as clip:
        assert clip.samplerate == RATE
        soundfile.write(path, clip.read(4 * RATE, dtype="float32"), RATE, subtype="FLOAT")
    return path


def inpaint(folder: Path, source: Path, seed: int = 3, **params: object) -> Order:
    request = Request(
        endpoint="retake/inpaint", connection="local", kind=Kind.FILL, source_field="audio_url", rate=RATE, seed=seed,
        params={"mask_start_seconds": 1.5, "mask_end_seconds": 2.0, "seed": seed, **params},  # type: ignore[dict-item]
        mask=Region(66150, 88200), excerpt=Region(0, 4 * RATE),
    )  # fmt: skip
    return Order(job=JobId(f"seed{seed}"), request=request, folder=folder / f"seed{seed}", source=source, deadline=60)


def sleeping(folder: Path, seconds: float) -> Order:
    request = Request(
        endpoint="retake/test-sleep", connection="local", kind=Kind.OTHER, params={"seconds": seconds}, rate=RATE,
        mask=Region(0, 1), excerpt=Region(0, 1),
    )  # fmt: skip
    return Order(job=JobId("sleep"), request=request, folder=folder / "sleep", deadline=60)


async def run(engine: RunningEngine, *orders: Order, key: str = "", limits: Limits | None = None) -> list[JobUpdate]:
    """The last update of each."""
    connection = local(engine.url, Key(key or engine.key))
    async with make_host(connection, limits) as host:

        async def last(order: Order) -> JobUpdate:
            return [update async for update in run_job(host, order, cancel=asyncio.Event())][-1]

        return await asyncio.gather(*(last(order) for order in orders))


def test_a_real_fill_of_real_sound(engine: RunningEngine, source: Path, tmp_path: Path) -> None:
    (end,) = asyncio.run(run(engine, inpaint(tmp_path, source)))
    assert end.state is JobState.DONE, end.error
    assert end.result is not None
    assert end.result.seed == 3
    (file,) = end.result.files
    assert file.audio
    before, _ = soundfile.read(source, dtype="float32")
    after, rate = soundfile.read(file.path, dtype="float32")
    assert (rate, after.shape) == (RATE, before.shape)
    assert np.array_equal(after[: 66150 - 4410], before[: 66150 - 4410])
    assert not np.array_equal(after[66150:88200], before[66150:88200])


def test_takes_at_once_differ_by_seed(engine: RunningEngine, source: Path, tmp_path: Path) -> None:
    ends = asyncio.run(run(engine, *(inpaint(tmp_path, source, seed) for seed in range(3))))
    assert [end.state for end in ends] == [JobState.DONE] * 3, [end.error for end in ends]
    sounds = {end.result.files[0].path.read_bytes() for end in ends if end.result}
    assert len(sounds) == 3


def test_cancel_while_running_ends_the_job_there_too(engine: RunningEngine, tmp_path: Path) -> None:
    async def go() -> tuple[list[JobUpdate], bool]:
        connection, cancel, updates = local(engine.url, Key(engine.key)), asyncio.Event(), list[JobUpdate]()
        async with make_host(connection) as host:
            async for update in run_job(host, sleeping(tmp_path, 30.0), cancel=cancel):
                updates.append(update)
                if update.state is JobState.RUNNING:
                    cancel.set()
            handle = updates[-1].handle
            assert handle is not None
            queue = QueueClient(connection, host.http)
            async with asyncio.timeout(10):
                while (await queue.status(handle)).state != "COMPLETED":
                    await asyncio.sleep(0.05)
            return updates, True

    updates, ended_there = asyncio.run(go())
    assert updates[-1].state is JobState.CANCELLED
    assert ended_there


def test_a_job_is_followed_again_from_its_handle(engine: RunningEngine, source: Path, tmp_path: Path) -> None:
    async def go() -> JobUpdate:
        order = inpaint(tmp_path, source, 8)
        async with make_host(local(engine.url, Key(engine.key))) as host:
            first = run_job(host, order, cancel=asyncio.Event())
            async for update in first:
                if update.handle:
                    break
            await first.aclose()
        async with make_host(local(engine.url, Key(engine.key))) as host:
            return [u async for u in run_job(host, order, cancel=asyncio.Event(), resume=update.handle)][-1]

    assert asyncio.run(go()).state is JobState.DONE


def test_the_engine_says_whether_an_upload_is_still_there(engine: RunningEngine, source: Path) -> None:
    async def go() -> list[bool]:
        connection = local(engine.url, Key(engine.key))
        async with make_host(connection) as host:
            url = await upload(connection, host.http, source, "audio/wav", plain=host.plain)
            size = source.stat().st_size
            asked = ((url, size), (url, size - 1), (url.replace("/files/", "/files/x"), size))
            return [await is_there(connection, host.plain, each, length, host.limits) for each, length in asked]

    assert asyncio.run(go()) == [True, False, False]


def test_a_bad_mask_is_rejected_at_its_field(engine: RunningEngine, source: Path, tmp_path: Path) -> None:
    (end,) = asyncio.run(run(engine, inpaint(tmp_path, source, mask_end_seconds=1.0)))
    assert isinstance(end.error, Rejected)
    assert end.error.field == "mask_end_seconds"


def test_a_wrong_key_and_an_unknown_endpoint(engine: RunningEngine, source: Path, tmp_path: Path) -> None:
    (end,) = asyncio.run(run(engine, inpaint(tmp_path, source), key="wrong"))
    assert isinstance(end.error, Unauthorized)
    order = inpaint(tmp_path, source)
    (end,) = asyncio.run(run(engine, replace(order, request=replace(order.request, endpoint="retake/nothing"))))
    assert isinstance(end.error, Rejected)


def test_the_engine_lists_its_endpoints(engine: RunningEngine) -> None:
    async def go() -> list[str]:
        connection = local(engine.url, Key(engine.key))
        async with make_host(connection) as host:
            return [json.dumps(each) for each in await QueueClient(connection, host.http).endpoints()]

    assert any('"/retake/inpaint"' in document for document in asyncio.run(go()))


def test_an_engine_killed_in_mid_job_and_one_that_came_back_without_it(tmp_path: Path) -> None:
    """One clear sentence each: nobody answers; somebody answers, but knows nothing of the job."""

    async def go(engine: RunningEngine) -> JobUpdate:
        connection = local(engine.url, Key(engine.key))
        limits = replace(limits_for(connection), outage=1.0, backoff_most=0.2)
        async with make_host(connection, limits) as host:
            async for update in run_job(host, sleeping(tmp_path, 30.0), cancel=asyncio.Event()):
                if update.state is JobState.RUNNING and not update.notes:
                    engine.kill()
        return update

    with start_engine(tmp_path, test_endpoints=True) as engine:
        end = asyncio.run(go(engine))
    assert isinstance(end.error, Unreachable)
    assert end.handle is not None

    async def again(other: RunningEngine) -> JobUpdate:
        here = replace(end.handle, **{
            name: getattr(end.handle, name).replace(engine.url, other.url)
            for name in ("status_url", "response_url", "cancel_url")
        })  # type: ignore[type-var]  # fmt: skip
        async with make_host(local(other.url, Key(other.key))) as host:
            return [u async for u in run_job(host, sleeping(tmp_path, 1.0), cancel=asyncio.Event(), resume=here)][-1]

    with start_engine(tmp_path) as other:
        end = asyncio.run(again(other))
    assert isinstance(end.error, Expired)
