"""EngineServer: uvicorn around an engine, ending cleanly and with exit code 0 however it is told to."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from types import FrameType
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Served(Protocol):
    """What can be served: an ASGI application whose jobs can be ended."""

    @property
    def app(self) -> ASGIApp:
        """The application."""
        ...

    async def close(self) -> None:
        """End every job, so that open streams end with theirs."""
        ...


class EngineServer(uvicorn.Server):
    """Serves one engine; `listening` is called once it does."""

    def __init__(self, engine: Served, listening: Callable[[], None]) -> None:
        self._engine = engine
        self._listening = listening
        super().__init__(
            uvicorn.Config(
                self._engine.app,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,  # The URLs of files are secrets.
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )

    def end(self) -> None:
        """Ask it to end; from any thread."""
        self.should_exit = True

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.end()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        if self.started:
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the jobs first, so that streams which follow them end by themselves."""
        await self._engine.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Unlike uvicorn's own, does not raise the signal again at the end: we were told to end, and did."""
        if threading.current_thread() is not threading.main_thread():
            yield  # Python gives signals to the main thread alone; here only `end` ends us.
            return
        before = {each: signal.signal(each, self._told) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
