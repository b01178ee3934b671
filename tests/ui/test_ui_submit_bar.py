"""The button says what it will do, and keys reach whoever they are meant for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QMainWindow, QPushButton, QSlider, QVBoxLayout, QWidget

from app.ui.focus import FocusKeys
from app.ui.submit_bar import SubmitBar

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|grabbing the keyboard")
LEFT = Qt.MouseButton.LeftButton


def test_nothing_can_be_sent_before_it_is_said_what(qtbot):
    bar = SubmitBar()
    qtbot.addWidget(bar)
    assert not bar.button.isEnabled()
    assert bar.note.text() == "Drag over the part to remake."


def test_text_price_and_reason(qtbot):
    bar = SubmitBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.set_action("Fill 1.50 s × 3", "~$0.09", True)
    assert bar.button.text() == "Fill 1.50 s × 3"
    assert bar.note.text() == "~$0.09"
    assert "Ctrl+Enter" in bar.button.toolTip()
    with qtbot.waitSignal(bar.submitted):
        qtbot.mouseClick(bar.button, LEFT)
    bar.set_action("Fill 1.50 s × 3", "~$0.09", False, "fal.ai needs a key.")
    assert bar.note.text() == "fal.ai needs a key."
    with qtbot.assertNotEmitted(bar.submitted):
        qtbot.mouseClick(bar.button, LEFT)


def test_number_of_takes(qtbot):
    bar = SubmitBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.takes.setFocus()
    with qtbot.waitSignal(bar.takes_changed, check_params_cb=lambda count: count == 2):
        qtbot.keyClick(bar.takes, Qt.Key.Key_Up)
    assert bar.take_count() == 2
    assert bar.takes.text() == "× 2"


@pytest.fixture
def window(qtbot):
    """A window whose actions take Space, Enter and Left, as the real one does."""
    window = QMainWindow()
    window.done = []  # type: ignore[attr-defined]
    for name, key in (("play", "Space"), ("use", "Return"), ("clear", "Escape"), ("nudge", "Left"), ("loop", "L")):
        action = QAction(name, window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _on=False, name=name: window.done.append(name))  # type: ignore[attr-defined]
        window.addAction(action)
    body = QWidget()
    layout = QVBoxLayout(body)
    window.home = QWidget()  # type: ignore[attr-defined]
    window.home.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # type: ignore[attr-defined]
    layout.addWidget(window.home)  # type: ignore[attr-defined]
    window.setCentralWidget(body)
    qtbot.addWidget(window)
    FocusKeys(window.home).watch(body)  # type: ignore[attr-defined]
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    return window


def put(window, widget: QWidget) -> QWidget:
    window.centralWidget().layout().addWidget(widget)
    widget.ensurePolished()
    widget.show()
    return widget


def test_space_and_enter_press_a_button_reached_by_tab(qtbot, window):
    button = put(window, QPushButton("Go"))
    button.clicked.connect(lambda: window.done.append("go"))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert window.done == ["go", "go"]


def test_a_clicked_button_leaves_the_keys_to_the_transport(qtbot, window):
    button = put(window, QPushButton("Go"))
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(button.hasFocus)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert window.done == ["play", "use"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_esc_lead_from_a_field_home(qtbot, window, key):
    line = put(window, QLineEdit())
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClicks(line, "L x")
    with qtbot.waitSignal(line.editingFinished):
        qtbot.keyClick(line, key)
    qtbot.waitUntil(window.home.hasFocus)
    assert line.text() == "L x"
    assert window.done == []
    qtbot.keyClick(window.home, Qt.Key.Key_L)
    assert window.done == ["loop"]


def test_a_slider_keeps_its_arrows(qtbot, window):
    slider = put(window, QSlider(Qt.Orientation.Horizontal))
    slider.setValue(50)
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert slider.value() == 49
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    assert window.done == ["play"]


def test_a_list_keeps_up_and_down_and_leaves_nudging_to_the_window(qtbot, window):
    action = QAction("lane", window, shortcut=QKeySequence("Down"))
    action.triggered.connect(lambda: window.done.append("lane"))
    window.addAction(action)
    items = QListWidget()
    items.addItems(["one", "two"])
    put(window, items)
    items.setCurrentRow(0)
    items.setFocus()
    qtbot.waitUntil(items.hasFocus)
    qtbot.keyClick(items, Qt.Key.Key_Down)
    assert items.currentRow() == 1
    qtbot.keyClick(items, Qt.Key.Key_Left)
    assert window.done == ["nudge"]


def test_a_panel_above_the_window_keeps_its_enter_and_esc(qtbot, window):
    for put_in_later in (False, True):
        panel = QWidget(window.centralWidget(), Qt.WindowType.Popup)
        line = QLineEdit(panel)
        closed: list[int] = []
        QShortcut(QKeySequence("Esc"), panel, lambda closed=closed: closed.append(1))
        if not put_in_later:
            FocusKeys(window.home).watch(window.centralWidget())  # type: ignore[attr-defined]
        panel.show()
        line.setFocus()
        qtbot.keyClick(line, Qt.Key.Key_Escape)
        assert closed == [1]
        panel.close()
