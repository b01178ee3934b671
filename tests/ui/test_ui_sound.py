"""What is played on, half speed, scrubbing in the ruler and the diagnostics, in the real window."""

import gc
from collections.abc import Iterator

import pytest
from lanes_hand import Hand
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.session import feeding as feeding_module
from app.session import player as player_module
from app.session.devices import Found
from app.session.mixer import Mixer
from app.session.output import OutputFacts
from app.session.session import Session
from app.ui.sound_page import SoundPage
from app.ui.window import MainWindow

LOUD = Found("Loudspeakers", "Sound", 2, 48000, 0, default=True)
HEAD = Found("Head & phones", "Sound", 2, 44100, 1)


class Device:
    """Plays nothing, asks for nothing."""

    lost = False
    underflows = 0

    def __init__(self, _mixer: Mixer, rate: int, _channels: int, key: str | None = None) -> None:
        self.facts = OutputFacts((key or LOUD.key).partition(",")[0], rate, 2, 0.02)

    def close(self) -> None:
        pass


class Plugged:
    """What PortAudio would find."""

    def __init__(self) -> None:
        self.found: tuple[Found, ...] = (LOUD, HEAD)

    def look(self, *, anew: bool = False) -> tuple[Found, ...]:
        return self.found


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Plugged:
    plugged = Plugged()
    monkeypatch.setattr(player_module, "Device", Device)
    monkeypatch.setattr(feeding_module, "DEVICES", plugged)
    return plugged


@pytest.fixture
def window(session: Session, plugged: Plugged, qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(session)
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    with qtbot.waitSignal(session.opened, timeout=60_000):
        window.open_demo()
    yield window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del window
    gc.collect()


def entries(window: MainWindow) -> list[tuple[str, bool]]:
    return [(each.text(), each.isChecked()) for each in window._output_menu.actions() if not each.isSeparator()]


def test_the_menu_lists_what_is_plugged_in_and_chooses_by_name(
    window: MainWindow, plugged: Plugged, qtbot: QtBot
) -> None:
    outputs = window.session.outputs
    with qtbot.waitSignal(outputs.changed):
        window._output_menu.aboutToShow.emit()
    assert entries(window) == [
        ("System default (Loudspeakers)", True),
        ("Loudspeakers", False),
        ("Head && phones", False),
    ]
    window._output_menu.actions()[-1].trigger()
    assert window.session.preferences.now.audio_device == HEAD.key
    assert entries(window)[-1] == ("Head && phones", True)
    plugged.found = (LOUD,)
    with qtbot.waitSignal(outputs.changed):
        outputs.look()
    assert entries(window)[-1] == ("Head && phones (not seen)", True), "it stays chosen until it comes back"


def test_the_settings_show_and_change_the_same_choice(window: MainWindow, qtbot: QtBot) -> None:
    outputs = window.session.outputs
    page = SoundPage(outputs)
    qtbot.addWidget(page)
    with qtbot.waitSignal(outputs.changed):
        page.renew()
    assert [page.device.itemText(index) for index in range(page.device.count())] == [
        "System default (Loudspeakers)",
        "Loudspeakers",
        "Head & phones",
    ]
    page.device.setFocus()
    page.device.setCurrentIndex(2)
    page.device.activated.emit(2)
    assert outputs.chosen == HEAD.key
    outputs.choose(None)
    assert page.device.currentIndex() == 0


def test_the_status_line_says_what_plays(window: MainWindow, qtbot: QtBot) -> None:
    window.session.hearing.player.play()
    qtbot.waitUntil(lambda: window.status.device.text() == "Loudspeakers · 44.1 kHz", timeout=5000)
    window.session.outputs.choose(HEAD.key)
    qtbot.waitUntil(lambda: window.status.device.text() == "Head & phones · 44.1 kHz", timeout=5000)


def test_half_speed_by_its_key_is_shown_and_ends_by_it(window: MainWindow) -> None:
    player = window.session.hearing.player
    QTest.keyClick(window.editor.wave, Qt.Key.Key_Slash)
    assert player.speed == 0.5
    assert window.transport.speed.isVisibleTo(window)
    assert window.actions_table["half_speed"].isChecked()
    QTest.keyClick(window.editor.wave, Qt.Key.Key_Slash)
    assert player.speed == 1.0
    assert not window.transport.speed.isVisibleTo(window)
    assert not window.actions_table["half_speed"].isChecked()


def test_dragging_in_the_ruler_scrubs_and_a_click_does_not(window: MainWindow, qtbot: QtBot) -> None:
    player, hand = window.session.hearing.player, Hand(window.editor.wave)
    grains: list[tuple[int, int]] = []
    real = player.grain

    def grain(start: int, end: int, *, first: bool = False) -> None:
        grains.append((start, end))
        real(start, end, first=first)

    player.grain = grain  # type: ignore[method-assign]
    hand.press(100, y=8)
    hand.release(100, y=8)
    assert grains == []
    assert player.frame() == hand.frame(100)
    hand.press(200, y=8)
    for x in range(210, 400, 10):
        hand.move(x, y=8)
        assert player.scrub.held
        assert abs(player.frame() - hand.frame(x)) <= 1
        qtbot.wait(15)
    hand.release(390, y=8)
    assert not player.scrub.held
    assert not player.playing
    assert abs(player.frame() - hand.frame(390)) <= 1, "the playhead stays where it was let go"
    assert 3 <= len(grains) < 19, "not one for every move"
    assert grains[0][0] == pytest.approx(hand.frame(210), abs=1)
    assert hand.committed == [], "no mask was drawn"


def test_escape_ends_scrubbing(window: MainWindow) -> None:
    hand = Hand(window.editor.wave)
    hand.press(200, y=8)
    hand.move(230, y=8)
    assert window.session.hearing.player.scrub.held
    assert window.editor.wave._canvas.gestures.cancel()
    assert not window.session.hearing.player.scrub.held


def test_diagnostics_tell_device_and_figures_and_can_be_copied(window: MainWindow, qtbot: QtBot) -> None:
    window.session.hearing.player.play()
    qtbot.waitUntil(lambda: window.session.hearing.player.output is not None, timeout=5000)
    window.actions_table["diagnostics"].trigger()
    dialog = window.verbs._diagnostics
    assert dialog is not None
    assert dialog.isVisible()
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    for line in ("Output: Loudspeakers", "Device's rate: 44100 Hz", "Latency: 20 ms", "Block: 1024 frames, 23.2 ms"):
        assert line in text.splitlines()
    assert "Underruns: " in text
    assert "Deck A: " in text
    assert "/" not in text.replace("Retake", ""), "no path"
    window.session.hearing.player.mixer.underruns += 7
    dialog.renew()
    assert any(label.text() == "7" for label in dialog._values.values())
    dialog.close()
