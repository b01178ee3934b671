"""Views that glide: about what stays in place, taken over by the next wish, and not where nobody sees it."""

import pytest
from lanes_hand import CTRL, Hand, lanes_of
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.ui.glide import between, glide_ms
from app.ui.ruler import LEVEL_WIDTH

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def view(qtbot, music):
    return lanes_of(qtbot, music)


def wheel(view, angle, keys=NONE, x=250.0):
    port = view._canvas.viewport()
    at = QPointF(LEVEL_WIDTH + x, 120)
    event = QWheelEvent(
        at, port.mapToGlobal(at), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def test_the_frame_under_the_pointer_stays_there_all_the_way():
    start, end = (1000.0, 9000.0), (3000.0, 5000.0)
    fixed = 1000 + 8000 / 3
    assert (fixed - start[0]) / 8000 == pytest.approx((fixed - end[0]) / 2000)
    for part in (0.0, 0.2, 0.5, 0.9, 1.0):
        low, high = between(start, end, part)
        assert (fixed - low) / (high - low) == pytest.approx(1 / 3)
    assert between(start, end, 0.5)[1] - between(start, end, 0.5)[0] == pytest.approx(4000)
    assert between((0.0, 10.0), (100.0, 110.0), 0.25) == (25.0, 35.0)


def test_nothing_glides_where_nobody_sees_it(view):
    assert glide_ms() == 0
    view.set_view(50_000, 150_000)
    wheel(view, 120, CTRL)
    assert view.view() == view.aimed()


def test_a_wheel_notch_glides_and_arrives(qtbot, view):
    view.set_view(50_000, 150_000)
    view.glide.duration_ms = 120
    seen = []
    view.view_changed.connect(seen.append)
    wheel(view, 120, CTRL)
    aimed = view.aimed()
    assert aimed[1] - aimed[0] == pytest.approx(100_000 / 2**0.25)
    assert view.view() != aimed
    qtbot.waitUntil(lambda: view.view() == aimed, timeout=2000)
    widths = [end - start for start, end in seen]
    assert len(seen) > 2
    assert widths == sorted(widths, reverse=True)


def test_notches_add_up_while_the_view_still_moves(qtbot, view):
    view.set_view(50_000, 150_000)
    view.glide.duration_ms = 120
    for _ in range(4):
        wheel(view, -120)
    assert view.aimed() == pytest.approx((90_000, 190_000))
    qtbot.waitUntil(lambda: view.glide.target is None, timeout=2000)
    assert view.view() == pytest.approx((90_000, 190_000))


def test_a_press_holds_the_view_where_it_is(qtbot, view):
    view.set_view(50_000, 150_000)
    view.glide.duration_ms = 5000
    wheel(view, -120)
    qtbot.wait(60)
    Hand(view).press(400)
    held = view.view()
    assert 50_000 < held[0] < 60_000
    qtbot.wait(60)
    assert view.view() == held == view.aimed()
