"""Compares the bundled endpoint documents, field by field, with the hosts' own records in a folder given as argument.

    python tests/benchmarks/check_documents.py FOLDER

Names, order, kinds, limits, defaults, choices, required and null must agree; words must not: a description that equals
the record's is reported too. Ends with 1 where anything differs.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.endpoints.catalogue import endpoint_from
from app.endpoints.fields import Field
from app.endpoints.schema import Document, read_document
from app.errors import SchemaError
from app.paths import resources

_WORDS = {"title", "description", "examples", "media", "multiline", "reason", "schema"}


def facts(each: Field) -> dict[str, object]:
    """Everything of a field that is no wording."""
    found = {name: getattr(each, name) for name in each.__dataclass_fields__ if name not in _WORDS}
    for name, value in found.items():
        if isinstance(value, Field):
            found[name] = facts(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Field):
            found[name] = [facts(one) for one in value]
    return {"kind": type(each).__name__, **found}


def differences(ours: Sequence[Field], theirs: Sequence[Field], where: str) -> Iterator[str]:
    if (mine := [each.name for each in ours]) != (other := [each.name for each in theirs]):
        yield f"{where}: order is {mine}, the record has {other}"
    known = {each.name: each for each in theirs}
    for each in ours:
        record = known.get(each.name)
        if record is None:
            continue
        mine, other = facts(each), facts(record)
        for name in mine.keys() | other.keys():
            if repr(mine.get(name)) != repr(other.get(name)) and mine.get(name) != other.get(name):
                yield f"{where}.{each.name}: {name} is {mine.get(name)!r}, the record has {other.get(name)!r}"
        if each.description and each.description.strip(". ") == record.description.strip(". "):
            yield f"{where}.{each.name}: its description is the record's own"


def compare(ours: Document, theirs: Document) -> list[str]:
    return [*differences(ours.fields, theirs.fields, "input"), *differences(ours.outputs, theirs.outputs, "output")]


def main(folder: Path) -> int:
    records: dict[str, Document] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            record = read_document(json.loads(path.read_text("utf-8")))
        except SchemaError as error:
            print(f"record    {path.name}: {error}")
            continue
        records[record.endpoint] = record
        offered = endpoint_from(json.loads(path.read_text("utf-8")), "fal")
        roles = " ".join(f"{role.value}={where}" for role, where in offered.roles.items())
        print(f"record    {record.endpoint}: {len(record.fields)} fields, {offered.kind.value}; {roles}")
    wrong = 0
    for path in sorted((resources() / "endpoints").glob("*.json")):
        ours = read_document(json.loads(path.read_text("utf-8")))
        theirs = records.get(ours.endpoint)
        if theirs is None:
            print(f"bundled   {ours.endpoint}: {len(ours.fields)} fields, no record to compare with")
            continue
        found = compare(ours, theirs)
        wrong += len(found)
        print(f"bundled   {ours.endpoint}: {len(ours.fields)} + {len(ours.outputs)} fields, {len(found)} differences")
        for each in found:
            print(f"          {each}")
        stated = endpoint_from(json.loads(path.read_text("utf-8")), "fal")
        bare = endpoint_from({**json.loads(path.read_text("utf-8")), "x-retake": None}, "fal")
        if stated.roles != bare.roles:
            print(f"          roles differ from those the table finds: {bare.roles}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Give the folder with the records.")
    sys.exit(main(Path(sys.argv[1])))
