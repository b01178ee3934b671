"""The player: with the silent clock where there is no device, and with a device that is driven block by block."""

import itertools
import threading
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
from app.sound.clip import Clip, Frames
from app.sound.region import Region

RATE = 44100


@pytest.fixture
def player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    monkeypatch.setattr(player_module, "Device", _no_device)
    player = Player()
    yield player
    player.close()


def _no_device(*_: object) -> None:
    raise player_module.DeviceError("No audio device can be used, so nothing is heard.", "Plug one in.")


def silence(seconds: float) -> Clip:
    return Clip.from_frames(np.zeros((round(seconds * RATE), 2)), RATE)


def test_without_a_device_the_playhead_runs_and_the_reason_is_told(player: Player, qtbot: QtBot) -> None:
    player.load(silence(3))
    with qtbot.waitSignal(player.reason_changed, timeout=3000) as told:
        player.play(1000)
    assert "nothing is heard" in told.args[0]
    qtbot.waitUntil(lambda: player.frame() > 1000 + RATE // 4, timeout=3000)
    began, at = time.monotonic(), player.frame()
    qtbot.wait(400)
    ran = (player.frame() - at) / RATE
    assert ran == pytest.approx(time.monotonic() - began, abs=0.08)


def test_stopping_returns_to_where_playing_began(player: Player, qtbot: QtBot) -> None:
    player.load(silence(3))
    player.seek(5000)
    with qtbot.waitSignal(player.playing_changed):
        player.play()
    qtbot.waitUntil(lambda: player.frame() > 8000, timeout=3000)
    player.stop()
    assert player.frame() == 5000
    assert not player.playing


def test_a_region_is_played_once_and_then_it_stops(player: Player, qtbot: QtBot) -> None:
    player.load(silence(3))
    with qtbot.waitSignal(player.playing_changed):
        player.play(1000, 1000 + RATE // 4)
    qtbot.waitUntil(lambda: not player.playing, timeout=3000)
    assert player.frame() == 0


def test_the_loop_never_lets_the_playhead_out(player: Player, qtbot: QtBot) -> None:
    player.load(silence(3))
    loop = Region(RATE, RATE + RATE // 5)
    player.set_loop(loop)
    player.play()
    seen = []
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        qtbot.wait(5)
        seen.append(player.frame())
    assert all(loop.start <= frame <= loop.end for frame in seen)
    assert max(seen) - min(seen) > loop.length // 2
    assert any(later < sooner for sooner, later in itertools.pairwise(seen)), "it went around"


def test_new_decks_go_on_at_the_same_frame(player: Player, qtbot: QtBot) -> None:
    player.load(silence(5))
    player.play(RATE)
    qtbot.waitUntil(lambda: player.frame() > RATE + RATE // 4, timeout=3000)
    at = player.frame()
    player.load(silence(5), silence(5))
    assert abs(player.frame() - at) < RATE // 10
    qtbot.wait(200)
    assert player.playing
    assert player.frame() > at


def test_seeking_while_playing_goes_on_from_there(player: Player, qtbot: QtBot) -> None:
    player.load(silence(5))
    player.play(0)
    qtbot.wait(100)
    player.seek(4 * RATE)
    assert player.frame() == 4 * RATE
    qtbot.waitUntil(lambda: player.frame() > 4 * RATE + 2000, timeout=3000)


def test_nothing_loaded_plays_nothing(player: Player) -> None:
    player.toggle()
    assert not player.playing


# --- a device that asks for blocks when the test says so ----------------------------------------------------------


class HandDevice:
    """What the player opens; the test takes the blocks out of it."""

    latency = 0.0
    rate: int | None = None
    underflows = 0
    opened: "list[HandDevice]"

    def __init__(self, mixer: Mixer, rate: int, channels: int, key: str | None = None) -> None:
        self.mixer, self.key = mixer, key
        self.facts = OutputFacts("By hand", self.rate or rate, 2, self.latency)
        self.lost = self.closed = False
        type(self).opened.append(self)

    def close(self) -> None:
        self.closed = True


class Rig:
    """A player on such a device, and what was heard of it so far: its first channel."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.heard = np.zeros(0, np.float32)

    @property
    def device(self) -> HandDevice:
        return HandDevice.opened[-1]

    def ready(self) -> None:
        """Wait until the feeding thread has done what is wished, and prepared enough."""
        until(lambda: bool(HandDevice.opened) and not self.device.closed)
        until(lambda: (feed := self.player.mixer.cue.feed) is not None and (len(feed.ready) > 4 or feed.finished))

    def block(self) -> Frames:
        out = np.zeros((BLOCK, 2), np.float32)
        self.device.mixer.block(out)
        self.heard = np.append(self.heard, out[:, 0])
        return out[:, 0]

    def run(self, blocks: int) -> Frames:
        """Blocks one after the other, each prepared."""
        at = self.heard.size
        for _ in range(blocks):
            self.ready()
            self.block()
        return self.heard[at:]

    def swap(self, change: Callable[[], object], blocks: int = 6) -> Frames:
        """Make a change while the device goes on asking, faster than any device does; all that was heard of it."""
        self.ready()
        at, before = self.heard.size, self.player.mixer.cue
        change()
        for _ in range(blocks):
            self.block()
            time.sleep(0.002)
        until(lambda: self.player.mixer.cue is not before)
        self.run(4)
        return self.heard[at:]


def until(met: Callable[[], bool], seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "the feeding thread did not do it"
        time.sleep(0.0005)


@pytest.fixture
def rig(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(HandDevice, "opened", [], raising=False)
    monkeypatch.setattr(HandDevice, "latency", 0.0)
    monkeypatch.setattr(player_module, "Device", HandDevice)
    player = Player()
    yield Rig(player)
    player.close()


def level(value: float, seconds: float = 30.0) -> Clip:
    return Clip.from_frames(np.full((round(seconds * RATE), 2), value, np.float32), RATE)


def ramp(seconds: float = 30.0) -> Clip:
    """Every frame tells its own number, far above what a crossfade rounds away."""
    values = np.arange(round(seconds * RATE), dtype=np.float32) / 2**21
    return Clip.from_frames(np.repeat(values[:, None], 2, axis=1), RATE)


def frames_of(heard: Frames) -> list[int]:
    return np.round(heard.astype(np.float64) * 2**21).astype(int).tolist()


def levels(heard: Frames) -> set[float]:
    """Levels that last for longer than a crossfade takes."""
    found: set[float] = set()
    for value, run in itertools.groupby(np.round(heard, 3).tolist()):
        if len(list(run)) > 300:
            found.add(round(value, 3))
    return found


def test_selecting_while_playing_goes_on_with_the_very_next_frame(rig: Rig) -> None:
    one = ramp()
    rig.player.load(one, ramp())
    rig.player.play(RATE)
    rig.run(5)
    for _ in range(4):
        rig.swap(lambda: rig.player.load(one, ramp(), deck=1))
    heard = frames_of(rig.heard[300:])
    assert np.abs(np.array(heard) - np.arange(RATE + 300, RATE + 300 + len(heard))).max() <= 1


def test_selecting_never_lets_the_take_before_be_heard(rig: Rig) -> None:
    original, take_1, take_2 = level(0.1), level(0.2), level(0.3)
    for _ in range(5):
        rig.player.load(original, take_1, deck=0)
        rig.player.play(0)
        rig.ready()
        rig.run(2)
        heard = rig.swap(lambda: rig.player.load(original, take_2, deck=1))
        assert levels(heard) <= {0.1, 0.3}
        assert heard[-1] == np.float32(0.3)
        rig.player.stop()
        rig.block()


def test_using_what_is_heard_changes_nothing_that_is_heard(rig: Rig) -> None:
    original, take_2 = level(0.1), level(0.3)
    rig.player.load(original, take_2, deck=1)
    rig.player.play(0)
    rig.run(2)
    heard = rig.swap(lambda: rig.player.load(take_2, original, deck=0))
    assert np.allclose(heard, 0.3, atol=1e-6)


def test_gains_are_never_heard_with_another_pair(rig: Rig) -> None:
    loud, quiet = level(0.4), level(0.2)
    rig.player.load(loud, loud, deck=0, gains_db=(0.0, 0.0))
    rig.player.play(0)
    rig.run(2)
    heard = rig.swap(lambda: rig.player.load(quiet, loud, deck=1, gains_db=(0.0, -20 * np.log10(4))))
    assert levels(heard) <= {0.4, 0.1}


def test_a_flip_is_heard_in_the_very_next_block(rig: Rig) -> None:
    rig.player.load(level(0.1), level(0.3))
    rig.player.play(0)
    rig.run(3)
    for deck in (1, 0, 1):
        rig.ready()
        rig.player.set_deck(deck)
        assert np.allclose(rig.block()[300:], (0.1, 0.3)[deck])


def test_putting_the_same_sounds_on_the_decks_begins_nothing_anew(rig: Rig) -> None:
    a, b = level(0.1), level(0.3)
    rig.player.load(a, b)
    rig.player.play(0)
    rig.run(3)
    feed = rig.player.mixer.cue.feed
    rig.player.load(a, b, deck=1)
    assert np.allclose(rig.block()[300:], 0.3)
    assert rig.player.mixer.cue.feed is feed


def test_what_is_changed_before_the_device_is_open_begins_where_play_was_pressed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: object) -> HandDevice:
        may_open.wait(5)
        return HandDevice(*arguments)

    may_open = threading.Event()
    monkeypatch.setattr(player_module, "Device", slow)
    rig.player.load(level(0.1))
    rig.player.play(3 * RATE)
    rig.player.load(ramp())
    rig.player.set_loop(Region(RATE, 2 * RATE))
    assert rig.player.frame() == 3 * RATE
    may_open.set()
    rig.run(2)
    assert frames_of(rig.heard)[400] == 3 * RATE + 400


def test_beyond_the_loop_the_playhead_tells_the_truth_and_selecting_stays_there(rig: Rig) -> None:
    clip = ramp()
    rig.player.load(clip, clip)
    rig.player.set_loop(Region(4 * RATE, 7 * RATE))
    rig.player.play()
    rig.run(3)
    rig.swap(lambda: rig.player.seek(20 * RATE))
    at = frames_of(rig.heard[-BLOCK:])[0]
    assert at >= 20 * RATE
    assert at <= rig.player.frame() <= at + BLOCK
    rig.swap(lambda: rig.player.load(clip, ramp(), deck=1))
    rig.swap(lambda: rig.player.set_loop(Region(4 * RATE, 8 * RATE)))
    heard = frames_of(rig.heard[-BLOCK:])
    assert heard[0] > at
    assert abs(rig.player.frame() - heard[0]) <= BLOCK


def test_the_loop_is_left_and_entered_without_a_jump(rig: Rig) -> None:
    rig.player.load(ramp())
    rig.player.set_loop(Region(RATE, 2 * RATE))
    rig.player.play()
    rig.run(4)
    rig.swap(lambda: rig.player.set_loop(None))
    rig.swap(lambda: rig.player.set_loop(Region(RATE, RATE + 40_000)))
    heard = np.array(frames_of(rig.heard[300:]))
    assert np.abs(heard - np.arange(RATE + 300, RATE + 300 + heard.size)).max() <= 1


@pytest.mark.parametrize("latency", [0.0, 0.2])
def test_the_playhead_starts_where_playing_starts(rig: Rig, monkeypatch: pytest.MonkeyPatch, latency: float) -> None:
    monkeypatch.setattr(HandDevice, "latency", latency)
    loop = Region(4 * RATE, 5 * RATE)
    rig.player.load(level(0.1))
    rig.player.set_loop(loop)
    rig.player.play()
    told = [rig.player.frame()]
    for _ in range(60):
        rig.run(1)
        told.append(rig.player.frame())
    assert all(loop.contains(frame) for frame in told)
    turns = [(before, after) for before, after in itertools.pairwise(told) if after < before]
    assert len(turns) == 1, "it goes around once, and nowhere else backwards"
    played = 59 * BLOCK - round(latency * RATE)
    assert played <= told[-1] - loop.start + loop.length <= played + BLOCK


def test_with_latency_the_playhead_does_not_jump_when_a_take_is_selected(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HandDevice, "latency", 0.1)
    clip, other, loop = level(0.1), level(0.2), Region(4 * RATE, 5 * RATE)
    rig.player.load(clip)
    rig.player.set_loop(loop)
    rig.player.play()
    rig.run(42)  # the head is less than the latency past the turn: what is heard is still before it
    at = rig.player.frame()
    rig.player.load(clip, other)
    assert 0 <= rig.player.frame() - at < BLOCK
    rig.player.set_loop(None)
    rig.ready()
    assert 0 <= rig.player.frame() - at < BLOCK
    until(lambda: rig.player.mixer.cue.feed is not None and rig.player.mixer.cue.feed.path.loop is None)
    rig.block()
    assert 0 < rig.player.frame() - at < 3 * BLOCK


def test_the_end_stops_it_once_and_a_seek_at_the_end_does_not(rig: Rig, qtbot: QtBot) -> None:
    rig.player.load(level(0.1, 0.5))
    rig.player.play(0)
    rig.ready()
    while not rig.device.mixer.heard.cue.feed or not rig.device.mixer.heard.cue.feed.ended:
        rig.block()
        time.sleep(0.001)
    time.sleep(0.05)  # the feeding thread has told of the end; the window has not heard of it yet
    rig.player.seek(0)
    qtbot.wait(50)
    assert rig.player.playing
    rig.run(1)
    rig.player.seek(RATE // 2 - 100)
    until(lambda: rig.player.mixer.cue.feed is not None and rig.player.mixer.cue.feed.path.start == RATE // 2 - 100)
    rig.run(2)
    qtbot.waitUntil(lambda: not rig.player.playing, timeout=3000)


def test_a_device_that_goes_away_pauses_and_playing_looks_for_one_again(rig: Rig, qtbot: QtBot) -> None:
    rig.player.load(level(0.1))
    rig.player.play(RATE)
    rig.run(20)
    rig.device.lost = True
    with qtbot.waitSignal(rig.player.playing_changed):
        pass
    assert not rig.player.playing
    assert rig.player.reason is not None
    assert "went away" in rig.player.reason
    assert abs(rig.player.frame() - (RATE + 20 * BLOCK)) <= BLOCK, "where it was heard last"
    assert rig.device.closed
    assert len(HandDevice.opened) == 1, "not before it is asked for"
    with qtbot.waitSignal(rig.player.reason_changed) as told:
        rig.player.play()
    assert told.args == [None]
    assert len(HandDevice.opened) == 2
    assert np.allclose(rig.run(2)[300:], 0.1)


def test_each_press_of_play_looks_for_a_device_but_no_seek_does(
    player: Player, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def none_yet(_mixer: Mixer, rate: int, _channels: int, _key: str | None) -> None:
        asked.append(rate)
        raise player_module.DeviceError("No audio device was found.", "Plug one in.")

    monkeypatch.setattr(player_module, "Device", none_yet)
    player.load(silence(3))
    for presses in (1, 2):
        player.play()
        qtbot.waitUntil(lambda presses=presses: len(asked) == presses, timeout=3000)
        player.seek(RATE)
        qtbot.waitUntil(lambda: player.frame() > RATE + 2000, timeout=3000)
        assert len(asked) == presses
        player.stop()
    assert player.reason == "No audio device was found. Plug one in."
    monkeypatch.setattr(player_module, "Device", HandDevice)
    monkeypatch.setattr(HandDevice, "opened", [], raising=False)
    with qtbot.waitSignal(player.reason_changed) as told:
        player.play()
    assert told.args == [None]


def test_wishes_from_the_window_never_meet_half_done(rig: Rig) -> None:
    """Flips, seeks and selections as fast as they come, while a device asks: every block is of one of the decks."""
    clips = [level(0.1), level(0.2), level(0.3)]
    rig.player.load(clips[0], clips[1])
    rig.player.play(0)
    rig.ready()
    done = threading.Event()

    def device() -> None:
        while not done.is_set():
            rig.block()
            time.sleep(0.001)

    asking = threading.Thread(target=device)
    asking.start()
    for turn in range(300):
        match turn % 4:
            case 0:
                rig.player.load(clips[turn % 3], clips[(turn + 1) % 3], deck=turn % 2)
            case 1:
                rig.player.set_deck(turn // 2 % 2)
            case 2:
                rig.player.seek(turn * 100)
            case _:
                rig.player.set_loop(Region(0, 50_000 + turn))
        time.sleep(0.001)
    rig.player.load(clips[0], clips[2], deck=1)
    until(lambda: (feed := rig.player.mixer.cue.feed) is not None and feed.decks[1] is clips[2])
    time.sleep(0.05)
    done.set()
    asking.join()
    assert rig.heard.max() <= 0.3 + 1e-6
    assert np.allclose(rig.run(2), 0.3)
    assert rig.player.playing
