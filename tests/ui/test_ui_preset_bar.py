"""Presets, recent prompts and copied requests, by keys and mouse, in a panel of the real session."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from sounds import make_music

from app.endpoints.binding import defaults
from app.session.messages import Message
from app.session.prompts import Prompts
from app.session.session import Session
from app.sound.region import Region
from app.ui.focus import FocusKeys
from app.ui.param_form import ParamForm
from app.ui.preset_bar import PresetBar
from app.ui.prompt_keys import PromptKeys

FILL = "fal-ai/stable-audio-25/inpaint"
SONG = "fal-ai/ace-step/audio-inpaint"
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


class Panel(QWidget):
    """A presets' line over a panel, wired as in the window; `home` stands for the waveform."""

    def __init__(self, session: Session, prompts: Prompts, qtbot: QtBot) -> None:
        super().__init__()
        self.qtbot = qtbot
        self.session, self.prompts = session, prompts
        self.form = ParamForm(self)
        self.bar = PresetBar(session, prompts, self)
        self.keys = PromptKeys(self.form, prompts, self)
        self.home = QPlainTextEdit(self)
        layout = QVBoxLayout(self)
        for each in (self.bar, self.form, self.home):
            layout.addWidget(each)
        self.form.changed.connect(self._on_edited)
        session.asking.endpoint_changed.connect(self.fill)
        prompts.recalled.connect(self.fill)
        self._focus = FocusKeys(self.home, self)
        self._focus.watch(self)
        self.fill()

    def fill(self, *_: object) -> None:
        asking = self.session.asking
        assert asking.endpoint is not None
        self.form.set_endpoint(asking.endpoint, {**defaults(asking.endpoint), **asking.values})
        self._on_edited()

    def _on_edited(self) -> None:
        self.session.asking.set_values(self.form.values(), self.form.seed())
        self.bar.renew()

    @property
    def prompt(self) -> QPlainTextEdit:
        target = self.form.row("prompt").editor.focus_target()
        assert isinstance(target, QPlainTextEdit)
        return target

    def note(self) -> str:
        """What stands under the prompt, as far as it is seen."""
        words = self.keys._words[self.prompt]
        return words.note.text() if words.note.isVisible() else ""


@pytest.fixture
def prompts(session: Session, qtbot: QtBot) -> Iterator[Prompts]:
    found = Prompts(session.asking, session.messages)
    with qtbot.waitSignal(found.changed):
        pass
    yield found
    found.close()


@pytest.fixture
def panel(session: Session, prompts: Prompts, qtbot: QtBot) -> Panel:
    assert session.asking.choose(FILL)
    found = Panel(session, prompts, qtbot)
    qtbot.addWidget(found)
    found.resize(360, 640)
    found.show()
    qtbot.waitExposed(found)
    found.activateWindow()
    found.prompt.setFocus()
    return found


@pytest.fixture
def said(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.messages.posted.connect(heard.append)
    return heard


def when_open(menu: QMenu, step: Callable[[], None]) -> None:
    """Do something as soon as the menu is open; it runs a loop of its own until it is closed."""

    def soon() -> None:
        menu.aboutToShow.disconnect(soon)
        QTimer.singleShot(0, step)

    menu.aboutToShow.connect(soon)


def choose(panel: Panel, *texts: str) -> None:
    """Open the presets' menu with a click and go down it by mouse, a submenu a step."""
    went: list[str] = []

    def step() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = find(menu, texts[len(went)])
        went.append(action.text())
        inner = action.menu()
        if isinstance(inner, QMenu):
            when_open(inner, step)
            menu.setActiveAction(action)
            QTest.keyClick(menu, Qt.Key.Key_Right)
        else:
            QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    when_open(panel.bar.menu, step)
    QTest.mouseClick(panel.bar.button, Qt.MouseButton.LeftButton)
    assert len(went) == len(texts)
    back(panel)


def back(panel: Panel) -> None:
    """A window system gives the keys back to the window when a menu closes; here nobody else does."""
    panel.activateWindow()
    panel.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)


def find(menu: QMenu, text: str) -> QAction:
    return next(each for each in menu.actions() if each.text() == text)


def offered(panel: Panel) -> list[str]:
    panel.bar.menu.aboutToShow.emit()
    return [each.text() for each in panel.bar.menu.actions() if not each.isSeparator()]


def save(panel: Panel, name: str) -> None:
    choose(panel, "Save as…")
    QTest.keyClicks(panel.bar.naming.edit, name)
    QTest.keyClick(panel.bar.naming.edit, Qt.Key.Key_Return)


def type_prompt(panel: Panel, text: str) -> None:
    panel.prompt.setFocus()
    panel.prompt.selectAll()
    QTest.keyClicks(panel.prompt, text)


# -- presets -----------------------------------------------------------------------------------------------------------


