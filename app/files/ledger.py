"""The ledger: one per user, every job asked for, from before its submit until its take exists.

A job may cost money, so the intent is on the disk before anything is sent, a job is submitted once, and a row is
closed only by a take, a failure, or a cancel. Rows name their project by its folder; the ledger outlives projects.
"""

import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app import paths
from app.endpoints.request import Request
from app.errors import UnwritableFile
from app.files.atomic import replace
from app.files.records import BadRecord, request_from_json, request_to_json
from app.files.rows import now
from app.files.sentences import unwritable

_APPLICATION_ID = 0x52544C31
_VERSION = 1
_COLUMNS = "job, project, request, source_sha, state, request_id, status_url, response_url, cancel_url, folder, take"
_TABLE = (
    "CREATE TABLE jobs (job TEXT PRIMARY KEY, project TEXT NOT NULL, request TEXT NOT NULL, source_sha TEXT,"
    " state TEXT NOT NULL, request_id TEXT NOT NULL DEFAULT '', status_url TEXT NOT NULL DEFAULT '',"
    " response_url TEXT NOT NULL DEFAULT '', cancel_url TEXT NOT NULL DEFAULT '', folder TEXT NOT NULL DEFAULT '',"
    " take TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', planned TEXT NOT NULL, changed TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID"
)


class LedgerState(StrEnum):
    """How far a job came; from SUBMITTING on it may have cost something. The last three are final."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DOWNLOADED = "downloaded"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"


_OPEN = (LedgerState.PLANNED, LedgerState.SUBMITTING, LedgerState.ACCEPTED, LedgerState.DOWNLOADED)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One job as the ledger knows it; texts are empty as long as nothing is known. No request: it cannot be read.

    A row in SUBMITTING without a request id is one whose submit may have arrived: only the user may send it again.
    """

    job: str
    project: Path
    request: Request | None
    source_sha: str | None
    state: LedgerState
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str
    folder: Path | None
    take: str
    reason: str
    planned: datetime


