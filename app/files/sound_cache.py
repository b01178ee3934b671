"""Decoded sounds of compressed files, by content, in the app's cache: the second time nothing is decoded.

A file there is a link to the project's own blob where the disk can do that, so that it takes no room while that
project is there. Both are never written to.
"""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app import paths
from app.files.atomic import part_of, replace, write_bytes
from app.files.blobs import BlobStore
from app.files.formats import SourceFormat
from app.files.peaks_cache import trim

_MOST = 4 << 30


@dataclass(frozen=True, slots=True)
class KeptSound:
    """What is known of a decoded sound besides its samples."""

    blob: str
    bits: int
    format: SourceFormat
    notes: tuple[str, ...]


class SoundCache:
    """The folder of decoded sounds; what it cannot do it leaves: a cache is never worth an error."""

    def __init__(self, folder: Path | None = None, most: int = _MOST) -> None:
        self._folder = folder or paths.cache_dir() / "sounds"
        self._most = most

    def has(self, key: str) -> bool:
        """Whether that content was decoded before."""
        return self._path(key, ".wav").is_file() and self._path(key, ".json").is_file()

    def take(self, key: str, blobs: BlobStore) -> KeptSound | None:
        """Put the decoded sound of that content into a project's blobs; None where there is none."""
        sound, about = self._path(key, ".wav"), self._path(key, ".json")
        try:
            facts = cast(dict[str, Any], json.loads(about.read_bytes()))
            if sound.stat().st_size != facts["size"]:
                return None
            notes = tuple(str(each) for each in cast(Sequence[object], facts["notes"]))
            known = SourceFormat(str(facts["container"]), str(facts["subtype"]), bool(facts["lossy"]))
            kept = KeptSound(str(facts["blob"]), int(facts["bits"]), known, notes)
            path = blobs.path(kept.blob)
            path.parent.mkdir(parents=True, exist_ok=True)
            _linked(sound, path)
            for each in (sound, about):
                os.utime(each)
            return kept
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: str, blobs: BlobStore, kept: KeptSound) -> None:
        """Keep a blob as the decoded sound of that content."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            source, sound = blobs.path(kept.blob), self._path(key, ".wav")
            part = part_of(sound)
            os.link(source, part)  # where that cannot be, a second copy would cost more than it saves
            replace(part, sound)
            facts = {
                "blob": kept.blob,
                "size": source.stat().st_size,
                "bits": kept.bits,
                "container": kept.format.container,
                "subtype": kept.format.subtype,
                "lossy": kept.format.lossy,
                "notes": list(kept.notes),
            }
            write_bytes(self._path(key, ".json"), json.dumps(facts).encode())
            trim(self._folder, self._most)
        except OSError:
            with suppress(OSError):
                self._path(key, ".json").unlink()

    def _path(self, key: str, ending: str) -> Path:
        return self._folder / f"{key}{ending}"


def _linked(source: Path, path: Path) -> None:
    if path.is_file():
        return
    try:
        os.link(source, path)
    except OSError:
        part = part_of(path)
        shutil.copyfile(source, part)
        replace(part, path)
