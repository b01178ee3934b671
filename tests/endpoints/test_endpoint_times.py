"""Frames told in a field's units and back are the same frames: rounding never costs a step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.fields import NumberField
from app.endpoints.times import TimeUnit

FIELDS = (
    NumberField(name="mask_start", integer=True),
    NumberField(name="start_ms", integer=True),
    NumberField(name="start", multiple_of=0.1),
    NumberField(name="start", integer=True, multiple_of=5),
)


@given(st.sampled_from(FIELDS), st.sampled_from((8000, 22050, 44100, 48000, 96000)), st.integers(0, 10**5))
def test_what_can_be_told_comes_back(field, rate, steps):
    unit = TimeUnit.of(field)
    value = round(steps * unit.step, 9)
    frames = unit.frames(value, rate)
    assert unit.down(frames, rate) == pytest.approx(value, abs=1e-9)
    assert unit.up(frames, rate) == pytest.approx(value, abs=1e-9)


@given(st.sampled_from(FIELDS), st.sampled_from((8000, 22050, 44100, 96000)), st.integers(0, 10**8))
def test_rounding_goes_outwards(field, rate, frames):
    unit = TimeUnit.of(field)
    assert unit.frames(unit.down(frames, rate), rate) <= frames <= unit.frames(unit.up(frames, rate), rate)
    assert type(unit.up(frames, rate)) is int or not field.integer


def test_units_and_ends():
    assert TimeUnit.of(NumberField(name="length_ms", minimum=3000, maximum=60000)) == TimeUnit(1000, 0, 3, 60)
    assert TimeUnit.of(NumberField(name="length", description="Length in milliseconds.")).per_second == 1000
    assert TimeUnit.of(NumberField(name="items", minimum=-5)) == TimeUnit(1, 0, 0, None)
    assert TimeUnit.of(NumberField(name="s", integer=True, maximum=9)).step_seconds == 1
