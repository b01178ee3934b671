"""One upload for all jobs that send the same file: at once, later, while it is there, and whoever leaves first."""

import asyncio
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from following import QUICK, make_order, make_request
from hostile_server import KEY, Act, hostile, html
from recording_server import Recording

from app.errors import BadReply
from app.files.audio_write import encode_excerpt
from app.remote.connection import Key, local
from app.remote.host import Host, make_host
from app.remote.job import JobId, JobState, JobUpdate, run_job
from app.remote.uploads import Content, UploadCache

ANSWER = {"audio": "data:audio/wav;base64,UklGRg=="}
EAGER = replace(QUICK, told_every=0.0, call=5.0, silence=5.0)


async def take(
    host: Host,
    folder: Path,
    number: int,
    cancel: asyncio.Event | None = None,
    content: bytes | None = None,
    sending: asyncio.Semaphore | None = None,
    **more: object,
) -> list[JobUpdate]:
    """One take of the same mask: its own folder, its own copy of the excerpt, as the session makes them.

    `sending` is released once it sees bytes go.
    """
    here = folder / str(number)
    here.mkdir(exist_ok=True)
    order = make_order(here, job=JobId(f"take{number}"), **more)
    assert order.source is not None
    if content is not None:
        order.source.write_bytes(content)
    updates: list[JobUpdate] = []
    async for update in run_job(host, order, cancel=cancel or asyncio.Event()):
        if sending and update.done and not any(each.done for each in updates):
            sending.release()
        updates.append(update)
    if updates[-1].state is JobState.CANCELLED:
        shutil.rmtree(here)  # as the session does
    return updates


def ends(jobs: list[list[JobUpdate]]) -> list[JobState]:
    return [job[-1].state for job in jobs]


def test_three_takes_of_one_mask_make_one_upload(tmp_path: Path) -> None:
    """Their excerpts are written by the app itself, one of them a second later than the others."""
    frames = np.random.default_rng(1).normal(0, 0.1, (20_000, 2)).astype(np.float32)

    async def run() -> tuple[list[list[JobUpdate]], Recording]:
        async with hostile(kind=Recording) as server, make_host(local(server.url, Key(KEY)), EAGER) as host:
            server.answer = ANSWER
            files = [tmp_path / f"{number}.wav" for number in range(3)]
            for number, file in enumerate(files):
                encode_excerpt(file, frames, 44100)
                time.sleep(1.1 if number == 1 else 0)
            contents = [file.read_bytes() for file in files]
            jobs = await asyncio.gather(*(take(host, tmp_path, n, content=contents[n]) for n in range(3)))
            return jobs, server

    jobs, server = asyncio.run(run())
    assert ends(jobs) == [JobState.DONE] * 3, [job[-1].error for job in jobs]
    assert server.count("initiate") == server.count("put") == 1
    assert [body["audio_url"] for body in server.bodies] == [f"{server.url}/files/1.wav"] * 3
    size = len(server.puts()[0])
    for job in jobs:
        told = [(u.done, u.total) for u in job if u.state is JobState.UPLOADING and u.total]
        assert told[-1] == (size, size)
        assert told == sorted(told)


async def under_way(
    host: Host, server: Recording, folder: Path, count: int, **more: object
) -> tuple[list[asyncio.Task[list[JobUpdate]]], list[asyncio.Event]]:
    """So many takes, the first one the one that sends, in the middle of the upload until its gate is opened."""
    server.answer = ANSWER
    server.gates["put"] = asyncio.Event()
    sending, cancels = asyncio.Semaphore(0), [asyncio.Event() for _ in range(count)]
    jobs: list[asyncio.Task[list[JobUpdate]]] = []
    for number, cancel in enumerate(cancels):
        jobs.append(asyncio.create_task(take(host, folder, number, cancel, sending=sending, **more)))
        await sending.acquire()
    return jobs, cancels


def test_three_jobs_see_the_bytes_of_the_one_upload(tmp_path: Path) -> None:
    content = bytes(2_000_000)

    async def run() -> list[list[JobUpdate]]:
        async with hostile(kind=Recording) as server, make_host(local(server.url, None), EAGER) as host:
            jobs, _ = await under_way(host, server, tmp_path, 3, content=content)
            server.gates["put"].set()
            return await asyncio.gather(*jobs)

    for job in asyncio.run(run()):
        assert job[-1].state is JobState.DONE, job[-1].error
        assert any(u.done == 2_000_000 for u in job if u.state is JobState.UPLOADING)


