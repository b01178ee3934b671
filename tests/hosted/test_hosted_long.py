"""A recording of three hours with a mask of two seconds: what is sent is counted at the double."""

from pathlib import Path

import numpy as np
import soundfile
from hosted_double import Double
from hosted_drive import choose, mask, one_work, open_file, take_of
from pytestqt.qtbot import QtBot

from app.session.session import Session

RATE = 8_000
HOURS = 3


def write_hours(path: Path) -> Path:
    """Silence as long as an afternoon, with a minute of noise in its middle; a few hundred kilobytes as FLAC."""
    noise = (np.random.default_rng(3).normal(0, 2000, 60 * RATE)).astype(np.int16)
    silence = np.zeros(600 * RATE, np.int16)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(HOURS * 3):
            file.write(silence)
        file.write(noise)
        for _ in range(HOURS * 3):
            file.write(silence)
    return path


def test_a_short_mask_in_three_hours_uploads_seconds(
    session: Session, qtbot: QtBot, double: Double, tmp_path: Path
) -> None:
    source = write_hours(tmp_path / "afternoon.flac")
    open_file(session, qtbot, source)
    assert session.project is not None
    assert session.project.source.length >= HOURS * 3600 * RATE
    choose(session, "fal-ai/stable-audio-3/small/sfx/audio-inpainting")
    middle = 3 * HOURS * 600 + 30.0
    mask(session, middle, middle + 2.0)
    (take,) = take_of(session, qtbot)

    work = one_work(double)
    assert work.source is not None
    assert 2.0 < work.source.seconds <= 30.0
    came = sum(call.received for call in double.calls)
    assert came < 30 * RATE * 4 + 20_000, "whatever way it came, in the request or beside it"
    assert take.region.length == 2 * RATE
    assert session.rendering(take.id).length == session.project.source.length
