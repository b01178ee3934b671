"""Clips from files, in the number type of the file, streamed: memory stays flat whatever a header claims.

Nothing is allocated from a header's word. Where libsndfile gives up on a damaged file, PyAV is asked for the rest.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import UnreadableAudio
from app.files.formats import AudioInfo, Cancelled, Decoded, Magic, SourceFormat, joined, magic, not_numbers
from app.files.pipe import Pipe
from app.files.sentences import shown, unwritable
from app.files.sndfile_read import Broken, SndfileStream
from app.files.working_wav import WavWriter, map_wav
from app.sound.clip import Clip, Samples

if TYPE_CHECKING:
    from app.files.av_read import AvStream

__all__ = ["AudioInfo", "Cancelled", "Decoded", "SourceFormat", "decode", "decode_file", "map_wav", "probe"]

OnBlock = Callable[[Samples, int], None]
_KNOWN = "Retake opens WAV, AIFF, FLAC, MP3, OGG, Opus, M4A, AAC and the sound of video files."


def _never() -> bool:
    return False


def decode_file(
    path: Path,
    *,
    on_block: OnBlock | None = None,
    cancelled: Callable[[], bool] = _never,
    target: Path | None = None,
) -> Clip:
    """The sound of `decode`, without its notes."""
    return decode(path, on_block=on_block, cancelled=cancelled, target=target).clip


def decode(
    path: Path,
    *,
    on_block: OnBlock | None = None,
    cancelled: Callable[[], bool] = _never,
    target: Path | None = None,
) -> Decoded:
    """The sound of a file: int16, int32, float32 or float64 of shape (frames, channels), as the file had it.

    `on_block` hears of every block as it comes: the samples, and how many frames the file promises in all (0 where
    it does not say). With `target` the samples are streamed into that WAV (RF64 past 4 GB) and the clip is a map of
    it; otherwise they are held in memory. Samples that are not numbers are kept as they are and told in the notes,
    as is a file that ends before its header says. Raises UnreadableAudio, UnwritableFile (target), Cancelled.
    """
    found = _look(path)
    sink: _Sink | None = None
    stream: SndfileStream | AvStream | None = None
    failed = False
    try:
        for candidate in _streams(path, found):
            with closing(candidate):
                info = candidate.info
                if sink is None:
                    sink = _Sink(target, info, candidate.dtype, on_block)
                elif not sink.fits(info, candidate.dtype):
                    continue
                failed, stream = False, stream if sink.frames and stream else candidate
                skip = sink.frames
                try:
                    with Pipe(sink.write) as pipe:
                        for block in candidate.blocks():
                            if cancelled():
                                raise Cancelled(f"Opening {shown(path)} was cancelled.")
                            fresh = block[min(skip, len(block)) :]
                            skip -= len(block) - len(fresh)
                            if len(fresh):
                                pipe.put(fresh)
                except Broken:
                    failed = True
                    continue
                if sink.frames:
                    break
        if sink is None or stream is None or not sink.frames:
            raise _no_sound(path, found)
        clip = sink.clip(stream.bits)
    except MemoryError as error:
        raise UnreadableAudio(f"{shown(path)} does not fit into memory.", "Close other programs, or cut it.") from error
    except BaseException:
        if sink is not None:
            sink.abandon()
        raise
    promised = stream.info.frames
    missing = promised - clip.length > (clip.rate // 20 if stream.info.format.lossy else 0)
    notes: list[str] = []
    if failed or stream.cut_short or missing:
        whole = f" of {promised / clip.rate:.2f} s" if promised - clip.length > clip.rate // 100 else ""
        notes.append(f"{shown(path)} is damaged or cut short; {clip.duration:.2f} s{whole} could be read.")
    if sink.strange:
        notes.append(f"{sink.strange:,} samples are not numbers; they are heard as silence.")
    return Decoded(clip, stream.info.format, tuple(notes))


def probe(path: Path) -> AudioInfo:
    """What a file says of itself, without decoding it; raises UnreadableAudio."""
    found = _look(path)
    for stream in _streams(path, found):
        stream.close()
        return stream.info
    raise _no_sound(path, found)


class _Sink:
    """Where decoded blocks go: a working file, or memory."""

    def __init__(
        self, target: Path | None, info: AudioInfo, dtype: np.dtype[np.generic], on_block: OnBlock | None
    ) -> None:
        self.frames = self.strange = 0
        self._info, self._dtype, self._target, self._on_block = info, dtype, target, on_block
        self._blocks: list[Samples] = []
        self._writer: WavWriter | None = None
        if target is not None:
            try:
                self._writer = WavWriter(target, info.rate, info.channels, dtype)
            except OSError as error:
                raise unwritable(target, error) from error

    def fits(self, info: AudioInfo, dtype: np.dtype[np.generic]) -> bool:
        """Whether another reader's blocks may follow; before the first block anything may."""
        if not self.frames and self._writer is None:
            self._info, self._dtype = info, dtype
        return (info.rate, info.channels, dtype) == (self._info.rate, self._info.channels, self._dtype)

    def write(self, block: Samples) -> None:
        self.frames += len(block)
        self.strange += not_numbers(block)
        if self._writer is None:
            self._blocks.append(block)
        else:
            try:
                self._writer.write(block)
            except OSError as error:
                raise unwritable(self._target or Path(), error) from error
        if self._on_block is not None:
            self._on_block(block, self._info.frames)

    def clip(self, bits: int) -> Clip:
        if self._writer is None:
            return Clip(joined(self._blocks), self._info.rate, bits)
        target = self._target or Path()
        try:
            self._writer.close()
        except OSError as error:
            raise unwritable(target, error) from error
        return map_wav(target, bits)

    def abandon(self) -> None:
        if self._writer is not None and self._target is not None:
            self._writer.abandon()
            with suppress(OSError):
                self._target.unlink()


def _look(path: Path) -> Magic:
    """What kind of file it is; UnreadableAudio for what cannot be one."""
    try:
        if path.is_dir():
            raise UnreadableAudio(f"{shown(path)} is a folder, not a sound file.", "Choose a file inside it.")
        found = magic(path)
        empty = path.stat().st_size == 0
    except FileNotFoundError as error:
        raise UnreadableAudio(
            f"{shown(path)} does not exist.", "It may have been moved or renamed; open it from where it is now."
        ) from error
    except PermissionError as error:
        raise UnreadableAudio(f"{shown(path)} may not be read by this user.", "Change its permissions.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a path"
        raise UnreadableAudio(f"{shown(path)} could not be read: {reason.lower()}.", "Check the disk.") from error
    if empty:
        raise UnreadableAudio(f"{shown(path)} is empty.", "Copy or record it again.")
    if found is None:
        raise UnreadableAudio(f"{shown(path)} is not a sound file that Retake knows.", _KNOWN)
    return found


def _streams(path: Path, found: Magic) -> "Iterator[SndfileStream | AvStream]":
    """The readers that take the file, best first; libsndfile trims a codec's padding better, so it comes first."""
    if found.sndfile:
        with suppress(Broken):
            yield SndfileStream(path, found.container)
    if found.demuxer:
        from app.files.av_read import AvStream  # FFmpeg's libraries are loaded only where libsndfile gives up

        with suppress(Broken):
            yield AvStream(path, found.container, found.demuxer)


def _no_sound(path: Path, found: Magic) -> UnreadableAudio:
    return UnreadableAudio(
        f"{shown(path)} looks like {found.container.upper()}, but no sound in it could be read.",
        "It is damaged or cut short; copy, download or export it again.",
    )
