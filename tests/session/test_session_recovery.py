"""Jobs that outlive their window: each becomes a take once, or says why it cannot."""

from pathlib import Path

import pytest
import soundfile
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.endpoints.request import Request
from app.files.ledger import Ledger, LedgerState
from app.files.project import Project
from app.remote.job import JobState
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
    (request,) = session.asking.requests(mask, session.project.source, None)
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
    assert not session.desk.jobs
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
    ledger = Ledger()
    ledger.plan("lost", project.folder, request)
    if state is not LedgerState.PLANNED:
        ledger.submitting("lost")
    if state is LedgerState.ACCEPTED:
        ledger.accepted("lost", "id", *[f"http://127.0.0.1:9/{each}" for each in ("s", "r", "c")])
    session.set_mask(request.mask)
    project.folder.mkdir(exist_ok=True)
    keep = request.mask
    session.submit()  # a take, so that the unnamed project is kept
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    session.close()
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
    project = open_path(session, qtbot, song)
    session.set_mask(Region(0, project.source.length))  # all of it: the engine refuses
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
