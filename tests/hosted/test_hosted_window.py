"""Every bundled endpoint in the real window: the mask drawn by the mouse, the words typed, the button pressed."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hosted_double import Double
from hosted_drive import (
    LONG,
    WORDS,
    arrived,
    endpoint,
    inner,
    of_kind,
    offset,
    one_work,
    open_file,
    original,
    result,
    tone,
)
from hosted_hands import drag, press_button, type_words
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.endpoints.request import Kind
from app.session import player as player_module
from app.session.session import Session
from app.ui import theme
from app.ui.window import MainWindow

RATE = 44_100


@pytest.fixture
def window(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    def no_device(*_: object) -> None:
        raise player_module.DeviceError("No audio device can be used, so nothing is heard.", "Plug one in.")

    # The silent clock on every machine: tests play no sound, and a test machine may have a device.
    monkeypatch.setattr(player_module, "Device", no_device)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, theme.Mode.LIGHT)
    window = MainWindow(session)
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield window
    window.close()
    window.deleteLater()
    # The widgets go while Qt's order of deleting holds, not whenever the collector comes by.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del window
    gc.collect()


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.FILL, Kind.VARY))
def test_from_a_drag_to_a_take_in_the_list(
    window: MainWindow, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], endpoint_id: str
) -> None:
    session, asked = window.session, endpoint(endpoint_id)
    open_file(session, qtbot, sound_file(20.0, RATE))
    assert session.asking.choose(endpoint_id)
    session.asking.set_takes(1)
    drag(window, 8.2, 10.6)
    mask = session.mask
    assert mask is not None
    assert mask.seconds(RATE) == (pytest.approx(8.2, abs=0.05), pytest.approx(10.6, abs=0.05))
    type_words(window, asked, WORDS)
    press_button(window, qtbot)
    arrived(session, qtbot, 1)

    work, (take,) = one_work(double), session.timeline.takes
    assert work.known.id == endpoint_id
    assert WORDS in work.body.values(), "what was typed was sent"
    rows = window.takes.takes.view.takes
    qtbot.waitUntil(lambda: rows.rowCount() == 2, timeout=LONG)
    assert session.hearing.heard == take.id, "it is heard in place"
    clip, heard = original(session), result(session, take)
    assert heard.shape == clip.shape
    assert np.array_equal(heard[: mask.start], clip[: mask.start])
    assert np.array_equal(heard[mask.end :], clip[mask.end :])
    part = inner(mask, RATE)
    assert not np.array_equal(heard[part.start : part.end], clip[part.start : part.end])
    if asked.kind is Kind.FILL:
        assert work.hole is not None
        begin = take.request.excerpt.start + work.hole[0]
        expected = tone(work, RATE, work.hole[1] - work.hole[0], work.seed)[part.start - begin : part.end - begin]
        late, alike = offset(heard[part.start : part.end], expected, RATE)
        assert abs(late) <= 1.0
        assert alike > 0.99
