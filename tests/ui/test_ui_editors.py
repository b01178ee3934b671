"""Every kind of field has an editor, and its value survives the way through it, by hand and by program."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.endpoints import fields
from app.endpoints.fields import (
    UNSET,
    ArrayField,
    BooleanField,
    ChoiceField,
    Field,
    FileField,
    JsonField,
    NumberField,
    ObjectField,
    TextField,
)
from app.ui.choice_editor import ChoiceEditor
from app.ui.editors import EDITORS, editor_for
from app.ui.json_editor import JsonEditor
from app.ui.number_editor import NumberEditor, tidy_step
from app.ui.optional_editor import OptionalEditor
from app.ui.seed_editor import SeedEditor
from app.ui.text_editors import GrowingEdit, LinesEditor, TextEditor

LEFT = Qt.MouseButton.LeftButton


pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_every_kind_of_field_has_an_editor():
    kinds = {each for each in vars(fields).values() if isinstance(each, type) and issubclass(each, Field)} - {Field}
    assert len(kinds) >= 8
    assert kinds == set(EDITORS)


SAMPLES = [
    (TextField(name="a"), "plain"),
    (TextField(name="a", multiline=True), "two\nlines"),
    (NumberField(name="a"), -12.345678901),
    (NumberField(name="a", integer=True), 2**53 - 1),
    (NumberField(name="a", minimum=0, maximum=1), 0.123456789),
    (NumberField(name="a", integer=True, minimum=1, maximum=8), 3),
    (NumberField(name="a", nullable=True), 4.5),
    (NumberField(name="a", nullable=True, required=True), None),
    (NumberField(name="a", nullable=True, default=5), None),
    (BooleanField(name="a", required=True), True),
    (BooleanField(name="a"), False),
    (ChoiceField(name="a", choices=("x", "y"), required=True), "y"),
    (ChoiceField(name="a", choices=(16000, 44100), required=True), 44100),
    (ChoiceField(name="a", choices=(1, True), required=True), True),
    (FileField(name="a"), "https://example.org/a.wav"),
    (ArrayField(name="a", item=TextField(name="i")), ["one", "two"]),
    (ArrayField(name="a", item=NumberField(name="i")), [1, 2.5]),
    (ArrayField(name="a", item=ObjectField(name="i")), [{"b": 1}]),
    (ArrayField(name="a", item=ChoiceField(name="i", choices=("x", "y"))), ["y", "x"]),
    (ArrayField(name="a", item=FileField(name="i")), ["https://x.org/a.wav", "https://x.org/b.wav"]),
    (ArrayField(name="a", item=TextField(name="i", multiline=True)), ["one\ntwo", "three"]),
    (ArrayField(name="a", item=ArrayField(name="i", item=NumberField(name="n"))), [[1, 2], [3.5]]),
    (ObjectField(name="a", fields=(TextField(name="b"),)), {"b": "c"}),
    (JsonField(name="a"), {"deep": [1, None, {"x": "ü"}]}),
]


@pytest.mark.parametrize(("field", "value"), SAMPLES)
def test_value_comes_back_as_it_went_in(qtbot, field, value):
    editor = editor_for(field)
    qtbot.addWidget(editor)
    with qtbot.waitSignal(editor.changed):
        editor.set_value(value)
    assert editor.value() == value
    assert type(editor.value()) is type(value)
    assert editor.error() is None


@pytest.mark.parametrize(
    "field",
    [
        TextField(name="a"),
        NumberField(name="a"),
        NumberField(name="a", minimum=0, maximum=1),
        BooleanField(name="a"),
        ChoiceField(name="a", choices=("x",)),
        FileField(name="a"),
        ArrayField(name="a", item=TextField(name="i")),
        JsonField(name="a"),
        ObjectField(name="a"),
    ],
)
def test_what_is_optional_and_untouched_is_left_out(qtbot, field):
    editor = editor_for(field)
    qtbot.addWidget(editor)
    assert editor.value() is UNSET
    assert editor.focus_target().accessibleName()


def test_range_has_a_slider_that_moves_with_the_box(qtbot):
    editor = editor_for(NumberField(name="strength", minimum=0, maximum=1, default=0.5))
    qtbot.addWidget(editor)
    editor.show()
    assert isinstance(editor, NumberEditor)
    assert editor.slider is not None
    editor.spin.setFocus()
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "0,25")  # the comma of half the world
    assert editor.value() == 0.25
    assert editor.slider.value() == pytest.approx(editor.slider.maximum() / 4)
    editor.slider.setFocus()
    qtbot.keyClick(editor.slider, Qt.Key.Key_End)
    assert editor.value() == 1.0
    qtbot.keyClick(editor.slider, Qt.Key.Key_Left)
    assert editor.value() == pytest.approx(0.99)


def test_open_number_has_no_slider_and_keeps_whole_numbers_whole(qtbot):
    editor = editor_for(NumberField(name="n", integer=True, minimum=0, required=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, NumberEditor)
    assert editor.slider is None
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "12.7-")
    assert editor.value() == 127
    assert isinstance(editor.value(), int)


@pytest.mark.parametrize(
    ("span", "integer", "step"), [(1, False, 0.01), (30, False, 0.5), (7, True, 1), (1000, True, 10), (0, False, 1)]
)
def test_steps_are_tidy(span, integer, step):
    assert tidy_step(span, integer) == pytest.approx(step)


def test_wheel_passes_over_an_editor_without_focus(qtbot):
    editor = editor_for(NumberField(name="n", minimum=0, maximum=10, default=5))
    qtbot.addWidget(editor)
    editor.show()
    assert isinstance(editor, NumberEditor)
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(editor.spin.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    editor.spin.clearFocus()
    QApplication.sendEvent(editor.spin, wheel)
    assert editor.value() == 5


def test_unknown_choice_survives_until_another_is_picked(qtbot):
    editor = editor_for(ChoiceField(name="format", choices=("wav", "flac"), default="wav"))
    qtbot.addWidget(editor)
    assert isinstance(editor, ChoiceEditor)
    editor.set_value("opus_2031")
    assert editor.value() == "opus_2031"
    assert "not in the list" in editor.combo.currentText()
    editor.show()
    editor.combo.setFocus()
    qtbot.keyClick(editor.combo, Qt.Key.Key_Up)
    assert editor.value() == "flac"


def test_set_check_switches_a_field_on_and_off(qtbot):
    editor = editor_for(NumberField(name="n", nullable=True, minimum=1, maximum=9))
    qtbot.addWidget(editor)
    editor.show()
    assert isinstance(editor, OptionalEditor)
    assert not editor.inner.isVisible()
    assert editor.set_box.text() == "Automatic"
    qtbot.mouseClick(editor.set_box, LEFT)
    assert editor.inner.isVisible()
    assert editor.value() == 1
    qtbot.keyClick(editor.set_box, Qt.Key.Key_Space)
    assert editor.value() is UNSET
    assert editor.set_box.text() == "Automatic"


def test_prompt_grows_and_submits_with_ctrl_enter(qtbot):
    editor = editor_for(TextField(name="prompt", multiline=True, required=True))
    qtbot.addWidget(editor)
    editor.resize(280, 60)
    editor.show()
    box = editor.focus_target()
    assert isinstance(editor, TextEditor)
    assert isinstance(box, GrowingEdit)
    low = box.sizeHint().height()
    for _ in range(5):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.sizeHint().height() > low
    for _ in range(30):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.sizeHint().height() < low * 6
    with qtbot.waitSignal(editor.submitted):
        qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert editor.value() == "\n" * 35


def test_json_tells_where_it_breaks(qtbot):
    editor = editor_for(JsonField(name="a", required=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, JsonEditor)
    qtbot.keyClicks(editor.box, '{"a": ')
    error = editor.error()
    assert error is not None
    assert "line 1" in error.message
    assert editor.value() is UNSET
    qtbot.keyClicks(editor.box, "NaN}")
    assert editor.error() is not None
    editor.box.setPlainText('{"a": 1}')
    assert editor.error() is None
    assert editor.value() == {"a": 1}


def test_lines_are_read_one_by_one(qtbot):
    editor = editor_for(ArrayField(name="a", item=NumberField(name="i", integer=True)))
    qtbot.addWidget(editor)
    assert isinstance(editor, LinesEditor)
    qtbot.keyClicks(editor.box, "3")
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.box, "x")
    error = editor.error()
    assert error is not None
    assert "“x”" in error.message
    qtbot.keyClick(editor.box, Qt.Key.Key_Backspace)
    assert editor.value() == [3]


def test_seed_is_new_each_time_until_it_is_kept(qtbot):
    editor = SeedEditor(NumberField(name="seed", integer=True, minimum=-1, default=-1))
    qtbot.addWidget(editor)
    editor.show()
    assert editor.seed() is None
    assert editor.value() is UNSET
    qtbot.mouseClick(editor.dice, LEFT)
    drawn = editor.seed()
    assert drawn is not None
    assert drawn >= 0
    seeds = set()
    for _ in range(8):
        qtbot.mouseClick(editor.dice, LEFT)
        seeds.add(editor.seed())
    assert len(seeds) > 1
    qtbot.mouseClick(editor.lock, LEFT)
    assert editor.seed() is None
    editor.show_last(77)
    assert editor.seed() is None
    assert "77" in editor.spin.text()
    qtbot.mouseClick(editor.lock, LEFT)
    assert editor.seed() == 77
    editor.set_value(-1)
    assert editor.seed() is None


def test_a_typed_seed_is_kept(qtbot):
    editor = SeedEditor(NumberField(name="seed", integer=True))
    qtbot.addWidget(editor)
    editor.show()
    editor.spin.setFocus()
    qtbot.waitUntil(editor.spin.hasFocus)
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "41")
    assert editor.seed() == 41


def test_what_may_stay_unset_says_so_in_its_list(qtbot):
    editor = editor_for(ChoiceField(name="a", choices=("x", "y"), nullable=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, ChoiceEditor)
    assert editor.combo.currentText() == "Automatic"
    editor.show()
    editor.combo.setFocus()
    qtbot.keyClick(editor.combo, Qt.Key.Key_Down)
    assert editor.value() == "x"
    qtbot.keyClick(editor.combo, Qt.Key.Key_Up)
    assert editor.value() is UNSET
    preset = editor_for(ChoiceField(name="a", choices=("x", "y"), nullable=True, default="y"))
    qtbot.addWidget(preset)
    assert preset.value() == "y"
    preset.set_value(None)
    assert preset.value() is None


def test_yes_or_no_that_may_stay_unset_has_three_states(qtbot):
    editor = editor_for(BooleanField(name="a", nullable=True, default=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, ChoiceEditor)
    texts = [editor.combo.itemText(i) for i in range(editor.combo.count())]
    assert texts == ["Automatic", "Yes", "No"]
    assert editor.value() is True
    for value in (False, None, True):
        editor.set_value(value)
        assert editor.value() is value


def test_long_lists_are_searched_by_typing(qtbot):
    editor = editor_for(ChoiceField(name="a", choices=tuple(f"voice {i:02}" for i in range(30)), required=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, ChoiceEditor)
    editor.show()
    line = editor.combo.lineEdit()
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, "17")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert editor.value() == "voice 17"
    assert line.text() == "voice 17"
    line.selectAll()
    qtbot.keyClicks(line, "nonsense")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert editor.value() == "voice 17"
    assert line.text() == "voice 17"


def test_length_is_counted_near_its_limit_and_nothing_is_cut(qtbot):
    for multiline in (False, True):
        editor = editor_for(TextField(name="a", min_length=3, max_length=10, multiline=multiline))
        qtbot.addWidget(editor)
        editor.show()
        assert isinstance(editor, TextEditor)
        assert editor.counter is not None
        box = editor.focus_target()
        qtbot.keyClicks(box, "ab")
        assert editor.counter.text() == "2 of at least 3"
        qtbot.keyClicks(box, "cd")
        assert not editor.counter.isVisible()
        qtbot.keyClicks(box, "efghijkl")
        assert editor.counter.text() == "12 / 10"
        assert editor.value() == "abcdefghijkl"
        assert "2 characters too long" in str(editor.error())
        qtbot.keyClick(box, Qt.Key.Key_Backspace)
        qtbot.keyClick(box, Qt.Key.Key_Backspace)
        assert editor.error() is None


def test_numbers_stay_on_the_raster_of_the_schema(qtbot):
    editor = editor_for(NumberField(name="n", integer=True, minimum=1, maximum=100, multiple_of=8, required=True))
    qtbot.addWidget(editor)
    assert isinstance(editor, NumberEditor)
    assert editor.slider is not None
    assert editor.value() == 8
    editor.slider.setValue(editor.slider.maximum())
    assert editor.value() == 96
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "12")
    assert "multiple of 8" in str(editor.error())


def test_very_small_and_very_large_numbers_are_shown_and_kept(qtbot):
    small = editor_for(NumberField(name="n", default=1e-8))
    large = editor_for(NumberField(name="n", integer=True, minimum=0, maximum=2**64 - 1, default=2**64 - 1))
    for editor in (small, large):
        qtbot.addWidget(editor)
        assert isinstance(editor, NumberEditor)
    assert "0.00000001" in small.spin.text()
    assert small.value() == 1e-8
    assert large.value() == 2**64 - 1
    large.spin.stepDown()
    large.spin.stepUp()
    assert large.value() <= 2**64 - 1
    open_ended = editor_for(NumberField(name="n", exclusive_minimum=0, exclusive_maximum=1, required=True))
    qtbot.addWidget(open_ended)
    assert 0 < open_ended.value() < 1
