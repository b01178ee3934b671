"""One engine for the whole room, with everything on that tests need, and small helpers to talk to it."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from engine_fixture import RunningEngine, start_engine

from app.engine.config import EngineConfig, Limits, Rehearsal
from app.engine.process import EngineServer
from app.engine.server import Engine


@pytest.fixture(scope="session")
def engine_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """A real engine, shared; tests that stop, kill or exhaust one start their own."""
    with start_engine(tmp_path_factory.mktemp("engine"), test_endpoints=True, faults=True) as engine:
        yield engine


@pytest.fixture(scope="session")
def http(engine_server: RunningEngine) -> Iterator[httpx.Client]:
    """A client of the shared engine that shows its key."""
    with httpx.Client(base_url=engine_server.url, headers=engine_server.headers, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def stranger(engine_server: RunningEngine) -> Iterator[httpx.Client]:
    """A client of the shared engine without a key."""
    with httpx.Client(base_url=engine_server.url, timeout=20) as client:
        yield client


@pytest.fixture
def sleep(http: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Submits a job that sleeps, and gives the answer."""

    def submit(seconds: float = 0.0, *, fault: str = "", **params: object) -> dict[str, Any]:
        answer = http.post(
            "/retake/test-sleep",
            json={"seconds": seconds, **params},
            headers={"X-Retake-Fault": fault} if fault else {},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    return submit


@pytest.fixture
def ended(http: httpx.Client) -> Callable[..., httpx.Response]:
    """Waits until a job is COMPLETED, and gives the answer of its status."""
    return lambda submitted, seconds=15.0: until(http, submitted, "COMPLETED", seconds)


def until(client: httpx.Client, submitted: dict[str, Any], state: str, seconds: float = 15.0) -> httpx.Response:
    """Poll a job's status until it has the state."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = client.get(submitted["status_url"], params={"logs": 1})
        if answer.json()["status"] == state:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not {state} after {seconds} s: {answer.text}")


@pytest.fixture
def serving() -> Iterator[Callable[[EngineConfig], httpx.Client]]:
    """Serves an engine of the given configuration from a thread, and gives a client without a key."""
    with contextlib.ExitStack() as stack:

        def serve(config: EngineConfig) -> httpx.Client:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            listening = threading.Event()
            server = EngineServer(Engine(config), listening.set)
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.end)
            assert listening.wait(10)
            port = listener.getsockname()[1]
            return stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False))

        yield serve


@pytest.fixture
def make_config(tmp_path: Any) -> Callable[..., EngineConfig]:
    """A configuration with the given limits."""

    def make(key: str | None = "secret", **limits: Any) -> EngineConfig:
        return EngineConfig(data=tmp_path / "data", key=key, limits=Limits(**limits), rehearsal=Rehearsal())

    return make
