"""Reading what a request carries: JSON of bounded size and sane numbers, and the origin it was sent to."""

import json
from typing import NoReturn

from pydantic import JsonValue
from starlette.requests import Request

from app.engine.problems import bad_request, too_large


async def read_json(request: Request, limit: int) -> JsonValue:
    """The request's JSON; Refused where it is too long or none, or holds what JSON has no word for."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    try:
        value: JsonValue = json.loads(bytes(body), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not valid JSON.") from error
    return value


async def read_object(request: Request, limit: int) -> dict[str, JsonValue]:
    """The request's JSON object; Refused where it is anything else."""
    value = await read_json(request, limit)
    if not isinstance(value, dict):
        raise bad_request("The body is not a JSON object.")
    return value


def origin(request: Request) -> str:
    """Scheme, host and port by which the client reached us; the guard has found the host to be ours."""
    return f"{request.url.scheme}://{request.headers['host']}"


def text_of(value: JsonValue, default: str) -> str:
    """The value where it is text and not empty."""
    return value if isinstance(value, str) and value else default


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
