"""The ledger: nothing sent that is not written down, nothing submitted twice, nothing forgotten."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sample_files import step_down

from app import paths
from app.endpoints.request import Kind, Request
from app.errors import UnwritableFile
from app.files.ledger import Ledger, LedgerState
from app.sound.region import Region

ASK = Request(
    endpoint="e", connection="fal", kind=Kind.FILL, params={"a": 1}, mask=Region(1, 2), excerpt=Region(0, 9), rate=48000
)
URLS = ("id-1", "https://h/status", "https://h/response", "https://h/cancel")


def test_a_job_walks_from_its_plan_to_its_take(tmp_path: Path) -> None:
    ledger = Ledger()
    assert ledger.path == paths.data_dir() / "ledger.db"
    ledger.plan("j1", tmp_path / "Song.retake", ASK, "f" * 64)
    ledger.submitting("j1")
    ledger.accepted("j1", *URLS)
    ledger.close()

    ledger = Ledger()  # after a crash
    (row,) = ledger.open_jobs()
    assert (row.job, row.project, row.request, row.source_sha) == ("j1", tmp_path / "Song.retake", ASK, "f" * 64)
    assert (row.request_id, row.status_url, row.response_url, row.cancel_url) == URLS
    assert (row.state, row.folder) == (LedgerState.ACCEPTED, None)
    ledger.moved(tmp_path / "Song.retake", tmp_path / "Named.retake")
    ledger.downloaded("j1", tmp_path / "inbox")
    (row,) = ledger.open_jobs()
    assert (row.project.name, row.folder) == ("Named.retake", tmp_path / "inbox")
    ledger.imported("j1", "take-1")
    assert ledger.open_jobs() == ()
    closed = ledger.get("j1")
    assert closed is not None
    assert (closed.state, closed.take) == (LedgerState.IMPORTED, "take-1")
    ledger.close()


def test_a_job_is_submitted_once() -> None:
    ledger = Ledger()
    ledger.plan("j", Path("p"), ASK)
    with pytest.raises(ValueError, match="already"):
        ledger.plan("j", Path("p"), ASK)
    ledger.submitting("j")
    with pytest.raises(ValueError, match="submitted already"):
        ledger.submitting("j")
    other = Ledger()  # nor by another window
    with pytest.raises(ValueError, match="submitted already"):
        other.submitting("j")
    ledger.failed("j", "out of funds")
    with pytest.raises(ValueError, match="submitted already"):
        ledger.submitting("j")
    for each in (ledger, other):
        each.close()


def test_what_is_closed_stays_closed_but_a_result_wins() -> None:
    ledger = Ledger()
    for job in "abc":
        ledger.plan(job, Path("p"), ASK)
    ledger.cancelled("a")
    ledger.accepted("a", *URLS)
    ledger.failed("a", "late")
    row = ledger.get("a")
    assert row is not None
    assert (row.state, row.request_id, row.reason) == (LedgerState.CANCELLED, "", "")
    ledger.imported("a", "t")
    ledger.failed("b", "the host failed")
    assert [row.job for row in ledger.open_jobs()] == ["c"]
    row = ledger.get("a")
    assert row is not None
    assert row.state is LedgerState.IMPORTED
    assert ledger.get("nobody") is None
    with pytest.raises(ValueError, match="not in the ledger"):
        ledger.cancelled("nobody")
    ledger.close()


def test_two_windows_share_it_and_a_kill_leaves_the_intent(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_files_ledger import ASK
from app.files.ledger import Ledger
ledger = Ledger()
ledger.plan("theirs", Path("p"), ASK)
ledger.submitting("theirs")
os.kill(os.getpid(), signal.SIGKILL)
"""
    mine = Ledger()
    mine.plan("mine", Path("p"), ASK)
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent.parent)
    states = {row.job: row.state for row in mine.open_jobs()}
    assert states == {"mine": LedgerState.PLANNED, "theirs": LedgerState.SUBMITTING}
    mine.close()


def test_a_damaged_ledger_is_set_aside() -> None:
    path = paths.data_dir() / "ledger.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database " * 500)
    ledger = Ledger()
    assert "set aside" in ledger.notes[0]
    assert [p.read_bytes()[:5] for p in path.parent.glob("ledger-damaged-*")] == [b"not a"]
    ledger.plan("j", Path("p"), ASK)
    ledger.close()


def test_an_unreadable_request_does_not_hide_its_job() -> None:
    ledger = Ledger()
    ledger.plan("j", Path("p"), ASK)
    ledger.close()
    db = sqlite3.connect(ledger.path)
    db.execute("UPDATE jobs SET request = '{'")
    db.commit()
    db.close()
    ledger = Ledger()
    assert [(row.job, row.request) for row in ledger.open_jobs()] == [("j", None)]
    ledger.close()


def test_a_ledger_that_cannot_be_written(powerless: Path) -> None:
    step_down(powerless)
    with pytest.raises(UnwritableFile) as caught:
        Ledger(powerless / "data" / "ledger.db")
    assert caught.value.hint
    with pytest.raises(UnwritableFile):
        Ledger(powerless / "ledger.db")
