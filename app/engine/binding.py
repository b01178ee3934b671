"""From a posted input to a job: checked against its endpoint's model, its source found among the engine's own files.

A source is never fetched. A URL is only a name for a file in the store, and a data URI carries its bytes; so no
input can make the engine open a connection or a path.
"""

import base64
import binascii
import secrets
from urllib.parse import unquote_to_bytes, urlsplit

from pydantic import JsonValue, ValidationError

from app.engine.config import EngineConfig
from app.engine.endpoints import Endpoint
from app.engine.jobs import Job
from app.engine.problems import Problem, Refused
from app.engine.store import Store, StoredFile

_SEEDS = 2**31


def make_job(endpoint: Endpoint, body: JsonValue, origin: str, config: EngineConfig, store: Store) -> Job:
    """A job for the input; where the input is wrong, a job that will say so at its result and not before."""
    job = Job(endpoint=endpoint, origin=origin, params={}, folder=config.data / "jobs" / secrets.token_hex(16))
    try:
        params: dict[str, JsonValue] = endpoint.input.model_validate(body).model_dump(mode="json")
        if endpoint.source_field is not None:
            job.source = _source(endpoint.source_field, str(params.pop(endpoint.source_field)), origin, config, store)
    except ValidationError as error:
        job.refused = Problem.of_validation(error)
    except Refused as refused:
        job.refused = refused.problem
    else:
        if "seed" in params and params["seed"] is None:
            params["seed"] = secrets.randbelow(_SEEDS)
        job.params = params
    return job


def _source(field: str, url: str, origin: str, config: EngineConfig, store: Store) -> StoredFile:
    if url[:5].lower() == "data:":
        return _inline(field, url[5:], config.limits.max_inline, store)
    try:
        parts = urlsplit(url)
        ours = (
            parts.scheme in ("http", "https")
            and parts.port == urlsplit(origin).port
            and config.answers_to(parts.hostname or "")
        )
    except ValueError:
        ours = False
    stored = store.at_url(url) if ours else None
    if stored is None:
        what = "no such file here" if ours else "only files uploaded to this engine and data URIs are taken"
        raise Refused(Problem.of_field(field, f"Failed to download the file: {what}.", "file_download_error"))
    return stored


def _inline(field: str, rest: str, limit: int, store: Store) -> StoredFile:
    head, comma, data = rest.partition(",")
    try:
        if not comma:
            raise ValueError("a data URI has a comma")
        if head.lower().endswith(";base64"):
            found = base64.b64decode(unquote_to_bytes(data), validate=True)
        else:
            found = unquote_to_bytes(data)
    except (ValueError, binascii.Error) as error:
        message = "Failed to download the file: the data URI cannot be read."
        raise Refused(Problem.of_field(field, message, "file_download_error")) from error
    if len(found) > limit:
        message = f"A data URI may hold at most {limit} bytes; upload the file instead."
        raise Refused(Problem.of_field(field, message, "file_too_large", max_size=limit))
    return store.put(found, "inline", head.split(";")[0])
