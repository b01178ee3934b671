"""The audio callback itself, driven block by block."""

import gc
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from app.session.feed import AHEAD, BLOCK, Feed, Path
from app.session.mixer import Cue, Mixer
from app.session.unrolled import fade_in
from app.sound.clip import Clip
from app.sound.region import Region

RATE = 44100
FADE = round(RATE * 0.005)


def ramp(n: int = RATE, channels: int = 2) -> Clip:
    """A clip in which every frame tells its own number: exact in float32."""
    values = np.arange(n, dtype=np.float32) / 2**20
    return Clip.from_frames(np.repeat(values[:, None], channels, axis=1), RATE)


def sine(level: float, n: int = RATE) -> Clip:
    t = np.arange(n) / RATE
    return Clip.from_frames(np.repeat((level * np.sin(2 * np.pi * 220 * t))[:, None], 2, axis=1), RATE)


def run(mixer: Mixer, blocks: int, size: int = BLOCK) -> np.ndarray:
    """What a device would have been given."""
    out = np.zeros((blocks * size, 2), np.float32)
    for i in range(blocks):
        if mixer.cue.feed is not None:
            mixer.cue.feed.fill()
        mixer.block(out[i * size : (i + 1) * size])
    return out


def playing(*decks: Clip, start: int = 0, loop: Region | None = None, end: int | None = None) -> Mixer:
    mixer = Mixer()
    mixer.cue = Cue(Feed((decks[0], decks[-1]), Path(start, loop), 2, end=end))
    return mixer


def feed_of(mixer: Mixer) -> Feed:
    assert mixer.cue.feed is not None
    return mixer.cue.feed


def test_plays_every_frame_once_and_in_order() -> None:
    clip = ramp()
    out = run(playing(clip), 20)
    assert np.array_equal(out[FADE:], clip.read(FADE, 20 * BLOCK))
    assert np.array_equal(out[:FADE], clip.read(0, FADE) * fade_in(FADE)[:, None])


def test_a_device_that_asks_for_other_sizes_gets_the_same_frames() -> None:
    clip = ramp()
    mixer = playing(clip)
    out = np.concatenate([run(mixer, 1, size) for size in (512, 700, 812, 24, 1000, 300)])
    assert np.array_equal(out[FADE:], clip.read(FADE, out.shape[0]))


def test_silence_before_playing_and_after_stopping_and_no_step_between() -> None:
    mixer = playing(sine(0.5))
    sounding, mixer.cue = mixer.cue, Cue()
    assert not run(mixer, 2).any()
    mixer.cue = sounding
    run(mixer, 3)
    mixer.cue = Cue()
    out = run(mixer, 1)
    assert not out[FADE:].any()
    assert np.abs(np.diff(out[:, 0])).max() < 0.5 * 2 * np.pi * 220 / RATE + 0.5 * np.pi / 2 / FADE
    assert not run(mixer, 2).any()


@pytest.mark.parametrize("when", [1, 4])
def test_a_flip_keeps_the_frame_and_does_not_click(when: int) -> None:
    a, b = sine(0.5), sine(-0.4)
    mixer = playing(a, b)
    before = run(mixer, when)
    mixer.cue = replace(mixer.cue, deck=1)
    after = run(mixer, 3)
    at = when * BLOCK
    assert np.array_equal(after[FADE:], b.read(at + FADE, at + 3 * BLOCK)), "deck B at the very same frame"
    steps = np.abs(np.diff(np.concatenate([before, after])[FADE:, 0]))
    slope = 0.5 * 2 * np.pi * 220 / RATE  # of the sine itself
    crossfade = 0.9 * np.pi / 2 / FADE  # of going from one deck to the other in 5 ms
    assert steps.max() < slope + crossfade


def test_flipping_between_equal_decks_changes_nothing() -> None:
    a, b = sine(0.5), sine(0.5)
    mixer = playing(a, b)
    out = [run(mixer, 2)]
    mixer.cue = replace(mixer.cue, deck=1)
    out.append(run(mixer, 2))
    assert np.allclose(np.concatenate(out)[FADE:], a.read(FADE, 4 * BLOCK), atol=1e-7)


