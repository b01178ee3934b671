"""Versions of other lengths through the callback, driven by hand: flips, loops, regions and seams while it plays."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.endpoints.request import Kind, Request
from app.session import player as player_module
from app.session.background import Background
from app.session.feed import BLOCK
from app.session.hearing import Hearing
from app.session.output import OutputFacts
from app.sound.clip import Clip, Frames
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Timeline

RATE, HZ = 8000, 97.0
FADE = round(RATE * 0.005)
LONGER, SHORTER = TakeId("longer"), TakeId("shorter")
SLOPE = 0.5 * 2 * np.pi * HZ / RATE
CROSSFADE = 1.0 * np.pi / 2 / FADE


class Hand:
    """A device out of which the test takes the blocks."""

    facts = OutputFacts("Hand", RATE, 2, 0.0)
    lost = False
    underflows = 0

    def __init__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


class Rates(Hand):
    """One that plays at another rate than the clip's."""

    facts = OutputFacts("Hand", 11025, 2, 0.0)


def wave(length: int, level: float = 0.5) -> Clip:
    t = np.arange(length) / RATE
    return Clip.from_frames(np.repeat((level * np.sin(2 * np.pi * HZ * t))[:, None], 2, axis=1), RATE)


def take(number: int, name: TakeId, region: Region, length: int) -> Take:
    """`region` gives way to so many frames of a quieter wave."""
    request = Request(
        endpoint="e",
        connection="l",
        kind=Kind.GENERATE,
        params={},
        mask=region,
        excerpt=region,
        rate=RATE,
        place=region,
    )
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Take(name, number, None, request, region, wave(length, 0.1), RunFacts(), when)


@pytest.fixture
def timeline() -> Timeline:
    """One take has 5 s more at 20 s, the other has 3 s less at 10 s."""
    longer = take(1, LONGER, Region.from_seconds(20, 20, RATE), 5 * RATE)
    shorter = take(2, SHORTER, Region.from_seconds(10, 14, RATE), RATE)
    return Timeline().add(longer).add(shorter)


@pytest.fixture(params=[Hand, Rates], ids=["as it is", "converted"])
def hearing(
    request: pytest.FixtureRequest, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, timeline: Timeline
) -> Iterator[Hearing]:
    monkeypatch.setattr(player_module, "Device", request.param)
    background = Background()
    hearing = Hearing(background)
    source = wave(60 * RATE)
    hearing.open(source, peaks_of(source), timeline)
    yield hearing
    hearing.close()
    background.close()


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def block(hearing: Hearing) -> Frames:
    out = np.zeros((BLOCK, 2), np.float32)
    hearing.player.mixer.block(out)
    return out[:, 0]


def run(hearing: Hearing, blocks: int) -> Frames:
    heard: list[Frames] = []
    for _ in range(blocks):
        until(lambda: (feed := hearing.player.mixer.cue.feed) is not None and len(feed.ready) > 4)
        heard.append(block(hearing))
    return np.concatenate(heard)


def swap(hearing: Hearing, change: Callable[[], object]) -> Frames:
    """Make a change while the device goes on asking; all that is heard of it."""
    before = hearing.player.mixer.cue
    change()
    heard = [block(hearing), block(hearing)]
    until(lambda: hearing.player.mixer.cue is not before)
    return np.concatenate([*heard, run(hearing, 3)])


def test_a_flip_to_a_longer_version_goes_on_with_the_very_next_frame(hearing: Hearing, timeline: Timeline) -> None:
    """Where both have the same sound nothing at all is heard of it: not a frame is repeated or left out."""
    hearing.player.play(30 * RATE)
    whole = [run(hearing, 3)]
    for version in (LONGER, None, SHORTER, LONGER, None):
        whole.append(swap(hearing, lambda version=version: hearing.select(timeline, version)))
        more = {LONGER: 5, SHORTER: -3, None: 0}[version] * RATE
        played = sum(each.size for each in whole)
        out = hearing.player.mixer.heard.cue.feed
        assert out is not None
        now = 30 * RATE + played * RATE // out.rate
        assert abs(hearing.player.frame() - more - now) <= BLOCK, "the playhead is told in what is heard"
    heard = np.concatenate(whole)
    feed = hearing.player.mixer.heard.cue.feed
    assert feed is not None
    places = 30 * RATE + np.arange(heard.size) * RATE / feed.rate
    fade = feed.fade.size
    assert np.abs(heard - 0.5 * np.sin(2 * np.pi * HZ * places / RATE))[fade:].max() < 1e-4
    assert hearing.player.mixer.underruns == 0


