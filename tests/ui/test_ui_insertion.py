"""Where Generate would put sound into the clip: drawn, told, and in nobody's way."""

import numpy as np
import pytest
from lanes_hand import Hand, lanes_of
from PySide6.QtGui import QColor

from app.sound.region import Region
from app.ui import theme
from app.ui.ruler import LEVEL_WIDTH

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = 44_100
LENGTH = 264_600


@pytest.fixture
def view(qtbot, music):
    return lanes_of(qtbot, music)


def accented(view, up):
    """The columns of the lanes that hold the mask's colour, so many rows above the bottom."""
    image = view._canvas.grab().toImage()
    accent = QColor(theme.current().accent).rgb()
    row = [image.pixel(x, image.height() - 1 - up) == accent for x in range(LEVEL_WIDTH, image.width())]
    return np.flatnonzero(row)


def test_a_caret_stands_at_the_frame_and_a_bracket_is_as_wide_as_the_new_sound(view, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(view._stage.insertion, "_label", lambda painter, text, *_, **__: said.append(text))
    view.set_insertion(2 * RATE, RATE)
    scale = view.scale()
    assert accented(view, 200).tolist() == [round(scale.x(2 * RATE))]
    bracket = accented(view, 3)
    assert bracket.min() == pytest.approx(scale.x(2 * RATE), abs=6)
    assert bracket.max() == pytest.approx(scale.x(3 * RATE), abs=4)
    assert bracket.size < 0.9 * (bracket.max() - bracket.min()), "it is dashed"
    assert said[-1] == "+1.00 s"
    view.set_insertion(None)
    assert accented(view, 200).size == 0
    assert not view._stage.insertion.isVisible()


def test_at_the_end_of_the_clip_it_is_the_last_pixel(view):
    view.set_insertion(LENGTH, 5 * RATE)
    assert accented(view, 200).tolist() == [round(view.scale().width) - 1]


def test_it_moves_with_the_view_and_never_makes_the_wave_again(view):
    view.set_insertion(2 * RATE, RATE)
    view._canvas.grab()
    before = view.rendered()
    view.set_insertion(3 * RATE, RATE)
    assert accented(view, 200).tolist() == [round(view.scale().x(3 * RATE))]
    assert view.rendered() == before
    view.set_view(2.5 * RATE, 3.5 * RATE)
    assert accented(view, 200).tolist() == [round(view.scale().x(3 * RATE))]


def test_no_gesture_meets_it(view):
    hand = Hand(view)
    view.set_insertion(2 * RATE, RATE)
    hand.click(hand.x(2 * RATE))
    hand.drag(hand.x(2 * RATE), hand.x(3 * RATE))
    assert len(hand.sought) == 1
    assert hand.committed == [Region(hand.frame(hand.x(2 * RATE)), hand.frame(hand.x(3 * RATE)))]


def test_a_mask_takes_its_place_also_while_it_is_dragged(view):
    hand = Hand(view)
    view.set_insertion(2 * RATE, RATE)
    hand.press(hand.x(4 * RATE))
    hand.move(hand.x(5 * RATE))
    assert not view._stage.insertion.isVisible()
    hand.release(hand.x(5 * RATE))
    view.set_insertion(3 * RATE, RATE)
    assert not view._stage.insertion.isVisible()
    assert "inserted" not in view.accessibleDescription()
    view.set_mask(None)
    assert accented(view, 200).tolist() == [round(view.scale().x(3 * RATE))]
    assert "inserted at 00:03.000" in view.accessibleDescription()


def test_a_screen_reader_hears_of_it(view):
    view.set_insertion(2 * RATE, 5 * RATE)
    assert view.accessibleDescription() == (
        "Clip of 00:06.000; nothing is masked; 5.00 s would be inserted at 00:02.000."
    )
    view.set_insertion(None)
    assert view.accessibleDescription() == "Clip of 00:06.000; nothing is masked."
