"""The hosts that can be asked, by name: the bundled engine, the hosted queue, and others by their URL."""

from app.errors import Unauthorized, Unreachable
from app.remote.connection import Connection, Key, fal

LOCAL = "local"
FAL = "fal"


class Connections:
    """What is connected right now; `local` is there while the bundled engine answers."""

    def __init__(self) -> None:
        self._known: dict[str, Connection] = {}

    def put(self, connection: Connection) -> None:
        """A host that answers, or a new URL and key for one."""
        self._known[connection.name] = connection

    def drop(self, name: str) -> None:
        """A host that no longer answers."""
        self._known.pop(name, None)

    def has(self, name: str) -> bool:
        """Whether the host can be asked now."""
        return name in self._known

    def find(self, name: str) -> Connection | None:
        """The connection of that name, if it is there."""
        return self._known.get(name)

    def get(self, name: str) -> Connection:
        """The connection of that name; Unreachable or Unauthorized, with the next step, where there is none."""
        if name in self._known:
            return self._known[name]
        if name == LOCAL:
            raise Unreachable("The offline engine is still starting.", "Try again in a moment.")
        if name == FAL:
            raise Unauthorized(
                "fal.ai needs a key, and none is set.",
                "Edit › Key for fal.ai… takes one, or the environment variable FAL_KEY; or choose the offline engine.",
            )
        raise Unreachable(f"There is no connection called {name}.", "Choose another endpoint.")

    def store_key(self, name: str, key: str) -> None:
        """Put a key into the keyring, or take it out (empty), and connect. Blocks on the keyring as well."""
        from app.files.keys import store_key

        store_key(name, key.strip())
        self.drop(name)
        self.look_for_keys()

    def look_for_keys(self) -> None:
        """Connect the hosted queue if its key can be found. Blocks on the keyring: not on the GUI thread."""
        from app.files.keys import read_key  # the keyring takes a while to load, and this runs off the GUI thread

        key = read_key(FAL)
        if key:
            self.put(fal(Key(key)))
