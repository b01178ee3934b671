"""The task behind `retake/inpaint`: a stored file becomes a clip with its mask remade. In workers only."""

from collections.abc import Callable

from app.engine.endpoints import MAX_SECONDS, InpaintInput
from app.engine.inpaint import SEARCH_SECONDS, Method, inpaint
from app.engine.levels import flaw, peak_of
from app.engine.messages import Done, Task
from app.engine.problems import Problem, Refused
from app.engine.sounds import bad_result, finite, open_source, write_take
from app.errors import SoundError
from app.files.audio_write import Part
from app.sound.clip import Clip
from app.sound.region import Region

_FARTHEST = 4  # times the usual search, where there is only silence nearer


def run_inpaint(task: Task, tell: Callable[[str], None]) -> Done:
    """Decode, remake, encode; Refused where the file is no sound or the mask does not fit it."""
    asked = InpaintInput.model_validate({"audio_url": "-", **task.params})
    assert asked.seed is not None
    decoded = open_source(task, MAX_SECONDS, tell)
    clip = decoded.clip
    hole = _hole(asked, clip)
    # What is read is bounded, whatever the clip's length; the rest goes from file to file as it is.
    window = _window(clip, hole)
    local = hole.relative_to(window.start)
    around = clip.read(window.start, window.end)
    around[local.start : local.end] = 0
    try:
        made = inpaint(
            around,
            clip.rate,
            local,
            seed=asked.seed,
            method=Method(asked.method),
            variety=asked.variety,
            progress=tell,
        )
    except SoundError as error:
        raise Refused(Problem.of_error("mask_end_seconds", error)) from error
    patch = made.frames[local.start : local.end]
    if reason := flaw(patch, around, local, clip.rate):
        raise bad_result(reason)
    kept = finite(clip)
    parts = [
        Part(kept, 0, hole.start),
        Part(Clip.from_frames(patch, clip.rate), 0, hole.length),
        Part(kept, hole.end, clip.length),
    ]
    file, notes = write_take(task.folder, parts, asked.output_format, tell)
    origin = window.start / clip.rate
    return Done(
        output={
            "seed": asked.seed,
            "method": made.method,
            "match": made.match,
            "sources": [[start + origin, end + origin] for start, end in made.sources],
            "seams": [round(score, 3) for score in made.seams],
            "notes": [*decoded.notes, *made.notes, *notes],
        },
        files={"audio": file},
    )


def _window(clip: Clip, hole: Region) -> Region:
    """What is searched: 150 s at each side of the hole, and where all of that is silent, more."""
    reach = round(SEARCH_SECONDS * clip.rate)
    for times in (1, _FARTHEST):
        window = hole.widened(times * reach, times * reach).clamped(clip.length)
        for side in (Region(window.start, hole.start), Region(hole.end, window.end)):
            if any(peak_of(clip.read(at, min(at + reach, side.end))) for at in range(side.start, side.end, reach)):
                return window
    return window


def _hole(asked: InpaintInput, clip: Clip) -> Region:
    """The mask in frames; Refused where it does not lie inside the clip, but for the rounding of its last frame."""
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
