"""What was uploaded and may be used again: one upload for all jobs that send the same file to the same storage."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Rejected, UnwritableFile
from app.remote.connection import is_loopback
from app.remote.disk import store
from app.remote.transfer import Progress, put_down

_log = logging.getLogger(__name__)
_MOST = 500
_LONGEST = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Content:
    """What an upload is known by: the storage that has it, the fingerprint of its bytes, and its declared type."""

    storage: str
    fingerprint: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Where a file lies, and until when (seconds since 1970) it is taken to lie there."""

    url: str
    until: float


class _Kept(BaseModel):
    """One upload as the file has it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    storage: str
    fingerprint: str
    content_type: str
    url: str
    until: float


class _File(BaseModel):
    """All of them."""

    uploads: list[_Kept]


class _Shared:
    """One upload under way, which lasts as long as somebody waits for it."""

    def __init__(self, start: Callable[[Progress], Coroutine[object, object, str]]) -> None:
        self._listeners: dict[object, Progress] = {}
        self._told: tuple[int, int | None] = (0, None)
        self._task = asyncio.create_task(start(self._note))
        self._left = False

    @property
    def open(self) -> bool:
        """Whether one more may still wait for it."""
        return not self._task.done() and not self._left

    def _note(self, done: int, total: int | None) -> None:
        self._told = done, total
        for each in tuple(self._listeners.values()):
            each(done, total)

    async def wait(self, progress: Progress) -> str:
        """Its URL. Who is cancelled leaves the upload to the others; the last one to leave ends it."""
        me = object()
        self._listeners[me] = progress
        progress(*self._told)
        try:
            await asyncio.wait({self._task})
            return self._task.result()
        finally:
            del self._listeners[me]
            if not self._listeners:
                self._left = True
                await put_down(self._task)


class UploadCache:
    """Uploads by what they hold; belongs to one event loop, and may be shared by all hosts on it.

    With a `path` those of far hosts are kept in a file too. What cannot be read or written there is of no consequence.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[Content, Upload] = _load(path) if path is not None else {}
        self._under_way: dict[Content, _Shared] = {}

    async def share(
        self,
        content: Content,
        start: Callable[[Progress], Coroutine[object, object, str]],
        progress: Progress,
        *,
        still_there: Callable[[str], Awaitable[bool]],
        lasts: float,
    ) -> str:
        """The URL of a file: of an earlier upload that is `still_there`, of one under way, or of one that this starts.

        `start` uploads the file and gives its URL, which counts as good for `lasts` seconds. Raises what `start` does.
        """
        while True:
            known = self._fresh(content)
            if known is not None:
                if await still_there(known.url):
                    return known.url
                if self._known.get(content) == known:
                    del self._known[content]
                continue
            shared = self._under_way.get(content)
            mine = shared is None or not shared.open
            if shared is None or mine:
                shared = self._under_way[content] = _Shared(partial(self._upload, content, start, lasts))
            try:
                return await shared.wait(progress)
            except Rejected:
                # The file that was being sent is another job's, and went with it; this job has its own.
                if mine:
                    raise
            finally:
                if self._under_way.get(content) is shared and not shared.open:
                    del self._under_way[content]

    def _fresh(self, content: Content) -> Upload | None:
        known = self._known.get(content)
        return known if known is not None and 0 < known.until - time.time() <= _LONGEST else None

    async def _upload(
        self,
        content: Content,
        start: Callable[[Progress], Coroutine[object, object, str]],
        lasts: float,
        note: Progress,
    ) -> str:
        url = await start(note)
        if lasts > 0:
            self._known.pop(content, None)
            self._known[content] = Upload(url, time.time() + min(lasts, _LONGEST))
            await self._save()
        return url

    async def _save(self) -> None:
        fresh = [content for content in self._known if self._fresh(content)]
        self._known = {content: self._known[content] for content in fresh[-_MOST:]}
        if self._path is None:
            return
        kept = [
            {**asdict(content), **asdict(upload)}
            for content, upload in self._known.items()
            if not is_loopback(content.storage)  # an engine forgets its files when it ends
        ]
        try:
            await store(self._path, json.dumps({"uploads": kept}).encode("ascii"))
        except UnwritableFile as error:
            _log.info("uploads are not written down: %s", error)


def _load(path: Path) -> dict[Content, Upload]:
    try:
        found = _File.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}
    return {
        Content(each.storage, each.fingerprint, each.content_type): Upload(each.url, each.until)
        for each in found.uploads[-_MOST:]
    }
