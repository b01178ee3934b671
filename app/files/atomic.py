"""Writing so that a file is either the old one or the new one, whole, whatever happens meanwhile.

Write beside, flush to the disk, rename over, flush the folder: a rename without the flushes can leave an empty file
after a power cut (git and the ALICE study of crash consistency met exactly this).
"""

import os
import secrets
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.files.sentences import unwritable

PART = ".part"


def part_of(path: Path) -> Path:
    """A fresh name beside `path` for what is not finished; ends in .part, stays short where the name is long."""
    return path.with_name(f"{path.name[:40]}.{secrets.token_hex(4)}{PART}")


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    with open(path, "rb+") as file:
        sync(file.fileno())


def sync(descriptor: int) -> None:
    """Wait until a file's bytes are on the disk; macOS needs a stronger word than fsync for that."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows has no such call and does not need one."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(part: Path, path: Path) -> None:
    """Rename over `path`; on Windows a virus scanner may hold either file for a moment, so try for a second."""
    for _ in range(10):
        try:
            os.replace(part, path)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(0.1)
    os.replace(part, path)


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A path to write to, which takes `path`'s place when the block ends well and vanishes when it does not.

    Raises UnwritableFile for whatever the disk refuses; `path` itself is then as it was.
    """
    part = part_of(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield part
        sync_file(part)
        replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` where `path` is, all of it or nothing."""
    with replacing(path) as part:
        part.write_bytes(data)
