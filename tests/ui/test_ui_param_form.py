"""The panel is a loop over fields: order, marks, resets, errors, and what it gives back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QToolButton

from app.endpoints.binding import defaults, editable
from app.endpoints.catalogue import Endpoint, bundled
from app.endpoints.fields import BooleanField, ChoiceField, FileField, NumberField, TextField
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.errors import FieldError
from app.ui.labels import ToneLabel
from app.ui.number_editor import NumberEditor
from app.ui.param_form import ParamForm
from app.ui.seed_editor import SeedEditor

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton
FIELDS = (
    FileField(name="audio_url", required=True, media="audio"),
    NumberField(name="mask_start", required=True),
    NumberField(name="mask_end", required=True),
    NumberField(name="strength", title="Strength", minimum=0, maximum=1, default=0.7, description="How much changes."),
    TextField(name="prompt", required=True, multiline=True),
    NumberField(name="seed", integer=True, nullable=True),
    ChoiceField(name="output_format", choices=("mp3", "wav"), default="mp3"),
    NumberField(name="guidance_scale", minimum=0, maximum=20, default=7),
    NumberField(name="num_steps", integer=True, minimum=1, maximum=100, default=50),
    BooleanField(name="enable_safety", default=True),
)
ROLES = {
    Role.SOURCE: "audio_url",
    Role.MASK_START: "mask_start",
    Role.MASK_END: "mask_end",
    Role.PROMPT: "prompt",
    Role.STRENGTH: "strength",
    Role.SEED: "seed",
    Role.OUTPUT_FORMAT: "output_format",
}


def endpoint(fields=FIELDS, roles=ROLES) -> Endpoint:
    return Endpoint(id="a/b", title="A", description="", kind=Kind.FILL, fields=fields, roles=roles)


@pytest.fixture
def form(qtbot) -> ParamForm:
    window = QMainWindow()
    form = ParamForm()
    window.setCentralWidget(form)
    window.resize(320, 520)
    qtbot.addWidget(window)
    form.window_kept = window  # type: ignore[attr-defined]
    form.set_endpoint(endpoint())
    window.show()
    qtbot.waitExposed(window)
    return form


def fold(form: ParamForm) -> QToolButton:
    return next(each for each in form.findChildren(QToolButton) if each.accessibleName().startswith("Advanced"))


def test_prompt_first_bound_fields_absent_advanced_folded(form):
    names = [row.field.name for row in form.rows()]
    assert names[0] == "prompt"
    assert not {"audio_url", "mask_start", "mask_end"} & set(names)
    assert form.row("strength").isVisible()
    assert not form.row("num_steps").isVisible()
    tops = [form.row(name).y() for name in ("prompt", "strength", "seed", "output_format")]
    assert tops == sorted(tops)


def test_values_start_at_defaults_and_leave_the_open_seed_out(form):
    assert form.values() == {**defaults(endpoint()), "prompt": ""}
    assert form.seed() is None
    seed = form.row("seed").editor
    assert isinstance(seed, SeedEditor)
    with_dice = seed.dice
    with_dice.click()
    assert form.values()["seed"] == form.seed() is not None


def test_given_values_are_shown_and_given_back(qtbot, form):
    values = {"prompt": "rain", "strength": 0.3, "output_format": "ogg", "seed": 5, "num_steps": 20}
    form.set_endpoint(endpoint(), values)
    assert values.items() <= form.values().items()
    assert form.seed() == 5


def test_a_default_seed_is_not_a_kept_one(form):
    fields = (NumberField(name="seed", integer=True, default=42), TextField(name="prompt"))
    for values in (None, {"seed": 42}):
        form.set_endpoint(endpoint(fields, {Role.SEED: "seed"}), values)
        assert form.seed() is None
        assert "seed" not in form.values()


def test_a_changed_field_is_marked_and_can_be_reset(qtbot, form):
    row = form.row("strength")
    assert not row.dot.isVisible()
    assert isinstance(row.editor, NumberEditor)
    row.editor.spin.setFocus()
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(row.editor.spin, Qt.Key.Key_Up)
    assert row.dot.isVisible()
    qtbot.mouseClick(row.reset, LEFT)
    assert row.editor.value() == 0.7
    assert not row.dot.isVisible()
    assert not row.reset.isVisible()


def test_what_the_app_prefers_shows_as_changed(form):
    assert form.values()["output_format"] == "wav"
    assert form.row("output_format").dot.isVisible()


def test_fold_counts_what_differs_and_stays_open(qtbot, form):
    assert fold(form).text() == "Advanced"
    form.row("num_steps").set_value(10)
    form.row("enable_safety").set_value(False)
    assert fold(form).text() == "Advanced (2 changed)"
    with qtbot.waitSignal(form.advanced_toggled):
        qtbot.mouseClick(fold(form), LEFT)
    assert form.row("num_steps").isVisible()
    form.set_endpoint(endpoint())
    assert form.row("num_steps").isVisible()


def test_errors_stand_beside_their_editors_and_the_first_gets_the_keys(qtbot, form):
    form.show_errors(
        [FieldError("num_steps", "Num steps must be at most 100."), FieldError("nowhere", "Something else.")]
    )
    row = form.row("num_steps")
    assert row.problem.isVisible()
    assert "at most 100" in row.problem.text()
    assert form.advanced_open
    qtbot.waitUntil(lambda: row.editor.focus_target().hasFocus())
    assert any("Something else" in label.text() and label.isVisible() for label in form.findChildren(ToneLabel))
    qtbot.keyClick(row.editor.focus_target(), Qt.Key.Key_Down)
    assert not row.problem.isVisible()


def test_first_error_is_the_uppermost(qtbot, form):
    empty = FieldError("prompt", "Prompt must not be empty.")
    form.show_errors([FieldError("output_format", "Late."), empty, FieldError("prompt", "And more.")])
    qtbot.waitUntil(lambda: form.row("prompt").editor.focus_target().hasFocus())
    assert form.row("prompt").error is empty
    form.show_errors([])
    assert not form.row("prompt").problem.isVisible()


def test_ctrl_enter_in_the_prompt_submits(qtbot, form):
    form.focus_prompt()
    box = form.row("prompt").editor.focus_target()
    qtbot.waitUntil(box.hasFocus)
    qtbot.keyClicks(box, "glass hit")
    with qtbot.waitSignal(form.submitted):
        qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert form.values()["prompt"] == "glass hit"


def test_bound_lines_are_shown_and_replaced(form):
    def shown() -> list[str]:
        labels = [label for label in form.findChildren(ToneLabel) if not label.isHidden()]
        return [label.text() for label in labels if "waveform" in label.text()]

    form.set_bound(["Mask 3.20–5.00 s · from the waveform", "Source · from the waveform"])
    assert len(shown()) == 2
    form.set_bound(["Mask 1.00–2.00 s · from the waveform"])
    assert shown()[0].startswith("Mask 1.00")
    form.set_endpoint(endpoint())
    assert shown() == ["Mask 1.00–2.00 s · from the waveform"]


def test_endpoint_without_prompt_says_so(form):
    plain = tuple(field for field in FIELDS if field.name != "prompt")
    form.set_endpoint(endpoint(plain, {role: name for role, name in ROLES.items() if role is not Role.PROMPT}))
    assert any("takes no prompt" in label.text() for label in form.findChildren(ToneLabel))


def test_bundled_documents_fill_the_panel(form):
    for each in bundled():
        form.set_endpoint(each)
        assert [row.field.name for row in form.rows()] == [field.name for field in editable(each).all()]
        assert {error.field for error in form.errors()} <= {each.roles.get(Role.ARCHIVE)}
        assert all(row.editor.focus_target().accessibleName() for row in form.rows())


def test_schema_words_are_never_markup(form):
    fields = (TextField(name="prompt", title="A & B", description="<b>bold</b> & <img src=x>", required=True),)
    form.set_endpoint(endpoint(fields, {Role.PROMPT: "prompt"}))
    row = form.row("prompt")
    assert row.label.text() == "A && B"
    assert row.help.text() == "<b>bold</b> & <img src=x>"
    assert row.help.textFormat() is Qt.TextFormat.PlainText
