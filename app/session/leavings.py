"""What a job leaves that is no part of a clip: trained weights and the like, kept under the names they came with."""

import re
import shutil
from pathlib import Path

from app import paths
from app.endpoints.request import Request
from app.files.atomic import part_of, replace, sync_file, sync_folder
from app.files.sentences import unwritable
from app.remote.job import JobId, JobResult, ResultFile

_LONGEST = 180  # bytes of a name; file systems take 255
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def keep_files(request: Request, job: JobId, result: JobResult) -> Path:
    """Copy every file of a result to where results are kept, durably; the folder, the same one however often.

    UnwritableFile where the disk refuses.
    """
    name = request.endpoint.rpartition("fal-ai/")[2]
    folder = paths.data_dir() / "results" / f"{safe_name(name.replace('/', '-'), 'result')} {job[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        for file in result.files:
            target = folder / free_name(_name(file), taken)
            part = part_of(target)
            shutil.copyfile(file.path, part)
            sync_file(part)
            replace(part, target)
        sync_folder(folder)
        sync_folder(folder.parent)
        return folder
    except OSError as error:
        raise unwritable(folder, error) from error


def safe_name(said: str, otherwise: str) -> str:
    """A file's name out of words that a host chose: no path, nothing that a system reads otherwise, not too long."""
    name = re.sub(r"[^\w. +-]+", "_", re.split(r"[\\/]", said)[-1]).strip(" .")
    if not name or _DEVICES.fullmatch(name):
        name = otherwise
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = _LONGEST - len(dot.encode()) - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with a number where it is taken; taken from now on. Letters' cases are no difference."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem} {number}{dot}{ending}"
    taken.add(free.casefold())
    return free


def _name(file: ResultFile) -> str:
    """The host's own name for it, else its key."""
    return safe_name(file.file_name, safe_name(file.key, "file") + ".bin")
