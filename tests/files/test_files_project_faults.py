"""Projects that are damaged, foreign, locked, read-only, on a full disk, or killed: refused or sound, never half."""

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from project_samples import ask, patch, same_take
from sample_files import step_down

from app.errors import UnreadableProject, UnwritableFile
from app.files.blobs import BlobStore
from app.files.project import Project
from app.sound.region import Region
from app.takes.render import render
from app.takes.take import RunFacts, TakeId
from app.takes.timeline import Verb


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
            assert not project.timeline.get(first.id).patch.read().any()
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


def test_a_job_whose_take_was_lost_may_land_again(made: Path) -> None:
    with Project.open(made) as project:
        lost = project.add_take(ask(), None, Region(100, 300), patch(3), RunFacts(), job="a")
    _with_db(made, "UPDATE takes SET last = 99999999 WHERE number = 3")
    with Project.open(made) as project:
        again = project.add_take(ask(), None, Region(100, 300), patch(3), RunFacts(), job="a")
        assert (again.number, again.id != lost.id) == (4, True)
        assert project.add_take(ask(), None, Region(100, 300), patch(3), RunFacts(), job="a") is again


def test_an_undo_stays_with_the_edit_it_undid_when_that_take_is_lost(made: Path) -> None:
    with Project.open(made) as project:
        first = project.timeline.takes[0]
        lost = project.add_take(ask(), None, Region(100, 300), patch(3), RunFacts())
        project.record(Verb.USE, first.id)
        project.record(Verb.USE, lost.id)
        project.record("undo")
        project.record(Verb.STAR, first.id)
        project.record(Verb.USE, lost.id)
        project.record("undo")
    _with_db(made, "UPDATE takes SET last = 99999999 WHERE number = 3")
    with Project.open(made) as project:
        assert project.timeline.head == first.id, "the undo took back the lost take, not the one before"
        assert project.timeline.starred == {first.id}
        assert not project.timeline.can_redo
        assert project.record("undo").head == first.id
        assert project.timeline.starred == frozenset()


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


WRITER = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from project_samples import ask
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
