"""Storage over HTTP: tokens, uploads in one piece or in parts, presigned targets, and downloads.

Three ways in, as the hosted storage has them: fal-client's (a token, then `/files/upload` or its multipart form), its
fallback and fal-js's (`initiate`, then a PUT to a presigned target), and fal-js's multipart.
"""

from dataclasses import dataclass

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from app.engine.bodies import origin, read_object, text_of
from app.engine.config import EngineConfig
from app.engine.guard import Keys
from app.engine.problems import NOT_FOUND, Refused, bad_request
from app.engine.store import Store, Ticket

_BINARY = "application/octet-stream"
_UNNAMED = "upload.bin"
_SMALL_BODY = 1 << 20


class _ListedPart(BaseModel):
    """One part that a client says it has put."""

    number: int = Field(alias="partNumber")
    etag: str


class _Completion(BaseModel):
    """What ends an upload in parts."""

    parts: list[_ListedPart]


@dataclass(frozen=True, slots=True)
class Places:
    """The origins of presigned targets and of stored files; empty for the one that was asked."""

    uploads: str = ""
    files: str = ""


HERE = Places()


class StorageRoutes:
    """The routes below `/storage` and `/files`: all of them, or those of one host where `places` tells of several."""

    def __init__(self, config: EngineConfig, keys: Keys, store: Store, places: Places = HERE) -> None:
        self._config = config
        self._keys = keys
        self._store = store
        self._places = places

    def routes(self) -> list[Route]:
        """In the order in which they must be tried."""
        return [*self.asked(), *self.presigned(), *self.keyed(), *self.stored()]

    def asked(self) -> list[Route]:
        """Where a client asks for a token or a target."""
        return [
            Route("/storage/auth/token", self.token, methods=["POST"]),
            Route("/storage/upload/initiate", self.initiate, methods=["POST"]),
            Route("/storage/upload/initiate-multipart", self.initiate, methods=["POST"]),
        ]

    def presigned(self) -> list[Route]:
        """The targets, whose URL is the permission."""
        return [
            Route("/storage/put/{secret}", self.put, methods=["PUT"]),
            Route("/storage/put/{secret}/complete", self.put_complete, methods=["POST"]),
            Route("/storage/put/{secret}/{number:int}", self.put_part, methods=["PUT"]),
        ]

    def keyed(self) -> list[Route]:
        """Uploads with a token."""
        return [
            Route("/files/upload", self.upload, methods=["POST"]),
            Route("/files/upload/multipart", self.upload_multipart, methods=["POST"]),
            Route("/files/{token}/{name}/multipart/{secret}/complete", self.complete, methods=["POST"]),
            Route("/files/{token}/{name}/multipart/{secret}/{number:int}", self.upload_part, methods=["PUT"]),
        ]

    def stored(self) -> list[Route]:
        """Where files are fetched."""
        return [Route("/files/{token}/{name}", self.download, methods=["GET"])]

    async def token(self, request: Request) -> Response:
        """A token for uploads, and where to bring them."""
        token, ends = self._keys.issue()
        return JSONResponse(
            {
                "token": token,
                "token_type": "Bearer",
                "base_url": origin(request),
                "expires_at": ends.isoformat(timespec="seconds"),
            }
        )

    async def initiate(self, request: Request) -> Response:
        """A presigned target; the same kind takes one PUT or numbered parts."""
        body = await read_object(request, _SMALL_BODY)
        name, kind = text_of(body.get("file_name"), _UNNAMED), text_of(body.get("content_type"), _BINARY)
        ticket = self._store.ticket(name, kind)
        target, home = self._places.uploads or origin(request), self._places.files or origin(request)
        return JSONResponse({"upload_url": f"{target}/storage/put/{ticket.secret}", "file_url": home + ticket.url_path})

    async def put(self, request: Request) -> Response:
        """A file, brought to a presigned target."""
        ticket = self._redeem_presigned(request)
        await self._store.receive(ticket, request.stream())
        return Response(status_code=200)

    async def put_part(self, request: Request) -> Response:
        """A part, brought to a presigned target."""
        ticket = self._redeem_presigned(request)
        return await self._take_part(request, ticket)

    async def put_complete(self, request: Request) -> Response:
        """The end of the parts at a presigned target."""
        return await self._join(request, self._redeem_presigned(request))

    async def upload(self, request: Request) -> Response:
        """A file in one piece, sent with a token."""
        stored = await self._store.receive(self._named_ticket(request), request.stream())
        return JSONResponse({"access_url": origin(request) + stored.url_path})

    async def upload_multipart(self, request: Request) -> Response:
        """The beginning of a file in parts."""
        ticket = self._named_ticket(request)
        return JSONResponse({"access_url": origin(request) + ticket.url_path, "uploadId": ticket.secret})

    async def upload_part(self, request: Request) -> Response:
        """A part, sent with a token."""
        return await self._take_part(request, self._redeem_named(request))

    async def complete(self, request: Request) -> Response:
        """The end of a file in parts."""
        return await self._join(request, self._redeem_named(request))

    async def download(self, request: Request) -> Response:
        """A stored file, whole or by Range."""
        stored = self._store.find(request.path_params["token"])
        headers = {
            "cache-control": "private, max-age=3600, immutable",
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox",
        }
        return FileResponse(stored.path, headers=headers, media_type=stored.content_type, filename=stored.name)

    def _named_ticket(self, request: Request) -> Ticket:
        name = request.headers.get("x-fal-file-name", _UNNAMED)
        return self._store.ticket(name, request.headers.get("content-type", _BINARY))

    def _redeem_presigned(self, request: Request) -> Ticket:
        # A key that reaches a presigned target has been sent to the storage's host: a client's leak, told at once.
        if "authorization" in request.headers and not self._config.rehearsal.allow_leaky_put:
            raise bad_request("A presigned URL takes no Authorization header.")
        return self._store.redeem(request.path_params["secret"])

    def _redeem_named(self, request: Request) -> Ticket:
        ticket = self._store.redeem(request.path_params["secret"])
        if ticket.token != request.path_params["token"]:
            raise Refused(NOT_FOUND)
        return ticket

    async def _take_part(self, request: Request, ticket: Ticket) -> Response:
        number: int = request.path_params["number"]
        part = await self._store.receive_part(ticket, number, request.stream())
        return JSONResponse({"partNumber": number, "etag": part.etag}, headers={"etag": part.etag})

    async def _join(self, request: Request, ticket: Ticket) -> Response:
        try:
            listed = _Completion.model_validate(await read_object(request, _SMALL_BODY))
        except ValidationError as error:
            raise bad_request("The body lists no parts.") from error
        stored = await self._store.join(ticket, {each.number: each.etag for each in listed.parts})
        return JSONResponse({"access_url": origin(request) + stored.url_path})