def test_a_flip_inside_what_only_one_version_has_does_not_click(hearing: Hearing, timeline: Timeline) -> None:
    hearing.select(timeline, LONGER)
    hearing.player.play(22 * RATE)
    whole = [run(hearing, 3)]
    for _ in range(3):
        whole.append(swap(hearing, hearing.flip))
        feed = hearing.player.mixer.cue.feed
        assert feed is not None
    heard = np.concatenate(whole)[FADE * 2 :]
    assert np.abs(np.diff(heard)).max() < SLOPE + CROSSFADE


def test_the_playhead_goes_back_to_where_playing_began_in_what_is_heard(hearing: Hearing, timeline: Timeline) -> None:
    hearing.player.seek(30 * RATE)
    hearing.player.play()
    run(hearing, 5)
    swap(hearing, lambda: hearing.select(timeline, LONGER))
    hearing.player.stop()
    assert hearing.player.frame() == 35 * RATE


def test_the_loop_goes_along_while_it_plays(hearing: Hearing, timeline: Timeline) -> None:
    hearing.set_mask(Region(40 * RATE, 41 * RATE))
    hearing.set_looping(True)
    hearing.player.play()
    run(hearing, 4)
    swap(hearing, lambda: hearing.select(timeline, LONGER))
    for _ in range(40):
        run(hearing, 1)
        assert 44 * RATE <= hearing.player.mixer.frame < 47 * RATE
    assert np.abs(np.diff(run(hearing, 20))).max() < SLOPE + CROSSFADE


def test_a_mask_that_is_played_once_ends_at_its_end_in_either_version(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot
) -> None:
    hearing.set_mask(Region(40 * RATE, 42 * RATE))
    hearing.play_mask()
    run(hearing, 4)
    swap(hearing, lambda: hearing.select(timeline, LONGER))
    last = 0
    while hearing.player.playing:
        block(hearing)
        qtbot.wait(3)
        last = max(last, hearing.player.mixer.frame)
    assert 47 * RATE - 2 * BLOCK <= last <= 47 * RATE


@pytest.mark.parametrize(
    ("mask", "parts"),
    [
        ((30.0, 40.0), [(29.25, 30.75), (39.25, 40.75)]),
        ((30.0, 31.0), [(29.25, 31.75)]),
        ((30.0, 31.5), [(29.25, 32.25)]),
        ((0.0, 5.0), [(0.0, 0.75), (4.25, 5.75)]),
        ((50.0, 60.0), [(49.25, 50.75), (59.25, 60.0)]),
    ],
)
def test_each_seam_is_heard_with_as_much_on_either_side(
    hearing: Hearing, qtbot: QtBot, mask: tuple[float, float], parts: list[tuple[float, float]]
) -> None:
    hearing.set_mask(Region.from_seconds(*mask, RATE))
    hearing.play_seams()
    heard: list[tuple[int, int]] = []
    feeds: list[object] = []
    while hearing.player.playing:
        feed = hearing.player.mixer.cue.feed
        if feed is not None and feed not in feeds:
            feeds.append(feed)
            assert feed._stop is not None
            heard.append((feed.path.start, feed.path.start + feed.path.passed(feed._stop)))
        block(hearing)
        qtbot.wait(2)
    wanted = [(round(start * RATE), round(end * RATE)) for start, end in parts]
    assert len(heard) == len(wanted)
    for (start, end), (first, last) in zip(heard, wanted, strict=True):
        assert start == first
        assert last <= end <= last + 1
