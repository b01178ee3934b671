"""The steps that the drives share: fill a panel, wait for takes, and find out where the tone of a take lies."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
from hosted_answers import burst
from hosted_documents import Known, known
from hosted_double import Double
from hosted_work import Work
from pytestqt.qtbot import QtBot
from scipy.signal import correlate

from app.endpoints.binding import defaults, editable
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import ArrayField, FileField, Json, TextField, Unset
from app.endpoints.request import Kind
from app.files.formats import ExportFormat
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import Take

LONG = 30_000
WORDS = "brushed snare, close and dry"

# Nobody fetches these by name: the folder is what there is.
ENDPOINTS = known()


def of_kind(*kinds: Kind) -> list[str]:
    """The ids of all bundled endpoints of these kinds."""
    return sorted(each.id for each in ENDPOINTS.values() if each.endpoint.kind in kinds)


def endpoint(endpoint_id: str) -> Endpoint:
    """A bundled endpoint."""
    return ENDPOINTS[endpoint_id].endpoint


def known_of(endpoint_id: str) -> Known:
    """A bundled endpoint with its judges."""
    return ENDPOINTS[endpoint_id]


def filled(asked: Endpoint) -> dict[str, Json]:
    """A panel as it is after its user wrote what must be written, and no more; files are no values."""
    values = defaults(asked)
    for each in editable(asked).all():
        if not each.required or (not isinstance(each.default, Unset) and each.default is not None):
            continue
        match each:
            case TextField():
                values[each.name] = WORDS
            case ArrayField():
                values[each.name] = [WORDS]
            case FileField():
                pass
            case _:
                raise AssertionError(f"{asked.id} wants {each.name}, and nobody knows what")
    return values


def open_file(session: Session, qtbot: QtBot, path: Path) -> None:
    """Open it, and wait."""
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)


def choose(session: Session, endpoint_id: str, attached: Mapping[str, str] | None = None) -> Endpoint:
    """Ask that endpoint from now on, its panel filled; one take at a press."""
    assert session.asking.choose(endpoint_id)
    chosen = session.asking.endpoint
    assert chosen is not None
    session.asking.set_values(filled(chosen), None, attached)
    session.asking.set_takes(1)
    return chosen


def mask(session: Session, start: float, end: float) -> Region:
    """Mask these seconds of the clip."""
    assert session.project is not None
    session.set_mask(Region.from_seconds(start, end, session.project.source.rate))
    assert session.mask is not None
    return session.mask


def failures(session: Session) -> list[str]:
    """What the job cards say went wrong."""
    return [str(job.update.error) for job in session.desk.jobs.values() if job.update.error]


def take_of(session: Session, qtbot: QtBot, count: int = 1) -> tuple[Take, ...]:
    """Press the button and wait for so many takes."""
    said: list[object] = []
    session.fields_refused.connect(said.append)
    session.messages.posted.connect(said.append)
    before = len(session.timeline.takes)
    session.submit()
    assert not said, said
    arrived(session, qtbot, before + count)
    return session.timeline.takes[before:]


def arrived(session: Session, qtbot: QtBot, count: int) -> None:
    """Wait until there are so many takes (or more); whatever fails ends the wait."""
    qtbot.waitUntil(lambda: len(session.timeline.takes) >= count or bool(failures(session)), timeout=LONG)
    assert not failures(session)


def one_work(double: Double) -> Work:
    """The one body that came; it was in order."""
    (work,) = double.work
    assert not work.complaints, work.complaints
    return work


def original(session: Session) -> np.ndarray:
    """The clip as it was opened, float32."""
    assert session.project is not None
    return session.project.source.read()


def result(session: Session, take: Take) -> np.ndarray:
    """The clip with that take in it."""
    return session.rendering(take.id).read()


def exported(session: Session, qtbot: QtBot, take: Take, path: Path) -> tuple[np.ndarray, int, str]:
    """The take as a file in use is exported: whole numbers or floats of the file's own, its rate and packing."""
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(message.text))
    session.use(take.id)
    session.export(path, None, ExportFormat.WAV)
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said[0].startswith("Exported"), said
    return stored(path)


def stored(path: Path) -> tuple[np.ndarray, int, str]:
    """A file's samples as they are stored."""
    subtype = soundfile.info(path).subtype
    frames, rate = soundfile.read(path, dtype="float32" if subtype == "FLOAT" else "int32", always_2d=True)
    return frames, int(rate), subtype


def offset(heard: np.ndarray, expected: np.ndarray, rate: int, farthest: float = 0.02) -> tuple[float, float]:
    """By how many milliseconds `heard` is later than `expected`, and how alike they are there (1: the same).

    Both (frames, channels) of the same length; the best of all delays up to `farthest` seconds.
    """
    far = round(farthest * rate)
    one, other = heard.mean(axis=1, dtype=np.float64), expected.mean(axis=1, dtype=np.float64)[far:-far]
    power = np.concatenate(([0.0], np.cumsum(one * one)))
    powers = (power[other.size :] - power[: -other.size]) * float(np.dot(other, other))
    scores = correlate(one, other, "valid", "fft") / np.sqrt(np.maximum(powers, 1e-24))
    best = int(np.argmax(scores))
    return (best - far) * 1000.0 / rate, float(scores[best])


def louder(heard: np.ndarray, expected: np.ndarray) -> float:
    """By how many dB `heard` is louder than `expected`."""
    return 10.0 * float(np.log10(np.mean(np.square(heard)) / np.mean(np.square(expected))))


def inner(region: Region, rate: int, edge: float = 0.06) -> Region:
    """A region without its seams."""
    cut = round(edge * rate)
    return Region(region.start + cut, region.end - cut)


def tone(work: Work, rate: int, length: int, seed: int) -> np.ndarray:
    """What the double put into a hole of so many frames."""
    assert work.source is not None
    return burst(length, rate, seed, work.source.channels)


def archive(folder: Path) -> Path:
    """A zip with two captioned sounds."""
    path = folder / "set.zip"
    sound = io.BytesIO()
    soundfile.write(sound, burst(44_100, 44_100, 1), 44_100, format="WAV")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.wav", sound.getvalue())
        made.writestr("a.txt", "a tone that glides upwards")
    return path
