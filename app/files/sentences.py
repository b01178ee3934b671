"""What the operating system says of a path, in sentences that a user may read."""

import errno
from pathlib import Path

from app.errors import UnwritableFile

_WHY = {
    errno.EACCES: ("this user may not write there", "Choose a folder of your own."),
    errno.EPERM: ("this user may not write there", "Choose a folder of your own."),
    errno.EROFS: ("the disk is read-only", "Choose another disk or folder."),
    errno.ENOSPC: ("the disk is full", "Free some space, or choose another disk."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, or choose another disk."),
    errno.EFBIG: ("the file would grow larger than is allowed there", "Choose another disk."),
    errno.ENOENT: ("its folder does not exist", "Choose a folder that exists."),
    errno.ENOTDIR: ("its folder does not exist", "Choose a folder that exists."),
    errno.EISDIR: ("there is a folder of that name", "Choose another name."),
    errno.EEXIST: ("there already is something of that name", "Choose another name."),
    errno.ENOTEMPTY: ("there already is something of that name", "Choose another name."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
    errno.EIO: ("the disk reports an error", "Check the disk, and save to another one."),
}


def shown(path: Path | str) -> str:
    """A path's last part (or any foreign text) fit to be shown: what is not printable stands escaped."""
    name = path.name or str(path) if isinstance(path, Path) else path
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in name)


def unwritable(path: Path, error: OSError) -> UnwritableFile:
    """UnwritableFile for that path: what could not be written, why, and what to do."""
    why, hint = _WHY.get(error.errno or 0, ((error.strerror or "unknown reason").lower(), "Try another folder."))
    return UnwritableFile(f"{shown(path)} could not be written: {why}.", hint)
