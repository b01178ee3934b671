"""Projects that were never named: they are found again, and looking for them changes nothing."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from project_samples import ask, patch

from app import paths
from app.files.project import Project
from app.files.project_folders import UnnamedProject, new_unnamed_folder, unnamed_projects
from app.sound.region import Region
from app.takes.take import RunFacts


def _unnamed(source: Path, takes: int, written: int) -> Path:
    """A closed one, with that many takes, last written so many seconds after the epoch."""
    with Project.create(new_unnamed_folder(source.stem), source) as project:
        for seed in range(takes):
            project.add_take(ask(), None, Region(100, 300), patch(seed), RunFacts())
    os.utime(project.folder / "project.db", (written, written))
    return project.folder


def _contents(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_unnamed_projects_are_found_the_last_written_first(source: Path) -> None:
    assert unnamed_projects() == ()
    older, newer, empty = (_unnamed(source, *each) for each in ((2, 1000), (1, 3000), (0, 4000)))
    with Project.open(empty) as asked:
        asked.set_panel("retake/inpaint", {"steps": 3})
    os.utime(empty / "project.db", (2000, 2000))
    _unnamed(source, 0, 5000)
    before = _contents(paths.unnamed_projects())
    assert unnamed_projects() == tuple(
        UnnamedProject(folder, "field recording", datetime.fromtimestamp(written, UTC), takes)
        for folder, written, takes in ((newer, 3000, 1), (empty, 2000, 0), (older, 1000, 2))
    )
    assert _contents(paths.unnamed_projects()) == before


def test_what_is_open_damaged_newer_or_foreign_is_passed_over(source: Path) -> None:
    good, locked, damaged, cut, newer, foreign, hollow = (_unnamed(source, 1, 1000 + each) for each in range(7))
    (damaged / "project.db").write_bytes(b"hello " * 1000)
    (cut / "project.db").write_bytes((cut / "project.db").read_bytes()[:5000])
    for folder, statement in (
        (newer, "PRAGMA user_version = 99"),
        (foreign, "PRAGMA application_id = 7"),
        (hollow, "DELETE FROM source"),
    ):
        db = sqlite3.connect(folder / "project.db")
        db.execute(statement)
        db.commit()
        db.close()
    (paths.unnamed_projects() / "nothing.retake").mkdir()
    (paths.unnamed_projects() / "folder.retake" / "project.db").mkdir(parents=True)
    with Project.open(locked):
        assert [each.folder for each in unnamed_projects()] == [good]
    assert {each.folder for each in unnamed_projects()} == {good, locked}


def test_one_that_crashed_in_the_middle_of_a_write_is_found(source: Path, tmp_path: Path) -> None:
    folder = _unnamed(source, 1, 1000)
    with Project.open(folder) as project:
        # A cache of a few pages makes the database write before the end of the transaction, as a long one does.
        project._db.execute("PRAGMA cache_size = 5")
        project._db.execute("BEGIN IMMEDIATE")
        project._db.executemany("INSERT INTO panels VALUES (?, ?)", [(str(i), "x" * 3000) for i in range(50)])
        project._db.execute("UPDATE source SET path = 'half done'")
        shutil.copytree(folder, tmp_path / "crashed")
        project._db.execute("ROLLBACK")
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "crashed", folder)
    db = sqlite3.connect(f"{(folder / 'project.db').as_uri()}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):  # else this is no crash in the middle
        db.execute("SELECT path FROM source")
    db.close()
    assert [(each.name, each.takes) for each in unnamed_projects()] == [("field recording", 1)]
    Project.open(folder).close()


@pytest.mark.parametrize(
    ("stem", "ornament"),
    [
        ("Kick 808", " Kick 808"),
        ("../../a:b*c", "_.._a_b_c"),
        ("x" * 90, " " + "x" * 40),
        ("line\nbreak\u202e\udcff", " line_break__"),
        ("Jürgens Glöckchen 鐘", " Jürgens Glöckchen 鐘"),
        (" . ", ""),
    ],
)
def test_a_new_folder_is_named_by_time_and_source(stem: str, ornament: str, source: Path) -> None:
    folders = {new_unnamed_folder(stem) for _ in range(20)}
    assert len(folders) == 20, "two at the same second have places of their own"
    for folder in folders:
        assert folder.parent == paths.unnamed_projects()
        assert folder.name.endswith(ornament + ".retake")
        assert datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S")
    with Project.create(folders.pop(), source) as project:
        assert project.unnamed
        assert project.name == "field recording"
