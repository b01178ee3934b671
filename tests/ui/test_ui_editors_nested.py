"""Lists of objects, objects in objects, several choices, and JSON for what has no other editor."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.endpoints.fields import (
    UNSET,
    ArrayField,
    BooleanField,
    ChoiceField,
    FileField,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
)
from app.ui.choice_editor import MANY
from app.ui.editors import DEEPEST, editor_for
from app.ui.entries_editor import EntriesEditor
from app.ui.field_row import FieldRow
from app.ui.json_editor import JsonEditor
from app.ui.many_choices_editor import ManyChoicesEditor
from app.ui.object_editor import ObjectEditor

LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LORA = ObjectField(
    name="loras",
    fields=(
        TextField(name="path", required=True),
        NumberField(name="scale", minimum=0, maximum=2, default=1),
        ChoiceField(name="target", choices=("low", "high", "both"), default="both"),
    ),
)
SETTING = ObjectField(
    name="audio_setting",
    fields=(
        ChoiceField(name="sample_rate", choices=(16000, 44100), default=44100),
        ChoiceField(name="format", choices=("mp3", "wav"), default="mp3"),
    ),
)


def show(qtbot, field):
    editor = editor_for(field)
    editor.kept = row = FieldRow(editor)
    qtbot.addWidget(row)
    row.resize(320, 400)
    row.show()
    row.activateWindow()
    qtbot.waitUntil(row.isActiveWindow)
    return editor


def entries(qtbot, **told) -> EntriesEditor:
    editor = show(qtbot, ArrayField(name="loras", item=LORA, **told))
    assert isinstance(editor, EntriesEditor)
    return editor


def test_an_entry_is_added_filled_and_removed_by_hand(qtbot):
    editor = entries(qtbot, max_items=2)
    assert editor.value() is UNSET
    qtbot.mouseClick(editor.add, LEFT)
    path = QApplication.focusWidget()
    qtbot.keyClicks(path, "hf/rain")
    assert editor.value() == [{"path": "hf/rain", "scale": 1.0, "target": "both"}]
    editor.add.setFocus()
    qtbot.keyClick(editor.add, Qt.Key.Key_Space)
    assert len(editor.cards) == 2
    assert not editor.add.isEnabled()
    assert "2 entries" in editor.add.toolTip()
    qtbot.mouseClick(editor.cards[0].remove, LEFT)
    assert editor.value() == [{"path": "", "scale": 1.0, "target": "both"}]
    qtbot.mouseClick(editor.cards[0].remove, LEFT)
    assert editor.value() is UNSET
    assert editor.add.isEnabled()


def test_entries_change_places_and_the_focus_goes_with_them(qtbot):
    editor = entries(qtbot)
    editor.set_value([{"path": "a"}, {"path": "b"}, {"path": "c"}])
    first = editor.cards[0]
    assert not first.up.isEnabled()
    first.down.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(first.down, Qt.Key.Key_Space)
    qtbot.keyClick(first.down, Qt.Key.Key_Space)
    assert [entry["path"] for entry in editor.value()] == ["b", "c", "a"]
    assert QApplication.focusWidget() is first.up  # down is off at the end
    qtbot.waitUntil(lambda: first.y() > editor.cards[1].y() > editor.cards[0].y())
    assert [card.number.text() for card in editor.cards] == ["1", "2", "3"]


def test_removing_the_last_of_the_needed_is_not_offered(qtbot):
    editor = entries(qtbot, required=True, min_items=1)
    assert len(editor.cards) == 1  # what is needed stands there, to be filled in
    assert not editor.cards[0].remove.isEnabled()
    qtbot.mouseClick(editor.add, LEFT)
    assert editor.cards[0].remove.isEnabled()


def test_names_that_the_schema_does_not_know_are_kept(qtbot):
    editor = entries(qtbot)
    value = [{"path": "a", "scale": 0.5, "target": "low", "later": {"x": [1]}}]
    editor.set_value(value)
    assert editor.value() == value


def test_hundreds_of_entries_are_kept_though_they_have_no_cards(qtbot):
    editor = show(qtbot, ArrayField(name="a", item=FileField(name="a")))
    value = [f"https://x.org/{i}" for i in range(55)]
    editor.set_value(value)
    assert editor.value() == value
    assert "5 more" in editor.add.text()


def test_a_list_of_objects_goes_back_to_its_default(qtbot):
    editor = entries(qtbot, default=[{"path": "a"}])
    row = editor.parent()
    assert isinstance(row, FieldRow)
    assert not row.differs
    editor.set_value([])
    assert row.differs
    assert editor.value() == []
    row.restore()
    assert [entry["path"] for entry in editor.value()] == ["a"]
    assert not row.differs


def test_an_error_stands_beside_the_very_field_inside(qtbot):
    editor = entries(qtbot)
    row = editor.parent()
    assert isinstance(row, FieldRow)
    editor.set_value([{"path": "a"}, {"path": ""}])
    with pytest.raises(Exception, match="must not be empty") as caught:
        row.field.check(editor.value())
    row.show_error(caught.value)
    inner = editor.cards[1].editor
    assert isinstance(inner, ObjectEditor)
    qtbot.waitUntil(lambda: inner.rows["path"].problem.isVisible())
    assert not row.problem.isVisible()
    assert not editor.cards[0].editor.rows["path"].problem.isVisible()
    row.editor.problem_target().setFocus()
    qtbot.keyClicks(QApplication.focusWidget(), "b")
    assert not inner.rows["path"].problem.isVisible()
    assert [entry["path"] for entry in editor.value()] == ["a", "b"]


def test_files_in_lists_are_attached_by_their_place(qtbot, tmp_path):
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"1")
    item = ObjectField(name="refs", fields=(FileField(name="url", required=True), NumberField(name="weight")))
    plain = show(qtbot, ArrayField(name="urls", item=FileField(name="urls")))
    deep = show(qtbot, ArrayField(name="refs", item=item))
    plain.set_value(["https://x.org/a", ""])
    plain.set_attachments({"[1]": str(sound)})
    assert plain.attachments() == {"[1]": str(sound)}
    assert plain.value() == ["https://x.org/a", ""]  # the place stays, its address comes after the upload
    deep.set_value([{"weight": 2.0}])
    assert deep.lacking() is not None
    deep.set_attachments({"[0].url": str(sound)})
    assert deep.attachments() == {"[0].url": str(sound)}
    assert deep.value() == [{"weight": 2.0}]
    assert deep.lacking() is None
    assert "Entry 2" in str(_cut(plain, sound))


def _cut(editor, sound):
    sound.unlink()
    editor.set_attachments({"[1]": str(sound.with_name("gone"))})
    return editor.lacking()


def test_an_optional_object_goes_out_once_it_is_touched(qtbot):
    editor = show(qtbot, SETTING)
    assert isinstance(editor, ObjectEditor)
    assert editor.value() is UNSET
    combo = editor.rows["format"].editor.focus_target()
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert editor.value() == {"sample_rate": 44100, "format": "wav"}
    row = editor.parent()
    assert isinstance(row, FieldRow)
    assert row.differs
    qtbot.mouseClick(editor.rows["format"].dot, LEFT)
    assert editor.value() is UNSET
    editor.set_value({"format": "mp3"})  # as an older project says it, though it is the default
    assert editor.value() == {"sample_rate": 44100, "format": "mp3"}
    row.restore()
    assert editor.value() is UNSET


def test_a_required_object_always_goes_out(qtbot):
    editor = show(qtbot, ObjectField(name="a", required=True, fields=(BooleanField(name="b", default=False),)))
    assert editor.value() == {"b": False}


def test_what_is_nested_too_deep_is_json_and_still_checked(qtbot):
    field = ObjectField(name="d0", fields=(NumberField(name="n", maximum=1),))
    for depth in range(1, DEEPEST + 2):
        field = ObjectField(name=f"d{depth}", fields=(field,))
    editor = show(qtbot, field)
    boxes = editor.findChildren(JsonEditor)
    assert len(boxes) == 1
    assert "more than the panel can show" in boxes[0].note.text()
    value = {"d3": {"d2": {"d1": {"d0": {"n": 1}}}}}
    editor.set_value(value)
    assert editor.value() == value
    boxes[0].box.setPlainText('{"d0": {"n": 2}}')
    assert "at most 1" in str(editor.error())


def test_several_choices_are_ticked_in_order(qtbot):
    field = ArrayField(name="stems", item=ChoiceField(name="s", choices=("drums", "bass", 3, True)))
    editor = show(qtbot, field)
    assert isinstance(editor, ManyChoicesEditor)
    assert editor.value() is UNSET
    boxes = editor.boxes()
    for name in ("bass", "3", "drums"):
        boxes[name].setFocus()
        qtbot.keyClick(boxes[name], Qt.Key.Key_Space)
    assert editor.value() == ["bass", 3, "drums"]
    qtbot.keyClick(boxes["3"], Qt.Key.Key_Space)
    assert editor.value() == ["bass", "drums"]
    editor.set_value(["bass", "kazoo"])
    assert editor.value() == ["bass", "kazoo"]
    assert list(editor.boxes())[-1] == "kazoo (not in the list)"
    assert editor.boxes()["kazoo (not in the list)"].isChecked()


def test_many_choices_are_found_by_typing(qtbot):
    choices = tuple(f"genre {i:03}" for i in range(400))
    editor = show(qtbot, ArrayField(name="genres", item=ChoiceField(name="g", choices=choices)))
    assert isinstance(editor, ManyChoicesEditor)
    assert editor.search is not None
    assert list(editor.boxes()) == list(choices[:MANY])
    qtbot.keyClicks(editor.search, "E 31")
    assert list(editor.boxes()) == [f"genre {i}" for i in range(310, 320)]
    qtbot.keyClick(editor.boxes()["genre 317"], Qt.Key.Key_Space)
    editor.search.clear()
    assert list(editor.boxes()) == [*choices[:MANY], "genre 317"]  # what is ticked stays in sight
    assert editor.value() == ["genre 317"]


def test_json_says_why_and_shows_its_schema(qtbot):
    field = JsonField(name="x", reason="takes more than one shape (an object, text)", schema={"anyOf": [1]})
    editor = show(qtbot, field)
    assert isinstance(editor, JsonEditor)
    assert "takes more than one shape" in editor.note.text()
    assert editor.schema is None
    assert editor.expander is not None
    qtbot.mouseClick(editor.expander, LEFT)
    assert editor.schema is not None
    assert editor.schema.isVisible()
    assert '"anyOf"' in editor.schema.toPlainText()
    assert editor.schema.isReadOnly()
    editor.expander.setFocus()
    qtbot.keyClick(editor.expander, Qt.Key.Key_Space)
    assert not editor.schema.isVisible()


@pytest.mark.parametrize("text", ["[" * 5000, "1" * 6000, '{"a": 1e999}', '{"a": NaN}', "{", '"\\ud800"'])
def test_no_json_makes_it_stumble(qtbot, text):
    editor = show(qtbot, JsonField(name="x"))
    assert isinstance(editor, JsonEditor)
    editor.box.setPlainText(text)
    assert editor.error() is not None or editor.value() is not UNSET


def test_an_object_in_json_is_checked_against_its_fields(qtbot):
    editor = JsonEditor(ObjectField(name="a", fields=(NumberField(name="b", maximum=2),)))
    qtbot.addWidget(editor)
    qtbot.keyClicks(editor.box, '{"b": 3}')
    error = editor.error()
    assert error is not None
    assert "at most 2" in error.message
    assert error.field == "a"
