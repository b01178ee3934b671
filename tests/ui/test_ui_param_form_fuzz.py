"""Whatever a document says, its panel can be built, gives values that its own fields accept, and goes away again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.endpoints.binding import check, defaults
from app.endpoints.catalogue import Endpoint, endpoint_from
from app.endpoints.fields import Json, Unset
from app.errors import SchemaError
from app.ui.param_form import ParamForm

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NAMES = st.sampled_from(
    [
        "prompt",
        "audio_url",
        "seed",
        "loras",
        "tags",
        "start",
        "end",
        "scale",
        "data_url",
        "audio_urls",
        "x y",
        "a.b",
        "ü",
    ]
)
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.just(0.1))
TEXTS = st.text(max_size=30)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def some(**words: st.SearchStrategy[Json]) -> st.SearchStrategy[dict[str, Json]]:
    return st.fixed_dictionaries({}, optional=words)


SAID = {"title": TEXTS, "description": TEXTS, "default": VALUES, "nullable": st.booleans(), "deprecated": st.booleans()}


def merged(kind: str, words: st.SearchStrategy[dict[str, Json]]) -> st.SearchStrategy[dict[str, Json]]:
    return words.map(lambda found: {"type": kind, **found})


LEAVES = st.one_of(
    merged(
        "string", some(**SAID, minLength=st.integers(0, 9), maxLength=st.integers(0, 300), examples=st.lists(TEXTS))
    ),
    merged(
        "number",
        some(**SAID, minimum=NUMBERS, maximum=NUMBERS, exclusiveMinimum=NUMBERS, multipleOf=NUMBERS, step=NUMBERS),
    ),
    merged("integer", some(**SAID, minimum=NUMBERS, maximum=NUMBERS, exclusiveMaximum=NUMBERS, multipleOf=NUMBERS)),
    merged("boolean", some(**SAID)),
    some(**SAID, enum=st.lists(st.one_of(TEXTS, st.integers(), st.booleans(), st.none()), min_size=1, max_size=16)),
    some(**SAID, const=VALUES),
    VALUES.filter(lambda value: isinstance(value, dict)),
    st.just({"type": "string", "_fal_ui_field": "archive", "max_file_size": 10}),
    st.just({"$ref": "#/components/schemas/Gone"}),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda item, words: {"type": "array", "items": item, **words},
            inner,
            some(**SAID, minItems=st.integers(0, 4), maxItems=st.integers(0, 4), uniqueItems=st.booleans()),
        ),
        st.builds(
            lambda inside, needed: {"type": "object", "properties": inside, "required": sorted(needed & inside.keys())},
            st.dictionaries(NAMES, inner, max_size=4),
            st.sets(NAMES),
        ),
        st.builds(lambda *each: {"anyOf": [*each]}, inner, st.just({"type": "null"})),
        st.builds(lambda *each: {"anyOf": [*each]}, inner, inner),
    ),
    max_leaves=8,
)


@st.composite
def endpoints(draw: st.DrawFn) -> Endpoint | None:
    properties = draw(st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=8))
    needed = draw(st.sets(st.sampled_from(sorted(properties))))
    schema = {"type": "object", "properties": properties, "required": sorted(needed)}
    body = {"content": {"application/json": {"schema": schema}}}
    document: Json = {
        "openapi": "3.0.4",
        "info": {"title": "A", "x-fal-metadata": {"endpointId": "a/b"}},
        "paths": {"/a/b": {"post": {"requestBody": body}}},
    }
    try:
        return endpoint_from(document, "fal")
    except SchemaError:
        return None


@pytest.fixture(scope="module")
def form(qapp) -> ParamForm:
    form = ParamForm()
    form.resize(330, 500)
    form.show()
    return form


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(found=endpoints(), data=st.data())
def test_every_document_has_a_panel_whose_values_hold(form, found, data):
    if found is None:
        return
    form.set_endpoint(found)
    refused = {error.field: error for error in check(found, form.values())}
    needy = {each.name for each in found.fields if each.required and isinstance(each.default, Unset)}
    assert refused.keys() <= needy, refused
    form.errors()
    form.show_errors(list(refused.values()))
    form.set_advanced_open(True)
    # A project's values come back as they were, even where the panel could not have made them.
    once = {**defaults(found), **form.values()}
    form.set_endpoint(found, once, form.attachments())
    first = form.values()
    form.set_endpoint(found, first)
    assert form.values() == first
    strange = {each.name: data.draw(VALUES) for each in found.fields}
    form.set_endpoint(found, strange)
    form.values()
    form.errors()
