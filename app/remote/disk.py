"""Files that appear whole or not at all: written beside their place, synced, then moved there."""

import asyncio
import hashlib
import os
import shutil
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from app.errors import UnwritableFile

_BLOCK = 1 << 20
_SPARE = 64 << 20  # bytes that a download leaves free


class Arriving:
    """A file in the making: `add` pieces, `keep` it at the end; without that nothing stays behind.

    Raises UnwritableFile. Writing runs on a thread, so that a slow disk does not hold up the other jobs.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
        self._held = bytearray()
        self._hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Self:
        with _ours(self._target):
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("xb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with _ours(self._target):
            self._file.close()
            self._part.unlink(missing_ok=True)

    def expect(self, size: int) -> None:
        """UnwritableFile where so many bytes would not leave the disk enough room."""
        with _ours(self._target):
            free = shutil.disk_usage(self._target.parent).free
        if size + _SPARE > free:
            raise UnwritableFile(
                f"There is no room for {size / 1e6:.0f} MB in {self._target.parent}.", "Free some space, then retry."
            )

    async def add(self, piece: bytes) -> None:
        """Some more bytes."""
        self._held += piece
        self.size += len(piece)
        if len(self._held) >= _BLOCK:
            await asyncio.to_thread(self._flush)

    def _flush(self) -> None:
        with _ours(self._target):
            self._file.write(self._held)
        self._hash.update(self._held)
        self._held = bytearray()

    async def keep(self) -> str:
        """Put the file in its place, for good; gives its SHA-256."""
        await asyncio.to_thread(self._settle)
        return self._hash.hexdigest()

    def _settle(self) -> None:
        self._flush()
        with _ours(self._target):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._part, self._target)
            if os.name == "posix":  # a rename lasts only once its folder is synced; Windows has no such call
                folder = os.open(self._target.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)


@contextmanager
def _ours(target: Path) -> Generator[None]:
    """OSError becomes UnwritableFile."""
    try:
        yield
    except OSError as error:
        raise UnwritableFile(
            f"{target.name} could not be written to {target.parent}: {error.strerror or error}.",
            "Check the folder's permissions and free space, then retry.",
        ) from error


async def store(target: Path, content: bytes) -> None:
    """Write a small file whole. UnwritableFile."""
    with Arriving(target) as file:
        await file.add(content)
        await file.keep()
