"""Projects around sounds that they do not hold yet: worked on at once, copied behind, found again when that was cut."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app import paths
from app.errors import UnreadableProject, UnwritableFile
from app.files.audio import decode_file
from app.files.formats import Cancelled
from app.files.project import Project
from app.files.project_folders import new_unnamed_folder
from app.sound.region import Region
from app.takes.places import Drawn

FORMS = [
    *(("wav", each) for each in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")),
    *(("aiff", each) for each in ("PCM_16", "PCM_24")),
    *(("flac", "PCM_16"), ("ogg", "VORBIS")),
]


def sound(path: Path, container: str = "wav", subtype: str = "PCM_16", frames: int = 50_000) -> Path:
    values = np.random.default_rng(1).uniform(-0.5, 0.5, (frames, 2))
    soundfile.write(path, values, 44100, subtype=subtype, format=container.upper())
    return path


@pytest.mark.parametrize(("container", "subtype"), FORMS)
def test_it_sounds_the_same_before_and_after_it_has_its_own(container: str, subtype: str, tmp_path: Path) -> None:
    path = sound(tmp_path / f"a.{container}", container, subtype)
    want = decode_file(path).samples[:]
    before = path.read_bytes()
    with Project.create(tmp_path / "p.retake", path, later=True) as project:
        assert not project.self_contained
        assert np.array_equal(project.source.samples[0:50_000], want)
        project.set_mask(Drawn(Region(10, 20), None))
        project.keep_source()
        assert project.self_contained
        path.write_bytes(b"changed by another program")
        assert np.array_equal(project.source.samples[0:50_000], want)
        bits, form = project.source.bits, project.source_format
        assert project.verify() == ()
    path.unlink()
    with Project.open(tmp_path / "p.retake") as again:
        assert again.self_contained
        assert np.array_equal(again.source.samples[0:50_000], want)
        assert (again.source.bits, again.source_format, again.mask) == (bits, form, Drawn(Region(10, 20), None))
    assert before


@pytest.mark.parametrize(("container", "subtype"), [("wav", "PCM_24"), ("flac", "PCM_16")])
def test_a_copy_that_was_cut_is_made_when_it_is_opened_again(container: str, subtype: str, tmp_path: Path) -> None:
    path = sound(tmp_path / f"a.{container}", container, subtype)
    want = decode_file(path).samples[:]
    with Project.create(tmp_path / "p.retake", path, later=True) as project:
        if container == "wav":  # what was decoded needs no copying, only its name
            with pytest.raises(Cancelled):
                project.keep_source(lambda: True)
    assert not list((tmp_path / "p.retake" / "blobs").glob("*.part"))
    with Project.open(tmp_path / "p.retake") as again:
        assert np.array_equal(again.source.samples[0:50_000], want)
        again.keep_source()
        assert again.verify() == ()
    path.unlink()
    with Project.open(tmp_path / "p.retake") as whole:
        assert np.array_equal(whole.source.samples[0:50_000], want)


def test_without_a_copy_and_without_its_original_it_says_what_to_do(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav")
    moment = path.stat()
    Project.create(tmp_path / "p.retake", path, later=True).close()
    whole = path.read_bytes()
    for spoil in (path.unlink, lambda: path.write_bytes(whole[:-4])):
        spoil()
        with pytest.raises(UnreadableProject, match="before it had a copy") as raised:
            Project.open(tmp_path / "p.retake")
        assert "takes are kept" in raised.value.hint
    path.write_bytes(whole)
    os.utime(path, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    Project.open(tmp_path / "p.retake").close()


def test_an_original_that_changes_while_it_is_copied_is_told(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav")
    with Project.create(tmp_path / "p.retake", path, later=True) as project:
        with open(path, "ab") as file:
            file.write(b"more")
        with pytest.raises(UnwritableFile, match="changed by another program"):
            project.keep_source()
        assert not project.self_contained


def test_what_is_saved_has_its_own_copy(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav")
    want = decode_file(path).samples[:]
    project = Project.create(new_unnamed_folder("a"), path, later=True)
    project.save_as(tmp_path / "named.retake")
    project.close()
    path.unlink()
    with Project.open(tmp_path / "named.retake") as again:
        assert np.array_equal(again.source.samples[:], want)


def test_closing_while_it_is_copied_ends_the_copy_and_leaves_nothing(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", frames=4_000_000)
    project = Project.create(tmp_path / "p.retake", path, later=True)
    begun, ended = threading.Event(), []

    def asked() -> bool:
        begun.set()
        return False

    def keep() -> None:
        try:
            project.keep_source(asked)
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=keep)
    thread.start()
    begun.wait(10)
    project.close()
    shutil.rmtree(tmp_path / "p.retake")
    thread.join(10)
    assert ended == ["cancelled"]
    assert not (tmp_path / "p.retake").exists()


def test_what_was_decoded_once_is_not_decoded_again(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.flac", "flac")
    seen: list[int] = []

    def on_block(block: np.ndarray, _: int) -> None:
        seen.append(len(block))

    with Project.create(tmp_path / "one.retake", path, on_block=on_block, later=True) as one:
        want = one.source.samples[0:50_000]
        one.keep_source()
    assert sum(seen) == 50_000
    seen.clear()
    with Project.create(tmp_path / "two.retake", path, on_block=on_block, later=True) as two:
        assert two.self_contained
        assert np.array_equal(two.source.samples[:], want)
        assert not seen
        assert two.verify() == ()
    shutil.rmtree(paths.cache_dir())
    with Project.open(tmp_path / "two.retake") as again:
        assert np.array_equal(again.source.samples[:], want)
