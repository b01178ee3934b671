"""Order: one job to run, and where its result goes."""

from dataclasses import dataclass
from pathlib import Path

from app.endpoints.request import Request
from app.remote.updates import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job to run: its request, the prepared source to send (if any), and the folder that its result goes to.

    The folder belongs to this job alone; `deadline` is in seconds from the start of `run_job`. A source whose data URI
    has at most `inline_bytes` characters travels in the request itself; `inline.room_for(field)` tells how many may.
    """

    job: JobId
    request: Request
    folder: Path
    source: Path | None = None
    source_type: str = "audio/wav"
    deadline: float = 3600.0
    inline_bytes: int = 0

    @property
    def endpoint(self) -> str:
        """Where the request goes."""
        return self.request.endpoint
