"""The settings by mouse and keys: a key that is missing, one that is refused, a host of one's own, and values."""

import gc
from collections.abc import Iterator

import pytest
from loopback_hosts import keyed_host, nobody, studio_proxy
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from wallets import Wallet, new_wallet

from app.files.settings import Settings
from app.remote.connection import Connection, Key
from app.session import connections as connections_module
from app.session.connection_status import State
from app.session.connections import FAL, LOCAL
from app.session.engine_process import EngineProcess
from app.session.session import Session
from app.ui import theme
from app.ui.reason_line import ReasonLine
from app.ui.settings_dialog import SettingsDialog
from app.ui.window import MainWindow

LONG = 30_000
CANARY = "canary-91ab:0123456789abcdef"


@pytest.fixture
def wallet() -> Iterator[Wallet]:
    with new_wallet() as made:
        yield made


@pytest.fixture
def dialog(session: Session, qtbot: QtBot) -> Iterator[SettingsDialog]:
    dialog = SettingsDialog(session.hosts, session.preferences, session.outputs)
    session.hosts.begin()
    qtbot.waitUntil(lambda: session.hosts.status(FAL).state is not State.CHECKING, timeout=LONG)
    dialog.open_at()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    yield dialog
    dialog.close()
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def fal_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let what is called fal.ai be a host on loopback."""

    def instead(key: Key | None, proxy_url: str | None = None) -> Connection:
        return Connection("fal", url, f"{url}/storage", key, proxy_url)

    monkeypatch.setattr(connections_module, "fal", instead)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(widget: QWidget) -> str:
    """Everything that is to be read in it, by eyes or by a reader."""
    edits = [f"{e.text()} {e.displayText()} {e.placeholderText()}" for e in widget.findChildren(QLineEdit)]
    every = widget.findChildren(QWidget)
    told = [
        f"{getattr(w, 'text', str)()!r} {w.toolTip()} {w.accessibleName()} {w.accessibleDescription()}" for w in every
    ]
    return " ".join([*edits, *told])


def test_the_missing_key_is_the_field_with_the_cursor(
    dialog: SettingsDialog, session: Session, qtbot: QtBot, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = dialog.connections.form
    with keyed_host(CANARY) as host:
        fal_at(monkeypatch, host.url)
        dialog.open_at(FAL)
        assert form.name == FAL
        qtbot.waitUntil(lambda: form.key.edit.hasFocus(), timeout=LONG)
        assert form.card.sentence.text() == "fal.ai needs a key, and none is set."
        assert "below" in form.card.hint.text()
        assert form.key.edit.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(form.key.edit, "not-the-key")
        QTest.keyClick(form.key.edit, Qt.Key.Key_Return)
        assert form.key.edit.text() == "", "a key is not left standing in a field"
        qtbot.waitUntil(lambda: form.card.sentence.text() == "fal.ai refused the key.", timeout=LONG)
        assert form.key.there.text() == "A key is set, from the keyring."
        assert not form.key.is_open
        assert dialog.isVisible(), "Enter gave the key, and nothing else"

        qtbot.waitUntil(lambda: form.key.replace_button.hasFocus(), timeout=LONG)
        QTest.keyClick(form.key.replace_button, Qt.Key.Key_Space)
        assert form.key.edit.hasFocus()
        QTest.keyClicks(form.key.edit, CANARY)
        assert CANARY not in words(dialog).replace(form.key.edit.text(), "")
        click(form.key.put_button)
        qtbot.waitUntil(lambda: form.card.sentence.text() == "fal.ai takes the key.", timeout=LONG)
        assert CANARY not in words(dialog)
        assert wallet.kept == {("retake", "fal"): CANARY}
        assert session.connections.has(FAL)

    click(form.card.check_button)
    qtbot.waitUntil(lambda: form.card.sentence.text() == "fal.ai cannot be reached.", timeout=LONG)
    assert "cannot be reached" in dialog.connections.list.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    click(form.key.forget_button)
    qtbot.waitUntil(lambda: wallet.kept == {}, timeout=LONG)
    qtbot.waitUntil(lambda: form.card.sentence.text().startswith("fal.ai needs a key"), timeout=LONG)
    assert form.key.is_open


def test_a_key_of_the_environment_is_shown_and_left_alone(
    dialog: SettingsDialog, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = dialog.connections.form
    monkeypatch.setenv("FAL_KEY", CANARY)
    with keyed_host(CANARY) as host:
        fal_at(monkeypatch, host.url)
        dialog.open_at(FAL, "proxy_url")
        click(form.card.check_button)
        qtbot.waitUntil(lambda: form.card.sentence.text() == "fal.ai takes the key.", timeout=LONG)
    assert form.key.there.text() == "A key is set, from FAL_KEY."
    assert form.key.replace_button.isHidden()
    assert form.key.forget_button.isHidden()
    form.focus("key")
    assert not form.key.is_open
    assert CANARY not in words(dialog)


def test_without_a_keyring_the_field_says_so(dialog: SettingsDialog, qtbot: QtBot) -> None:
    form = dialog.connections.form
    dialog.open_at(FAL)
    QTest.keyClicks(form.key.edit, CANARY)
    click(form.key.put_button)
    qtbot.waitUntil(lambda: "no keyring" in form.rows["key"].error(), timeout=LONG)
    assert "FAL_KEY" in form.rows["key"].error()
    assert CANARY not in words(dialog)


def test_a_typed_key_does_not_wait_behind_a_closed_dialog(dialog: SettingsDialog) -> None:
    dialog.open_at(FAL)
    edit = dialog.connections.form.key.edit
    QTest.keyClicks(edit, CANARY)
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert edit.text() == ""
    edit.undo()
    assert edit.text() == ""


def test_a_host_of_ones_own_is_added_asked_and_removed(
    dialog: SettingsDialog, session: Session, engine: EngineProcess, qtbot: QtBot, wallet: Wallet
) -> None:
    page, form, add = dialog.connections, dialog.connections.form, dialog.connections.add_form
    assert engine.connection.key is not None
    click(page.add_button)
    qtbot.waitUntil(lambda: add.name.hasFocus(), timeout=LONG)
    QTest.keyClicks(add.name, "Local")
    QTest.keyClick(add.name, Qt.Key.Key_Return)
    assert "of that name" in add.rows["name"].error()
    add.name.setText("a/b")
    click(add.add_button)
    assert "letters" in add.rows["name"].error()
    add.name.setText("attic")
    QTest.keyClicks(add.url, "http://attic.example.com")
    click(add.add_button)
    assert "https" in add.rows["queue_url"].error()
    assert add.url.hasFocus()
    assert session.preferences.now.connections == ()
    add.url.setText(engine.connection.queue_url)
    QTest.keyClicks(add.key, engine.connection.key.reveal())
    click(add.add_button)
    assert (page.list.currentItem().text(), form.name) == ("attic", "attic")
    qtbot.waitUntil(lambda: "offers" in form.card.sentence.text(), timeout=LONG)
    assert session.asking.catalogue.by_connection("attic")
    assert engine.connection.key.reveal() not in words(dialog)

    form.queue_url.setFocus()
    form.queue_url.setText("attic")
    QTest.keyClick(form.queue_url, Qt.Key.Key_Return)
    assert "address" in form.rows["queue_url"].error()
    form.queue_url.setText(nobody())
    QTest.keyClick(form.queue_url, Qt.Key.Key_Return)
    assert form.rows["queue_url"].error() == ""
    qtbot.waitUntil(lambda: form.card.sentence.text() == "attic cannot be reached.", timeout=LONG)
    qtbot.waitUntil(lambda: Settings.load().connection("attic") is not None, timeout=LONG)
    click(form.remove_button)
    assert session.hosts.names() == (LOCAL, FAL)
    assert page.list.count() == 2
    assert session.asking.catalogue.by_connection("attic") == ()
    qtbot.waitUntil(lambda: wallet.kept == {}, timeout=LONG)


def test_a_studio_proxy_stands_in_for_the_key(
    dialog: SettingsDialog, session: Session, engine: EngineProcess, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = dialog.connections.form
    assert engine.connection.key is not None
    fal_at(monkeypatch, engine.connection.queue_url)
    with studio_proxy(engine.connection.key.reveal(), engine.connection.queue_url) as proxy:
        dialog.open_at(FAL, "proxy_url")
        QTest.keyClicks(form.proxy_url, f"{proxy.url}/fal")
        QTest.keyClick(form.proxy_url, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: session.hosts.status(FAL).state is State.CONNECTED, timeout=LONG)
        assert form.card.sentence.text() == "The proxy for fal.ai answers, and its key is taken."
        assert len(proxy.lines) == 1
    assert session.connections.has(FAL)
    form.proxy_url.setText("")
    QTest.keyClick(form.proxy_url, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.hosts.status(FAL).state is State.NEEDS_KEY, timeout=LONG)
    assert not session.connections.has(FAL)


def test_keys_alone_walk_through_it(dialog: SettingsDialog, session: Session, qtbot: QtBot) -> None:
    page = dialog.connections
    page.list.setFocus()
    page.list.setCurrentRow(0)
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.form.name == FAL
    seen: list[QWidget | None] = []
    for _ in range(12):
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    for each in (page.add_button, page.form.card.check_button, page.form.key.edit, page.form.proxy_url):
        assert each in seen, each
    assert dialog.close_button in seen


def test_takes_and_seams_count_at_once(dialog: SettingsDialog, session: Session) -> None:
    session.preferences.change(seam_ms=12.5)
    dialog.open_at()
    dialog.tabs.setCurrentWidget(dialog.takes)
    told: list[None] = []
    dialog.changed.connect(lambda: told.append(None))
    spin = dialog.takes.editors["takes_per_click_local"]
    spin.setFocus()
    QTest.keyClick(spin, Qt.Key.Key_Up)
    assert session.preferences.now.takes_per_click_local == 4
    dialog.takes.editors["outside_ms"].setValue(25)
    assert session.preferences.now.outside_ms == 25
    assert session.preferences.now.seam_ms == 12.5, "what was not touched stays as it is"
    assert len(told) == 2


def test_colours_change_at_once(dialog: SettingsDialog, session: Session) -> None:
    dialog.tabs.setCurrentWidget(dialog.appearance)
    choices = dialog.appearance.choices
    QTest.mouseClick(choices["dark"], Qt.MouseButton.LeftButton, pos=QPoint(8, choices["dark"].height() // 2))
    assert theme.current() is theme.DARK
    assert session.preferences.now.theme == "dark"
    QTest.keyClick(choices["dark"], Qt.Key.Key_Up)
    assert theme.current() is theme.LIGHT


def test_a_reason_leads_to_what_helps(qtbot: QtBot) -> None:
    line = ReasonLine()
    qtbot.addWidget(line)
    line.say("fal.ai needs a key.", "Enter the key…")
    line.show()
    with qtbot.waitSignal(line.followed, timeout=1000):
        click(line.link)
    line.link.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(line.followed, timeout=1000):
        QTest.keyClick(line.link, Qt.Key.Key_Space)
    line.say("Drag over the part to remake")
    assert line.link.isHidden()
    assert line.text() == "Drag over the part to remake"


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(session)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del window
    gc.collect()


def test_the_window_leads_there_and_offers_the_offline_engine(
    window: MainWindow, session: Session, qtbot: QtBot, wallet: Wallet
) -> None:
    local = session.asking.endpoint
    assert local is not None
    paid = next(e for e in session.asking.catalogue.by_connection(FAL) if e.kind is local.kind)
    session.hosts.begin()
    qtbot.waitUntil(lambda: session.hosts.status(FAL).state is State.NEEDS_KEY, timeout=LONG)
    session.asking.choose(paid.id)
    window.actions_table["fal_key"].trigger()
    dialog = window.findChild(SettingsDialog, "settings")
    assert dialog is not None
    assert dialog.isVisible()
    form = dialog.connections.form
    assert form.name == FAL
    assert not form.card.offline_button.isHidden()
    QTest.keyClicks(form.key.edit, "x")
    QTest.keyClick(form.key.edit, Qt.Key.Key_Escape)
    assert not dialog.isVisible(), "Esc closes it, also from a field"

    window.actions_table["settings"].trigger()
    assert dialog.isVisible()
    dialog.connections.show_connection(FAL)
    click(form.card.offline_button)
    assert not dialog.isVisible()
    assert session.asking.endpoint is not None
    assert (session.asking.endpoint.connection, session.asking.endpoint.kind) == (LOCAL, paid.kind)

    window.actions_table["settings"].trigger()
    dialog.takes.editors["outside_ms"].setValue(30)
    dialog.takes.editors["takes_per_click_local"].setValue(5)
    assert window.request.join_options.outside.value() == 30
    assert window.request.submit_bar.take_count() == 5
    dialog.reject()


def test_choosing_what_lacks_a_key_leads_to_its_field(
    window: MainWindow, session: Session, qtbot: QtBot, wallet: Wallet
) -> None:
    session.hosts.begin()
    qtbot.waitUntil(lambda: session.hosts.status(FAL).state is State.NEEDS_KEY, timeout=LONG)
    paid = next(e for e in session.asking.catalogue.by_connection(FAL) if e.kind is session.asking.endpoint.kind)
    session.asking.choose(paid.id)
    window.request.key_wanted.emit(FAL)
    dialog = window.findChild(SettingsDialog, "settings")
    assert dialog is not None
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.connections.form.key.edit, timeout=LONG)
    assert not dialog.connections.form.card.offline_button.isHidden()
    dialog.reject()
