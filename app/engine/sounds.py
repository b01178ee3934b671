"""Sounds: how a worker opens the stored file of a task, and writes what it made beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from app.engine.messages import Made, Task
from app.engine.problems import Problem, Refused
from app.errors import UnreadableAudio, UnwritableFile
from app.files.audio import Decoded, decode
from app.files.audio_write import Part, export
from app.files.formats import Depth, ExportFormat
from app.sound.clip import Clip

_MEDIA: Final = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
_READABLE: Final = ["wav", "flac", "mp3", "ogg", "aiff", "m4a"]
_MOST_CHANNELS: Final = 8
_RATES: Final = (8000, 192_000)


def open_source(task: Task, longest: float, tell: Callable[[str], None]) -> Decoded:
    """The task's sound, mapped from a file in its folder; Refused where it is none, too long, or of an odd shape."""
    assert task.source is not None
    try:
        # Streamed to disk and mapped: what a stranger's file unpacks to is not held in memory.
        decoded = decode(task.source, target=task.folder / "source.wav")
    except UnreadableAudio as error:
        raise Refused(
            Problem.of_field("audio_url", str(error), "unsupported_audio_format", supported_formats=list(_READABLE))
        ) from error
    clip = decoded.clip
    if clip.duration > longest:
        raise Refused(
            Problem.of_field(
                "audio_url",
                f"The clip is {clip.duration:.1f} s long; at most {longest:g} s are taken.",
                "audio_duration_too_long",
                max_duration=longest,
                provided_duration=clip.duration,
            )
        )
    if clip.channels > _MOST_CHANNELS or not _RATES[0] <= clip.rate <= _RATES[1]:
        raise Refused(
            Problem.of_field(
                "audio_url",
                f"The clip has {clip.channels} channels at {clip.rate} Hz; 1 to {_MOST_CHANNELS} channels at "
                f"{_RATES[0]} to {_RATES[1]} Hz are taken.",
                "unsupported_audio_format",
                supported_formats=list(_READABLE),
            )
        )
    tell(f"read {clip.duration:.2f} s at {clip.rate} Hz, {clip.channels} channels")
    return decoded


def finite(clip: Clip) -> Clip:
    """The clip, or where it holds samples that are not numbers, a copy with silence in their place."""
    if clip.is_float:
        for start in range(0, clip.length, 1 << 20):
            if not np.isfinite(clip.samples[start : start + (1 << 20)]).all():
                return Clip.from_frames(clip.read(), clip.rate)
    return clip


def write_take(
    folder: Path, parts: Sequence[Part], form: str, tell: Callable[[str], None], depth: Depth = Depth.FLOAT
) -> tuple[Made, tuple[str, ...]]:
    """Parts, one after another, to a file of that format, and remarks; Refused where the format cannot hold them."""
    name, clip = f"take.{form}", parts[0].clip
    if form in ("mp3", "ogg"):
        depth = Depth.FLOAT
    elif form == "flac" and depth is Depth.FLOAT:
        depth = Depth.INT24
    try:
        notes = export(folder / name, parts, clip.rate, clip.channels, ExportFormat(form), depth)
    except UnwritableFile as error:
        raise Refused(Problem.of_error("output_format", error)) from error
    tell(f"wrote {name}")
    return Made(file=name, content_type=_MEDIA[form], file_name=name), notes


def bad_result(reason: str) -> Refused:
    """The refusal to return what came out wrong."""
    return Refused(Problem.of_model(500, "bad_result", f"{reason} Try another seed, or mask another part."))
