"""The hosts that can be asked, by name: the bundled engine, the hosted queue, and others by their URL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError, Unauthorized, Unreachable
from app.files.settings import ConnectionKind, ConnectionSetting
from app.remote.connection import Connection, Key, fal

LOCAL = "local"
FAL = "fal"
FAL_SETTING = ConnectionSetting(name=FAL, kind=ConnectionKind.FAL)
_LABELS = {LOCAL: "Offline engine", FAL: "fal.ai"}


@dataclass(frozen=True, slots=True)
class Found:
    """What looking for a connection's key came to: the connection where it can be built, and where its key is from.

    `key_place` is empty without a key; `error` says why there is no connection.
    """

    name: str
    connection: Connection | None = None
    key_place: str = ""
    replaceable: bool = True
    error: AppError | None = None


class Connections:
    """What is connected right now; `local` is there while the bundled engine answers."""

    def __init__(self) -> None:
        self._known: dict[str, Connection] = {}
        self._why: dict[str, AppError] = {}

    def put(self, connection: Connection) -> None:
        """A host that answers, or a new URL and key for one."""
        self._known[connection.name] = connection

    def drop(self, name: str, why: AppError | None = None) -> None:
        """A host that can no longer be asked; `why` is what `get` will say."""
        self._known.pop(name, None)
        self._why.pop(name, None)
        if why is not None:
            self._why[name] = why

    def has(self, name: str) -> bool:
        """Whether the host can be asked now."""
        return name in self._known

    def find(self, name: str) -> Connection | None:
        """The connection of that name, if it is there."""
        return self._known.get(name)

    def get(self, name: str) -> Connection:
        """The connection of that name; Unreachable, Unauthorized or what else keeps it away, with the next step."""
        if name in self._known:
            return self._known[name]
        if name == LOCAL:
            raise Unreachable("The offline engine is still starting.", "Try again in a moment.")
        if name in self._why:
            raise self._why[name]
        if name == FAL:
            raise keyless(name)
        raise Unreachable(f"There is no connection called {name}.", "Choose another endpoint, or add it in Settings.")

    def take(self, found: Found) -> None:
        """What looking for it came to."""
        if found.connection is not None:
            self.put(found.connection)
        else:
            self.drop(found.name, found.error)

    def look_for_keys(self, settings: Sequence[ConnectionSetting] = ()) -> None:
        """Connect what can be: the hosted queue where its key is found, and these. Blocks on the keyring."""
        named = {FAL: FAL_SETTING, **{each.name: each for each in settings}}
        for each in named.values():
            self.take(look_up(each))


def label(name: str) -> str:
    """What a list calls the connection."""
    return _LABELS.get(name, name)


def keyless(name: str) -> Unauthorized:
    """The key is missing, and what to do about it."""
    variable = ", or the environment variable FAL_KEY" if name == FAL else ""
    return Unauthorized(
        f"{label(name)} needs a key, and none is set.",
        f"Edit › Settings… takes one{variable}; or choose the offline engine.",
    )


def build(setting: ConnectionSetting, key: Key | None = None) -> Connection:
    """The connection that a setting describes; FieldError where an address is none. A proxy's key is its own."""
    proxy = setting.proxy_url or None
    if setting.kind == ConnectionKind.FAL:
        return fal(None if proxy else key, proxy)
    url = setting.queue_url.strip().rstrip("/")
    return Connection(setting.name, url, setting.storage_url or f"{url}/storage", None if proxy else key, proxy)


def look_up(setting: ConnectionSetting) -> Found:
    """Find the key and build the connection. Never raises; blocks on the keyring: not on the GUI thread."""
    from app.files.keys import (
        KeySource,
        find_key,
    )  # the keyring takes a while to load, and this runs off the GUI thread

    name = setting.name
    if setting.kind not in set(ConnectionKind):
        return Found(name, error=AppError(f"{name} was set up by a newer version of Retake.", "Use that version."))
    try:
        found = find_key(name, Path(setting.key_file).expanduser() if setting.key_file else None)
        key = Key(found.text) if found else None
        connection = build(setting, key)
    except AppError as error:
        return Found(name, error=error.with_traceback(None))  # its frames hold the key
    place = {KeySource.KEYRING: "the keyring"}.get(found.source, found.place) if found else ""
    replaceable = found is None or found.source is KeySource.KEYRING
    if name == FAL and key is None and connection.proxy_url is None:
        return Found(name, error=keyless(name))
    return Found(name, connection, place, replaceable)
