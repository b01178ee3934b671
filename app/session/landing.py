"""From a request to the file that is sent, and from the file that came back to the frames that enter a take."""

import json
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from app import paths
from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request
from app.errors import AppError, BadReply, SoundError
from app.files.atomic import write_bytes
from app.files.audio import decode
from app.files.audio_write import encode_excerpt
from app.remote.job import JobId, JobResult, ResultFile
from app.remote.job import sounds as sounds_of
from app.remote.life import ANSWER
from app.sound.align import converted, fit
from app.sound.clip import Clip, Frames
from app.sound.region import Region
from app.sound.splice import splice
from app.takes.render import Rendering
from app.takes.take import RunFacts

RESULT = "result.json"
_USED = frozenset({"prompt", "tags", "lyrics", "seed", "duration", "sample_rate"})
_MISSING = 0.01  # seconds of a fill that may be lacking, as encoders take them
_SLACK = 0.05  # seconds that encoders may add or take without a word


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


def prepare(request: Request, base: Rendering, folder: Path) -> Path | None:
    """Write the excerpt that the request sends; the file's path, None where it sends no sound.

    Beyond the clip's ends the excerpt is silent. UnwritableFile where the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if request.source_field is None:
        return None
    path = folder / "excerpt.wav"
    encode_excerpt(path, read_padded(base, request.excerpt), base.rate)
    return path


def land(
    request: Request, base: Rendering, result: JobResult, elapsed: float | None, request_id: str
) -> tuple[Landed, ...]:
    """Each sound of a result decoded, aligned on the unmasked context, matched in level, and cut to what is wanted.

    What cannot be used beside others that can is left out with a note; UnreadableAudio, SoundError or BadReply where
    nothing can.
    """
    sounds = sounds_of(result) or result.files[:1]  # its bytes decide
    if not sounds:
        raise BadReply("The host finished the job but sent no sound.", "Try again, or choose another endpoint.")
    told, landed, faults = _told(result.answer), list[Landed](), list[AppError]()
    for file in sounds:
        try:
            returned = decode(file.path)
            patch = _patch(request, base, returned.clip)
            spliced = splice(
                base,
                request.replaced,
                patch.frames,
                request.replaced.start - patch.lead,
                inside_ms=request.seam.inside,
                outside_ms=request.seam.outside,
                length=patch.length,
            )
        except AppError as error:
            faults.append(error)
            continue
        facts = RunFacts(
            connection=request.connection,
            request_id=request_id,
            seed=result.seed if result.seed is not None else request.seed,
            elapsed=elapsed,
            billed_units=result.billed_units,
            delay_ms=patch.delay_ms,
            gain_db=patch.gain_db,
            confidence=patch.confidence,
            notes=(*told, *returned.notes, *patch.notes),
            label=_label(file.key) if len(sounds) > 1 else "",
            used=_used(request, result),
        )
        landed.append(Landed(spliced.region, spliced.frames, facts))
    if not landed:
        raise faults[0]
    lost = tuple(f"Another sound of this result could not be used: {fault.message}" for fault in faults)
    return tuple(replace(each, facts=replace(each.facts, notes=(*each.facts.notes, *lost))) for each in landed)


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """Frames at the base's rate and channels; `length` of them from `lead` on are to come instead of what gives way."""

    frames: Frames
    lead: int
    length: int
    delay_ms: float = 0.0
    gain_db: float = 0.0
    confidence: float | None = None
    notes: tuple[str, ...] = ()


def _patch(request: Request, base: Rendering, returned: Clip) -> _Patch:
    """What came back, laid over what was asked for: with what was sent around it, or as it stands."""
    mask, rate = request.mask, base.rate
    whole = Region(min(mask.start, request.excerpt.start), max(mask.end, request.excerpt.end))
    if request.source_field is None or whole == mask:
        return _alone(request, base, returned)
    lead = mask.start - whole.start
    if request.kind is Kind.VARY:
        # All that was sent was remade: nothing around the mask is left to compare with.
        frames, said = converted(returned, rate, base.channels)
        return _Patch(_long_enough(frames, whole.length), lead, mask.length, notes=tuple(said))
    excerpt = read_padded(base, whole)
    if request.kind is Kind.EXTEND:
        return _extension(request, excerpt, returned, lead)
    # What was told to be remade is wider than the mask where the schema is coarse: none of it is the clip's own.
    hole = (request.sent or mask).relative_to(whole.start)
    fitted = fit(returned, excerpt, rate, hole, needed=lead + mask.length)
    return _Patch(
        fitted.frames,
        lead,
        mask.length,
        1000.0 * fitted.delay / rate,
        fitted.gain_db,
        fitted.confidence,
        fitted.notes,
    )