def test_save_edit_update_and_recall_by_menu_and_keys(panel: Panel, qtbot: QtBot) -> None:
    assert offered(panel) == ["No presets yet", "Save as…", "Reset to defaults"]
    type_prompt(panel, "glass")
    save(panel, "Warm & soft")
    assert not panel.bar.naming.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panel.home)
    assert panel.bar.button.text() == "Preset: Warm && soft ▾"
    type_prompt(panel, "wood")
    assert panel.bar.button.text() == "Preset: Warm && soft • ▾"
    choose(panel, "Warm && soft")
    assert panel.prompt.toPlainText() == "glass"
    assert panel.bar.button.text() == "Preset: Warm && soft ▾"
    type_prompt(panel, "metal")
    choose(panel, "Update “Warm && soft”")
    type_prompt(panel, "")
    choose(panel, "Warm && soft")
    assert panel.prompt.toPlainText() == "metal"


def test_rename_delete_and_bring_back_by_menu(panel: Panel, said: list[Message]) -> None:
    for name in ("One", "Two"):
        save(panel, name)
    choose(panel, "Rename", "One")
    edit = panel.bar.naming.edit
    assert edit.text() == edit.selectedText() == "One"
    QTest.keyClicks(edit, "First")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert panel.prompts.names() == ("First", "Two")
    choose(panel, "Delete", "First")
    assert panel.prompts.names() == ("Two",)
    assert said[-1].text == "Deleted the preset “First”."
    choose(panel, "Bring “First” back")
    assert panel.prompts.names() == ("First", "Two")
    assert "Bring “First” back" not in offered(panel)


def test_a_name_in_use_says_that_it_is_replaced(panel: Panel) -> None:
    save(panel, "One")
    choose(panel, "Save as…")
    naming = panel.bar.naming
    assert naming.note.text() == "Enter saves, Esc leaves."
    QTest.keyClicks(naming.edit, "One")
    assert naming.note.text() == "Enter replaces “One”."
    assert naming.note.property("role") == "warning"


@pytest.mark.parametrize("way", ["Esc", "empty", "elsewhere"])
def test_a_name_that_is_not_given_saves_nothing(panel: Panel, qtbot: QtBot, way: str) -> None:
    choose(panel, "Save as…")
    edit = panel.bar.naming.edit
    assert QApplication.focusWidget() is edit
    if way == "Esc":
        QTest.keyClicks(edit, "Half a na")
        QTest.keyClick(edit, Qt.Key.Key_Escape)
    elif way == "empty":
        QTest.keyClicks(edit, "   ")
        QTest.keyClick(edit, Qt.Key.Key_Return)
    else:
        QTest.keyClicks(edit, "Half a na")
        panel.prompt.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(lambda: not panel.bar.naming.isVisible())
    assert panel.prompts.names() == ()


def test_another_endpoint_ends_the_naming(panel: Panel) -> None:
    choose(panel, "Save as…")
    panel.session.asking.choose(SONG)
    assert not panel.bar.naming.isVisible()


def test_the_menu_opens_and_saves_without_a_mouse(panel: Panel) -> None:
    def step() -> None:
        menu = QApplication.activePopupWidget()
        assert menu is panel.bar.menu
        while panel.bar.menu.activeAction() is None or panel.bar.menu.activeAction().text() != "Save as…":
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)

    panel.bar.button.setFocus(Qt.FocusReason.TabFocusReason)
    when_open(panel.bar.menu, step)
    QTest.keyClick(panel.bar.button, Qt.Key.Key_Return)
    back(panel)
    assert QApplication.focusWidget() is panel.bar.naming.edit
    QTest.keyClicks(panel.bar.naming.edit, "By keys")
    QTest.keyClick(panel.bar.naming.edit, Qt.Key.Key_Enter)
    assert panel.prompts.names() == ("By keys",)


def test_reset_keeps_the_words(panel: Panel) -> None:
    type_prompt(panel, "glass")
    row = panel.form.row("num_inference_steps")
    row.set_value(6)
    assert panel.session.asking.values["num_inference_steps"] == 6
    choose(panel, "Reset to defaults")
    assert panel.prompt.toPlainText() == "glass"
    assert panel.session.asking.values["num_inference_steps"] == row.field.default


def test_each_endpoint_has_its_own_presets(panel: Panel) -> None:
    save(panel, "Warm")
    panel.session.asking.choose(SONG)
    assert panel.bar.button.text() == "Preset ▾"
    panel.session.asking.choose(FILL)
    assert panel.bar.button.text() == "Preset: Warm ▾"


# -- recent prompts and wildcards --------------------------------------------------------------------------------------


def test_alt_up_and_down_go_through_recent_prompts_and_back_to_the_draft(panel: Panel) -> None:
    for text in ("one", "two", "three"):
        type_prompt(panel, text)
        panel.prompts.remember()
    type_prompt(panel, "dra")
    seen = []
    for key in (Qt.Key.Key_Up,) * 4 + (Qt.Key.Key_Down,) * 4:
        QTest.keyClick(panel.prompt, key, ALT)
        seen.append((panel.prompt.toPlainText(), panel.note()))
    assert seen == [
        ("three", "1 of 3"),
        ("two", "2 of 3"),
        ("one", "3 of 3"),
        ("one", "3 of 3"),
        ("two", "2 of 3"),
        ("three", "1 of 3"),
        ("dra", ""),
        ("dra", ""),
    ]
    assert panel.session.asking.values["prompt"] == "dra"


