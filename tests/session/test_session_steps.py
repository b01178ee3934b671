"""Masks and edits are undone in the order in which they were done."""

from pathlib import Path

import pytest
import soundfile
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.session.session import Session
from app.session.steps import MaskStep, Steps
from app.sound.region import Region

LONG = 60_000
A, B, C = Region(0, 10), Region(5, 20), Region(30, 40)


def test_steps_go_back_and_forth_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("app.session.steps.time.monotonic", lambda: clock[0])
    steps = Steps()
    steps.masked(None, A)
    clock[0] = 10.0
    steps.edited()
    steps.masked(A, B)
    assert steps.back() == MaskStep(A, B)
    assert steps.back() is None
    assert steps.back() == MaskStep(None, A)
    assert not steps.can_undo
    assert steps.forward() == MaskStep(None, A)
    assert steps.forward() is None
    assert steps.forward() == MaskStep(A, B)
    assert not steps.can_redo


def test_quick_nudges_are_one_step_and_a_pause_begins_another(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("app.session.steps.time.monotonic", lambda: clock[0])
    steps = Steps()
    steps.masked(None, A)
    clock[0] = 0.2
    steps.masked(A, B)
    clock[0] = 5.0
    steps.masked(B, C)
    assert steps.back() == MaskStep(B, C)
    assert steps.back() == MaskStep(None, B)


def test_clearing_a_mask_is_a_step_of_its_own() -> None:
    steps = Steps()
    steps.masked(None, A)
    steps.masked(A, None)
    assert steps.back() == MaskStep(A, None)
    assert steps.back() == MaskStep(None, A)


def test_undo_brings_a_cleared_mask_back_and_not_another_take(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, make_music(6).read(), 44100, subtype="PCM_16")
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    assert session.project is not None
    folder = session.project.folder
    mask = Region.from_seconds(2, 3, 44100)
    session.set_mask(mask)
    session.asking.set_takes(1)
    session.submit()
    qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    take = session.timeline.takes[0].id
    session.use(take)
    session.set_mask(None)
    session.undo()
    assert session.mask == mask
    assert session.timeline.head == take, "the take in use stays in use"
    session.undo()
    assert session.timeline.head is None
    session.undo()
    assert session.mask is None
    assert not session.can_undo
    session.redo()
    session.redo()
    assert (session.mask, session.timeline.head) == (mask, take)
    session.redo()
    assert session.mask is None
    session.close()
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(folder)
    assert (session.mask, session.timeline.head) == (None, take)
    session.undo()
    assert session.timeline.head is None, "edits can be undone in a later session too"
