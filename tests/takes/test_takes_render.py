"""Renderings against plain arrays: the same frames, the same samples, nothing copied."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.endpoints.request import Kind, Request
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.render import Rendering, Segment, original, render, replaced
from app.takes.take import RunFacts, Take, TakeId


def numbers(length: int, channels: int = 1, first: int = 0) -> Clip:
    """Every sample differs from every other, so that a frame out of place is seen."""
    samples = np.arange(first, first + length * channels, dtype=np.int32).reshape(length, channels)
    return Clip(samples << 8, 44100, 24)


def take_of(number: int, parent: TakeId | None, region: Region, patch: Clip) -> Take:
    request = Request(
        endpoint="retake/inpaint",
        connection="local",
        kind=Kind.FILL,
        params={},
        mask=region,
        excerpt=region,
        rate=patch.rate,
    )
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Take(TakeId(f"t{number}"), number, parent, request, region, patch, RunFacts(), when)


def samples_of(rendering: Rendering) -> np.ndarray:
    """The samples as they would be written, in their own type."""
    parts = rendering.parts(0, rendering.length)
    return np.concatenate([part.clip.samples[part.start : part.end] for part in parts])


def test_the_original_is_the_source_itself() -> None:
    source = numbers(100, 2)
    rendering = original(source)
    assert (rendering.length, rendering.channels, rendering.rate) == (100, 2, 44100)
    assert rendering.duration == pytest.approx(100 / 44100)
    (part,) = rendering.parts(0, 100)
    assert part.clip is source
    assert np.array_equal(rendering.read(), source.read())


def test_a_patch_replaces_its_region_and_nothing_else() -> None:
    source, patch = numbers(100), numbers(20, first=1000)
    rendering = replaced(original(source), Region(30, 50), patch)
    assert [(s.clip is source, s.start, s.end) for s in rendering.segments] == [
        (True, 0, 30),
        (False, 0, 20),
        (True, 50, 100),
    ]
    written = samples_of(rendering)
    assert written.dtype == np.int32
    assert np.array_equal(written[:30], source.samples[:30])
    assert np.array_equal(written[30:50], patch.samples)
    assert np.array_equal(written[50:], source.samples[50:])


@pytest.mark.parametrize("region", [Region(0, 10), Region(90, 100), Region(0, 100)])
def test_masks_at_the_ends_leave_no_empty_segments(region: Region) -> None:
    rendering = replaced(original(numbers(100)), region, numbers(region.length, first=500))
    assert rendering.length == 100
    assert all(segment.length for segment in rendering.segments)


def test_samples_are_shared_not_copied() -> None:
    source = numbers(1000)
    rendering = original(source)
    for start in range(0, 900, 100):
        rendering = replaced(rendering, Region(start, start + 50), numbers(50, first=5000))
    shared = [s for s in rendering.segments if s.clip is source]
    assert len(shared) == 9
    assert all(np.shares_memory(s.clip.samples, source.samples) for s in shared)


def test_a_lineage_lies_in_layers() -> None:
    source = numbers(60)
    first = take_of(1, None, Region(10, 30), numbers(20, first=100))
    second = take_of(2, first.id, Region(20, 40), numbers(20, first=200))
    assert np.array_equal(samples_of(render(source, ())), source.samples)
    written = samples_of(render(source, (first, second)))
    assert np.array_equal(written[10:20], first.patch.samples[:10])
    assert np.array_equal(written[20:40], second.patch.samples)
    assert np.array_equal(written[40:], source.samples[40:])


def test_a_patch_that_is_longer_or_shorter_moves_what_follows() -> None:
    source = numbers(60)
    longer = replaced(original(source), Region(10, 20), numbers(25, first=100))
    assert longer.length == 75
    assert np.array_equal(samples_of(longer)[35:], source.samples[20:])
    shorter = replaced(original(source), Region(10, 20), numbers(0))
    assert shorter.length == 50
    before = replaced(original(source), Region(-5, 0), numbers(5, first=100))
    assert np.array_equal(samples_of(before)[5:], source.samples)
    after = replaced(original(source), Region(60, 66), numbers(6, first=100))
    assert np.array_equal(samples_of(after)[:60], source.samples)


def test_reads_are_cut_to_what_there_is() -> None:
    rendering = replaced(original(numbers(50)), Region(10, 20), numbers(10, first=100))
    whole = rendering.read()
    assert rendering.read(-10, 15).shape == (15, 1)
    assert np.array_equal(rendering.read(45, 1000), whole[45:])
    assert rendering.read(60, 70).shape == (0, 1)
    assert rendering.read(20, 20).shape == (0, 1)
    assert rendering.read(30, 20).shape == (0, 1)
    assert list(rendering.parts(5, 5)) == []


def test_a_read_can_be_written_to_without_harm() -> None:
    source = numbers(50)
    rendering = original(source)
    rendering.read()[:] = 0
    assert np.array_equal(rendering.read(), source.read())


def test_what_does_not_fit_is_refused() -> None:
    base = original(numbers(50, 2))
    with pytest.raises(ValueError, match="does not fit"):
        replaced(base, Region(0, 10), numbers(10, 1))
    with pytest.raises(ValueError, match="does not fit"):
        replaced(base, Region(0, 10), Clip(np.zeros((10, 2), np.float32), 48000))
    for region in (Region(51, 60), Region(-9, -1)):
        with pytest.raises(ValueError, match="hole"):
            replaced(base, region, numbers(region.length, 2))


def test_nothing_is_a_rendering_too() -> None:
    empty = Rendering((), 8000, 3)
    assert (empty.length, empty.read().shape) == (0, (0, 3))
    silent = Rendering((Segment(numbers(10), 4, 4), Segment(numbers(10), 2, 5)), 44100, 1)
    assert silent.read().shape == (3, 1)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_lineage_reads_like_a_plain_array(data: st.DataObject) -> None:
    length, channels = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 3))
    source = numbers(length, channels)
    model, takes = source.samples.copy(), list[Take]()
    for number in range(1, data.draw(st.integers(0, 6)) + 1):
        start = data.draw(st.integers(0, model.shape[0]))
        end = data.draw(st.integers(start, model.shape[0]))
        keeps = data.draw(st.booleans())
        size = end - start if keeps else data.draw(st.integers(0, 10))
        patch = numbers(size, channels, first=number * 1000)
        model = np.concatenate((model[:start], patch.samples, model[end:]))
        takes.append(take_of(number, takes[-1].id if takes else None, Region(start, end), patch))
    rendering = render(source, tuple(takes))
    assert rendering.length == model.shape[0]
    assert all(segment.length for segment in rendering.segments) or not model.size
    start, end = data.draw(st.integers(-5, 60)), data.draw(st.integers(-5, 60))
    want = Clip(model, 44100).read(start, end)
    assert np.array_equal(rendering.read(start, end), want)
    assert sum(part.length for part in rendering.parts(start, end)) == want.shape[0]
