"""What the ruler counts: its steps, its words, and its menu by mouse and keys."""

import pytest
from lanes_hand import lanes_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.files.settings import Settings
from app.session.preferences import Preferences
from app.ui.ruler_marks import Measure, Unit, bar_label, bar_step, marks, sample_step
from app.ui.ruler_menu import RulerMenu, meter_of
from app.ui.view_verbs import ViewVerbs

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
RATE = 44_100


def test_samples_are_counted_in_round_steps():
    assert sample_step(1 / 20, 90) == (5, 5)
    assert sample_step(100, 90) == (10_000, 10)
    assert sample_step(0.001, 90) == (1, 1)
    words = [text for _, text in marks(Measure(Unit.SAMPLES), 0, 50_000, 1000, RATE, 90).labelled]
    assert words[:3] == ["0", "5 000", "10 000"]


def test_bars_begin_at_one_and_follow_tempo_and_meter():
    found = marks(Measure(Unit.BARS, 120.0, 3, 4), 0, 6 * RATE, 600, RATE, 90).labelled
    assert [text for _, text in found] == ["1", "2", "3", "4", "5"]
    assert [x for x, _ in found] == [0, 150, 300, 450, 600]
    eighths = Measure(Unit.BARS, 90.0, 6, 8)
    assert eighths.beat_seconds() == pytest.approx(1 / 3)
    assert [bar_label(at, 4) for at in (0, 1, 4, 5.5, 6.25)] == ["1", "1:2", "2", "2:2.50", "2:3.25"]


@pytest.mark.parametrize("per_pixel", [1e-4, 0.003, 0.02, 0.2, 3.0, 500.0])
def test_labels_of_bars_never_stand_too_close(per_pixel):
    step, parts = bar_step(per_pixel, 90, 4)
    assert step / per_pixel >= 90 or step == pytest.approx(1 / 64)
    assert parts >= 1


def test_a_meter_that_is_none_counts_four_quarters():
    assert meter_of("6/8") == (6, 8)
    assert meter_of("fast") == meter_of("0/4") == meter_of("4/5") == (4, 4)


def test_the_menu_asks_for_units_by_keys_and_for_bars_by_a_tempo(qtbot):
    menu = RulerMenu(Measure())
    qtbot.addWidget(menu)
    heard: list[Measure] = []
    menu.measure_changed.connect(heard.append)
    menu.popup(QPoint(10, 10))
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert heard == [Measure(Unit.SAMPLES)]
    menu.popup(QPoint(10, 10))
    menu.tempo.setFocus()
    menu.tempo.selectAll()
    QTest.keyClicks(menu.tempo, "93.5")
    QTest.keyClick(menu.tempo, Qt.Key.Key_Tab)
    assert heard[-1] == Measure(Unit.BARS, 93.5, 4, 4)
    menu.meter.setCurrentText("7/8")
    assert heard[-1] == Measure(Unit.BARS, 93.5, 7, 8)
    assert menu.units[Unit.BARS].isChecked()


def test_a_right_click_on_the_ruler_opens_its_menu_and_what_is_chosen_is_kept(qtbot, music):
    view = lanes_of(qtbot, music)
    preferences = Preferences(Settings())
    verbs = ViewVerbs(preferences, view, view)
    port = view._canvas.viewport()
    for y, expected in ((100, False), (10, True)):
        at = QPoint(300, y)
        QApplication.sendEvent(port, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, port.mapToGlobal(at)))
        assert isinstance(QApplication.activePopupWidget(), RulerMenu) is expected
    menu = QApplication.activePopupWidget()
    menu.units[Unit.BARS].trigger()
    menu.close()
    assert preferences.now.ruler == "bars"
    assert view._stage.times.marks().labelled[0][1] == "1"
    assert "ruler_bars" in verbs.state()
    verbs.overlaid()
    assert view.look().overlaid
    assert view._stage.fill.rows == 1
    assert preferences.now.lanes_overlaid
    again = ViewVerbs(Preferences(preferences.now), view, view)
    assert again.state() == verbs.state()
