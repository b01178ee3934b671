"""From a request to the file that is sent, and from the file that came back to the frames that enter a take."""

from dataclasses import dataclass
from pathlib import Path

from app.endpoints.request import Request
from app.errors import BadReply
from app.files.audio import decode, encode_excerpt
from app.remote.job import JobResult, ResultFile
from app.sound.align import fit
from app.sound.clip import Frames
from app.sound.splice import splice
from app.sound.region import Region
from app.takes.render import Rendering
from app.takes.take import RunFacts

_SOUND_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff")


@dataclass(frozen=True, slots=True, eq=False)
class Landed:
    """What a result came to: the frames that replace `region`, and what is known of the run."""

    region: Region
    frames: Frames
    facts: RunFacts


def prepare(request: Request, base: Rendering, folder: Path) -> Path:
    """Write the excerpt that the request sends; the file's path. UnwritableFile where the disk refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "excerpt.wav"
    encode_excerpt(path, base.read(request.excerpt.start, request.excerpt.end), base.rate)
    return path


def land(request: Request, base: Rendering, result: JobResult, elapsed: float | None, request_id: str) -> Landed:
    """Decode, align on the unmasked context, match the level, and keep only what enters the mask."""
    returned = decode(_sound_of(result).path)
    excerpt = base.read(request.excerpt.start, request.excerpt.end)
    fitted = fit(returned.clip, excerpt, base.rate, request.mask.relative_to(request.excerpt.start))
    spliced = splice(
        base,
        request.mask,
        fitted.frames,
        request.excerpt.start,
        inside_ms=request.seam.inside,
        outside_ms=request.seam.outside,
    )
    facts = RunFacts(
        connection=request.connection,
        request_id=request_id,
        seed=result.seed if result.seed is not None else request.seed,
        elapsed=elapsed,
        billed_units=result.billed_units,
        delay_ms=1000.0 * fitted.delay / base.rate,
        gain_db=fitted.gain_db,
        confidence=fitted.confidence,
        notes=(*returned.notes, *fitted.notes),
    )
    return Landed(spliced.region, spliced.frames, facts)


def _sound_of(result: JobResult) -> ResultFile:
    """The first file that is sound by what the host says of it, else the first file at all: its bytes decide."""
    if not result.files:
        raise BadReply("The host finished the job but sent no sound.", "Try again, or choose another endpoint.")
    for file in result.files:
        named = file.file_name.lower().endswith(_SOUND_SUFFIXES)
        if file.content_type.startswith("audio/") or named or "audio" in file.key:
            return file
    return result.files[0]
