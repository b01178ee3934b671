"""What is on the decks: selecting, using and flipping while it plays, and how loud the two are made."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.endpoints.request import Kind, Request
from app.session import hearing as hearing_module
from app.session import matching
from app.session import player as player_module
from app.session.background import Background
from app.session.feed import BLOCK
from app.session.hearing import Hearing
from app.session.matching import differences
from app.session.mixer import Mixer
from app.session.output import OutputFacts
from app.sound.clip import Clip, Frames
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Timeline

RATE = 8000
CLIP = Region(0, 60 * RATE)
ONE, TWO, THREE = TakeId("one"), TakeId("two"), TakeId("three")


class HandDevice:
    """A device out of which the test takes the blocks."""

    facts = OutputFacts("By hand", RATE, 2, 0.0)
    lost = False
    underflows = 0

    def __init__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


def noise(level: float, length: int) -> Clip:
    """As loud as its level says, throughout."""
    return Clip.from_frames(np.random.default_rng(5).normal(0, level, (length, 2)).clip(-1, 1), RATE)


def take(number: int, name: TakeId, parent: TakeId | None, region: Region, level: float) -> Take:
    request = Request(
        endpoint="e", connection="local", kind=Kind.FILL, params={}, mask=region, excerpt=region, rate=RATE
    )
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Take(name, number, parent, request, region, noise(level, region.length), RunFacts(), when)


def seconds(start: float, end: float) -> Region:
    return Region.from_seconds(start, end, RATE)


@pytest.fixture
def timeline() -> Timeline:
    """Take 1 is 12 dB louder at 10–14 s, take 2 12 dB quieter at 40–44 s, take 3 stands on take 1, at 20–21 s."""
    first = take(1, ONE, None, seconds(10, 14), 0.2)
    second = take(2, TWO, None, seconds(40, 44), 0.0125)
    third = take(3, THREE, ONE, seconds(20, 21), 0.2)
    return Timeline().add(first).add(second).add(third)


@pytest.fixture
def hearing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, timeline: Timeline) -> Iterator[Hearing]:
    monkeypatch.setattr(player_module, "Device", HandDevice)
    background = Background()
    hearing = Hearing(background)
    source = noise(0.05, CLIP.length)
    hearing.open(source, peaks_of(source), timeline)
    yield hearing
    hearing.close()
    background.close()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each stretch was, in seconds, that was measured for a match."""
    found: list[float] = []
    real = matching.match_gain_db

    def counted(reference: Frames, other: Frames, rate: int) -> float:
        found.append(reference.shape[0] / rate)
        return real(reference, other, rate)

    monkeypatch.setattr(matching, "match_gain_db", counted)
    return found


def gains_db(hearing: Hearing) -> tuple[float, float]:
    """What the mixer has been given."""
    a, b = (20 * np.log10(gain) for gain in hearing.player.mixer.cue.gains)
    return float(a), float(b)


def play(hearing: Hearing, start: float = 0.0) -> None:
    hearing.player.play(round(start * RATE))
    until(lambda: hearing.player.mixer.cue.feed is not None)


def block(mixer: Mixer) -> Frames:
    out = np.zeros((BLOCK, 2), np.float32)
    mixer.block(out)
    return out


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def run(hearing: Hearing, blocks: int) -> Frames:
    """So many blocks, each prepared."""
    heard: list[Frames] = []
    for _ in range(blocks):
        until(lambda: len(hearing.player.mixer.cue.feed.ready) > 4)
        heard.append(block(hearing.player.mixer))
    return np.concatenate(heard)


def test_selecting_and_using_while_it_plays_is_the_take_at_the_same_frames_and_nothing_else(
    hearing: Hearing, timeline: Timeline
) -> None:
    at = 11 * RATE
    play(hearing, 11.0)
    heard = [run(hearing, 2)]
    for step in (
        lambda: hearing.select(timeline, ONE),
        lambda: hearing.refresh(timeline.go_to(ONE)),
        lambda: hearing.select(timeline.go_to(ONE), ONE),
    ):
        before = hearing.player.mixer.cue
        step()
        heard += [block(hearing.player.mixer) for _ in range(2)]
        until(lambda before=before: hearing.player.mixer.cue is not before)
        heard.append(run(hearing, 2))
    whole = np.concatenate(heard)
    original = hearing.rendering(timeline, None).read(at, at + whole.shape[0])
    taken = hearing.rendering(timeline, ONE).read(at, at + whole.shape[0])
    fade = round(0.005 * RATE)
    assert np.array_equal(whole[fade : 2 * BLOCK], original[fade : 2 * BLOCK])
    assert np.allclose(whole[4 * BLOCK + fade :], taken[4 * BLOCK + fade :], atol=1e-6), "not a block of anything else"


