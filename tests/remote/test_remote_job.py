"""The life of a job: its order of events, what is on disk before what is on the wire, cancelling and resuming."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from following import QUICK, follow, make_order, make_request
from hostile_server import KEY, SOUND, Act, Hostile, hostile, html, js

from app.errors import BadReply, Expired, JobFailed, Rejected, UnwritableFile
from app.remote.connection import Key, local
from app.remote.job import Handle, JobId, JobState, JobUpdate, make_host, run_job

S = JobState


def states(updates: list[JobUpdate]) -> list[JobState]:
    """Each state once per stay."""
    return [u.state for i, u in enumerate(updates) if i == 0 or updates[i - 1].state is not u.state]


def play(
    tmp_path: Path,
    acts: dict[str, list[Act]] | None = None,
    prepare: Callable[[Hostile], None] = lambda server: None,
    **more: object,
) -> tuple[list[JobUpdate], Hostile]:
    order_more = {k: more.pop(k) for k in ("deadline", "source", "request") if k in more}

    async def run() -> tuple[list[JobUpdate], Hostile]:
        async with hostile(acts) as server:
            prepare(server)
            return await follow(server, make_order(tmp_path, **order_more), **more), server  # type: ignore[arg-type]

    return asyncio.run(run())


def running(**more: object) -> Act:
    return js({"status": "IN_PROGRESS", "logs": None, **more}, 202)


def complete(**more: object) -> Act:
    return js({"status": "COMPLETED", "logs": None, **more})


def test_a_job_from_upload_to_file(tmp_path: Path) -> None:
    updates, server = play(tmp_path)
    assert states(updates) == [S.UPLOADING, S.SUBMITTING, S.QUEUED, S.RUNNING, S.DOWNLOADING, S.DONE]
    end = updates[-1]
    assert end.result is not None
    (file,) = end.result.files
    assert file.path.read_bytes() == SOUND
    assert file.path == tmp_path / "job" / "01-audio.bin"
    assert (file.key, file.file_name, file.content_type) == ("audio", "../../evil.wav", "audio/wav")
    assert (end.result.seed, end.result.prompt, end.result.billed_units) == (11, "rain", 1.5)
    assert (tmp_path / "job" / "answer.json").read_text() == end.result.answer
    body = json.loads(next(seen.body for seen in server.seen if seen.stage == "submit"))
    assert body == {"prompt": "rain", "seed": 11, "audio_url": f"{server.url}/files/src.wav"}
    assert any(u.done == u.total == 10_004 for u in updates if u.state is S.UPLOADING)
    assert any(u.done == u.total == len(SOUND) for u in updates if u.state is S.DOWNLOADING)
    assert [u.log for u in updates if u.state is S.RUNNING] == ["half way"]


def test_a_job_without_a_source_uploads_nothing(tmp_path: Path) -> None:
    updates, server = play(tmp_path, source=None, request=make_request(source_field=None))
    assert states(updates)[0] is S.SUBMITTING
    assert updates[-1].state is S.DONE
    assert server.count("initiate") == server.count("put") == 0


def test_journal_before_wire(tmp_path: Path) -> None:
    """While the consumer holds an update, nothing that it does not announce is sent."""

    async def run() -> None:
        async with hostile() as server, make_host(local(server.url, Key(KEY)), QUICK) as host:
            seen: dict[JobState, tuple[int, int, int]] = {}
            async for update in run_job(host, make_order(tmp_path), cancel=asyncio.Event()):
                await asyncio.sleep(0.05)
                counts = (server.count("initiate"), server.count("submit"), server.count("status"))
                if update.handle or update.state is not S.QUEUED:
                    seen.setdefault(update.state, counts)
            assert seen[S.UPLOADING] == (0, 0, 0)
            assert seen[S.SUBMITTING] == (1, 0, 0)
            assert seen[S.QUEUED] == (1, 1, 0)

    asyncio.run(run())


def test_letting_go_sends_nothing_and_raises_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with hostile({"status": [running()]}) as server, make_host(local(server.url, Key(KEY)), QUICK) as host:
            updates = run_job(host, make_order(tmp_path), cancel=asyncio.Event())
            async for update in updates:
                if update.state is S.RUNNING:
                    break
            await updates.aclose()

            async def follower() -> None:
                async for _ in run_job(host, make_order(tmp_path), cancel=asyncio.Event(), resume=update.handle):
                    pass

            task = asyncio.create_task(follower())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            before = len(server.seen)
            await asyncio.sleep(0.1)
            assert len(server.seen) == before
            assert server.count("cancel") == 0
            assert asyncio.all_tasks() - server.tasks == {asyncio.current_task()}

    asyncio.run(run())


def test_letting_go_in_mid_upload(tmp_path: Path) -> None:
    async def run() -> None:
        async with hostile({"put": [Act(hang=2.0)]}) as server, make_host(local(server.url, None), QUICK) as host:
            updates = run_job(host, make_order(tmp_path), cancel=asyncio.Event())
            async for update in updates:
                if update.done:
                    break
            await updates.aclose()
            assert server.count("submit") == 0

    asyncio.run(run())


@pytest.mark.parametrize("stage", [S.UPLOADING, S.SUBMITTING])
def test_cancel_before_the_post_sends_none(stage: JobState, tmp_path: Path) -> None:
    cancel = asyncio.Event()
    updates, server = play(
        tmp_path,
        {"put": [Act(hang=0.5 if stage is S.UPLOADING else 0.0)]},
        cancel=cancel,
        on_update=lambda u: cancel.set() if u.state is stage and (stage is S.SUBMITTING or u.done) else None,
    )
    assert updates[-1].state is S.CANCELLED
    assert server.count("submit") == server.count("cancel") == 0


def test_cancel_before_anything(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    cancel.set()
    updates, server = play(tmp_path, cancel=cancel, source=None)
    assert [u.state for u in updates] == [S.CANCELLED]
    assert server.seen == []


def test_cancel_while_the_post_is_on_its_way_waits_for_its_answer(tmp_path: Path) -> None:
    """A POST that is broken off may have been taken; one that is awaited can be called off."""
    cancel = asyncio.Event()
    updates, server = play(
        tmp_path,
        {"status": [running()]},
        prepare=lambda server: server.before.update(submit=cancel.set),
        cancel=cancel,
    )
    assert updates[-1].state is S.CANCELLED
    assert updates[-1].handle is not None
    assert (server.count("submit"), server.count("cancel")) == (1, 1)


def test_cancel_while_running_is_quick_even_where_a_poll_hangs(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    start = time.monotonic()
    updates, server = play(
        tmp_path,
        {"status": [running(), Act(hang=1.9)]},
        prepare=lambda server: server.before.update(status=lambda: server.count("status") == 2 and cancel.set()),
        cancel=cancel,
    )
    assert states(updates)[-2:] == [S.RUNNING, S.CANCELLED]
    assert server.count("cancel") == 1
    assert time.monotonic() - start < 1.5


def test_a_result_that_is_there_before_the_cancel_wins(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    updates, server = play(
        tmp_path,
        {"status": [running(), complete()], "cancel": [js({"status": "ALREADY_COMPLETED"}, 400)]},
        cancel=cancel,
        on_update=lambda u: cancel.set() if u.state is S.RUNNING else None,
    )
    assert updates[-1].state is S.DONE
    assert server.count("cancel") == 1


def test_a_host_that_contradicts_itself_about_the_cancel_does_not_hold_us(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    updates, _ = play(
        tmp_path,
        {"status": [running()], "cancel": [js({"status": "ALREADY_COMPLETED"}, 400)]},
        deadline=2.0,
        cancel=cancel,
        on_update=lambda u: cancel.set() if u.state is S.RUNNING else None,
    )
    assert updates[-1].state is S.CANCELLED


def test_a_cancelled_job_whose_result_is_499_is_cancelled(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    acts = {
        "status": [running(), complete(error_type="client_cancelled", error="cancelled")],
        "cancel": [js({"status": "ALREADY_COMPLETED"}, 400)],
        "result": [js({"detail": "Request cancelled by the client."}, 499)],
    }
    updates, _ = play(tmp_path, acts, cancel=cancel, on_update=lambda u: cancel.set() if u.state is S.RUNNING else None)
    assert updates[-1].state is S.CANCELLED
    # The same end without our wish is a failure that says so.
    cancel.clear()
    updates, _ = play(tmp_path, acts)
    assert isinstance(updates[-1].error, JobFailed)
    assert "cancelled" in updates[-1].error.message


def test_a_host_that_cannot_be_told_to_stop_is_left_with_a_note(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    updates, server = play(
        tmp_path,
        {"status": [running()], "cancel": [Act(drop="body")]},
        cancel=cancel,
        on_update=lambda u: cancel.set() if u.state is S.RUNNING else None,
    )
    assert updates[-1].state is S.CANCELLED
    assert "may go on" in updates[-1].notes[0]
    assert server.count("cancel") > 1


def test_cancel_after_the_result_came_is_too_late(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    updates, server = play(
        tmp_path, cancel=cancel, on_update=lambda u: cancel.set() if u.state is S.DOWNLOADING else None
    )
    assert updates[-1].state is S.DONE
    assert server.count("cancel") == 0


def test_resume_goes_on_without_a_post(tmp_path: Path) -> None:
    async def run() -> tuple[list[JobUpdate], Hostile]:
        async with hostile() as server:
            base = f"{server.url}/acme/fill/requests/r-1"
            handle = Handle("r-1", f"{base}/status", base, f"{base}/cancel")
            return await follow(server, make_order(tmp_path), resume=handle), server

    updates, server = asyncio.run(run())
    assert states(updates) == [S.QUEUED, S.RUNNING, S.DOWNLOADING, S.DONE]
    assert updates[0].handle is not None
    assert server.count("submit") == server.count("initiate") == 0


def test_an_answer_that_was_stored_is_not_asked_for_again(tmp_path: Path) -> None:
    """Hosts keep results for minutes; what lies in the folder outlives them."""

    async def run() -> tuple[list[JobUpdate], list[JobUpdate], Hostile]:
        async with hostile({"file": [html(404)]}) as server:
            order = make_order(tmp_path)
            first = await follow(server, order)
            server.acts = {"status": [html(404)], "result": [html(404)]}
            return first, await follow(server, order, resume=first[-1].handle), server

    first, second, _ = asyncio.run(run())
    assert isinstance(first[-1].error, Expired)
    assert states(second) == [S.DOWNLOADING, S.DONE]


def test_steps_back_new_words_and_missing_logs_are_survived(tmp_path: Path) -> None:
    line = {"message": "a", "timestamp": "1"}
    updates, _ = play(
        tmp_path,
        {
            "status": [
                js({"status": "IN_QUEUE", "queue_position": 3}),
                running(logs=[line]),
                js({"status": "IN_QUEUE", "queue_position": 0}),
                js({"status": "BREWING"}),
                running(),
                js({"status": "IN_PROGRESS"}),
                running(logs=[line, {"message": "a", "timestamp": "2"}]),
                running(logs=[{"message": "a", "timestamp": "2"}, {"message": "b", "timestamp": "3"}]),
                complete(),
            ]
        },
    )
    assert states(updates)[2:] == [S.QUEUED, S.RUNNING, S.QUEUED, S.RUNNING, S.DOWNLOADING, S.DONE]
    assert [u.lines for u in updates if u.lines] == [("a",), ("a",), ("b",)]
    assert [u.place for u in updates if u.state is S.QUEUED] == [None, 3, 0]


def test_a_lost_network_is_waited_for(tmp_path: Path) -> None:
    gone = Act(drop="head")
    updates, server = play(
        tmp_path,
        {"status": [running(), *[gone] * 6, running(), complete()], "result": [gone, html(504), html(504)]},
        prepare=lambda server: server.acts["result"].append(server.decent("result", None)),  # type: ignore[arg-type]
        limits=replace(QUICK, outage=5.0, patience=5.0),
    )
    assert updates[-1].state is S.DONE
    noted = [u for u in updates if u.notes]
    assert "Waiting for the network." in noted[0].notes[0]
    assert any(not u.notes for u in updates[updates.index(noted[0]) :] if u.state is S.RUNNING)
    assert server.count("submit") == 1
    assert server.count("result") == 4


def test_troubles_that_pass_do_not_add_up(tmp_path: Path) -> None:
    """Each is shorter than what is borne, all together are longer."""
    updates, _ = play(
        tmp_path,
        {"status": [running(), *[Act(drop="body"), running(), running(), running()] * 6, complete()]},
        limits=replace(QUICK, outage=0.1),
    )
    assert updates[-1].state is S.DONE


def test_a_complete_job_whose_result_is_not_quite_there(tmp_path: Path) -> None:
    early = js({"detail": "Request is still in progress"}, 400)
    updates, server = play(
        tmp_path,
        {"result": [early, early]},
        prepare=lambda server: server.acts["result"].append(server.decent("result", None)),  # type: ignore[arg-type]
    )
    assert updates[-1].state is S.DONE
    assert server.count("result") == 3


@pytest.mark.parametrize(
    ("result", "kind", "words"),
    [
        (
            js({"detail": [{"loc": ["body", "seed"], "msg": "bad seed", "type": "value_error"}]}, 422),
            Rejected,
            "bad seed",
        ),
        (js({"detail": "out of memory", "error_type": "runner_server_error"}, 500), JobFailed, "out of memory"),
        (js({"detail": "gone", "error_type": "runner_disconnected"}, 503), JobFailed, "gone"),
        (js({"detail": [{"loc": ["body"], "msg": "slow", "type": "generation_timeout"}]}, 504), JobFailed, "slow"),
        (js({"detail": [{"loc": ["body"], "msg": "x", "type": "downstream_service_error"}]}, 400), JobFailed, "x"),
        (html(404), JobFailed, "engine on fire"),
        (js({"seed": 1}), JobFailed, "engine on fire"),
        (html(502), JobFailed, "engine on fire"),
    ],
)
def test_a_failed_job_says_why_at_once(result: Act, kind: type[Exception], words: str, tmp_path: Path) -> None:
    updates, server = play(
        tmp_path,
        {"status": [complete(error="engine on fire")], "result": [result]},
        limits=replace(QUICK, patience=5.0),
    )
    assert isinstance(updates[-1].error, kind)
    assert words in updates[-1].error.message
    assert server.count("result") == 1


def test_an_answer_without_files_is_kept_and_told(tmp_path: Path) -> None:
    updates, _ = play(tmp_path, {"result": [js({"text": "no sound today"})]})
    assert isinstance(updates[-1].error, BadReply)
    assert "names no file" in updates[-1].error.message
    assert json.loads((tmp_path / "job" / "answer.json").read_text()) == {"text": "no sound today"}


def test_many_files_keep_their_keys_and_get_harmless_names(tmp_path: Path) -> None:
    def prepare(server: Hostile) -> None:
        u = f"{server.url}/files/"
        answer = {
            "cover": {"url": u + "c.png"},
            "../../etc/pass wd": {"url": u + "a.wav"},
            "stems": {"Vocals": {"url": u + "v.wav"}, "drums": {"url": u + "d.wav"}},
            "seed": 2**70,
        }
        server.acts["result"] = [js(answer)]

    updates, _ = play(tmp_path, prepare=prepare)
    assert updates[-1].result is not None
    assert updates[-1].result.seed is None
    files = updates[-1].result.files
    assert [file.path.name for file in files] == [
        "01-etc-pass-wd.bin", "02-stems-vocals.bin", "03-stems-drums.bin", "04-cover.bin"
    ]  # fmt: skip
    assert [file.audio for file in files] == [True, True, True, False]
    assert all(file.path.parent == tmp_path / "job" for file in files)


def test_a_picture_that_cannot_be_had_does_not_spoil_the_sound(tmp_path: Path) -> None:
    def prepare(server: Hostile) -> None:
        server.acts["file"] = [Act(200, SOUND), html(404)]
        server.acts["result"] = [
            js({"image": {"url": f"{server.url}/files/c.png"}, "audio": f"{server.url}/files/a.wav"})
        ]

    updates, _ = play(tmp_path, prepare=prepare)
    assert updates[-1].state is S.DONE
    assert updates[-1].result is not None
    assert [file.key for file in updates[-1].result.files] == ["audio"]


def test_a_folder_that_cannot_be_written_fails_the_job_with_its_handle(tmp_path: Path) -> None:
    (tmp_path / "job").write_text("a file where the folder should be")
    updates, _ = play(tmp_path)
    assert isinstance(updates[-1].error, UnwritableFile)
    assert updates[-1].handle is not None


@pytest.mark.logs
def test_a_fault_of_our_own_is_an_update_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    updates, server = play(tmp_path, request=make_request(params={"x": object()}, endpoint=7), source=None)
    assert updates[-1].state is S.FAILED
    assert server.seen == []
    assert "TypeError" in caplog.text
    assert KEY not in caplog.text


def test_twenty_jobs_side_by_side(tmp_path: Path) -> None:
    async def run() -> tuple[list[list[JobUpdate]], Hostile]:
        async with hostile({"status": [complete()]}) as server, make_host(local(server.url, Key(KEY)), QUICK) as host:

            async def one(number: int) -> list[JobUpdate]:
                folder = tmp_path / str(number)
                folder.mkdir()
                order = make_order(folder, job=JobId(f"j{number}"))
                return [u async for u in run_job(host, order, cancel=asyncio.Event())]

            return await asyncio.gather(*(one(n) for n in range(20))), server

    jobs, server = asyncio.run(run())
    assert all(job[-1].state is S.DONE for job in jobs)
    assert [{u.job for u in job} for job in jobs] == [{f"j{n}"} for n in range(20)]
    assert server.count("submit") == 20
