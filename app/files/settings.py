"""Settings: one file of JSON, one frozen model; what this version does not know is kept for the one that does.

No key is ever in here: see keys.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from app import paths
from app.errors import UnwritableFile
from app.files.atomic import replace, write_bytes
from app.files.sentences import shown

RECENT = 12
_MAX = 1 << 20


class Settings(BaseModel):
    """What the user chose, and what the window remembers; `changed` gives a new one."""

    model_config = ConfigDict(frozen=True, extra="allow")

    theme: Literal["system", "light", "dark"] = "system"
    audio_device: str | None = None
    recent: tuple[str, ...] = Field(default=(), max_length=RECENT)
    seam_ms: float = Field(default=40.0, ge=0, le=500)
    outside_ms: float = Field(default=0.0, ge=0, le=500)
    takes_per_click: int = Field(default=1, ge=1, le=16)
    takes_per_click_local: int = Field(default=3, ge=1, le=16)
    window_geometry: str = Field(default="", max_length=4096)
    last_endpoint: str = ""

    _notes: tuple[str, ...] = PrivateAttr(default=())

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading the file found, a sentence each."""
        return self._notes

    def changed(self, **values: Any) -> Settings:
        """With those values; ValidationError where one does not fit."""
        return Settings.model_validate({**self.model_dump(), **values})

    def with_recent(self, path: Path) -> Settings:
        """With that path first among the recent ones."""
        text = str(path.absolute()).encode("utf-8", "replace").decode()
        return self.changed(recent=(text, *(each for each in self.recent if each != text))[:RECENT])

    @classmethod
    def load(cls) -> Settings:
        """The settings on the disk; a damaged file is set aside, and what fits in it is kept. Never raises."""
        path = settings_path()
        try:
            if path.stat().st_size > _MAX:
                raise ValueError("larger than any settings")
            found = json.loads(path.read_text("utf-8"))
            if not isinstance(found, dict):
                raise ValueError("not an object")
            known = cast(dict[str, Any], found)
        except FileNotFoundError:
            return cls()
        except OSError as error:
            return cls._with(cls(), f"The settings could not be read: {(error.strerror or 'unknown reason').lower()}.")
        except (ValueError, RecursionError):
            return cls._with(cls(), _set_aside(path))
        return cls._fitting(path, known)

    @classmethod
    def _fitting(cls, path: Path, found: dict[str, Any]) -> Settings:
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        kept = cls.model_validate({name: value for name, value in found.items() if name not in wrong})
        return cls._with(kept, _set_aside(path))

    @staticmethod
    def _with(settings: Settings, note: str) -> Settings:
        settings._notes = (note,)
        return settings

    def save(self) -> None:
        """To the disk, whole or not at all; raises UnwritableFile."""
        path = settings_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnwritableFile(
                f"The settings could not be written to {shown(path.parent)}.", "Check that folder's permissions."
            ) from error
        write_bytes(path, json.dumps(self.model_dump(mode="json"), indent=2).encode())


def settings_path() -> Path:
    """Where the settings lie."""
    return paths.config_dir() / "settings.json"


def _set_aside(path: Path) -> str:
    aside = path.with_name("settings-damaged.json")
    try:
        replace(path, aside)
    except OSError:
        return "The settings file is damaged; what does not fit in it was not used."
    return f"The settings file was damaged; it was set aside as {aside.name}, and defaults stand in for the rest."
