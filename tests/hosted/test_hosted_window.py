"""Every bundled endpoint in the real window: the mask drawn by the mouse, the words typed, the button pressed."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hosted_answers import MODEL_RATE, burst
from hosted_double import Double
from hosted_drive import (
    LONG,
    WORDS,
    archive,
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
from hosted_hands import click, drag, fill_in, press_button, set_context, set_length
from hosted_work import Work
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind
from app.session import player as player_module
from app.session.session import Session
from app.sound.region import Region
from app.takes.take import Take
from app.ui import theme
from app.ui.window import MainWindow

RATE = 44_100


@pytest.fixture(scope="module", autouse=True)
def frozen() -> Iterator[None]:
    """The collector, looking for a window's remains, passes over what was there before: most of its time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


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


@pytest.fixture
def ask(
    window: MainWindow, qtbot: QtBot, double: Double, sound_file: Callable[..., Path], tmp_path: Path
) -> Callable[[str, Callable[[], None]], Endpoint]:
    """Opens a file, chooses an endpoint, does something in the waveform, fills the panel and presses the button."""

    def ask(endpoint_id: str, gesture: Callable[[], None]) -> Endpoint:
        session, asked = window.session, endpoint(endpoint_id)
        open_file(session, qtbot, sound_file(20.0, RATE))
        assert session.asking.choose(endpoint_id)
        session.asking.set_takes(1)
        gesture()
        fill_in(window, asked, WORDS, archive(tmp_path))
        press_button(window, qtbot)
        return asked

    return ask


Ask = Callable[[str, Callable[[], None]], Endpoint]


def one_take(window: MainWindow, qtbot: QtBot, double: Double, endpoint_id: str) -> tuple[Work, Take]:
    """The take that comes, shown in the list and heard in place; what was typed was sent."""
    session = window.session
    arrived(session, qtbot, 1)
    work, (take,) = one_work(double), session.timeline.takes
    assert work.known.id == endpoint_id
    assert WORDS in work.body.values()
    rows = window.takes.takes.view.takes
    qtbot.waitUntil(lambda: rows.rowCount() == 2, timeout=LONG)
    assert session.hearing.heard == take.id
    return work, take


def check_tone(heard: np.ndarray, new: Region, expected: np.ndarray) -> None:
    """The double's tone is in the new part to a millisecond."""
    part = inner(new, RATE)
    late, alike = offset(heard[part.start : part.end], expected[part.start - new.start :][: part.length], RATE)
    assert abs(late) <= 1.0
    assert alike > 0.99


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.FILL, Kind.VARY))
def test_from_a_drag_to_a_take_in_the_list(
    window: MainWindow, qtbot: QtBot, double: Double, ask: Ask, endpoint_id: str
) -> None:
    session = window.session
    asked = ask(endpoint_id, lambda: drag(window, 8.2, 10.6))
    mask = session.mask
    assert mask is not None
    assert mask.seconds(RATE) == (pytest.approx(8.2, abs=0.05), pytest.approx(10.6, abs=0.05))
    work, take = one_take(window, qtbot, double, endpoint_id)
    clip, heard = original(session), result(session, take)
    assert heard.shape == clip.shape
    assert np.array_equal(heard[: mask.start], clip[: mask.start])
    assert np.array_equal(heard[mask.end :], clip[mask.end :])
    assert not np.array_equal(heard[mask.start : mask.end], clip[mask.start : mask.end])
    if asked.kind is Kind.FILL:
        assert work.hole is not None
        begin = take.request.excerpt.start + work.hole[0]
        check_tone(heard, mask, tone(work, RATE, work.hole[1] - work.hole[0], work.seed)[mask.start - begin :])


def test_context_in_seconds_is_typed_and_sent(window: MainWindow, qtbot: QtBot, double: Double, ask: Ask) -> None:
    endpoint_id = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"

    def gesture() -> None:
        drag(window, 8.2, 10.6)
        set_context(window, 3.75)

    ask(endpoint_id, gesture)
    work, take = one_take(window, qtbot, double, endpoint_id)
    assert work.source is not None
    mask, excerpt = take.request.mask, take.request.excerpt
    assert (mask.start - excerpt.start) / RATE == pytest.approx(3.75, abs=0.1), "the raster may shift it"
    assert (excerpt.end - mask.end) / RATE == pytest.approx(3.75, abs=0.1)
    assert work.source.frames.shape[0] == excerpt.length


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.EXTEND))
def test_from_a_drag_beyond_the_end_to_a_longer_take(
    window: MainWindow, qtbot: QtBot, double: Double, ask: Ask, endpoint_id: str
) -> None:
    session = window.session

    def gesture() -> None:
        window.editor.wave.set_view(12 * RATE, 26 * RATE)
        drag(window, 19.0, 22.5)

    ask(endpoint_id, gesture)
    mask = session.mask
    assert mask is not None
    assert mask.seconds(RATE) == (pytest.approx(19.0, abs=0.05), pytest.approx(22.5, abs=0.05))
    work, take = one_take(window, qtbot, double, endpoint_id)
    clip, heard = original(session), result(session, take)
    assert heard.shape[0] == mask.end > clip.shape[0]
    assert np.array_equal(heard[: mask.start], clip[: mask.start])
    check_tone(heard, mask, burst(round(work.after * RATE), RATE, work.seed, 2))


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.GENERATE))
def test_from_a_click_and_a_length_to_an_insertion(
    window: MainWindow, qtbot: QtBot, double: Double, ask: Ask, endpoint_id: str
) -> None:
    session = window.session

    def gesture() -> None:
        click(window, 7.0)
        set_length(window, 6.5)

    ask(endpoint_id, gesture)
    at, new = session.hearing.player.frame(), round(6.5 * RATE)
    assert at / RATE == pytest.approx(7.0, abs=0.05)
    work, take = one_take(window, qtbot, double, endpoint_id)
    clip, heard = original(session), result(session, take)
    assert heard.shape[0] == clip.shape[0] + new
    assert np.array_equal(heard[:at], clip[:at])
    assert np.array_equal(heard[at + new :], clip[at:])
    assert work.duration is not None
    check_tone(heard, Region(at, at + new), burst(round(work.duration * MODEL_RATE), MODEL_RATE, work.seed, 2))


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.OTHER))
def test_from_a_typed_path_to_weights_that_are_kept(
    window: MainWindow, qtbot: QtBot, double: Double, ask: Ask, home: Path, endpoint_id: str
) -> None:
    ask(endpoint_id, lambda: None)
    qtbot.waitUntil(lambda: window.message_bar.isVisible(), timeout=LONG)
    message = window.message_bar.message()
    assert message is not None
    assert "done" in message.text
    assert len(one_work(double).files) == 1
    assert [each for each in home.rglob("*.safetensors") if "inbox" not in each.parts]
    assert not window.session.timeline.takes
