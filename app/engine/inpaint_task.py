"""The task behind `retake/inpaint`: a stored file becomes a clip with its mask remade. In workers only."""

from collections.abc import Callable
from typing import Final

from app.engine.endpoints import MAX_SECONDS, InpaintInput
from app.engine.inpaint import Method, inpaint
from app.engine.messages import Done, Made, Task
from app.engine.problems import Problem, Refused
from app.errors import SoundError, UnreadableAudio
from app.files.audio import decode
from app.files.audio_write import write_clip
from app.sound.clip import Clip
from app.sound.region import Region

_MEDIA: Final = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
_READABLE: Final = ["wav", "flac", "mp3", "ogg", "aiff", "m4a"]


def run_inpaint(task: Task, tell: Callable[[str], None]) -> Done:
    """Decode, remake, encode; Refused where the file is no sound or the mask does not fit it."""
    asked = InpaintInput.model_validate({"audio_url": "-", **task.params})
    assert task.source is not None
    assert asked.seed is not None
    try:
        # Streamed to disk and mapped: what a stranger's file unpacks to is not held in memory.
        decoded = decode(task.source, target=task.folder / "source.wav")
    except UnreadableAudio as error:
        raise Refused(
            Problem.of_field("audio_url", str(error), "unsupported_audio_format", supported_formats=list(_READABLE))
        ) from error
    clip = decoded.clip
    tell(f"read {clip.duration:.2f} s at {clip.rate} Hz, {clip.channels} channels")
    hole = _hole(asked, clip)
    try:
        made = inpaint(
            clip.read(),
            clip.rate,
            hole,
            seed=asked.seed,
            method=Method(asked.method),
            variety=asked.variety,
            progress=tell,
        )
    except SoundError as error:
        raise Refused(Problem.of_error("mask_end_seconds", error)) from error
    name = f"take.{asked.output_format}"
    notes = write_clip(task.folder / name, Clip.from_frames(made.frames, clip.rate), asked.output_format)
    tell(f"wrote {name}")
    return Done(
        output={
            "seed": asked.seed,
            "method": made.method,
            "match": made.match,
            "sources": [[start, end] for start, end in made.sources],
            "notes": [*decoded.notes, *made.notes, *notes],
        },
        files={"audio": Made(file=name, content_type=_MEDIA[asked.output_format], file_name=name)},
    )


def _hole(asked: InpaintInput, clip: Clip) -> Region:
    """The mask in frames; Refused where it does not lie inside the clip, but for the rounding of its last frame."""
    if clip.duration > MAX_SECONDS:
        raise Refused(
            Problem.of_field(
                "audio_url",
                f"The clip is {clip.duration:.1f} s long; at most {MAX_SECONDS:g} s are taken.",
                "audio_duration_too_long",
                max_duration=MAX_SECONDS,
                provided_duration=clip.duration,
            )
        )
    hole = Region.from_seconds(asked.mask_start_seconds, asked.mask_end_seconds, clip.rate)
    outside = f"must lie inside the clip, which is {clip.duration:.3f} s long"
    if hole.start >= clip.length:
        raise Refused(Problem.of_field("mask_start_seconds", f"mask_start_seconds {outside}"))
    if hole.end > clip.length + 1:
        raise Refused(Problem.of_field("mask_end_seconds", f"mask_end_seconds {outside}"))
    hole = hole.clamped(clip.length)
    if not hole.length:
        raise Refused(Problem.of_field("mask_end_seconds", "the mask is shorter than one frame"))
    return hole
