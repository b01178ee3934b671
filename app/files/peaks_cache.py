"""Peaks of sounds that were opened before, by their content, in the app's cache: written and read by a map.

Mapped, because the peaks of ten hours are a hundred megabytes that need not be in memory at once. A file there is
whole or not there at all: it gets its name after it was flushed. Everything in it may be thrown away at any time.
"""

import hashlib
import json
import mmap
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from app import paths
from app.files.atomic import PART, part_of, replace
from app.sound.peaks import BASE, FACTOR, Level, Peaks
from app.sound.reduce import Triple, Values, level_bins

_HEAD = 4096
_ALIGN = 64
_MOST = 2 << 30
_KEY = re.compile(r"[0-9a-f]{40,64}")
_KINDS = ("<i2", "<i4", "<f4", "<f8")


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Peaks from the cache, and how many samples of the sound are not numbers."""

    peaks: Peaks
    strange: int


class Draft:
    """A cache file that is being written: `room` is what a PeaksBuilder writes to."""

    def __init__(self, path: Path, frames: int, channels: int, kind: np.dtype[Any]) -> None:
        """Raises OSError where there is no room on the disk."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._part = path, part_of(path)
        self._frames, self._channels, self._kind = frames, channels, kind.newbyteorder("<").str
        size, places = _places(frames, channels, self._kind)
        try:
            with open(self._part, "wb+") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, size)  # a full disk is told here, not by a signal at a page
                else:
                    file.truncate(size)
                self._map = mmap.mmap(file.fileno(), size)
        except OSError:
            self.drop()
            raise
        self.room: Sequence[Triple] = _arrays(self._map, places)

    def keep(self, peaks: Peaks, strange: int) -> None:
        """Flush it and give it its name, if the peaks are those that were announced; raises OSError."""
        fits = (peaks.length, peaks.channels, peaks.levels[0].low.dtype.newbyteorder("<").str) == (
            *(self._frames, self._channels),
            self._kind,
        )
        if not fits or not np.shares_memory(peaks.levels[0].low, self.room[0][0]):
            self.drop()
            return
        head = json.dumps(
            {
                "frames": self._frames,
                "channels": self._channels,
                "kind": self._kind,
                "scale": peaks.scale,
                "base": BASE,
                "factor": FACTOR,
                "strange": strange,
            }
        ).encode()
        self._map[: len(head) + 65] = hashlib.sha256(head).hexdigest().encode() + b"\n" + head
        self._map.flush()
        replace(self._part, self._path)

    def drop(self) -> None:
        """It is not wanted."""
        with suppress(OSError):
            self._part.unlink()


class PeaksCache:
    """The folder of kept peaks; keys are hex digits. What it cannot do it leaves: a cache is never worth an error."""

    def __init__(self, folder: Path | None = None, most: int = _MOST) -> None:
        self._folder = folder or paths.cache_dir() / "peaks"
        self._most = most

    def find(self, key: str) -> Kept | None:
        """Peaks that were kept for that content."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            digest, _, text = held[:_HEAD].rstrip(b"\0").partition(b"\n")
            if hashlib.sha256(text).hexdigest().encode() != digest:
                return None
            head = cast(dict[str, Any], json.loads(text))
            frames, channels, kind = int(head["frames"]), int(head["channels"]), str(head["kind"])
            size, places = _places(frames, channels, kind)
            if kind not in _KINDS or size != len(held) or (head["base"], head["factor"]) != (BASE, FACTOR):
                return None
            with suppress(OSError):
                os.utime(path)
            levels = tuple(Level(*each) for each in _arrays(held, places))
            return Kept(Peaks(frames, float(head["scale"]), levels), int(head["strange"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def draft(self, key: str, frames: int, channels: int, kind: np.dtype[Any]) -> Draft | None:
        """Room for the peaks of that content; None where the disk has none."""
        try:
            self._trim()
            return Draft(self._path(key), frames, channels, kind)
        except OSError:
            return None

    def keep(self, key: str, peaks: Peaks, strange: int) -> None:
        """Keep peaks that were made elsewhere."""
        draft = self.draft(key, peaks.length, peaks.channels, peaks.levels[0].low.dtype)
        if draft is None:
            return
        if len(draft.room) != len(peaks.levels) or not peaks.length:
            draft.drop()
            return
        for (low, high, energy), level in zip(draft.room, peaks.levels, strict=True):
            low[:], high[:], energy[:] = level.low, level.high, level.energy
        levels = tuple(Level(*each) for each in draft.room)
        with suppress(OSError):
            draft.keep(Peaks(peaks.length, peaks.scale, levels), strange)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key")
        return self._folder / f"{key}.peaks"

    def _trim(self) -> None:
        """Let go of what was not used for longest, and of what a crash left."""
        trim(self._folder, self._most)


def trim(folder: Path, most: int) -> None:
    """Remove the files that were not used for longest until the rest is below `most` bytes, and day-old parts."""
    found: list[tuple[float, int, Path]] = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                about = path.stat()
                found.append((about.st_mtime, about.st_blocks * 512 if os.name != "nt" else about.st_size, path))
    found.sort(reverse=True)
    total = 0
    newest = found[0][0] if found else 0.0
    for when, size, path in found:
        total += size
        if total > most or (path.name.endswith(PART) and newest - when > 86_400):
            with suppress(OSError):
                path.unlink()


def _places(frames: int, channels: int, kind: str) -> tuple[int, list[tuple[int, int, int, str]]]:
    """The file's size, and of every array in it: where it begins, its channels, its bins, its number type."""
    at = _HEAD
    places: list[tuple[int, int, int, str]] = []
    for bins in level_bins(frames):
        for each in (kind, kind, "<f4"):
            places.append((at, channels, bins, each))
            at += -(-channels * bins * int(each[2:]) // _ALIGN) * _ALIGN
    return at, places


def _arrays(held: mmap.mmap, places: list[tuple[int, int, int, str]]) -> list[Triple]:
    arrays: list[Values] = [
        np.frombuffer(held, kind, channels * bins, at).reshape(channels, bins) for at, channels, bins, kind in places
    ]
    return [(arrays[index], arrays[index + 1], arrays[index + 2]) for index in range(0, len(arrays), 3)]
