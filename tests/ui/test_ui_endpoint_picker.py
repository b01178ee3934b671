"""Forty endpoints in a panel that drops down: found by typing, walked by arrows, starred and chosen by key or mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from app.endpoints.catalogue import Catalogue, bundled
from app.endpoints.request import Kind
from app.ui.endpoint_choices import EndpointChoice
from app.ui.endpoint_panel import Verb
from app.ui.endpoint_picker import EndpointPicker

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|grabbing the keyboard|grabbing the mouse")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
Key = Qt.Key


def choice(name: str, kind: Kind = Kind.FILL, connection: str = "fal", **more) -> EndpointChoice:
    group = {"local": "Offline engine", "fal": "fal.ai"}.get(connection, connection)
    return EndpointChoice(f"house/{name.lower()}", name, group, kind, connection=connection, **more)


REPAIR = choice("Repair", connection="local", free=True, price="free")
FILL = choice("Refill", price="$0.03 per request (2026-11-20)", limits="up to 47 s", about="Remakes bees.")
LOCKED = choice("Locked", needs_key=True, away="needs a key")
VARY = choice("Change", Kind.VARY, refreshable=True)
STAR = choice("Bright", Kind.GENERATE, favourite=True)
ADDED = choice("Mine", Kind.OTHER, added=True, refreshable=True)
ALL = [REPAIR, FILL, LOCKED, VARY, STAR, ADDED]


@pytest.fixture
def picker(qtbot) -> EndpointPicker:
    window = QWidget()
    picker = EndpointPicker(window)
    layout = QVBoxLayout(window)
    layout.addWidget(picker)
    layout.addWidget(QLineEdit(window))
    picker.holder = window  # type: ignore[attr-defined]
    qtbot.addWidget(window)
    window.resize(340, 200)
    window.show()
    picker.set_choices(ALL, REPAIR.id)
    qtbot.waitExposed(window)
    return picker


def opened(qtbot, picker):
    picker.combo.setFocus()
    qtbot.keyClick(picker.combo, Key.Key_Down)
    assert picker.panel.isVisible()
    return picker.panel


def click(qtbot, panel, name: str, button=LEFT, star: bool = False) -> None:
    row = panel.list.row_of(f"house/{name.lower()}")
    index = panel.list.model().index(row, 0)
    panel.list.scrollTo(index)
    rect = panel.list.star_of(row) if star else panel.list.visualRect(index)
    qtbot.mouseClick(panel.list.viewport(), button, pos=rect.center())


def test_closed_it_tells_the_choice(picker):
    assert picker.combo.currentText() == "Repair"
    assert picker.detail.text() == "free · Fill · Offline engine"
    picker.set_current(LOCKED.id)
    assert "needs a key" in picker.detail.text()
    assert picker.detail.property("role") == "warning"
    picker.set_current("house/none")
    assert (picker.current(), picker.combo.currentIndex(), picker.detail.text()) == ("", -1, "")


def test_choices_that_go_take_the_current_one_along(qtbot, picker):
    with qtbot.assertNotEmitted(picker.chosen):
        picker.set_choices([FILL])
        assert picker.current() == ""
        picker.set_choices(ALL, VARY.id)
    assert picker.current_choice() is VARY


def test_the_same_id_at_two_connections_is_told_apart(qtbot, picker):
    there = choice("Refill", connection="studio")
    picker.set_choices([FILL, there], FILL.id, "studio")
    assert picker.current_choice() is there
    panel = opened(qtbot, picker)
    with qtbot.waitSignal(picker.chosen):
        qtbot.keyClick(panel.search, Key.Key_Up)
        qtbot.keyClick(panel.search, Key.Key_Return)
    assert picker.current_choice() is FILL


@pytest.mark.parametrize("key", [Key.Key_Down, Key.Key_Up, Key.Key_Space, Key.Key_F4])
def test_keys_open_it(qtbot, picker, key):
    picker.combo.setFocus()
    qtbot.keyClick(picker.combo, key)
    assert picker.panel.isVisible()
    assert QApplication.focusWidget() is picker.panel.search
    qtbot.keyClick(picker.panel.search, Key.Key_Escape)
    assert not picker.panel.isVisible()


def test_grouped_by_kind_with_favourites_before_and_the_current_one_marked(qtbot, picker):
    qtbot.mouseClick(picker.combo, LEFT)
    panel = picker.panel
    assert panel.list.texts() == [
        *("★ Favourites", "Bright"),
        *("Fill", "Repair", "Refill", "Locked"),
        *("Vary", "Change"),
        *("Other", "Mine"),
    ]
    assert panel.list.marked() is REPAIR


def test_it_opens_at_its_top_where_the_current_one_is_in_sight_from_there(qtbot, picker):
    picker.set_choices([STAR, *(choice(f"Fill {n:02}") for n in range(40))], "house/fill 39")
    panel = opened(qtbot, picker)
    assert panel.list.indexAt(QPoint(5, 5)).row() != 0, "the last one is far below"
    qtbot.keyClick(panel.search, Key.Key_Escape)
    picker.set_current("house/fill 02")
    panel = opened(qtbot, picker)
    assert panel.list.indexAt(QPoint(5, 5)).row() == 0, "favourites are seen"


def test_typing_filters_arrows_walk_and_enter_picks(qtbot, picker):
    panel = opened(qtbot, picker)
    qtbot.keyClicks(panel.search, "e")
    assert panel.count.text() == "6 of 6"
    qtbot.keyClicks(panel.search, "fill fal")  # all words, in any order, of the title, id, kind, place or description
    panel.search.setText("fal fill")
    assert panel.list.texts() == ["Fill", "Refill", "Locked"]
    assert panel.list.marked() is FILL
    qtbot.keyClick(panel.search, Key.Key_Down)
    assert panel.list.marked() is LOCKED
    qtbot.keyClick(panel.search, Key.Key_Down)
    assert panel.list.marked() is LOCKED, "it stays at the end"
    qtbot.keyClick(panel.search, Key.Key_Up)
    qtbot.keyClick(panel.search, Key.Key_Up)
    with qtbot.waitSignal(picker.chosen, check_params_cb=lambda each: each == FILL.id):
        qtbot.keyClick(panel.search, Key.Key_Return)
    assert not panel.isVisible()
    assert picker.current() == FILL.id
    assert opened(qtbot, picker).search.text() == "", "and what was typed is gone next time"
    assert picker.panel.list.marked() is FILL


def test_its_description_is_searched_too(qtbot, picker):
    panel = opened(qtbot, picker)
    qtbot.keyClicks(panel.search, "BEES")
    assert panel.list.texts() == ["Fill", "Refill"]


def test_picking_what_is_chosen_already_says_nothing(qtbot, picker):
    panel = opened(qtbot, picker)
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(panel.search, Key.Key_Return)
    assert not panel.isVisible()


def test_a_click_picks_also_what_lacks_its_key(qtbot, picker):
    panel = opened(qtbot, picker)
    with qtbot.waitSignal(picker.chosen, check_params_cb=lambda each: each == LOCKED.id):
        click(qtbot, panel, "Locked")
    assert picker.current() == LOCKED.id


def test_a_heading_cannot_be_picked(qtbot, picker):
    panel = opened(qtbot, picker)
    with qtbot.assertNotEmitted(picker.chosen):
        rect = panel.list.visualRect(panel.list.model().index(panel.list.texts().index("Vary"), 0))
        qtbot.mouseClick(panel.list.viewport(), LEFT, pos=rect.center())
    assert panel.isVisible()


def test_a_press_that_ends_elsewhere_picks_nothing(qtbot, picker):
    panel = opened(qtbot, picker)
    rows = [panel.list.visualRect(panel.list.model().index(panel.list.row_of(each.id), 0)) for each in (FILL, LOCKED)]
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.mousePress(panel.list.viewport(), LEFT, pos=rows[0].center())
        qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=rows[1].center())


def test_the_star_is_a_favourite_and_keeps_the_panel_open(qtbot, picker):
    panel = opened(qtbot, picker)
    with qtbot.assertNotEmitted(picker.chosen), qtbot.waitSignal(picker.asked) as asked:
        click(qtbot, panel, "Refill", star=True)
    assert asked.args == [Verb.FAVOURITE, FILL]
    assert panel.isVisible()
    starred = [choice("Refill", favourite=True) if each is FILL else each for each in ALL]
    picker.set_choices(starred, REPAIR.id)
    assert panel.list.texts()[:3] == ["★ Favourites", "Refill", "Bright"]
    assert panel.list.marked().id == REPAIR.id


def actions(menu) -> dict[str, bool]:
    return {each.text().replace("&", ""): each.isEnabled() for each in menu.actions() if each.text()}


def test_what_can_be_done_with_each(qtbot, picker):
    panel = opened(qtbot, picker)
    mine, repair = panel.menu_for(ADDED), panel.menu_for(REPAIR)
    assert actions(mine) == {
        "Mine": False,
        "Make it a favourite": True,
        "Refresh its document": True,
        "Correct its roles…": True,
        "Set its price…": True,
        "Remove": True,
    }
    assert actions(repair)["Refresh its document"] is False
    assert actions(repair)["Set its price…"] is False, "what is free has no price"
    assert actions(repair)["Put it back as it came"] is False
    mine.close()
    repair.close()


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Refresh its document", Verb.REFRESH),
        ("Correct its roles…", Verb.ROLES),
        ("Set its price…", Verb.PRICE),
        ("Remove", Verb.REMOVE),
    ],
)
def test_the_menu_is_reached_by_keys(qtbot, picker, text, verb):
    panel = opened(qtbot, picker)
    qtbot.keyClicks(panel.search, "mine")
    qtbot.keyClick(panel.more, Key.Key_Space)
    menu = QApplication.activePopupWidget()
    (action,) = [each for each in menu.actions() if each.text().replace("&", "") == text]
    menu.setActiveAction(action)
    with qtbot.waitSignal(picker.asked) as asked:
        qtbot.keyClick(menu, Key.Key_Return)
    assert asked.args == [verb, ADDED]
    assert not panel.isVisible()


def test_a_right_click_opens_the_menu_of_that_row(qtbot, picker):
    panel = opened(qtbot, picker)
    click(qtbot, panel, "Change", RIGHT)
    menu = QApplication.activePopupWidget()
    assert menu.actions()[0].text() == "Change"
    menu.close()


def test_what_is_not_there_can_be_added(qtbot, picker):
    panel = opened(qtbot, picker)
    qtbot.keyClicks(panel.search, "studio/hum")
    assert not panel.list.isVisible()
    assert "No endpoint matches “studio/hum”" in panel.nothing.text()
    assert panel.add.text() == "Add “studio/hum”…"
    with qtbot.waitSignal(picker.add_wanted, check_params_cb=lambda text: text == "studio/hum"):
        qtbot.keyClick(panel.search, Key.Key_Return)
    panel = opened(qtbot, picker)
    assert panel.add.text() == "Add an endpoint…"
    with qtbot.waitSignal(picker.add_wanted, check_params_cb=lambda text: text == ""):
        qtbot.mouseClick(panel.add, LEFT)


def test_it_fits_its_screen_with_every_bundled_endpoint(qtbot, picker):
    every = [
        EndpointChoice(each.id, each.title, "fal.ai", each.kind, connection="fal", about=each.description)
        for each in Catalogue(bundled())
    ]
    assert len(every) >= 20
    picker.set_choices(every, every[-1].id)
    window = picker.holder
    screen = window.screen().availableGeometry()
    for corner in (screen.topLeft(), screen.bottomRight() - QPoint(340, 60)):
        window.move(corner)
        panel = opened(qtbot, picker)
        assert screen.contains(panel.geometry())
        assert panel.list.marked().id == every[-1].id
        mark = panel.list.visualRect(panel.list.currentIndex())
        assert panel.list.viewport().rect().contains(mark), "the current one is in sight"
        panel.close()


def test_rows_are_read_aloud_whole(picker):
    picker.panel.list.show_choices([LOCKED], None)
    index = picker.panel.list.model().index(1, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Locked, needs a key · Fill · fal.ai"
