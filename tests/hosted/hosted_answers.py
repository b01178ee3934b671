"""What the double makes of a body: a sound that shows where it was made, and answers in every documented shape."""

import base64
import io
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import soundfile
from hosted_work import Work

from app.endpoints.fields import ArrayField, ChoiceField, Field, FileField, Json, NumberField, TextField
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.sound.resample import resampled

MODEL_RATE = 44_100
ENCODER_DELAY = 1105  # frames that an MP3 without a tag of its own begins late
EXPANDED = ", in more detail"
STEMS = ("vocals", "drums", "bass", "other")
_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}

Keep = Callable[[bytes, str, str], str]


class Shape(StrEnum):
    """In what shape an answer names its sounds; DOCUMENTED is what the endpoint's own document says."""

    DOCUMENTED = "documented"
    FILE = "file"
    BARE = "bare"
    LIST = "list"
    AUDIO_FILE = "audio_file"
    AUDIOS = "audios"
    STEMS = "stems"
    DATA = "data"


class Told(StrEnum):
    """What is said about a file's type."""

    TRUE = "true"
    MISSING = "missing"
    LYING = "lying"


@dataclass
class Manner:
    """How the double answers from now on; `rate`, `format` and `length` of sounds, where not as asked for or sent."""

    shape: Shape = Shape.DOCUMENTED
    told: Told = Told.TRUE
    rate: int | None = None
    format: str = ""
    seconds_more: float = 0.0
    expands: bool = False


def burst(length: int, rate: int, seed: int, channels: int = 1) -> np.ndarray:
    """Two tones that glide past each other over `length` frames, others for each seed: (length, channels), float32.

    A glide is like itself at one place only, so that it tells to a fraction of a millisecond where it lies; and one
    upwards with one downwards is not like a glide of another pitch at another place.
    """
    t = np.arange(length) / rate
    # Multiples of the golden section lie far apart, those of neighbours too.
    low, bend = 300.0 + 400.0 * (seed * 0.6180339887498949 % 1.0), 1250.0 / max(length / rate, 1e-9)
    phases = (low * t + bend * t * t, (low + 2900.0) * t - bend * t * t)
    wave = 0.25 * sum(np.sin(2 * np.pi * phase) for phase in phases)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def varied(source: np.ndarray) -> np.ndarray:
    """The source duller and quieter, delayed by nothing: a symmetric filter."""
    padded = np.pad(source, ((2, 2), (0, 0)))
    return (0.7 * sum(padded[i : i + source.shape[0]] for i in range(5)) / 5).astype(np.float32)


def rendered(work: Work, manner: Manner, seed: int) -> tuple[np.ndarray, int]:
    """The sound of one result, by the endpoint's kind: frames (frames, channels) and rate."""
    kind, source = work.known.endpoint.kind, work.source
    if source is None:
        seconds = (work.duration or 30.0) + manner.seconds_more
        return burst(round(seconds * MODEL_RATE), MODEL_RATE, seed, 2), MODEL_RATE
    frames, rate, channels = source.frames, source.rate, source.channels
    match kind:
        case Kind.FILL:
            assert work.hole is not None
            start, end = work.hole
            frames = frames.copy()
            frames[start:end] = burst(end - start, rate, seed, channels)
        case Kind.EXTEND:
            before, after = (burst(round(each * rate), rate, seed, channels) for each in (work.before, work.after))
            frames = np.concatenate((before, frames, after))
        case _:
            frames = varied(frames)
            if work.duration is not None:
                frames = _sized(frames, round(work.duration * rate))
    if manner.seconds_more:
        frames = _sized(frames, frames.shape[0] + round(manner.seconds_more * rate))
    if manner.rate is not None and manner.rate != rate:
        frames, rate = resampled(frames, rate, manner.rate), manner.rate
    return frames, rate


def packed(frames: np.ndarray, rate: int, form: str) -> bytes:
    """A file of that format; lossy ones begin late, as encoders make them."""
    out, kind = io.BytesIO(), form.split("_")[0]
    if kind in ("wav", "flac"):
        soundfile.write(out, frames, rate, "PCM_16", format=kind.upper())
    elif kind in ("mp3", "ogg"):
        late = np.pad(frames, ((ENCODER_DELAY, 0), (0, 0)))
        soundfile.write(out, late, rate, format=kind.upper())
    else:
        raise ValueError(f"the double cannot write {form}")
    return out.getvalue()


def answer(work: Work, manner: Manner, keep: Keep) -> dict[str, Json]:
    """The whole answer; `keep` takes a file (bytes, name, type) and gives its address."""
    return _Answer(work, manner, keep).run()


