"""Inpainting as the worker calls it: what it promises for any sound, any hole and any seed."""

import numpy as np
import pytest

from app.engine.inpaint import Inpainted, Method, inpaint
from app.errors import MaskError, SoundError
from app.sound.clip import Clip, Frames
from app.sound.region import Region

RATE = 44100
LONG = Region(110_000, 160_000)
SHORT = Region(110_000, 110_500)


def filled_with(frames: Frames, hole: Region, what: object) -> Frames:
    result = frames.copy()
    result[max(hole.start, 0) : hole.end] = what
    return result


def promises_kept(given: Frames, hole: Region, made: Inpainted) -> None:
    """Same shape, finite, equal outside the hole, no louder inside than outside."""
    outside = np.ones(given.shape[0], bool)
    outside[max(hole.start, 0) : hole.end] = False
    assert made.frames.shape == given.shape
    assert made.frames.dtype == np.float32
    assert np.isfinite(made.frames).all()
    assert np.array_equal(made.frames[outside], given[outside])
    assert np.abs(made.frames).max() <= np.abs(given[outside]).max()


@pytest.mark.parametrize("hole", [LONG, SHORT, Region(0, 40_000), Region(230_000, 264_600), Region(-50, 1500)])
def test_what_stands_in_the_hole_is_never_read(music: Clip, hole: Region) -> None:
    frames = music.read()
    first = inpaint(filled_with(frames, hole, 0.0), RATE, hole, seed=3)
    length = hole.clamped(music.length).length
    noise = np.random.default_rng(0).normal(0, 3, (length, 2)).astype(np.float32)
    for what in (noise, np.nan, np.inf):
        again = inpaint(filled_with(frames, hole, what), RATE, hole, seed=3)
        assert np.array_equal(first.frames, again.frames)
        assert first.sources == again.sources
    promises_kept(frames, hole, first)


def test_what_is_given_is_not_changed(music: Clip) -> None:
    frames = music.read()
    frames.flags.writeable = False
    inpaint(frames, RATE, LONG, seed=0)
    assert np.array_equal(frames, music.read())


@pytest.mark.parametrize(("hole", "method"), [(LONG, "fill"), (SHORT, "repair")])
def test_a_seed_gives_its_take_again_and_another_one_another(music: Clip, hole: Region, method: str) -> None:
    frames = music.read()
    takes = [inpaint(frames, RATE, hole, seed=seed) for seed in (0, 1, 2, 3, -7, 2**80)]
    assert all(take.method == method for take in takes)
    assert len({take.frames.tobytes() for take in takes}) == len(takes)
    assert np.array_equal(takes[4].frames, inpaint(frames, RATE, hole, seed=-7).frames)
    if method == "fill":
        assert len({take.sources for take in takes[:4]}) == 4
        assert all(take.match in ("strong", "fair", "weak") for take in takes)
    else:
        assert {take.match for take in takes} == {""}


