"""Projects: what was returned is there after a restart, wherever the project was moved."""

import os
from pathlib import Path

import numpy as np
import pytest
from project_samples import ask, patch, same_take
from sample_files import native

from app import paths
from app.errors import UnreadableAudio, UnreadableProject, UnwritableFile
from app.files.audio import Cancelled
from app.files.project import Project
from app.files.project_folders import new_unnamed_folder
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.places import Drawn
from app.takes.render import render
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Verb


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
    project.set_mask(Drawn(Region(10, 20)))
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
        assert again.mask == Drawn(Region(10, 20))
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


def test_an_unnamed_project_moves_where_it_is_saved(tmp_path: Path, source: Path) -> None:
    folder = new_unnamed_folder("field recording")
    project = Project.create(folder, source)
    assert project.unnamed
    assert project.name == "field recording"
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
        (tmp_path / "orphan").write_bytes(b"left by a crash")
        orphan = project._blobs.put_file(tmp_path / "orphan", "bin")
        project.save_as(tmp_path / "Copy.retake")
        project.add_take(ask(), None, Region(0, 200), patch(9), RunFacts())
        assert not project._blobs.has(orphan)
    with Project.open(made) as old, Project.open(tmp_path / "Copy.retake") as copy:
        assert (len(old.timeline.takes), len(copy.timeline.takes)) == (2, 3)
        for name in copy._blobs.names():
            assert os.stat(copy._blobs.path(name)).st_nlink == 1


def test_a_project_knows_where_it_lies_wherever_the_program_goes(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    with Project.create(Path("Song.retake"), source) as project:
        assert project.folder == tmp_path / "Song.retake"
        project.save_as(Path("Copy.retake"))
        assert project.folder == tmp_path / "Copy.retake"
    for name in ("Song.retake", "Copy.retake/project.db"):
        monkeypatch.chdir(tmp_path)
        with Project.open(Path(name)) as project:
            monkeypatch.chdir(elsewhere)
            assert project.folder.is_dir()
            project.add_take(ask(), None, Region(100, 300), patch(1), RunFacts())
            assert project.verify() == ()
    monkeypatch.chdir(tmp_path / "Song.retake")
    with Project.open(Path("project.db")) as project:
        assert project.name == "Song"


def test_a_closed_project_says_so_and_takes_nothing_in(made: Path) -> None:
    project = Project.open(made)
    project.close()
    project.close()
    before, blobs = project.timeline, sorted(project._blobs.names())
    for late in (
        lambda: project.add_take(ask(), None, Region(100, 300), patch(7), RunFacts()),
        lambda: project.record(Verb.USE, None),
        lambda: project.record("redo"),
        lambda: project.set_mask(None),
        lambda: project.set_panel("e", {}),
        lambda: project.save_as(made.with_name("Copy.retake")),
    ):
        with pytest.raises(UnwritableFile, match=r"Song\.retake is closed"):
            late()
    with pytest.raises(UnreadableProject, match="is closed"):
        project.panels()
    assert project.timeline is before
    assert sorted(project._blobs.names()) == blobs
    assert [path.name for path in made.parent.glob("*.retake*")] == ["Song.retake"]


def test_a_job_lands_once_however_often_it_is_landed(tmp_path: Path, source: Path) -> None:
    answer = tmp_path / "answer.mp3"
    answer.write_bytes(b"as it came")

    def land(project: Project, job: str, seed: int) -> Take:
        return project.add_take(ask(), None, Region(100, 300), patch(seed), RunFacts(), answer, job=job)

    with Project.create(tmp_path / "Song.retake", source) as project:
        take = land(project, "a", 1)
        blobs = sorted(project._blobs.names())
        assert land(project, "a", 2) is take
        assert project.timeline.takes == (take,)
        assert sorted(project._blobs.names()) == blobs
        other, free, also_free = land(project, "b", 3), land(project, "", 4), land(project, "", 5)
        assert len({take.id, other.id, free.id, also_free.id}) == 4
    with Project.open(tmp_path / "Song.retake") as again:
        assert land(again, "a", 6).id == take.id
        again.save_as(tmp_path / "Copy.retake")
        assert land(again, "b", 7).id == other.id
        assert len(again.timeline.takes) == 4
