"""Settings: one file of JSON, one frozen model; what this version does not know is kept for the one that does.

No key is ever in here: see keys.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from app import paths
from app.errors import UnwritableFile
from app.files.atomic import replace, write_bytes
from app.files.sentences import shown

RECENT = 12
_MAX = 1 << 20
_TAKEN = ("local", "fal")  # by the bundled engine, and by the hosted queue for its own kind


class ConnectionKind(StrEnum):
    """What kind of host a connection is set up for; other words are a newer version's, kept and not used."""

    ENGINE = "engine"
    FAL = "fal"


class ConnectionSetting(BaseModel):
    """A host as the user set it up. Its key is not in here: it lies in the keyring under the name, or in a file.

    Of the one of kind "fal" only the proxy counts; an engine keeps its storage below its queue unless told otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str = Field(pattern=r"^[^\W_][\w .-]*$", max_length=40)
    kind: str = Field(default=ConnectionKind.ENGINE, max_length=20)
    queue_url: str = Field(default="", max_length=2048)
    storage_url: str | None = Field(default=None, max_length=2048)
    proxy_url: str | None = Field(default=None, max_length=2048)
    key_file: str | None = Field(default=None, max_length=4096)

    @model_validator(mode="after")
    def _free_name(self) -> ConnectionSetting:
        own = self.kind != ConnectionKind.FAL and self.name.lower() not in _TAKEN and self.name == self.name.strip()
        if not own and (self.kind, self.name) != (ConnectionKind.FAL, "fal"):
            raise ValueError("this name is taken")
        return self

    def changed(self, **values: Any) -> ConnectionSetting:
        """With those values; ValidationError where one does not fit."""
        return ConnectionSetting.model_validate({**self.model_dump(), **values})


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
    clip_shown: Literal["waveform", "spectrogram", "split"] = "waveform"
    spectrogram_axis: Literal["linear", "log", "mel"] = "log"
    spectrogram_window: Literal[0, 512, 1024, 2048, 4096, 8192, 16384] = 0
    spectrogram_range_db: Literal[60, 80, 100, 120] = 80
    spectrogram_colours: Literal["sea", "glow", "grey"] = "sea"
    window_geometry: str = Field(default="", max_length=4096)
    lanes_overlaid: bool = False
    levels_in_db: bool = False
    show_rms: bool = True
    show_clipping: bool = True
    ruler: Literal["time", "samples", "bars"] = "time"
    tempo: float = Field(default=120.0, ge=20, le=400)
    meter: str = Field(default="4/4", max_length=5)
    last_endpoint: str = ""
    last_connection: str = ""
    connections: tuple[ConnectionSetting, ...] = Field(default=(), max_length=50)

    _notes: tuple[str, ...] = PrivateAttr(default=())

    @field_validator("connections", mode="after")
    @classmethod
    def _each_once(cls, found: tuple[ConnectionSetting, ...]) -> tuple[ConnectionSetting, ...]:
        return tuple({each.name: each for each in found}.values())

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

    def connection(self, name: str) -> ConnectionSetting | None:
        """The connection of that name as it was set up; None where it was not."""
        return next((each for each in self.connections if each.name == name), None)

    def with_connection(self, setting: ConnectionSetting) -> Settings:
        """With that connection, in its old place where there was one of its name."""
        named = {**{each.name: each for each in self.connections}, setting.name: setting}
        return self.changed(connections=list(named.values()))

    def without_connection(self, name: str) -> Settings:
        """Without that connection."""
        return self.changed(connections=[each for each in self.connections if each.name != name])

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
            wrong = {_place(each["loc"]) for each in error.errors() if each["loc"]}
        fitting = {name: value for name, value in found.items() if (name,) not in wrong}
        listed = fitting.get("connections")
        if isinstance(listed, list):  # one that is damaged does not cost the others
            each_one = enumerate(cast(list[Any], listed))
            fitting["connections"] = [each for n, each in each_one if ("connections", n) not in wrong]
        kept = cls.model_validate(fitting)
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


def _place(location: Sequence[int | str]) -> tuple[int | str, ...]:
    return tuple(location[: 2 if location[0] == "connections" else 1])


def _set_aside(path: Path) -> str:
    aside = path.with_name("settings-damaged.json")
    try:
        replace(path, aside)
    except OSError:
        return "The settings file is damaged; what does not fit in it was not used."
    return f"The settings file was damaged; it was set aside as {aside.name}, and defaults stand in for the rest."