@pytest.mark.parametrize(
    ("rate", "channels"), [(8000, 1), (8000, 8), (22050, 2), (44100, 6), (48000, 3), (96000, 2), (192000, 1)]
)
def test_any_rate_and_number_of_channels(rate: int, channels: int) -> None:
    rng = np.random.default_rng(rate)
    t = np.arange(2 * rate) / rate
    gains = np.linspace(0.2, 0.4, channels)
    tone = np.sin(2 * np.pi * 300 * t * (1 + 0.2 * np.round(t * 3)))
    frames = (tone[:, None] * gains + rng.normal(0, 0.01, (t.size, channels))).astype(np.float32)
    for hole in (Region(rate // 2, rate), Region(rate, rate + rate // 100)):
        made = inpaint(filled_with(frames, hole, np.nan), rate, hole, seed=1)
        promises_kept(frames, hole, made)
        inside = made.frames[hole.start : hole.end]
        assert inside.std(axis=0) == pytest.approx(frames.std(axis=0), rel=0.5)


def test_length_decides_unless_told_otherwise(music: Clip) -> None:
    frames = music.read()[:, :1]
    short, long = Region(100_000, 104_410), Region(100_000, 104_420)
    assert inpaint(frames, RATE, short, seed=0).method == "repair"
    assert inpaint(frames, RATE, long, seed=0).method == "fill"
    assert inpaint(frames, RATE, short, seed=0, method=Method.FILL).method == "fill"
    assert inpaint(frames, RATE, long, seed=0, method=Method.REPAIR).method == "repair"
    far = inpaint(frames, RATE, LONG, seed=0, method=Method.REPAIR)
    assert far.method == "fill"
    assert far.notes[0] == "A mask of 1.13 s is too long to be repaired from its edges, so it was filled."


def test_progress_says_what_is_done_and_invents_no_percentage(music: Clip) -> None:
    lines: list[str] = []
    inpaint(music.read(), RATE, LONG, seed=0, progress=lines.append)
    assert lines[0] == "analysing 4.9 s"
    assert lines[1] == "searching paths"
    assert lines[2].startswith("joining ")
    lines.clear()
    inpaint(music.read(), RATE, SHORT, seed=0, progress=lines.append)
    assert lines == ["mending 11 ms from both edges"]


@pytest.mark.parametrize("hole", [Region(1000, 1001), Region(0, 1), Region(264_599, 264_600), Region(300, 300 + 4000)])
@pytest.mark.parametrize("method", list(Method))
def test_the_smallest_holes_and_those_at_the_edges(music: Clip, hole: Region, method: Method) -> None:
    frames = music.read()
    promises_kept(frames, hole, inpaint(filled_with(frames, hole, np.nan), RATE, hole, seed=0, method=method))


@pytest.mark.parametrize(
    "hole", [Region(5, 60_000), Region(200_000, 264_595), Region(5, 3000), Region(262_000, 264_595)]
)
def test_a_few_frames_beyond_the_hole_are_enough_to_meet(music: Clip, hole: Region) -> None:
    frames = music.read()
    promises_kept(frames, hole, inpaint(filled_with(frames, hole, np.nan), RATE, hole, seed=0))


def test_a_masked_clip_and_a_silent_one_have_nothing_to_draw_from(music: Clip) -> None:
    with pytest.raises(SoundError, match="There is no sound outside the mask to draw from"):
        inpaint(music.read(), RATE, Region(0, music.length), seed=0)
    with pytest.raises(SoundError, match="There is no sound outside the mask"):
        inpaint(filled_with(np.zeros((RATE, 2), np.float32), Region(5000, 9000), 0.5), RATE, Region(5000, 9000), seed=0)


def test_a_mask_must_be_in_the_clip(music: Clip) -> None:
    for hole in (Region(music.length, music.length + 5), Region(-9, 0)):
        with pytest.raises(MaskError, match="outside the clip"):
            inpaint(music.read(), RATE, hole, seed=0)
    with pytest.raises(MaskError, match="empty"):
        inpaint(music.read(), RATE, Region(5, 5), seed=0)


def test_too_little_material_is_repaired_with_a_note_or_refused(music: Clip) -> None:
    frames = music.read()[:14_000]
    made = inpaint(frames, RATE, Region(4000, 9000), seed=0)
    assert made.method == "repair"
    assert made.notes == ("Only 0.20 s of sound are outside the mask, so it was repaired from its edges.",)
    promises_kept(frames, Region(4000, 9000), made)
    with pytest.raises(SoundError, match=r"Only 0\.05 s of sound are outside the mask, too little to draw 0\.27 s"):
        inpaint(frames, RATE, Region(1000, 12_900), seed=0)
    with pytest.raises(SoundError, match="too little sound"):
        inpaint(frames[:30], RATE, Region(10, 20), seed=0)


@pytest.mark.parametrize("length", [48, 100, 1000, 26_000])
def test_short_clips_come_back_whole(music: Clip, length: int) -> None:
    frames = music.read()[50_000 : 50_000 + length]
    hole = Region(length // 3, length // 2)
    promises_kept(frames, hole, inpaint(filled_with(frames, hole, np.nan), RATE, hole, seed=0))


@pytest.mark.parametrize("seed", range(3))
def test_no_louder_than_the_clip_even_at_full_scale(seed: int) -> None:
    t = np.arange(3 * RATE) / RATE
    square = np.where(np.sin(2 * np.pi * 220 * t) > 0, 1, -1).astype(np.float32)[:, None]
    for hole in (Region(50_000, 90_000), Region(50_000, 53_000)):
        made = inpaint(square, RATE, hole, seed=seed)
        promises_kept(square, hole, made)
        assert made.frames[hole.start : hole.end].std() > 0.5


def test_samples_that_are_no_numbers_become_silence_and_nothing_else_changes(music: Clip) -> None:
    frames = music.read()
    frames[30_000:30_010] = np.nan
    frames[200_000, 1] = -np.inf
    made = inpaint(frames, RATE, LONG, seed=0)
    clean = np.nan_to_num(frames, posinf=0.0, neginf=0.0)
    promises_kept(clean, LONG, made)


def test_channels_that_cancel_are_still_heard(music: Clip) -> None:
    left = music.read()[:, 0]
    frames = np.stack([left, -left, np.zeros_like(left)], axis=1)
    made = inpaint(frames, RATE, LONG, seed=0)
    promises_kept(frames, LONG, made)
    inside = made.frames[LONG.start : LONG.end]
    assert inside[:, 0].std() > 0.3 * left.std()
    assert not inside[:, 2].any()


def test_silence_at_both_edges_is_met_by_silence(music: Clip) -> None:
    frames = np.concatenate([music.read(), np.zeros((8 * RATE, 2), np.float32), music.read()])
    hole = Region(9 * RATE, 10 * RATE)
    assert np.abs(inpaint(frames, RATE, hole, seed=0).frames[hole.start : hole.end]).max() < 1e-3


def test_the_joins_are_no_clicks(music: Clip) -> None:
    """The largest second difference at the hole's edges stays within what the music itself does."""
    frames = music.read()
    for seed in range(4):
        made = inpaint(frames, RATE, LONG, seed=seed).frames
        bends = np.abs(np.diff(made, n=2, axis=0)).max(axis=1)
        usual = np.quantile(bends[: LONG.start - 2], 0.999)
        assert max(bends[edge - 3 : edge + 2].max() for edge in (LONG.start, LONG.end)) < 1.5 * usual


def test_a_far_part_of_a_long_clip_is_left_alone_and_sources_count_from_its_start() -> None:
    rate = 8000
    rng = np.random.default_rng(0)
    t = np.arange(190 * rate) / rate
    frames = (0.2 * np.sin(2 * np.pi * 200 * t * (1 + np.floor(t) % 5)) + rng.normal(0, 0.01, t.size))[:, None]
    hole = Region(170 * rate, 172 * rate)
    made = inpaint(frames.astype(np.float32), rate, hole, seed=0)
    promises_kept(frames.astype(np.float32), hole, made)
    assert all(20 <= start < end <= 190 for start, end in made.sources)
