"""From a request to the file that is sent, and from the file that came back to the frames that enter a take."""

import json
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from app import paths
from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind, Request
from app.endpoints.roles import Role
from app.errors import AppError, BadReply
from app.files.atomic import write_bytes
from app.files.audio import decode
from app.files.audio_write import encode_excerpt
from app.remote.job import JobId, JobResult, ResultFile
from app.sound.align import fit
from app.sound.clip import Frames
from app.sound.region import Region
from app.sound.splice import splice
from app.takes.render import Rendering
from app.takes.take import RunFacts

RESULT = "result.json"


@dataclass(frozen=True, slots=True, eq=False)
class Landed:
    """What a result came to: the frames that replace `region`, and what is known of the run."""

    region: Region
    frames: Frames
    facts: RunFacts


def new_job_id() -> JobId:
    """A fresh id, used as a folder name."""
    return JobId(uuid.uuid4().hex)


def job_folder(job: JobId) -> Path:
    """Where a job keeps its excerpt and what it downloaded, until its take exists."""
    return paths.data_dir() / "inbox" / job


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
        notes=(*_told(result.answer), *returned.notes, *fitted.notes),
    )
    return Landed(spliced.region, spliced.frames, facts)


def _told(answer: str) -> tuple[str, ...]:
    """What the host itself says of its result, where it says so in `match` and `notes` as the bundled engine does."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ()
    if not isinstance(told, dict):
        return ()
    match, notes = told.get("match"), told.get("notes")
    words = [f"{match.capitalize()} match."] if match in ("strong", "fair", "weak") else []
    words += [note for note in notes if isinstance(note, str)] if isinstance(notes, list) else []
    return tuple(words)


def check_lands(endpoint: Endpoint) -> None:
    """AppError where an endpoint's result cannot become a take: said before anything is sent or paid."""
    if endpoint.kind in (Kind.EXTEND, Kind.GENERATE) or Role.ARCHIVE in endpoint.roles:
        raise AppError(
            f"{endpoint.title} does not remake a part of a clip, and takes of other lengths are not built yet.",
            "Choose an endpoint that fills or varies.",
        )


def save_result(result: JobResult, request_id: str, folder: Path) -> None:
    """Write down what a result consists of, so that it can still become a take after a crash."""
    files = [{**asdict(file), "path": file.path.name} for file in result.files]
    told = {"files": files, "seed": result.seed, "prompt": result.prompt, "billed_units": result.billed_units}
    write_bytes(folder / RESULT, json.dumps({**told, "request_id": request_id}).encode())


def load_result(folder: Path) -> tuple[JobResult, str] | None:
    """What `save_result` wrote, and the request's id; None where it or one of its files is gone."""
    try:
        told = json.loads((folder / RESULT).read_bytes())
        # Only names are kept, never paths: a file of a result lies in its job's own folder.
        files = tuple(ResultFile(**{**each, "path": folder / Path(each["path"]).name}) for each in told["files"])
        result = JobResult(files, "", told["seed"], told["prompt"], told["billed_units"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (result, str(told["request_id"])) if all(file.path.exists() for file in files) else None


def _sound_of(result: JobResult) -> ResultFile:
    """The first file that looks like sound, else the first at all: its bytes decide."""
    if not result.files:
        raise BadReply("The host finished the job but sent no sound.", "Try again, or choose another endpoint.")
    return next((file for file in result.files if file.audio), result.files[0])
