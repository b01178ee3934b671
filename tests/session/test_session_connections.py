"""Connections from their settings and keys: what is found of each, said in a sentence, and a key that nobody sees."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from loopback_hosts import keyed_host, nobody, studio_proxy
from pytestqt.qtbot import QtBot
from sounds import make_music
from wallets import Wallet, new_wallet

from app.endpoints.binding import defaults
from app.endpoints.roles import Role
from app.errors import AppError, FieldError, Unauthorized, Unreachable
from app.files.keys import store_key
from app.files.settings import ConnectionKind, ConnectionSetting, settings_path
from app.paths import log_dir
from app.remote.connection import Connection, Key
from app.remote.job import JobState
from app.session import connections as connections_module
from app.session.connection_status import State, Status
from app.session.connections import FAL, LOCAL, Connections, build, look_up
from app.session.engine_process import EngineProcess
from app.session.messages import Message
from app.session.session import Session
from app.sound.region import Region

LONG = 30_000
CANARY = "canary-4f1d:0123456789abcdef"


@pytest.fixture
def wallet() -> Iterator[Wallet]:
    with new_wallet() as made:
        yield made


@pytest.fixture
def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.messages.posted.connect(messages.append)
    return messages


def engine_setting(url: str, **more: object) -> ConnectionSetting:
    return ConnectionSetting.model_validate({"name": "studio", "queue_url": url, **more})


def fal_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let what is called fal.ai be a host on loopback."""

    def instead(key: Key | None, proxy_url: str | None = None) -> Connection:
        return Connection("fal", url, f"{url}/storage", key, proxy_url)

    monkeypatch.setattr(connections_module, "fal", instead)


def settle(session: Session, qtbot: QtBot, name: str) -> Status:
    """The status once nothing is under way."""
    qtbot.waitUntil(lambda: session.hosts.status(name).state is not State.CHECKING, timeout=LONG)
    return session.hosts.status(name)


# --- the registry --------------------------------------------------------------------------------------------------


def test_what_is_not_there_says_what_to_do() -> None:
    connections = Connections()
    with pytest.raises(Unreachable, match="starting"):
        connections.get(LOCAL)
    with pytest.raises(Unauthorized, match=r"fal\.ai needs a key") as caught:
        connections.get(FAL)
    assert "Settings" in caught.value.hint
    with pytest.raises(Unreachable, match="no connection called attic"):
        connections.get("attic")
    connections.take(look_up(engine_setting("http://studio.example.com")))
    with pytest.raises(FieldError, match="Without https"):
        connections.get("studio")


def test_a_setting_becomes_a_connection() -> None:
    studio = build(engine_setting(" https://studio.example.com:8443/ "), Key(CANARY))
    assert (studio.name, studio.queue_url) == ("studio", "https://studio.example.com:8443")
    assert studio.storage_url == "https://studio.example.com:8443/storage"
    assert studio.key == Key(CANARY)
    apart = build(engine_setting("https://queue.example.com", storage_url="https://storage.example.com/s"))
    assert apart.storage_url == "https://storage.example.com/s"
    proxied = ConnectionSetting(name=FAL, kind=ConnectionKind.FAL, proxy_url="https://studio.example.com/fal")
    assert build(proxied, Key(CANARY)).key is None, "a proxy brings its own key, so this one stays home"
    for wrong in ("studio", "https://me:secret@studio.example.com", "ftp://studio.example.com", ""):
        with pytest.raises(FieldError):
            build(engine_setting(wrong))


