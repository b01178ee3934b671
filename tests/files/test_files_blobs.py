"""Blobs and atomic files: whole or absent, named by what they hold, never outside their folder."""

import hashlib
from pathlib import Path

import pytest
from sample_files import step_down

from app.errors import UnwritableFile
from app.files.atomic import replacing, write_bytes
from app.files.blobs import BlobStore
from app.files.sentences import shown


def test_a_blob_is_named_by_its_bytes(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    (tmp_path / "file").write_bytes(b"sound")
    name = store.put_file(tmp_path / "file", "bin")
    assert name == hashlib.sha256(b"sound").hexdigest() + ".bin"
    assert store.path(name).read_bytes() == b"sound"
    assert store.path(name).parent.name == name[:2]
    (tmp_path / "copy").write_bytes((tmp_path / "file").read_bytes())
    assert store.put_file(tmp_path / "copy", "bin") == name
    assert list(store.names()) == [name]
    assert list(store.folder.glob("*.part")) == []
    assert store.verify(name)
    store.path(name).write_bytes(b"noise")
    assert not store.verify(name)


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "a" * 64, "A" * 64 + ".wav", "a" * 63 + ".wav", "a" * 64 + ".exe", ""),
        *("a" * 64 + ".wav\n", "a" * 64 + ".wav/../../x", "/" + "a" * 64 + ".wav"),
    ],
)
def test_no_other_name_is_a_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        BlobStore(tmp_path).path(name)


def test_a_sweep_takes_what_a_crash_left_and_nothing_else(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    (tmp_path / "file").write_bytes(b"sound")
    name = store.put_file(tmp_path / "file", "wav")
    store.fresh_part().write_bytes(b"half")
    assert store.sweep() == 1
    assert list(store.names()) == [name]


def test_bytes_that_come_back_different_are_refused(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    part = store.fresh_part()
    part.write_bytes(b"other")
    with pytest.raises(UnwritableFile, match="other bytes"):
        store.adopt(part, "wav", hashlib.sha256(b"sound").hexdigest())
    assert not part.exists()
    assert list(store.names()) == []


def test_a_store_that_cannot_be_written(powerless: Path) -> None:
    (powerless / "file").write_bytes(b"sound")
    step_down(powerless)
    with pytest.raises(UnwritableFile):
        BlobStore(powerless / "blobs").put_file(powerless / "file", "wav")


def test_replacing_leaves_the_old_file_when_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_bytes(path, b"old")

    def fail() -> None:
        with replacing(path) as part:
            part.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"old"
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    with pytest.raises(UnwritableFile, match="its folder does not exist"):
        write_bytes(tmp_path / "none" / "a.json", b"")


def test_names_are_shown_without_tricks() -> None:
    assert shown(Path("/a/b\u202egpj.wav")) == "b\\u202egpj.wav"
    assert shown("line\nbreak\udcff") == "line\\nbreak\\udcff"
