"""What was asked comes back exactly, and foreign text is refused as such."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.endpoints.request import Kind, Request, Seam
from app.files.records import (
    BadRecord,
    facts_from_json,
    facts_to_json,
    request_from_json,
    request_to_json,
    values_from_json,
    values_to_json,
)
from app.sound.region import Region
from app.takes.take import RunFacts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
regions = st.tuples(st.integers(-(2**40), 2**40), st.integers(0, 2**40)).map(lambda p: Region(p[0], p[0] + p[1]))
requests = st.builds(
    Request,
    endpoint=st.text(),
    connection=st.text(),
    kind=st.sampled_from(Kind),
    params=st.dictionaries(st.text(), json_values, max_size=4),
    mask=regions,
    excerpt=regions,
    rate=st.integers(1, 192_000),
    source_field=st.none() | st.text(),
    base=st.none() | st.text(),
    seam=st.builds(Seam, st.floats(0, 500), st.floats(0, 500)),
    seed=st.none() | st.integers(),
    prompt=st.text(st.characters()),
    price=st.none() | st.floats(0, 1000),
)


def _typed(value: object) -> object:
    """A value with its types, for 3 == 3.0 and True == 1."""
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return type(value), value


@settings(max_examples=150, deadline=None)
@given(requests)
def test_a_request_comes_back_exactly(request: Request) -> None:
    again = request_from_json(request_to_json(request))
    assert again == request
    assert _typed(dict(again.params)) == _typed(dict(request.params))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_values_come_back_exactly(values: dict) -> None:
    assert _typed(values_from_json(values_to_json(values))) == _typed(values)


def test_facts_come_back_and_a_bad_number_costs_only_itself() -> None:
    facts = RunFacts("fal", "id", 7, 1.5, 0.25, 12.0, -1.5, 0.9, ("a", "b"))
    assert facts_from_json(facts_to_json(facts)) == facts
    assert facts_from_json(facts_to_json(RunFacts(delay_ms=math.nan, elapsed=math.inf, seed=3))) == RunFacts(seed=3)


GOOD = Request(
    endpoint="e", connection="c", kind=Kind.FILL, params={}, mask=Region(-3, 5), excerpt=Region(0, 9), rate=48000
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("48000", '"48000"'),
        ("48000", "0"),
        ("-3", "1e999"),
        ("-3", "6"),
        ('"fill"', '"explode"'),
        ('"seed":null', '"seed":1.5'),
        ('"endpoint":"e"', '"endpoint":"e","extra":1'),
        ("}", ""),
    ],
)
def test_a_changed_record_is_refused(old: str, new: str) -> None:
    text = request_to_json(GOOD)
    assert old in text
    with pytest.raises(BadRecord):
        request_from_json(text.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "[" * 100_000, " " * (1 << 25), '{"params":NaN}'])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(BadRecord):
        request_from_json(text)
    with pytest.raises(BadRecord):
        values_from_json(text)
