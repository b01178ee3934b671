"""The player with the silent clock that stands in where there is no device, as on the machines that test it."""

import itertools
import time

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session import player as player_module
from app.session.player import Player
from app.sound.clip import Clip
from app.sound.region import Region

RATE = 44100


@pytest.fixture
def player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Player:
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
