"""The main job through the session, on real sound and the real engine."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.files.audio import decode_file
from app.files.formats import ExportFormat
from app.session.session import Session
from app.sound.region import Region
from app.takes.compare import compare

LONG = 60_000


def write(path: Path, subtype: str = "PCM_16", rate: int = 44100, channels: int = 2, seconds: float = 5.0) -> Path:
    clip = make_music(seconds, rate, channels)
    soundfile.write(path, clip.read(), rate, subtype=subtype)
    return path


def open_file(session: Session, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)


def ask(session: Session, qtbot: QtBot, start: float, end: float, takes: int = 1) -> None:
    assert session.project is not None
    session.set_mask(Region.from_seconds(start, end, session.project.source.rate))
    session.asking.set_takes(takes)
    before = len(session.timeline.takes)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == before + takes or bool(failures(session)), timeout=LONG)
    assert not failures(session)


def failures(session: Session) -> list[str]:
    return [str(job.update.error) for job in session.desk.jobs.values() if job.update.error]


def export(session: Session, qtbot: QtBot, path: Path, region: Region | None = None) -> Path:
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(message.text))
    session.export(path, region, ExportFormat(path.suffix[1:]))
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert said[0].startswith("Exported"), said
    return path


@pytest.mark.parametrize(
    ("subtype", "rate", "channels"),
    [("PCM_16", 44100, 2), ("PCM_24", 96000, 1), ("FLOAT", 48000, 2), ("PCM_16", 22050, 6), ("PCM_32", 48000, 2)],
)
def test_the_whole_path_changes_nothing_outside_the_mask(
    session: Session, qtbot: QtBot, tmp_path: Path, subtype: str, rate: int, channels: int
) -> None:
    source = write(tmp_path / "source.wav", subtype, rate, channels)
    open_file(session, qtbot, source)
    ask(session, qtbot, 2.0, 3.5)
    (take,) = session.timeline.takes
    session.use(take.id)
    result = export(session, qtbot, tmp_path / "out.wav")
    assert soundfile.info(result).subtype == subtype
    found = compare(decode_file(source), decode_file(result))
    mask = Region.from_seconds(2.0, 3.5, rate)
    assert found.length_a == found.length_b
    assert found.first is not None
    assert found.last is not None
    assert mask.start <= found.first
    assert found.last < mask.end
    assert found.frames > mask.length * 0.9, "the mask itself was made anew"


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (4.0, 5.0), (0.7, 4.4)])
def test_masks_at_the_edges_and_over_nearly_everything(
    session: Session, qtbot: QtBot, tmp_path: Path, start: float, end: float
) -> None:
    source = write(tmp_path / "source.wav")
    open_file(session, qtbot, source)
    ask(session, qtbot, start, end)
    session.use(session.timeline.takes[0].id)
    found = compare(decode_file(source), decode_file(export(session, qtbot, tmp_path / "out.wav")))
    mask = Region.from_seconds(start, end, 44100)
    assert found.first is not None
    assert found.last is not None
    assert (mask.start, mask.end) <= (found.first, found.last + 1)
    assert found.last < mask.end


def test_takes_differ_and_their_seeds_are_recorded(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(session, qtbot, write(tmp_path / "a.wav", seconds=12))
    ask(session, qtbot, 4.0, 6.0, takes=3)
    takes = session.timeline.takes
    assert sorted(take.number for take in takes) == [1, 2, 3]
    assert len({take.request.seed for take in takes}) == 3
    assert all(take.facts.seed == take.request.seed for take in takes)
    assert all("match" in take.facts.notes[0] for take in takes), "what the engine says of it"
    patches = [take.patch.read() for take in takes]
    assert any(not np.array_equal(patches[0], other) for other in patches[1:])


def test_a_seed_brings_the_same_take_again(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(session, qtbot, write(tmp_path / "a.wav", seconds=8))
    session.asking.set_values({**session.asking.values}, 4242)
    ask(session, qtbot, 3.0, 4.0)
    ask(session, qtbot, 3.0, 4.0)
    one, two = session.timeline.takes
    assert one.facts.seed == two.facts.seed == 4242
    assert np.array_equal(one.patch.read(), two.patch.read())


def test_use_undo_redo_and_takes_of_takes(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", seconds=8)
    open_file(session, qtbot, source)
    ask(session, qtbot, 2.0, 3.0)
    first = session.timeline.takes[0].id
    assert session.timeline.head is None, "a take that comes is heard, never applied"
    assert session.hearing.heard == first
    session.use(first)
    ask(session, qtbot, 5.0, 6.0)
    second = session.timeline.takes[1]
    assert second.parent == first
    session.use(second.id)
    heard = session.rendering(second.id).read()
    original = decode_file(source).read()
    changed = np.flatnonzero((heard != original).any(axis=1))
    assert changed.min() >= 2 * 44100
    assert changed.max() < 6 * 44100
    assert not ((changed >= 3 * 44100) & (changed < 5 * 44100)).any(), "between the two masks nothing changed"
    session.undo()
    assert session.timeline.head == first
    session.undo()
    assert session.timeline.head == first, "the mask went back"
    session.undo()
    assert session.timeline.head is None
    session.redo()
    assert session.timeline.head == first


def test_a_project_comes_back_as_it_was_left(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", seconds=6)
    open_file(session, qtbot, source)
    ask(session, qtbot, 2.0, 3.0, takes=2)
    one, two = session.timeline.takes
    session.use(two.id)
    session.star(one.id)
    folder = tmp_path / "Song.retake"
    with qtbot.waitSignal(session.saved, timeout=LONG):
        session.save_as(folder)
    before = session.rendering(two.id).read()
    mask = session.mask
    session.close()
    source.unlink()
    open_file(session, qtbot, folder)
    assert [take.id for take in session.timeline.takes] == [one.id, two.id]
    assert session.timeline.head == two.id
    assert session.timeline.starred == {one.id}
    assert session.mask == mask
    assert np.array_equal(session.rendering(two.id).read(), before), "without the source file, from the project alone"
    session.undo()
    session.undo()
    assert session.timeline.head is None, "undo outlives the restart"


def test_a_project_that_was_never_saved_is_kept_once_it_has_a_take(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    open_file(session, qtbot, write(tmp_path / "a.wav"))
    assert session.project is not None
    empty = session.project.folder
    session.close()
    qtbot.waitUntil(lambda: not empty.exists(), timeout=LONG)
    open_file(session, qtbot, tmp_path / "a.wav")
    ask(session, qtbot, 2.0, 3.0)
    kept = session.project.folder
    session.close()
    open_file(session, qtbot, kept)
    assert len(session.timeline.takes) == 1


def test_the_mask_alone_can_be_exported(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", "PCM_24", 48000)
    open_file(session, qtbot, source)
    region = Region.from_seconds(1.0, 2.5, 48000)
    result = export(session, qtbot, tmp_path / "part.flac", region)
    assert soundfile.info(result).subtype == "PCM_24"
    assert np.array_equal(decode_file(result).samples, decode_file(source).samples[region.start : region.end])


def test_a_crossfade_outside_is_a_choice_and_stays_within_it(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav")
    session.preferences.change(outside_ms=100.0, seam_ms=0.0)
    open_file(session, qtbot, source)
    ask(session, qtbot, 2.0, 3.0)
    session.use(session.timeline.takes[0].id)
    found = compare(decode_file(source), decode_file(export(session, qtbot, tmp_path / "out.wav")))
    around = Region.from_seconds(1.9, 3.1, 44100)
    assert found.first is not None
    assert found.last is not None
    assert found.first >= around.start
    assert found.last < around.end
