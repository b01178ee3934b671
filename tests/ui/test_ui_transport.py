"""The transport shows what is, asks for what is wanted, and says why nothing can be heard."""

from datetime import UTC, datetime

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from app.endpoints.request import Kind, Request
from app.files.ledger import Ledger
from app.files.settings import Settings
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import RunFacts, Take, TakeId
from app.ui.transport import Transport
from app.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def transport(qtbot) -> Transport:
    found = Transport()
    qtbot.addWidget(found)
    found.resize(1000, 40)
    found.show()
    return found


def test_buttons_ask(qtbot, transport):
    transport.set_deck("A", ("take 2", "take 4"))
    for button, signal in (
        (transport.start, transport.to_start),
        (transport.play, transport.play_toggled),
        (transport.loop, transport.loop_toggled),
        (transport.deck_b, transport.flip),
        (transport.match, transport.match_toggled),
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, LEFT)


def test_pressing_the_deck_that_is_heard_flips_nothing(qtbot, transport):
    transport.set_deck("B", ("take 2", "take 4"))
    with qtbot.assertNotEmitted(transport.flip):
        qtbot.mouseClick(transport.deck_b, LEFT)
    assert transport.deck_b.isChecked()
    assert "heard now" in transport.deck_b.accessibleName()
    assert transport.deck_a.text() == "A · take 2"


def test_a_flip_shows_only_when_it_has_happened(qtbot, transport):
    transport.set_deck("A", ("take 2", "take 4"))
    qtbot.mouseClick(transport.deck_b, LEFT)
    assert transport.deck_a.isChecked()
    transport.set_deck("B", ("take 2", "take 4"))
    assert transport.deck_b.isChecked()
    assert not transport.deck_a.isChecked()


def test_nothing_to_compare(transport):
    transport.set_deck("A", ("original", ""))
    assert not transport.deck_b.isEnabled()
    assert not transport.match.isEnabled()


def test_play_becomes_stop(transport):
    transport.set_playing(True)
    assert transport.play.accessibleName() == "Stop"
    transport.set_playing(False)
    assert transport.play.accessibleName() == "Play"
    assert "Space" in transport.play.toolTip()


def test_reason_stands_in_the_open_and_play_stays(qtbot, transport):
    transport.set_reason("No audio device was found.")
    assert transport.reason.isVisible()
    assert transport.reason.text() == "No audio device was found."
    assert transport.play.toolTip() == "Play (Space)\nNo audio device was found."
    transport.set_playing(True)
    with qtbot.waitSignal(transport.play_toggled):  # it stops the playhead, and another press tries again
        qtbot.mouseClick(transport.play, LEFT)
    transport.set_reason(None)
    assert not transport.reason.isVisible()
    assert transport.play.toolTip() == "Stop (Space)"


def test_time_runs_without_moving_its_neighbours(transport):
    transport.set_time(197_760, 48_000)
    assert transport.time.text() == "00:04.120"
    left = transport.deck_a.x()
    for frame in range(0, 48_000 * 70, 48_000 * 7 + 1111):
        transport.set_time(frame, 48_000)
    assert transport.deck_a.x() == left


def test_setters_do_not_ask_back(qtbot, transport):
    with qtbot.assertNotEmitted(transport.loop_toggled), qtbot.assertNotEmitted(transport.match_toggled):
        transport.set_loop(True)
        transport.set_match(True)
    assert transport.loop.isChecked()
    assert transport.match.isChecked()


def test_every_button_has_a_name_and_a_tip(transport):
    for button in transport.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text()
        assert button.toolTip()


def test_in_the_window_there_is_nothing_to_compare_until_a_take_is_picked(qtbot, tmp_path, music):
    ledger = Ledger()
    session = Session(Settings(), ledger)
    window = MainWindow(session)
    qtbot.addWidget(window)
    transport = window.transport
    soundfile.write(tmp_path / "song.wav", music.read(), music.rate)
    with qtbot.waitSignal(session.opened, timeout=10_000):
        session.open(tmp_path / "song.wav")
    assert not transport.deck_b.isEnabled()
    assert "Pick a take" in transport.deck_b.toolTip()
    region = Region(1000, 2000)
    request = Request(
        endpoint="e", connection="local", kind=Kind.FILL, params={}, mask=region, excerpt=region, rate=music.rate
    )
    patch, now = music.cut(3000, 4000), datetime(2026, 1, 1, tzinfo=UTC)
    session.timeline = session.timeline.add(Take(TakeId("t"), 1, None, request, region, patch, RunFacts(), now))
    session.hear(TakeId("t"))
    assert transport.deck_b.isEnabled()
    assert transport.deck_b.isChecked()
    session.hear(None)
    assert transport.deck_a.isChecked()
    assert transport.deck_b.isEnabled(), "the take stays on B, to be flipped to"
    session.close()
    assert transport.deck_a.text() == "A"
    session.shut_down()
    ledger.close()
