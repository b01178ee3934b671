"""A keyring in memory, in place of the system's, for tests that keep keys."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.backend


class Wallet(keyring.backend.KeyringBackend):
    """Keeps what it is given; `gate` keeps it waiting, as a locked wallet's dialog does; `broken` raises that text."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.broken = ""

    def _wait(self) -> None:
        self.gate.wait(5)
        if self.broken:
            raise RuntimeError(self.broken)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._wait()
        del self.kept[service, username]


@contextmanager
def new_wallet() -> Iterator[Wallet]:
    """The keyring of this process, for as long as the block lasts."""
    before = keyring.get_keyring()
    made = Wallet()
    keyring.set_keyring(made)
    yield made
    made.gate.set()
    keyring.set_keyring(before)
