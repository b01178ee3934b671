"""Opening through the session: at once, with a preview, exact peaks behind it; a second time from the cache."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from app import paths
from app.session.opening import Loading
from app.session.session import Session
from app.sound.peaks import peaks_of
from app.sound.region import Region

LONG = 60_000
FRAMES = 6_000_000


@pytest.fixture
def long_sound(tmp_path: Path) -> Path:
    path = tmp_path / "long.wav"
    values = np.random.default_rng(1).integers(-20_000, 20_000, (FRAMES, 2)).astype(np.int16)
    soundfile.write(path, values, 44100)
    return path


def exact(session: Session) -> bool:
    picture = session.hearing.picture
    return picture is not None and picture.peaks.length == picture.sound.length


def test_a_plain_sound_can_be_masked_at_once_and_gets_its_own_copy(
    session: Session, qtbot: QtBot, long_sound: Path
) -> None:
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(long_sound)
    assert session.project is not None
    first = session.hearing.picture
    assert first is not None
    assert np.isfinite(first.peaks.columns(0, FRAMES, 200)).all(), "the whole is shown from the first moment on"
    session.set_mask(Region(1000, 90_000))
    assert session.mask is not None
    qtbot.waitUntil(lambda: exact(session), timeout=LONG)
    found = session.hearing.picture
    assert found is not None
    want = peaks_of(session.project.source)
    assert np.array_equal(found.peaks.columns(0, FRAMES, 300), want.columns(0, FRAMES, 300))
    qtbot.waitUntil(lambda: session.project is not None and session.project.self_contained, timeout=LONG)
    long_sound.unlink()
    assert session.project.verify() == ()


def test_the_second_time_its_peaks_are_there_at_once(session: Session, qtbot: QtBot, long_sound: Path) -> None:
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(long_sound)
    qtbot.waitUntil(lambda: exact(session), timeout=LONG)
    qtbot.waitUntil(lambda: any((paths.cache_dir() / "peaks").glob("*.peaks")), timeout=LONG)
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(long_sound)
    assert exact(session)


def test_closing_while_it_is_read_and_copied_is_quick_and_leaves_nothing(
    session: Session, qtbot: QtBot, long_sound: Path
) -> None:
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(long_sound)
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 0.05
    qtbot.waitUntil(lambda: not list(paths.unnamed_projects().glob("*")), timeout=LONG)


def test_a_compressed_sound_shows_a_preview_and_can_be_let_go_of(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.5, 0.5, (FRAMES, 2)), 44100)
    news: list[Loading | None] = []
    session.opening.connect(news.append)
    session.open(path)
    qtbot.waitUntil(lambda: bool(news), timeout=LONG)
    first = news[0]
    assert first is not None
    assert first.preview is not None
    assert first.share == 0
    assert np.isfinite(first.peaks.columns(0, FRAMES, 100)).all()
    session.opener.cancel()
    assert news[-1] is None
    assert not session.loading
    assert session.project is None
    qtbot.waitUntil(lambda: not list(paths.unnamed_projects().glob("*")), timeout=LONG)
    with qtbot.waitSignal(session.opened, timeout=LONG):
        session.open(path)
    assert exact(session)
    assert any(each is not None and each.share > 0 for each in news)
