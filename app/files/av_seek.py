"""Short looks into a compressed file by FFmpeg: go near a place, decode a few packets, take the last of them."""

from pathlib import Path
from typing import Any, cast

import av
import av.audio.frame
import numpy as np
from av.error import InvalidDataError
from numpy.typing import NDArray

from app.files.sndfile_read import Broken
from app.sound.clip import Samples

_WARM_UP = 2  # packets that a decoder needs before its sound is whole


class AvSeeker:
    """A file open for looks; the demuxer is always named, and only files are opened, as in `av_read`."""

    def __init__(self, path: Path, demuxer: str) -> None:
        """Raises Broken where FFmpeg refuses the file."""
        try:
            self._container = av.open(
                str(path.absolute()),
                format=demuxer,
                metadata_errors="replace",
                # Places in an MP3 are reckoned from its rate or its own table; else it would be read from the front.
                container_options={"protocol_whitelist": "file", "fflags": "fastseek", "usetoc": "1"},
            )
            self._stream = self._container.streams.audio[0]
            context = self._stream.codec_context
            self._rate, self._channels = context.sample_rate, context.layout.nb_channels
        except Exception as error:
            raise Broken(str(error)) from error
        if not self._rate or not self._stream.time_base:
            raise Broken("the track does not say its rate")

    def empty(self) -> Samples:
        """No frames."""
        return np.zeros((0, self._channels), np.float32)

    def look(self, at: int, count: int) -> Samples:
        """One decoded packet near frame `at`, float32 of shape (about a thousand, channels); Broken where it fails."""
        time_base = self._stream.time_base
        assert time_base is not None
        try:
            self._container.seek(int(at / self._rate / float(time_base)), stream=self._stream, backward=True)
            given = 0
            for packet in self._container.demux(self._stream):
                for frame in packet.decode():
                    given += 1
                    if given > _WARM_UP:
                        return self._floats(frame)
        except InvalidDataError:
            return self.empty()
        except Exception as error:
            raise Broken(str(error)) from error
        return self.empty()

    def _floats(self, frame: av.audio.frame.AudioFrame) -> Samples:
        array = cast(NDArray[Any], frame.to_ndarray())
        array = array.T if frame.format.is_planar else array.reshape(-1, self._channels)
        if array.shape[1] != self._channels:
            raise Broken("the track changes its channels")
        if array.dtype.kind == "u":
            return ((array.astype(np.float32) - 128) / 128).astype(np.float32)
        if array.dtype.kind == "i":
            return (array / float(-np.iinfo(array.dtype).min)).astype(np.float32)
        return array.astype(np.float32)

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()
