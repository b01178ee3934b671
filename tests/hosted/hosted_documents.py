"""The hosted endpoints as the double knows them: every bundled document, and a judge of what is posted to each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from app.endpoints.catalogue import Endpoint, endpoint_from
from app.engine.problems import Detail
from app.paths import resources

_PLAIN = ("default", "example", "examples", "enum", "const", "required")


@dataclass(frozen=True)
class Known:
    """An endpoint, and the two judges that its document gives: of an input, and of a result."""

    endpoint: Endpoint
    input: Draft202012Validator
    output: Draft202012Validator

    @property
    def id(self) -> str:
        """The whole id."""
        return self.endpoint.id

    @property
    def app(self) -> str:
        """Owner and alias."""
        return "/".join(self.id.split("/")[:2])

    def complaints(self, body: object) -> Iterator[Detail]:
        """What is wrong with an input, as its host would tell it."""
        for error in self.input.iter_errors(body):
            yield Detail(loc=("body", *error.absolute_path), msg=error.message, type=str(error.validator))


def known() -> dict[str, Known]:
    """Every bundled endpoint, by its id."""
    documents = [json.loads(path.read_text("utf-8")) for path in sorted((resources() / "endpoints").glob("*.json"))]
    return {each.id: each for each in map(_read, documents)}


def _read(document: Any) -> Known:
    endpoint = endpoint_from(document, "fal")
    paths = document["paths"]
    asked = paths[f"/{endpoint.id}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    given = paths[f"/{endpoint.id}/requests/{{request_id}}"]["get"]["responses"]["200"]["content"]
    return Known(endpoint, judge(document, asked), judge(document, given["application/json"]["schema"]))


def judge(document: Any, schema: Any) -> Draft202012Validator:
    """A validator for a schema of a document; unlike the host it takes no name that it does not know."""
    whole = {**_modern(schema), "components": {"schemas": _each(document["components"]["schemas"])}}
    Draft202012Validator.check_schema(whole)
    return Draft202012Validator(whole)


def _each(schemas: Any) -> dict[str, Any]:
    return {name: _modern(schema) for name, schema in schemas.items()}


def _modern(schema: Any) -> Any:
    """A schema in the words of 2020-12: `nullable` and limits exclusive by true are OpenAPI 3.0's."""
    if isinstance(schema, list):
        return [_modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: value if key in _PLAIN else _modern(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        told["properties"] = _each(schema["properties"])
        told.setdefault("additionalProperties", False)
    for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if told.get(word) is True:
            told[word] = told.pop(limit)
        elif told.get(word) is False:
            del told[word]
    if told.pop("nullable", False) is True:
        return {"anyOf": [told, {"type": "null"}]}
    return told
