"""Settings survive damage and newer versions; keys stay where they are safe."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from pydantic import ValidationError
from wallets import Wallet, new_wallet

from app.errors import FileError, UnwritableFile
from app.files.keys import FoundKey, KeySource, can_store, find_key, from_environment, read_key, store_key
from app.files.settings import RECENT, ConnectionSetting, Settings, settings_path


def test_settings_come_back() -> None:
    assert Settings.load() == Settings()
    chosen = Settings().changed(theme="dark", takes_per_click=4, audio_device="hw:1").with_recent(Path("/a/b.wav"))
    chosen.save()
    again = Settings.load()
    assert again == chosen
    assert again.notes == ()
    assert (again.theme, again.takes_per_click, again.recent) == ("dark", 4, (str(Path("/a/b.wav").absolute()),))
    with pytest.raises(ValidationError):
        again.changed(theme="pink")


def test_recent_paths_are_few_and_each_once() -> None:
    settings = Settings()
    for number in range(20):
        settings = settings.with_recent(Path(f"/{number}.wav"))
    settings = settings.with_recent(Path("/15.wav"))
    names = [Path(each).name for each in settings.recent]
    assert len(names) == RECENT
    assert names[:3] == ["15.wav", "19.wav", "18.wav"]
    assert names.count("15.wav") == 1
    settings.with_recent(Path("/bad\udcff.wav")).save()


def test_what_a_newer_version_wrote_is_kept() -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(json.dumps({"theme": "light", "from_tomorrow": {"a": [1]}}))
    Settings.load().changed(theme="dark").save()
    assert json.loads(settings_path().read_text())["from_tomorrow"] == {"a": [1]}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"theme": "' + "x" * (1 << 21), "\x00\xff"])
def test_a_damaged_file_is_set_aside(text: str) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(text, encoding="latin-1")
    settings = Settings.load()
    assert settings.model_dump() == Settings().model_dump()
    assert "set aside" in settings.notes[0]
    assert (settings_path().parent / "settings-damaged.json").read_text(encoding="latin-1") == text
    settings.save()
    assert Settings.load().notes == ()


def test_one_wrong_value_costs_only_itself() -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(json.dumps({"theme": "dark", "seam_ms": "wide", "recent": [3], "more": 1}))
    settings = Settings.load()
    assert (settings.theme, settings.seam_ms, settings.recent) == ("dark", 40.0, ())
    assert settings.notes
    assert settings.model_extra == {"more": 1}


def test_connections_come_back_in_their_order_and_each_once() -> None:
    studio = ConnectionSetting(name="studio", queue_url="https://studio.example.com:8443", key_file="/keys/studio")
    proxied = ConnectionSetting(name="fal", kind="fal", proxy_url="https://proxy.example.com/fal")
    settings = Settings().with_connection(studio).with_connection(proxied)
    settings = settings.with_connection(studio.changed(queue_url="https://new.example.com"))
    settings.save()
    again = Settings.load()
    assert [each.name for each in again.connections] == ["studio", "fal"]
    assert again.connection("studio") == studio.changed(queue_url="https://new.example.com")
    assert again.connection("fal") == proxied
    assert again.connection("nobody") is None
    assert again.without_connection("studio").connections == (proxied,)


@pytest.mark.parametrize(
    "name", ["local", "Local", "fal", "FAL", "", " a", "a ", "-a", "a/b", "https://a", "a\nb", "x" * 41]
)
def test_names_that_no_connection_of_ones_own_may_have(name: str) -> None:
    with pytest.raises(ValidationError):
        ConnectionSetting(name=name, queue_url="https://studio.example.com")


def test_one_damaged_connection_costs_only_itself() -> None:
    settings_path().parent.mkdir(parents=True)
    good = {"name": "studio", "queue_url": "https://studio.example.com", "colour": "red"}
    tomorrow = {"name": "tape", "kind": "tape-machine", "reels": 2}
    listed = [good, {"name": "local"}, 7, tomorrow, {**good, "queue_url": "https://second.example.com"}]
    settings_path().write_text(json.dumps({"theme": "dark", "connections": listed}))
    settings = Settings.load()
    assert settings.theme == "dark"
    assert [each.name for each in settings.connections] == ["studio", "tape"]
    assert settings.notes
    settings.save()
    kept = json.loads(settings_path().read_text())["connections"]
    assert kept[0]["colour"] == "red"
    assert (kept[1]["kind"], kept[1]["reels"]) == ("tape-machine", 2)


def test_settings_that_cannot_be_written(home: Path) -> None:
    (home / "config").write_text("a file where the folder should be")
    assert Settings.load().theme == "system"
    with pytest.raises(UnwritableFile):
        Settings().save()


CANARY = "key-canary-1234567890"


class PlainText(Wallet):
    """A keyring whose text anyone may read."""


PlainText.__module__ = "keyrings.alt.file"


@pytest.fixture
def wallet() -> Iterator[Wallet]:
    with new_wallet() as made:
        yield made


def test_a_key_goes_to_the_keyring_and_comes_back(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_key("fal") is None
    store_key("fal", f"  {CANARY}\n")
    assert read_key("fal") == CANARY
    assert not from_environment("fal")
    monkeypatch.setenv("FAL_KEY", "from-environment")
    assert read_key("fal") == "from-environment"
    assert from_environment("fal")
    monkeypatch.setenv("FAL_KEY", "  ")
    assert read_key("fal") == CANARY
    store_key("fal", "")
    assert read_key("fal") is None
    assert wallet.kept == {}
    with pytest.raises(UnwritableFile, match="not a key"):
        store_key("fal", "two\nlines")


def test_a_key_in_two_variables(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    store_key("fal", "from-keyring")
    monkeypatch.setenv("FAL_KEY_ID", "name")
    assert find_key("fal") == FoundKey("from-keyring", KeySource.KEYRING)
    monkeypatch.setenv("FAL_KEY_SECRET", f" {CANARY} ")
    found = find_key("fal")
    assert found == FoundKey(f"name:{CANARY}", KeySource.ENVIRONMENT, "FAL_KEY_ID and FAL_KEY_SECRET")
    assert CANARY not in repr(found)
    assert from_environment("fal")
    assert find_key("studio") is None, "the environment's key is fal's alone"


def test_a_key_of_a_file(wallet: Wallet, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{CANARY}\n")
    store_key("studio", "from-keyring")
    assert find_key("studio", path) == FoundKey(CANARY, KeySource.FILE, str(path))
    for content in (b"", b"two words", CANARY.encode() + b"\xff", b"x" * 5000, b"a\nb"):
        path.write_bytes(content)
        with pytest.raises(FileError, match="holds no key") as caught:
            find_key("studio", path)
        assert CANARY not in repr(caught.value) + repr(caught.value.__context__)
    with pytest.raises(FileError, match="cannot be read"):
        find_key("studio", tmp_path / "missing")


def test_without_a_keyring_there_is_only_the_environment() -> None:
    assert not can_store()  # the tests' keyring is the one that keeps nothing
    assert read_key("fal") is None
    with pytest.raises(UnwritableFile) as caught:
        store_key("fal", CANARY)
    assert "FAL_KEY" in caught.value.hint


def test_plain_text_is_refused(wallet: Wallet) -> None:
    plain = PlainText()
    keyring.set_keyring(plain)
    with pytest.raises(UnwritableFile, match="no keyring"):
        store_key("fal", CANARY)
    assert plain.kept == {}


def test_a_locked_wallet_does_not_hold_retake(wallet: Wallet) -> None:
    wallet.gate.clear()
    assert read_key("fal", patience=0.05) is None
    with pytest.raises(UnwritableFile, match="did not take"):
        store_key("fal", CANARY, patience=0.05)


@pytest.mark.logs
def test_a_broken_wallet_tells_nobody_the_key(
    wallet: Wallet, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wallet.broken = f"cannot keep {CANARY}"
    assert read_key("fal") is None
    with pytest.raises(UnwritableFile) as caught:
        store_key("fal", CANARY)
    seen = str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__) + caplog.text
    assert CANARY not in seen + "".join(capfd.readouterr())
    Settings().save()
    assert CANARY not in settings_path().read_text()
