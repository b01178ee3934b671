"""What a job leaves that is no part of a clip: trained weights and the like, kept under the names they came with."""

import re
import shutil
from datetime import date
from pathlib import Path

from app import paths
from app.endpoints.request import Kind, Request
from app.files.sentences import unwritable
from app.remote.job import JobId, JobResult, ResultFile


def makes_files(request: Request, result: JobResult) -> bool:
    """Whether a result is files to be kept rather than sound to be heard."""
    return request.kind is Kind.OTHER or not any(file.audio for file in result.files)


def keep_files(request: Request, job: JobId, result: JobResult) -> Path:
    """Copy every file of a result to where results are kept; the folder. UnwritableFile where the disk refuses.

    Doing it once more after a crash gives the same folder.
    """
    name = re.sub(r"[^\w.-]+", "-", request.endpoint.rpartition("fal-ai/")[2]).strip("-.") or "result"
    folder = paths.data_dir() / "results" / f"{name} {date.today().isoformat()} {job[:6]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        for file in result.files:
            target = folder / _name(file, taken)
            part = target.with_name(f".{target.name}.part")
            shutil.copyfile(file.path, part)
            part.replace(target)
        return folder
    except OSError as error:
        raise unwritable(folder, error) from error


def _name(file: ResultFile, taken: set[str]) -> str:
    """A safe name: the host's own for it, without any path, else its key."""
    said = re.split(r"[\\/]", file.file_name)[-1]
    name = re.sub(r"[^\w. -]+", "_", said).strip(" .")[:120] or f"{re.sub(r'[^a-z0-9]+', '-', file.key.lower())}.bin"
    stem, dot, ending = name.rpartition(".")
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem} {number}.{ending}" if dot else f"{name} {number}"
    taken.add(free.lower())
    return free
