"""What the user added or corrected survives a restart, and a damaged file costs only itself."""

import json
import os
from pathlib import Path

import pytest

from app.endpoints.catalogue import Price
from app.endpoints.fields import Json
from app.endpoints.roles import Role
from app.errors import FileError, UnwritableFile
from app.files.library import (
    Entry,
    Fetched,
    forget_entry,
    library_folder,
    load_library,
    read_document_file,
    store_entry,
)

DOCUMENT: Json = {"openapi": "3.0.4", "paths": {"/studio/hum": {}}, "z": [1, 2.5, None], "a": "später \ud800"}
HUM = Entry(
    connection="fal",
    id="studio/hum",
    document=Fetched(DOCUMENT, "https://example.com/hum.json", "2026-11-20T10:00:00Z"),
    favourite=True,
    roles={Role.SOURCE: "sounds[].url", Role.SEED: None},
    price=Price(0.03, "second", "2026-11-20"),
    used="2026-11-20T11:00:00Z",
)
FILL = Entry(connection="local", id="retake/inpaint", favourite=True)


def only_file() -> Path:
    (path,) = library_folder().glob("*.json")
    return path


def test_everything_comes_back_as_it_was():
    store_entry(HUM)
    store_entry(FILL)
    loaded = load_library()
    assert loaded.entries == (HUM, FILL)
    assert loaded.notes == ()
    assert list(loaded.entries[0].document.body) == ["openapi", "paths", "z", "a"], "the order of fields is theirs"


def test_nothing_kept_is_no_error():
    assert load_library().entries == ()


def test_the_same_endpoint_at_two_connections_is_two_entries():
    store_entry(HUM)
    store_entry(Entry(connection="studio", id=HUM.id, favourite=True))
    assert [each.connection for each in load_library().entries] == ["fal", "studio"]


def test_a_later_entry_takes_the_earlier_ones_place():
    store_entry(HUM)
    store_entry(Entry(connection="fal", id=HUM.id, price=Price(1.0)))
    (entry,) = load_library().entries
    assert entry.price == Price(1.0)
    assert entry.document is None


def test_what_says_nothing_any_more_is_gone():
    store_entry(FILL)
    store_entry(Entry(connection="local", id="retake/inpaint"))
    assert list(library_folder().iterdir()) == []
    forget_entry(FILL)  # once more is no error


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": 2, "connection": "fal", "id": "a/b"}',
        b'{"connection": "fal", "id": "a/b", "price": {"amount": -1}}',
        b'{"connection": "fal", "id": "a/b", "price": {"amount": NaN}}',
        b'{"connection": "fal", "id": "a/b", "document": {"body": "{"}}',
        b'{"connection": "fal", "id": "a/b", "document": {"body": "' + b"[" * 100_000 + b'"}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_entry_costs_itself_only(damage: bytes):
    store_entry(HUM)
    broken = library_folder() / "broken.json"
    broken.write_bytes(damage)
    loaded = load_library()
    assert loaded.entries == (HUM,)
    (note,) = loaded.notes
    assert "broken.json.damaged" in note
    assert (library_folder() / "broken.json.damaged").read_bytes() == damage, "nothing is thrown away"
    assert load_library().notes == (), "and it is told once"


def test_roles_of_a_later_version_are_passed_over():
    store_entry(HUM)
    told = json.loads(only_file().read_text())
    told["roles"]["smell"] = "nose_url"
    told["news"] = 1
    only_file().write_text(json.dumps(told))
    assert load_library().entries == (HUM,)


def test_names_that_no_file_can_have_are_kept_too():
    entry = Entry(connection="http://[::1]:1/", id="a/" + "ü:/\\" * 40, favourite=True)
    store_entry(entry)
    assert load_library().entries == (entry,)


def test_a_folder_that_cannot_be_is_told(home: Path):
    (home / "data").write_text("in the way")
    with pytest.raises(UnwritableFile, match="could not be kept"):
        store_entry(FILL)
    assert load_library().entries == ()


def test_an_unreadable_file_stays_where_it_is():
    store_entry(FILL)
    path = only_file()
    path.unlink()
    path.mkdir()  # reads as an error of the system, for the superuser too
    (note,) = load_library().notes
    assert path.is_dir()
    assert "could not be read" in note


def test_a_document_from_a_file(tmp_path: Path):
    path = tmp_path / "hum.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"openapi": 1}).encode())
    assert read_document_file(path) == {"openapi": 1}


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"{", "is not JSON"), (b"\xff", "is not JSON"), (b"[" * 200_000, "is not JSON"), (None, "no such")],
)
def test_what_is_no_document_is_one_sentence(tmp_path: Path, data: bytes | None, says: str):
    path = tmp_path / "hum.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(FileError, match=says):
        read_document_file(path)


def test_a_file_too_large_is_not_read_whole(tmp_path: Path):
    path = tmp_path / "huge.json"
    with open(path, "wb") as file:
        os.truncate(file.fileno(), 1 << 32)
    with pytest.raises(FileError, match="too large"):
        read_document_file(path)
