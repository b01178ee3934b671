"""The project's database: its tables, its version, and a connection that trusts nothing in the file.

A rollback journal with synchronous=EXTRA lost no acknowledged commit in simulated power cuts, opens in read-only
places, and is not touched by the WAL-reset fault of SQLite before 3.51.3. EXCLUSIVE locking is what keeps a second
window out; the lock goes with the process, however it ends.
"""

import sqlite3
from pathlib import Path

from app.errors import UnreadableProject, UnwritableFile
from app.files.sentences import shown

APPLICATION_ID = 0x52544B31
DATABASE = "project.db"
# Where SQLite quotes damaged bytes in its complaint, Python cannot read the complaint.
FAULTS = (sqlite3.Error, UnicodeDecodeError)

# Version n is reached from nothing, or from any version before it, by the steps up to n, in one transaction.
_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE source (id INTEGER PRIMARY KEY CHECK (id = 1), blob TEXT NOT NULL, path TEXT NOT NULL,"
        " container TEXT NOT NULL, subtype TEXT NOT NULL, lossy INTEGER NOT NULL, bits INTEGER NOT NULL,"
        " rate INTEGER NOT NULL, channels INTEGER NOT NULL, frames INTEGER NOT NULL) STRICT",
        "CREATE TABLE takes (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parent TEXT REFERENCES takes (id),"
        " request TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, patch TEXT NOT NULL,"
        " frames INTEGER NOT NULL, bits INTEGER NOT NULL, facts TEXT NOT NULL, created TEXT NOT NULL,"
        " job TEXT UNIQUE) STRICT",
        "CREATE TABLE answers (take TEXT NOT NULL REFERENCES takes (id), position INTEGER NOT NULL,"
        " blob TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (take, position)) STRICT, WITHOUT ROWID",
        "CREATE TABLE edits (seq INTEGER PRIMARY KEY, verb TEXT NOT NULL, take TEXT REFERENCES takes (id),"
        " made TEXT NOT NULL) STRICT",
        "CREATE TABLE panels (endpoint TEXT PRIMARY KEY, params TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
)
VERSION = len(_STEPS)

_DAMAGED = "Restore project.db from a backup; the sound in its blobs folder is not touched."


def create(folder: Path) -> sqlite3.Connection:
    """A new, empty, locked database in `folder`; raises UnwritableFile."""
    try:
        connection = _connect(folder / DATABASE, "rwc")
    except sqlite3.Error as error:
        raise refused(folder, error) from error
    try:
        _configure(connection)
        connection.execute("BEGIN EXCLUSIVE")
        _migrate(connection, 0)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise refused(folder, error) from error
    return connection


def open_existing(folder: Path) -> sqlite3.Connection:
    """The locked database of a project, checked and at this version; raises UnreadableProject."""
    if not (folder / DATABASE).is_file():
        what = "does not exist" if not folder.exists() else "is not a Retake project"
        raise UnreadableProject(f"{shown(folder)} {what}.", "Choose a folder that Retake saved, ending in .retake.")
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(folder / DATABASE, "rw")
        _configure(connection)
        connection.execute("BEGIN EXCLUSIVE")
        _check(connection, folder)
        # A real write: only that proves that the folder can take one.
        connection.execute(
            "INSERT INTO meta VALUES ('opened', datetime()) ON CONFLICT DO UPDATE SET value = datetime()"
        )
        connection.execute("COMMIT")
    except FAULTS as error:
        if connection is not None:
            connection.close()
        raise unreadable(folder, error) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def look(folder: Path) -> sqlite3.Connection:
    """A project's database for a glance, without opening the project: nothing is written, nobody is waited for.

    Only where a crash left a transaction half done it is first taken back, as opening would. Raises sqlite3.Error,
    UnreadableProject.
    """
    try:
        return _look(folder, "ro")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        return _look(folder, "rw")


def _look(folder: Path, mode: str) -> sqlite3.Connection:
    connection = _connect(folder / DATABASE, mode)
    try:
        connection.set_authorizer(_authorize)
        connection.text_factory = _text
        for pragma in ("busy_timeout = 0", "trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        _check_ours(connection, shown(folder))
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=0.3
    )


def _configure(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_authorize)
    connection.text_factory = _text
    for pragma in (
        "locking_mode = EXCLUSIVE",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "foreign_keys = ON",
        "journal_mode = TRUNCATE",
        "synchronous = EXTRA",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """No other file is reached through a project, and no code is loaded by it."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in ("load_extension", "writefile", "readfile"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _text(stored: bytes) -> str:
    """Text of a row; damaged bytes become marks that no name, number or record of ours contains."""
    return stored.decode("utf-8", "replace")


def _check(connection: sqlite3.Connection, folder: Path) -> None:
    """UnreadableProject for a database that is not ours, newer, damaged, or holds what we never put there."""
    name = shown(folder)
    version = _check_ours(connection, name)
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise UnreadableProject(f"The list of takes in {name} is damaged.", _DAMAGED)
    _migrate(connection, version)
    found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    if found != {statement for step in _STEPS for statement in step}:
        raise UnreadableProject(f"{name} holds parts that Retake never writes.", "Open only projects that you trust.")


def _check_ours(connection: sqlite3.Connection, name: str) -> int:
    """The version of a database that is ours and not newer than this Retake; raises UnreadableProject."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise UnreadableProject(f"{name} is not a Retake project.", "Choose a folder that Retake saved.")
    version = _pragma(connection, "user_version")
    if version > VERSION:
        raise UnreadableProject(f"{name} was made by a newer Retake.", "Update Retake to open it.")
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for step in _STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    if version < VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")


def unreadable(folder: Path, error: Exception) -> UnreadableProject:
    """Why a project cannot be opened, from what SQLite says."""
    name, code = shown(folder), getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UnreadableProject("This project is open in another Retake window.", "Close it there, or go on there.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return UnreadableProject(
            f"{name} lies in a folder that cannot be written to.", "Copy it to a folder of your own and open it there."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return UnreadableProject(f"{name} is not a Retake project, or its list of takes is damaged.", _DAMAGED)
    if code == sqlite3.SQLITE_FULL:
        return UnreadableProject(f"{name} cannot be opened: the disk is full.", "Free some space.")
    return UnreadableProject(f"The list of takes in {name} is damaged.", _DAMAGED)


def refused(folder: Path, error: sqlite3.Error) -> UnwritableFile:
    """Why a project cannot be written, from what SQLite says."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    why, hint = {
        sqlite3.SQLITE_FULL: ("the disk is full", "Free some space; what was saved before is safe."),
        sqlite3.SQLITE_READONLY: ("its folder is read-only", "Save it to a folder of your own."),
        sqlite3.SQLITE_CANTOPEN: ("its folder cannot be written to", "Save it to a folder of your own."),
        sqlite3.SQLITE_BUSY: ("it is open in another Retake window", "Close it there."),
    }.get(code, ("the disk reports an error", "Check the disk; what was saved before is safe."))
    return UnwritableFile(f"{shown(folder)} could not be written: {why}.", hint)
