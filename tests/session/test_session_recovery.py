"""Jobs that outlive their window: each becomes a take once, or says why it cannot."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.endpoints.request import Request
from app.errors import UnwritableFile
from app.files.ledger import Ledger, LedgerState
from app.files.project import Project
from app.files.settings import Settings
from app.remote.job import JobState
from app.session.engine_process import EngineProcess
from app.session.session import Session
from app.sound.region import Region

LONG = 60_000


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, make_music(6).read(), 44100, subtype="PCM_16")
    return path


def open_path(session: Session, qtbot: QtBot, path: Path) -> Project:
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    assert session.project is not None
    return session.project


def a_request(session: Session) -> Request:
    assert session.project is not None
    session.asking.set_takes(1)
    mask = Region.from_seconds(2, 3, 44100)
    (request,) = session.asking.requests(mask, session.sound, 0, None)
    return request


def test_a_job_whose_project_was_closed_lands_when_it_is_opened_again(
    session: Session, qtbot: QtBot, song: Path
) -> None:
    project = open_path(session, qtbot, song)
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(message.text))
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(2)
    session.submit()
    session.close()
    qtbot.waitUntil(lambda: sum("kept until that project" in text for text in said) == 2, timeout=LONG)
    assert not session.desk.jobs
    open_path(session, qtbot, project.folder)
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 2, timeout=LONG)
    session.close()
    open_path(session, qtbot, project.folder)
    qtbot.wait(300)
    assert len(session.timeline.takes) == 2, "once, and not again"


def test_a_job_that_runs_while_its_project_is_reopened_lands_once(session: Session, qtbot: QtBot, song: Path) -> None:
    project = open_path(session, qtbot, song)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(4)
    session.submit()
    session.close()
    open_path(session, qtbot, project.folder)
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 4, timeout=LONG)
    qtbot.waitUntil(lambda: not session.desk.jobs, timeout=LONG)
    assert len({take.request.seed for take in session.timeline.takes}) == 4


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (LedgerState.PLANNED, "cost nothing"),
        (LedgerState.SUBMITTING, "engine was closed"),
        (LedgerState.ACCEPTED, "engine was closed"),
    ],
)
def test_what_cannot_go_on_says_why_and_can_be_asked_again(
    session: Session, qtbot: QtBot, song: Path, state: LedgerState, words: str
) -> None:
    project = open_path(session, qtbot, song)
    request = a_request(session)
    session.set_mask(request.mask)
    keep = request.mask
    session.submit()  # a take, so that the unnamed project is kept
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    session.close()
    ledger = Ledger()
    ledger.plan("lost", project.folder, request)
    if state is not LedgerState.PLANNED:
        ledger.submitting("lost")
    if state is LedgerState.ACCEPTED:
        ledger.accepted("lost", "id", *[f"http://127.0.0.1:9/{each}" for each in ("s", "r", "c")])
    open_path(session, qtbot, project.folder)
    qtbot.waitUntil(lambda: bool(session.desk.jobs), timeout=LONG)
    ((job_id, job),) = session.desk.jobs.items()
    assert job.update.state is JobState.FAILED
    assert job.update.error is not None
    assert words in job.update.error.message
    assert session.mask == keep
    session.retry(job_id)
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 2, timeout=LONG)
    row = ledger.get("lost")
    assert row is not None
    assert row.state is LedgerState.FAILED, "said once; it does not come back at the next start"
    ledger.close()


def test_a_job_of_another_project_is_not_asked_again_here(session: Session, qtbot: QtBot, song: Path) -> None:
    soundfile.write(song, np.zeros((6 * 44100, 1)), 44100)  # silence: the engine refuses
    open_path(session, qtbot, song)
    session.set_mask(Region(44100, 2 * 44100))
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: any(j.update.state is JobState.FAILED for j in session.desk.jobs.values()), timeout=LONG)
    (job,) = session.desk.jobs
    other = song.with_name("other.wav")
    soundfile.write(other, make_music(3).read(), 44100)
    open_path(session, qtbot, other)
    session.retry(job)
    assert list(session.desk.jobs) == [job]
    assert session.timeline.takes == ()


def test_takes_go_with_a_project_that_is_saved_while_they_are_made(
    session: Session, qtbot: QtBot, song: Path, tmp_path: Path
) -> None:
    open_path(session, qtbot, song)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(3)
    session.submit()
    with qtbot.waitSignal(session.saved, timeout=LONG):
        session.save_as(tmp_path / "Song.retake")
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 3, timeout=LONG)
    session.close()
    open_path(session, qtbot, tmp_path / "Song.retake")
    assert len(session.timeline.takes) == 3
    assert not session.desk.jobs


def test_save_as_and_close_at_once_keeps_what_was_saved(
    session: Session, qtbot: QtBot, song: Path, tmp_path: Path
) -> None:
    open_path(session, qtbot, song)
    folder = tmp_path / "Saved.retake"
    session.save_as(folder)
    session.close()
    qtbot.waitUntil(folder.exists, timeout=LONG)
    qtbot.wait(200)
    assert folder.exists()
    open_path(session, qtbot, folder)


def test_quitting_while_a_take_lands_neither_loses_nor_doubles_it(
    session: Session, qtbot: QtBot, song: Path, engine: EngineProcess
) -> None:
    project = open_path(session, qtbot, song)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(3)
    seen: list[str] = []
    session.desk._queue.updated.connect(lambda update: seen.append(update.log))
    session.submit()
    qtbot.waitUntil(lambda: "Fitting it into the clip" in seen, timeout=LONG)
    session.shut_down()
    ledger = Ledger()
    later = Session(Settings(), ledger)
    try:
        later.add_connection(engine.connection)
        with qtbot.waitSignal(later.opened, timeout=LONG):
            later.open(project.folder)
        qtbot.waitUntil(
            lambda: (
                len(later.timeline.takes) + len(later.desk.of(later.project)) == 3
                and all(job.update.state.final for job in later.desk.of(later.project).values())
            ),
            timeout=LONG,
        )
        assert later.timeline.takes, "what had come back is there"
        seeds = [take.request.seed for take in later.timeline.takes]
        assert len(set(seeds)) == len(seeds), "and only once"
    finally:
        later.shut_down()
        ledger.close()


def test_what_came_back_but_could_not_be_written_is_written_at_the_retry_and_not_asked_again(
    session: Session, qtbot: QtBot, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_path(session, qtbot, song)
    whole = Project.add_take
    refused: list[str] = []

    def full_disk(self: Project, *parts: object, **named: object) -> object:
        refused.append(str(named["job"]))
        raise UnwritableFile("There is no room on the disk.", "Make some.")

    monkeypatch.setattr(Project, "add_take", full_disk)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: any(j.update.state is JobState.FAILED for j in session.desk.jobs.values()), timeout=LONG)
    ((job_id, job),) = session.desk.jobs.items()
    assert job.update.error is not None
    assert "no room" in job.update.error.message
    assert "kept in" in job.update.error.hint
    monkeypatch.setattr(Project, "add_take", whole)
    session.retry(job_id)
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    assert refused == [job_id]
    ledger = Ledger()
    row = ledger.get(job_id)
    assert row is not None
    assert row.state is LedgerState.IMPORTED, "the very same job, submitted once"
    assert ledger.open_jobs() == ()
    ledger.close()


def test_an_edit_that_the_disk_refuses_is_taken_back_and_said(
    session: Session, qtbot: QtBot, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_path(session, qtbot, song)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(message.text))

    def refused(*_: object) -> None:
        raise UnwritableFile("The disk refuses.", "Look at it.")

    monkeypatch.setattr(project, "record", refused)
    session.use(session.timeline.takes[0].id)
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said == ["The disk refuses."]
    assert session.timeline.head is None
    assert session.hearing.heard is None


def test_a_sound_that_cannot_be_opened_leaves_the_open_one_workable(session: Session, qtbot: QtBot, song: Path) -> None:
    project = open_path(session, qtbot, song)
    with qtbot.waitSignal(session.opening, timeout=LONG):
        session.open(song.with_name("missing.wav"))
    assert session.project is project
    assert not session.loading
    session.set_mask(Region(100, 2000))
    assert session.mask == Region(100, 2000)


def test_what_is_in_use_is_not_binned(session: Session, qtbot: QtBot, song: Path) -> None:
    open_path(session, qtbot, song)
    session.set_mask(Region.from_seconds(2, 3, 44100))
    session.asking.set_takes(2)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 2, timeout=LONG)
    one, two = session.timeline.takes
    session.use(one.id)
    session.bin(one.id)
    assert session.timeline.binned == frozenset()
    session.hear(two.id)
    session.bin(two.id)
    assert session.timeline.binned == {two.id}
    assert session.hearing.heard == one.id, "what is binned is no longer heard"
