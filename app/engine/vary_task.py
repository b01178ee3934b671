"""The task behind `retake/vary`: a stored file becomes a variation of itself. In workers only."""

from collections.abc import Callable

from pydantic import JsonValue

from app.engine.endpoints import MAX_VARIED, VaryInput
from app.engine.levels import flaw
from app.engine.messages import Done, Task
from app.engine.problems import Problem, Refused
from app.engine.sounds import bad_result, open_source, write_take
from app.engine.vary import vary
from app.errors import SoundError
from app.files.audio_write import Part
from app.files.formats import Depth
from app.sound.clip import Clip
from app.sound.region import Region


def run_vary(task: Task, tell: Callable[[str], None]) -> Done:
    """Decode, vary, encode; Refused where the file is no sound, or silent."""
    asked = VaryInput.model_validate({"audio_url": "-", **task.params})
    assert asked.seed is not None
    decoded = open_source(task, MAX_VARIED, tell)
    clip = decoded.clip
    changed, notes = 0.0, list(decoded.notes)
    sources: list[JsonValue] = []
    if asked.strength > 0:
        frames = clip.read()
        try:
            made = vary(frames, clip.rate, strength=asked.strength, seed=asked.seed, progress=tell)
        except SoundError as error:
            raise Refused(Problem.of_error("audio_url", error)) from error
        if reason := flaw(made.frames, frames, Region(0, 0), clip.rate):
            raise bad_result(reason)
        changed = made.changed
        sources += [_pair(start, end) for start, end in made.sources]
        notes += made.notes
        part, depth = Part(Clip.from_frames(made.frames, clip.rate), 0, clip.length), Depth.FLOAT
    else:
        # In the source's own number type, so that not even a bit of a 64-bit float is lost.
        part, depth = Part(clip, 0, clip.length), Depth.SOURCE
    file, told = write_take(task.folder, [part], asked.output_format, tell, depth)
    return Done(
        output={"seed": asked.seed, "changed": round(changed, 4), "sources": sources, "notes": [*notes, *told]},
        files={"audio": file},
    )


def _pair(start: float, end: float) -> JsonValue:
    return [start, end]
