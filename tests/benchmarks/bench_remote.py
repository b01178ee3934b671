"""What a job's life costs beside the bare requests it needs: a download against a raw stream, a job against its calls.

Run: python -m tests.benchmarks.bench_remote   (prints ratios; the rivals run in the same process, on the same server)
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "remote"))

import httpx
from following import QUICK, make_order
from hostile_server import Act, Hostile, hostile, js

from app.remote.connection import local
from app.remote.job import Limits, make_host, run_job
from app.remote.storage import download

SIZE = 200_000_000


async def bare_download(server: Hostile, target: Path) -> float:
    """The rival: httpx straight into a file, nothing checked, nothing synced."""
    start = time.perf_counter()
    async with httpx.AsyncClient(trust_env=False) as http, http.stream("GET", f"{server.url}/files/a") as response:
        with target.open("wb") as file:
            async for piece in response.aiter_raw():
                file.write(piece)
    return time.perf_counter() - start


async def our_download(server: Hostile, target: Path) -> float:
    start = time.perf_counter()
    async with make_host(local(server.url, None), Limits()) as host:
        await download(host.connection, host.plain, f"{server.url}/files/a", target, limits=Limits())
    return time.perf_counter() - start


async def bare_calls(server: Hostile, number: int) -> float:
    """The rival: the same six requests of a job that is complete at the first poll, one after the other."""
    start = time.perf_counter()
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(number):
            await http.post(f"{server.url}/storage/upload/initiate", content=b"{}")
            await http.put(f"{server.url}/put/1", content=b"x" * 10_000)
            await http.post(f"{server.url}/acme/fill", content=b"{}")
            await http.get(f"{server.url}/acme/fill/requests/r-1/status")
            await http.get(f"{server.url}/acme/fill/requests/r-1")
            await http.get(f"{server.url}/files/out.wav")
    return time.perf_counter() - start


async def our_jobs(server: Hostile, number: int, folder: Path) -> float:
    start = time.perf_counter()
    async with make_host(local(server.url, None), QUICK) as host:
        for n in range(number):
            (folder / str(n)).mkdir()
            order = make_order(folder / str(n))
            last = [update async for update in run_job(host, order, cancel=asyncio.Event())][-1]
            assert last.result, last.error
    return time.perf_counter() - start


async def main() -> None:
    """Print each ratio: ours over the rival's, 1.0 is free of charge."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with hostile({"file": [Act(200, b"\x01" * 1_000_000, repeat=SIZE // 1_000_000)]}) as server:
            await bare_download(server, folder / "warm")
            rival, ours = await bare_download(server, folder / "a"), await our_download(server, folder / "b")
            print(f"download {SIZE / 1e6:.0f} MB: {ours:.2f} s, bare httpx {rival:.2f} s, ratio {ours / rival:.2f}")
        async with hostile({"status": [js({"status": "COMPLETED", "logs": None})]}) as server:
            rival, ours = await bare_calls(server, 50), await our_jobs(server, 50, folder)
            each, bare = ours / 50 * 1e3, rival / 50 * 1e3
            print(f"50 jobs: {each:.1f} ms each, their six bare calls {bare:.1f} ms, ratio {each / bare:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
