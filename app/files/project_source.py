"""A project's own copy of its sound: how it comes in, at once or behind the user's back, and where it is found again.

A project may begin around a sound that it does not hold yet: the original is read where it lies, or what was just
decoded is read from a part. Its row then names no blob, and the original's fingerprint stands beside it. `keep` makes
the copy, checks it and names it; a project that was closed before that finds the original again, if it is unchanged.
"""

import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import UnreadableAudio, UnreadableProject, UnwritableFile
from app.files.atomic import sync
from app.files.audio import OnBlock, decode
from app.files.blobs import BlobStore
from app.files.file_samples import FileSamples
from app.files.fingerprint import fingerprint
from app.files.formats import Cancelled, SourceFormat
from app.files.layout import Layout, layout_of
from app.files.sentences import shown, unwritable
from app.files.sound_cache import KeptSound, SoundCache
from app.files.working_wav import WavWriter, map_wav
from app.sound.clip import Clip

_CHUNK = 4 << 20
_SYNC_EVERY = 16  # chunks
_FICLONE = 0x40049409
KEY = "source_key"


@dataclass(slots=True, eq=False)
class Source:
    """A project's sound as it came in; `blob` is empty until the project has a copy of its own."""

    clip: Clip
    format: SourceFormat
    path: Path
    key: str
    blob: str = ""
    notes: tuple[str, ...] = ()
    samples: FileSamples | None = None
    part: Path | None = None
    """What was decoded and is not named yet."""


def take_in(
    blobs: BlobStore, path: Path, *, on_block: OnBlock | None, cancelled: Callable[[], bool], later: bool
) -> Source:
    """The sound of a file for a new project; with `later` it may be left to `keep` to make the copy.

    Raises UnreadableAudio, UnwritableFile, Cancelled.
    """
    key = _fingerprint(path) if later else ""
    layout = layout_of(path) if later else None
    if layout is not None:
        try:
            return _in_place(path, layout, key)
        except OSError as error:
            raise UnreadableAudio(f"{shown(path)} could not be read.", "Check the disk.") from error
    kept = SoundCache().take(key, blobs) if key else None
    if kept is not None:
        with suppress(UnreadableAudio):
            clip = map_wav(blobs.path(kept.blob), kept.bits)
            return Source(clip, kept.format, path, key, kept.blob, kept.notes)
    part = blobs.fresh_part()
    decoded = decode(path, on_block=on_block, cancelled=cancelled, target=part)
    bits, known, notes = decoded.clip.bits, decoded.format, decoded.notes
    del decoded  # Windows does not rename a file that is mapped.
    if later and os.name != "nt":
        plain = layout_of(part)
        if plain is not None:
            samples = FileSamples(part, plain)
            return Source(Clip(samples, plain.rate, bits), known, path, key, "", notes, samples, part)
    blob = blobs.adopt(part, "wav")
    source = Source(map_wav(blobs.path(blob), bits), known, path, key, blob, notes)
    remember(blobs, source)
    return source


def find_again(blobs: BlobStore, path: Path, key: str, format: SourceFormat) -> Source:
    """The sound of a project whose copy was cut off, from its original; raises UnreadableProject."""
    sorry = UnreadableProject(
        f"The project was closed before it had a copy of {shown(path)}, and that file has changed or is gone.",
        "Put the file back as it was; the takes are kept.",
    )
    if not key or _fingerprint(path) != key:
        raise sorry
    try:
        found = take_in(blobs, path, on_block=None, cancelled=lambda: False, later=True)
    except UnreadableAudio as error:
        raise sorry from error
    found.format = format
    return found


def load_source(connection: sqlite3.Connection, blobs: BlobStore, folder: Path) -> Source:
    """The sound of a project that is being opened, as its row tells; raises UnreadableProject, sqlite3.Error."""
    row = connection.execute(
        "SELECT blob, path, container, subtype, lossy, bits, rate, channels, frames FROM source"
    ).fetchone()
    if row is None:
        raise UnreadableProject(f"{shown(folder)} holds no sound.", "Open the original sound file instead.")
    blob, path, container, subtype, lossy, bits, *form = row
    path, known = Path(path), SourceFormat(container, subtype, bool(lossy))
    held = connection.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    key = str(held[0]) if held else ""
    try:
        if blob:
            found = Source(open_blob(blobs.path(blob), bits), known, path, key, blob)
        else:
            found = find_again(blobs, path, key, known)
            if found.blob:
                connection.execute("UPDATE source SET blob = ?", (found.blob,))
        if [found.clip.rate, found.clip.channels, found.clip.length] != form:
            raise ValueError("not the sound that was put there")
    except (ValueError, UnreadableAudio) as error:
        raise UnreadableProject(
            f"The original sound in {shown(folder)} is missing or damaged.",
            f"Restore the blobs folder from a backup; the sound came from {shown(path)}.",
        ) from error
    return found


