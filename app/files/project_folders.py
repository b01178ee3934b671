"""Where projects lie: those without a name, how one is moved or copied, how one is thrown away."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app import paths
from app.errors import UnreadableProject
from app.files import schema
from app.files.atomic import sync_file, sync_folder
from app.files.blobs import BlobStore
from app.files.schema import DATABASE

SUFFIX = ".retake"
BLOBS = "blobs"
_STEM = 40
_FORBIDDEN = frozenset('<>:"/\\|?*')  # by one system or another


@dataclass(frozen=True, slots=True)
class UnnamedProject:
    """A project that was never given a name: where it lies, what its source was called, when it was last written."""

    folder: Path
    name: str
    changed: datetime
    takes: int


def new_unnamed_folder(stem: str) -> Path:
    """Where the next project without a name may be made; `stem` is the source's name, and only an ornament here."""
    stamp = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    cleaned = "".join(c if c.isprintable() and c not in _FORBIDDEN else "_" for c in stem)[:_STEM].strip(" .")
    return paths.unnamed_projects() / (f"{stamp}-{secrets.token_hex(3)} {cleaned}".rstrip() + SUFFIX)


def unnamed_projects() -> tuple[UnnamedProject, ...]:
    """Projects without a name in which something was done, newest first.

    Done is a take, an edit, or an endpoint's panel filled in, as it is when a job is asked for. One that is open in
    a window, damaged, or of a newer Retake is passed over; none is changed by being looked at.
    """
    found = (_look(path.parent) for path in paths.unnamed_projects().glob(f"*{SUFFIX}/{DATABASE}"))
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.changed, reverse=True))


def _look(folder: Path) -> UnnamedProject | None:
    try:
        changed = datetime.fromtimestamp((folder / DATABASE).stat().st_mtime, UTC)
        with closing(schema.look(folder)) as db:
            path, takes, touched = db.execute(
                "SELECT path, (SELECT count(*) FROM takes),"
                " EXISTS (SELECT 1 FROM edits) OR EXISTS (SELECT 1 FROM panels) FROM source"
            ).fetchone()
            return UnnamedProject(folder, Path(path).stem, changed, takes) if takes or touched else None
    except (OSError, TypeError, UnreadableProject, *schema.FAULTS):
        return None


def discard(folder: Path) -> None:
    """Remove a closed project: its database first, so that what a busy file leaves behind is no project any more."""
    with suppress(OSError):
        (folder / DATABASE).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def copy_project(
    connection: sqlite3.Connection, blobs: BlobStore, names: Iterable[str], folder: Path, *, link: bool
) -> None:
    """An open project's named blobs into an empty folder, flushed, then its database; raises OSError, sqlite3.Error.

    With `link` blobs are shared where the disk can do that: for a move, never for a copy that shall stand alone.
    """
    target = BlobStore(folder / BLOBS)
    for name in names:
        if not blobs.has(name):
            continue
        path = target.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (link and _linked(blobs.path(name), path)):
            shutil.copyfile(blobs.path(name), path)
            sync_file(path)
        sync_folder(path.parent)
    copy = sqlite3.connect(folder / DATABASE)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    sync_file(folder / DATABASE)
    for each in (target.folder, folder):
        sync_folder(each)


def _linked(source: Path, path: Path) -> bool:
    try:
        os.link(source, path)
    except OSError:
        return False
    return True
