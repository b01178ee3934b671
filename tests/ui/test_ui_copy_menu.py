"""What was asked for, copied from a take's line and from a job's card."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.session.session import Session
from app.sound.region import Region
from app.ui.copy_menu import base_name
from app.ui.take_row import Part
from app.ui.takes_pane import TakesPane

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def pane(session: Session, qtbot: QtBot, tmp_path: Path) -> TakesPane:
    """A clip with a mask, and its takes' list."""
    path = tmp_path / "source.wav"
    soundfile.write(path, make_music(4.0, 44100, 2).read(), 44100)
    assert session.asking.choose("retake/inpaint")
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    session.set_mask(Region.from_seconds(1.5, 2.0, 44100))
    session.asking.set_takes(1)
    found = TakesPane(session)
    qtbot.addWidget(found)
    found.resize(1000, 300)
    found.show()
    qtbot.waitExposed(found)
    return found


def ask(session: Session, qtbot: QtBot) -> None:
    before = len(session.timeline.takes)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == before + 1, timeout=LONG)


def choose(pane: TakesPane, text: str, press: Callable[[], None]) -> str:
    """What is on the clipboard after that action of the menu that a press opens."""

    def step() -> None:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            QTimer.singleShot(20, step)
            return
        action = next(each for each in menu.actions() if each.text() == text)
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())

    QGuiApplication.clipboard().clear()
    QTimer.singleShot(20, step)
    press()
    return QGuiApplication.clipboard().text()


def more(pane: TakesPane, line: int) -> Callable[[], None]:
    view = pane.takes.view
    where: QPoint = view.part_rect(line, Part.MORE).center()
    return lambda: QTest.mouseClick(view.viewport(), LEFT, pos=where)


def test_a_takes_request_is_copied_from_its_line(pane: TakesPane, session: Session, qtbot: QtBot) -> None:
    ask(session, qtbot)
    (first,) = session.timeline.takes
    told = json.loads(choose(pane, "Copy as JSON", more(pane, 1)))
    assert told["endpoint"] == "retake/inpaint"
    assert told["params"]["seed"] == first.request.seed
    assert told["params"]["audio_url"].endswith(" s of the original>")
    assert choose(pane, "Copy as curl", more(pane, 1)).startswith("curl --request POST http://127.0.0.1:")
    session.use(first.id)
    ask(session, qtbot)
    told = json.loads(choose(pane, "Copy as JSON", more(pane, 2)))
    assert told["params"]["audio_url"].endswith(" s of take 1>")
    assert base_name(session.timeline.takes[1].request, session) == "take 1"


def test_a_jobs_request_is_copied_from_its_card(pane: TakesPane, session: Session, qtbot: QtBot) -> None:
    session.submit()
    (job,) = session.desk.jobs
    card = pane.cards.card(job)
    text = choose(pane, "Copy as Python", lambda: QTest.mouseClick(card.more, LEFT))
    assert "/retake/inpaint" in text
    assert 'os.environ["RETAKE_KEY"]' in text
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
