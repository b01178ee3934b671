"""The one place where httpx's errors and HTTP's codes become errors of ours; and how long those are borne."""

import random
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar

import httpx

from app.errors import (
    BadReply,
    Expired,
    JobFailed,
    OutcomeUnknown,
    OutOfFunds,
    RateLimited,
    Rejected,
    RemoteError,
    Unauthorized,
    Unreachable,
)
from app.remote.connection import Connection, Key
from app.remote.host import Limits
from app.remote.wire import read_error

Fault = TypeVar("Fault", bound=RemoteError)


class Step(StrEnum):
    """What was being asked; the same code means different things at different steps."""

    SUBMIT = "submit"
    STATUS = "status"
    RESULT = "result"
    CANCEL = "cancel"
    CATALOGUE = "catalogue"
    DOCUMENT = "document"
    UPLOAD = "upload"
    SEND = "send"
    DOWNLOAD = "download"


_ROAD_CODES = frozenset({408, 409, 425, 429, 502, 503, 504})
_LATER = "Try again in a while."
UNKNOWN_HINT = "It may have been taken, and charged: look at the host's list of requests before you send it again."


def clean(text: str, key: Key | None = None, most: int = 300) -> str:
    """Foreign words made fit for one line on screen: no control characters, no key, not too long."""
    if key is not None:
        text = text.replace(key.reveal(), "***")
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+", " ", text).strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= most else text[: most - 1] + "…"


def for_good(fault: Fault) -> Fault:
    """The same error, marked so that nobody asks again by itself."""
    fault.retryable = False
    return fault


@contextmanager
def translated(step: Step, connection: Connection) -> Generator[None]:
    """Lets an exchange's own troubles out as ours: Unreachable, or OutcomeUnknown where a submit was on its way."""
    who = f"{connection.label}"
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        # Only these are raised before the first byte of the request is on the wire.
        raise Unreachable(f"{who} cannot be reached.", _reach_hint(connection)) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, ValueError) as error:
        raise for_good(
            BadReply(f"A request to {connection.name} could not be put together.", "Check the connection's address.")
        ) from error
    except (httpx.HTTPError, httpx.StreamError, TimeoutError, OSError) as error:
        late = isinstance(error, TimeoutError | httpx.TimeoutException)
        if step is Step.SUBMIT:
            what = "did not answer in time" if late else "broke off"
            raise OutcomeUnknown(f"{who} {what} while it was taking the job.", UNKNOWN_HINT) from error
        if isinstance(error, httpx.DecodingError):
            raise BadReply(f"{who} sent an answer that cannot be unpacked.", _LATER) from error
        what = "does not answer in time" if late else "broke off in the middle of its answer"
        raise Unreachable(f"{who} {what}.", _reach_hint(connection)) from error


def _reach_hint(connection: Connection) -> str:
    if connection.loopback:
        return "Check that the engine is running, then try again."
    return "Check the network and the connection's address, then try again."


def on_the_road(step: Step, code: int, body: bytes) -> bool:
    """Whether an answer tells of trouble on the way that may pass, rather than of the job itself."""
    if step is Step.RESULT and code >= 500:
        # A failed job hands out its own 5xx here, and says of which kind it is; a gateway does not.
        told = read_error(body)
        return not told.error_type and not told.detail if code == 500 else not _kinds(body)
    return code in _ROAD_CODES or (code == 500 and step is not Step.SUBMIT)


def _kinds(body: bytes) -> set[str]:
    told = read_error(body)
    return {kind for kind in (told.error_type, *(part.type for part in told.detail)) if kind}


