"""Documents: an endpoint's OpenAPI document by its id, its page or its address, fetched without any key."""

import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx

from app.endpoints.fields import Json
from app.errors import BadReply, FieldError, Rejected
from app.remote import wire
from app.remote.connection import Connection, origin, split
from app.remote.exchange import Caller, Reply
from app.remote.faults import Step, for_good
from app.remote.host import Limits, make_plain
from app.remote.queue import is_endpoint
from app.remote.ways import REDIRECTS, leads_inside, next_hop

_HOME = "https://fal.ai/api/openapi/queue/openapi.json"
_SITES = ("fal.ai", "www.fal.ai")
_QUEUES = ("queue.fal.run", "fal.run")
# Pages that a site has of an endpoint, below the endpoint's own.
_PAGES = ("api", "playground", "examples", "requests", "llms.txt")


def document_url(endpoint_id: str) -> str:
    """Where fal's cloud keeps an endpoint's document. Rejected for what is no endpoint's name."""
    if not is_endpoint(endpoint_id):
        raise Rejected("This is not the name of an endpoint.", "Write it like owner/name.")
    return f"{_HOME}?endpoint_id={quote(endpoint_id, safe='/')}"


def endpoint_id_of(text: str) -> str | None:
    """The endpoint that a text names, or None.

    Taken are an id (owner/name/more), the address of its page or of one below it (…/api, …/playground, …/llms.txt),
    the address of its document (endpoint_id=…, at any host), and the queue's own address of it.
    """
    text = text.strip().strip("<>\"'`").strip()
    if re.match(r"(?:www\.)?fal\.(?:ai|run)/|queue\.fal\.run/", text, re.IGNORECASE):
        text = f"https://{text}"
    if "://" not in text:
        name = text.rstrip("/")
        return name if is_endpoint(name) and not re.search(r"\.(json|ya?ml|txt|html?)$", name.lower()) else None
    if split(text) is None:
        return None
    parts = urlsplit(text)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    asked = parse_qs(parts.query).get("endpoint_id", [])
    host = (parts.hostname or "").lower()
    if asked:
        name = asked[0].strip("/")
    elif host in _SITES and "models" in steps[:2]:
        steps = steps[steps.index("models") + 1 :]
        name = "/".join(steps[:-1] if len(steps) > 2 and steps[-1] in _PAGES else steps)
    elif host in _QUEUES:
        name = "/".join(steps[: steps.index("requests")] if "requests" in steps else steps)
    else:
        return None
    return name if is_endpoint(name) else None


async def get_document(url: str, limits: Limits | None = None) -> Json:
    """`fetch_document` with a client of its own."""
    async with make_plain(url, limits) as plain:
        return await fetch_document(plain, url, limits)


async def fetch_document(plain: httpx.AsyncClient, url: str, limits: Limits | None = None) -> Json:
    """The JSON at an address, of at most 5 MB. `plain` must carry no key.

    From https or this machine only; at most three redirects are followed, each checked the same way, and none from a
    far host into this network. FieldError("url") for an address that will not do; Unreachable, RateLimited, BadReply.
    """
    url = url.strip()
    where = _host_of(url)
    limits = limits or Limits()
    caller = Caller(where, plain, limits, keyed=False)
    headers = {"Accept": "application/json"}
    for _ in range(limits.hops + 1):
        reply = await caller.ask(Step.DOCUMENT, "GET", url, headers=headers)
        if reply.code not in REDIRECTS:
            return _read(caller, where, reply)
        url = next_hop(url, reply.headers.get("location", ""))
        if not where.may_fetch(url) or (not where.serves(url) and not where.loopback and await leads_inside(url)):
            raise for_good(BadReply(f"{where.label} sends us on to an address that is not safe.", "Check the address."))
    raise for_good(BadReply(f"{where.label} sends us from one address to the next without end.", "Check the address."))


def _host_of(url: str) -> Connection:
    """The host of an address as a connection without a key. FieldError where it is none, or not safe."""
    parts, where = split(url), origin(url)
    if parts is None or where is None or len(url) > 4096:
        raise FieldError("url", "This is not the address of a document.", "Write it like https://example.com/api.json.")
    base = f"{parts.scheme}://{parts.netloc}"
    try:
        return Connection(where[1], base, base)
    except FieldError as error:
        raise FieldError("url", error.message, error.hint) from error


def _read(caller: Caller, where: Connection, reply: Reply) -> Json:
    if not reply.ok:
        raise caller.refusal(Step.DOCUMENT, reply)
    try:
        document = wire.read_json(reply.body)
    except BadReply as error:
        raise for_good(
            BadReply(
                f"{where.label} has no JSON at this address.",
                "Give the address of the OpenAPI document itself, or the endpoint's id.",
            )
        ) from error
    if document is None:
        raise for_good(BadReply(f"{where.label} has no document of this endpoint.", "Check the endpoint's id."))
    return document
