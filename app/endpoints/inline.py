"""Which fields take a small source inside the request itself, as a data URI."""

from typing import Final

from app.endpoints.fields import Field, FileField

INLINE_BYTES: Final = 256 * 1024
# What a URL type checks, which wants http(s) and takes about 2000 characters, takes no data URI however short.
_URL_TYPE: Final = 8192


def room_for(field: Field | None, most: int = INLINE_BYTES) -> int:
    """How many characters a data URI may have in this field; 0 where none is taken.

    Sound alone travels so: archives and weights are large, and are often fetched by their names' endings.
    """
    if not isinstance(field, FileField) or field.media not in ("audio", "file"):
        return 0
    if field.max_length is not None and field.max_length < _URL_TYPE:
        return 0
    room = most if field.max_length is None else min(most, field.max_length)
    return room if field.max_bytes is None else min(room, field.max_bytes)