def test_gain_is_heard_on_its_deck_only_and_moves_without_a_step() -> None:
    mixer = playing(sine(0.5), sine(0.5))
    run(mixer, 1)
    mixer.cue = replace(mixer.cue, gains=(0.25, 1.0))
    quiet = run(mixer, 2)
    assert np.allclose(quiet[FADE:], sine(0.5).read(BLOCK + FADE, 3 * BLOCK) * 0.25, atol=1e-7)
    mixer.cue = replace(mixer.cue, deck=1)
    loud = run(mixer, 2)
    assert np.allclose(loud[FADE:], sine(0.5).read(3 * BLOCK + FADE, 5 * BLOCK), atol=1e-7)


def test_a_loop_has_exactly_its_length_and_no_click_where_it_closes() -> None:
    clip = sine(0.5)
    loop = Region(5000, 5000 + 7321)
    out = run(playing(clip, start=5000, loop=loop), 40)
    body = out[FADE : loop.length - FADE]
    for turn in range(1, 4):
        again = out[turn * loop.length + FADE : (turn + 1) * loop.length - FADE]
        assert np.array_equal(again, body)
    slope = 0.5 * 2 * np.pi * 220 / RATE
    assert np.abs(np.diff(out[FADE:, 0])).max() < slope + np.pi / 2 / FADE


def test_a_loop_at_the_clips_start_fades_to_what_is_not_there() -> None:
    out = run(playing(sine(0.5), start=0, loop=Region(0, 4000)), 20)
    assert np.isfinite(out).all()
    assert np.abs(np.diff(out[FADE:, 0])).max() < 0.1


def test_the_end_is_told_once_everything_was_played() -> None:
    clip = ramp(3 * BLOCK + 100)
    mixer = playing(clip)
    out = run(mixer, 4)
    assert not feed_of(mixer).ended
    assert np.array_equal(out[FADE : clip.length], clip.read(FADE))
    assert not out[clip.length :].any()
    run(mixer, 1)
    assert feed_of(mixer).ended
    assert mixer.underruns == 0


def test_an_underrun_is_silence_and_is_counted() -> None:
    mixer = playing(ramp())
    out = np.ones((BLOCK, 2), np.float32)
    mixer.block(out)
    assert mixer.underruns == 1
    assert not out.any()


def test_the_playhead_is_where_the_block_began() -> None:
    mixer = playing(ramp(), start=777)
    run(mixer, 3)
    assert mixer.frame == 777 + 2 * BLOCK


def test_a_new_feed_takes_over_by_a_crossfade() -> None:
    mixer = playing(sine(0.5))
    run(mixer, 3)
    mixer.cue = Cue(Feed((sine(0.3),) * 2, Path(20000), 2))
    out = run(mixer, 2)
    assert np.array_equal(out[FADE:], sine(0.3).read(20000 + FADE, 20000 + 2 * BLOCK))
    assert np.abs(np.diff(out[:, 0])).max() < 0.05


@pytest.mark.parametrize("late", [0, 1, 3])
@pytest.mark.parametrize("size", [BLOCK, 700])
def test_a_feed_that_goes_on_misses_and_repeats_no_frame(late: int, size: int) -> None:
    clip, other = ramp(), ramp()
    mixer = playing(clip)
    out = [run(mixer, 3, size)]
    feed = Feed.after(feed_of(mixer), (other, other), None, 2)
    feed.fill(AHEAD + 1)
    out.append(run(mixer, late, size))  # it takes its time: the old one plays on
    mixer.cue = Cue(feed)
    out.append(run(mixer, 4, size))
    whole = np.concatenate(out)
    assert np.allclose(whole[FADE:], clip.read(FADE, whole.shape[0]), atol=1e-7)


def test_two_feeds_within_one_block_go_on_where_the_first_left() -> None:
    clip = ramp()
    mixer = playing(clip)
    out = [run(mixer, 2)]
    for loop in (Region(0, 30000), Region(0, 30000)):
        feed = Feed.after(feed_of(mixer), (clip, clip), loop, 2)
        feed.fill(AHEAD + 1)
        mixer.cue = Cue(feed)
    out.append(run(mixer, 2))
    assert np.allclose(np.concatenate(out)[FADE:], clip.read(FADE, 4 * BLOCK), atol=1e-7)


