"""The main job in the real window, by mouse and keys, on the demo clip and the real engine."""

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from sounds import make_music

from app import paths
from app.files.audio import decode_file
from app.files.formats import ExportFormat
from app.session import player as player_module
from app.session.session import Session
from app.sound.region import Region
from app.takes.compare import compare
from app.ui import theme
from app.ui.ruler import LEVEL_WIDTH
from app.ui.window import MainWindow

LONG = 60_000


@pytest.fixture
def window(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    def no_device(*_: object) -> None:
        raise player_module.DeviceError("No audio device can be used, so nothing is heard.", "Plug one in.")

    # The silent clock on every machine: tests play no sound, and a test machine may have a device.
    monkeypatch.setattr(player_module, "Device", no_device)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    window = MainWindow(session)
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield window
    window.close()
    theme.apply(app, "light")
    window.deleteLater()
    # The widgets go while Qt's order of deleting holds, not whenever the collector comes by.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del window
    gc.collect()


@pytest.fixture
def demo(window: MainWindow, qtbot: QtBot) -> MainWindow:
    with qtbot.waitSignal(window.session.opened, timeout=LONG):
        window.open_demo()
    qtbot.wait(50)
    return window


def at(window: MainWindow, seconds: float) -> QPoint:
    """Where a time lies in the waveform, in its viewport's pixels."""
    assert window.session.project is not None
    wave = window.editor.wave
    x = wave.scale().x(seconds * window.session.project.source.rate)
    return QPoint(LEVEL_WIDTH + round(x), wave.height() // 2)


def mouse(window: MainWindow, kind: QEvent.Type, seconds: float, keys: Qt.KeyboardModifier) -> None:
    port = window.editor.wave._canvas.viewport()
    point = QPointF(at(window, seconds))
    moving = kind == QEvent.Type.MouseMove
    button = Qt.MouseButton.NoButton if moving else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, point, QPointF(port.mapToGlobal(point.toPoint())), button, held, keys)
    QApplication.sendEvent(port, event)


def drag(window: MainWindow, start: float, end: float, keys: Qt.KeyboardModifier) -> None:
    mouse(window, QEvent.Type.MouseButtonPress, start, keys)
    for part in (0.3, 0.6, 1.0):
        mouse(window, QEvent.Type.MouseMove, start + (end - start) * part, keys)
    mouse(window, QEvent.Type.MouseButtonRelease, end, keys)
    window.editor.wave.setFocus()


def click(window: MainWindow, seconds: float) -> None:
    mouse(window, QEvent.Type.MouseButtonPress, seconds, NONE)
    mouse(window, QEvent.Type.MouseButtonRelease, seconds, NONE)


def press(window: MainWindow, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    target = QApplication.focusWidget() or window
    QTest.keyClick(target, key, keys)


NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def mask_seconds(window: MainWindow) -> tuple[float, float]:
    assert window.session.mask is not None
    assert window.session.project is not None
    return window.session.mask.seconds(window.session.project.source.rate)


def test_drag_ask_hear_keep_save_reopen_export(demo: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    session = demo.session
    button = demo.request.submit_bar.button
    assert not button.isEnabled()
    drag(demo, 13.0, 14.65, NONE)
    start, end = mask_seconds(demo)
    assert (start, end) == (pytest.approx(13.0, abs=0.05), pytest.approx(14.65, abs=0.05))
    assert button.text() == f"Fill {end - start:.2f} s × 3"

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(session.desk.jobs) == 3
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 3, timeout=LONG)
    assert session.timeline.head is None, "nothing is applied"
    assert session.hearing.heard is not None, "but the first is heard"
    assert demo.editor.banner.isVisible()

    demo.editor.wave.setFocus()
    press(demo, Qt.Key.Key_2)
    two = next(take for take in session.timeline.takes if take.number == 2)
    assert session.hearing.heard == two.id
    press(demo, Qt.Key.Key_B)
    assert session.hearing.heard is None
    press(demo, Qt.Key.Key_B)
    assert session.hearing.heard == two.id
    press(demo, Qt.Key.Key_0)
    press(demo, Qt.Key.Key_B)
    assert session.hearing.heard == two.id, "hearing what is in use leaves the other one on B"
    press(demo, Qt.Key.Key_Return)
    assert session.timeline.head == two.id
    assert not demo.editor.banner.isVisible()
    press(demo, Qt.Key.Key_Z, CTRL)
    assert session.timeline.head is None
    press(demo, Qt.Key.Key_Z, CTRL | SHIFT)
    assert session.timeline.head == two.id

    folder = tmp_path / "Groove.retake"
    with qtbot.waitSignal(session.saved, timeout=LONG):
        session.save_as(folder)
    session.close()
    assert demo.pages.currentWidget() is demo.empty
    with qtbot.waitSignal(session.opened, timeout=LONG):
        demo.open_files([folder])
    assert demo.windowTitle() == "Groove – Retake"
    assert session.timeline.head == two.id

    out = tmp_path / "groove.wav"
    session.export(out, None, ExportFormat.WAV)
    qtbot.waitUntil(out.exists, timeout=LONG)
    found = compare(decode_file(paths.demo_clip()), decode_file(out))
    mask = two.request.mask
    assert found.first is not None
    assert found.last is not None
    assert mask.start <= found.first <= found.last < mask.end
    assert soundfile.info(out).subtype == "PCM_16"


def test_a_plain_click_moves_the_playhead_and_leaves_the_mask(demo: MainWindow) -> None:
    drag(demo, 5.0, 8.0, NONE)
    before = demo.session.mask
    click(demo, 20.0)
    assert demo.session.mask == before
    assert demo.session.hearing.player.frame() / 44100 == pytest.approx(20.0, abs=0.05)
    assert demo.editor.wave.playhead() == demo.session.hearing.player.frame()


def test_keys_move_clear_and_restore_the_mask(demo: MainWindow) -> None:
    drag(demo, 5.0, 8.0, NONE)
    start, end = mask_seconds(demo)
    for key, keys, by in (
        (Qt.Key.Key_Right, NONE, 0.01),
        (Qt.Key.Key_Right, SHIFT, 0.1),
        (Qt.Key.Key_Left, CTRL, -0.001),
    ):
        press(demo, key, keys)
        start, end = start + by, end + by
        assert mask_seconds(demo) == (pytest.approx(start, abs=1e-4), pytest.approx(end, abs=1e-4))
    click(demo, 6.0)
    press(demo, Qt.Key.Key_BracketLeft)
    assert mask_seconds(demo)[0] == pytest.approx(6.0, abs=0.05)
    before = demo.session.mask
    press(demo, Qt.Key.Key_Escape)
    assert demo.session.mask is None
    assert not demo.request.submit_bar.button.isEnabled()
    press(demo, Qt.Key.Key_R, CTRL | SHIFT)
    assert demo.session.mask == before


def test_typed_times_make_the_mask_and_give_the_keys_back(demo: MainWindow) -> None:
    drag(demo, 5.0, 8.0, NONE)
    edit = demo.region_bar.start
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "0:06,5")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert mask_seconds(demo)[0] == pytest.approx(6.5)
    assert demo.editor.wave.hasFocus()


def test_space_plays_from_anywhere_but_presses_a_button_reached_by_tab(demo: MainWindow, qtbot: QtBot) -> None:
    player = demo.session.hearing.player
    demo.editor.wave.setFocus()
    press(demo, Qt.Key.Key_Space)
    assert player.playing
    qtbot.waitUntil(lambda: player.frame() > 4410, timeout=5000)
    press(demo, Qt.Key.Key_Space)
    assert not player.playing
    assert player.frame() == 0, "back to where it began"
    drag(demo, 5.0, 6.0, NONE)
    button = demo.request.submit_bar.button
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not player.playing
    assert len(demo.session.desk.jobs) == 3


def test_ctrl_return_submits_from_inside_the_panel(demo: MainWindow, qtbot: QtBot) -> None:
    drag(demo, 5.0, 6.0, NONE)
    spin = demo.request.form.row("variety").editor
    spin.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, CTRL)
    assert len(demo.session.desk.jobs) == 3
    qtbot.waitUntil(lambda: len(demo.session.timeline.takes) == 3, timeout=LONG)


