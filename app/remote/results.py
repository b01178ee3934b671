"""Which files an answer names, in whatever shape it names them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from app.endpoints.fields import Json
from app.remote.connection import origin, split
from app.remote.faults import clean
from app.remote.updates import Used

_DEPTH = 32
_MOST = 64
_USED = 32
_TEXT = 5000
# Under these names (or as their last word) a bare address is a file; elsewhere it may be anything a text says.
_BARE = re.compile(
    r"(audios?|urls?|files?|stems?|target|residual|(no_)?vocals|drums|bass|other|guitar|piano|instrumental|music|songs?"
    r"|speech|sounds?|tracks?|samples?)(_\d+)?$"
)
_AUDIO_KEY = re.compile(
    r"(^|[._])(audios?|stems?|target|residual|vocals|drums|bass|other|guitar|piano|instrumental|music|songs?|speech"
    r"|sounds?|tracks?|samples?)([._]|$)"
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
        if any(_AUDIO_NAME.search(name) for name in self._names()):
            return True
        if self.other:
            return False
        kinds = (self.content_type, self.url[5:50].split(";")[0] if _inline(self.url) else "")
        return bool(_AUDIO_KEY.search(self.key.lower())) or any(kind.lower().startswith("audio/") for kind in kinds)

    @property
    def other(self) -> bool:
        """Whether its name says that it is something else."""
        return any(_OTHER_NAME.search(name) for name in self._names())

    def _names(self) -> tuple[str, str]:
        parts = None if _inline(self.url) else split(self.url)
        return self.file_name.lower(), unquote(parts.path).lower() if parts else ""


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
    elif isinstance(node, str) and _is_address(node) and (_bare(key) or node[:11].lower() == "data:audio/"):
        yield Found(key, node)


def _bare(key: str) -> bool:
    """Whether a string under this key is an address of a file: judged by the last part that is no index."""
    names = [part for part in key.lower().split(".") if not part.isdigit()]
    return bool(names and _BARE.search(names[-1]))


def _is_address(text: str) -> bool:
    return _inline(text) or origin(text) is not None


def _inline(url: str) -> bool:
    return url[:5].lower() == "data:"


def _text(node: dict[str, Json], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _size(node: dict[str, Json]) -> int | None:
    value = node.get("file_size")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def used_of(answer: Json) -> dict[str, Used]:
    """The single values at an answer's top, addresses of files aside: what the host says it used (seed, tags …)."""
    found: dict[str, Used] = {}
    for key, value in answer.items() if isinstance(answer, dict) else ():
        name = clean(key, most=60)
        if len(found) >= _USED or not name or value is None or isinstance(value, list | dict):
            continue
        if isinstance(value, str):
            if value and not (_is_address(value) and len(value.split()) == 1):
                found[name] = "\n".join(clean(line, most=_TEXT) for line in value[:_TEXT].splitlines())
        elif isinstance(value, bool | float) or abs(value) < 2**63:
            found[name] = value
    return found


def sounds_by_bytes(head: bytes) -> bool:
    """Whether a file begins like a sound, whatever it is called."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return True
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return True
    if head[4:11] == b"ftypM4A" or head[:4] in (b"fLaC", b"OggS") or head[:3] == b"ID3":
        return True
    return len(head) > 3 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2, 0xFA, 0xF1, 0xF9)  # MP3, AAC
