"""What the server and its workers say to each other over a pipe, as JSON: a task one way, news of it the other.

JSON and not pickle, because a worker opens sound files from strangers: whatever took it over could send no code back.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from app.engine.problems import Problem


class _Message(BaseModel):
    """One line on the pipe, never changed."""

    model_config = ConfigDict(frozen=True)


class Task(_Message):
    """One job for a worker: bound params, the source on disk, and a folder of its own to write into."""

    endpoint: str
    params: dict[str, JsonValue]
    source: Path | None
    folder: Path


class Ready(_Message):
    """The worker has started."""

    kind: Literal["ready"] = "ready"


class Log(_Message):
    """A line of progress."""

    kind: Literal["log"] = "log"
    at: datetime
    text: str
    level: str = "INFO"


class Made(_Message):
    """A file that a worker left in the task's folder."""

    file: str
    content_type: str
    file_name: str


class Done(_Message):
    """The task is done: its output without its files, and the files by the output's keys."""

    kind: Literal["done"] = "done"
    output: dict[str, JsonValue]
    files: dict[str, Made]


class Failed(_Message):
    """The task failed; the worker lives on."""

    kind: Literal["failed"] = "failed"
    problem: Problem


News: TypeAlias = Ready | Log | Done | Failed

NEWS: TypeAdapter[News] = TypeAdapter(Annotated[News, Field(discriminator="kind")])
