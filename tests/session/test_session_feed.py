"""The feed where the device's rate is another than the clip's, or the speed; and channels on loudspeakers."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from app.session.feed import AHEAD, BLOCK, Feed
from app.session.mixer import Cue, Mixer
from app.session.path import Pace, Path
from app.session.speakers import to_device
from app.sound.clip import Clip
from app.sound.region import Region

PAIRS = [(44100, 48000, 1.0), (48000, 44100, 1.0), (44100, 44100, 0.5), (192000, 44100, 0.5), (22050, 48000, 1.0)]
ODD = (44101, 48000, 1.0)  # no common divisor: the two meet once a second


def wave(rate: int, seconds: float = 6.0, hz: float = 311.0, level: float = 0.5, channels: int = 2) -> Clip:
    t = np.arange(round(seconds * rate)) / rate
    return Clip.from_frames(np.repeat((level * np.sin(2 * np.pi * hz * t))[:, None], channels, axis=1), rate)


def at_device(clip_frames: np.ndarray, rate: int, hz: float = 311.0, level: float = 0.5) -> np.ndarray:
    """What the wave is worth at places between the clip's frames."""
    return level * np.sin(2 * np.pi * hz * clip_frames / rate)


def feed_of(clip: Clip, other: Clip, out: int, speed: float, start: int = 0, **how: object) -> Feed:
    loop = how.pop("loop", None)
    assert loop is None or isinstance(loop, Region)
    end = how.pop("end", None)
    assert end is None or isinstance(end, int)
    path = Path(start, loop, Pace.of(clip.rate, out, speed))
    return Feed((clip, other), path, 2, rate=out, end=end)


def run(mixer: Mixer, blocks: int, size: int = BLOCK) -> np.ndarray:
    out = np.zeros((blocks * size, 2), np.float32)
    for i in range(blocks):
        if mixer.cue.feed is not None:
            mixer.cue.feed.fill()
        mixer.block(out[i * size : (i + 1) * size])
    return out


def playing(feed: Feed) -> Mixer:
    mixer = Mixer()
    mixer.cue = Cue(feed)
    return mixer


@pytest.mark.parametrize(("rate", "out", "speed"), [*PAIRS, ODD])
def test_every_frame_of_the_device_is_the_clip_at_its_very_time(rate: int, out: int, speed: float) -> None:
    feed = feed_of(wave(rate), wave(rate), out, speed, start=20000)
    heard = run(playing(feed), 40)[:, 0]
    ratio = Fraction(rate, out) * Fraction(speed)
    places = 20000 + np.arange(heard.size) * float(ratio)
    fade = feed.fade.size
    assert np.abs(heard - at_device(places, rate))[fade:].max() < 1e-5
    assert feed.path.frame(heard.size) == 20000 + int(heard.size * ratio), "the playhead is exact"


@pytest.mark.parametrize(("rate", "out", "speed"), PAIRS)
@pytest.mark.parametrize("when", [1, 7])
def test_a_flip_is_at_the_very_same_frame_also_when_converted(rate: int, out: int, speed: float, when: int) -> None:
    a, b = wave(rate), wave(rate, level=-0.3)
    mixer = playing(feed_of(a, b, out, speed))
    before = run(mixer, when)[:, 0]
    mixer.cue = replace(mixer.cue, deck=1)
    whole = np.concatenate([before, run(mixer, 4)[:, 0]])
    places = np.arange(whole.size) * rate * speed / out
    fade = round(out * 0.005)
    at = when * BLOCK
    assert np.abs(whole[at + fade :] - at_device(places, rate, level=-0.3)[at + fade :]).max() < 1e-5
    slope = 0.5 * 2 * np.pi * 311 * speed / out
    assert np.abs(np.diff(whole[fade:])).max() < slope + 0.8 * np.pi / 2 / fade, "no step above the crossfade's own"


