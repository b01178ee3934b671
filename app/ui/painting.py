"""An item that cannot be painted leaves a gap and a line in the log: Qt for Python ends the process at an exception."""

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Paint = TypeVar("Paint", bound=Callable[..., None])
_told: set[str] = set()


def guarded(paint: Paint) -> Paint:
    """For the paint methods of graphics items; each fault is told once."""

    @functools.wraps(paint)
    def painted(*args: Any) -> None:
        try:
            paint(*args)
        except Exception as error:
            what = f"{paint.__qualname__}: {type(error).__name__}"
            if what not in _told:
                _told.add(what)
                log.exception("%s", what)

    return painted  # type: ignore[return-value]
