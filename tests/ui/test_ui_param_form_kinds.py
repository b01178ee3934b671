"""The panel as a whole: files, searching, errors inside lists, the way of the keys, and panels that come back."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.endpoints.binding import check, defaults
from app.endpoints.catalogue import Endpoint, bundled
from app.endpoints.fields import (
    ArrayField,
    BooleanField,
    ChoiceField,
    FileField,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
)
from app.endpoints.request import Kind
from app.endpoints.roles import Role, find_roles
from app.errors import FieldError
from app.ui.entries_editor import EntriesEditor
from app.ui.labels import ToneLabel
from app.ui.param_form import FEW, ParamForm

LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LORA = ObjectField(name="loras", fields=(TextField(name="path", required=True), NumberField(name="scale", default=1)))
EVERY_KIND = (
    TextField(name="prompt", required=True, multiline=True, description="What is heard."),
    FileField(name="zip_url", required=True, media="archive"),
    ArrayField(name="audio_urls", item=FileField(name="audio_urls", media="audio")),
    ArrayField(name="loras", item=LORA),
    ObjectField(name="audio_setting", fields=(ChoiceField(name="format", choices=("mp3", "wav"), default="mp3"),)),
    NumberField(name="strength", minimum=0, maximum=1, default=0.5),
    NumberField(name="guidance", nullable=True, minimum=1, maximum=9),
    BooleanField(name="instrumental", nullable=True),
    ArrayField(name="stems", item=ChoiceField(name="stems", choices=("drums", "bass"))),
    ArrayField(name="tags", item=TextField(name="tags")),
    JsonField(name="odd", reason="takes more than one shape", schema={"anyOf": []}),
    TextField(name="voice", default="alto"),
    *(NumberField(name=f"num_steps_{i}", integer=True, minimum=1, maximum=9, default=5) for i in range(4)),
)


def endpoint(*fields, name="a/b") -> Endpoint:
    return Endpoint(
        id=name, title=name, description="", kind=Kind.OTHER, fields=fields, roles=find_roles(fields), outputs=()
    )


@pytest.fixture
def form(qtbot) -> ParamForm:
    window = QMainWindow()
    form = ParamForm()
    window.setCentralWidget(form)
    window.resize(330, 300)
    qtbot.addWidget(window)
    form.window_kept = window  # type: ignore[attr-defined]
    form.set_endpoint(endpoint(*EVERY_KIND))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return form


def test_everything_comes_back_as_it_was_given(form, tmp_path):
    sound, data = tmp_path / "a.wav", tmp_path / "a.zip"
    values = {
        "prompt": "rain",
        "audio_urls": ["https://x.org/a", ""],
        "loras": [{"path": "a", "scale": 0.5}, {"path": "b", "scale": 1.0}],
        "audio_setting": {"format": "wav"},
        "strength": 0.25,
        "guidance": 3.0,
        "instrumental": False,
        "stems": ["bass"],
        "tags": ["one", "two words"],
        "odd": {"x": [1, None]},
        "voice": "",
        **{f"num_steps_{i}": 6 for i in range(4)},
    }
    files = {"zip_url": str(data), "audio_urls[1]": str(sound)}
    form.set_endpoint(endpoint(*EVERY_KIND), values, files)
    assert form.values() == values
    assert form.attachments() == files
    form.set_endpoint(endpoint(*EVERY_KIND), form.values(), form.attachments())
    assert form.values() == values
    assert form.attachments() == files
    form.set_endpoint(endpoint(*EVERY_KIND))
    assert form.attachments() == {}
    assert form.values() == {**defaults(endpoint(*EVERY_KIND)), "prompt": "", "audio_setting": {"format": "wav"}}


def test_a_missing_file_is_an_error_until_it_is_attached(qtbot, form, tmp_path):
    import zipfile

    data = tmp_path / "a.zip"
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("a.wav", "1")
    assert [error.field for error in form.errors()] == ["zip_url"]
    form.show_errors(form.errors())
    line = form.row("zip_url").editor.focus_target()
    qtbot.waitUntil(line.hasFocus)
    assert form.row("zip_url").problem.isVisible()
    qtbot.keyClicks(line, str(data))
    assert form.errors() == ()
    assert form.attachments() == {"zip_url": str(data)}
    assert "zip_url" not in form.values()


def test_errors_inside_a_list_lead_to_the_very_field(qtbot, form):
    form.set_endpoint(endpoint(*EVERY_KIND), {"prompt": "x", "loras": [{"path": "a"}, {"path": ""}]})
    errors = [error for error in check(endpoint(*EVERY_KIND), form.values()) if error.field == "loras"]
    assert errors
    form.show_errors(errors)
    editor = form.row("loras").editor
    assert isinstance(editor, EntriesEditor)
    wanted = editor.cards[1].editor.focus_target()
    qtbot.waitUntil(wanted.hasFocus)
    form.show_errors([])
    assert not any(row.error for row in editor.cards[1].editor.rows.values())


def test_the_required_are_marked_and_limits_stand_beside_the_labels(form):
    assert form.row("prompt").required is not None
    assert form.row("strength").required is None
    assert form.row("strength").facts.text() == "0–1, default 0.5"
    assert form.row("voice").facts.text() == "default alto"
    assert "What is heard." in form.row("prompt").about()
    assert "Required." in form.row("prompt").about()


def test_a_click_on_the_dot_puts_the_default_back(qtbot, form):
    row = form.row("strength")
    row.set_value(0.75)
    assert row.dot.isVisible()
    qtbot.mouseClick(row.dot, LEFT)
    assert row.editor.value() == 0.5
    assert not row.dot.isVisible()


def test_a_search_shows_what_it_finds_even_if_folded(qtbot, form):
    assert form.search.isVisible()
    qtbot.keyClicks(form.search, "steps_2")
    shown = [row.field.name for row in form.rows() if row.isVisible()]
    assert shown == ["num_steps_2"]
    form.search.selectAll()
    qtbot.keyClicks(form.search, "heard")  # words of the description
    assert [row.field.name for row in form.rows() if row.isVisible()] == ["prompt"]
    form.search.selectAll()
    qtbot.keyClicks(form.search, "zzz")
    assert not any(row.isVisible() for row in form.rows())
    assert any("zzz" in label.text() and label.isVisible() for label in form.findChildren(ToneLabel))
    form.show_errors([FieldError("num_steps_1", "Too many.")])
    assert form.search.text() == ""
    assert form.row("num_steps_1").isVisible()


def test_few_fields_need_no_search(form):
    form.set_endpoint(endpoint(*EVERY_KIND[:FEW]))
    assert not form.search.isVisible()


def test_the_same_endpoint_again_keeps_editors_place_and_focus(qtbot, form):
    editor = form.row("strength").editor
    editor.focus_target().setFocus()
    bar = form.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    heard = []
    form.changed.connect(lambda: heard.append(1))
    form.set_endpoint(endpoint(*EVERY_KIND), {"strength": 0.1, "prompt": "x"})
    assert form.row("strength").editor is editor
    assert editor.value() == 0.1
    assert editor.focus_target().hasFocus()
    QApplication.processEvents()
    assert bar.value() == before
    assert not heard  # whoever sets values knows them
    form.set_endpoint(endpoint(*EVERY_KIND, name="c/d"))
    assert form.row("strength").editor is not editor
    assert form.verticalScrollBar().value() == 0


def test_the_wheel_over_an_editor_scrolls_the_panel(qtbot, form):
    combo = form.row("instrumental").editor.focus_target()
    form.ensureWidgetVisible(combo)
    bar = form.verticalScrollBar()
    before, value = bar.value(), form.row("instrumental").editor.value()
    at = QPointF(combo.rect().center())
    wheel = QWheelEvent(
        at,
        combo.mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(combo, wheel)
    assert form.row("instrumental").editor.value() == value
    QApplication.sendEvent(form.viewport(), wheel)
    assert bar.value() > before


def reached(form: ParamForm, qtbot, steps: int) -> list[QWidget]:
    found: list[QWidget] = []
    for _ in range(steps):
        here = QApplication.focusWidget()
        qtbot.keyClick(here, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in found:
            break
        found.append(now)
    return found


def test_tab_goes_through_all_editors_from_top_to_bottom(qtbot, form):
    form.set_advanced_open(True)
    form.set_endpoint(endpoint(*EVERY_KIND), {"loras": [{"path": "a"}, {"path": "b"}], "strength": 0.9})
    QApplication.processEvents()
    form.search.setFocus()
    found = reached(form, qtbot, 120)
    order = [name for name in (row_of(form, each) for each in found) if name]
    firsts = list(dict.fromkeys(order))
    assert firsts == [row.field.name for row in form.rows()]
    assert order == sorted(order, key=firsts.index)  # no row is left and entered again
    assert form.row("strength").reset in found
    loras = form.row("loras").editor
    assert isinstance(loras, EntriesEditor)
    for card in loras.cards:
        assert card.remove in found
        assert card.editor.focus_target() in found
    assert loras.add in found
    assert found.index(loras.cards[0].remove) < found.index(loras.cards[1].editor.focus_target())
    assert found.index(loras.cards[1].editor.focus_target()) < found.index(loras.add)


def test_tab_follows_entries_that_changed_places(qtbot, form):
    form.set_endpoint(endpoint(*EVERY_KIND), {"loras": [{"path": "a"}, {"path": "b"}]})
    QApplication.processEvents()
    loras = form.row("loras").editor
    assert isinstance(loras, EntriesEditor)
    qtbot.mouseClick(loras.cards[1].up, LEFT)
    form.search.setFocus()
    found = reached(form, qtbot, 120)
    targets = [found.index(card.editor.focus_target()) for card in loras.cards]
    removes = [found.index(card.remove) for card in loras.cards]
    assert targets[0] < targets[1] < found.index(loras.add)
    assert removes[0] < removes[1]


def row_of(form: ParamForm, widget: QWidget) -> str:
    return next((row.field.name for row in form.rows() if row.isAncestorOf(widget)), "")


def test_a_file_field_that_is_bound_elsewhere_takes_no_row(form):
    every = {each.id: each for each in bundled()}
    for each in every.values():
        form.set_endpoint(each)
        source = each.roles.get(Role.SOURCE)
        assert each.kind is Kind.OTHER or source not in {row.field.name for row in form.rows()}
        wrong = {error.field for error in check(each, form.values())}
        needed = {field.name for field in each.fields if field.required}
        assert wrong <= needed


def test_panels_that_are_gone_leave_nothing_behind(qtbot, form):
    def count() -> int:
        QApplication.sendPostedEvents(None, 52)  # deferred deletion
        return len(form.findChildren(QWidget))

    one, other = endpoint(*EVERY_KIND), endpoint(*EVERY_KIND[:3], name="c/d")
    form.set_endpoint(other)
    before = count()
    for _ in range(5):
        form.set_endpoint(one)
        form.set_endpoint(other)
    assert count() == before


def test_what_could_not_be_read_is_said_below(form):
    note = "The default of scale does not fit its own limits and was left out."
    form.set_endpoint(replace(endpoint(*EVERY_KIND[:2]), notes=(note,)))
    said = [label for label in form.findChildren(ToneLabel) if note in label.text()]
    assert len(said) == 1
    assert said[0].isVisibleTo(form)


def test_search_and_rows_end_at_the_same_edge(qtbot, form):
    qtbot.waitUntil(lambda: form.verticalScrollBar().isVisible())
    right = form.search.mapTo(form, form.search.rect().topRight()).x()
    row = form.row("prompt")
    assert abs(right - row.mapTo(form, row.rect().topRight()).x()) <= 1
    form.verticalScrollBar().setValue(form.verticalScrollBar().maximum())
    assert form.search.y() >= 0  # it stays while the rest scrolls
    assert form.viewport().y() >= form.search.geometry().bottom()


class Windows(QObject):
    """Notes every widget that is shown as a window of its own, however briefly."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_no_part_of_a_panel_is_a_window_for_a_moment(qtbot, qapp, form):
    """A window would take the focus from whatever the user is at."""
    watch = Windows()
    qapp.installEventFilter(watch)
    try:
        values = {"prompt": "x", "loras": [{"path": ""}], "strength": 0.9, "guidance": 3, "odd": 1}
        form.set_advanced_open(True)
        form.set_endpoint(replace(endpoint(*EVERY_KIND, name="e/f"), notes=("Something is odd.",)), values)
        form.set_bound(["one", "two"])
        form.show_errors([*form.errors(), FieldError("loras", "x"), FieldError("prompt", "x"), FieldError("none", "x")])
        form.row("loras").set_value([{"path": "a"}, {"path": "b"}])
        form.set_bound(["one"])
        form.search.setText("steps")
        form.search.clear()
        form.set_endpoint(endpoint(*EVERY_KIND[:3]))
        QApplication.processEvents()
    finally:
        qapp.removeEventFilter(watch)
    assert watch.seen == []