def test_selecting_again_while_it_plays_restarts_nothing(hearing: Hearing, timeline: Timeline) -> None:
    hearing.select(timeline, ONE)
    play(hearing)
    feed = hearing.player.mixer.cue.feed
    run(hearing, 1)
    hearing.flip()
    assert hearing.heard is None
    hearing.select(timeline, ONE)
    assert hearing.heard == ONE
    time.sleep(0.03)
    assert hearing.player.mixer.cue.feed is feed
    assert hearing.player.mixer.cue.deck == 1


def test_after_use_a_flip_goes_back_to_what_was_in_use(hearing: Hearing, timeline: Timeline) -> None:
    hearing.select(timeline, ONE)
    hearing.refresh(timeline.go_to(ONE))
    assert (hearing.heard, hearing.selected) == (ONE, None)
    hearing.flip()
    assert hearing.heard is None
    hearing.refresh(timeline.go_to(ONE).undo())
    assert (hearing.heard, hearing.selected) == (None, ONE)


def test_two_takes_differ_where_either_left_their_last_common_version(timeline: Timeline) -> None:
    def where(timeline: Timeline, a: TakeId | None, b: TakeId | None) -> tuple[Region, ...]:
        one, two = differences(timeline, a, b)
        assert one == two, "no take here changes a length"
        return one

    assert where(timeline, None, ONE) == (seconds(10, 14),)
    assert where(timeline, ONE, TWO) == (seconds(10, 14), seconds(40, 44))
    assert where(timeline, ONE, THREE) == (seconds(20, 21),)
    assert where(timeline, THREE, TWO) == (seconds(10, 14), seconds(20, 21), seconds(40, 44))
    assert where(timeline, TWO, TWO) == ()
    overlapping = timeline.add(take(4, TakeId("four"), None, seconds(13, 16), 0.1))
    assert where(overlapping, ONE, TakeId("four")) == (seconds(10, 16),)


def test_the_match_measures_where_the_two_differ_and_not_the_mask(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, measured: list[float]
) -> None:
    hearing.set_mask(seconds(50, 55))
    hearing.set_matching(True)
    hearing.select(timeline, ONE)
    play(hearing)
    qtbot.waitUntil(lambda: gains_db(hearing)[1] < -8, timeout=5000)
    assert gains_db(hearing)[0] == 0.0, "only the louder one is turned down"
    assert measured == [6.0, 6.0], "four seconds that differ, and one at each side"


def test_nudging_the_mask_measures_nothing(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, measured: list[float]
) -> None:
    hearing.set_matching(True)
    hearing.select(timeline, ONE)
    qtbot.waitUntil(lambda: len(measured) == 2, timeout=5000)
    for step in range(20):
        hearing.set_mask(seconds(10, 14).moved(step * 80))
    hearing.flip()
    hearing.set_matching(False)
    hearing.set_matching(True)
    hearing.refresh(timeline.go_to(ONE))
    hearing.flip()
    qtbot.wait(100)
    assert len(measured) == 2, "one pair, either way round"


def test_using_while_it_is_measured_does_not_measure_again(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, measured: list[float]
) -> None:
    hearing.set_matching(True)
    hearing.select(timeline, ONE)
    hearing.refresh(timeline.go_to(ONE))
    play(hearing)
    qtbot.waitUntil(lambda: gains_db(hearing)[0] < -8, timeout=5000)
    qtbot.wait(50)
    assert len(measured) == 2


