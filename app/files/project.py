"""A project on the disk: a folder with project.db and blobs/, where every finished gesture is already saved.

One thread at a time may write; a lock inside makes a second one wait. What a method returned is on the disk: blobs
first, flushed and read back, then the row that names them, in one transaction.
"""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal
from uuid import uuid4

from app import paths
from app.endpoints.fields import Json
from app.endpoints.request import Request
from app.errors import UnreadableProject, UnwritableFile
from app.files import rows, schema
from app.files.atomic import part_of, sync_folder
from app.files.audio import OnBlock
from app.files.blobs import BlobStore
from app.files.formats import Cancelled
from app.files.project_folders import BLOBS, SUFFIX, copy_project, discard
from app.files.project_source import KEY, Source, load_source, make_copy, put_clip, settle, take_in
from app.files.records import BadRecord, facts_to_json, request_to_json, values_from_json, values_to_json
from app.files.sentences import shown, unwritable
from app.files.working_wav import map_wav
from app.sound.clip import Clip, Frames
from app.sound.region import Region
from app.takes.places import Drawn
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Timeline, Verb


def _never() -> bool:
    return False


class Project:
    """An open project; made by `create` or `open`, and locked against other windows until `close`.

    `timeline` and `mask` are what the rows say; `notes` tell what decoding the source found when the project was
    made, `damaged` what opening it found, a sentence each.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, source: Source) -> None:
        """Not to be called from outside; raises sqlite3.Error, UnreadableProject."""
        self.folder = folder
        self.source: Clip = source.clip
        self.notes = source.notes
        self._own = source
        self._keeping = threading.Lock()
        self._db = connection
        self._lock = threading.RLock()
        self._closed = False
        self._blobs = BlobStore(folder / BLOBS)
        self.source_path, self.source_format = source.path, source.format
        loaded = rows.load(connection, self._blobs, source.clip)
        self.timeline: Timeline = loaded.timeline
        self.damaged: tuple[str, ...] = loaded.damaged
        self.mask: Drawn | None = rows.mask(connection, self.timeline, source.clip)

    @classmethod
    def create(
        cls,
        folder: Path,
        source: Path,
        *,
        on_block: OnBlock | None = None,
        cancelled: Callable[[], bool] = _never,
        later: bool = False,
    ) -> "Project":
        """A new project in a folder that does not exist yet, with the sound of a file streamed into its blobs.

        With `later` the sound may be read from where it lies until `keep_source` has copied it. Raises
        UnreadableAudio, UnwritableFile, Cancelled; nothing is left behind then.
        """
        folder = folder.absolute()
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        except OSError as error:
            raise unwritable(folder, error) from error
        connection: sqlite3.Connection | None = None
        try:
            blobs = BlobStore(folder / BLOBS)
            found = take_in(blobs, source, on_block=on_block, cancelled=cancelled, later=later)
            clip, known = found.clip, found.format
            connection = schema.create(folder)
            text = str(source.absolute()).encode("utf-8", "backslashreplace").decode()
            connection.execute("INSERT INTO meta VALUES (?, ?)", (KEY, found.key))
            connection.execute(
                "INSERT INTO source VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(found.blob, text, known.container, known.subtype, known.lossy),
                    *(clip.bits, clip.rate, clip.channels, clip.length),
                ),
            )
            sync_folder(folder)
            sync_folder(folder.parent)
            return cls(folder, connection, found)
        except BaseException as error:
            if connection is not None:
                connection.close()
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, sqlite3.Error):
                raise schema.refused(folder, error) from error
            if isinstance(error, OSError):
                raise unwritable(folder, error) from error
            raise

    @classmethod
    def open(cls, folder: Path) -> "Project":
        """A project that was made before; raises UnreadableProject."""
        folder = folder.absolute()
        folder = folder.parent if folder.name == schema.DATABASE else folder
        try:
            connection = schema.open_existing(folder)
        except OSError as error:
            raise UnreadableProject(f"{shown(folder)} could not be read.", "Check the disk.") from error
        try:
            blobs = BlobStore(folder / BLOBS)
            blobs.sweep()  # before a sound is decoded into a part
            return cls(folder, connection, load_source(connection, blobs, folder))
        except schema.FAULTS as error:
            connection.close()
            raise schema.unreadable(folder, error) from error
        except BaseException:
            connection.close()
            raise

    @property
    def unnamed(self) -> bool:
        """Whether it still lies where projects without a name are kept."""
        return self.folder.parent == paths.unnamed_projects().absolute()

    @property
    def name(self) -> str:
        """What to call it: the folder's name, or the source's while it has none."""
        return self.source_path.stem if self.unnamed else self.folder.name.removesuffix(SUFFIX)

    @property
    def self_contained(self) -> bool:
        """Whether the project holds its own copy of its sound; until then it needs the original where it is."""
        return bool(self._own.blob)

    @property
    def source_key(self) -> str:
        """What tells the content of its sound; empty where it is not known."""
        return self._own.key or self._own.blob[:64]

    def keep_source(self, cancelled: Callable[[], bool] = _never) -> None:
        """Make the project's own copy of its sound, if it has none; the sound is read from there afterwards.

        Takes may be added and edits made meanwhile. Raises UnwritableFile, and Cancelled, also where it was closed.
        """
        with self._keeping:
            if self.self_contained:
                return
            with self._lock:
                self._must_be_open()
            try:
                blob = make_copy(self._blobs, self._own, lambda: self._closed or cancelled())
            except UnwritableFile as error:
                if self._closed:
                    raise Cancelled(error.message) from error
                raise
            with self._lock:
                with self._writing() as db:
                    db.execute("UPDATE source SET blob = ?", (blob,))
                settle(self._blobs, self._own, blob)

    def add_take(
        self,
        request: Request,
        parent: TakeId | None,
        region: Region,
        patch: Frames | Clip,
        facts: RunFacts,
        answer_file: Path | None = None,
        raw_files: Sequence[Path] = (),
        *,
        job: str = "",
    ) -> Take:
        """Keep a take; once it is returned it is on the disk and in `timeline`.

        `patch` is float32 of shape (frames, channels) at the source's rate, or a clip of any number type; the host's
        own files are kept byte for byte. A job brings one take: where `job` already did, that take is given and
        nothing is written. Raises UnwritableFile, UnreadableProject, and ValueError for what does not fit the project.
        """
        clip = patch if isinstance(patch, Clip) else Clip.from_frames(patch, self.source.rate)
        if (clip.rate, clip.channels) != (self.source.rate, self.source.channels) or not clip.length:
            raise ValueError(f"a patch of {clip.samples.shape} at {clip.rate} Hz does not fit the project")
        # From the first blob to the timeline: `save_as` must not change the folder, nor another take the tree, between.
        with self._lock:
            self._must_be_open()
            landed = self._take_of(job)
            if landed is not None:
                return landed
            known = parent in self.timeline
            if not known or not 0 <= region.start <= region.end <= self.timeline.length(self.source.length, parent):
                raise ValueError(f"a take of {region} cannot stand on {parent}")
            asked, found = request_to_json(request), facts_to_json(facts)
            blob = put_clip(self._blobs, clip)
            files = [*([answer_file] if answer_file else []), *raw_files]
            answers = [(self._blobs.put_file(each, "bin"), shown(each.name)) for each in files]
            with self._writing() as db:
                number = 1 + int(db.execute("SELECT coalesce(max(number), 0) FROM takes").fetchone()[0])
                take = Take(
                    id=TakeId(uuid4().hex),
                    number=number,
                    parent=parent,
                    request=request,
                    region=region,
                    patch=map_wav(self._blobs.path(blob), clip.bits),
                    facts=facts,
                    created=datetime.now(UTC),
                )
                # A row whose take could not be read gives its job to the take that replaces it.
                db.execute("UPDATE takes SET job = NULL WHERE job = ?", (job,))
                db.execute(
                    "INSERT INTO takes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(number, take.id, parent, asked, region.start, region.end),
                        *(blob, clip.length, clip.bits, found, take.created.isoformat(), job or None),
                    ),
                )
                db.executemany(
                    "INSERT INTO answers VALUES (?, ?, ?, ?)",
                    [(take.id, place, name, original) for place, (name, original) in enumerate(answers)],
                )
            self.timeline = self.timeline.add(take)
            return take

    def answers(self, take: TakeId) -> tuple[Path, ...]:
        """The host's own files of a take, as they came; the answer first."""
        with self._reading() as db:
            found = db.execute("SELECT blob FROM answers WHERE take = ? ORDER BY position", (take,)).fetchall()
            return tuple(self._blobs.path(blob) for (blob,) in found)

    def record(self, verb: Verb | Literal["undo", "redo"], take: TakeId | None = None) -> Timeline:
        """Do, undo or redo an edit, on the disk first; gives the timeline that follows. Raises UnwritableFile."""
        with self._lock:
            self._must_be_open()
            if verb == rows.UNDO:
                after = self.timeline.undo()
            elif verb == rows.REDO:
                after = self.timeline.redo()
            else:
                after = self.timeline.do(Verb(verb), take)
            if after is not self.timeline:
                with self._writing() as db:
                    db.execute(
                        "INSERT INTO edits (verb, take, made) VALUES (?, ?, ?)",
                        (str(verb), None if verb in (rows.UNDO, rows.REDO) else take, rows.now()),
                    )
                self.timeline = after
            return after

    def set_mask(self, mask: Drawn | None) -> None:
        """Remember the mask; raises UnwritableFile."""
        text = json.dumps(None if mask is None else [mask.region.start, mask.region.end, mask.on])
        upsert = "INSERT INTO meta VALUES ('mask', ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        with self._lock:
            with self._writing() as db:
                db.execute(upsert, (text,))
            self.mask = mask

    def panel(self, endpoint: str) -> dict[str, Json]:
        """The values last used with an endpoint; empty where there are none."""
        with self._reading() as db:
            row = db.execute("SELECT params FROM panels WHERE endpoint = ?", (endpoint,)).fetchone()
        try:
            return values_from_json(row[0]) if row else {}
        except BadRecord:
            return {}

    def panels(self) -> dict[str, dict[str, Json]]:
        """The values last used, by endpoint."""
        with self._reading() as db:
            names = [name for (name,) in db.execute("SELECT endpoint FROM panels").fetchall()]
        return {name: self.panel(name) for name in names}

    def set_panel(self, endpoint: str, values: dict[str, Json]) -> None:
        """Remember the values of an endpoint's panel; raises UnwritableFile."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO panels VALUES (?, ?) ON CONFLICT DO UPDATE SET params = excluded.params",
                (endpoint, values_to_json(values)),
            )

    def verify(self) -> tuple[str, ...]:
        """Read every blob back against its name; the names of those that fail. Slow: it reads all sound."""
        return tuple(name for name in self._named_blobs() if not self._blobs.verify(name))

    def save_as(self, folder: Path) -> None:
        """Go on in a new folder: an unnamed project moves there, a named one is copied. Raises UnwritableFile.

        The new folder is made whole beside its place and then renamed; until then this project is the old one.
        """
        folder = folder.absolute()
        self.keep_source()
        with self._lock:
            self._must_be_open()
            was_unnamed, old = self.unnamed, self.folder
            if folder.exists():
                raise UnwritableFile(f"{shown(folder)} already exists.", "Choose another name.")
            part = part_of(folder)
            try:
                part.mkdir()
                copy_project(self._db, self._blobs, self._named_blobs(), part, link=was_unnamed)
                os.rename(part, folder)
                sync_folder(folder.parent)
                connection = schema.open_existing(folder)
            except (OSError, sqlite3.Error, UnreadableProject) as error:
                shutil.rmtree(part, ignore_errors=True)
                if isinstance(error, OSError):
                    raise unwritable(folder, error) from error
                if isinstance(error, sqlite3.Error):
                    raise schema.refused(folder, error) from error
                raise UnwritableFile(error.message, error.hint) from error
            self._db.close()
            self._db, self.folder, self._blobs = connection, folder, BlobStore(folder / BLOBS)
            if was_unnamed:
                discard(old)

    def close(self) -> None:
        """Let go of the lock; the clips stay readable."""
        with self._lock:
            self._closed = True
            self._db.close()
            part = self._own.part
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _must_be_open(self) -> None:
        """Before the first blob, too: what is closed may by now belong to another window."""
        if self._closed:
            raise UnwritableFile(
                f"{shown(self.folder)} is closed, so nothing more can be saved in it.", "Open it again."
            )

    def _take_of(self, job: str) -> Take | None:
        """The take that a job brought; None where there is none, or none that could be read."""
        with self._reading() as db:
            row = db.execute("SELECT id FROM takes WHERE job = ?", (job,)).fetchone() if job else None
        return self.timeline.get(row[0]) if row and row[0] in self.timeline else None

    def _named_blobs(self) -> tuple[str, ...]:
        query = "SELECT blob FROM source UNION SELECT patch FROM takes UNION SELECT blob FROM answers"
        with self._reading() as db:
            found = [str(name) for (name,) in db.execute(query)]
        return tuple(name for name in found if self._blobs.proper(name))

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise UnreadableProject(f"{shown(self.folder)} is closed.", "Open it again.")
            try:
                yield self._db
            except schema.FAULTS as error:
                raise schema.unreadable(self.folder, error) from error

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        """One transaction; on any failure it is as if it had never begun."""
        with self._lock:
            self._must_be_open()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise schema.refused(self.folder, error) from error
                raise
