"""EngineConfig: everything that an engine is told before it starts, and which names it answers to."""

import ipaddress
import socket
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import EngineError

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the engine takes on. Times in seconds, sizes in bytes."""

    workers: int = 2
    job_seconds: float = 600.0
    retention: float = 3600.0
    keep_alive: float = 15.0
    ticket_seconds: float = 600.0
    max_body: int = 16 * MIB
    max_inline: int = 10 * MIB
    max_upload: int = 2 * GIB
    max_stored: int = 16 * GIB
    max_queued: int = 1000
    max_remembered: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What exists for tests of clients only, and is off unless asked for.

    `faults` are chosen by a request's X-Retake-Fault header, `test_endpoints` do nothing for a while, and
    `allow_leaky_put` suffers fal-client's habit of sending its key to presigned upload targets.
    """

    faults: bool = False
    test_endpoints: bool = False
    allow_leaky_put: bool = False


USUAL = Limits()
EARNEST = Rehearsal()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """`data` is a folder of this engine's own; whoever made it removes it. `key` None lets everybody in who gets here.

    `loopback` says that only this machine can reach it; `hosts` are the names, beside addresses, that it answers to.
    """

    data: Path
    key: str | None = field(default=None, repr=False)
    loopback: bool = True
    hosts: frozenset[str] = frozenset()
    limits: Limits = USUAL
    rehearsal: Rehearsal = EARNEST

    def answers_to(self, host: str) -> bool:
        """Whether a Host header may name this engine.

        A web page can make its own name resolve to 127.0.0.1 (DNS rebinding), but not make a browser send an address
        in its place: so addresses are trusted, and of names only the known ones.
        """
        host = host.lower().rstrip(".")
        if host in self.hosts or host == "localhost":
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or not self.loopback


def own_names() -> frozenset[str]:
    """The names under which other machines may know this one."""
    name = socket.gethostname().lower()
    return frozenset({name, name.split(".")[0], f"{name.split('.')[0]}.local"}) - {""}


def is_loopback(host: str) -> bool:
    """Whether every address that the host stands for is this machine's own; EngineError where it stands for none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise EngineError(f"{host} is not an address of this machine.", "Give one with --host.") from error
    return all(ipaddress.ip_address(str(each[4][0]).split("%")[0]).is_loopback for each in found)


def read_key(path: Path) -> str:
    """The key in a file of one line; EngineError where there is none that could go into a header."""
    try:
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        # The text of a decoding error quotes bytes of the key.
        raise EngineError(f"The key file {path} cannot be read.", "It must hold the key as one line of ASCII.") from (
            error if isinstance(error, OSError) else None
        )
    if not key or not key.isprintable() or " " in key:
        raise EngineError(f"The key file {path} holds no key.", "It must hold the key as one line without spaces.")
    return key
