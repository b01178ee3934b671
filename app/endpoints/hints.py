"""Hints: which strings are files and of what medium; documents mostly do not mark them, so names and words tell."""

import re

from app.endpoints.fields import Json
from app.endpoints.values import as_list, as_object, as_text

_NOT_FILES = re.compile(r"(?:.*_)?(?:webhook|callback|proxy|redirect|base|api|page|site|website)_urls?")
_MEDIA = (
    ("weights", re.compile(r"lora|safetensors|checkpoint|weights")),
    ("archive", re.compile(r"zip|archive|dataset|\bdata_url|_data_url|\btar\b")),
    ("data", re.compile(r"config|json|metadata|timings|midi|transcript")),
    ("video", re.compile(r"video|movie")),
    ("image", re.compile(r"image|photo|thumbnail|cover|picture")),
    ("audio", re.compile(r"audio|sound|music|song|voice|speech|vocal|track|impulse_response|stem")),
)
EDITORS = ("audio", "video", "image", "image_mask", "archive", "file")
_MEDIUM = re.compile(r"(?:.*_)?(?:audio|sound|video|image|archive|zip)(?:_(?:file|path|input|data))?")
RESULTS = re.compile(r"(?:output_|generated_)?(?:audios?|sounds?|music|songs?|stems?)(?:_(?:file|url)s?)?")


def media_of(name: str, hint: str, description: str) -> str:
    """What kind of file a URL names: by hint, by its name, then by what is said about it."""
    for text in (hint, name, description):
        for media, words in _MEDIA:
            if words.search(text.lower()):
                # An "audio_data_url" that is described as a zip holds recordings, it is none.
                return "archive" if media == "audio" and re.search(r"\b(zip|archive)\b", description.lower()) else media
    return "file"


def editor_of(plain: dict[str, Json]) -> str:
    """The editor that the document wishes for."""
    return as_text(plain.get("_fal_ui_field")) or as_text(as_object(plain.get("ui")).get("field"))


def names_a_file(name: str, plain: dict[str, Json], description: str) -> bool:
    """Whether a string is the address of a file: by its name, its format, or an address where a medium is named."""
    if plain.get("format") == "binary":
        return True
    if re.fullmatch(r"(?:.*_)?urls?", name):
        return _NOT_FILES.fullmatch(name) is None
    if _MEDIUM.fullmatch(name) is None:
        return False
    address = any(re.match(r"(?:https?://|data:)\S+$", as_text(each)) for each in as_list(plain.get("examples")))
    said = re.search(r"\b(?:urls?|uri|base64)\b", description.lower()) is not None
    return address or said or plain.get("format") in ("uri", "url")


def description_of(plain: dict[str, Json]) -> str:
    """What is said of a field, and of its limits."""
    said = as_text(plain.get("description"))
    limit = as_text(plain.get("limit_description")) or as_text(as_object(plain.get("x-fal")).get("limit_description"))
    return said if not limit or limit in said else f"{said} {limit}".strip()
