"""Which files an answer names, in whatever shape it names them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from app.endpoints.fields import Json
from app.remote.connection import origin, split

_DEPTH = 32
_MOST = 64
_BARE = re.compile(r"(audios?|urls?|files?|stems?)(_\d+)?$")
_AUDIO_KEY = re.compile(
    r"(^|[._])(audios?|stems|target|residual|vocals|drums|bass|other|guitar|piano|music|song|speech|sound)([._]|$)"
)
_AUDIO_NAME = re.compile(r"\.(wav|wave|mp3|flac|ogg|oga|opus|m4a|aac|aiff?|w64|caf|wma|webm)$")
_OTHER_NAME = re.compile(r"\.(json|zip|tar|gz|png|jpe?g|webp|gif|svg|mp4|mov|mkv|txt|csv|yaml|safetensors|pdf|mid)$")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that an answer names: under which key, where, and what the host says about it (all of it hearsay)."""

    key: str
    url: str
    content_type: str = ""
    file_name: str = ""
    size: int | None = None

    @property
    def audio(self) -> bool:
        """Whether it looks like sound. A name's ending tells most; then the key; the content type lies most often."""
        parts = None if self.url.startswith("data:") else split(self.url)
        names = [self.file_name.lower(), unquote(parts.path).lower() if parts else ""]
        if any(_AUDIO_NAME.search(name) for name in names):
            return True
        if any(_OTHER_NAME.search(name) for name in names):
            return False
        kind = self.content_type or (self.url[5:50].split(";")[0] if parts is None else "")
        return bool(_AUDIO_KEY.search(self.key.lower())) or kind.startswith("audio/")


def files_of(answer: Json) -> tuple[Found, ...]:
    """Every file in an answer once, those that look like sound first, otherwise in the answer's order.

    Files are objects with a `url`, and bare addresses under keys that end like `audio`, `url`, `file`; whatever their
    depth (to 32) and number (to 64).
    """
    found: dict[str, Found] = {}
    for each in _walk(answer, "", 0):
        found.setdefault(each.url, each)
        if len(found) >= _MOST:
            break
    return tuple(sorted(found.values(), key=lambda each: not each.audio))


def _walk(node: Json, key: str, depth: int) -> Iterator[Found]:
    if depth > _DEPTH:
        return
    if isinstance(node, dict):
        url = node.get("url")
        if isinstance(url, str) and _is_address(url):
            yield Found(key or "url", url, _text(node, "content_type"), _text(node, "file_name"), _size(node))
            node = {name: value for name, value in node.items() if name != "url"}
        for name, value in node.items():
            yield from _walk(value, f"{key}.{name}" if key else name, depth + 1)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, f"{key}.{index}" if len(node) > 1 else key, depth + 1)
    elif isinstance(node, str) and _is_address(node) and (_bare(key) or node.startswith("data:audio/")):
        yield Found(key, node)


def _bare(key: str) -> bool:
    """Whether a string under this key is an address of a file: judged by the last part that is no index."""
    names = [part for part in key.lower().split(".") if not part.isdigit()]
    return bool(names and _BARE.search(names[-1]))


def _is_address(text: str) -> bool:
    return text.startswith("data:") or origin(text) is not None


def _text(node: dict[str, Json], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _size(node: dict[str, Json]) -> int | None:
    value = node.get("file_size")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
