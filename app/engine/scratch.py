"""The folder that a running engine keeps everything in: made at its start, removed at its end, swept after a crash.

A lock on a file inside tells a living engine's folder from one whose engine was killed; a process id would not, for
ids are used again.
"""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO

from app.errors import EngineError

_PREFIX = "retake-engine-"
_LOCK = "lock"


@contextlib.contextmanager
def own_folder(parent: Path | None) -> Generator[Path, None, None]:
    """A new folder below `parent` (the system's temporary folder if None) for as long as the block runs.

    Raises EngineError where none can be made.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = (folder / _LOCK).open("wb")
        _take(lock)
    except OSError as error:
        raise EngineError(f"The engine cannot write to {parent}.", "Give another folder with --data.") from error
    try:
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what killed engines left behind. Other users' folders cannot be opened, and living ones not locked."""
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):
            with lock.open("r+b") as file:
                _take(file)
            shutil.rmtree(lock.parent, ignore_errors=True)


def _take(file: IO[bytes]) -> None:
    """Lock the file until it is closed; OSError where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
