"""Blobs: files named by the SHA-256 of their bytes, written once, never changed."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.errors import UnwritableFile
from app.files.atomic import PART, part_of, replace, sync_file, sync_folder
from app.files.sentences import unwritable

_NAME = re.compile(r"[0-9a-f]{64}\.(wav|flac|bin)")
_CHUNK = 1 << 20


class BlobStore:
    """The folder `blobs/ab/<sha256>.<wav|flac|bin>`; a blob that has a name there is whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a blob of that name lies; ValueError for any other kind of name, so no path can leave the folder."""
        if not self.proper(name):
            raise ValueError(f"{name!r} is no blob's name")
        return self.folder / name[:2] / name

    @staticmethod
    def proper(name: str) -> bool:
        """Whether a name can be a blob's."""
        return _NAME.fullmatch(name) is not None

    def has(self, name: str) -> bool:
        """Whether the blob is there."""
        return self.path(name).is_file()

    def put_file(self, source: Path, extension: str) -> str:
        """Keep a copy of a file; gives the blob's name once it is on the disk. Raises UnwritableFile."""
        part = self.fresh_part()
        try:
            shutil.copyfile(source, part)
            return self.adopt(part, extension, digest(source))
        except OSError as error:
            raise unwritable(self.folder, error) from error
        finally:
            part.unlink(missing_ok=True)

    def fresh_part(self) -> Path:
        """A name to write to before the content, and so the blob's name, is known. Raises UnwritableFile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        return part_of(self.folder / "blob")

    def adopt(self, part: Path, extension: str, expected: str | None = None) -> str:
        """Make a finished part a blob: flush, read back and hash, rename, flush the folder; then the name is true.

        Raises UnwritableFile where the disk refuses, or where it gives back other bytes than `expected`.
        """
        try:
            sync_file(part)
            sha = digest(part)
            if expected is not None and sha != expected:
                raise UnwritableFile("The disk gives back other bytes than were written.", "Save to another disk.")
            path = self.path(f"{sha}.{extension}")
            if path.is_file() and path.stat().st_size == part.stat().st_size:
                return path.name
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                sync_folder(self.folder)
            replace(part, path)
            sync_folder(path.parent)
            return path.name
        except OSError as error:
            raise unwritable(self.folder, error) from error
        finally:
            part.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every blob there is."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if _NAME.fullmatch(path.name) and path.name.startswith(folder.name):
                    yield path.name

    def verify(self, name: str) -> bool:
        """Whether the blob's bytes are still the ones it is named by; reads all of it."""
        try:
            return digest(self.path(name)) == name[:64]
        except OSError:
            return False

    def sweep(self) -> int:
        """Remove what a crash left unfinished; gives how many. Only the store's owner may call it."""
        gone = 0
        for part in self.folder.glob(f"*{PART}"):
            try:
                part.unlink()
                gone += 1
            except OSError:  # not ours to remove; it does no harm
                continue
        return gone


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex; raises OSError."""
    sha = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
    return sha.hexdigest()
