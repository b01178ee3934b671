"""What became of jobs that were under way when Retake was closed: each goes on, or says why it cannot."""

from dataclasses import dataclass
from pathlib import Path

from app.endpoints.request import Request
from app.errors import AppError, JobFailed, OutcomeUnknown, Unreachable
from app.files.ledger import Ledger, LedgerRow, LedgerState
from app.remote.job import Handle, JobId, JobResult
from app.session.connections import LOCAL, Connections
from app.session.landing import job_folder, load_result


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A job found in the ledger: it goes on from its handle or its result, or `error` tells why it cannot.

    `over` where the error is its end; else it waits for a connection.
    """

    job: JobId
    request: Request
    handle: Handle | None = None
    result: JobResult | None = None
    error: AppError | None = None
    over: bool = False


def look_up(ledger: Ledger, project: Path, connections: Connections) -> tuple[Found, ...]:
    """The open jobs of a project, those that run right now among them. Reads the disk: not on the GUI thread."""
    rows = (row for row in ledger.open_jobs() if row.project == project)
    return tuple(_judged(row, row.request, connections) for row in rows if row.request is not None)


def _judged(row: LedgerRow, request: Request, connections: Connections) -> Found:
    job = JobId(row.job)
    handle = Handle(row.request_id, row.status_url, row.response_url, row.cancel_url) if row.request_id else None
    stored = load_result(job_folder(job))
    if stored is not None:
        return Found(job, request, handle, stored[0])
    if row.state is LedgerState.PLANNED:
        error: AppError = JobFailed("Retake was closed before this was sent; it cost nothing.", "Retry sends it.")
    elif request.connection == LOCAL:
        error = JobFailed("The offline engine was closed before this take was finished.", "Retry asks for it again.")
    elif handle is None:
        error = OutcomeUnknown(
            "Retake was closed while this was being sent; it may have arrived.",
            "Look at the host's own list of requests; Retry may be charged a second time.",
        )
    elif connections.has(request.connection):
        return Found(job, request, handle)
    else:
        error = Unreachable(
            f"{request.connection} cannot be asked for this job yet.", "It goes on once that host is connected."
        )
        return Found(job, request, handle, error=error)
    return Found(job, request, handle, error=error, over=True)
