"""A file's preview: sparse reads where samples lie plain, short seeks and a few packets where they are compressed."""

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UnreadableAudio
from app.files.file_samples import FileSamples
from app.files.formats import AudioInfo, magic
from app.files.layout import Layout
from app.files.sndfile_read import Broken, SndfileStream
from app.sound.clip import Clip, Samples
from app.sound.peaks import Peaks
from app.sound.preview import preview_of, spread

if TYPE_CHECKING:
    from app.files.av_seek import AvSeeker

_SECONDS = 0.12
# libsndfile reads these from the front where it is asked to go to a place; FFmpeg goes there by the file's own index.
_BY_PACKETS = ("mp3",)


def preview_plain(path: Path, layout: Layout) -> Peaks | None:
    """The preview of a file whose samples lie plain; None where it is short or cannot be read."""
    try:
        return preview_of(Clip(FileSamples(path, layout), layout.rate, layout.bits))
    except OSError:
        return None


def preview_compressed(path: Path, info: AudioInfo, *, seconds: float = _SECONDS) -> Peaks | None:
    """The preview of a compressed file, in about so many seconds; None where it is short or does not say its length."""
    try:
        found = magic(path)
    except OSError:
        return None
    if found is None or not info.frames:
        return None
    with suppress(Broken, UnreadableAudio):
        if found.sndfile and found.container not in _BY_PACKETS:
            with closing(SndfileStream(path, found.container)) as stream:
                return _spread(stream, info, Clip(stream.empty(), info.rate).scale, seconds)
        from app.files.av_seek import AvSeeker  # FFmpeg's libraries are loaded only where they are needed

        with closing(AvSeeker(path, found.demuxer)) as seeker:
            return _spread(seeker, info, 1.0, seconds)
    return None


def _spread(source: "SndfileStream | AvSeeker", info: AudioInfo, scale: float, seconds: float) -> Peaks | None:
    failed = False

    def look(at: int, count: int) -> Samples:
        nonlocal failed
        try:
            return source.look(at, count)
        except Broken:
            failed = True
            return source.empty()

    return spread(look, info.frames, info.channels, scale=scale, seconds=seconds, enough=lambda: failed)
