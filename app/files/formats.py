"""The containers that sound comes in: told from a file's first bytes, never from its name alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

import numpy as np

from app.errors import FileError, UnreadableAudio
from app.files.sentences import shown
from app.sound.clip import Clip, Samples

CHANNELS = range(1, 9)
RATES = range(8_000, 192_001)
BLOCK = 1 << 16


class Cancelled(FileError):
    """The user no longer wants the file; nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """What a file was: its container ('wav', 'flac', 'mp4' ...), how samples stood in it, and whether that loses."""

    container: str
    subtype: str
    lossy: bool = False


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file says of itself; `frames` is 0 where it does not say."""

    frames: int
    rate: int
    channels: int
    format: SourceFormat

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / self.rate


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A file's sound, what the file was, and what the user should know of it, a sentence each."""

    clip: Clip
    format: SourceFormat
    notes: tuple[str, ...] = ()


class ExportFormat(StrEnum):
    """Containers that can be written; OGG holds Vorbis."""

    WAV = "wav"
    FLAC = "flac"
    AIFF = "aiff"
    MP3 = "mp3"
    OGG = "ogg"


class Depth(StrEnum):
    """How samples are written; SOURCE is what the source had."""

    SOURCE = "source"
    INT8 = "8"
    INT16 = "16"
    INT24 = "24"
    INT32 = "32"
    FLOAT = "float"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class Magic:
    """Which readers may try a file: libsndfile, and PyAV with that demuxer and no other."""

    container: str
    sndfile: bool
    demuxer: str


_STARTS = (
    (b"RF64", Magic("rf64", True, "wav")),
    (b"BW64", Magic("bw64", False, "wav")),
    (b"riff\x2e\x91\xcf\x11", Magic("w64", True, "w64")),
    (b"RIFX", Magic("wav", True, "")),
    (b"fLaC", Magic("flac", True, "flac")),
    (b"OggS", Magic("ogg", True, "ogg")),
    (b"caff", Magic("caf", True, "caf")),
    (b".snd", Magic("au", True, "au")),
    (b"\x1a\x45\xdf\xa3", Magic("matroska", False, "matroska")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Magic("asf", False, "asf")),
    (b"FLV\x01", Magic("flv", False, "flv")),
    (b"\x0b\x77", Magic("ac3", False, "ac3")),
    (b"wvpk", Magic("wavpack", False, "wv")),
    (b"MAC ", Magic("ape", False, "ape")),
    (b"TTA1", Magic("tta", False, "tta")),
    (b"#!AMR", Magic("amr", False, "amr")),
    (b"\x00\x00\x01\xba", Magic("mpeg", False, "mpeg")),
)
_MP3 = Magic("mp3", True, "mp3")


def magic(path: Path) -> Magic | None:
    """What the file's first bytes say it is; None for what holds no sound that can be read. May raise OSError."""
    with open(path, "rb") as file:
        head = file.read(512)
        if head[:3] == b"ID3" and len(head) >= 10:
            # The tag's length is four times seven bits; MP3, AAC or FLAC may follow it.
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            file.seek(size + 10)
            after = file.read(16)
            found = _start(after)
            return found if found and found.container in ("aac", "flac") else _MP3
    return _start(head) or (_MP3 if path.suffix.lower() == ".mp3" and head else None)


def _start(head: bytes) -> Magic | None:
    if head[:4] == b"RIFF":
        return {b"WAVE": Magic("wav", True, "wav"), b"AVI ": Magic("avi", False, "avi")}.get(head[8:12])
    if head[:4] == b"FORM":
        return Magic("aiff", True, "aiff") if head[8:12] in (b"AIFF", b"AIFC") else None
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return Magic("mp4", False, "mov")
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return Magic("mpegts", False, "mpegts")
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # ADTS has layer bits 00, which MPEG audio reserves.
        return Magic("aac", False, "aac") if head[1] & 0xF6 == 0xF0 else _MP3 if head[1] & 0x06 else None
    return None


def check_limits(path: Path, rate: int, channels: int) -> None:
    """UnreadableAudio for what Retake does not work on."""
    if channels not in CHANNELS:
        raise UnreadableAudio(
            f"{shown(path)} says it has {channels} channels; Retake opens 1 to 8.", "Mix it down in another program."
        )
    if rate not in RATES:
        raise UnreadableAudio(
            f"{shown(path)} says it has {rate} frames a second; Retake opens 8,000 to 192,000.",
            "Convert it to 48,000 Hz in another program.",
        )


def not_numbers(block: np.ndarray) -> int:
    """How many samples of a block are NaN or infinite; 0 for whole numbers."""
    return 0 if block.dtype.kind != "f" else int(block.size - np.count_nonzero(np.isfinite(block)))


def joined(blocks: Sequence[Samples]) -> Samples:
    """Blocks of one number type, shape (frames, channels), one after another in a fresh array."""
    return cast(Samples, np.concatenate(blocks))