@pytest.mark.parametrize(("rate", "out", "speed"), PAIRS[:4])
def test_a_loop_keeps_its_exact_length_over_many_turns(rate: int, out: int, speed: float) -> None:
    """Its length is no whole number of the device's frames, and nothing is rounded away at any turn."""
    loop = Region(10007, 10007 + 7321)
    feed = feed_of(wave(rate), wave(rate), out, speed, start=10007, loop=loop)
    turns = 60
    blocks = feed.path.count(turns * loop.length) // BLOCK
    heard = run(playing(feed), blocks)[:, 0]
    ratio = Fraction(rate, out) * Fraction(speed)
    passed = np.array([int(Fraction(k) * ratio * 4096) / 4096 for k in range(heard.size - 3000, heard.size)])
    inside = passed % loop.length
    clear = (inside > 600) & (inside < loop.length - rate * 0.005 - 600)  # away from where it closes
    assert clear.sum() > 500
    wanted = at_device(loop.start + inside, rate)
    assert np.abs(heard[-3000:] - wanted)[clear].max() < 1e-3
    assert feed.path.frame(heard.size) == loop.start + int(heard.size * ratio) % loop.length
    fade = feed.fade.size
    assert np.abs(np.diff(heard[fade:])).max() < 0.5 * 2 * np.pi * 311 * speed / out + np.pi / 2 / (0.005 * out), (
        "no click"
    )


@pytest.mark.parametrize(("rate", "out", "speed"), [*PAIRS, ODD])
@pytest.mark.parametrize("late", [0, 3])
def test_a_feed_that_goes_on_gives_the_same_frames_as_the_one_before(
    rate: int, out: int, speed: float, late: int
) -> None:
    clip = wave(rate)
    one, two = playing(feed_of(clip, clip, out, speed)), playing(feed_of(clip, clip, out, speed))
    for mixer in (one, two):
        run(mixer, 5, 700)
    feed = two.cue.feed
    assert feed is not None
    for loop in (None, Region(0, clip.length), Region(10, clip.length)):  # anew, and along other paths
        feed = Feed.after(feed, (clip, clip), loop, 2)
    feed.fill(AHEAD + 1)
    straight = run(one, late, 700)
    assert np.array_equal(straight, run(two, late, 700))
    two.cue = Cue(feed)
    assert np.abs(run(two, 8, 700) - run(one, 8, 700)).max() < 1e-5
    assert two.frame == one.frame


def test_half_speed_is_switched_without_a_jump() -> None:
    clip = wave(44100)
    mixer = playing(feed_of(clip, clip, 44100, 1.0))
    run(mixer, 10)
    feed = mixer.cue.feed
    assert feed is not None
    slow = Feed.after(feed, (clip, clip), None, 2, pace=Pace.of(44100, 44100, 0.5))
    slow.fill(AHEAD + 1)
    run(mixer, 2)  # the one before plays on while it is prepared
    mixer.cue = Cue(slow)
    heard = run(mixer, 6)[:, 0]
    places = 12 * BLOCK + np.arange(heard.size) / 2
    assert np.abs(heard - at_device(places, 44100))[slow.fade.size :].max() < 1e-5
    assert mixer.frame == 12 * BLOCK + 5 * BLOCK // 2