def test_typing_takes_the_place_away_and_ctrl_z_the_recalled_prompt(panel: Panel) -> None:
    type_prompt(panel, "one")
    panel.prompts.remember()
    type_prompt(panel, "dra")
    QTest.keyClick(panel.prompt, Qt.Key.Key_Up, ALT)
    assert panel.note() == "1 of 1"
    QTest.keyClick(panel.prompt, Qt.Key.Key_Z, CTRL)
    assert panel.prompt.toPlainText() == "dra"
    assert panel.note() == ""
    QTest.keyClick(panel.prompt, Qt.Key.Key_Up, ALT)
    QTest.keyClicks(panel.prompt, "!")
    assert panel.note() == ""


def test_without_recent_prompts_the_key_says_so_and_changes_nothing(panel: Panel) -> None:
    type_prompt(panel, "dra")
    QTest.keyClick(panel.prompt, Qt.Key.Key_Up, ALT)
    assert (panel.prompt.toPlainText(), panel.note()) == ("dra", "no older prompt")
    QTest.keyClick(panel.prompt, Qt.Key.Key_Up)
    assert panel.prompt.toPlainText() == "dra", "plain arrows are the editor's own"


def test_the_prompt_tells_how_many_variants_its_wildcards_have(panel: Panel) -> None:
    type_prompt(panel, "a {kick|snare|hat} {near|far}")
    assert panel.note() == "{…}: 6 variants, one per take"
    type_prompt(panel, "a {kick} | {snare")
    assert panel.note() == ""
    type_prompt(panel, "{a|b}" * 11)
    assert panel.note() == "{…}: more than 999 variants, one per take"


def test_lyrics_have_a_past_but_no_wildcards(panel: Panel) -> None:
    panel.session.asking.choose(SONG)
    lyrics = panel.form.row("lyrics").editor.focus_target()
    lyrics.setFocus()
    QTest.keyClicks(lyrics, "{la|lo}")
    panel.prompts.remember()
    note = panel.keys._words[lyrics].note
    assert not note.isVisible()
    assert isinstance(lyrics, QPlainTextEdit | QLineEdit)
    lyrics.selectAll()
    QTest.keyClicks(lyrics, "x")
    QTest.keyClick(lyrics, Qt.Key.Key_Up, ALT)
    assert panel.session.asking.values["lyrics"] == "{la|lo}"
    assert note.text() == "1 of 1"


# -- copying -----------------------------------------------------------------------------------------------------------


def copy(panel: Panel, language: str) -> str:
    def step() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        where: QPoint = menu.actionGeometry(find(menu, f"Copy as {language}")).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=where)

    QGuiApplication.clipboard().clear()
    when_open(panel.bar.copies, step)
    QTest.mouseClick(panel.bar.more, Qt.MouseButton.LeftButton)
    return QGuiApplication.clipboard().text()


@pytest.fixture
def masked(panel: Panel, qtbot: QtBot, tmp_path: Path) -> Panel:
    path = tmp_path / "source.wav"
    soundfile.write(path, make_music(5.0, 44100, 2).read(), 44100)
    with qtbot.waitSignal(panel.session.opened, timeout=20_000):
        panel.session.open(path)
    panel.session.set_mask(Region.from_seconds(2.0, 3.0, 44100))
    panel.fill()
    return panel


def test_the_request_is_copied_with_its_mask_and_without_a_key(masked: Panel, said: list[Message]) -> None:
    type_prompt(masked, "it's glass")
    told = json.loads(copy(masked, "JSON"))
    assert told["endpoint"] == FILL
    assert told["params"]["prompt"] == "it's glass"
    assert told["params"]["audio_url"] == "<URL of the excerpt: 0.00–5.00 s of the original>"
    assert (told["params"]["mask_start"], told["params"]["mask_end"]) == (2, 3)
    words = shlex.split(copy(masked, "curl"))
    assert words[:4] == ["curl", "--request", "POST", f"https://queue.fal.run/{FILL}"]
    assert "Authorization: Key $FAL_KEY" in words
    assert "fal_client.submit(" in copy(masked, "Python")
    assert said[-1].text == "Copied as Python; the key is not in it."


def test_the_engines_key_is_not_copied_either(masked: Panel) -> None:
    assert masked.session.asking.choose("retake/inpaint")
    key = masked.session.connections.get("local").key
    assert key is not None
    for language in ("curl", "Python", "JSON"):
        text = copy(masked, language)
        assert "retake/inpaint" in text
        assert key.reveal() not in text
        assert "FAL_KEY" not in text


def test_what_cannot_be_sent_is_told_instead_of_copied(panel: Panel, said: list[Message]) -> None:
    assert copy(panel, "curl") == ""
    assert said[-1].text == "Nothing is open."