class Ledger:
    """An open ledger; windows may share it, each call is one transaction. `notes` tell of one set aside as damaged."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises UnwritableFile where it can be neither opened nor made."""
        self.path = path or paths.data_dir() / "ledger.db"
        self.notes: tuple[str, ...] = ()
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = self._connect()
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                    raise
                aside = self.path.with_name(f"ledger-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}.db")
                replace(self.path, aside)
                self.notes = (f"The list of jobs was damaged; it was set aside as {aside.name} and begun anew.",)
                self._db = self._connect()
        except OSError as error:
            raise unwritable(self.path, error) from error
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            for pragma in ("trusted_schema = OFF", "journal_mode = TRUNCATE", "synchronous = EXTRA"):
                db.execute(f"PRAGMA {pragma}").fetchall()
            db.execute("BEGIN IMMEDIATE")
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version == 0:
                db.execute(_TABLE)
                db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {_VERSION}")
            elif version > _VERSION:
                raise UnwritableFile("The list of jobs was made by a newer Retake.", "Update Retake.")
            elif db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                damaged = sqlite3.DatabaseError("quick_check failed")
                damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damaged
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        return db

    def plan(self, job: str, project: Path, request: Request, source_sha: str | None = None) -> None:
        """Write a job down before anything is sent for it; ValueError where the job is known already."""
        values = (job, str(project), request_to_json(request), source_sha, LedgerState.PLANNED.value, now(), now())
        try:
            self._run(
                "INSERT INTO jobs (job, project, request, source_sha, state, planned, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        except sqlite3.IntegrityError as error:
            raise ValueError(f"job {job} is in the ledger already") from error

    def submitting(self, job: str) -> None:
        """The submit is about to leave; ValueError where it did before: a second one is a new job, by the user."""
        if not self._move(job, LedgerState.SUBMITTING, (LedgerState.PLANNED,)):
            raise ValueError(f"job {job} was submitted already, or is closed")

    def accepted(self, job: str, request_id: str, status_url: str, response_url: str, cancel_url: str) -> None:
        """The host took it; its four answers are enough to follow the job from another process."""
        self._move(
            job,
            LedgerState.ACCEPTED,
            (LedgerState.PLANNED, LedgerState.SUBMITTING, LedgerState.ACCEPTED),
            request_id=request_id,
            status_url=status_url,
            response_url=response_url,
            cancel_url=cancel_url,
        )

    def downloaded(self, job: str, folder: Path) -> None:
        """Its result lies whole in `folder`, and waits for its project."""
        self._move(job, LedgerState.DOWNLOADED, _OPEN, folder=str(folder))

    def imported(self, job: str, take: str) -> None:
        """Its take is in the project: the job is closed. A result wins over a cancel that came too late."""
        self._move(job, LedgerState.IMPORTED, (*_OPEN, LedgerState.CANCELLED, LedgerState.FAILED), take=take)

    def failed(self, job: str, reason: str) -> None:
        """It will bring nothing; the job is closed."""
        self._move(job, LedgerState.FAILED, _OPEN, reason=reason)

    def cancelled(self, job: str) -> None:
        """The user gave it up; the job is closed."""
        self._move(job, LedgerState.CANCELLED, _OPEN)

    def moved(self, old: Path, new: Path) -> None:
        """A project lies elsewhere now; its open jobs follow it."""
        self._run("UPDATE jobs SET project = ? WHERE project = ?", (str(new), str(old)))

    def get(self, job: str) -> LedgerRow | None:
        """One job, open or closed."""
        return next(iter(self._rows("job = ?", job)), None)

    def open_jobs(self) -> tuple[LedgerRow, ...]:
        """Every job that is not closed, oldest first."""
        return self._rows("state IN (?, ?, ?, ?)", *(state.value for state in _OPEN))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _move(self, job: str, state: LedgerState, before: tuple[LedgerState, ...], **columns: str) -> bool:
        """Set a state where the job stands in one of those before it; ValueError for an unknown job."""
        names = "".join(f", {name} = ?" for name in columns)
        marks = ", ".join("?" * len(before))
        changed = self._run(
            f"UPDATE jobs SET state = ?, changed = ?{names} WHERE job = ? AND state IN ({marks})",
            (state.value, now(), *columns.values(), job, *(each.value for each in before)),
        )
        if not changed and self.get(job) is None:
            raise ValueError(f"job {job} is not in the ledger")
        return changed > 0

    def _run(self, statement: str, values: tuple[str | None, ...]) -> int:
        with self._lock:
            try:
                return self._db.execute(statement, values).rowcount
            except sqlite3.IntegrityError:
                raise
            except sqlite3.Error as error:
                raise self._refused(error) from error

    def _rows(self, where: str, *values: str) -> tuple[LedgerRow, ...]:
        query = f"SELECT {_COLUMNS}, reason, planned FROM jobs WHERE {where} ORDER BY planned, job"
        with self._lock:
            try:
                return tuple(_row(*each) for each in self._db.execute(query, values))
            except sqlite3.Error as error:
                raise self._refused(error) from error

    def _refused(self, error: sqlite3.Error) -> UnwritableFile:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
        why = "another window holds it" if busy else "the disk or its folder refuses it"
        return UnwritableFile(f"The list of jobs could not be written: {why}.", f"Look at {self.path.parent}.")


def _row(*columns: Any) -> LedgerRow:
    job, project, request, sha, state, request_id, status, response, cancel, folder, take, reason, planned = columns
    asked: Request | None = None
    with suppress(BadRecord):
        asked = request_from_json(request)
    return LedgerRow(
        job=job,
        project=Path(project),
        request=asked,
        source_sha=sha,
        state=LedgerState(state),
        request_id=request_id,
        status_url=status,
        response_url=response,
        cancel_url=cancel,
        folder=Path(folder) if folder else None,
        take=take,
        reason=reason,
        planned=datetime.fromisoformat(planned),
    )