@pytest.mark.parametrize("leaver", [0, 1, 2])
def test_who_leaves_does_not_take_the_upload_along(leaver: int, tmp_path: Path) -> None:
    """The first one's folder is deleted in mid-upload, with the file that is being sent."""

    async def run() -> tuple[list[list[JobUpdate]], Recording]:
        async with hostile(kind=Recording) as server, make_host(local(server.url, None), EAGER) as host:
            jobs, cancels = await under_way(host, server, tmp_path, 3)
            cancels[leaver].set()
            await jobs[leaver]
            server.gates["put"].set()
            return await asyncio.gather(*jobs), server

    jobs, server = asyncio.run(run())
    expected = [JobState.DONE] * 3
    expected[leaver] = JobState.CANCELLED
    assert ends(jobs) == expected, [job[-1].error for job in jobs]
    assert server.count("initiate") == server.count("put") == 1
    assert server.count("submit") == 2


def test_the_last_one_to_leave_ends_the_upload_and_a_new_one_can_begin(tmp_path: Path) -> None:
    async def run() -> tuple[list[list[JobUpdate]], list[JobUpdate], Recording]:
        async with hostile(kind=Recording) as server, make_host(local(server.url, None), EAGER) as host:
            jobs, cancels = await under_way(host, server, tmp_path, 2)
            for cancel in cancels:
                cancel.set()
            ended = await asyncio.gather(*jobs)
            others = asyncio.all_tasks() - server.tasks - {asyncio.current_task()}
            assert not others, "nothing of the upload goes on"
            server.gates.clear()
            return ended, await take(host, tmp_path, 2), server

    jobs, third, server = asyncio.run(run())
    assert ends(jobs) == [JobState.CANCELLED] * 2
    assert third[-1].state is JobState.DONE, third[-1].error
    assert server.count("initiate") == 2


def test_an_upload_whose_file_went_with_its_job_is_begun_anew_by_the_others(tmp_path: Path) -> None:
    """Its first try fails, and then there is nothing to try again with."""

    async def run() -> tuple[list[list[JobUpdate]], Recording]:
        acts = {"put": [html(502), Act(200)]}
        async with hostile(acts, Recording) as server, make_host(local(server.url, None), EAGER) as host:
            jobs, cancels = await under_way(host, server, tmp_path, 2)
            cancels[0].set()
            await jobs[0]
            server.gates["put"].set()
            return await asyncio.gather(*jobs), server

    jobs, server = asyncio.run(run())
    assert ends(jobs) == [JobState.CANCELLED, JobState.DONE], jobs[1][-1].error
    assert server.count("put") == 2
    assert server.count("initiate") == 2


def test_a_failed_upload_fails_all_that_waited_and_is_not_remembered(tmp_path: Path) -> None:
    async def run() -> tuple[list[list[JobUpdate]], list[JobUpdate], Recording]:
        async with (
            hostile({"put": [html(502)]}, Recording) as server,
            make_host(local(server.url, None), EAGER) as host,
        ):
            server.answer = ANSWER
            jobs = await asyncio.gather(*(take(host, tmp_path, n) for n in range(3)))
            tries = server.count("put")
            assert tries == EAGER.transfer_tries
            server.acts.clear()
            return jobs, await take(host, tmp_path, 3), server

    jobs, later, _ = asyncio.run(run())
    assert all(isinstance(job[-1].error, BadReply) for job in jobs)
    assert later[-1].state is JobState.DONE


def one_after_another(
    folder: Path,
    count: int = 2,
    between: object = None,
    reuse: float = 60.0,
    uploads: UploadCache | None = None,
    **more: object,
) -> Recording:
    """Takes in turn on one host; `between` is called with the server after the first."""

    async def run() -> Recording:
        limits = replace(QUICK, reuse=reuse)
        async with hostile(kind=Recording) as server, make_host(local(server.url, Key(KEY)), limits) as host:
            server.answer = ANSWER
            for number in range(count):
                assert ends([await take(host, folder, number, **more)]) == [JobState.DONE]
                if number == 0 and between:
                    between(server)  # type: ignore[operator]
            return server

    return asyncio.run(run())


def test_a_later_take_looks_whether_the_upload_is_still_there(tmp_path: Path) -> None:
    server = one_after_another(tmp_path, 3)
    assert server.count("initiate") == 1
    asked = [seen for seen in server.seen if seen.stage == "file"]
    assert [seen.method for seen in asked] == ["HEAD", "HEAD"]
    assert KEY not in repr(asked)
    assert len({body["audio_url"] for body in server.bodies}) == 1


def test_where_head_is_not_allowed_one_byte_is_asked_for(tmp_path: Path) -> None:
    server = one_after_another(tmp_path, between=lambda server: setattr(server, "head", 405))
    assert server.count("initiate") == 1
    assert [(seen.method, seen.headers.get("range")) for seen in server.seen if seen.stage == "file"] == [
        ("HEAD", None),
        ("GET", "bytes=0-0"),
    ]


