"""Keys of paid hosts: from the environment, or from the operating system's keyring; nowhere else, and never shown.

A locked wallet may open a dialog and wait for it, so every call runs in a thread of its own and is given up after a
while. Keyrings that keep their text in the open, or keep nothing, are refused.
"""

import os
import threading
from collections.abc import Callable
from typing import cast

import keyring
from keyring.backend import KeyringBackend

from app.errors import UnwritableFile

SERVICE = "retake"
_ENVIRONMENT = {"fal": "FAL_KEY"}
_PATIENCE = 20.0
_LONGEST = 1024
_REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


def read_key(name: str, *, patience: float = _PATIENCE) -> str | None:
    """The key of that name: the environment's first, then the keyring's; None where there is none to be had."""
    variable = _ENVIRONMENT.get(name)
    from_environment = os.environ.get(variable, "").strip() if variable else ""
    if from_environment:
        return from_environment
    found: list[str | None] = []

    def ask() -> None:
        found.append(keyring.get_password(SERVICE, name) if can_store() else None)

    _patiently(ask, patience)
    return found[0].strip() or None if found and found[0] else None


def from_environment(name: str) -> bool:
    """Whether the key comes from the environment, where Retake cannot change it."""
    return bool(os.environ.get(_ENVIRONMENT.get(name, ""), "").strip())


def store_key(name: str, key: str, *, patience: float = _PATIENCE) -> None:
    """Give a key to the keyring; an empty one forgets it. Raises UnwritableFile, whose words never hold the key."""
    key = key.strip()
    if not can_store():
        raise UnwritableFile(
            "There is no keyring on this system that could keep the key safe.",
            f"Set {_ENVIRONMENT.get(name, 'an environment variable')} before starting Retake.",
        )
    if len(key) > _LONGEST or not key.isprintable():
        raise UnwritableFile("That is not a key.", "Copy it again from the host's page, without line breaks.")

    def put() -> None:
        if key:
            keyring.set_password(SERVICE, name, key)
        elif keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)

    if not _patiently(put, patience):
        raise UnwritableFile("The keyring did not take the key.", "Unlock it, and try again.")


def can_store() -> bool:
    """Whether there is a keyring, and one that neither keeps nothing, nor fails, nor keeps keys as plain text."""
    try:
        backend = keyring.get_keyring()
        # A chain of keyrings writes to the first that takes the key, so each link must be fit to keep it.
        chain = cast(list[KeyringBackend], getattr(backend, "backends", [backend]))
        return all(_fit(type(each)) for each in chain)
    except Exception:  # a keyring's plugins raise what they like; whatever it is, there is none to use
        return False


def _fit(kind: type[KeyringBackend]) -> bool:
    return not kind.__module__.startswith(_REFUSED) and kind.priority >= 1


def _patiently(work: Callable[[], None], patience: float) -> bool:
    """Whether the work was done in time; a thread that waits for a dialog is left behind, and holds nothing."""
    done: list[bool] = []

    def run() -> None:
        try:
            work()
            done.append(True)
        except Exception:  # the error's text may hold the key
            done.append(False)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(patience)
    return done == [True]
