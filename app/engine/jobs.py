"""Job: one submitted request from its place in the queue to its forgetting, and the answers it gives about itself."""

import asyncio
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from app.engine.messages import Log
from app.engine.problems import Problem
from app.engine.store import StoredFile

_WINDOW = 100  # Log lines kept: the protocol's list is a moving window, not a growing one.


class State(StrEnum):
    """The three states that the protocol has; how a job ended shows only at its result."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class Fault(StrEnum):
    """Oddities of real hosts that a test may ask for."""

    NONE = ""
    REGRESS = "regress"
    STUBBORN = "stubborn"
    EARLY_422 = "early-422"


class Offered(Protocol):
    """What a job must know of its endpoint: the id, and the owner and alias that begin the URLs of its requests."""

    @property
    def id(self) -> str:
        """The whole id."""
        ...

    @property
    def app(self) -> str:
        """Owner and alias."""
        ...


@dataclass(slots=True, eq=False)
class Job:
    """One request. `refused` is what was found wrong with the input at submit and is told only at the result.

    Owned by the event loop; nobody else touches it. `files` are what the store keeps for its result.
    """

    endpoint: Offered
    origin: str
    params: dict[str, JsonValue]
    folder: Path
    source: StoredFile | None = None
    refused: Problem | None = None
    fault: Fault = Fault.NONE
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: State = State.IN_QUEUE
    place: int = 0
    logs: deque[Log] = field(default_factory=lambda: deque[Log](maxlen=_WINDOW))
    output: dict[str, JsonValue] | None = None
    problem: Problem | None = None
    files: list[StoredFile] = field(default_factory=list[StoredFile])
    seconds: float | None = None
    _begun: float = 0.0
    _told: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.state is State.COMPLETED

    def moved(self, place: int) -> None:
        """The queue before it changed."""
        if place != self.place:
            self.place = place
            self._announce()

    def begin(self) -> None:
        """A worker has it."""
        self.state, self._begun = State.IN_PROGRESS, time.monotonic()
        self.log("started")

    def log(self, text: str) -> None:
        """A line of the engine's own."""
        self.hear(Log(at=datetime.now(UTC), text=text))

    def hear(self, line: Log) -> None:
        """A line from the worker."""
        self.logs.append(line)
        self._announce()

    def finish(self, output: dict[str, JsonValue] | None = None, problem: Problem | None = None) -> None:
        """The end, good or bad."""
        self.seconds = time.monotonic() - self._begun if self._begun else None
        self.state, self.output, self.problem = State.COMPLETED, output, problem
        self._announce()

    def handle(self) -> dict[str, JsonValue]:
        """The request's id and its URLs, which name the app only, as the hosted queue's do."""
        base = f"{self.origin}/{self.endpoint.app}/requests/{self.id}"
        return {
            "request_id": self.id,
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
        }

    def status(self, with_logs: bool) -> dict[str, JsonValue]:
        """The answer about its state; `logs` is null unless asked for."""
        if self._regresses():
            return {"status": State.IN_QUEUE, **self.handle(), "queue_position": 0}
        answer: dict[str, JsonValue] = {"status": self.state, **self.handle()}
        if self.state is State.IN_QUEUE:
            return answer | {"queue_position": self.place}
        answer["logs"] = [_line(each) for each in self.logs] if with_logs else None
        if self.done:
            answer["metrics"] = {"inference_time": self.seconds}
            if self.problem is not None:
                answer["error"] = self.problem.summary
                if self.problem.error_type is not None:
                    answer["error_type"] = self.problem.error_type
        return answer

    def changes(self) -> "Change":
        """The next change, to be waited for; taken before looking, so that none falls between."""
        return Change(self._changed)

    def _announce(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _regresses(self) -> bool:
        """With that fault, the second look at a running job finds it queued again, as after a runner was lost."""
        if self.fault is not Fault.REGRESS or self.state is not State.IN_PROGRESS:
            return False
        self._told += 1
        return self._told == 2


@dataclass(frozen=True, slots=True)
class Change:
    """The next change of a job."""

    _event: asyncio.Event

    async def within(self, seconds: float) -> bool:
        """Wait for it; False where it did not come in time."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True


def _line(log: Log) -> JsonValue:
    return {"message": log.text, "level": log.level, "source": "USER", "timestamp": log.at.isoformat()}
