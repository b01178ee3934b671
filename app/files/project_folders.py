"""Where projects lie: those without a name, how one is moved or copied, how one is thrown away."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app import paths
from app.files.atomic import sync_file, sync_folder
from app.files.blobs import BlobStore
from app.files.schema import DATABASE

SUFFIX = ".retake"
BLOBS = "blobs"


def new_unnamed_folder() -> Path:
    """Where the next project without a name may be made."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return paths.unnamed_projects() / f"{stamp}-{secrets.token_hex(3)}{SUFFIX}"


def unnamed_projects() -> tuple[Path, ...]:
    """Projects without a name, newest first."""
    return tuple(sorted((p.parent for p in paths.unnamed_projects().glob(f"*{SUFFIX}/{DATABASE}")), reverse=True))


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
