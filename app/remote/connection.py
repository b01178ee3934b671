"""Connection: a host that speaks the queue protocol, and the key that only it may see."""

import hmac
import ipaddress
import re
from dataclasses import dataclass
from typing import Never
from urllib.parse import SplitResult, urlsplit

from app.errors import FieldError, Unauthorized

_KEY = re.compile(r"[\x21-\x7e]{1,1000}")
_LABELS = {"local": "The offline engine", "fal": "fal.ai"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Key:
    """A secret that shows itself as ***; refuses to be pickled. Unauthorized where it cannot be a key."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        text = text.strip()
        # What cannot stand in a header would be quoted in full by the error that the HTTP library raises.
        if not _KEY.fullmatch(text):
            raise Unauthorized(
                "The key is empty or has characters that no key has.", "Copy the key again, without spaces."
            )
        self.__text = text

    def reveal(self) -> str:
        """The secret itself: for the Authorization header and nothing else."""
        return self.__text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self.__text, other.__text)

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> Never:
        raise TypeError("a key is not written down")


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None where it is none, or carries a name or password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or port == 0 or parts.username is not None or parts.password is not None:
        return None
    return None if re.search(r"[\x00-\x20\x7f\\]", url) else parts


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port, which together are one security origin; None for what is no web address."""
    parts = split(url)
    if parts is None or parts.scheme not in _DEFAULT_PORTS:
        return None
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS[parts.scheme]


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine by its very spelling; no name is looked up."""
    parts = split(url)
    host = (parts.hostname or "") if parts else ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(field: str, url: str) -> str:
    url = url.strip().rstrip("/")
    parts = split(url)
    if parts is None or origin(url) is None or parts.query or parts.fragment:
        raise FieldError(field, "This is not the address of a host.", "Write it like https://queue.example.com.")
    if parts.scheme != "https" and not is_loopback(url):
        raise FieldError(
            field, "Without https, the key and your sound could be read on the way.", "Write https:// before the host."
        )
    return url


@dataclass(frozen=True, slots=True)
class Connection:
    """A host that speaks the queue protocol. FieldError for an address that is none, or not https (but on loopback).

    With a `proxy_url` every call of the protocol goes there, its real target in the header x-fal-target-url, and the
    key stays home: the proxy adds its own.
    """

    name: str
    queue_url: str
    storage_url: str
    key: Key | None = None
    proxy_url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "queue_url", _checked("queue_url", self.queue_url))
        object.__setattr__(self, "storage_url", _checked("storage_url", self.storage_url))
        if self.proxy_url is not None:
            object.__setattr__(self, "proxy_url", _checked("proxy_url", self.proxy_url))

    @property
    def label(self) -> str:
        """What a sentence calls the host, at its beginning."""
        return _LABELS.get(self.name, f"The host {self.name}")

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.queue_url)

    def serves(self, url: str) -> bool:
        """Whether a URL has the queue's own origin: only there may an answer send us with the key."""
        return origin(url) == origin(self.queue_url)

    def trusts(self, url: str) -> bool:
        """Whether the key may be sent to a URL: the queue's and the storage's origins, nowhere else."""
        return self.proxy_url is None and origin(url) in (origin(self.queue_url), origin(self.storage_url))

    def may_fetch(self, url: str) -> bool:
        """Whether a file may come from (or go to) a URL: https, or this machine where the host is this machine."""
        where = origin(url)
        return where is not None and (where[0] == "https" or (self.loopback and is_loopback(url)))


def local(url: str, key: Key | None, name: str = "local") -> Connection:
    """A host with queue and storage on one origin: the bundled engine."""
    url = url.rstrip("/")
    return Connection(name, url, f"{url}/storage", key)


def fal(key: Key | None, proxy_url: str | None = None) -> Connection:
    """fal's cloud."""
    return Connection("fal", "https://queue.fal.run", "https://rest.fal.ai/storage", key, proxy_url)
