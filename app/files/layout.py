"""Where plain samples lie in an uncompressed file: WAV, RF64, BW64, W64, AIFF, AIFF-C, CAF and AU.

Only files whose header and size agree have a layout; all others are for the decoders, which can tell what is wrong.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.files.formats import AudioInfo, SourceFormat, check_limits

_ALL_ONES = 0xFFFFFFFF
_CHUNKS = 256  # more than that is no sound file's header
_EXTENSIBLE = 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_W64_GUID = bytes.fromhex("f3acd3118cd100c04f8edb8a")
# How samples stand in the file (as numpy says it; three bytes have no number type) -> libsndfile's subtype and depth.
_SUBTYPES = {
    "u1": ("PCM_U8", 8),
    "i1": ("PCM_S8", 8),
    "i2": ("PCM_16", 16),
    "i3": ("PCM_24", 24),
    "i4": ("PCM_32", 32),
    "f4": ("FLOAT", 32),
    "f8": ("DOUBLE", 64),
}
_AU = {2: "i1", 3: "i2", 4: "i3", 5: "i4", 6: "f4", 7: "f8"}
_AIFC = {b"NONE": "", b"twos": "", b"sowt": "<", b"fl32": "f4", b"FL32": "f4", b"fl64": "f8", b"FL64": "f8"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Interleaved samples of one width from `offset` on; `kind` is '<i2', '>i3', '|u1', '<f4' ..."""

    container: str
    offset: int
    frames: int
    rate: int
    channels: int
    kind: str

    @property
    def bits(self) -> int:
        """The depth of the samples."""
        return _SUBTYPES[self.kind[1:]][1]

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * int(self.kind[2:])

    @property
    def info(self) -> AudioInfo:
        """The same as the decoders say of the file."""
        known = SourceFormat(self.container, _SUBTYPES[self.kind[1:]][0])
        return AudioInfo(self.frames, self.rate, self.channels, known)


def layout_of(path: Path) -> Layout | None:
    """Where the samples lie; None for what is compressed, damaged or unknown. UnreadableAudio beyond the limits."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            reader = _reader(file.read(16))
            if reader is None:
                return None
            file.seek(0)
            found = reader(file, size)
    except (OSError, ValueError, KeyError, struct.error):
        return None
    if not found.channels or not found.rate or found.frames <= 0:
        return None
    if found.offset + found.frames * found.frame_bytes > size:
        return None
    check_limits(path, found.rate, found.channels)
    return found


def _reader(head: bytes) -> Callable[[BinaryIO, int], Layout] | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _wav
    if head == b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00":
        return _w64
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff
    return {b"caff": _caf, b".snd": _au}.get(head[:4])


def _unpack(form: str, file: BinaryIO) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _format(body: bytes) -> tuple[int, int, str]:
    """Channels, rate and kind of a WAV's `fmt ` chunk; KeyError or ValueError for what is no plain PCM."""
    tag, channels, rate, _, frame, width = struct.unpack("<HHIIHH", body[:16])
    if tag == _EXTENSIBLE:
        if body[26:40] != _GUID_TAIL or struct.unpack("<H", body[18:20])[0] not in (0, width):
            raise ValueError("another kind of samples")
        tag = struct.unpack("<H", body[24:26])[0]
    kind = {(1, 8): "|u1", (1, 16): "<i2", (1, 24): "<i3", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}[tag, width]
    if frame != channels * int(kind[2:]):
        raise ValueError("frames are padded")
    return channels, rate, kind


