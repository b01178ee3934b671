"""Limits and defaults in few words, as they stand beside a label."""

import pytest

from app.endpoints.fields import ArrayField, BooleanField, ChoiceField, FileField, NumberField, TextField
from app.ui.field_words import facts, media_words, number_words, size_words

WORDS = [
    (NumberField(name="a", minimum=1, maximum=100, default=8, integer=True), "1–100, default 8"),
    (NumberField(name="a", minimum=-100, maximum=100), "−100 to 100"),
    (NumberField(name="a", minimum=0.5), "at least 0.5"),
    (NumberField(name="a", maximum=2**31 - 1), ""),
    (NumberField(name="a", exclusive_minimum=0, exclusive_maximum=1), "above 0, below 1"),
    (NumberField(name="a", multiple_of=8, integer=True, default=16), "multiples of 8, default 16"),
    (NumberField(name="a", default=0.0001), "default 0.0001"),
    (NumberField(name="a", nullable=True, default=None), ""),
    (TextField(name="a", min_length=10, max_length=2000), "10–2000 characters"),
    (TextField(name="a", max_length=8, default=""), "up to 8 characters"),
    (TextField(name="a", default="a sentence that is far too long for a line"), ""),
    (BooleanField(name="a", default=False), "default no"),
    (ChoiceField(name="a", choices=("x", "y"), default="y", deprecated=True), "default y, deprecated"),
    (ArrayField(name="a", item=TextField(name="i"), min_items=2, max_items=2), "exactly 2 entries"),
    (FileField(name="a", max_bytes=50_000_000, min_seconds=2, max_seconds=30), "2–30 s, up to 50.0 MB"),
]


@pytest.mark.parametrize(("field", "words"), WORDS)
def test_limits_and_default_in_one_line(field, words):
    assert facts(field) == words


def test_numbers_and_sizes_as_people_write_them():
    assert [number_words(each) for each in (1.0, -0.25, 1e20, 44100)] == ["1", "−0.25", "1e+20", "44100"]
    assert [size_words(each) for each in (12, 3400, 2.5e9)] == ["12 bytes", "3.4 kB", "2.5 GB"]


@pytest.mark.parametrize("media", ["audio", "archive", "image", "video", "weights", "data", "file", "new"])
def test_every_kind_of_file_has_a_name(media):
    words, patterns = media_words(media)
    assert words
    assert all(each.startswith("*.") for each in patterns.split())
