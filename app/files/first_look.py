"""FirstLook: the few settings that the first painting of the window needs, read without checking the others.

The model of all settings takes longer to load than the window takes to be shown; it is read right after that, and
what it says then counts.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app import paths

_MAX = 1 << 20
_THEMES = ("system", "light", "dark")
_RECENT = 12


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Colours, where the window was, and what was open lately; defaults where the file says nothing usable."""

    theme: str = "system"
    geometry: str = ""
    recent: tuple[Path, ...] = ()

    @classmethod
    def load(cls) -> "FirstLook":
        """From the settings file; whatever is wrong with it is said by those who read all of it."""
        path = paths.config_dir() / "settings.json"
        try:
            with path.open("rb") as file:
                found: dict[str, object] = dict(json.loads(file.read(_MAX)))
        except (OSError, ValueError, TypeError, RecursionError):
            return cls()
        theme, geometry, recent = (found.get(name) for name in ("theme", "window_geometry", "recent"))
        names = cast(list[object], recent) if isinstance(recent, list) else []
        return cls(
            theme if isinstance(theme, str) and theme in _THEMES else "system",
            geometry if isinstance(geometry, str) else "",
            tuple(Path(each) for each in names[:_RECENT] if isinstance(each, str)),
        )
