"""Sound that libsndfile does not know, by PyAV: M4A, AAC, ALAC, WebM, and the audio track of video files.

The demuxer is always named (from the file's first bytes) and only the file protocol is allowed: left to guess, FFmpeg
would take a text file for a playlist and fetch the addresses in it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
import av.audio.frame
import numpy as np
from numpy.typing import NDArray

from app.errors import UnreadableAudio
from app.files.formats import BLOCK, AudioInfo, SourceFormat, check_limits, joined
from app.files.sentences import shown
from app.files.sndfile_read import Broken
from app.sound.clip import Samples

# Sample format of a lossless codec -> number type and depth; s32 is 24 until a low byte says otherwise.
_NATIVE = {
    "u8": ("int16", 8),
    "s16": ("int16", 16),
    "s32": ("int32", 24),
    "flt": ("float32", 32),
    "dbl": ("float64", 64),
}
_PADDING = 1 << 14


class AvStream:
    """A file's best audio track, decoded by FFmpeg; `bits` is certain only after the last block."""

    def __init__(self, path: Path, container: str, demuxer: str) -> None:
        """Raises Broken where FFmpeg refuses the file, UnreadableAudio for no audio track or beyond the limits."""
        try:
            self._container = av.open(
                str(path.absolute()),
                format=demuxer,
                metadata_errors="replace",
                container_options={"protocol_whitelist": "file"},
            )
        except Exception as error:
            raise Broken(str(error)) from error
        try:
            self._open(path, container)
        except UnreadableAudio:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise Broken(str(error)) from error

    def _open(self, path: Path, container: str) -> None:
        if not self._container.streams.audio:
            raise UnreadableAudio(f"{shown(path)} has no audio track.", "Open a file that holds sound.")
        self._stream = self._container.streams.audio[0]
        context = self._stream.codec_context
        rate, channels = context.sample_rate, context.layout.nb_channels
        if not rate or not channels:
            raise Broken("the track does not say its rate")
        check_limits(path, rate, channels)
        self._lossless = context.codec.lossless
        form = context.format.packed.name if context.format else "flt"
        name, self.bits = _NATIVE.get(form, ("float32", 32)) if self._lossless else ("float32", 32)
        self.dtype = np.dtype(name)
        self.cut_short = False
        only_sound = len(self._container.streams) == 1
        seconds = 0.0
        if self._stream.duration and self._stream.time_base:
            seconds = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration and only_sound:
            seconds = self._container.duration / av.time_base
        # Only MP4 counts its track in frames; elsewhere durations are rounded and nothing may be cut by them.
        self._exact = container == "mp4" and self._stream.duration is not None
        self.info = AudioInfo(
            round(seconds * rate), rate, channels, SourceFormat(container, context.name, not self._lossless)
        )

    def blocks(self) -> Iterator[Samples]:
        """Arrays of shape (about BLOCK, channels), without the codec's padding where the file tells its length."""
        limit = self.info.frames if self._exact else 0
        given = 0
        held: list[Samples] = []
        for block in self._gathered():
            if not limit:
                yield block
                continue
            room = max(limit - given, 0)
            if room:
                yield block[:room]
                given += min(room, len(block))
            if len(block) > room:
                held.append(block[room:])
            if sum(map(len, held)) > _PADDING:
                # More than a codec pads: the length is a lie, and the sound is what counts.
                yield from held
                held, limit = [], 0

    def _gathered(self) -> Iterator[Samples]:
        pieces: list[Samples] = []
        count = 0
        try:
            for frame in self._container.decode(self._stream):
                pieces.append(self._samples(frame))
                count += len(pieces[-1])
                if count >= BLOCK:
                    yield joined(pieces)
                    pieces, count = [], 0
        except Exception as error:
            if pieces:
                yield joined(pieces)
            raise Broken(str(error)) from error
        if pieces:
            yield joined(pieces)

    def _samples(self, frame: av.audio.frame.AudioFrame) -> Samples:
        """One frame as (frames, channels) in the stream's number type; Broken where the track changes its form."""
        if frame.rate != self.info.rate or frame.layout.nb_channels != self.info.channels:
            raise Broken("the track changes its rate or channels")
        array = cast(NDArray[Any], frame.to_ndarray())
        array = array.T if frame.format.is_planar else array.reshape(-1, self.info.channels)
        if array.dtype.kind == "u":
            array = (array.astype(np.int16) - 128) << 8
        if array.dtype == self.dtype:
            if self.dtype == np.int32 and self.bits == 24 and np.any(array & 0xFF):
                self.bits = 32
            return np.ascontiguousarray(array)
        if array.dtype.kind == "i" and self.dtype.kind == "f":
            return (array / float(-np.iinfo(array.dtype).min)).astype(self.dtype)
        if array.dtype.kind == "f" and self.dtype.kind == "f":
            return np.ascontiguousarray(array, dtype=self.dtype)
        raise Broken("the track changes its number type")

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()
