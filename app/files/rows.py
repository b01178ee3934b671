"""Rows of a project's database as takes, edits and a timeline; a damaged row costs its own take, never the rest."""

import json
import sqlite3
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import numpy as np

from app.endpoints.aim import within
from app.endpoints.request import Kind, Request
from app.errors import UnreadableAudio
from app.files.blobs import BlobStore
from app.files.records import BadRecord, facts_from_json, request_from_json
from app.files.working_wav import map_wav
from app.sound.clip import Clip, Samples
from app.sound.region import Region
from app.takes.places import Drawn
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Edit, Timeline, Verb

UNDO, REDO = "undo", "redo"
_MOST = 1 << 33  # frames: a day and more at any rate
_VERBS = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A timeline as the rows tell it, and a sentence for each take that is not what it was."""

    timeline: Timeline
    damaged: tuple[str, ...]


def load(connection: sqlite3.Connection, blobs: BlobStore, source: Clip) -> Loaded:
    """Every take and every edit; raises sqlite3.Error where the database itself cannot be read."""
    takes: dict[TakeId, Take] = {}
    lengths: dict[TakeId | None, int] = {None: source.length}
    damaged: list[str] = []
    query = "SELECT number, id, parent, request, first, last, patch, frames, bits, facts, created FROM takes"
    for row in connection.execute(f"{query} ORDER BY number"):
        number, id, parent, request, first, last, patch, frames, bits, facts, created = row
        fits = parent in lengths and 0 <= first <= last <= lengths[parent]
        if not fits or not 0 < frames <= _MOST:
            damaged.append(f"Take {number} is damaged and was left out.")
            continue
        region = Region(first, last)
        clip = _patch(blobs, patch, frames, bits, source)
        if clip is None:
            damaged.append(f"The sound of take {number} is missing or damaged; it is heard as silence.")
            zeros = np.broadcast_to(np.zeros((1, 1), np.float32), (frames, source.channels))
            clip = Clip(cast(Samples, zeros), source.rate)
        asked = _request(request)
        if asked is None:
            damaged.append(f"What was asked for take {number} cannot be read; its sound is there.")
            asked = Request(
                endpoint="", connection="", kind=Kind.OTHER, params={}, mask=region, excerpt=region, rate=source.rate
            )
        lengths[TakeId(id)] = lengths[parent] - region.length + clip.length
        takes[TakeId(id)] = Take(TakeId(id), number, parent, asked, region, clip, _facts(facts), _moment(created))
    rows = cast(
        list[tuple[str, str | None]], connection.execute("SELECT verb, take FROM edits ORDER BY seq").fetchall()
    )
    edits, cursor = without_lost(*replay(rows), takes)
    return Loaded(Timeline(tuple(takes.values()), edits, cursor), tuple(damaged))


def replay(rows: list[tuple[str, str | None]]) -> tuple[tuple[Edit, ...], int]:
    """The edits and the cursor after a journal, as Timeline's own steps would leave them; unknown verbs are passed."""
    edits: list[Edit] = []
    cursor = 0
    for verb, take in rows:
        if verb == UNDO:
            cursor = max(cursor - 1, 0)
        elif verb == REDO:
            cursor = min(cursor + 1, len(edits))
        elif verb in _VERBS:
            del edits[cursor:]
            edits.append(Edit(Verb(verb), None if take is None else TakeId(take)))
            cursor += 1
    return tuple(edits), cursor


def without_lost(edits: tuple[Edit, ...], cursor: int, takes: Container[TakeId]) -> tuple[tuple[Edit, ...], int]:
    """The same edits and cursor, less those of takes that are gone.

    Only after the replay: an undo belongs to the edit that was last when it was made, lost or not.
    """
    held = [edit.take is None or edit.take in takes for edit in edits]
    return tuple(edit for edit, keep in zip(edits, held, strict=True) if keep), sum(held[:cursor])


def mask(connection: sqlite3.Connection, timeline: Timeline, source: Clip) -> Drawn | None:
    """The mask that was drawn last, if it can still lie where it lay."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'mask'").fetchone()
    if row is None:
        return None
    try:
        start, end, *version = json.loads(row[0])
        drawn = Drawn(Region(int(start), int(end)), version[0] if version else None)
        length = timeline.length(source.length, drawn.on)
        hour = 3600 * source.rate  # more than any endpoint adds
        return drawn if within(drawn.region, length, hour, hour) == drawn.region else None
    except (TypeError, ValueError, KeyError, RecursionError):
        return None


def now() -> str:
    """This moment, as rows hold it."""
    return datetime.now(UTC).isoformat()


def _patch(blobs: BlobStore, name: str, frames: int, bits: int, source: Clip) -> Clip | None:
    try:
        clip = map_wav(blobs.path(name), bits)
    except (ValueError, UnreadableAudio):
        return None
    return clip if (clip.length, clip.rate, clip.channels) == (frames, source.rate, source.channels) else None


def _request(text: str) -> Request | None:
    try:
        return request_from_json(text)
    except BadRecord:
        return None


def _facts(text: str) -> RunFacts:
    try:
        return facts_from_json(text)
    except BadRecord:
        return RunFacts()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
