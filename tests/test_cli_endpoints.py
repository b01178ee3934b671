"""`retake endpoints`: every endpoint listed, told, read from a file, added, refreshed and removed, without a window."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library_host import DocumentHost, document, hum, serving

from app import cli
from app.endpoints.catalogue import bundled
from app.endpoints.fields import Json
from app.files.library import Entry, library_folder, load_library, store_entry

Told = Callable[..., "subprocess.CompletedProcess[str]"]
HUM = "studio/hum"
BUNDLED = "fal-ai/stable-audio-25/inpaint"


@pytest.fixture
def host() -> Iterator[DocumentHost]:
    with serving() as host:
        host.answers[HUM] = document(HUM, hum())
        yield host


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Told:
    """`retake endpoints` with these arguments, at fal's cloud unless told otherwise."""

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        capsys.readouterr()
        where = () if "--connection" in arguments else ("--connection", "fal")
        try:
            code = cli.run(["endpoints", *map(str, arguments), *where])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


@pytest.fixture
def told(ask: Told) -> Callable[..., list[str]]:
    """The lines of a command that went well, each fit for a terminal."""

    def run(*arguments: object) -> list[str]:
        done = ask(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert max(map(len, lines)) <= 100
        assert [line for line in lines if line != line.rstrip()] == []
        return lines

    return run


def written(tmp_path: Path, body: Json) -> Path:
    path = tmp_path / "doc.json"
    path.write_text(json.dumps(body))
    return path


def failed(done: "subprocess.CompletedProcess[str]") -> str:
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


# -- the list ----------------------------------------------------------------------------------------------------------


def test_all_are_listed_by_kind_in_columns(told):
    lines = told()
    headings = [line for line in lines if line in ("Fill", "Vary", "Extend", "Generate", "Other")]
    assert headings == ["Fill", "Vary", "Extend", "Generate", "Other"]
    ids = {each.id for each in bundled()}
    rows = [line for line in lines if line.split() and line.split()[0] in ids]
    assert len(rows) == len(ids)
    assert {row.index("up to") for row in rows if "up to" in row} == {rows[0].index("up to")}
    assert {row.rindex("fal") for row in rows} == {rows[0].rindex("fal")}
    (row,) = [row for row in rows if row.startswith(f"{BUNDLED} ")]
    assert row.split() == [BUNDLED, "up", "to", "190", "s", "fal"]
    assert lines[lines.index(row) + 1] == "    Stable Audio 2.5: fill"


def test_the_list_for_programs(ask):
    found = {each["id"]: each for each in json.loads(ask("--json").stdout)}
    assert found.keys() == {each.id for each in bundled()}
    assert found[BUNDLED]["kind"] == "fill"
    assert found[BUNDLED]["limits"]["max_seconds"] == 190
    assert found[BUNDLED]["connection"] == "fal"


def test_an_id_longer_than_its_column_has_a_line_of_its_own(told, tmp_path):
    long = "studio/" + "very-long-" * 8 + "name"
    told("--add", written(tmp_path, document(long, hum())))
    lines = told()
    assert long in lines
    assert lines[lines.index(long) + 1].split() == ["up", "to", "47", "s", "fal"]


# -- one ---------------------------------------------------------------------------------------------------------------


def test_one_is_told_with_every_field(told):
    lines = told(BUNDLED)
    assert lines[0] == f"{BUNDLED}: Stable Audio 2.5: fill"
    assert "Fill · up to 190 s · price not known · at fal" in lines
    (mask,) = [line for line in lines if line.split()[:2] == ["mask_start", "number"]]
    assert mask.split()[2] == "[mask_start]"
    assert "0…190, integer, default 30" in mask
    assert lines[-1].startswith("Answers with: audio")


def test_a_document_is_read_and_not_kept(ask, told, tmp_path):
    nested: Json = {"type": "object", "properties": {"start": {"type": "number"}, "end": {"type": "number"}}}
    fields: dict[str, Json] = {
        "audio_url": {"type": "string", "description": "The <b>sound</b>."},
        "segment": nested,
        "mode": {"enum": ["a", "b"], "default": "b", "type": "string"},
        "size": {"type": "integer", "exclusiveMinimum": 0, "multipleOf": 8},
        "words": {"type": "string", "maxLength": 9},
        "parts": {"type": "array", "items": {"type": "number", "minimum": 1}, "maxItems": 3},
        "odd": {"$ref": "#/components/schemas/Nowhere"},
    }
    path = written(tmp_path, document(HUM, fields))
    found = json.loads(ask("--file", path, "--json").stdout)
    assert (found["id"], found["title"], found["kind"]) == (HUM, "Hum", "fill")
    assert found["roles"] == {"source": "audio_url", "mask_start": "segment.start", "mask_end": "segment.end"}
    by = {each["name"]: each for each in found["fields"]}
    assert list(by) == list(fields)
    assert by["audio_url"] == {
        "name": "audio_url",
        "path": "audio_url",
        "type": "file",
        "required": True,
        "role": "source",
        "description": "The <b>sound</b>.",
        "media": "audio",
    }
    assert [each["path"] for each in by["segment"]["fields"]] == ["segment.start", "segment.end"]
    assert by["segment"]["fields"][0]["role"] == "mask_start"
    assert (by["mode"]["choices"], by["mode"]["default"]) == (["a", "b"], "b")
    assert (by["size"]["exclusive_minimum"], by["size"]["multiple_of"], by["size"]["integer"]) == (0, 8, True)
    assert by["words"]["max_length"] == 9
    assert (by["parts"]["max_items"], by["parts"]["item"]["minimum"]) == (3, 1)
    assert by["odd"]["type"] == "json"
    assert any("Odd" in note for note in found["unreadable"])
    lines = told("--file", path)
    assert any(line.split()[:3] == ["segment.start", "number", "[mask_start]"] for line in lines)
    assert any("…3 entries" in line for line in lines)
    assert any("exclusive minimum 0, multiple of 8" in line for line in lines)
    assert "Could not be read:" in lines
    assert load_library().entries == ()


@pytest.mark.parametrize(
    ("body", "says"),
    [("{", "is not JSON"), ("[]", "OpenAPI"), ('{"endpoint_id": "a/b", "openapi": {"error": "gone"}}', "gone")],
)
def test_a_document_that_is_none_is_one_line(ask, tmp_path, body, says):
    path = tmp_path / "doc.json"
    path.write_text(body)
    assert says in failed(ask("--file", path))
    assert "could not be read" in failed(ask("--file", tmp_path / "none.json"))


# -- adding, refreshing, removing --------------------------------------------------------------------------------------


def test_added_listed_refreshed_and_removed(ask, told, host):
    lines = told("--add", host.address(HUM))
    assert lines[0] == f"{HUM}: Hum"
    assert "    Hum · added by you" in told()
    assert json.loads(ask(HUM, "--json").stdout)["kind"] == "fill"
    assert told("--refresh", HUM) == ["Hum has the same fields as before."]
    host.answers[HUM] = document(HUM, {**hum(), "tempo": {"type": "number"}})
    assert told("--refresh", HUM) == ["Hum has changed: 1 field is new (tempo)."]
    assert any(line.split()[:1] == ["tempo"] for line in told(HUM))
    assert told("--remove", HUM) == [f"{HUM} was removed."]
    assert "There is no endpoint studio/hum" in failed(ask(HUM))
    assert list(library_folder().iterdir()) == []


def test_a_bundled_one_is_put_back_and_stays_a_favourite(told, tmp_path):
    before = told(BUNDLED)
    store_entry(Entry(connection="fal", id=BUNDLED, favourite=True))
    told("--add", written(tmp_path, document(BUNDLED, hum())))
    assert "    Stable Audio 2.5: fill · changed by you · favourite" in told()
    assert told("--remove", BUNDLED) == [f"{BUNDLED} is as it came."]
    assert told(BUNDLED) == before
    assert load_library().entries == (Entry(connection="fal", id=BUNDLED, favourite=True),)


def test_what_is_added_is_asked_at_the_connection_that_was_told(told, tmp_path):
    told("--add", written(tmp_path, document(HUM, hum())), "--connection", "https://studio.example")
    (entry,) = load_library().entries
    assert entry.connection == "https://studio.example"
    assert not any(HUM in line for line in told())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--add", "nonsense"), "neither an endpoint's id"),
        (("--add", "http://127.0.0.1:1/doc.json"), "127.0.0.1"),
        (("--refresh", "no/such"), "no endpoint no/such"),
        (("--remove", "no/such"), "neither added nor changed"),
        (("--remove", BUNDLED), "neither added nor changed"),
        (("no/such",), "There is no endpoint no/such."),
    ],
)
def test_what_cannot_be_is_one_line(ask, arguments, says):
    assert says in failed(ask(*arguments))


def test_a_damaged_entry_is_told_beside_the_list(ask, told, tmp_path):
    told("--add", written(tmp_path, document(HUM, hum())))
    (library_folder() / "broken.json").write_text("{")
    done = ask()
    assert done.returncode == 0
    assert HUM in done.stdout
    assert "broken.json.damaged" in done.stderr
    assert ask().stderr == ""


@pytest.mark.parametrize("arguments", [("a/b", "--file", "x"), ("--add", "x", "--remove", "y")])
def test_one_thing_at_a_time(ask, arguments):
    done = ask(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: retake")