def test_a_new_pair_never_has_the_gains_of_the_last_one(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing.set_matching(True)
    hearing.select(timeline, ONE)
    play(hearing)
    qtbot.waitUntil(lambda: gains_db(hearing)[1] < -8, timeout=5000)
    cues = [hearing.player.mixer.cue]
    hearing.select(timeline, TWO)
    until(lambda: hearing.player.mixer.cue is not cues[0])
    assert gains_db(hearing) == (0.0, 0.0), "not measured yet"
    qtbot.waitUntil(lambda: gains_db(hearing)[0] < -4, timeout=5000)
    assert gains_db(hearing)[1] == 0.0
    two = hearing.player.mixer.cue
    monkeypatch.setattr(hearing.player, "set_gains", lambda *_: None)  # they come with the decks, not after them
    hearing.select(timeline, ONE)
    until(lambda: hearing.player.mixer.cue is not two)
    assert gains_db(hearing)[1] < -8, "measured before: from its first frame on"
    hearing.refresh(timeline.go_to(ONE))
    until(lambda: hearing.player.mixer.cue.deck == 0)
    assert gains_db(hearing)[0] < -8
    assert gains_db(hearing)[1] == 0.0


def test_a_take_that_comes_while_matching_is_measured_before_it_is_selected(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, measured: list[float]
) -> None:
    hearing.set_matching(True)
    four = TakeId("four")
    grown = timeline.add(take(4, four, None, seconds(30, 32), 0.2))
    hearing.add(grown)
    qtbot.waitUntil(lambda: len(measured) == 2, timeout=5000)
    qtbot.wait(20)
    play(hearing)
    assert gains_db(hearing) == (0.0, 0.0)
    hearing.select(grown, four)
    until(lambda: hearing.player.mixer.cue.deck == 1)
    assert gains_db(hearing)[1] < -6
    assert len(measured) == 2


def test_what_comes_back_for_another_clip_is_not_heard(hearing: Hearing, timeline: Timeline, qtbot: QtBot) -> None:
    hearing.set_matching(True)
    hearing.select(timeline, ONE)
    hearing.clear()
    source = noise(0.2, CLIP.length)
    hearing.open(source, peaks_of(source), timeline)
    qtbot.wait(200)
    hearing.set_matching(False)
    hearing.select(timeline, ONE)
    hearing.set_matching(True)
    play(hearing)
    qtbot.wait(200)
    assert gains_db(hearing) == (pytest.approx(0.0, abs=0.3), pytest.approx(0.0, abs=0.3)), "as loud as each other now"


def test_a_difference_of_an_hour_is_measured_in_pieces(
    hearing: Hearing, timeline: Timeline, qtbot: QtBot, measured: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_MOST_SECONDS", 10.0)
    monkeypatch.setattr(matching, "_PIECE_SECONDS", 1.0)
    four = TakeId("four")
    grown = timeline.add(take(4, four, None, CLIP, 0.2))
    hearing.set_matching(True)
    hearing.select(grown, four)
    play(hearing)
    qtbot.waitUntil(lambda: gains_db(hearing)[1] < -11, timeout=5000)
    assert measured[0] == 10.0
    assert gains_db(hearing)[1] == pytest.approx(-12.0, abs=0.3)


# --- versions of other lengths --------------------------------------------------------------------------------------

LONGER = TakeId("longer")


@pytest.fixture
def apart(hearing: Hearing, timeline: Timeline) -> Timeline:
    """Take 4 has five seconds more at 20 s."""
    at = seconds(20, 20)
    request = Request(
        endpoint="e",
        connection="local",
        kind=Kind.GENERATE,
        params={},
        mask=seconds(20, 25),
        excerpt=seconds(20, 25),
        rate=RATE,
        place=at,
    )
    when = datetime(2026, 1, 1, tzinfo=UTC)
    more = timeline.add(Take(LONGER, 4, None, request, at, noise(0.2, 5 * RATE), RunFacts(), when))
    hearing.add(more)
    return more


def test_a_flip_stays_at_the_same_sound(hearing: Hearing, apart: Timeline) -> None:
    source = hearing.rendering(apart, None)
    hearing.player.seek(30 * RATE)
    hearing.select(apart, LONGER)
    assert hearing.player.frame() == 35 * RATE
    assert hearing.length == 65 * RATE
    assert hearing.frame_in_use() == 30 * RATE
    play(hearing, 35)
    heard = block(hearing.player.mixer)
    np.testing.assert_array_equal(heard[100:], source.read(30 * RATE, 30 * RATE + BLOCK)[100:])
    hearing.flip()
    assert abs(hearing.player.frame() - 30 * RATE) <= 2 * BLOCK
    until(lambda: hearing.player.mixer.cue.feed is not None and hearing.player.mixer.cue.deck == 0)
    hearing.flip()
    assert abs(hearing.player.frame() - 35 * RATE) <= 4 * BLOCK


def test_the_loop_and_the_mask_go_along(hearing: Hearing, apart: Timeline) -> None:
    hearing.set_mask(seconds(40, 42))
    hearing.set_looping(True)
    assert hearing.player.loop == seconds(39, 43)
    hearing.select(apart, LONGER)
    assert hearing.shown_mask == seconds(45, 47)
    assert hearing.player.loop == seconds(44, 48)
    assert hearing.in_use(seconds(45, 47)) == seconds(40, 42)
    assert hearing.in_use(seconds(21, 24)) is None, "only the longer version has it"
    hearing.select(apart, None)
    assert (hearing.shown_mask, hearing.player.loop) == (seconds(40, 42), seconds(39, 43))


def test_its_picture_has_its_own_length(hearing: Hearing, apart: Timeline) -> None:
    hearing.select(apart, LONGER)
    picture = hearing.picture
    assert picture is not None
    assert (picture.sound.length, picture.peaks.length) == (65 * RATE, 65 * RATE)
    assert picture.changed == seconds(20, 25)


def test_a_long_picture_comes_from_the_background(
    hearing: Hearing, apart: Timeline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_module, "_AT_ONCE", 1000)
    assert hearing.peaks(LONGER).length == 0
    with qtbot.waitSignal(hearing.changed):
        pass
    assert hearing.peaks(LONGER).length == 65 * RATE


def test_the_match_measures_each_version_at_its_own_place(
    hearing: Hearing, apart: Timeline, qtbot: QtBot, measured: list[float]
) -> None:
    assert differences(apart, None, LONGER) == ((seconds(20, 20),), (seconds(20, 25),))
    hearing.set_matching(True)
    hearing.select(apart, LONGER)
    qtbot.waitUntil(lambda: len(measured) == 2, timeout=5000)
    assert sorted(measured) == [2.0, 7.0]