def test_going_on_inside_a_loop_keeps_to_its_turn_also_within_a_block() -> None:
    clip, loop = ramp(), Region(3000, 3000 + 2500)
    one, two = playing(clip, start=3000, loop=loop), playing(clip, start=3000, loop=loop)
    run(one, 5, 700)
    run(two, 5, 700)
    feed = Feed.after(feed_of(two), (clip, clip), loop, 2)
    feed.fill()
    two.cue = Cue(feed)
    out = run(two, 10, 700)
    assert np.allclose(out, run(one, 10, 700), atol=1e-7)
    assert one.frame == two.frame


@pytest.mark.parametrize(
    ("start", "at", "frame"),
    [(4, 0, 4), (4, 2, 6), (4, 3, 4), (4, 10, 5), (1, 5, 6), (1, 6, 4), (7, 0, 7), (20, 9, 29)],
)
def test_a_path_turns_only_where_it_came_to_the_loops_end(start: int, at: int, frame: int) -> None:
    assert Path(start, Region(4, 7)).frame(at) == frame


def test_beyond_the_loop_all_of_the_rest_is_played() -> None:
    clip = ramp()
    mixer = playing(clip, start=20000, loop=Region(4000, 7000))
    out = run(mixer, 30)
    assert np.array_equal(out[FADE : clip.length - 20000], clip.read(20000 + FADE))
    assert feed_of(mixer).ended


def test_an_old_feed_that_ends_does_not_end_the_new_one() -> None:
    mixer = playing(ramp(2 * BLOCK))
    run(mixer, 3)
    old = feed_of(mixer)
    assert old.ended
    mixer.cue = Cue(Feed((ramp(),) * 2, Path(0), 2))
    run(mixer, 3)
    assert not feed_of(mixer).ended


def test_a_deck_that_is_longer_is_heard_to_its_end() -> None:
    mixer = playing(ramp(BLOCK), ramp(3 * BLOCK))
    mixer.cue = replace(mixer.cue, deck=1)
    out = run(mixer, 3)
    assert np.array_equal(out[FADE:], ramp().read(FADE, 3 * BLOCK))


def test_blocks_leave_nothing_behind_in_memory() -> None:
    """What waits in the feed comes and goes, so a long run is compared with a short one, both at the same fill."""
    mixer = playing(sine(0.5), sine(-0.5), loop=Region(0, 30000))

    def flips(turns: int) -> int:
        for turn in range(turns):
            mixer.cue = replace(mixer.cue, deck=turn % 2)
            run(mixer, 2)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = flips(20)
        assert flips(300) - before < 2 * BLOCK * 2 * 4, "less than one block of both decks"
    finally:
        tracemalloc.stop()


def test_a_block_makes_no_array_of_its_own() -> None:
    """Not for silence, not for a flip, not for blocks put together of parts, not when one feed follows another."""
    mixer = Mixer()
    mixer.reset(8)
    mixer.cue = Cue(Feed((sine(0.5), sine(-0.5)), Path(0), 8))
    feed_of(mixer).fill(40)
    other = Feed((sine(0.3),) * 2, Path(20000), 8)
    other.fill(40)
    blocks = [np.zeros((size, 8), np.float32) for size in (BLOCK, 700, 300, 512) * 6]
    cues = [Cue(), replace(mixer.cue, deck=1), mixer.cue, Cue(other), Cue(), replace(mixer.cue, gains=(0.5, 1.0))]
    for cue in cues:
        mixer.cue = cue
        mixer.block(blocks[0])
    tracemalloc.start()
    try:
        for turn, out in enumerate(blocks):
            mixer.cue = cues[turn % len(cues)]
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            mixer.block(out)
            assert tracemalloc.get_traced_memory()[1] - before < 5000, "a fade alone has 7040 bytes"
    finally:
        tracemalloc.stop()
    assert mixer.underruns == 0


def test_no_more_is_prepared_than_asked_for() -> None:
    feed = Feed((ramp(),) * 2, Path(0), 2)
    feed.fill()
    feed.fill()
    assert len(feed.ready) == AHEAD