@pytest.mark.parametrize(
    "lost",
    [
        lambda server: server.files.clear(),
        lambda server: server.files.update({"/files/1.wav": ("audio/wav", b"another")}),
        lambda server: server.acts.update(file=[Act(302, headers=(("Location", "/x"),))]),
        lambda server: server.acts.update(file=[Act(drop="head")]),
        lambda server: server.acts.update(file=[html(500)]),
    ],
    ids=["gone", "another size", "moved", "no answer", "trouble"],
)
def test_what_is_gone_is_uploaded_anew(lost: object, tmp_path: Path) -> None:
    server = one_after_another(tmp_path, between=lost)
    assert server.count("initiate") == 2
    assert [body["audio_url"].rpartition("/")[2] for body in server.bodies] == ["1.wav", "2.wav"]


def test_an_upload_past_its_time_is_not_asked_for(tmp_path: Path) -> None:
    server = one_after_another(tmp_path, reuse=0.0)
    assert server.count("initiate") == 2
    assert server.count("file") == 0


def test_another_type_or_another_sound_is_another_upload(tmp_path: Path) -> None:
    async def run() -> Recording:
        async with hostile(kind=Recording) as server, make_host(local(server.url, None), QUICK) as host:
            server.answer = ANSWER
            await take(host, tmp_path, 0, content=b"one")
            await take(host, tmp_path, 1, content=b"two")
            await take(host, tmp_path, 2, content=b"one", source_type="audio/flac")
            return server

    server = asyncio.run(run())
    assert server.puts() == [b"one", b"two", b"one"]


def test_an_attachment_of_several_takes_goes_up_once(tmp_path: Path) -> None:
    voice = tmp_path / "voice.mp3"
    voice.write_bytes(b"v" * 5000)
    request = make_request(attachments={"ref_audio_url": str(voice)})
    server = one_after_another(tmp_path, 3, request=request)
    assert sorted(len(put) for put in server.puts()) == [5000, 10_004]


# On disk

FAR = Content("https://rest.example.com/storage", "ab" * 32, "audio/wav")


def share(cache: UploadCache, content: Content, url: str, lasts: float = 60.0) -> list[str]:
    """Which URL is had, and which earlier one was asked about."""
    asked: list[str] = []

    async def start(note: object) -> str:
        return url

    async def still_there(known: str) -> bool:
        asked.append(known)
        return True

    async def run() -> str:
        return await cache.share(content, start, lambda d, t: None, still_there=still_there, lasts=lasts)

    return [asyncio.run(run()), *asked]


def test_uploads_outlive_the_program(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "uploads.json"
    assert share(UploadCache(path), FAR, "https://cdn/1") == ["https://cdn/1"]
    assert share(UploadCache(path), FAR, "https://cdn/2") == ["https://cdn/1", "https://cdn/1"]
    other = replace(FAR, storage="https://rest.other.com/storage")
    assert share(UploadCache(path), other, "https://cdn/3") == ["https://cdn/3"]


def test_an_engines_uploads_end_with_it(tmp_path: Path) -> None:
    path = tmp_path / "uploads.json"
    share(UploadCache(path), replace(FAR, storage="http://127.0.0.1:5000/storage"), "http://127.0.0.1:5000/f/1")
    assert json.loads(path.read_text()) == {"uploads": []}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"uploads": [{"url": 1}]}', '{"uploads": 7}', "\x00\xff", '{"uploads": [{"until": NaN}]}'],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_as_good_as_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "uploads.json"
    path.write_text(text, "latin-1")
    assert share(UploadCache(path), FAR, "https://cdn/1") == ["https://cdn/1"]
    assert share(UploadCache(path), FAR, "https://cdn/2")[0] == "https://cdn/1"


@pytest.mark.parametrize("until", [time.time() - 1, time.time() + 30 * 86400, float("1e300")])
def test_times_that_are_past_or_make_no_sense_do_not_count(until: float, tmp_path: Path) -> None:
    path = tmp_path / "uploads.json"
    kept = {
        "storage": FAR.storage, "fingerprint": FAR.fingerprint, "content_type": FAR.content_type, "url": "https://cdn/0",
        "until": until,
    }  # fmt: skip
    path.write_text(json.dumps({"uploads": [kept]}))
    assert share(UploadCache(path), FAR, "https://cdn/1") == ["https://cdn/1"]


def test_a_place_that_cannot_be_written_is_of_no_consequence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert share(UploadCache(tmp_path / "file" / "uploads.json"), FAR, "https://cdn/1") == ["https://cdn/1"]


def test_so_many_are_kept_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "uploads.json"
    kept = {"storage": FAR.storage, "content_type": "audio/wav", "url": "https://cdn/0", "until": time.time() + 60}
    path.write_text(json.dumps({"uploads": [{**kept, "fingerprint": str(n)} for n in range(600)]}))
    share(UploadCache(path), FAR, "https://cdn/1")
    left = [each["fingerprint"] for each in json.loads(path.read_text())["uploads"]]
    assert left == [*(str(n) for n in range(101, 600)), FAR.fingerprint]
