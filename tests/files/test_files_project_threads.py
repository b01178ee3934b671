"""Projects that several threads use at once: what each was given is there, in memory and on the disk."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from project_samples import ask, patch, same_take

from app.files.project import Project
from app.sound.region import Region
from app.takes.take import RunFacts, Take
from app.takes.timeline import Verb


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Threads take turns as often as they can, so that what may happen between two lines does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def _together(*works: Callable[[], None]) -> None:
    """All at once; the first fault of any of them is raised."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(begin, work) for work in works]:
            each.result()


def test_takes_and_edits_of_several_threads_are_all_kept(tmp_path: Path, source: Path) -> None:
    kept: list[Take] = []
    with Project.create(tmp_path / "Song.retake", source) as project:
        root = project.add_take(ask(), None, Region(100, 300), patch(), RunFacts())

        def land(worker: int) -> None:
            for turn in range(8):
                sound = patch(100 * worker + turn)
                kept.append(project.add_take(ask(), root.id, Region(100, 300), sound, RunFacts()))

        def edit() -> None:
            for _ in range(20):
                project.record(Verb.USE, root.id)

        _together(*(lambda worker=worker: land(worker) for worker in range(3)), edit, edit)
        lived = project.timeline
        assert {take.id for take in lived.takes} == {root.id, *(take.id for take in kept)}
        assert [take.number for take in lived.takes] == list(range(1, 26))
        assert (len(lived.edits), lived.cursor) == (40, 40)
    with Project.open(tmp_path / "Song.retake") as again:
        assert all(map(same_take, again.timeline.takes, lived.takes))
        assert (again.timeline.edits, again.timeline.cursor) == (lived.edits, lived.cursor)


def test_a_take_that_lands_while_the_project_is_saved_elsewhere_has_its_sound(tmp_path: Path, source: Path) -> None:
    answer = tmp_path / "answer.bin"
    answer.write_bytes(b"as it came")
    kept: list[Take] = []
    done = threading.Event()
    with Project.create(tmp_path / "0.retake", source) as project:

        def land() -> None:
            try:
                for turn in range(24):
                    sound = patch(turn, 1500)
                    kept.append(project.add_take(ask(), None, Region(0, 1500), sound, RunFacts(), answer))
            finally:
                done.set()

        def save() -> None:
            turn = 0
            while not done.is_set():
                turn += 1
                project.save_as(tmp_path / f"{turn}.retake")

        _together(land, save)
        assert project.folder != tmp_path / "0.retake"
        folder = project.folder
    with Project.open(folder) as again:
        assert again.damaged == ()
        assert again.verify() == ()
        assert all(map(same_take, again.timeline.takes, kept))
        assert all(again.answers(take.id)[0].read_bytes() == b"as it came" for take in kept)


def test_a_job_that_is_landed_twice_at_once_has_one_take(tmp_path: Path, source: Path) -> None:
    kept: list[Take] = []
    with Project.create(tmp_path / "Song.retake", source) as project:

        def land(seed: int) -> None:
            for job in range(8):
                sound = patch(seed + job)
                kept.append(project.add_take(ask(), None, Region(100, 300), sound, RunFacts(), job=str(job)))

        _together(lambda: land(0), lambda: land(100), lambda: land(200))
        assert len(kept) == 24
        assert {take.id for take in kept} == {take.id for take in project.timeline.takes}
        assert len(project.timeline.takes) == 8
