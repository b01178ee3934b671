"""Keys of hosts: from the environment, a file of their own, or the system's keyring; nowhere else, and never shown.

A locked wallet may open a dialog and wait for it, so every call runs in a thread of its own and is given up after a
while. Keyrings that keep their text in the open, or keep nothing, are refused.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import cast

import keyring
from keyring.backend import KeyringBackend

from app.errors import FileError, UnwritableFile
from app.files.sentences import shown

SERVICE = "retake"
# Each way names the variables that make up one key, joined by a colon.
_ENVIRONMENT = {"fal": (("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET"))}
_PATIENCE = 20.0
_LONGEST = 1024
_REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class KeySource(StrEnum):
    """Where a key was found; only what lies in the keyring can be replaced or forgotten by Retake."""

    ENVIRONMENT = "environment"
    FILE = "file"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key and where it comes from: `place` names the variable or the file, or is empty."""

    text: str = field(repr=False)
    source: KeySource
    place: str = ""


def find_key(name: str, key_file: Path | None = None, *, patience: float = _PATIENCE) -> FoundKey | None:
    """The key of that name: the environment's first, then the file's, then the keyring's; None where there is none.

    FileError for a key file that is named and cannot be read. Blocks on the keyring.
    """
    for variables in _ENVIRONMENT.get(name, ()):
        parts = [os.environ.get(each, "").strip() for each in variables]
        if all(parts):
            return FoundKey(":".join(parts), KeySource.ENVIRONMENT, " and ".join(variables))
    if key_file is not None:
        return FoundKey(_read_file(key_file), KeySource.FILE, str(key_file))
    found: list[str | None] = []

    def ask() -> None:
        found.append(keyring.get_password(SERVICE, name) if can_store() else None)

    _patiently(ask, patience)
    text = found[0].strip() if found and found[0] else ""
    return FoundKey(text, KeySource.KEYRING) if text else None


def read_key(name: str, *, patience: float = _PATIENCE) -> str | None:
    """The text of the key of that name; None where there is none to be had."""
    found = find_key(name, patience=patience)
    return found.text if found else None


def from_environment(name: str) -> bool:
    """Whether the key comes from the environment, where Retake cannot change it."""
    return any(all(os.environ.get(v, "").strip() for v in variables) for variables in _ENVIRONMENT.get(name, ()))


def store_key(name: str, key: str, *, patience: float = _PATIENCE) -> None:
    """Give a key to the keyring; an empty one forgets it. Raises UnwritableFile, whose words never hold the key."""
    key = key.strip()
    if not can_store():
        variables = _ENVIRONMENT.get(name)
        raise UnwritableFile(
            "There is no keyring on this system that could keep the key safe.",
            f"Set {variables[0][0]} before starting Retake." if variables else "Name a key file instead.",
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


def _read_file(path: Path) -> str:
    hint = "It must hold the key as one line of plain text."
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 2)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise FileError(f"The key file {shown(path)} cannot be read: {reason}.", hint) from error
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > _LONGEST or not text.isprintable() or " " in text:
        # Outside the handler: the error of decoding quotes bytes of the key, and would stay as the context.
        raise FileError(f"The key file {shown(path)} holds no key.", hint)
    return text


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