def retry_after(headers: httpx.Headers, limits: Limits) -> float | None:
    """Seconds that the host asks us to wait, within reason; None where it does not say."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return min(float(text), limits.wait_most)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), limits.wait_most)


def refused(
    step: Step, code: int, headers: httpx.Headers, body: bytes, connection: Connection, limits: Limits
) -> RemoteError:
    """The error that an answer with a code other than 2xx stands for."""
    who = f"{connection.label}"
    told = read_error(body)
    first = told.detail[0] if told.detail else None
    said = clean(first.msg if first else "", connection.key)
    quoted = f": {said.rstrip('.')}." if said else "."
    if code < 400:
        return for_good(
            BadReply(
                f"{who} sends us on to another address ({code}), where the key must not go.",
                "Check the connection's address.",
            )
        )
    if code == 402 or (code == 403 and re.search(r"balance|billing|credit|top.?up|fund", said, re.IGNORECASE)):
        return OutOfFunds(f"{who} cannot charge this account{quoted}", "Top up the account, then try again.")
    if code in (401, 403) and step is Step.SEND:
        return BadReply(f"{who} does not take the upload at the address that it gave for it ({code}).", _LATER)
    if code in (401, 403) and step is Step.DOCUMENT:
        return for_good(BadReply(f"{who} does not give out this document ({code}).", "Check the address."))
    if code in (401, 403) and step is Step.DOWNLOAD:
        return Expired(f"{who} no longer hands out this result.", "Send the request again.")
    if code in (401, 403):
        return Unauthorized(f"{who} does not accept the key{quoted}", "Enter a valid key in the settings.")
    if code == 429 or (code == 503 and step is not Step.SUBMIT and "retry-after" in headers):
        return RateLimited(f"{who} asks us to wait.", _LATER, retry_after(headers, limits))
    if code in (404, 410):
        return _missing(step, who, said)
    if step is Step.SUBMIT and (code in (408, 409, 425, 499) or code >= 500):
        return OutcomeUnknown(f"{who} had trouble while it was taking the job ({code}){quoted}", UNKNOWN_HINT)
    if code == 413:
        return Rejected(f"What was sent is larger than {connection.name} takes.", "Choose a shorter part.")
    if code in (400, 422) and step is Step.DOCUMENT:
        return for_good(BadReply(f"{who} does not give out this document{quoted}", "Check the endpoint's id."))
    if code in (400, 422) and not any(kind.startswith("downstream") for kind in _kinds(body)):
        field = clean(first.field, most=100) if first and first.field else None
        about = f"{who} refuses the input" + (f" at “{field}”" if field else "")
        return Rejected(f"{about}{quoted}", "Change the value and send it again.", field)
    return _trouble(step, code, body, who, quoted)


def _missing(step: Step, who: str, said: str) -> RemoteError:
    if step is Step.SUBMIT:
        return Rejected(
            f"{who} does not offer this endpoint" + (f": {said.rstrip('.')}." if said else "."),
            "Choose another endpoint, or check its name.",
        )
    if step is Step.DOWNLOAD:
        return Expired(f"{who} no longer keeps this result.", "Send the request again.")
    if step is Step.DOCUMENT:
        return for_good(BadReply(f"{who} has no document at this address.", "Check the address or the endpoint's id."))
    if step in (Step.UPLOAD, Step.SEND, Step.CATALOGUE):
        what = "a list of its endpoints" if step is Step.CATALOGUE else "uploads"
        return for_good(BadReply(f"{who} does not offer {what}.", "Check the connection's address."))
    return Expired(f"{who} no longer knows this job.", "Send the request again.")


def _trouble(step: Step, code: int, body: bytes, who: str, quoted: str) -> RemoteError:
    if step is Step.RESULT and code == 499:
        return JobFailed(f"{who} says that the job was cancelled there.", "Send the request again.")
    if step is Step.RESULT and not on_the_road(step, code, body):
        return JobFailed(f"The job failed on the host ({code}){quoted}", "Try again, or with other settings.")
    if code in _ROAD_CODES or code >= 500:
        return BadReply(f"{who} has trouble of its own ({code}){quoted}", _LATER)
    return for_good(BadReply(f"{who} refuses what the protocol allows ({code}){quoted}", "Check the connection."))


class Backoff:
    """How long to wait before asking again: full jitter under a bound that doubles."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bound = limits.backoff_first

    def next(self, fault: RemoteError | None = None) -> float:
        """Seconds; at least what the host asked for."""
        pause = random.uniform(0.0, self._bound)
        self._bound = min(self._bound * 2, self._limits.backoff_most)
        asked = fault.retry_after if isinstance(fault, RateLimited) else None
        return pause if asked is None else asked + pause

    def reset(self) -> None:
        """Back to the first bound, once things go well."""
        self._bound = self._limits.backoff_first


class Trouble:
    """How long a job has been without a good answer, and whether that can still be borne."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._backoff = Backoff(limits)
        self._since: float | None = None

    def over(self) -> None:
        """A good answer came."""
        self._since = None
        self._backoff.reset()

    def pause(self, fault: RemoteError) -> float:
        """Seconds until asking again; raises the fault where it is the end, or has lasted too long."""
        if not isinstance(fault, Unreachable | RateLimited | BadReply) or not fault.retryable:
            raise fault
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        bearable = self._limits.patience if isinstance(fault, BadReply) else self._limits.outage
        if now - self._since > bearable:
            raise fault
        return self._backoff.next(fault)
