"""Writes resources/endpoints: an OpenAPI document for every endpoint of endpoint_facts.py.

    python packaging/write_documents.py           writes them, and takes away what is no longer in the tables
    python packaging/write_documents.py --check   only says whether they are what it would write; ends with 1 if not

The documents are built as the host builds its own: input and output are found through the paths, by reference.
"""

import json
import re
import sys
from pathlib import Path

from endpoint_facts import ENDPOINTS, Facts
from field_schemas import Json, or_null, text, whole

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "endpoints"
WIDTH = 118
_FILE = {
    "url": text("Address of the file."),
    "content_type": or_null(text("Media type.")),
    "file_name": or_null(text("Name given by the host.")),
    "file_size": or_null(whole("Size in bytes.")),
}


def document(facts: Facts) -> Json:
    """The OpenAPI document of one endpoint; what only Retake reads stands under x-retake."""
    name = "".join(word[:1].upper() + word[1:] for word in re.split(r"[/.-]", facts.id.split("/", 1)[1]))
    profile: Json = {"limits": facts.limits} if facts.limits else {}
    if facts.price is not None:
        profile["price"] = facts.price
    return {
        "openapi": "3.0.4",
        "info": {
            "title": facts.title,
            "version": "1.0.0",
            "description": facts.about,
            "x-fal-metadata": {"endpointId": facts.id, "category": facts.category},
        },
        **({"x-retake": profile} if profile else {}),
        "paths": {
            f"/{facts.id}": {
                "post": {
                    "requestBody": {"required": True, **_content(f"{name}Input")},
                    "responses": {"200": {"description": "Queued."}},
                }
            },
            f"/{facts.id}/requests/{{request_id}}": {
                "get": {
                    "parameters": [
                        {"name": "request_id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": {"description": "The result.", **_content(f"{name}Output")}},
                }
            },
        },
        "components": {
            "schemas": {
                f"{name}Input": _object(facts.inputs, facts.required),
                f"{name}Output": _object(facts.outputs, tuple(facts.outputs)),
                "File": _object(_FILE, ("url",)),
            }
        },
    }


def _content(component: str) -> Json:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{component}"}}}}


def _object(properties: dict[str, Json], required: tuple[str, ...]) -> Json:
    return {
        "type": "object",
        "x-fal-order-properties": list(properties),
        "required": list(required),
        "properties": properties,
    }


def laid_out(value: object, indent: int = 0, before: int = 0) -> str:
    """JSON that is broken only where a line would get too long: mostly a line for each field."""
    whole_line = json.dumps(value, ensure_ascii=False)
    if indent + before + len(whole_line) < WIDTH or not isinstance(value, dict | list):
        return whole_line
    inner = " " * (indent + 1)
    if isinstance(value, list):
        parts = [inner + laid_out(each, indent + 1) for each in value]
    else:
        names = [json.dumps(name, ensure_ascii=False) + ": " for name in value]
        parts = [
            inner + name + laid_out(each, indent + 1, len(name))
            for name, each in zip(names, value.values(), strict=True)
        ]
    left, right = "[]" if isinstance(value, list) else "{}"
    return f"{left}\n" + ",\n".join(parts) + f"\n{' ' * indent}{right}"


def main(arguments: list[str]) -> int:
    """Write, or with --check only compare."""
    wanted = {f"{each.id.replace('/', '__')}.json": laid_out(document(each)) + "\n" for each in ENDPOINTS}
    there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    if arguments == ["--check"]:
        wrong = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        print(f"{len(wanted)} documents; not as written: {', '.join(wrong) or 'none'}")
        return 1 if wrong else 0
    if arguments:
        print(__doc__)
        return 2
    for name in there.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_text(content, "utf-8", newline="\n")
    print(f"{len(wanted)} documents written to {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