def _extension(request: Request, excerpt: Frames, returned: Clip, lead: int) -> _Patch:
    """What goes on where the clip ends, or, time turned round, where it begins: what was sent is found, then cut off.

    A model that stops sooner than asked makes the clip less long; silence was not asked for.
    """
    rate, wanted, early = request.rate, request.mask.length, lead == 0
    if early:
        excerpt, returned = excerpt[::-1], Clip.from_frames(returned.read()[::-1], returned.rate)
        lead = excerpt.shape[0] - wanted
    fitted = fit(returned, excerpt, rate, Region(lead, excerpt.shape[0]), needed=0)
    length = wanted if fitted.reach >= excerpt.shape[0] - round(_SLACK * rate) else fitted.reach - lead
    if length <= 0:
        raise BadReply("The result has no more sound than what was sent.", "Ask again, or for a longer stretch.")
    notes = tuple(note for note in fitted.notes if "silence fills" not in note)
    if length < wanted:
        short = (wanted - length) / rate
        notes = (*notes, f"It goes on {length / rate:.2f} s, {short:.2f} s less than was asked for.")
    frames, delay = fitted.frames[: lead + length], -fitted.delay if early else fitted.delay
    if early:
        frames, lead = np.ascontiguousarray(frames[::-1]), 0
    return _Patch(frames, lead, length, 1000.0 * delay / rate, fitted.gain_db, fitted.confidence, notes)


def _long_enough(frames: Frames, length: int) -> Frames:
    return np.pad(frames, ((0, max(length - frames.shape[0], 0)), (0, 0)))


def _alone(request: Request, base: Rendering, returned: Clip) -> _Patch:
    """A result that nothing was sent around: cut or filled up to the mask's length, or as long as it is."""
    frames, notes = converted(returned, base.rate, base.channels)
    have, wanted = frames.shape[0], request.mask.length
    if not have:
        raise BadReply("The result is empty.", "Try again, or choose another endpoint.")
    if request.grow:
        if have != wanted:
            more = (have - request.replaced.length) / base.rate
            notes.append(f"The clip gets {abs(more):.2f} s {'longer' if more > 0 else 'shorter'} by it.")
        return _Patch(frames, 0, have, notes=tuple(notes))
    off = abs(have - wanted) / base.rate
    if request.kind is Kind.FILL and have < wanted - round(_MISSING * base.rate):
        raise SoundError(f"The result ends {off:.2f} s before the mask does.", "Ask again, or draw a shorter mask.")
    if have < wanted:
        frames = np.pad(frames, ((0, wanted - have), (0, 0)))
    if off > _SLACK:
        what = "longer and was cut" if have > wanted else "shorter; silence fills the rest"
        notes.append(f"The result was {off:.2f} s {what}.")
    return _Patch(frames, 0, wanted, notes=tuple(notes))


def read_padded(base: Rendering, region: Region) -> Frames:
    """Frames of a region that may reach beyond the ends, with silence there; float32 (frames, channels)."""
    frames = base.read(region.start, region.end)
    before = min(max(-region.start, 0), region.length)
    after = region.length - before - frames.shape[0]
    return np.pad(frames, ((before, after), (0, 0))) if before or after else frames


def _label(key: str) -> str:
    """What tells one sound of a result from the others: "vocals", or its place in a list."""
    parts = [part for part in key.replace("[", ".").replace("]", "").split(".") if part and part != "url"]
    name = next((part for part in reversed(parts) if not part.isdigit()), "")
    number = next((int(part) + 1 for part in reversed(parts) if part.isdigit()), None)
    return f"{name} {number}" if number is not None else name


def _used(request: Request, result: JobResult) -> dict[str, Json]:
    """What the host says it used, where that is not what was asked."""
    asked = {**request.params, "seed": request.seed}
    said = {name: value for name, value in result.used.items() if name in _USED}
    return {name: value for name, value in said.items() if value not in ("", asked.get(name))}


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


def save_result(result: JobResult, request_id: str, folder: Path) -> None:
    """Write down what a result consists of, so that it can still become a take after a crash."""
    files = [{**asdict(file), "path": file.path.name} for file in result.files]
    told = {"files": files, "seed": result.seed, "prompt": result.prompt, "billed_units": result.billed_units}
    told["used"] = dict(result.used)
    write_bytes(folder / RESULT, json.dumps({**told, "request_id": request_id}).encode())


def _answer(folder: Path) -> str:
    try:
        return (folder / ANSWER).read_text("utf-8")
    except (OSError, ValueError):
        return ""


def load_result(folder: Path) -> tuple[JobResult, str] | None:
    """What `save_result` wrote, and the request's id; None where it or one of its files is gone."""
    try:
        told = json.loads((folder / RESULT).read_bytes())
        # Only names are kept, never paths: a file of a result lies in its job's own folder.
        files = tuple(ResultFile(**{**each, "path": folder / Path(each["path"]).name}) for each in told["files"])
        result = JobResult(
            files, _answer(folder), told["seed"], told["prompt"], told["billed_units"], told.get("used", {})
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (result, str(told["request_id"])) if all(file.path.exists() for file in files) else None
