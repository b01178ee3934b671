"""One request and its answer, read whole, within a size and a time."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass

import httpx

from app.errors import BadReply, OutcomeUnknown, RemoteError
from app.remote.connection import Connection
from app.remote.faults import UNKNOWN_HINT, Step, for_good, refused, translated
from app.remote.host import KeyAuth, Limits


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any code, its body read to the end."""

    code: int
    headers: httpx.Headers
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the code is 2xx."""
        return 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes exchanges for one connection; `keyed` ones carry the key and take the connection's proxy."""

    connection: Connection
    http: httpx.AsyncClient
    limits: Limits
    keyed: bool = True

    async def ask(
        self,
        step: Step,
        method: str,
        url: str,
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: dict[str, str] | None = None,
        within: float | None = None,
    ) -> Reply:
        """One exchange, never repeated and never sent on elsewhere.

        Raises what `translated` says, and BadReply for a body beyond the limit.
        """
        sent = dict(headers or {})
        most = self.limits.answer_bytes if step is Step.RESULT else self.limits.json_bytes
        auth = KeyAuth(self.connection) if self.keyed else None
        if self.keyed and self.connection.proxy_url is not None:
            sent["x-fal-target-url"], url = url, self.connection.proxy_url
        with translated(step, self.connection):
            # The whole exchange has a deadline: a host that trickles never trips the timeout between two reads.
            async with asyncio.timeout(within or self.limits.call):
                request = self.http.build_request(method, url, content=content, headers=sent)
                response = await self.http.send(request, auth=auth, stream=True, follow_redirects=False)
                try:
                    body = bytearray()
                    async for piece in response.aiter_bytes():
                        body += piece
                        if len(body) > most:
                            raise self._too_long(step)
                finally:
                    await response.aclose()
        return Reply(response.status_code, response.headers, bytes(body))

    def _too_long(self, step: Step) -> RemoteError:
        who = f"{self.connection.label}"
        if step is Step.SUBMIT:
            return OutcomeUnknown(f"{who} answered with far too much while it was taking the job.", UNKNOWN_HINT)
        return for_good(BadReply(f"{who} sent an answer that is far too long.", "Check the connection's address."))

    def refusal(self, step: Step, reply: Reply) -> RemoteError:
        """The error that a reply other than 2xx stands for."""
        return refused(step, reply.code, reply.headers, reply.body, self.connection, self.limits)
