"""The life of one job, as a stream of updates that whoever follows it may write down before it goes on.

Journal before wire: `run_job` does nothing between two updates but what the last one announced, and goes on only when
the next one is asked for. A consumer that writes every update down before it asks for the next therefore has

- SUBMITTING on disk before the first byte of the POST leaves (again before every repetition of it, which happens only
  where it is certain that nothing was taken),
- the handle (first QUEUED) on disk before the first poll.

A ledger that holds SUBMITTING without a handle after a crash knows: it may have been taken. One with a handle resumes.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.errors import AppError, JobFailed
from app.remote.host import Host, Limits, limits_for, make_host
from app.remote.life import Life
from app.remote.order import Order
from app.remote.updates import Handle, JobId, JobResult, JobState, JobUpdate, ResultFile, sounds

__all__ = [
    "Handle", "Host", "JobId", "JobResult", "JobState", "JobUpdate", "Limits", "Order", "ResultFile", "limits_for",
    "make_host", "run_job", "sounds",
]  # fmt: skip

_log = logging.getLogger(__name__)


async def run_job(
    host: Host, order: Order, *, cancel: asyncio.Event, resume: Handle | None = None
) -> AsyncGenerator[JobUpdate, None]:
    """Run one job to its end, or follow one that was submitted before (`resume`). Exactly one final update comes last.

    `cancel`, once set: before the submit nothing is sent; after it the host is asked to stop, and the job ends
    CANCELLED unless its result came first. Closing the generator, or cancelling the task that follows it, lets go of
    the job without a word: it lives on at the host and can be resumed. Nothing else is ever raised; a FAILED update
    has the AppError.
    """
    life = Life(host, order, cancel, resume)
    error: AppError
    try:
        async with aclosing(life.run()) as updates:
            async for update in updates:
                yield update
        return
    except AppError as fault:
        error = fault
    except Exception:
        _log.exception("job %s met a fault of Retake's own", order.job)
        error = JobFailed("Retake met a fault of its own in this job.", "Try again; the log has the details.")
    yield life.update(JobState.FAILED, error=error)
