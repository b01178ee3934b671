"""Values of foreign JSON as what they should be, or as nothing: documents may hold anything anywhere."""

import math
from typing import Final

from app.endpoints.fields import Json

_MAX_TEXT: Final = 4000


def as_object(value: Json) -> dict[str, Json]:
    """The object, or an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The list, or an empty one where it is something else."""
    return value if isinstance(value, list) else []


def as_text(value: Json, limit: int = _MAX_TEXT) -> str:
    """The string, cut to a length that can be shown, or an empty one."""
    return value.strip()[:limit] if isinstance(value, str) else ""


def as_number(value: Json) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def as_count(value: Json) -> int | None:
    """A whole number of at least 0, or None."""
    number = as_number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None
