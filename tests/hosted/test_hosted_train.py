"""Training: an archive goes up, weights and their settings come back as files, and no take is made of them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hosted_answers import weights
from hosted_double import Double
from hosted_drive import LONG, archive, choose, failures, of_kind, one_work, open_file
from pytestqt.qtbot import QtBot

from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.session.session import Session


@pytest.mark.parametrize("endpoint_id", of_kind(Kind.OTHER))
def test_an_archive_becomes_files_that_are_kept(
    session: Session,
    qtbot: QtBot,
    double: Double,
    sound_file: Callable[..., Path],
    tmp_path: Path,
    home: Path,
    endpoint_id: str,
) -> None:
    open_file(session, qtbot, sound_file(5.0))
    path = archive(tmp_path)
    endpoint = choose(session, endpoint_id)
    session.asking.set_values(session.asking.values, None, {endpoint.roles[Role.ARCHIVE]: str(path)})
    said: list[str] = []
    session.messages.posted.connect(lambda message: said.append(message.text))
    session.submit()
    qtbot.waitUntil(lambda: bool(said) or bool(failures(session)), timeout=LONG)
    assert not failures(session)
    assert "done" in said[0]

    work = one_work(double)
    sent = work.files[endpoint.roles[Role.ARCHIVE]]
    assert sent == path.read_bytes()
    assert double.uploads == [len(sent)]
    (kept,) = [each for each in home.rglob("*.safetensors") if "inbox" not in each.parts]
    assert kept.read_bytes() == weights()
    assert json.loads(kept.with_name("config.json").read_text())["rank"] == 16
    assert not session.timeline.takes


def test_the_archive_of_these_tests_is_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(archive(tmp_path)) as made:
        assert made.testzip() is None
        assert sorted(made.namelist()) == ["a.txt", "a.wav"]
