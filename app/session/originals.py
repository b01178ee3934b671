"""No original file is ever written to: the one place that says so before a file is written."""

from pathlib import Path

from app.errors import UnwritableFile
from app.files.sentences import shown


def spare(original: Path, path: Path) -> None:
    """UnwritableFile where `path` is the original itself, by this name or another (a link, other case)."""
    try:
        same = path.samefile(original)
    except (OSError, ValueError):  # one of the two is not there
        return
    if same:
        raise UnwritableFile(f"{shown(path)} is the original, and originals are never written to.", "Use another name.")
