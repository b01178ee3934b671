"""The player beyond plain playing: other devices and rates, half speed, parts one after the other, scrubbing."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session import player as player_module
from app.session.feed import BLOCK
from app.session.mixer import Mixer
from app.session.output import OutputFacts
from app.session.player import Player
from app.session.scrub import GRAIN_SECONDS
from app.sound.clip import Clip, Frames
from app.sound.region import Region

RATE = 44100
HZ = 311.0


class Hand:
    """A device out of which the test takes the blocks; the key tells its rate: "48000"."""

    opened: "list[Hand]"
    away: "set[str]"
    underflows = 0

    def __init__(self, mixer: Mixer, rate: int, _channels: int, key: str | None = None) -> None:
        note = f"{key} is not there" if key in self.away else None
        self.mixer, self.key = mixer, key
        self.facts = OutputFacts("Hand", int(key) if key and not note else rate, 2, 0.0, note)
        self.lost = self.closed = False
        self.opened.append(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    monkeypatch.setattr(Hand, "opened", [], raising=False)
    monkeypatch.setattr(Hand, "away", set(), raising=False)
    monkeypatch.setattr(player_module, "Device", Hand)
    player = Player()
    yield player
    player.close()


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not met():
        assert time.monotonic() < deadline, "the feeding thread did not do it"
        time.sleep(0.0005)


def ready(player: Player) -> None:
    until(lambda: bool(Hand.opened) and not Hand.opened[-1].closed)
    until(lambda: (feed := player.mixer.cue.feed) is not None and (len(feed.ready) > 4 or feed.finished))


def run(player: Player, blocks: int) -> Frames:
    heard: list[Frames] = []
    for _ in range(blocks):
        ready(player)
        heard.append(np.zeros((BLOCK, 2), np.float32))
        player.mixer.block(heard[-1])
    return np.concatenate(heard)[:, 0]


def wave(level: float = 0.5, seconds: float = 20.0) -> Clip:
    t = np.arange(round(seconds * RATE)) / RATE
    return Clip.from_frames(np.repeat((level * np.sin(2 * np.pi * HZ * t))[:, None], 2, axis=1), RATE)


def ramp(seconds: float = 20.0) -> Clip:
    values = np.arange(round(seconds * RATE), dtype=np.float32) / 2**21
    return Clip.from_frames(np.repeat(values[:, None], 2, axis=1), RATE)


def frames_of(heard: Frames) -> Frames:
    return np.round(heard.astype(np.float64) * 2**21).astype(int)


# --- devices --------------------------------------------------------------------------------------------------------


def test_another_device_goes_on_where_the_first_one_was(player: Player, qtbot: QtBot) -> None:
    player.load(wave())
    player.play(RATE)
    run(player, 10)
    before = player.mixer.cue
    player.choose_device("48000")
    qtbot.waitUntil(lambda: player.output is not None and player.output.rate == 48000, timeout=3000)
    assert Hand.opened[0].closed
    until(lambda: player.mixer.cue.feed is not None and player.mixer.cue is not before)
    heard = run(player, 6)
    places = RATE + 10 * BLOCK + np.arange(heard.size) * RATE / 48000
    assert np.abs(heard - 0.5 * np.sin(2 * np.pi * HZ * places / RATE))[240:].max() < 1e-5
    at = RATE + 10 * BLOCK + 5 * BLOCK * RATE // 48000
    assert at <= player.frame() <= at + BLOCK
    assert player.playing


def test_a_flip_at_another_rate_is_heard_in_the_very_next_block(player: Player) -> None:
    player.choose_device("48000")
    player.load(wave(), wave(-0.25))
    player.play(0)
    run(player, 3)
    for deck in (1, 0, 1):
        at = player.mixer.heard.at + BLOCK
        player.set_deck(deck)
        heard = run(player, 1)
        places = (at + np.arange(BLOCK)) * RATE / 48000
        wanted = (0.5, -0.25)[deck] * np.sin(2 * np.pi * HZ * places / RATE)
        assert np.abs(heard - wanted)[240:].max() < 1e-5


def test_a_chosen_device_that_comes_back_is_used_at_the_next_press(player: Player, qtbot: QtBot) -> None:
    Hand.away.add("48000")
    player.choose_device("48000")
    player.load(wave())
    player.play(0)
    qtbot.waitUntil(lambda: player.reason == "48000 is not there", timeout=3000)
    ready(player)
    Hand.away.clear()
    player.seek(1000)
    run(player, 1)
    assert len(Hand.opened) == 1, "not in the middle of playing"
    player.stop()
    player.play()
    qtbot.waitUntil(lambda: player.reason is None, timeout=3000)
    assert Hand.opened[-1].facts.rate == 48000


def test_a_device_that_goes_away_is_named_and_playing_goes_on_where_it_was(player: Player, qtbot: QtBot) -> None:
    player.load(wave())
    player.play(RATE)
    run(player, 20)
    Hand.opened[-1].lost = True
    with qtbot.waitSignal(player.playing_changed):
        pass
    assert player.reason is not None
    assert player.reason.startswith("Hand went away")
    at = player.frame()
    assert abs(at - (RATE + 20 * BLOCK)) <= BLOCK
    player.play()
    heard = run(player, 2)
    assert np.abs(heard - 0.5 * np.sin(2 * np.pi * HZ * (at + np.arange(heard.size)) / RATE))[240:].max() < 1e-5


# --- half speed -----------------------------------------------------------------------------------------------------


def test_half_speed_while_it_plays_and_back(player: Player, qtbot: QtBot) -> None:
    player.load(wave())
    player.play(0)
    whole = [run(player, 4)]
    for on in (True, False):
        before = player.mixer.cue
        with qtbot.waitSignal(player.speed_changed):
            player.set_half_speed(on)
        until(lambda before=before: player.mixer.cue is not before)
        whole.append(run(player, 8))
    heard = np.concatenate(whole)
    passed = np.concatenate([np.full(4 * BLOCK, 1.0), np.full(8 * BLOCK, 0.5), np.full(8 * BLOCK, 1.0)])
    places = np.concatenate([[0.0], np.cumsum(passed)[:-1]])
    away = np.abs(heard - 0.5 * np.sin(2 * np.pi * HZ * places / RATE))
    for switch in (0, 4 * BLOCK, 12 * BLOCK):  # in the crossfades the two run apart
        away[switch : switch + 240] = 0
    assert away.max() < 1e-4, "no jump, no gap"
    assert np.abs(np.diff(heard)).max() < 0.5 * 2 * np.pi * HZ / RATE + np.pi / 2 / (0.005 * RATE)
    assert abs(player.mixer.frame - (4 + 4 + 7) * BLOCK) <= 1


def test_a_loop_at_half_speed_keeps_the_playhead_in_it(player: Player) -> None:
    loop = Region(RATE, RATE + 5001)
    player.set_half_speed(True)
    player.load(ramp())
    player.set_loop(loop)
    player.play()
    told = []
    for _ in range(40):
        run(player, 1)
        told.append(player.frame())
    assert all(loop.contains(frame) for frame in told)
    assert player.mixer.frame == RATE + 39 * BLOCK // 2 % 5001


# --- parts one after the other ----------------------------------------------------------------------------------------


def test_parts_are_played_one_after_the_other_and_then_it_stops(player: Player, qtbot: QtBot) -> None:
    player.load(ramp())
    player.seek(77)
    player.play(1000, 9000, then=(Region(400_000, 408_000),))
    heard: list[Frames] = []
    deadline = time.monotonic() + 10
    while player.playing and time.monotonic() < deadline:
        out = np.zeros((BLOCK, 2), np.float32)
        player.mixer.block(out)
        heard.append(out[:, 0])
        qtbot.wait(3)
    frames = frames_of(np.concatenate(heard))
    inside = frames[frames > 0]
    assert {1500, 8000, 400_500, 407_000} <= set(inside.tolist())
    assert abs(inside.size - 16_000) < 20, "both parts whole, and nothing else"
    assert inside.max() < 408_000
    assert np.abs(np.diff(np.concatenate(heard))).max() < 0.01, "faded in and out"
    assert player.frame() == 77


def test_seeking_leaves_the_parts(player: Player, qtbot: QtBot) -> None:
    player.load(ramp())
    player.play(1000, 3000, then=(Region(400_000, 408_000),))
    player.seek(200_000)
    heard = frames_of(run(player, 6))
    qtbot.wait(50)
    assert player.playing
    assert (np.diff(heard[300:]) == 1).all()


# --- scrubbing --------------------------------------------------------------------------------------------------------


def scrubbed(player: Player, qtbot: QtBot, places: list[int], blocks: int) -> Frames:
    heard: list[Frames] = []
    for place in places:
        player.seek(place)
        for _ in range(blocks):
            out = np.zeros((BLOCK, 2), np.float32)
            player.mixer.block(out)
            heard.append(out[:, 0])
            qtbot.wait(BLOCK * 1000 // RATE)
    return np.concatenate(heard)


def test_dragging_plays_grains_under_the_pointer_without_a_click(player: Player, qtbot: QtBot) -> None:
    player.load(wave())
    player.scrub.hold(True)
    heard = scrubbed(player, qtbot, [RATE * n for n in range(1, 9)], 4)
    assert not player.playing
    assert player.frame() == 8 * RATE, "at the pointer, not somewhere in the grain"
    sounding = np.abs(heard) > 0.01
    assert sounding.mean() > 0.5
    slope = 0.5 * 2 * np.pi * HZ / RATE
    assert np.abs(np.diff(heard)).max() < slope + 1.0 * np.pi / 2 / (0.005 * RATE)
    player.scrub.hold(False)
    assert not scrubbed_rest(player).any()
    assert player.frame() == 8 * RATE


def scrubbed_rest(player: Player) -> Frames:
    out = np.zeros((BLOCK, 2), np.float32)
    for _ in range(2):
        player.mixer.block(out)
    return out


def test_a_pointer_that_rests_is_silent_after_one_grain(player: Player, qtbot: QtBot) -> None:
    player.load(wave())
    player.scrub.hold(True)
    player.seek(RATE)
    ready(player)
    heard = scrubbed(player, qtbot, [RATE], 20)
    assert (np.abs(heard) > 0).sum() < 2.2 * GRAIN_SECONDS * RATE
    assert not heard[-4 * BLOCK :].any()


def test_what_played_goes_on_where_the_pointer_was_let_go(player: Player, qtbot: QtBot) -> None:
    player.load(ramp())
    player.play(0)
    run(player, 2)
    player.scrub.hold(True)
    assert not player.playing
    player.seek(5 * RATE)
    player.seek(6 * RATE)
    player.scrub.hold(False)
    assert player.playing
    until(lambda: (feed := player.mixer.cue.feed) is not None and feed.path.start == 6 * RATE)
    assert frames_of(run(player, 1))[-1] == 6 * RATE + BLOCK - 1