class _Answer:
    def __init__(self, work: Work, manner: Manner, keep: Keep) -> None:
        self.work = work
        self.manner = manner
        self.keep = keep
        self.form = manner.format or work.format or "wav"
        self._number = 0

    def run(self) -> dict[str, Json]:
        outputs, shape = self.work.known.endpoint.outputs, self.manner.shape
        if shape is Shape.DOCUMENTED:
            return {each.name: self.said(each) for each in outputs}
        rest = [each for each in outputs if not isinstance(each, FileField | ArrayField)]
        return {**dict(self._shaped(shape)), **{each.name: self.said(each) for each in rest}}

    def _shaped(self, shape: Shape) -> Iterator[tuple[str, Json]]:
        match shape:
            case Shape.BARE:
                yield "audio", self.sound_url()
            case Shape.LIST:
                yield "audio", [self.sound(), self.sound()]
            case Shape.AUDIO_FILE:
                yield "audio_file", self.sound()
            case Shape.AUDIOS:
                first = self.sound()
                yield "audio", first
                yield "audios", [first, self.sound()]
            case Shape.STEMS:
                yield from ((name, None if name == "bass" else self.sound()) for name in STEMS)
            case Shape.DATA:
                yield "audio", {"url": self.sound_url(inline=True), "content_type": _TYPES[self.form.split("_")[0]]}
            case _:
                yield "audio", self.sound()

    def said(self, each: Field) -> Json:
        """One field of the documented result."""
        if isinstance(each, ArrayField):
            count = self.work.told(Role.COUNT)
            return [self.said(each.item) for _ in range(count if isinstance(count, int) else 1)]
        if isinstance(each, FileField):
            return self.file(each)
        roles = self.work.known.endpoint.roles
        for role in (Role.TAGS, Role.LYRICS, Role.PROMPT):
            if each.name == roles.get(role, role.value):
                told = self.work.told(role)
                text = told if isinstance(told, str) else ""
                return text + EXPANDED if self.manner.expands and role is Role.PROMPT else text
        if each.name == "seed":
            return self.work.seed
        if each.nullable:
            return None
        if isinstance(each, ChoiceField):
            return each.choices[0]
        return self._plain(each)

    def _plain(self, each: Field) -> Json:
        if isinstance(each, TextField):
            return ""
        return 0 if isinstance(each, NumberField) else None

    def file(self, each: FileField) -> Json:
        """What stands in a field for a file: a sound, weights, or a configuration."""
        name = each.name.lower()
        if "config" in name or "json" in name:
            data = json.dumps({"steps": 1000, "rank": 16}).encode()
            return self._described(self.keep(data, "config.json", "application/json"), "config.json", data)
        if "lora" in name or "weights" in name:
            data = weights()
            url = self.keep(data, "weights.safetensors", "application/octet-stream")
            return self._described(url, "weights.safetensors", data)
        return self.sound()

    def sound(self) -> Json:
        """A File object around the next sound."""
        name, data = self._next()
        return self._described(self.keep(data, name, self._type()), name, data)

    def sound_url(self, *, inline: bool = False) -> str:
        """The address of the next sound, or the sound itself as one."""
        name, data = self._next()
        if inline:
            return f"data:{self._type()};base64,{base64.b64encode(data).decode()}"
        return self.keep(data, name, self._type())

    def _next(self) -> tuple[str, bytes]:
        # Each of several sounds of one answer is another one.
        frames, rate = rendered(self.work, self.manner, self.work.seed + self._number)
        self._number += 1
        kind = self.form.split("_")[0]
        name = f"output-{self._number}" if self.manner.told is Told.MISSING else f"output-{self._number}.{kind}"
        return name, packed(frames, rate, self.form)

    def _type(self) -> str:
        true = _TYPES[self.form.split("_")[0]]
        return {Told.TRUE: true, Told.MISSING: "application/octet-stream", Told.LYING: "image/png"}[self.manner.told]

    def _described(self, url: str, name: str, data: bytes) -> Json:
        if self.manner.told is Told.MISSING:
            return {"url": url, "content_type": None, "file_name": None, "file_size": None}
        kind = "image/png" if self.manner.told is Told.LYING else _type_of(name)
        return {"url": url, "content_type": kind, "file_name": name, "file_size": len(data)}


def weights() -> bytes:
    """A file that has the form of trained weights: a length, a head of JSON, the numbers."""
    head = json.dumps({"up": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    return struct.pack("<Q", len(head)) + head + np.arange(4, dtype=np.float32).tobytes()


def _type_of(name: str) -> str:
    ending = name.rsplit(".", 1)[-1]
    return _TYPES.get(ending) or ("application/json" if ending == "json" else "application/octet-stream")


def _sized(frames: np.ndarray, length: int) -> np.ndarray:
    return np.pad(frames[:length], ((0, max(length - frames.shape[0], 0)), (0, 0)))