def test_loop_keeps_to_the_mask_with_a_second_around(demo: MainWindow) -> None:
    drag(demo, 5.0, 6.0, NONE)
    press(demo, Qt.Key.Key_L)
    loop = demo.session.hearing.player.loop
    start, end = mask_seconds(demo)
    assert loop is not None
    assert loop.seconds(44100) == (pytest.approx(start - 1, abs=1e-4), pytest.approx(end + 1, abs=1e-4))
    press(demo, Qt.Key.Key_L)
    assert demo.session.hearing.player.loop is None


def test_the_transport_says_why_nothing_is_heard(demo: MainWindow, qtbot: QtBot) -> None:
    press(demo, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "nothing is heard" in demo.transport.reason.text(), timeout=5000)


def test_what_cannot_be_opened_is_said_and_the_empty_page_stays(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "noise.wav"
    path.write_bytes(b"\x00" * 5000)
    window.open_files([path])
    qtbot.waitUntil(lambda: window.message_bar.isVisible(), timeout=LONG)
    message = window.message_bar.message()
    assert message is not None
    assert "noise.wav" in message.text
    assert window.pages.currentWidget() is window.empty


def test_a_dropped_file_opens(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "drop.wav"
    soundfile.write(path, make_music(3).read(), 44100)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(200, 200), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(window.session.opened, timeout=LONG):
        event = QDropEvent(QPointF(200, 200), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
        QApplication.sendEvent(window, event)
    assert window.windowTitle() == "drop – Retake"


def test_the_empty_page_leads_to_the_demo(window: MainWindow, qtbot: QtBot) -> None:
    buttons = {each.text(): each for each in window.empty.findChildren(QPushButton)}
    demo_button = next(each for text, each in buttons.items() if "demo" in text.lower())
    with qtbot.waitSignal(window.session.opened, timeout=LONG):
        QTest.mouseClick(demo_button, Qt.MouseButton.LeftButton)
    assert window.message_bar.isVisible()


def test_a_hosted_endpoint_shows_its_panel_and_leads_to_its_missing_key(demo: MainWindow, qtbot: QtBot) -> None:
    session = demo.session
    session.asking.choose("fal-ai/stable-audio-3/small/sfx/audio-inpainting")
    drag(demo, 13.0, 14.65, NONE)
    names = [row.field.name for row in demo.request.form.rows()]
    assert names[0] == "prompt"
    assert not {"audio_url", "mask_start_seconds", "mask_end_seconds", "sync_mode"} & set(names)
    assert not demo.request.submit_bar.button.isEnabled()
    assert "needs a key" in demo.request.submit_bar.note.text()
    press(demo, Qt.Key.Key_Return, CTRL)
    error = demo.request.form.row("prompt").error
    assert error is not None
    assert "empty" in error.message
    values = dict(demo.request.form.values())
    values["prompt"] = "punchy kick drum fill"
    session.asking.set_values(values, None)
    session.submit()
    qtbot.waitUntil(lambda: demo.message_bar.isVisible(), timeout=LONG)
    message = demo.message_bar.message()
    assert message is not None
    assert "key" in message.text
    assert not session.desk.jobs, "nothing was sent anywhere"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_window_fits_a_small_screen_in_both_themes(demo: MainWindow, qtbot: QtBot, mode: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, mode)
    qtbot.wait(20)
    assert demo.minimumSizeHint().width() <= 1366
    assert demo.minimumSizeHint().height() <= 740
    image = demo.grab().toImage()
    middle = image.pixelColor(700, 60).lightness()
    assert (middle > 128) is (mode == "light")


def test_many_jobs_leave_the_window_fluid(demo: MainWindow, qtbot: QtBot) -> None:
    """No stall of the GUI thread above a tenth of a second while jobs run and takes arrive."""
    import time

    from PySide6.QtCore import QTimer

    drag(demo, 13.0, 14.65, NONE)
    demo.session.asking.set_takes(6)
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start(5)
    demo.session.submit()
    qtbot.waitUntil(lambda: len(demo.session.timeline.takes) == 6, timeout=LONG)
    timer.stop()
    stalls = np.diff(ticks)
    assert len(ticks) > 50
    assert np.sort(stalls)[-1] < 0.5, f"longest stall {stalls.max():.3f} s"
    assert np.percentile(stalls, 99) < 0.1


def test_closing_with_a_job_on_its_way_is_quick_and_forgets_nothing(demo: MainWindow, qtbot: QtBot) -> None:
    drag(demo, 13.0, 14.65, NONE)
    demo.session.submit()
    project = demo.session.project
    assert project is not None
    demo.close()
    assert project.folder.exists(), "a project with a job on its way is kept"


def test_region_of_the_mask_is_frames_all_the_way(demo: MainWindow) -> None:
    demo.session.set_mask(Region(573_123, 644_999))
    assert demo.editor.wave.masked() == Region(573_123, 644_999)
    assert demo.region_bar.region() == Region(573_123, 644_999)


def test_what_was_open_lately_is_in_the_file_menu(demo: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "other.wav"
    soundfile.write(path, make_music(2).read(), 44100)
    with qtbot.waitSignal(demo.session.opened, timeout=LONG):
        demo.session.open(path)
    menu = demo._recent_menu
    menu.popup(QPoint(10, 10))
    names = [action.text() for action in menu.actions()]
    assert names == ["other.wav", "demo.flac"]
    with qtbot.waitSignal(demo.session.opened, timeout=LONG):
        menu.actions()[1].trigger()
    menu.close()
    assert demo.windowTitle() == "demo – Retake"
