"""Guard: the door of the server. Who may come in is decided here, before any route sees the request.

Three things are asked: does the Host header name this engine (else a web page has made its own name resolve to us);
does a browser's Origin match (a page may post blindly where no key stops it); is the key right.
"""

import hmac
import secrets
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.engine.config import EngineConfig
from app.engine.problems import Problem

_TOKEN_SECONDS = 3600.0
_OPEN = ("/health", "/api/openapi/queue/openapi.json")


class Keys:
    """The engine's key, and the short-lived tokens that stand in for it at uploads."""

    def __init__(self, key: str | None) -> None:
        self._key = None if key is None else key.encode()
        self._tokens: dict[str, float] = {}

    @property
    def needed(self) -> bool:
        """Whether there is a key at all."""
        return self._key is not None

    def issue(self) -> tuple[str, datetime]:
        """A new upload token and when it ends, in UTC; a naive time would stop fal-client."""
        now = time.monotonic()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._tokens[token] = now + _TOKEN_SECONDS
        return token, datetime.now(UTC) + timedelta(seconds=_TOKEN_SECONDS)

    def fits(self, authorization: str, *, tokens_too: bool) -> bool:
        """Whether the header carries the key or, where that is enough, a token."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "key" and self._key is not None:
            return hmac.compare_digest(value.strip().encode(), self._key)
        return tokens_too and scheme.lower() == "bearer" and self._tokens.get(value.strip(), 0.0) > time.monotonic()


class Guard:
    """ASGI middleware in front of every route; it also drops a path's trailing slashes."""

    def __init__(self, app: ASGIApp, config: EngineConfig, keys: Keys) -> None:
        self._app = app
        self._config = config
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"]).rstrip("/") or "/"
        problem = self._check(path, str(scope["method"]), Headers(scope=scope))
        if problem is not None:
            await JSONResponse(problem.body(), problem.status, problem.headers())(scope, receive, send)
            return
        await self._app({**scope, "path": path}, receive, send)

    def _check(self, path: str, method: str, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if not self._config.answers_to(_name(host)):
            return Problem(status=400, detail="The Host header does not name this engine.", error_type="bad_request")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return Problem(status=403, detail="Web pages of other origins have no access.")
        if not self._keys.needed or _is_open(path, method):
            return None
        authorization = headers.get("authorization", "")
        if self._keys.fits(authorization, tokens_too=path.startswith("/files/")):
            return None
        if authorization:
            return Problem(status=401, detail="invalid key credentials")
        if path.startswith(("/storage/", "/files/")):
            return Problem(status=401, detail="Authorization header is required")
        app = path.strip("/").split("/requests/")[0]
        return Problem(status=401, detail=f'Cannot access application "{app}". Authentication is required.')


def _is_open(path: str, method: str) -> bool:
    """Documents are no secret; stored files and upload targets have URLs that nobody can guess."""
    if path in _OPEN or path.startswith("/storage/put/"):
        return True
    return path.startswith("/files/") and method in ("GET", "HEAD")


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where there is none that can be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
