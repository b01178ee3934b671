"""One prompt, several takes: what `{a|b}` becomes, and what stays as it was typed."""

import random
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import Json
from app.endpoints.wildcards import alternatives, expand, expanded, longest, variants, wild_paths


def rng(seed: int = 1) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a {kick|snare} alone", ["a kick alone", "a snare alone"]),
        ("{a|b} and {x|y}", ["a and x", "a and y", "b and x", "b and y"]),
        ("{a|{b|c} d|e}", ["a", "b d", "c d", "e"]),
        ("loud{| and far|, near}", ["loud", "loud and far", "loud, near"]),
        ("{|}!", ["!", "!"]),
        ("{see {a|b}}", ["{see a}", "{see b}"]),
        ("{a\n|b}", ["a\n", "b"]),
        ("{äh|🥁}", ["äh", "🥁"]),
    ],
)
def test_every_alternative_in_the_order_in_which_it_is_written(text: str, texts: list[str]) -> None:
    assert alternatives(text) == len(texts)
    assert list(expand(text, len(texts), rng())) == texts
    assert list(expand(text, 2 * len(texts), rng())) == texts * 2


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("nothing to choose", "nothing to choose"),
        ("", ""),
        ("{word}", "{word}"),
        ("{}", "{}"),
        ("a|b", "a|b"),
        ("a|b}", "a|b}"),
        ("{a|b", "{a|b"),
        ("}{", "}{"),
        (r"\{a\|b\}", "{a|b}"),
        (r"\{a|b}", "{a|b}"),
        (r"{a\|b}", "{a|b}"),
        (r"C:\new\table \\ 100 %", r"C:\new\table \\ 100 %"),
        ('{"key": [1, 2]}', '{"key": [1, 2]}'),
        ("back\\", "back\\"),
    ],
)
def test_what_is_no_wildcard_stays_text(text: str, plain: str) -> None:
    assert alternatives(text) == 1
    assert expand(text, 2, rng()) == (plain, plain)


def test_an_open_brace_does_not_swallow_the_wildcard_after_it() -> None:
    assert expand("{lost|{a|b} c", 2, rng()) == ("{lost|a c", "{lost|b c")


def test_an_escaped_bar_belongs_to_its_alternative() -> None:
    assert expand(r"{a\|b|c\}}", 2, rng()) == ("a|b", "c}")


def test_fewer_takes_than_variants_repeat_nothing_and_keep_the_order() -> None:
    heard: set[str] = set()
    for seed in range(40):
        two = expand("{a|b|c|d}", 2, rng(seed))
        assert two == tuple(sorted(set(two))), "two that differ, in the written order"
        heard |= set(two)
    assert heard == {"a", "b", "c", "d"}, "which ones is drawn"


def test_the_takes_of_one_press_use_as_many_words_as_they_can() -> None:
    for seed in range(40):
        three = expand("{a|b|c} {x|y|z}", 3, rng(seed))
        assert {each[0] for each in three} == {"a", "b", "c"}
        assert {each[2] for each in three} == {"x", "y", "z"}


def test_the_same_seed_gives_the_same_words() -> None:
    text = "{a|b|c|d|e|f|g} {1|2|3|4|5}"
    assert expand(text, 9, rng(7)) == expand(text, 9, rng(7))
    assert len({expand(text, 9, rng(seed)) for seed in range(9)}) > 1


def test_ten_thousand_wildcards_or_braces_take_no_time_and_no_recursion() -> None:
    began = time.perf_counter()
    assert alternatives("{a|b}" * 10_000) == 2**10_000
    assert len(set(expand("{a|b}" * 10_000, 5, rng()))) == 5
    deep = "".join(f"{{{number}|" for number in range(10_000)) + "b" + "}" * 10_000
    assert alternatives(deep) == 10_001
    assert len(set(expand(deep, 5, rng()))) == 5
    assert expand("{" * 10_000, 1, rng()) == ("{" * 10_000,)
    assert time.perf_counter() - began < 5


pieces = st.recursive(
    st.text(st.sampled_from("ab {}|\\"), max_size=6),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: "{" + "|".join(parts) + "}"),
    max_leaves=8,
)


@given(st.lists(pieces, max_size=4).map("".join), st.integers(1, 9), st.integers(0, 99))
def test_whatever_is_typed_has_a_reading(text: str, takes: int, seed: int) -> None:
    texts = expand(text, takes, rng(seed))
    every = alternatives(text)
    assert len(texts) == takes
    if every <= 200:
        assert longest(text) == max(map(len, expand(text, every, rng())))
    if takes >= every:
        assert texts[:every] == expand(text, every, rng()), "a whole round needs no luck"


@given(st.text(st.sampled_from("ab{}|\\ "), max_size=30))
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    if re.search(r"\\(?=[{|}])", text):
        return  # a backslash before a brace cannot be written: it is the escape itself
    assert expand(re.sub(r"([{|}])", r"\\\1", text), 1, rng()) == (text,)


# -- a panel's values --------------------------------------------------------------------------------------------------


def test_prompt_and_negative_prompt_are_spread_together() -> None:
    values: dict[str, Json] = {"prompt": "{a|b}", "negative_prompt": "{x|y}", "steps": 8, "lyrics": "{la|lo}"}
    found = expanded(values, ("prompt", "negative_prompt"), 4, rng())
    assert [(each["prompt"], each["negative_prompt"]) for each in found] == [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("b", "y"),
    ]
    assert all(each["steps"] == 8 and each["lyrics"] == "{la|lo}" for each in found)
    assert values["prompt"] == "{a|b}", "what was typed stays typed"
    assert variants(values, ("prompt", "negative_prompt")) == 4


def test_lists_and_nested_fields_are_expanded_in_place() -> None:
    values: dict[str, Json] = {"tags": ["rock", "{|jazz}", ""], "input": {"prompt": "{a|b}", "n": 1}}
    found = expanded(values, ("input.prompt", "tags"), 4, rng())
    assert found[0] == {"tags": ["rock", ""], "input": {"prompt": "a", "n": 1}}
    assert found[3] == {"tags": ["rock", "jazz", ""], "input": {"prompt": "b", "n": 1}}


@pytest.mark.parametrize("value", [None, 3, True, {"a": "{b|c}"}, []])
def test_what_is_no_text_is_left_alone(value: Json) -> None:
    assert expanded({"prompt": value}, ("prompt", "missing"), 2, rng()) == ({"prompt": value}, {"prompt": value})


def test_only_prompts_and_tags_have_wildcards(make_endpoint: Callable[..., Endpoint]) -> None:
    text: dict[str, Json] = {"type": "string"}
    names = ("prompt", "negative_prompt", "lyrics", "tags", "note")
    found = make_endpoint({"audio_url": text, **dict.fromkeys(names, text)})
    assert wild_paths(found) == ("prompt", "tags", "negative_prompt")