@pytest.mark.parametrize(("rate", "out", "speed"), [(44100, 44100, 1.0), *PAIRS, ODD])
def test_a_part_ends_on_its_frame_and_fades_where_it_is_cut(rate: int, out: int, speed: float) -> None:
    clip = wave(rate, hz=2000.0)
    feed = feed_of(clip, clip, out, speed, start=3000, end=13000)
    mixer = playing(feed)
    heard = run(mixer, 60)[:, 0]
    count = -(-10000 * Fraction(out, rate) / Fraction(speed) // 1)
    assert feed.ended
    assert feed.played == count == feed.path.count(10000)
    assert not heard[int(count) :].any()
    tail = np.abs(heard[int(count) - 8 : int(count)])
    assert tail.max() < 0.01, "faded, not cut"
    assert np.abs(heard[int(count) - 2 * feed.fade.size : int(count) - feed.fade.size]).max() > 0.45
    assert mixer.underruns == 0


@pytest.mark.parametrize(("rate", "out", "speed"), [(44100, 48000, 1.0), (44100, 44100, 0.5)])
def test_the_end_of_the_clip_is_played_to_its_last_frame(rate: int, out: int, speed: float) -> None:
    clip = wave(rate, seconds=0.2)
    feed = feed_of(clip, clip, out, speed)
    heard = run(playing(feed), 30)[:, 0]
    count = feed.path.count(clip.length)
    assert feed.ended
    near = slice(count - 400, count - 60)  # the filter rings where the sound is cut
    assert np.abs(heard - at_device(np.arange(heard.size) * rate * speed / out, rate))[near].max() < 0.02


def test_paths_agree_with_fractions() -> None:
    """Whole-number arithmetic against exact fractions, for odd ratios, phases and places."""
    for (clip, out), phase, at in product(
        [(147, 160), (160, 147), (1, 2), (44101, 48000), (2, 1)], (0, 1, 77), (0, 1, 9999)
    ):
        path = Path(1000, None, Pace(clip, out), phase % out)
        place = Fraction(at * clip + phase % out, out)
        assert path.passed(at) == place // 1
        whole = path.whole(at)
        assert whole <= at < whole + out
        assert (whole * clip + phase % out) % out == 0
        count = path.count(500)
        assert Fraction((count - 1) * clip + phase % out, out) < 500 <= Fraction(count * clip + phase % out, out)
        on = path.on(at, None, path.pace)
        assert on.start + Fraction(on.phase, out) == 1000 + place, "not even a part of a frame is lost"


# --- loudspeakers ---------------------------------------------------------------------------------------------------

HAVE, GIVEN = (1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 6, 8)


@pytest.mark.parametrize(("have", "given"), list(product(HAVE, GIVEN)))
def test_nothing_gets_louder_and_nothing_is_lost_but_the_effects(have: int, given: int) -> None:
    assert to_device(np.ones((10, have), np.float32), given).max() <= 1.0 + 1e-6
    for channel in range(have):
        alone = np.zeros((4, have), np.float32)
        alone[:, channel] = 1.0
        out = to_device(alone, given)
        assert out.shape == (4, given)
        effects = channel == 3 and have in (6, 7, 8)
        assert bool(out.any()) == (given >= 6 or not effects)


@pytest.mark.parametrize(
    ("have", "given", "channel", "goes"),
    [
        (1, 2, 0, {0: 1.0, 1: 1.0}),
        (1, 6, 0, {0: 1.0, 1: 1.0}),
        (1, 8, 0, {0: 1.0, 1: 1.0}),
        (2, 6, 1, {1: 1.0}),
        (2, 8, 0, {0: 1.0}),
        (2, 1, 0, {0: 0.5}),
        (3, 6, 2, {2: 1.0}),
        (6, 8, 4, {4: 1.0}),
        (8, 6, 6, {4: 0.5}),
        (8, 6, 2, {2: 0.5}),
        (6, 6, 3, {3: 1.0}),
        (8, 8, 7, {7: 1.0}),
    ],
)
def test_each_channel_goes_where_it_belongs(have: int, given: int, channel: int, goes: dict[int, float]) -> None:
    alone = np.zeros((1, have), np.float32)
    alone[0, channel] = 1.0
    out = to_device(alone, given)[0]
    assert {index: pytest.approx(value) for index, value in enumerate(out.tolist()) if value} == goes


@pytest.mark.parametrize("have", [3, 6, 8])
def test_sides_stay_on_their_side_and_the_centre_in_the_middle(have: int) -> None:
    frames = np.zeros((3, have), np.float32)
    frames[0, 0] = frames[1, 1] = frames[2, 2] = 1.0
    left, right, centre = to_device(frames, 2)
    assert left[0] > 0 == left[1]
    assert right[1] > 0 == right[0]
    assert centre[0] == centre[1] > 0
    assert centre[0] == pytest.approx(left[0] * 0.5**0.5)


@pytest.mark.parametrize(("have", "given"), list(product((1, 2, 3, 6, 8), GIVEN)))
@pytest.mark.parametrize("out", [44100, 48000])
def test_all_of_it_through_the_callback(have: int, given: int, out: int) -> None:
    clip = wave(44100, seconds=1.0, channels=have)
    path = Path(0, None, Pace.of(44100, out))
    feed = Feed((clip, clip), path, given, rate=out)
    mixer = playing(feed)
    heard = np.zeros((4 * BLOCK, given), np.float32)
    for i in range(4):
        feed.fill()
        mixer.block(heard[i * BLOCK : (i + 1) * BLOCK])
    gains = to_device(np.ones((1, have), np.float32), given)[0]
    wanted = at_device(np.arange(heard.shape[0]) * 44100 / out, 44100)[:, None] * gains
    assert np.abs(heard - wanted)[feed.fade.size :].max() < 1e-5
    assert mixer.underruns == 0
