"""Compares the bundled documents with the hosts' own records: python tests/benchmarks/check_documents.py FOLDER

Field by field, on the documents as they stand, not as the app reads them: names, types, limits, defaults, order,
required, choices and null must agree; words must not: a description that equals the record's is reported too. Then
every record goes through the reader and the panel: what a fresh panel holds must be what may be asked. Ends with 1
where anything differs or fails.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication

from app.endpoints.binding import check, defaults, editable
from app.endpoints.catalogue import Endpoint, endpoint_from
from app.endpoints.fields import JsonField, Unset
from app.endpoints.roles import walk
from app.errors import SchemaError
from app.paths import resources
from app.ui.param_form import ParamForm

Schema = dict[str, object]
WORDS = {"title", "description", "examples", "example"}
RESULT = "/requests/{request_id}"


def components(document: Schema, endpoint: str) -> Iterator[tuple[str, Schema]]:
    """The schemas of what is posted and of what is answered."""
    paths = document["paths"]
    posted = paths[f"/{endpoint}"]["post"]["requestBody"]
    answered = paths[f"/{endpoint}{RESULT}"]["get"]["responses"]["200"]
    for where, each in (("input", posted), ("output", answered)):
        yield where, resolved(document, each["content"]["application/json"]["schema"])


def resolved(document: Schema, schema: Schema) -> Schema:
    """What a reference points to, with what stands beside it."""
    if "$ref" not in schema:
        return schema
    found = document
    for step in str(schema["$ref"]).removeprefix("#/").split("/"):
        found = found[step]
    return {**found, **{name: each for name, each in schema.items() if name != "$ref"}}


def facts(document: Schema, schema: object) -> object:
    """A schema without words, references resolved; the order of `required` and of branches says nothing."""
    if not isinstance(schema, dict):
        return schema
    plain = resolved(document, schema)
    kept: Schema = {}
    for name, each in plain.items():
        if name == "properties":
            kept[name] = {key: facts(document, one) for key, one in each.items()}
        elif name == "items":
            kept[name] = facts(document, each)
        elif name in ("anyOf", "oneOf", "allOf"):
            kept[name] = sorted((facts(document, one) for one in each), key=lambda one: json.dumps(one, sort_keys=True))
        elif name == "required":
            kept[name] = sorted(each)
        elif name not in WORDS:
            kept[name] = each
    return kept


def differences(ours: Schema, theirs: Schema, endpoint: str) -> tuple[int, list[str]]:
    """How many fields were compared, and each fact of them that differs."""
    found: list[str] = []
    compared = 0
    other = dict(components(theirs, endpoint))
    for where, mine in components(ours, endpoint):
        record = other[where]
        told, known = facts(ours, mine), facts(theirs, record)
        for name in ("x-fal-order-properties", "required", "type"):
            if told.get(name) != known.get(name):
                found.append(f"{where}: {name} is {told.get(name)}, the record has {known.get(name)}")
        for name in sorted(told["properties"].keys() | known["properties"].keys()):
            compared += 1
            one, two = told["properties"].get(name), known["properties"].get(name)
            if json.dumps(one, sort_keys=True) != json.dumps(two, sort_keys=True):
                found.append(f"{where}.{name}: is {one}, the record has {two}")
            words = [str(each["properties"].get(name, {}).get("description", "")) for each in (mine, record)]
            if words[0] and words[0].strip(". ").lower() == words[1].strip(". ").lower():
                found.append(f"{where}.{name}: its description is the record's own")
    return compared, found


def panel(endpoint: Endpoint) -> list[str]:
    """What is wrong with a fresh panel: a field without its row, or a value that may not be asked."""
    form = ParamForm()
    form.set_endpoint(endpoint)
    rows = {row.field.name for row in form.rows()}
    missing = {each.name for each in editable(endpoint).all()} - rows
    wrong = [f"no row for {name}" for name in sorted(missing)]
    asked = {each.name for each in endpoint.fields if each.required and isinstance(each.default, Unset)}
    for errors in (form.errors(), check(endpoint, form.values()), check(endpoint, defaults(endpoint))):
        wrong += [str(each) for each in errors if each.field not in asked]
    form.deleteLater()
    return wrong


def read(name: str, document: object) -> tuple[Endpoint | None, list[str]]:
    """One record through the reader and the panel, told in a line."""
    try:
        found = endpoint_from(document, "fal")
    except SchemaError as error:
        print(f"record   {name}: refused: {error}")
        return None, []
    wrong = panel(found)
    free = [path for path, each in walk(found.fields) if isinstance(each, JsonField)]
    roles = " ".join(f"{role.value}={path}" for role, path in found.roles.items())
    limits = ", ".join(f"{each} {value:g}" for each in found.limits.__slots__ if (value := getattr(found.limits, each)))
    print(
        f"record   {found.id}: {found.kind.value}; {len(found.fields)} fields, {len(found.outputs)} results"
        f"{f', as JSON: {free}' if free else ''}; panel {'fits' if not wrong else 'WRONG'}"
    )
    print(f"         {', '.join(each.name for each in found.fields)}")
    print(f"         {roles}{f'; {limits}' if limits else ''}")
    for each in (*wrong, *found.notes):
        print(f"         ! {each}")
    return found, wrong


def main(folder: Path) -> int:
    """Every record read, then every bundled document compared."""
    app = QApplication.instance() or QApplication([])
    records: dict[str, Schema] = {}
    failed = 0
    paths = sorted(folder.glob("*.json"))
    for path in paths:
        document = json.loads(path.read_text("utf-8"))
        found, wrong = read(path.stem, document)
        failed += len(wrong)
        if found is not None:
            records[found.id] = document.get("openapi", document)
    differing = compared = alone = 0
    bundled = sorted((resources() / "endpoints").glob("*.json"))
    for path in bundled:
        ours = json.loads(path.read_text("utf-8"))
        endpoint = endpoint_from(ours, "fal")
        wrong = panel(endpoint)
        failed += len(wrong)
        for each in wrong:
            print(f"bundled  {endpoint.id}: panel: {each}")
        if endpoint.id not in records:
            alone += 1
            print(f"bundled  {endpoint.id}: no record to compare with")
            continue
        fields, found = differences(ours, records[endpoint.id], endpoint.id)
        compared += fields
        differing += len(found)
        print(f"bundled  {endpoint.id}: {fields} fields, {len(found)} differences")
        for each in found:
            print(f"         {each}")
    print(f"{len(paths)} records, {len(records)} of them read; {failed} failures in panels")
    print(f"{len(bundled)} bundled documents, {alone} without a record; {compared} fields, {differing} differences")
    app.processEvents()
    return 1 if differing or failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Give the folder with the records.")
    sys.exit(main(Path(sys.argv[1])))