def _wav(file: BinaryIO, size: int) -> Layout:
    form, claimed, _ = struct.unpack("<4sI4s", file.read(12))
    channels = rate = 0
    kind = ""
    wide: tuple[int, int] | None = None
    for _ in range(_CHUNKS):
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"ds64" and form != b"RIFF":
            body = file.read(length + length % 2)
            wide = struct.unpack("<QQ", body[:16])
        elif name == b"fmt ":
            channels, rate, kind = _format(file.read(length + length % 2))
        elif name == b"data":
            if wide is not None and length == _ALL_ONES:
                length = wide[1]
            claimed = wide[0] if wide is not None and claimed == _ALL_ONES else claimed
            frame = channels * int(kind[2:])
            if length % frame or claimed + 8 > size:
                raise ValueError("sizes do not agree")
            container = {b"RIFF": "wav", b"RF64": "rf64", b"BW64": "bw64"}[form]
            return Layout(container, file.tell(), length // frame, rate, channels, kind)
        else:
            file.seek(length + length % 2, os.SEEK_CUR)
    raise ValueError("no samples")


def _w64(file: BinaryIO, size: int) -> Layout:
    file.seek(16)
    (claimed,) = _unpack("<Q", file)
    file.seek(40)
    channels = rate = 0
    kind = ""
    for _ in range(_CHUNKS):
        guid = file.read(16)
        (length,) = _unpack("<Q", file)
        if guid[4:] != _W64_GUID or length < 24:
            raise ValueError("no chunk")
        if guid[:4] == b"fmt ":
            body = file.read(length - 24 if length < 1024 else 40)
            channels, rate, kind = _format(body)
            file.seek(-(length) % 8, os.SEEK_CUR)
        elif guid[:4] == b"data":
            frame = channels * int(kind[2:])
            if (length - 24) % frame or claimed > size:
                raise ValueError("sizes do not agree")
            return Layout("w64", file.tell(), (length - 24) // frame, rate, channels, kind)
        else:
            file.seek(length - 24 + -(length) % 8, os.SEEK_CUR)
    raise ValueError("no samples")


def _aiff(file: BinaryIO, size: int) -> Layout:
    form = struct.unpack(">4sI4s", file.read(12))[2]
    found: tuple[int, int, str, int] | None = None
    data: tuple[int, int] | None = None
    for _ in range(_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack(">4sI", head)
        start = file.tell()
        if name == b"COMM":
            body = file.read(min(length, 64))
            channels, frames, width = struct.unpack(">hIh", body[:8])
            code = _AIFC[body[18:22]] if form == b"AIFC" else ""
            if code in ("", "<"):
                kind = (code or ">") + {8: "i1", 16: "i2", 24: "i3", 32: "i4"}[width]
            else:
                kind = ">" + code
            found = channels, _extended(body[8:18]), kind.replace("<i1", "|i1").replace(">i1", "|i1"), frames
        elif name == b"SSND":
            (offset, _) = _unpack(">II", file)
            data = file.tell() + offset, length - 8 - offset
        file.seek(start + length + length % 2)
    # Some count the byte that makes an odd chunk even.
    if found is None or data is None or data[1] - found[3] * found[0] * int(found[2][2:]) not in (0, 1):
        raise ValueError("sizes do not agree")
    channels, rate, kind, frames = found
    return Layout("aiff", data[0], frames, rate, channels, kind)


def _extended(number: bytes) -> int:
    """An 80-bit float that has to be a whole number."""
    exponent, mantissa = struct.unpack(">HQ", number)
    shift = 16383 + 63 - exponent
    if not 0 <= shift < 64 or mantissa & ((1 << shift) - 1):
        raise ValueError("no whole rate")
    return mantissa >> shift


def _caf(file: BinaryIO, size: int) -> Layout:
    if _unpack(">IHH", file)[1] != 1:
        raise ValueError("another version")
    found: tuple[int, int, str] | None = None
    for _ in range(_CHUNKS):
        name, length = struct.unpack(">4sq", file.read(12))
        if name == b"desc":
            rate, form, flags, _, packet, channels, width = struct.unpack(">d4sIIIII", file.read(32))
            kind = ("<" if flags & 2 else ">") + {0: "i", 1: "f"}[flags & 1] + str(width // 8)
            if form != b"lpcm" or rate != int(rate) or kind[1:] not in _SUBTYPES or packet != 1:
                raise ValueError("no plain samples")
            found = channels, int(rate), "|i1" if kind[1:] == "i1" else kind
            file.seek(length - 32, os.SEEK_CUR)
        elif name == b"data" and found is not None:
            file.seek(4, os.SEEK_CUR)
            frame = found[0] * int(found[2][2:])
            if length < 4 or (length - 4) % frame:
                raise ValueError("sizes do not agree")
            return Layout("caf", file.tell(), (length - 4) // frame, found[1], found[0], found[2])
        else:
            if length < 0:
                raise ValueError("no chunk")
            file.seek(length, os.SEEK_CUR)
    raise ValueError("no samples")


def _au(file: BinaryIO, size: int) -> Layout:
    _, offset, length, code, rate, channels = _unpack(">IIIIII", file)
    kind = _AU[code]
    frame = channels * int(kind[1:])
    if length == _ALL_ONES or length % frame:
        raise ValueError("sizes do not agree")
    return Layout("au", offset, length // frame, rate, channels, ("|" if kind == "i1" else ">") + kind)
