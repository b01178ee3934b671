"""The endpoints' documents: the hosted queue's structure, and the roles stated outright."""

import jsonschema
import pytest

from app.engine.documents import document
from app.engine.endpoints import INPAINT, SLEEP, InpaintInput

ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def doc():
    return document(INPAINT, ORIGIN)


def test_four_paths_with_the_whole_id(doc):
    base = "/retake/inpaint/requests/{request_id}"
    assert {(path, method) for path, item in doc["paths"].items() for method in item} == {
        ("/retake/inpaint", "post"),
        (base, "get"),
        (f"{base}/status", "get"),
        (f"{base}/cancel", "put"),
    }


def test_components_are_found_by_reference(doc):
    schemas = doc["components"]["schemas"]
    post = doc["paths"]["/retake/inpaint"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    get = doc["paths"]["/retake/inpaint/requests/{request_id}"]["get"]["responses"]["200"]["content"]
    assert post == "#/components/schemas/InpaintInput"
    assert get["application/json"]["schema"]["$ref"] == "#/components/schemas/InpaintOutput"
    assert set(schemas) == {"QueueStatus", "InpaintInput", "InpaintOutput", "File"}
    assert schemas["InpaintOutput"]["properties"]["audio"]["$ref"] == "#/components/schemas/File"
    assert schemas["File"]["required"] == ["url"]
    assert schemas["File"]["properties"]["file_size"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert "TestSleepInput" in document(SLEEP, ORIGIN)["components"]["schemas"]


def test_fields_carry_their_limits_defaults_and_order(doc):
    schema = doc["components"]["schemas"]["InpaintInput"]
    fields = schema["properties"]
    assert schema["x-fal-order-properties"] == list(InpaintInput.model_fields)
    assert schema["required"] == ["audio_url", "mask_start_seconds", "mask_end_seconds"]
    assert fields["mask_start_seconds"]["minimum"] == 0
    assert fields["method"] == {
        **fields["method"],
        "type": "string",
        "enum": ["auto", "repair", "fill", "texture"],
        "default": "auto",
    }
    assert (fields["variety"]["minimum"], fields["variety"]["maximum"], fields["variety"]["default"]) == (0, 1, 0.5)
    assert [each["type"] for each in fields["seed"]["anyOf"]] == ["integer", "null"]
    assert fields["output_format"]["enum"] == ["wav", "flac", "mp3", "ogg"]
    assert "prompt" not in fields
    assert all(each["description"] for each in fields.values())


def test_the_schema_accepts_what_it_shows_and_no_more(doc):
    schema = {**doc["components"]["schemas"]["InpaintInput"], "components": doc["components"]}
    good = {"audio_url": "x", "mask_start_seconds": 4, "mask_end_seconds": 8, "seed": None}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(good, schema)
    for bad in ({"variety": 2}, {"method": "magic"}, {"seed": -1}, {"mask_start_seconds": "soon"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(good | bad, schema)


def test_roles_are_stated_and_name_real_fields(doc):
    stated = doc["x-retake"]
    assert stated["roles"]["source"] == "audio_url"
    assert stated["roles"]["mask_end"] == "mask_end_seconds"
    assert set(stated["roles"].values()) <= set(InpaintInput.model_fields)
    assert stated["price"] == 0
    assert stated["limits"] == {"max_seconds": 3600.0, "prefer_seconds": 300.0, "min_context_seconds": 0.25}


def test_the_list_of_models(make_config, serving):
    client = serving(make_config())
    client.headers = {"Authorization": "Key secret"}
    page = client.get("/v1/models", params={"expand": "openapi-3.0"}).json()
    assert (page["has_more"], page["next_cursor"]) == (False, None)
    assert [each["endpoint_id"] for each in page["models"]] == ["retake/inpaint", "retake/vary", "retake/extend"]
    entry = page["models"][0]
    assert entry["openapi"] == document(INPAINT, str(client.base_url))
    assert entry["metadata"]["category"] == "audio-to-audio"
    assert entry["metadata"]["status"] == "active"
    plain = client.get("/v1/models", params={"endpoint_id": "retake/inpaint"}).json()["models"]
    assert "openapi" not in plain[0]
    assert client.get("/v1/models", params={"endpoint_id": "no/such"}).json()["models"] == []


def test_one_document_by_its_id(make_config, serving):
    client = serving(make_config())
    path = "/api/openapi/queue/openapi.json"
    assert client.get(path, params={"endpoint_id": "retake/inpaint"}).json() == document(INPAINT, str(client.base_url))
    unknown = client.get(path, params={"endpoint_id": "retake/test-sleep"})
    assert (unknown.status_code, unknown.json()) == (404, None)
