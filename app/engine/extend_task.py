"""The task behind `retake/extend`: a stored file goes on before its start, or after its end. In workers only."""

from collections.abc import Callable

import numpy as np
from pydantic import JsonValue

from app.engine.endpoints import MAX_SECONDS, ExtendInput
from app.engine.extend import extend
from app.engine.inpaint import SEARCH_SECONDS
from app.engine.levels import flaw
from app.engine.messages import Done, Task
from app.engine.problems import Problem, Refused
from app.engine.sounds import bad_result, finite, open_source, write_take
from app.errors import SoundError
from app.files.audio_write import Part
from app.sound.clip import Clip, Frames
from app.sound.region import Region


def run_extend(task: Task, tell: Callable[[str], None]) -> Done:
    """Decode, go on, encode; Refused where the file is no sound, or has too little of it."""
    asked = ExtendInput.model_validate({"audio_url": "-", **task.params})
    assert asked.seed is not None
    decoded = open_source(task, MAX_SECONDS, tell)
    clip = decoded.clip
    before, after = (round(s * clip.rate) for s in (asked.extend_before_seconds, asked.extend_after_seconds))
    if not before + after:
        raise Refused(Problem.of_field("extend_after_seconds", "what is to be added is shorter than one frame"))
    near = min(round(2 * SEARCH_SECONDS * clip.rate), clip.length)
    parts: list[Part] = []
    kept = finite(clip)
    matches, notes = list[str](), list(decoded.notes)
    sources: list[JsonValue] = []
    # One end at a time, so that of an hour no more than what is near its ends is read.
    for first, count in ((True, before), (False, after)):
        if count:
            frames = clip.read(0, near) if first else clip.read(clip.length - near)
            shift = 0.0 if first else (clip.length - near) / clip.rate
            try:
                made = extend(
                    frames,
                    clip.rate,
                    count if first else 0,
                    0 if first else count,
                    seed=asked.seed,
                    variety=asked.variety,
                    progress=tell,
                )
            except SoundError as error:
                raise Refused(Problem.of_error("audio_url", error)) from error
            added = made.before if first else made.after
            _check(added, frames, clip.rate, first=first)
            parts.append(Part(Clip.from_frames(added, clip.rate), 0, count))
            matches.append(made.match)
            sources += [_pair(start + shift, end + shift) for start, end in made.sources]
            notes += [note for note in made.notes if note not in notes]
        if first:
            parts.append(Part(kept, 0, kept.length))
    file, told = write_take(task.folder, parts, asked.output_format, tell)
    match = min(matches, key=("weak", "fair", "strong", "").index)
    return Done(
        output={"seed": asked.seed, "match": match, "sources": sources, "notes": [*notes, *told]},
        files={"audio": file},
    )


def _check(added: Frames, frames: Frames, rate: int, *, first: bool) -> None:
    """Refuses what is not fit to be heard."""
    whole = np.concatenate([added, frames] if first else [frames, added])
    start = 0 if first else frames.shape[0]
    if reason := flaw(added, whole, Region(start, start + added.shape[0]), rate):
        raise bad_result(reason)


def _pair(start: float, end: float) -> JsonValue:
    return [start, end]
