"""The engine as a process: its arguments, its socket, its one line of greeting, and the ways in which it ends.

`retake engine` runs this; `python -m app.engine.serve` does too.
"""

import argparse
import contextlib
import errno
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.engine.config import EARNEST, USUAL, EngineConfig, Limits, Rehearsal, is_loopback, own_names, read_key
from app.engine.scratch import own_folder
from app.errors import EngineError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `retake engine`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one, told on stdout)")
    parser.add_argument("--key-file", type=Path, metavar="F", help="file with the key that clients must show")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where to keep files while running")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="jobs at the same time (default: 2)")
    parser.add_argument("--job-seconds", type=float, default=600.0, metavar="S", help="longest run of one job")
    parser.add_argument("--retention", type=float, default=3600.0, metavar="S", help="how long results are kept")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name clients call it by")
    parser.add_argument("--watch-stdin", action="store_true", help="end when standard input ends")
    parser.add_argument("--parent-pid", type=int, metavar="PID", help="end when this parent process is gone")
    tests = parser.add_argument_group("for tests of clients")
    tests.add_argument("--faults", action="store_true", help="obey X-Retake-Fault headers")
    tests.add_argument("--test-endpoints", action="store_true", help="offer retake/test-sleep")
    tests.add_argument("--allow-leaky-put", action="store_true", help="let presigned targets take a key")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to end; the exit code. Raises as `serve` does."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    return serve(
        arguments.host,
        arguments.port,
        arguments.key_file,
        announce=_print_line,
        watch_stdin=arguments.watch_stdin,
        parent_pid=arguments.parent_pid,
        data=arguments.data,
        names=frozenset(name.lower() for name in arguments.allow_host),
        limits=Limits(
            workers=max(1, arguments.workers), job_seconds=arguments.job_seconds, retention=arguments.retention
        ),
        rehearsal=Rehearsal(
            faults=arguments.faults,
            test_endpoints=arguments.test_endpoints,
            allow_leaky_put=arguments.allow_leaky_put,
        ),
    )


def serve(
    host: str,
    port: int,
    key_file: Path | None,
    *,
    announce: Callable[[str], None],
    watch_stdin: bool = False,
    parent_pid: int | None = None,
    data: Path | None = None,
    names: frozenset[str] = frozenset(),
    limits: Limits = USUAL,
    rehearsal: Rehearsal = EARNEST,
) -> int:
    """Serve the queue; port 0 takes any free one. Blocks; gives the exit code.

    `announce` gets one line of JSON, {"url", "pid"}, once the engine listens. It ends at SIGTERM or SIGINT, when stdin
    ends (`watch_stdin`), or when its parent is no longer `parent_pid`. Raises EngineError where the key cannot be
    read, the port cannot be had, or others than this machine could come in without a key.
    """
    key = None if key_file is None else read_key(key_file)
    loopback = is_loopback(host)
    if key is None and not loopback:
        raise EngineError(f"{host} can be reached by others, so a key is needed.", "Give one with --key-file.")
    # Imported here and not above: workers import this module again, as the main one, and need no server.
    from app.engine.process import EngineServer
    from app.engine.server import Engine

    with own_folder(data) as folder, _listen(host, port) as listener:
        config = EngineConfig(
            data=folder, key=key, loopback=loopback, hosts=own_names() | names, limits=limits, rehearsal=rehearsal
        )
        url = _url(host, listener.getsockname()[1])
        server = EngineServer(Engine(config), lambda: announce(json.dumps({"url": url, "pid": os.getpid()})))
        if watch_stdin:
            threading.Thread(target=_until_input_ends, args=(server.end,), daemon=True).start()
        if parent_pid is not None:
            threading.Thread(target=_until_orphaned, args=(parent_pid, server.end), daemon=True).start()
        server.run([listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = "it is taken" if isinstance(error, OSError) and error.errno == errno.EADDRINUSE else str(error)
        raise EngineError(
            f"The engine cannot listen on {host} port {port}: {reason}.", "Try another --port."
        ) from error


def _url(host: str, port: int) -> str:
    """How clients on this machine reach it; an address that stands for all is no name to call."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _print_line(line: str) -> None:
    print(line, flush=True)


def _until_input_ends(end: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    end()


def _until_orphaned(parent: int, end: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(0.25)
    end()


def _main() -> int:
    parser = argparse.ArgumentParser(description="The engine: a queue server that works on this machine.")
    add_arguments(parser)
    try:
        return run(parser.parse_args())
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(_main())