def open_blob(path: Path, bits: int) -> Clip:
    """A blob as a clip: mapped where its samples are as they are worked on, else read slice by slice."""
    if path.suffix == ".wav":
        return map_wav(path, bits)
    layout = layout_of(path)
    if layout is None:
        raise UnreadableAudio(f"The working sound {shown(path)} is damaged.", "Restore the project from a backup.")
    try:
        return Clip(FileSamples(path, layout), layout.rate, bits)
    except OSError as error:
        raise UnreadableAudio(f"The working sound {shown(path)} cannot be read.", "Check the disk.") from error


def put_clip(blobs: BlobStore, clip: Clip) -> str:
    """Write a clip into a blob of its own number type; gives its name. Raises UnwritableFile."""
    part = blobs.fresh_part()
    try:
        writer = WavWriter(part, clip.rate, clip.channels, clip.samples.dtype)
        try:
            for start in range(0, clip.length, 1 << 18):
                writer.write(clip.samples[start : start + (1 << 18)])
            writer.close()
        finally:
            writer.abandon()
        return blobs.adopt(part, "wav")
    except OSError as error:
        raise unwritable(blobs.folder, error) from error
    finally:
        part.unlink(missing_ok=True)


def make_copy(blobs: BlobStore, source: Source, cancelled: Callable[[], bool]) -> str:
    """Make the project's own copy of a sound that has none; gives the blob's name once it is whole and on the disk.

    Raises UnwritableFile where the disk refuses or the original changed meanwhile, and Cancelled.
    """
    if source.part is not None:
        blob = blobs.adopt(source.part, "wav")
        source.part = None
        return blob
    part = blobs.fresh_part()
    try:
        said = _copied(source.path, part, cancelled)
        if _fingerprint(source.path) != source.key:
            raise UnwritableFile(
                f"{shown(source.path)} was changed by another program before it was copied into the project.",
                "Open it again to work on it as it is now.",
            )
        return blobs.adopt(part, "wav" if _as_worked_on(source.path) else "bin", said)
    except OSError as error:
        raise unwritable(blobs.folder, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def settle(blobs: BlobStore, source: Source, blob: str) -> None:
    """From now on the sound is read from the project's own copy."""
    source.blob = blob
    path = blobs.path(blob)
    layout = layout_of(path)
    if source.samples is not None and layout is not None:
        with suppress(OSError):
            source.samples.move_to(path, layout.offset)
    remember(blobs, source)


def remember(blobs: BlobStore, source: Source) -> None:
    """Keep what was decoded for the next time that file is opened."""
    if source.key and source.blob.endswith(".wav") and layout_of(source.path) is None:
        SoundCache().keep(source.key, blobs, KeptSound(source.blob, source.clip.bits, source.format, source.notes))


def _in_place(path: Path, layout: Layout, key: str) -> Source:
    samples = FileSamples(path, layout)
    clip = Clip(samples, layout.rate, layout.bits)
    return Source(clip, layout.info.format, path, key, samples=samples)


def _as_worked_on(path: Path) -> bool:
    layout = layout_of(path)
    return layout is not None and layout.container in ("wav", "rf64") and layout.kind in ("<i2", "<i4", "<f4", "<f8")


def _fingerprint(path: Path) -> str:
    try:
        return fingerprint(path)
    except OSError:
        return ""


def _copied(source: Path, part: Path, cancelled: Callable[[], bool]) -> str:
    """Copy in steps that can be cancelled and leave the disk to others; the SHA-256 of what was read."""
    sha = hashlib.sha256()
    with open(source, "rb", buffering=0) as file, open(part, "wb", buffering=0) as copy:
        cloned = _cloned(file.fileno(), copy.fileno())
        count = 0
        while chunk := file.read(_CHUNK):
            if cancelled():
                raise Cancelled(f"Copying {shown(source)} was cancelled.")
            sha.update(chunk)
            if not cloned:
                copy.write(chunk)
                count += 1
                if count % _SYNC_EVERY == 0:
                    sync(copy.fileno())  # a little at a time, so that no one waits long at the end
    return sha.hexdigest()


def _cloned(source: int, copy: int) -> bool:
    """Whether the file system shares the blocks of the two from now on, each keeping its own when it is written to."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(copy, _FICLONE, source)
    except OSError:
        return False
    return True
