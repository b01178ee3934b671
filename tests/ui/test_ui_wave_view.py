"""The view while the clip gets longer or shorter by takes, and while it is being loaded."""

import pytest
from lanes_hand import Hand, lanes_of

from app.sound.clip import Clip
from app.sound.peaks import peaks_of
from app.sound.region import Region
from app.ui.waveform import WaveformView

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

LENGTH = 264_600


@pytest.fixture
def view(qtbot, music):
    return lanes_of(qtbot, music)


def test_a_clip_that_gets_longer_leaves_the_view_alone(view):
    for part in ((50_000, 100_000), (0, LENGTH)):
        view.set_length(LENGTH)
        view.set_view(*part)
        seen: list[tuple[float, float]] = []
        view.view_changed.connect(seen.append)
        view.set_length(LENGTH + 80_000)
        assert view.view() == part
        assert seen == []


def test_a_clip_that_gets_shorter_leaves_a_view_that_still_fits(view):
    view.set_view(50_000, 100_000)
    view.set_length(120_000)
    assert view.view() == (50_000, 100_000)


def test_a_view_behind_the_new_end_is_moved_and_keeps_its_zoom(view):
    view.set_view(200_000, 250_000)
    view.set_length(120_000)
    assert view.view() == (70_000, 120_000)


def test_a_view_wider_than_the_clip_becomes_the_whole_clip(view):
    view.set_view(50_000, 250_000)
    view.set_length(120_000)
    assert view.view() == (0, 120_000)
    view.set_length(LENGTH)
    assert view.view() == (0, 120_000)


def test_room_moves_with_the_clips_end(view):
    view.set_room(0, 10_000)
    view.set_view(LENGTH - 90_000, LENGTH + 10_000)
    view.set_length(200_000)
    assert view.view() == (110_000, 210_000)
    assert (view.reach().end, view.length) == (210_000, 200_000)


def test_a_longer_take_is_drawn_in_the_same_place_with_the_mask(view, music):
    """What `set_sound` gets when a take made the clip longer: another length, the same clip."""
    view.set_mask(Region(100_000, 150_000))
    view.set_view(90_000, 160_000)
    longer = Clip.from_frames(music.read().repeat(2, axis=0), music.rate)
    view.set_sound(longer, peaks_of(longer))
    assert (view.view(), view.masked(), view.length) == ((90_000, 160_000), Region(100_000, 150_000), 2 * LENGTH)
    view.set_view(2 * LENGTH - 70_000, 2 * LENGTH)
    view.set_sound(music, peaks_of(music))
    assert view.view() == (LENGTH - 70_000, LENGTH)


def test_a_mask_in_the_room_becomes_a_part_of_the_longer_clip(view):
    mask = Region(LENGTH, LENGTH + 50_000)
    view.set_room(0, 100_000)
    view.set_mask(mask)
    view.zoom_fit()
    seen = view.view()
    view.set_length(LENGTH + 50_000)
    assert view.view() == seen
    assert view.reach().beyond(mask) == (None, None)
    assert "longer" not in view.accessibleDescription()


def test_another_length_ends_a_drag(view):
    hand = Hand(view)
    hand.press(300)
    hand.move(400)
    view.set_length(LENGTH + 1000)
    hand.release(400)
    assert (view.masked(), hand.committed) == (None, [])


def test_another_clip_begins_as_a_whole(view, music):
    view.set_mask(Region(1000, 2000))
    view.set_view(50_000, 60_000)
    other = Clip.from_frames(music.read()[:90_000], 48_000)
    view.set_sound(other, peaks_of(other))
    assert (view.view(), view.masked()) == ((0, 90_000), None)
    view.zoom_back()
    assert view.view() == (0, 90_000)


def test_while_it_is_loaded_the_whole_stays_the_whole(qtbot):
    view = WaveformView()
    qtbot.addWidget(view)
    view.set_length(1000, 44_100)
    view.set_length(5000)
    assert view.view() == (0, 5000)
    view.set_view(100, 200)
    view.set_length(9000)
    assert view.view() == (100, 200)


def test_pages_turn_to_the_end_of_the_clip_also_with_room(view):
    view.set_room(0, 200_000)
    view.set_view(LENGTH - 60_000, LENGTH - 10_000)
    view.follow(LENGTH - 10_500)
    assert view.view() == (LENGTH - 13_000, LENGTH + 37_000)
    view.follow(LENGTH - 1)
    assert view.view() == (LENGTH - 13_000, LENGTH + 37_000)
