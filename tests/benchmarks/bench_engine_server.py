"""How much the engine's server adds: each figure beside a rival or a physical limit, measured in the same run.

Run: python tests/benchmarks/bench_engine_server.py
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine_fixture import start_engine

_UPLOAD = 256 << 20


def main() -> None:
    """Print the ratios."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_engine(Path(folder), test_endpoints=True) as engine,
        httpx.Client(base_url=engine.url, headers=engine.headers, timeout=60) as client,
    ):
        _job(client)
        bare = _median(lambda: client.get("/health"))
        job = _median(lambda: _job(client))
        print(f"one empty job, submit to result: {job * 1e3:.1f} ms = {job / bare:.1f} x a bare round trip")

        cancel = _median(lambda: _cancel(client), times=5)
        print(
            f"cancel of a running job, until it shows: {cancel * 1e3:.1f} ms = {cancel / bare:.1f} x a bare round trip"
        )

        data = bytes(_UPLOAD)
        disk = _median(lambda: (Path(folder) / "copy").write_bytes(data), times=3)
        sent = _median(lambda: client.post("/files/upload", content=data), times=3)
        rate = _UPLOAD / sent / 1e6
        print(f"upload of 256 MiB: {rate:.0f} MB/s = {sent / disk:.1f} x the time of writing it to the disk alone")


def _job(client: httpx.Client) -> None:
    job = client.post("/retake/test-sleep", json={"seconds": 0, "lines": 0}).json()
    with client.stream("GET", job["status_url"] + "/stream") as events:
        for _ in events.iter_lines():
            pass
    client.get(job["response_url"]).raise_for_status()


def _cancel(client: httpx.Client) -> float:
    job = client.post("/retake/test-sleep", json={"seconds": 60, "lines": 600}).json()
    while client.get(job["status_url"]).json()["status"] != "IN_PROGRESS":
        time.sleep(0.01)
    begun = time.perf_counter()
    client.put(job["cancel_url"])
    assert client.get(job["status_url"]).json()["status"] == "COMPLETED"
    return time.perf_counter() - begun


def _median(action: Callable[[], object], times: int = 20) -> float:
    """Seconds; an action that gives a float has measured for itself."""
    found: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        told = action()
        found.append(told if isinstance(told, float) else time.perf_counter() - begun)
    return statistics.median(found)


if __name__ == "__main__":
    main()
