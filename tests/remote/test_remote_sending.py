"""What a job sends: its source and its attachments, each where it belongs, all counted together, none half."""

import asyncio
import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from engine_fixture import RunningEngine, start_engine
from following import QUICK, follow, make_order, make_request
from hostile_server import KEY, Act, Hostile, hostile, html
from recording_server import Recording

from app.endpoints.fields import FileField, TextField
from app.endpoints.inline import INLINE_BYTES, room_for
from app.endpoints.request import Kind, Request
from app.errors import BadReply, Rejected
from app.remote.connection import Connection, Key, local
from app.remote.inline import data_uri
from app.remote.job import JobId, JobState, JobUpdate, Limits, Order, make_host, run_job
from app.remote.sending import content_type_of, fingerprint
from app.sound.region import Region

ANSWER = {"audio": "data:audio/wav;base64,UklGRg=="}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that somebody might attach."""
    for number, name in enumerate(("Ref Ä.FLAC", "voice.mp3", "grain.safetensors", "set.tar.gz")):
        (tmp_path / name).write_bytes(bytes([number]) * (60_000 + number))
    return tmp_path


def job(
    order: Order,
    acts: dict[str, list[Act]] | None = None,
    cancel: asyncio.Event | None = None,
    limits: Limits = QUICK,
    on_update: object = None,
) -> tuple[list[JobUpdate], Recording]:
    async def run() -> tuple[list[JobUpdate], Recording]:
        async with hostile(acts, Recording) as server:
            server.answer = ANSWER
            updates = await follow(server, order, limits=limits, cancel=cancel, on_update=on_update)  # type: ignore[arg-type]
            return updates, server

    return asyncio.run(run())


def attached(folder: Path, **attachments: str) -> Order:
    paths = {path.replace("__", "."): str(folder / name) for path, name in attachments.items()}
    return make_order(folder, request=make_request(attachments=paths))


def test_attachments_stand_at_their_paths(folder: Path) -> None:
    names = {"ref_audio_url": "Ref Ä.FLAC", "audio_urls[1]": "voice.mp3", "audio_urls[0]": "Ref Ä.FLAC"}
    weights = {"loras[0].path": "grain.safetensors", "dataset.archive": "set.tar.gz"}
    params = {"prompt": "x", "loras": [{"scale": 0.5}]}
    files = {path: str(folder / name) for path, name in (names | weights).items()}
    updates, server = job(make_order(folder, request=make_request(params=params, attachments=files)))
    assert updates[-1].state is JobState.DONE, updates[-1].error
    (body,) = server.bodies
    told = {
        "audio_url": ("audio/wav", (folder / "source of someone.wav").read_bytes()),
        "ref_audio_url": ("audio/flac", (folder / "Ref Ä.FLAC").read_bytes()),
        "path": ("application/octet-stream", (folder / "grain.safetensors").read_bytes()),
        "archive": ("application/gzip", (folder / "set.tar.gz").read_bytes()),
    }
    urls = {
        "audio_url": body["audio_url"], "ref_audio_url": body["ref_audio_url"], "path": body["loras"][0]["path"],
        "archive": body["dataset"]["archive"],
    }  # fmt: skip
    assert {name: server.files[url.removeprefix(server.url)] for name, url in urls.items()} == told
    assert body["loras"][0]["scale"] == 0.5
    assert server.files[body["audio_urls"][1].removeprefix(server.url)][0] == "audio/mpeg"
    # The same file in two places goes up once; names stay home, endings do not.
    assert body["audio_urls"][0] == body["ref_audio_url"]
    assert server.count("initiate") == 5
    assert [url.rpartition(".")[2] for url in urls.values()] == ["wav", "flac", "safetensors", "gz"]
    assert urls["archive"].endswith(".tar.gz")
    assert "Ref" not in repr(server.seen)
    assert server.leaks() == []
    # All uploads before the POST, and nothing after it.
    stages = [seen.stage for seen in server.seen]
    assert stages.count("submit") == 1
    assert not {"initiate", "put"} & set(stages[stages.index("submit") :])


def test_progress_counts_all_files_together(folder: Path) -> None:
    updates, _ = job(attached(folder, a="voice.mp3", b="grain.safetensors"), limits=replace(QUICK, told_every=0.0))
    told = [(u.done, u.total) for u in updates if u.state is JobState.UPLOADING and u.total is not None]
    total = 10_004 + 60_001 + 60_002
    assert {each for _, each in told} == {total}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)


@pytest.mark.parametrize("kind", ["missing", "a folder", "unreadable", "empty", "no name at all", "impossible"])
def test_a_file_that_cannot_be_read_is_told_before_anything_is_sent(folder: Path, kind: str) -> None:
    bad = folder / "lost voice.wav"
    match kind:
        case "a folder":
            bad.mkdir()
        case "unreadable":
            bad.symlink_to(bad)
        case "empty":
            bad.touch()
        case "no name at all":
            bad = Path("/")
        case "impossible":
            bad = folder / "lost voice\0.wav"
        case _:
            pass
    files = {"a": str(folder / "voice.mp3"), "voices[0].url": str(bad)}
    updates, server = job(make_order(folder, request=make_request(attachments=files)))
    error = updates[-1].error
    assert isinstance(error, Rejected)
    assert ("lost voice" in error.message) == (kind != "no name at all")
    assert error.field == "voices[0].url"
    assert "nothing was sent" in error.hint
    assert [u.state for u in updates] == [JobState.FAILED]
    assert server.seen == []


def test_a_source_that_is_gone_is_told_too(folder: Path) -> None:
    updates, server = job(make_order(folder, source=folder / "gone.wav"))
    assert isinstance(updates[-1].error, Rejected)
    assert "gone.wav could not be read" in updates[-1].error.message
    assert server.seen == []


@pytest.mark.parametrize("uploads", [1, 2, 3])
def test_cancel_between_and_during_uploads(folder: Path, uploads: int) -> None:
    cancel = asyncio.Event()
    acts = {"put": [Act(200)] * (uploads - 1) + [Act(hang=2.0)]}
    order = attached(folder, a="voice.mp3", b="grain.safetensors")
    sizes = [10_004, 60_001, 60_002]

    def watch(update: JobUpdate) -> None:
        if update.done >= sum(sizes[:uploads]):
            cancel.set()

    updates, server = job(order, acts, cancel, on_update=watch)
    assert updates[-1].state is JobState.CANCELLED
    assert server.count("submit") == server.count("cancel") == 0
    assert server.count("initiate") == uploads


def test_an_upload_that_fails_fails_the_job_and_sends_no_request(folder: Path) -> None:
    updates, server = job(attached(folder, a="voice.mp3"), {"put": [Act(200), html(502)]})
    assert isinstance(updates[-1].error, BadReply)
    assert server.count("submit") == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.WAV", "audio/wav"), ("a.flac", "audio/flac"), ("a.mp3", "audio/mpeg"), ("a.opus", "audio/ogg"),
        ("a.m4a", "audio/mp4"), ("a.aiff", "audio/aiff"), ("a.zip", "application/zip"), ("a.tgz", "application/gzip"),
        ("a.safetensors", "application/octet-stream"), ("a.json", "application/json"), ("a.png", "image/png"),
        ("a.csv", "text/csv"), ("a.nothing", "application/octet-stream"), ("a", "application/octet-stream"),
    ],
)  # fmt: skip
def test_types_by_a_names_ending(name: str, kind: str) -> None:
    assert content_type_of(Path(name)) == kind


# Parts, on a host of their own


def in_parts(folder: Path, cancel_at: int = 0) -> tuple[Recording, Recording, list[JobUpdate], bytes]:
    """A job whose 700 kB source goes up in parts of 100 kB to another port, where its result is fetched as well."""
    content = os.urandom(700_123)
    source = folder / "long.wav"
    source.write_bytes(content)
    limits = replace(QUICK, multipart_above=500_000, part_bytes=100_000, file_bytes=2_000_000, told_every=0.0)
    cancel = asyncio.Event()

    async def run() -> tuple[Recording, Recording, list[JobUpdate], bytes]:
        async with hostile(kind=Recording) as server, hostile(kind=Recording) as place:
            server.place = place
            place.files["/files/out.wav"] = ("audio/wav", b"RIFF")
            server.answer = {"audio": f"{place.url}/files/out.wav"}
            updates: list[JobUpdate] = []
            async with make_host(local(server.url, Key(KEY), "test"), limits) as host:
                async for update in run_job(host, make_order(folder, source=source), cancel=cancel):
                    updates.append(update)
                    if cancel_at and update.done >= cancel_at:
                        cancel.set()
            return server, place, updates, content

    return asyncio.run(run())


def test_parts_go_to_their_own_host_in_order_and_without_the_key(folder: Path) -> None:
    server, place, updates, content = in_parts(folder)
    assert updates[-1].state is JobState.DONE, updates[-1].error
    assert place.files["/files/1.wav"][1] == content
    puts = [seen for seen in place.seen if seen.stage == "put"]
    assert [seen.path for seen in puts] == [f"/put/1.wav/{n}?sig=s3cret" for n in (*range(1, 9), "complete")]
    assert server.bodies[0]["audio_url"] == f"{place.url}/files/1.wav"
    assert [seen.stage for seen in place.seen][-1] == "file"
    assert KEY not in repr(place.seen)
    assert "authorization" not in repr(place.seen)
    told = [u.done for u in updates if u.state is JobState.UPLOADING]
    assert told == sorted(told)
    assert len(told) > 5


def test_only_a_lost_part_goes_again(folder: Path) -> None:
    lost = ["/3?"]

    class Losing(Recording):
        """Loses the third part once."""

        def decent(self, stage: str, seen: object) -> Act:
            if stage == "put" and lost and lost[0] in seen.path:  # type: ignore[attr-defined]
                lost.clear()
                return Act(drop="body")
            return super().decent(stage, seen)  # type: ignore[arg-type]

    content = os.urandom(400_000)
    (folder / "long.wav").write_bytes(content)
    limits = replace(QUICK, multipart_above=300_000, part_bytes=100_000)

    async def go() -> tuple[list[JobUpdate], Recording]:
        async with hostile(kind=Losing) as server:
            server.answer = ANSWER
            return await follow(server, make_order(folder, source=folder / "long.wav"), limits=limits), server

    updates, server = asyncio.run(go())
    assert updates[-1].state is JobState.DONE, updates[-1].error
    numbers = [seen.path.split("?")[0].rpartition("/")[2] for seen in server.seen if seen.stage == "put"]
    assert numbers == ["1", "2", "3", "3", "4", "complete"]
    assert server.count("initiate") == 1
    assert server.files["/files/1.wav"][1] == content


def test_cancel_amid_parts_ends_the_upload(folder: Path) -> None:
    server, place, updates, _ = in_parts(folder, cancel_at=250_000)
    assert updates[-1].state is JobState.CANCELLED
    assert server.count("submit") == 0
    assert 2 <= place.count("put") <= 5
    assert "/files/1.wav" not in place.files


def test_the_key_goes_to_queue_and_storage_and_nowhere_else(folder: Path) -> None:
    """Queue, storage and files on three ports: three hosts, as the hosted service has them."""

    async def run() -> tuple[list[JobUpdate], list[Recording]]:
        async with (
            hostile(kind=Recording) as queue,
            hostile(kind=Recording) as storage,
            hostile(kind=Recording) as cdn,
        ):
            storage.place = cdn
            cdn.files["/files/out.wav"] = ("audio/wav", b"RIFF")
            queue.answer = {"audio": f"{cdn.url}/files/out.wav"}
            connection = Connection("studio", queue.url, f"{storage.url}/storage", Key(KEY))
            async with make_host(connection, QUICK) as host:
                updates = [u async for u in run_job(host, attached(folder, a="voice.mp3"), cancel=asyncio.Event())]
            return updates, [queue, storage, cdn]

    updates, (queue, storage, cdn) = asyncio.run(run())
    assert updates[-1].state is JobState.DONE, updates[-1].error
    assert {seen.stage for seen in storage.seen} == {"initiate"}
    assert {seen.stage for seen in cdn.seen} == {"put", "file"}
    assert all(seen.headers["authorization"] == f"Key {KEY}" for seen in (*queue.seen, *storage.seen))
    assert "authorization" not in repr(cdn.seen)
    assert KEY not in repr(cdn.seen)


# In the request itself


def test_a_small_source_travels_in_the_request(folder: Path) -> None:
    updates, server = job(make_order(folder, inline_bytes=INLINE_BYTES))
    assert updates[-1].state is JobState.DONE, updates[-1].error
    assert updates[0].state is JobState.SUBMITTING
    assert server.count("initiate") == server.count("put") == 0
    head, _, content = server.bodies[0]["audio_url"].partition(",")
    assert head == "data:audio/wav;base64"
    assert base64.b64decode(content) == (folder / "source of someone.wav").read_bytes()


def test_a_source_beyond_the_limit_is_uploaded_to_the_last_byte_of_it(folder: Path) -> None:
    uri = data_uri(folder / "source of someone.wav", "audio/wav", 10**6) if make_order(folder) else None
    assert uri is not None
    for most, uploads in ((len(uri), 0), (len(uri) - 1, 1), (0, 1)):
        _, server = job(make_order(folder, inline_bytes=most))
        assert server.count("initiate") == uploads, most
        assert server.bodies[0]["audio_url"].startswith("data:" if not uploads else "http:")


@pytest.mark.parametrize(
    ("field", "room"),
    [
        (FileField(name="audio_url", media="audio"), INLINE_BYTES),
        (FileField(name="file_url"), INLINE_BYTES),
        (FileField(name="audio_url", media="audio", max_length=2083), 0),
        (FileField(name="audio_url", media="audio", max_length=100_000), 100_000),
        (FileField(name="audio_url", media="audio", max_length=10**7), INLINE_BYTES),
        (FileField(name="audio_url", media="audio", max_bytes=50_000), 50_000),
        (FileField(name="audio_url", media="audio", max_bytes=60_000_000), INLINE_BYTES),
        (FileField(name="audio_data_url", media="archive"), 0),
        (FileField(name="video_url", media="video"), 0),
        (TextField(name="audio_url"), 0),
        (None, 0),
    ],
)
def test_which_fields_take_data(field: FileField | TextField | None, room: int) -> None:
    assert room_for(field) == room


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with start_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.mark.parametrize("inline", [0, INLINE_BYTES])
def test_the_real_engine_takes_both(engine: RunningEngine, inline: int, tmp_path: Path) -> None:
    rate, rng = 8000, np.random.default_rng(3)
    sound = 0.2 * np.sin(np.arange(2 * rate) / 9) + rng.normal(0, 0.01, 2 * rate)
    soundfile.write(tmp_path / "source.wav", sound, rate, subtype="PCM_16")
    request = Request(
        endpoint="retake/inpaint", connection="local", kind=Kind.FILL, source_field="audio_url", rate=rate, seed=5,
        params={"mask_start_seconds": 0.8, "mask_end_seconds": 1.0, "seed": 5},
        mask=Region(6400, 8000), excerpt=Region(0, 2 * rate),
    )  # fmt: skip
    order = Order(
        job=JobId("j"), request=request, folder=tmp_path / "job", source=tmp_path / "source.wav", deadline=60,
        inline_bytes=inline,
    )  # fmt: skip

    async def run() -> list[JobUpdate]:
        async with make_host(local(engine.url, Key(engine.key))) as host:
            return [update async for update in run_job(host, order, cancel=asyncio.Event())]

    updates = asyncio.run(run())
    end = updates[-1]
    assert end.state is JobState.DONE, end.error
    assert (JobState.UPLOADING in [u.state for u in updates]) == (inline == 0)
    assert end.result is not None
    after, after_rate = soundfile.read(end.result.files[0].path)
    assert (after_rate, len(after)) == (rate, 2 * rate)
    assert end.result.used["seed"] == 5


def test_the_same_sound_written_at_two_times_is_the_same_file(tmp_path: Path) -> None:
    """libsndfile stamps float WAV with the time of day, which must not make two takes upload it twice."""
    one, two, other = tmp_path / "1.wav", tmp_path / "2.wav", tmp_path / "3.wav"
    soundfile.write(one, np.full(1000, 0.1, np.float32), 44100, subtype="FLOAT")
    content = bytearray(one.read_bytes())
    at = content.index(b"PEAK")
    content[at + 12 : at + 16] = b"\x01\x02\x03\x04"
    two.write_bytes(content)
    content[-1] ^= 1
    other.write_bytes(content)
    found = [asyncio.run(fingerprint(path)) for path in (one, two, other)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    "head", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xffPEAK", b"x" * 50]
)
def test_any_beginning_has_a_fingerprint(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(head)
    assert len(asyncio.run(fingerprint(tmp_path / "f"))) == 64


def test_a_file_that_changes_under_way_is_not_taken_for_what_it_was(folder: Path) -> None:
    path = folder / "voice.mp3"

    def change(server: Hostile) -> None:
        path.write_bytes(b"something else, and longer" * 5000)

    async def run() -> list[JobUpdate]:
        async with hostile(kind=Recording) as server:
            server.answer = ANSWER
            server.before["put"] = lambda: change(server)
            order = make_order(folder, source=None, request=make_request(attachments={"a": str(path)}))
            return await follow(server, order)

    error = asyncio.run(run())[-1].error
    assert isinstance(error, Rejected)
    assert "voice.mp3 changed" in error.message
