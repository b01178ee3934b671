"""A look at a file that is to be uploaded beside a clip: is it there, how large, and is an archive one."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.errors import FileError
from app.files.sentences import shown


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a file found: its bytes, and of an archive how many files are inside."""

    size: int
    files: int | None = None


def look_at(path: Path, archive: bool = False) -> Look:
    """The file's size and, of a zip archive, its table of contents; FileError where it is not what it should be.

    The table stands at the archive's end, so that one cut short is found without reading all of it.
    """
    try:
        if path.is_dir():
            raise FileError(f"“{shown(path)}” is a folder.", "Choose a file." if not archive else "Zip it first.")
        size = path.stat().st_size
        if not size:
            raise FileError(f"“{shown(path)}” is empty.", "Choose another file.")
        with path.open("rb"):
            pass
        if not archive:
            return Look(size)
        with zipfile.ZipFile(path) as found:
            inside = sum(not each.is_dir() for each in found.infolist())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError(f"There is no file “{shown(path)}”.", "Choose it again.") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileError(
            f"“{shown(path)}” is no zip archive, or is cut short.", "Make the archive again and choose it."
        ) from error
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise FileError(f"“{shown(path)}” cannot be read: {why}.", "Choose another file.") from error
    if not inside:
        raise FileError(f"“{shown(path)}” holds no files.", "Put the recordings in and choose it again.")
    return Look(size, inside)
