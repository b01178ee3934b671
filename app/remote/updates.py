"""The values of a job's life: where it is, how it is found again, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType, TypeAlias

from app.errors import AppError

JobId = NewType("JobId", str)
Used: TypeAlias = str | int | float | bool


class JobState(StrEnum):
    """Where a job is; the last three are final."""

    PREPARING = "preparing"
    UPLOADING = "uploading"
    SUBMITTING = "submitting"
    QUEUED = "queued"
    RUNNING = "running"
    DOWNLOADING = "downloading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will come."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Handle:
    """What the host answered to a submit: enough to follow the job from another process, a week later."""

    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One file of a result, on disk: under which key it came, and what the host called it (text, never a path).

    `audio` says whether the answer makes it look like sound; only decoding it tells for sure.
    """

    key: str
    path: Path
    content_type: str = ""
    file_name: str = ""
    audio: bool = True


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a finished job gave: its files on disk, its answer as text, and what the host says it used.

    `used` has every single value (text, number, yes or no) that stands at the answer's top: seed, tags, lyrics …
    """

    files: tuple[ResultFile, ...]
    answer: str
    seed: int | None = None
    prompt: str = ""
    billed_units: float | None = None
    used: Mapping[str, Used] = field(default_factory=dict[str, Used], hash=False)


def sounds(result: JobResult) -> tuple[ResultFile, ...]:
    """The files that may each become a take, in order: several where the host gave stems or samples."""
    return tuple(file for file in result.files if file.audio)


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """One event of a job. `done`/`total` count bytes while uploading or downloading; `place` is the place in line.

    `log` is the last line the host wrote, `lines` all that are new since the update before.
    """

    job: JobId
    state: JobState
    place: int | None = None
    log: str = ""
    done: int = 0
    total: int | None = None
    handle: Handle | None = None
    result: JobResult | None = None
    error: AppError | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    lines: tuple[str, ...] = field(default_factory=tuple)