def test_looking_up_tells_where_the_key_is_from(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setting = ConnectionSetting(name=FAL, kind=ConnectionKind.FAL)
    assert isinstance(look_up(setting).error, Unauthorized)
    store_key(FAL, CANARY)
    found = look_up(setting)
    assert (found.key_place, found.replaceable) == ("the keyring", True)
    assert found.connection is not None
    assert found.connection.key == Key(CANARY)
    monkeypatch.setenv("FAL_KEY", "from-environment")
    assert (look_up(setting).key_place, look_up(setting).replaceable) == ("FAL_KEY", False)
    assert CANARY not in repr(found)
    file = tmp_path / "key"
    own = engine_setting("https://studio.example.com", key_file=str(file))
    missing = look_up(own)
    assert missing.connection is None
    assert "cannot be read" in str(missing.error)
    file.write_text(CANARY)
    assert look_up(own).key_place == str(file)
    file.write_text("é")
    assert "holds no key" in str(look_up(own).error)
    newer = look_up(ConnectionSetting(name="tape", kind="tape-machine"))
    assert "newer version" in str(newer.error)


# --- statuses ------------------------------------------------------------------------------------------------------


def test_every_outcome_of_a_check_has_its_own_sentence(session: Session, qtbot: QtBot, wallet: Wallet) -> None:
    hosts = session.hosts
    assert hosts.status(LOCAL).state is State.CONNECTED
    hosts.check(FAL)
    needs = settle(session, qtbot, FAL)
    assert (needs.state, needs.sentence) == (State.NEEDS_KEY, "fal.ai needs a key, and none is set.")
    assert "FAL_KEY" in needs.hint

    with keyed_host(CANARY) as host:
        hosts.put(engine_setting(host.url))
        assert settle(session, qtbot, "studio").state is State.NEEDS_KEY
        assert not session.connections.has("studio")
        hosts.set_key("studio", "a-wrong-key")
        refused = settle(session, qtbot, "studio")
        assert (refused.state, refused.sentence) == (State.KEY_REFUSED, "studio refused the key.")
        hosts.set_key("studio", CANARY)
        good = settle(session, qtbot, "studio")
        assert good.state is State.CONNECTED
        assert good.checked is not None
        assert good.key_place == "the keyring"
        qtbot.waitUntil(lambda: "offers 0 endpoints" in hosts.status("studio").sentence, timeout=LONG)
        assert session.connections.get("studio").key == Key(CANARY)
        assert not [line for line in host.lines if line.startswith("POST") and "initiate" not in line], "no job began"
    hosts.check("studio")
    gone = settle(session, qtbot, "studio")
    assert (gone.state, gone.sentence) == (State.UNREACHABLE, "studio cannot be reached.")
    assert gone.sentence != refused.sentence
    assert "not tried" in gone.hint
    hosts.set_key("studio", "")
    assert settle(session, qtbot, "studio").key_place == ""
    assert wallet.kept == {}


def test_an_account_without_money_is_not_a_bad_key(
    session: Session, qtbot: QtBot, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keyed_host("other", code=403, detail="User is locked. Reason: Exhausted balance.") as host:
        fal_at(monkeypatch, host.url)
        session.hosts.set_key(FAL, CANARY)
        status = settle(session, qtbot, FAL)
    assert status.state is State.NO_FUNDS
    assert "takes the key" in status.sentence


def test_own_engines_answer_at_the_start_and_fal_is_left_alone(
    session: Session, engine: EngineProcess, qtbot: QtBot, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.connection.key is not None
    with keyed_host(CANARY) as fal_host:
        fal_at(monkeypatch, fal_host.url)
        store_key(FAL, CANARY)
        store_key("studio", engine.connection.key.reveal())
        session.preferences.now = session.preferences.now.with_connection(engine_setting(engine.connection.queue_url))
        before = len(session.asking.catalogue.by_connection("studio"))
        session.hosts.begin()
        qtbot.waitUntil(lambda: len(session.asking.catalogue.by_connection("studio")) > before, timeout=LONG)
        fal_status = settle(session, qtbot, FAL)
        assert fal_host.lines == [], "fal.ai is not asked before somebody wants it"
    assert fal_status.state is State.UNCHECKED
    assert session.connections.has(FAL)
    assert "endpoints" in session.hosts.status("studio").sentence
    session.hosts.remove("studio")
    assert session.asking.catalogue.by_connection("studio") == ()
    assert not session.connections.has("studio")
    assert session.hosts.names() == (LOCAL, FAL)
    qtbot.waitUntil(lambda: ("retake", "studio") not in wallet.kept, timeout=LONG)


def test_the_offline_engine_stands_in_for_the_same_kind_of_work(session: Session) -> None:
    fill = next(e for e in session.asking.catalogue.by_connection(FAL) if e.kind is session.asking.endpoint.kind)
    instead = session.hosts.instead(FAL, fill.kind)
    assert instead is not None
    assert session.hosts.instead(FAL) is None, "nobody wanted anything of it"
    assert session.hosts.instead(LOCAL, fill.kind) is None
    session.asking.choose(fill.id)
    assert session.hosts.instead(FAL) == instead
    assert (instead.connection, instead.kind) == (LOCAL, fill.kind)
    local = session.connections.get(LOCAL)
    session.lose_connection(local)
    assert session.hosts.instead(FAL, fill.kind) is None
    assert session.hosts.status(LOCAL).state is State.STARTING
    session.hosts.engine_gave_up(AppError("The offline engine keeps stopping.", "Look."))
    assert session.hosts.status(LOCAL).sentence == "The offline engine keeps stopping."


def test_a_change_outruns_the_check_before_it(session: Session, qtbot: QtBot, wallet: Wallet) -> None:
    with keyed_host(CANARY) as host:
        session.hosts.put(engine_setting(nobody()))
        session.hosts.put(engine_setting(host.url))
        session.hosts.set_key("studio", CANARY)
        assert settle(session, qtbot, "studio").state is State.CONNECTED
        qtbot.wait(200)
        assert session.hosts.status("studio").state is State.CONNECTED
        assert session.connections.get("studio").queue_url == host.url
        session.hosts.check("studio")
        session.hosts.remove("studio")
        qtbot.wait(200)
        assert not session.connections.has("studio")


def test_a_key_does_not_follow_to_another_computer(session: Session, qtbot: QtBot, wallet: Wallet) -> None:
    told: list[str] = []
    session.hosts.key_kept.connect(lambda _, error: told.append(str(error)))
    with keyed_host(CANARY) as first, keyed_host(CANARY) as other:
        session.hosts.put(engine_setting(first.url))
        session.hosts.set_key("studio", CANARY)
        assert settle(session, qtbot, "studio").state is State.CONNECTED
        session.hosts.put(engine_setting(other.url))
        assert settle(session, qtbot, "studio").state is State.CONNECTED, "another port is the same computer"
        del other.keys[:]
        session.hosts.put(engine_setting(other.url.replace("127.0.0.1", "localhost")))
        assert not session.connections.has("studio")
        assert settle(session, qtbot, "studio").state is State.NEEDS_KEY
        assert other.keys == [""]
    assert wallet.kept == {}
    assert "another computer" in told[-1]


def test_an_address_that_is_none_changes_nothing(session: Session) -> None:
    before = session.preferences.now
    with pytest.raises(FieldError) as caught:
        session.hosts.put(engine_setting("http://studio.example.com"))
    assert caught.value.field == "queue_url"
    assert session.preferences.now == before


def test_a_keyring_that_takes_nothing_is_told(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.hosts.key_kept, timeout=LONG) as kept:
        session.hosts.set_key(FAL, CANARY)
    name, error = kept.args
    assert name == FAL
    assert "no keyring" in str(error)
    assert settle(session, qtbot, FAL).state is State.NEEDS_KEY


def test_closing_does_not_wait_for_a_host_that_is_silent(session: Session, qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        session.hosts.put(engine_setting(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        qtbot.wait(300)
        began = time.monotonic()
        session.hosts.close()
        assert time.monotonic() - began < 2
    assert not [t for t in threading.enumerate() if t.name == "keyring"]


# --- a studio's proxy, and the key that is never seen --------------------------------------------------------------


def test_a_whole_job_through_a_studio_proxy(
    session: Session, engine: EngineProcess, qtbot: QtBot, tmp_path: Path, wallet: Wallet
) -> None:
    """Submit, status, result, upload and download: the proxy adds the key, and none of ours ever leaves."""
    assert engine.connection.key is not None
    store_key("studio", CANARY)
    where = engine.connection.queue_url
    with studio_proxy(engine.connection.key.reveal(), where) as proxy:
        session.hosts.put(engine_setting(where, proxy_url=f"{proxy.url}/api/proxy"))
        status = settle(session, qtbot, "studio")
        assert status.state is State.CONNECTED
        qtbot.waitUntil(lambda: bool(session.asking.catalogue.by_connection("studio")), timeout=LONG)
        path = tmp_path / "song.wav"
        soundfile.write(path, make_music(6).read(), 44100, subtype="PCM_16")
        with qtbot.waitSignal(session.opened, timeout=LONG):
            session.open(path)
        local = session.asking.endpoint
        assert local is not None
        theirs = next(e for e in session.asking.catalogue.by_connection("studio") if e.id == local.id)
        session.asking.endpoint = theirs
        session.asking.set_takes(1)
        session.set_mask(Region(90_000, 110_000))
        session.submit()
        assert [job.task.connection.name for job in session.desk.jobs.values()] == ["studio"]
        qtbot.waitUntil(lambda: len(session.timeline.takes) == 1, timeout=LONG)
    assert set(proxy.keys) == {""}, "not even a key that is stored goes to the proxy"
    assert all(line.endswith("/api/proxy") for line in proxy.lines)
    targets = [target.removeprefix(where) for target in proxy.targets]
    for part in ("/v1/models", "/storage/upload/initiate", f"/{theirs.id}", "/status"):
        assert any(target.startswith(part) or part in target for target in targets), part
    assert not [target for target in targets if target.startswith(("/files/", "/storage/put/"))], "sound goes direct"


def test_a_proxy_that_refuses_is_not_called_a_bad_key(session: Session, qtbot: QtBot, engine: EngineProcess) -> None:
    where = engine.connection.queue_url
    with studio_proxy("not the engine's key", where) as proxy:
        session.hosts.put(engine_setting(where, proxy_url=proxy.url))
        refused = settle(session, qtbot, "studio")
    assert refused.state is State.KEY_REFUSED
    assert "proxy" in refused.sentence
    session.hosts.check("studio")
    gone = settle(session, qtbot, "studio")
    assert gone.state is State.UNREACHABLE
    assert gone.sentence == "The proxy for studio cannot be reached."


@pytest.mark.logs
def test_nobody_ever_reads_the_key(
    session: Session,
    qtbot: QtBot,
    wallet: Wallet,
    said: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    home: Path,
) -> None:
    """Set it, check it at a host that refuses and repeats it, submit with it, save: it is nowhere to be read."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    errors: list[object] = []
    with keyed_host("other", detail=f"invalid key credentials: {CANARY}") as host:
        fal_at(monkeypatch, host.url)
        session.hosts.changed.connect(lambda name: shown.append(repr(session.hosts.status(name))))
        session.hosts.set_key(FAL, CANARY)
        status = settle(session, qtbot, FAL)
        assert (status.state, status.sentence) == (State.KEY_REFUSED, "fal.ai refused the key.")
        assert "Copy it again" in status.hint
        path = tmp_path / "song.wav"
        soundfile.write(path, make_music(6).read(), 44100, subtype="PCM_16")
        with qtbot.waitSignal(session.opened, timeout=LONG):
            session.open(path)
        fill = next(e for e in session.asking.catalogue.by_connection(FAL) if e.kind is session.asking.endpoint.kind)
        session.asking.choose(fill.id)
        said_prompt = fill.roles.get(Role.PROMPT) or fill.roles[Role.TAGS]
        session.asking.set_values({**defaults(fill), said_prompt: "rain"}, None)
        session.fields_refused.connect(errors.extend)
        session.asking.set_takes(1)
        session.set_mask(Region(90_000, 110_000))
        session.submit()
        assert errors == []
        (job,) = session.desk.jobs
        qtbot.waitUntil(lambda: session.desk.jobs[job].update.state is JobState.FAILED, timeout=LONG)
        errors.append(session.desk.jobs[job].update.error)
        assert "key" in str(errors[0])
        assert f"Key {CANARY}" in host.keys, "the host itself did get it"
    session.preferences.now.save()
    session.close()
    found: list[str] = []
    chain = list(errors)
    while chain:
        error = chain.pop()
        if isinstance(error, BaseException):
            found.append(f"{error!r} {error} {error.args}")
            chain += [error.__cause__, error.__context__]
    found += shown
    found += [f"{message!r}" for message in said]
    found += [repr(session.connections.get(FAL)), repr(session.preferences.now), repr(vars(session.hosts))]
    found += [caplog.text, *capfd.readouterr()]
    assert settings_path().exists()
    written = b"".join(each.read_bytes() for each in home.rglob("*") if each.is_file())
    assert log_dir().is_relative_to(home)
    assert CANARY not in "".join(found)
    assert CANARY.encode() not in written
    assert CANARY.partition(":")[2] not in "".join(found)
    assert CANARY not in repr(dict(os.environ))


def test_an_error_that_is_kept_has_no_frames(wallet: Wallet) -> None:
    """Frames that stay alive with it would hold the key as a local."""
    store_key(FAL, "two words")
    found = look_up(ConnectionSetting(name=FAL, kind=ConnectionKind.FAL))
    assert isinstance(found.error, Unauthorized)
    assert found.error.__traceback__ is None
