"""Projects: what was returned is there after a restart, and no file is trusted."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sample_files import encoded, native, step_down

from app import paths
from app.endpoints.request import Kind, Request
from app.errors import UnreadableAudio, UnreadableProject, UnwritableFile
from app.files.audio import Cancelled
from app.files.blobs import BlobStore
from app.files.project import Project
from app.files.project_folders import new_unnamed_folder, unnamed_projects
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.render import render
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Verb

RATE = 44100


def ask(start: int = 100, end: int = 300, prompt: str = "rain") -> Request:
    return Request(
        endpoint="retake/inpaint",
        connection="local",
        kind=Kind.FILL,
        params={"prompt": prompt, "steps": 8, "strength": 1.0, "nested": {"a": [1, None]}},
        mask=Region(start, end),
        excerpt=Region(0, 500),
        rate=RATE,
        source_field="audio_url",
        seed=42,
        prompt=prompt,
        price=0.02,
    )


def patch(seed: int = 0, length: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (length, 2)).astype(np.float32)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "field recording.wav"
    path.write_bytes(encoded(native(2000, 2, "PCM_24"), RATE, "WAV", "PCM_24"))
    return path


@pytest.fixture
def made(tmp_path: Path, source: Path) -> Path:
    """A closed project with two takes, the second on the first and in use."""
    with Project.create(tmp_path / "Song.retake", source) as project:
        first = project.add_take(ask(), None, Region(100, 300), patch(1), RunFacts(seed=1))
        project.add_take(ask(), first.id, Region(150, 350), patch(2), RunFacts(seed=2))
        project.record(Verb.USE, project.timeline.takes[1].id)
        return project.folder


def same_take(a: Take, b: Take) -> bool:
    facts = (a.id, a.number, a.parent, a.request, a.region, a.facts, a.created)
    return facts == (b.id, b.number, b.parent, b.request, b.region, b.facts, b.created) and (
        a.patch.samples.tobytes() == b.patch.samples.tobytes()
    )


def test_everything_comes_back_after_a_restart(tmp_path: Path, source: Path) -> None:
    answer, raw = tmp_path / "answer.mp3", tmp_path / "mask.png"
    answer.write_bytes(b"as it came")
    raw.write_bytes(b"as it came too")
    heard: list[int] = []
    project = Project.create(tmp_path / "Song.retake", source, on_block=lambda block, total: heard.append(len(block)))
    assert sum(heard) == 2000
    first = project.add_take(ask(), None, Region(100, 300), patch(1), RunFacts("local", "id", 7), answer, [raw])
    second = project.add_take(ask(150, 350, "snow"), first.id, Region(150, 350), patch(2), RunFacts())
    project.record(Verb.USE, first.id)
    project.record(Verb.USE, second.id)
    project.record(Verb.STAR, first.id)
    project.record("undo")
    project.record("undo")
    project.record("redo")
    project.set_mask(Region(10, 20))
    project.set_panel("retake/inpaint", {"steps": 3, "x": None})
    before, sound = project.timeline, render(project.source, project.timeline.lineage(second.id)).read()
    assert (first.number, second.number) == (1, 2)
    project.close()

    with Project.open(tmp_path / "Song.retake") as again:
        assert again.damaged == ()
        assert all(map(same_take, again.timeline.takes, before.takes))
        assert (again.timeline.edits, again.timeline.cursor) == (before.edits, before.cursor)
        assert again.timeline.head == second.id
        assert again.timeline.can_redo
        assert again.mask == Region(10, 20)
        assert again.panel("retake/inpaint") == {"steps": 3, "x": None}
        assert again.panel("other") == {}
        assert [p.read_bytes() for p in again.answers(first.id)] == [b"as it came", b"as it came too"]
        assert again.source.samples.tobytes() == native(2000, 2, "PCM_24").tobytes()
        assert (again.source.bits, again.source_format.subtype) == (24, "PCM_24")
        assert again.source_path == source
        assert again.name == "Song"
        assert not again.unnamed
        assert np.array_equal(render(again.source, again.timeline.lineage(second.id)).read(), sound)
        assert again.verify() == ()
        again.set_mask(None)
        assert again.add_take(ask(), None, Region(0, 200), patch(), RunFacts()).number == 3
    with Project.open(tmp_path / "Song.retake" / "project.db") as again:
        assert again.mask is None


def test_a_journal_replays_as_it_was_lived(tmp_path: Path, source: Path) -> None:
    rng = np.random.default_rng(4)
    with Project.create(tmp_path / "Song.retake", source) as project:
        takes: list[TakeId | None] = [None]
        takes += [project.add_take(ask(), None, Region(0, 200), patch(i), RunFacts()).id for i in range(3)]
        for _ in range(60):
            verb = rng.choice([*Verb, "undo", "undo", "redo"])
            project.record(str(verb), takes[rng.integers(4)])
        lived = project.timeline
    with Project.open(tmp_path / "Song.retake") as again:
        assert (again.timeline.edits, again.timeline.cursor) == (lived.edits, lived.cursor)
        assert (again.timeline.head, again.timeline.starred) == (lived.head, lived.starred)


def test_what_does_not_fit_is_a_mistake_of_ours(tmp_path: Path, source: Path) -> None:
    with Project.create(tmp_path / "Song.retake", source) as project:
        for region, parent, sound in [
            (Region(0, 200), TakeId("nobody"), patch()),
            (Region(1900, 2100), None, patch()),
            (Region(0, 200), None, np.zeros((200, 3), np.float32)),
            (Region(0, 0), None, np.zeros((0, 2), np.float32)),
            (Region(0, 200), None, Clip.from_frames(patch(), 48000)),
        ]:
            with pytest.raises(ValueError):
                project.add_take(ask(), parent, region, sound, RunFacts())
        assert project.timeline.takes == ()


@pytest.mark.parametrize("kind", ["missing", "text", "cancelled", "exists", "parent is a file"])
def test_a_project_that_cannot_be_made_leaves_nothing(kind: str, tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "new" / "Song.retake"
    (tmp_path / "text.wav").write_bytes(b"Dear all, " * 90)
    if kind == "missing":
        with pytest.raises(UnreadableAudio):
            Project.create(folder, tmp_path / "gone.wav")
    elif kind == "text":
        with pytest.raises(UnreadableAudio):
            Project.create(folder, tmp_path / "text.wav")
    elif kind == "cancelled":
        with pytest.raises(Cancelled):
            Project.create(folder, source, cancelled=lambda: True)
    elif kind == "exists":
        with pytest.raises(UnwritableFile, match="already is something of that name"):
            Project.create(tmp_path, source)
        assert source.exists()
    else:
        with pytest.raises(UnwritableFile):
            Project.create(source / "Song.retake", source)
    assert not folder.exists()


def test_a_second_window_is_told(made: Path) -> None:
    with Project.open(made):
        with pytest.raises(UnreadableProject, match="open in another Retake window"):
            Project.open(made)
        # Another process, too, which is what a second window is.
        code = f"from pathlib import Path; from app.files.project import Project; Project.open(Path({str(made)!r}))"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=_root())
        assert "open in another Retake window" in other.stderr
    Project.open(made).close()


def _root() -> Path:
    return Path(__file__).parent.parent.parent


def _refusal(folder: Path) -> UnreadableProject:
    with pytest.raises(UnreadableProject) as caught:
        Project.open(folder)
    assert caught.value.hint
    return caught.value


def _with_db(folder: Path, *statements: str) -> None:
    db = sqlite3.connect(folder / "project.db")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_what_is_no_project(tmp_path: Path, source: Path) -> None:
    assert "does not exist" in _refusal(tmp_path / "gone.retake").message
    assert "is not a Retake project" in _refusal(tmp_path).message
    assert "is not a Retake project" in _refusal(source).message
    (tmp_path / "project.db").write_bytes(b"hello " * 1000)
    assert "is not a Retake project" in _refusal(tmp_path).message
    (tmp_path / "project.db").write_bytes(b"")
    _refusal(tmp_path)
    (tmp_path / "project.db").unlink()
    _with_db(tmp_path, "CREATE TABLE meta (key TEXT)")
    assert "is not a Retake project" in _refusal(tmp_path).message


def test_a_newer_project_is_left_alone(made: Path) -> None:
    _with_db(made, "PRAGMA user_version = 99")
    before = (made / "project.db").read_bytes()
    assert "newer Retake" in _refusal(made).message
    assert (made / "project.db").read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON edits BEGIN DELETE FROM takes; END",
        "CREATE VIEW v AS SELECT * FROM takes",
        "CREATE TABLE more (x)",
        "CREATE INDEX i ON takes (abs(number))",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "DROP TABLE panels",
    ],
)
def test_a_strangers_additions_are_refused(statement: str, made: Path) -> None:
    _with_db(made, statement)
    assert "never writes" in _refusal(made).message


def test_a_blob_name_that_leaves_the_folder_reaches_nothing(made: Path, source: Path) -> None:
    shutil.copy(source, made / "outside.wav")
    _with_db(made, "UPDATE takes SET patch = '../outside.wav' WHERE number = 2")
    with Project.open(made) as project:
        assert len(project.damaged) == 1
        assert not project.timeline.takes[1].patch.read().any()
    _with_db(made, "UPDATE source SET blob = '../outside.wav'")
    assert "missing or damaged" in _refusal(made).message


def test_a_lost_sound_costs_its_own_take_only(made: Path) -> None:
    with Project.open(made) as project:
        first, second = project.timeline.takes
    store = BlobStore(made / "blobs")
    row = sqlite3.connect(made / "project.db")
    (name,) = row.execute("SELECT patch FROM takes WHERE number = 1").fetchone()
    row.close()
    for harm in (lambda p: p.write_bytes(p.read_bytes()[:100]), Path.unlink):
        harm(store.path(name))
        with Project.open(made) as project:
            assert project.damaged == ("The sound of take 1 is missing or damaged; it is heard as silence.",)
            assert project.silenced == {first.id}
            assert project.timeline.head == second.id
            assert same_take(project.timeline.takes[1], second)
            version = render(project.source, project.timeline.lineage(second.id))
            assert version.length == project.source.length
            assert not version.read(100, 150).any()
            assert project.verify() == (name,)


def test_damaged_rows_cost_their_take_only(made: Path) -> None:
    _with_db(made, "UPDATE takes SET request = '{', facts = '[]', created = 'then' WHERE number = 2")
    with Project.open(made) as project:
        assert len(project.timeline.takes) == 2
        assert project.timeline.takes[1].patch.length == 200
        assert len(project.damaged) == 1
    _with_db(made, "UPDATE takes SET last = 99999999 WHERE number = 1")
    with Project.open(made) as project:
        assert project.timeline.takes == ()
        assert len(project.damaged) == 2
        assert project.timeline.head is None


def test_a_damaged_database_is_refused_or_sound(made: Path) -> None:
    good = (made / "project.db").read_bytes()
    rng = np.random.default_rng(8)
    refused = 0
    for _ in range(60):
        data = bytearray(good)
        at = int(rng.integers(0, len(data) - 64))
        data[at : at + 64] = rng.bytes(64)
        (made / "project.db").write_bytes(data[: len(data) if rng.random() < 0.7 else int(rng.integers(1, len(data)))])
        try:
            Project.open(made).close()
        except UnreadableProject:
            refused += 1
    assert refused > 10
    (made / "project.db").write_bytes(good)
    with Project.open(made) as project:
        assert len(project.timeline.takes) == 2


def test_a_read_only_project_says_so(powerless: Path, source: Path) -> None:
    folder = powerless / "Song.retake"
    with Project.create(folder, source) as project:
        project.add_take(ask(), None, Region(100, 300), patch(), RunFacts())
    step_down(powerless)
    assert "cannot be written to" in _refusal(folder).message
    with pytest.raises(UnwritableFile, match="may not write"):
        Project.create(powerless / "Other.retake", source)


def test_an_edit_on_a_full_disk_is_as_if_it_never_was(made: Path) -> None:
    import resource

    project = Project.open(made)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = project.timeline
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    try:
        with pytest.raises(UnwritableFile):
            project.add_take(ask(), None, Region(100, 300), patch(5), RunFacts())
        with pytest.raises(UnwritableFile):
            project.record("undo")
        with pytest.raises(UnwritableFile):
            project.set_panel("e", {"text": "x" * 100_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert project.timeline is before
    project.add_take(ask(), None, Region(100, 300), patch(6), RunFacts())
    project.close()
    with Project.open(made) as again:
        assert len(again.timeline.takes) == 3
        assert again.verify() == ()
    assert list(made.rglob("*.part")) == []


def test_an_unnamed_project_moves_where_it_is_saved(tmp_path: Path, source: Path) -> None:
    folder = new_unnamed_folder()
    project = Project.create(folder, source)
    assert project.unnamed
    assert project.name == "field recording"
    assert unnamed_projects() == (folder,)
    take = project.add_take(ask(), None, Region(100, 300), patch(1), RunFacts())
    with pytest.raises(UnwritableFile, match="already exists"):
        project.save_as(tmp_path)
    with pytest.raises(UnwritableFile):
        project.save_as(source / "x.retake")
    assert project.unnamed
    project.record(Verb.USE, take.id)

    target = tmp_path / "Named.retake"
    project.save_as(target)
    assert (project.name, project.unnamed, project.folder) == ("Named", False, target)
    assert not folder.exists()
    assert unnamed_projects() == ()
    assert project.timeline.takes[0].patch.read().any(), "clips in use stay readable"
    project.record("undo")
    with pytest.raises(UnreadableProject, match="another Retake window"):
        Project.open(target)
    project.close()
    with Project.open(target) as again:
        assert same_take(again.timeline.takes[0], take)
        assert again.timeline.head is None
        assert again.verify() == ()
    assert paths.unnamed_projects().is_dir()


def test_a_named_project_is_copied_and_stands_alone(made: Path, tmp_path: Path) -> None:
    with Project.open(made) as project:
        (made / "blobs" / "ab").mkdir(exist_ok=True)
        orphan = project._blobs.put_bytes(b"left by a crash", "bin")
        project.save_as(tmp_path / "Copy.retake")
        project.add_take(ask(), None, Region(0, 200), patch(9), RunFacts())
        assert not project._blobs.has(orphan)
    with Project.open(made) as old, Project.open(tmp_path / "Copy.retake") as copy:
        assert (len(old.timeline.takes), len(copy.timeline.takes)) == (2, 3)
        for name in copy._blobs.names():
            assert os.stat(copy._blobs.path(name)).st_nlink == 1


WRITER = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_files_project import ask, RATE
from app.files.project import Project
from app.sound.region import Region
from app.takes.take import RunFacts
from app.takes.timeline import Verb
project = Project.open(Path(sys.argv[1]))
rng = np.random.default_rng(int(sys.argv[2]))
print("ready", flush=True)
while True:
    answer = Path(sys.argv[1]).parent / "answer.bin"
    answer.write_bytes(rng.bytes(50_000))
    sound = rng.uniform(-0.5, 0.5, (200, 2)).astype(np.float32)
    take = project.add_take(ask(), None, Region(100, 300), sound, RunFacts(), answer)
    print("take", take.id, sound.tobytes().hex(), flush=True)
    project.record(Verb.USE, take.id)
    print("head", take.id, flush=True)
"""


def test_kill_at_any_moment_loses_nothing_that_was_acknowledged(made: Path) -> None:
    rng = np.random.default_rng()
    code = WRITER.format(tests=str(Path(__file__).parent))
    acknowledged: dict[str, str] = {}
    head = ""
    for round_ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(made), str(round_)], stdout=subprocess.PIPE, text=True, cwd=_root()
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.0, 0.15))
        child.kill()
        told = child.stdout.read()
        child.stdout.close()
        child.wait()
        for line in told[: told.rfind("\n") + 1].splitlines():
            word, id, *sound = line.split()
            if word == "take":
                acknowledged[id] = sound[0]
            else:
                head = id
        with Project.open(made) as project:
            assert project.damaged == ()
            assert project.verify() == (), "a row without its blob"
            found = {take.id: take for take in project.timeline.takes}
            for id, sound in acknowledged.items():
                assert found[TakeId(id)].patch.samples.tobytes().hex() == sound
            used = [edit.take for edit in project.timeline.edits]
            assert not head or TakeId(head) in used
            assert [t.number for t in project.timeline.takes] == list(range(1, len(found) + 1))
        assert list((made / "blobs").glob("*.part")) == []
    assert acknowledged, "the writer was never given the time to write"
