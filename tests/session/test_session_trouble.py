"""What goes wrong around the session: one clear sentence each, and the project unharmed."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.errors import AppError
from app.remote.connection import Connection, Key
from app.remote.job import JobState
from app.session.engine_keeper import EngineKeeper
from app.session.messages import Message, Weight
from app.session.session import Session
from app.sound.region import Region

LONG = 60_000


@pytest.fixture
def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.messages.posted.connect(messages.append)
    return messages


@pytest.fixture
def song(session: Session, qtbot: QtBot, tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, make_music(6).read(), 44100, subtype="PCM_16")
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    return path


def bad_files(folder: Path) -> dict[str, Path]:
    wav = folder / "good.wav"
    soundfile.write(wav, make_music(1).read(), 44100)
    whole = wav.read_bytes()
    files = {
        "missing": folder / "missing.wav",
        "empty": folder / "empty.wav",
        "text": folder / "text.wav",
        "header only": folder / "header.wav",
        "folder": folder / "folder.wav",
    }
    files["empty"].write_bytes(b"")
    files["text"].write_text("this is not sound")
    files["header only"].write_bytes(whole[:40])
    files["folder"].mkdir()
    return files


@pytest.mark.parametrize("what", ["missing", "empty", "text", "header only", "folder"])
def test_a_file_that_is_no_sound_is_one_sentence_and_what_is_open_stays(
    session: Session, song: Path, said: list[Message], qtbot: QtBot, tmp_path: Path, what: str
) -> None:
    before = session.project
    session.open(bad_files(tmp_path)[what])
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said[0].weight is Weight.ERROR
    assert said[0].text.endswith(".")
    assert said[0].hint
    assert "Traceback" not in said[0].text
    assert session.project is before


def test_a_clip_with_nans_opens_with_a_warning_and_takes_are_numbers(
    session: Session, said: list[Message], qtbot: QtBot, tmp_path: Path
) -> None:
    frames = make_music(6).read()
    frames[1000:1010, 0] = np.nan
    path = tmp_path / "nan.wav"
    soundfile.write(path, frames, 44100, subtype="FLOAT")
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    assert any("not numbers" in message.text for message in said)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    take = session.timeline.takes[0]
    assert np.isfinite(session.rendering(take.id).read()).all()
    kept = session.rendering(take.id).segments[0].clip.samples[1000:1010][:, 0]
    assert np.isnan(kept).all(), "outside the mask even what is no number stays as it was"


@pytest.mark.parametrize("region", [Region(500, 500), Region(10**9, 10**9 + 5)])
def test_a_mask_of_nothing_or_outside_is_no_mask(session: Session, song: Path, region: Region) -> None:
    session.set_mask(region)
    assert session.mask is None


def test_asking_without_a_mask_says_so(session: Session, song: Path, said: list[Message]) -> None:
    session.submit()
    assert said[0].text == "There is no mask."


def test_a_mask_over_everything_is_refused_before_anything_is_sent(
    session: Session, song: Path, said: list[Message]
) -> None:
    session.set_mask(Region(0, 6 * 44100))
    session.asking.set_takes(1)
    session.submit()
    assert "outside the mask" in said[0].text
    assert said[0].hint
    assert not session.desk.jobs


def test_what_the_engine_refuses_is_a_failed_job_with_its_reason_and_keeps_its_settings(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((6 * 44100, 1)), 44100, subtype="PCM_16")
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    mask = Region(44100, 2 * 44100)
    session.set_mask(mask)
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: any(j.update.state is JobState.FAILED for j in session.desk.jobs.values()), timeout=LONG)
    (job,) = session.desk.jobs.values()
    assert job.update.error is not None
    assert job.update.error.message
    assert job.task.request.mask == mask
    assert session.timeline.takes == ()


def test_an_engine_killed_in_mid_job_is_a_failed_job_and_the_next_engine_takes_the_retry(
    session: Session, song: Path, qtbot: QtBot
) -> None:
    keeper = EngineKeeper()
    keeper.ready.connect(session.add_connection)
    keeper.lost.connect(session.lose_connection)
    try:
        with qtbot.waitSignal(keeper.ready, timeout=LONG):
            keeper.begin()
        session.set_mask(Region.from_seconds(2, 3, 44100))
        session.asking.set_takes(1)
        killed = keeper.pid
        assert killed is not None
        os.kill(killed, signal.SIGSTOP)  # taken, never answered: in mid-job for as long as it takes to look
        session.submit()
        qtbot.wait(300)
        with qtbot.waitSignal(keeper.ready, timeout=LONG):
            os.kill(killed, signal.SIGKILL)
        qtbot.waitUntil(lambda: any(j.update.state.final for j in session.desk.jobs.values()), timeout=LONG)
        ((job_id, job),) = session.desk.jobs.items()
        assert job.update.state is JobState.FAILED
        assert isinstance(job.update.error, AppError)
        assert job.update.error.message.endswith(".")
        assert keeper.pid not in (None, killed)
        session.retry(job_id)
        qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
        qtbot.waitUntil(lambda: not session.desk.jobs, timeout=LONG)
    finally:
        keeper.end()


@pytest.fixture
def garbage() -> Iterator[str]:
    """A host that takes every connection and answers with noise."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(65536)
                client.sendall(bytes(range(256)) * 8)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    stopping.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_server_that_answers_garbage_is_a_failed_job(
    session: Session, song: Path, qtbot: QtBot, garbage: str
) -> None:
    session.connections.put(Connection("local", garbage, f"{garbage}/storage", Key("canary-key")))
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: any(j.update.state is JobState.FAILED for j in session.desk.jobs.values()), timeout=LONG)
    (job,) = session.desk.jobs.values()
    assert job.update.error is not None
    assert "canary" not in str(job.update.error)
    assert session.project is not None
    assert session.timeline.takes == ()


def test_a_job_that_waits_can_be_stopped(session: Session, song: Path, qtbot: QtBot) -> None:
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(8)
    session.submit()
    last = list(session.desk.jobs)[-1]
    session.desk.cancel(last)
    qtbot.waitUntil(lambda: not session.desk.jobs, timeout=LONG)
    assert len(session.timeline.takes) == 7


def test_a_project_that_is_open_elsewhere_is_not_opened_twice(
    session: Session, song: Path, said: list[Message], qtbot: QtBot
) -> None:
    assert session.project is not None
    session.open(session.project.folder)
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert "another" in str(said[0].text + said[0].hint)
    assert session.project is not None


def test_an_export_that_cannot_be_written_leaves_nothing_behind(
    session: Session, song: Path, said: list[Message], qtbot: QtBot, tmp_path: Path
) -> None:
    from app.files.formats import ExportFormat

    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    session.export(blocked / "out.wav", None, ExportFormat.WAV)
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said[0].weight is Weight.ERROR
    assert blocked.read_text() == "in the way"


@pytest.mark.parametrize("by", ["its name", "a link", "a second name"])
def test_an_export_never_writes_over_the_original(
    session: Session, song: Path, said: list[Message], qtbot: QtBot, tmp_path: Path, by: str
) -> None:
    from app.files.formats import ExportFormat

    before = song.read_bytes()
    target = song if by == "its name" else tmp_path / "other.wav"
    if by == "a link":
        target.symlink_to(song)
    elif by == "a second name":
        target.hardlink_to(song)
    session.export(target, None, ExportFormat.WAV)
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said[0].weight is Weight.ERROR
    assert said[0].text == f"{target.name} is the original, and originals are never written to."
    assert song.read_bytes() == before
    assert target.samefile(song)
