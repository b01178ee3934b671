"""The spectrogram in the real window: keys, menus, what is remembered, and what the status line says."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
import soundfile
from lanes_hand import Hand
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.endpoints.request import Kind, Request
from app.files.ledger import Ledger
from app.files.settings import Settings
from app.session.session import Session
from app.sound.clip import Clip
from app.sound.frequencies import Axis
from app.sound.region import Region
from app.takes.take import RunFacts, Take, TakeId
from app.ui.colour_maps import ColourMap
from app.ui.spectrogram_look import Shown, SpectrogramLook
from app.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def window_with(qtbot, settings: Settings) -> tuple[MainWindow, Ledger]:
    ledger = Ledger()
    window = MainWindow(Session(settings, ledger))
    window.resize(1200, 700)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window, ledger


def put_away(window: MainWindow, ledger: Ledger) -> None:
    window.close()
    ledger.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    found, ledger = window_with(qtbot, Settings())
    yield found
    put_away(found, ledger)


def opened(qtbot, window: MainWindow, tmp_path) -> None:
    path = tmp_path / "tone.wav"
    at = np.arange(4 * 44_100) / 44_100
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 1000 * at), 44_100, subtype="PCM_16")
    with qtbot.waitSignal(window.session.opened, timeout=10_000):
        window.session.open(path)
    window.editor.wave.setFocus()


def settled(qtbot, window: MainWindow) -> None:
    item = window.editor.wave.spectrogram.item
    qtbot.wait(30)
    qtbot.waitUntil(lambda: all(item.tiles.find(each.key) is not None for each in item._places(item.sound)))


def choose(menu: QMenu, text: str) -> None:
    """Press the entry of that text, in whichever submenu it is."""

    def entries(inside: QMenu) -> Iterator[QAction]:
        for action in inside.actions():
            below = action.menu()
            if isinstance(below, QMenu):
                yield from entries(below)
            else:
                yield action

    next(action for action in entries(menu) if action.text() == text).trigger()


def test_keys_switch_between_wave_spectrogram_and_both(qtbot, window, tmp_path):
    opened(qtbot, window, tmp_path)
    layer = window.editor.wave.spectrogram
    for key, shown in (
        (Qt.Key.Key_2, Shown.SPECTROGRAM),
        (Qt.Key.Key_3, Shown.SPLIT),
        (Qt.Key.Key_1, Shown.WAVE),
    ):
        QTest.keyClick(QApplication.focusWidget() or window, key, Qt.KeyboardModifier.ControlModifier)
        assert layer.shown is shown
        assert window.session.preferences.now.clip_shown == shown
        checked = [name for name in Shown if window.actions_table[f"show_{name.value}"].isChecked()]
        assert checked == [shown]


def test_what_was_chosen_comes_back_at_the_next_start(qtbot, window):
    window.actions_table["show_split"].trigger()
    for text in ("Mel", "8192 frames", "100 dB", "Glow"):
        choose(window.spectrogram.menu, text)
    window.session.preferences.now.save()
    again, ledger = window_with(qtbot, Settings.load())
    layer = again.editor.wave.spectrogram
    assert layer.shown is Shown.SPLIT
    assert layer.look == SpectrogramLook(Axis.MEL, 8192, 100, ColourMap.GLOW)
    assert again.actions_table["show_split"].isChecked()
    put_away(again, ledger)


def test_the_menu_opens_over_the_lanes_and_changes_what_is_drawn(qtbot, window, tmp_path):
    opened(qtbot, window, tmp_path)
    window.actions_table["show_spectrogram"].trigger()
    settled(qtbot, window)
    before = window.editor.wave.grab().toImage()
    port = window.editor.wave._canvas.viewport()
    at = QPoint(300, 150)
    QApplication.sendEvent(port, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, port.mapToGlobal(at)))
    menu = window.spectrogram.context
    qtbot.waitUntil(menu.isVisible)
    choose(menu, "Linear")
    menu.close()
    settled(qtbot, window)
    assert window.editor.wave.grab().toImage() != before
    assert window.session.preferences.now.spectrogram_axis == "linear"


def test_the_status_line_says_what_is_under_the_pointer(qtbot, window, tmp_path):
    opened(qtbot, window, tmp_path)
    window.actions_table["show_split"].trigger()
    settled(qtbot, window)
    hand = Hand(window.editor.wave)
    hand.hover(400, y=window.editor.wave.height() - 40)
    assert window.status.pointed.isVisible()
    assert " Hz · " in window.status.pointed.text()
    hand.hover(400, y=60)
    assert not window.status.pointed.isVisible()


def test_a_take_is_seen_where_it_lies_and_the_original_again_after_a_flip(qtbot, window, tmp_path):
    opened(qtbot, window, tmp_path)
    window.actions_table["show_spectrogram"].trigger()
    settled(qtbot, window)
    session, wave = window.session, window.editor.wave
    region = Region(60_000, 120_000)
    request = Request(
        endpoint="e", connection="local", kind=Kind.FILL, params={}, mask=region, excerpt=region, rate=44_100
    )
    patch = Clip.from_frames(np.zeros((region.length, 1), np.float32), 44_100)
    take = Take(TakeId("a"), 1, None, request, region, patch, RunFacts(), datetime(2026, 1, 1, tzinfo=UTC))
    tiles = wave.spectrogram.item.tiles
    before = tiles.made
    session.timeline = session.timeline.add(take)
    session.hear(take.id)
    settled(qtbot, window)
    x = round(wave.scale().x(90_000))
    picture = wave._canvas.grab().toImage()
    column = {picture.pixelColor(38 + x, y).name() for y in range(60, picture.height() - 20)}
    assert len(column) == 1
    made = tiles.made
    assert 0 < made - before <= 4, "the banner takes some height, and the tiles beside the take are used again"
    session.hear(None)
    qtbot.wait(50)
    assert tiles.made == made
