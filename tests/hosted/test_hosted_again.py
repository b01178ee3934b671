"""Versions of other lengths, worked on: masks that come back, requests put back, results that fall short."""

from collections.abc import Callable
from pathlib import Path

import hosted_answers
import numpy as np
import pytest
from hosted_double import Double
from hosted_drive import LONG, archive, choose, mask, open_file, original, take_of
from hosted_work import Work
from pytestqt.qtbot import QtBot

from app.endpoints.roles import Role
from app.errors import UnwritableFile
from app.session.leavings import free_name, safe_name
from app.session.session import Session
from app.sound.region import Region

SFX = "fal-ai/stable-audio-3/small/sfx/audio-inpainting"
EXTEND = "fal-ai/stable-audio-3/medium/audio-outpainting"
VARY = "fal-ai/stable-audio-3/small/sfx/base/audio-to-audio"
GENERATE = "fal-ai/stable-audio-3/small/sfx/text-to-audio"
TRAIN = "fal-ai/stable-audio-3-trainer"
RATE = 44_100

SoundFile = Callable[..., Path]


@pytest.fixture
def opened(session: Session, qtbot: QtBot, double: Double, sound_file: SoundFile) -> Session:
    open_file(session, qtbot, sound_file(12.0))
    return session


def seconds(start: float, end: float) -> Region:
    return Region.from_seconds(start, end, RATE)


def test_undoing_use_brings_the_mask_back_as_it_was(opened: Session, qtbot: QtBot, double: Double) -> None:
    choose(opened, GENERATE)
    mask(opened, 2.0, 8.0)
    opened.asking.set_grow(True)
    double.manner.seconds_more = -3.0
    (take,) = take_of(opened, qtbot)
    assert take.patch.length == 3 * RATE
    for drawn in ((6.0, 7.5), (3.0, 7.0), (9.0, 10.0)):
        mask(opened, *drawn)
        opened.use(take.id)
        opened.undo()
        assert opened.mask == seconds(*drawn)
        opened.redo()
        opened.undo()
        assert opened.mask == seconds(*drawn)


def test_a_mask_beyond_the_end_outlives_another_version(opened: Session, qtbot: QtBot) -> None:
    choose(opened, GENERATE)
    opened.hearing.player.seek(0)
    opened.asking.set_new_seconds(2.0)
    (inserted,) = take_of(opened, qtbot)
    choose(opened, SFX)
    mask(opened, 10.0, 14.0)
    opened.use(inserted.id)
    assert opened.mask == seconds(12.0, 14.0), "what lies beyond the clip is no sound that could have moved"
    opened.undo()
    assert opened.mask == seconds(10.0, 14.0)


def test_a_request_is_put_back_where_its_sound_is_now(opened: Session, qtbot: QtBot) -> None:
    choose(opened, SFX)
    mask(opened, 8.0, 9.0)
    (fill,) = take_of(opened, qtbot)
    opened.set_mask(None)
    choose(opened, GENERATE)
    opened.asking.set_new_seconds(3.0)
    opened.hearing.player.seek(RATE)
    (inserted,) = take_of(opened, qtbot)
    opened.use(inserted.id)
    opened.recall(fill.request)
    assert opened.mask == seconds(11.0, 12.0)
    opened.hearing.player.seek(5 * RATE)
    opened.asking.set_new_seconds(7.0)
    opened.recall(inserted.request)
    assert opened.mask is None
    assert opened.hearing.player.frame() == RATE
    assert opened.asking.new_seconds == 3.0


def test_an_extension_is_put_back_whatever_was_chosen(opened: Session, qtbot: QtBot) -> None:
    choose(opened, EXTEND)
    mask(opened, 12.0, 15.0)
    (take,) = take_of(opened, qtbot)
    choose(opened, VARY)
    opened.set_mask(None)
    opened.recall(take.request)
    assert opened.asking.endpoint is not None
    assert opened.asking.endpoint.id == EXTEND
    assert opened.mask == seconds(12.0, 15.0)


@pytest.mark.parametrize("late", [False, True])
def test_a_model_that_makes_less_makes_the_clip_less_long(
    opened: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    real = hosted_answers.rendered

    def less(work: Work, *rest: object) -> tuple[np.ndarray, int]:
        frames, rate = real(work, *rest)
        cut = round(0.9 * rate)
        return (frames[:-cut] if late else frames[cut:]), rate

    monkeypatch.setattr(hosted_answers, "rendered", less)
    choose(opened, EXTEND)
    mask(opened, *((12.0, 16.0) if late else (-4.0, 0.0)))
    (take,) = take_of(opened, qtbot)
    assert take.patch.length == pytest.approx(3.1 * RATE, abs=0.01 * RATE)
    assert any("less than was asked for" in note for note in take.facts.notes)
    # Its sound, not the clip's own once more.
    new, own = take.patch.read().mean(axis=1), original(opened).mean(axis=1)
    near = slice(-RATE, -RATE // 10) if not late else slice(RATE // 10, RATE)
    theirs = own[RATE // 10 : RATE] if not late else own[-RATE : -RATE // 10]
    assert abs(np.corrcoef(new[near], theirs)[0, 1]) < 0.3


def test_the_mask_plays_to_its_end_also_after_a_flip(opened: Session, qtbot: QtBot) -> None:
    choose(opened, GENERATE)
    opened.hearing.player.seek(0)
    opened.asking.set_new_seconds(2.0)
    (inserted,) = take_of(opened, qtbot)
    opened.hear(inserted.id)
    opened.hear(None)
    mask(opened, 4.0, 6.0)
    player = opened.hearing.player
    player.seek(RATE)
    opened.hearing.play_mask()
    opened.hearing.flip()
    run = player._feeding.run
    assert run is not None
    assert run.end == 8 * RATE
    player.stop()
    assert player.frame() == 3 * RATE, "back to where it began, which lies two seconds later there"


@pytest.mark.logs
def test_a_ledger_that_refuses_does_not_keep_weights_over_and_over(
    opened: Session, qtbot: QtBot, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = choose(opened, TRAIN)
    opened.asking.set_takes(3)
    opened.asking.set_values(opened.asking.values, None, {endpoint.roles[Role.ARCHIVE]: str(archive(tmp_path))})
    asked: list[str] = []

    def refuse(job: str, take: str) -> None:
        asked.append(job)
        raise UnwritableFile("The list of jobs could not be written.", "Make room.")

    said: list[str] = []
    opened.messages.posted.connect(lambda message: said.append(message.text))
    monkeypatch.setattr(opened.desk._queue._ledger, "imported", refuse)
    opened.submit()
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    qtbot.wait(300)
    assert len(asked) == len(said) == 1, "one training at a press, told once"
    assert len(list((home / "data" / "results").rglob("*.safetensors"))) == 1


def test_names_that_hosts_choose_are_names_of_files_and_no_more() -> None:
    assert safe_name("../../etc/passwd", "x") == "passwd"
    assert safe_name("..\\..\\boot.ini", "x") == "boot.ini"
    assert safe_name("con.txt", "x.bin") == "x.bin"
    assert safe_name("...", "x") == "x"
    long = safe_name("学" * 90 + ".safetensors", "x")
    assert long.endswith(".safetensors")
    assert len(long.encode()) <= 180
    taken: set[str] = set()
    assert [free_name(name, taken) for name in ("a.wav", "A.wav", "a.wav")] == ["a.wav", "A 2.wav", "a 3.wav"]
