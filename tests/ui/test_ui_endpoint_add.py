"""Paste, see, keep; correct roles and set prices: the picker's verbs through real dialogs, over real HTTP."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from library_host import DocumentHost, document, hum, serving
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QFileDialog, QLabel

from app.endpoints.catalogue import endpoint_from
from app.endpoints.fields import Json
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.files.settings import Settings
from app.remote.connection import Key, fal
from app.session.asking import Asking
from app.session.connections import Connections
from app.session.library import Library
from app.session.messages import Messages
from app.session.preferences import Preferences
from app.ui.endpoint_add import AddEndpoint
from app.ui.endpoint_choices import choices_of
from app.ui.endpoint_picker import EndpointPicker
from app.ui.endpoint_price import SetPrice
from app.ui.endpoint_roles import CorrectRoles
from app.ui.endpoint_verbs import EndpointVerbs

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|grabbing the keyboard|grabbing the mouse")
LEFT = Qt.MouseButton.LeftButton
HUM = "studio/hum"
BUNDLED = "fal-ai/stable-audio-25/inpaint"
OK, CANCEL = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel


class Room:
    """A picker with its verbs, on a library and a catalogue of their own."""

    def __init__(self, qtbot, host: DocumentHost) -> None:
        self.qtbot, self.host = qtbot, host
        self.messages = Messages()
        self.asking = Asking(Preferences(Settings()))
        self.connections = Connections()
        self.library = Library(self.asking, self.messages, address=host.address)
        self.picker = EndpointPicker()
        qtbot.addWidget(self.picker)
        self.verbs = EndpointVerbs(self.picker, self.asking, self.library, lambda: ["studio"])
        self.library.changed.connect(self.fill)
        self.asking.catalogue_changed.connect(self.fill)
        self.asking.endpoint_changed.connect(self.fill)
        self.picker.resize(340, 80)
        self.picker.show()
        qtbot.waitExposed(self.picker)
        qtbot.waitUntil(lambda: self.library.loaded)
        self.fill()

    def fill(self) -> None:
        endpoint = self.asking.endpoint
        choices = choices_of(self.asking.catalogue, self.library, self.connections)
        self.picker.set_choices(choices, endpoint.id if endpoint else "")

    def choice(self, endpoint: str):
        (found,) = [each for each in self.picker._choices if each.id == endpoint]
        return found

    def dialog(self, kind: type):
        (found,) = [each for each in self.picker.findChildren(kind) if each.isVisible()]
        return found

    def add(self) -> AddEndpoint:
        self.qtbot.keyClick(self.picker.combo, Qt.Key.Key_Down)
        self.qtbot.mouseClick(self.picker.panel.add, LEFT)
        dialog = self.dialog(AddEndpoint)
        self.qtbot.waitExposed(dialog)
        return dialog

    def ask(self, verb: str, endpoint: str) -> None:
        self.picker.panel.asked.emit(verb, self.choice(endpoint))

    def looked(self, dialog: AddEndpoint) -> None:
        self.qtbot.waitUntil(lambda: dialog._preview is not None)


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    with serving() as host:
        host.answers[HUM] = document(HUM, hum())
        room = Room(qtbot, host)
        yield room
        room.library.close()


def rows(dialog: AddEndpoint) -> list[list[str]]:
    tree = dialog.card.fields
    return [[tree.topLevelItem(i).text(c) for c in range(3)] for i in range(tree.topLevelItemCount())]


# -- adding ------------------------------------------------------------------------------------------------------------


def test_typed_seen_and_kept(qtbot, room):
    dialog = room.add()
    assert dialog.focusWidget() is dialog.text
    assert not dialog.keep.isEnabled()
    qtbot.keyClicks(dialog.text, HUM)
    room.looked(dialog)  # by itself, after a pause
    assert dialog.card.title.text() == "Hum"
    assert dialog.card.summary.text() == "studio/hum · Fill · up to 47 s · 6 fields"
    assert rows(dialog)[0] == ["audio_url *", "file", "source"]
    assert rows(dialog)[4] == ["strength", "number, 0–1, default 0.5", "strength"]
    assert room.asking.catalogue.get(HUM) is None, "seen, not kept"
    with qtbot.waitSignal(room.library.kept):
        qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert room.picker.current() == HUM
    assert room.picker.detail.text() == "needs a key · Fill · fal.ai · up to 47 s · added by you"
    assert room.choice(HUM).added


def test_cancel_keeps_nothing(qtbot, room):
    dialog = room.add()
    dialog.text.setText(HUM)
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    room.looked(dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert room.asking.catalogue.get(HUM) is None


def test_enter_looks_before_it_keeps(qtbot, room):
    room.host.go_on.clear()
    dialog = room.add()
    qtbot.keyClicks(dialog.text, HUM)
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert dialog.state.text() == "Looking it up …"
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert dialog.isVisible()
    room.host.go_on.set()
    room.looked(dialog)
    assert dialog.keep.isEnabled()


def test_what_was_seen_is_not_kept_for_another_text(qtbot, room):
    dialog = room.add()
    dialog.look_at(HUM)
    room.looked(dialog)
    qtbot.keyClick(dialog.text, Qt.Key.Key_X)
    assert not dialog.keep.isEnabled()
    assert not dialog.card.isVisible()
    room.looked(dialog)
    assert dialog.state.property("role") == "error"
    assert "no document" in dialog.state.text().lower() or "404" in dialog.state.text()
    assert not dialog.keep.isEnabled()


def test_an_answer_that_comes_too_late_is_not_shown(qtbot, room):
    room.host.go_on.clear()
    dialog = room.add()
    dialog.look_at(HUM)
    qtbot.waitUntil(lambda: room.host.asked != [])
    qtbot.keyClicks(dialog.text, "2")
    room.host.go_on.set()
    qtbot.wait(150)
    assert dialog._preview is None
    assert not dialog.card.isVisible()


def test_a_file_is_chosen_and_asked_at_another_connection(qtbot, room, tmp_path, monkeypatch):
    path = tmp_path / "hum.json"
    path.write_text(json.dumps(document(HUM, hum())))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))  # the system's own window
    dialog = room.add()
    dialog.connection.setFocus()
    qtbot.keyClick(dialog.connection, Qt.Key.Key_Down)
    assert dialog.connection.currentText() == "studio"
    qtbot.mouseClick(dialog.file, LEFT)
    room.looked(dialog)
    with qtbot.waitSignal(room.library.kept):
        qtbot.mouseClick(dialog.keep, LEFT)
    found = room.asking.catalogue.get(HUM)
    assert found.connection == "studio"
    assert room.choice(HUM).away == "not connected"


def test_what_could_not_be_read_is_said_before_it_is_kept(room):
    odd: dict[str, Json] = {**hum(), "odd": {"$ref": "#/components/schemas/Nowhere"}}
    room.host.answers[HUM] = document(HUM, odd)
    dialog = room.add()
    dialog.look_at(HUM)
    room.looked(dialog)
    assert "Odd" in dialog.card.notes.text()
    assert dialog.keep.isEnabled()


def test_one_that_is_there_already_is_announced(qtbot, room):
    room.host.answers[BUNDLED] = document(BUNDLED, hum())
    dialog = room.add()
    dialog.look_at(BUNDLED)
    room.looked(dialog)
    assert "You have this endpoint already" in dialog.state.text()


def test_what_was_searched_in_vain_is_looked_up(qtbot, room):
    qtbot.keyClick(room.picker.combo, Qt.Key.Key_Down)
    qtbot.keyClicks(room.picker.panel.search, HUM)
    qtbot.keyClick(room.picker.panel.search, Qt.Key.Key_Return)
    dialog = room.dialog(AddEndpoint)
    room.looked(dialog)
    assert dialog.card.title.text() == "Hum"


def test_words_of_a_document_are_never_markup(room):
    evil = document(HUM, {**hum(), "prompt": {"type": "string", "description": "<b>x</b>"}})
    evil["info"] = {"title": "<img src=x>", "x-fal-metadata": {"endpointId": HUM, "about": "<h1>big</h1>"}}
    room.host.answers[HUM] = evil
    dialog = room.add()
    dialog.look_at(HUM)
    room.looked(dialog)
    assert "<img src=x>" in dialog.card.title.text()
    for each in dialog.findChildren(QLabel):
        if "<" in each.text():
            assert each.textFormat() == Qt.TextFormat.PlainText, each.text()


# -- roles, prices, favourites -----------------------------------------------------------------------------------------


def test_roles_are_corrected_by_keys(qtbot, room):
    room.host.answers[HUM] = document(HUM, {**hum(), "wobble": {"type": "number"}})
    with qtbot.waitSignal(room.library.kept):
        room.library.add(HUM, "fal")
    room.ask("roles", HUM)
    dialog = room.dialog(CorrectRoles)
    assert dialog.combos[Role.STRENGTH].currentText() == "strength"
    assert dialog.state.text() == "Kind of work: Fill · up to 47 s"
    assert Role.LORAS not in dialog.combos, "no field could have it"
    combo = dialog.combos[Role.STRENGTH]
    combo.setFocus()
    qtbot.keyClicks(combo, "wob")
    assert combo.currentText() == "wobble"
    with qtbot.waitSignal(room.library.changed):
        qtbot.mouseClick(dialog.buttons.button(OK), LEFT)
    assert room.asking.catalogue.get(HUM).roles[Role.STRENGTH] == "wobble"
    room.ask("roles", HUM)
    again = room.dialog(CorrectRoles)
    assert again.combos[Role.STRENGTH].currentText() == "wobble"
    qtbot.mouseClick(again.reset, LEFT)
    assert again.combos[Role.STRENGTH].currentText() == "strength"
    qtbot.mouseClick(again.buttons.button(OK), LEFT)
    assert room.library.entry("fal", HUM).roles == {}


@pytest.fixture
def roles(qtbot) -> CorrectRoles:
    endpoint = endpoint_from(document(HUM, hum()), "fal")
    dialog = CorrectRoles(endpoint, endpoint)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_field_has_one_role(roles):
    roles.combos[Role.MASK_START].setCurrentText("strength")
    assert roles.combos[Role.STRENGTH].currentData() == ""
    assert roles.corrections() == {Role.MASK_START: "strength", Role.STRENGTH: None}


def test_what_the_roles_come_to_is_said_at_once(qtbot, roles):
    roles.combos[Role.MASK_START].setCurrentIndex(0)
    assert roles.state.text().startswith("Kind of work: Vary")
    assert roles.buttons.button(OK).isEnabled()


def test_cancel_corrects_nothing(qtbot, room):
    room.ask("roles", BUNDLED)
    dialog = room.dialog(CorrectRoles)
    dialog.combos[Role.PROMPT].setCurrentIndex(0)
    qtbot.mouseClick(dialog.buttons.button(CANCEL), LEFT)
    assert room.library.entry("fal", BUNDLED).roles == {}


@pytest.mark.parametrize("typed", ["0.25", "0,25"])
def test_a_price_is_typed_and_dated(qtbot, room, typed):
    room.ask("price", BUNDLED)
    dialog = room.dialog(SetPrice)
    dialog.amount.clear()
    qtbot.keyClicks(dialog.amount, typed)
    dialog.per.setFocus()
    qtbot.keyClicks(dialog.per, "sec")
    qtbot.keyClick(dialog.amount, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert room.choice(BUNDLED).price == f"$0.25 per second ({date.today().isoformat()})"
    assert room.choice(BUNDLED).changed
    room.ask("price", BUNDLED)
    dialog = room.dialog(SetPrice)
    assert (dialog.amount.text(), dialog.unit()) == ("0.25", "second")
    dialog.amount.clear()
    qtbot.mouseClick(dialog.buttons.button(OK), LEFT)
    assert not room.choice(BUNDLED).changed


def test_a_price_is_a_number_of_dollars(qtbot, room):
    room.ask("price", BUNDLED)
    dialog = room.dialog(SetPrice)
    dialog.amount.clear()
    qtbot.keyClicks(dialog.amount, "-x.e5")
    assert dialog.amount.text() == ".5"
    assert dialog.value() == 0.5
    dialog.amount.setText(".")
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.close()


def test_a_favourite_is_starred_and_refreshed_in_the_open_panel(qtbot, room):
    qtbot.keyClick(room.picker.combo, Qt.Key.Key_Down)
    panel = room.picker.panel
    qtbot.keyClicks(panel.search, "2.5 fill")
    row = panel.list.row_of(BUNDLED)
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=panel.list.star_of(row).center())
    assert room.library.entry("fal", BUNDLED).favourite
    assert panel.list.texts()[0] == "★ Favourites"
    assert panel.list.choice_at(1).id == BUNDLED


def test_refresh_and_remove(qtbot, room):
    with qtbot.waitSignal(room.library.kept):
        room.library.add(HUM, "fal")
    with qtbot.waitSignal(room.library.refreshed):
        room.ask("refresh", HUM)
    room.ask("remove", HUM)
    assert room.asking.catalogue.get(HUM) is None
    assert room.picker.current() not in ("", HUM)


# -- the lines ---------------------------------------------------------------------------------------------------------


def test_lines_say_whether_a_key_is_missing(room):
    assert room.choice(BUNDLED).needs_key
    room.connections.put(fal(Key("a:b")))
    room.fill()
    assert not room.choice(BUNDLED).needs_key
    assert room.choice(BUNDLED).away == ""


def test_the_offline_engines_endpoints_come_first_and_are_free(room):
    room.asking.offer("local", [document("retake/zzz", hum())])
    first = room.picker._choices[0]
    assert (first.id, first.free, first.kind) == ("retake/zzz", True, Kind.FILL)
    assert first.away == "starting …", "it is offered, and not connected"


def test_dialogs_leave_nothing_behind(qtbot, room):
    dialog = room.add()
    dialog.close()
    qtbot.waitUntil(lambda: room.picker.findChildren(QDialog) == [])
    assert QApplication.activeModalWidget() is None
