"""A look at a file that is to be uploaded finds what would only fail later, at the host."""

import os
import zipfile

import pytest

from app.errors import FileError
from app.files.attached import Look, look_at


def test_a_file_has_a_size_and_an_archive_its_files(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.mkdir("inner")
        made.writestr("inner/a.wav", b"123")
    assert look_at(path) == Look(path.stat().st_size)
    assert look_at(path, archive=True) == Look(path.stat().st_size, 1)


def test_what_is_wrong_is_told_in_a_sentence(tmp_path):
    good, cut, words, empty, hollow = (tmp_path / f"{name}.zip" for name in ("good", "cut", "words", "empty", "hollow"))
    with zipfile.ZipFile(good, "w") as made:
        made.writestr("a.wav", b"1" * 1000)
    cut.write_bytes(good.read_bytes()[:-20])
    words.write_text("no archive")
    empty.write_bytes(b"")
    zipfile.ZipFile(hollow, "w").close()
    for path, said in (
        (cut, "cut short"),
        (words, "no zip archive"),
        (empty, "is empty"),
        (hollow, "holds no files"),
        (tmp_path, "is a folder"),
        (tmp_path / "gone", "There is no file"),
        (words / "inside", "There is no file"),
    ):
        with pytest.raises(FileError, match=said) as caught:
            look_at(path, archive=True)
        assert caught.value.hint


def test_a_file_that_may_not_be_read_is_no_archive(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"1")
    path.chmod(0)
    if os.access(path, os.R_OK):  # as root, everything can be read
        assert look_at(path) == Look(1)
        return
    with pytest.raises(FileError, match="cannot be read"):
        look_at(path)


def test_a_null_in_a_name_is_no_crash(tmp_path):
    with pytest.raises(FileError):
        look_at(tmp_path / "a\0b", archive=False)
