"""What the waveform shows at every zoom, how it is looked at, and how little is painted anew."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.sound.clip import Clip
from app.sound.peaks import PeaksBuilder, peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT
from app.ui.ruler_marks import tick_step
from app.ui.scale import Scale
from app.ui.wave_look import lanes
from app.ui.wave_picture import draw_columns, touching
from app.ui.wave_tones import SHARES, blank
from app.ui.waveform import WaveformView

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
WIDTH = 1000


@pytest.fixture
def view(qtbot, music):
    widget = WaveformView()
    qtbot.addWidget(widget)
    widget.resize(WIDTH + LEVEL_WIDTH + 2, 300)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_sound(music, peaks_of(music))
    return widget


def wheel(view, angle, keys=NONE, x=WIDTH / 2, sideways=False):
    port = view._canvas.viewport()
    at = QPointF(LEVEL_WIDTH + x, 120)
    delta = QPoint(angle, 0) if sideways else QPoint(0, angle)
    event = QWheelEvent(
        at, port.mapToGlobal(at), QPoint(), delta, Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(port, event)


def lanes_image(view):
    """The lanes as they are on the screen, without bands and grid, as colours (height, width)."""
    view._stage.fill.hide()
    image = view._canvas.grab().toImage().copy(LEVEL_WIDTH, RULER_HEIGHT, WIDTH, view._canvas.height() - RULER_HEIGHT)
    image = image.convertToFormat(image.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()] & 0xFFFFFF


def wave_rows(picture, lane):
    """Per column the first and last row of a lane that hold about half of the wave's colour."""
    values, counts = np.unique(picture, return_counts=True)
    wave, ground = QColor(theme.current().wave), QColor(int(values[counts.argmax()]))
    channel = np.argmax(np.abs([wave.red() - ground.red(), wave.green() - ground.green(), wave.blue() - ground.blue()]))
    values = (picture[lane.top : lane.bottom] >> np.uint32((16, 8, 0)[channel])) & 0xFF
    one, other = wave.getRgb()[channel], ground.getRgb()[channel]
    share = (values.astype(float) - other) / (one - other)
    inked = share > 0.45
    first = inked.argmax(axis=0)
    last = lane.bottom - lane.top - 1 - inked[::-1].argmax(axis=0)
    return first + lane.top, last + lane.top


@pytest.mark.parametrize("span", [264_600, 200_000, 44_100, 13_000, 6_000])
def test_columns_reach_from_the_smallest_to_the_largest_sample_within_a_pixel(qtbot, view, music, span):
    """Brute force over the samples; a column may also reach half-way to where its neighbour begins."""
    start = 20_000.0 if span < 200_000 else 0.0
    view.set_view(start, start + span)
    picture = lanes_image(view)
    frames = music.read()
    edges = start + np.arange(WIDTH + 1) * span / WIDTH
    slack = 256 if span / WIDTH >= 256 else 1
    for channel, lane in enumerate(lanes(picture.shape[0], music.channels)):
        first, last = wave_rows(picture, lane)
        for x in range(2, WIDTH - 2, 7):
            inner = frames[int(np.ceil(edges[x])) : int(edges[x + 1]), channel]
            low, high = int(edges[x]) - slack, int(np.ceil(edges[x + 1])) + slack
            outer = frames[max(low, 0) : high, channel]
            assert first[x] >= lane.middle - outer.max() * lane.unit - 1.5
            assert last[x] <= lane.middle - outer.min() * lane.unit + 0.5 + 1
            if slack == 1:
                assert first[x] <= lane.middle - inner.max() * lane.unit + 1
                assert last[x] >= lane.middle - inner.min() * lane.unit - 2


def test_a_lone_click_is_never_lost_at_any_zoom(qtbot):
    frames = np.zeros((500_000, 1), np.float32)
    frames[123_457] = 0.9
    clip = Clip.from_frames(frames, 44_100)
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(WIDTH + LEVEL_WIDTH + 2, 300)
    view.show()
    view.set_sound(clip, peaks_of(clip))
    for span in (500_000, 100_000, 9_000, 1_500, 40):
        view.set_view(123_457 - span * 0.25, 123_457 + span * 0.75)
        picture = lanes_image(view)
        lane = lanes(picture.shape[0], 1)[0]
        first, _ = wave_rows(picture, lane)
        column = int(view.scale().x(123_457.5))
        top = first[max(column - 2, 0) : column + 3].min()
        assert abs(top - (lane.middle - 0.9 * lane.unit)) <= 4


def test_half_covered_pixels_are_half_inked():
    pixels = blank(3, 20)
    lane = lanes(20, 1, margin=0)[0]
    column = np.array([[-0.3, 0.3], [-0.32, 0.55], [np.nan, np.nan]], np.float32)
    draw_columns(pixels, lane, column)
    alpha = pixels / SHARES
    assert alpha.sum(axis=0) == pytest.approx([6.0, 8.7, 0.0], abs=0.02)
    assert alpha[7, 0] == pytest.approx(0.5, abs=0.01)
    assert alpha[13, 0] == pytest.approx(0.5, abs=0.01)


def test_silence_is_a_line_one_pixel_thick():
    pixels = blank(4, 21)
    draw_columns(pixels, lanes(21, 1)[0], np.zeros((4, 2), np.float32))
    assert (pixels / SHARES).sum(axis=0) == pytest.approx([1.0] * 4, abs=0.01)


def test_neighbours_meet_half_way_and_nothing_shrinks():
    columns = np.array([[[0.0, 0.1]], [[0.5, 0.6]], [[-0.4, -0.2]]], np.float32)
    joined = touching(columns)
    assert joined[0, 0].tolist() == pytest.approx([0.0, 0.3])
    assert joined[1, 0].tolist() == pytest.approx([0.15, 0.6])
    assert joined[2, 0].tolist() == pytest.approx([-0.4, 0.15])


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_every_channel_has_its_lane(qtbot, channels):
    frames = np.zeros((100_000, channels), np.float32)
    for index in range(channels):
        frames[:, index] = 0.2 + 0.08 * index
    clip = Clip.from_frames(frames, 48_000)
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(WIDTH + LEVEL_WIDTH + 2, 600)
    view.show()
    view.set_sound(clip, peaks_of(clip))
    picture = lanes_image(view)
    for index, lane in enumerate(lanes(picture.shape[0], channels)):
        first, _ = wave_rows(picture, lane)
        assert first[500] == pytest.approx(lane.middle - (0.2 + 0.08 * index) * lane.unit, abs=1)


# Looking


def test_ctrl_wheel_zooms_at_the_pointer_by_the_fourth_root_of_two(view):
    view.set_view(50_000, 150_000)
    anchor = view.scale().frame(250)
    wheel(view, 120, CTRL, x=250)
    start, end = view.view()
    assert end - start == pytest.approx(100_000 / 2**0.25)
    assert view.scale().frame(250) == pytest.approx(anchor, abs=0.01)
    wheel(view, -120, CTRL, x=250)
    assert view.view() == pytest.approx((50_000, 150_000))


def test_fine_wheels_add_up_to_the_same_zoom(view):
    view.set_view(50_000, 150_000)
    for _ in range(8):
        wheel(view, 15, CTRL, x=250)
    assert view.view()[1] - view.view()[0] == pytest.approx(100_000 / 2**0.25)


@pytest.mark.parametrize(("keys", "sideways"), [(NONE, False), (SHIFT, False), (NONE, True), (SHIFT, True)])
def test_wheel_and_tilt_pan(view, keys, sideways):
    view.set_view(50_000, 150_000)
    wheel(view, -120, keys, sideways=sideways)
    assert view.view() == pytest.approx((60_000, 160_000))
    for _ in range(40):
        wheel(view, 120, keys, sideways=sideways)
    assert view.view() == (0, 100_000)


@pytest.mark.parametrize("sideways", [False, True])
def test_alt_wheel_changes_the_amplitude_only(view, sideways):
    seen = view.view()
    heard: list[float] = []
    view.amplitude_changed.connect(heard.append)
    for _ in range(4):
        wheel(view, 120, ALT, sideways=sideways)
    assert view.amplitude() == pytest.approx(2)
    assert heard[-1] == view.amplitude()
    assert view.view() == seen
    picture = lanes_image(view)
    lane = lanes(picture.shape[0], 2, 2.0)[0]
    assert wave_rows(picture, lane)[0].min() >= lane.top


def test_zoom_ends_at_the_whole_clip_and_at_sixteen_frames(view, music):
    for _ in range(200):
        wheel(view, 480, CTRL, x=333)
    assert view.view()[1] - view.view()[0] == pytest.approx(16)
    for _ in range(200):
        wheel(view, -480, CTRL, x=333)
    assert view.view() == (0, music.length)


def test_zoom_to_and_back_and_fit(view, music):
    view.zoom_to(Region(100_000, 120_000))
    assert view.view() == (99_000, 121_000)
    for _ in range(3):
        wheel(view, 120, CTRL)
    view.zoom_back()
    assert view.view() == (99_000, 121_000)
    view.zoom_back()
    assert view.view() == (0, music.length)
    view.zoom_back()
    assert view.view() == (0, music.length)
    view.zoom_to(Region(100_000, 120_000))
    wheel(view, 120, CTRL)
    wheel(view, -120, CTRL)
    view.zoom_back()
    assert view.view() == (0, music.length), "a zoom that was taken back is no step"
    view.zoom_to(Region(5, 6))
    view.zoom_fit()
    assert view.view() == (0, music.length)


def test_view_changed_is_emitted_once_per_change_and_not_without(view):
    seen: list[tuple[float, float]] = []
    view.view_changed.connect(seen.append)
    view.set_view(1000, 50_000)
    view.set_view(1000, 50_000)
    assert seen == [(1000, 50_000)]


def test_the_view_turns_pages_after_the_playhead(view, music):
    view.set_view(50_000, 100_000)
    view.follow(60_000)
    assert view.view() == (50_000, 100_000)
    view.follow(98_000)
    assert view.view() == (95_500, 145_500)
    view.follow(10_000)
    assert view.view() == (7_500, 57_500)
    view.set_view(music.length - 50_000, music.length)
    view.follow(music.length - 10)
    assert view.view() == (music.length - 50_000, music.length)


# Painting no more than needed


def test_moving_playhead_and_mask_does_not_make_the_picture_again(view):
    lanes_image(view)
    before = view.rendered()
    for step in range(20):
        view.set_playhead(1000 * step)
        view.set_mask(Region(100, 200 + 50 * step))
        view.set_context(Region(50, 900 + step))
        view.set_sent(Region(60, 800 + step))
        QApplication.processEvents()
    lanes_image(view)
    assert view.rendered() == before
    view.set_view(10_000, 60_000)
    lanes_image(view)
    assert view.rendered() == before + 1


class _PaintWatch(QObject):
    """Sees what the viewport is asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.widths.append(event.region().boundingRect().width())
        return False


def test_moving_the_playhead_repaints_only_its_own_strip(qtbot, view):
    view.set_playhead(100_000)
    QApplication.processEvents()
    watch = _PaintWatch()
    view._canvas.viewport().installEventFilter(watch)
    view.set_playhead(101_000)
    qtbot.waitUntil(lambda: bool(watch.widths))
    view._canvas.viewport().removeEventFilter(watch)
    assert max(watch.widths) < 40


_AT_SCALE = """
import sys
from pathlib import Path
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
sys.path[:0] = sys.argv[1:3]
from sounds import make_music
from app.sound.peaks import peaks_of
from app.ui.waveform import WaveformView
app = QApplication([])
view = WaveformView()
view.resize(1041, 301)
view.show()
music = make_music()
view.set_sound(music, peaks_of(music))
view._stage.fill.hide()
image = view.grab().toImage()
ratio = view.devicePixelRatioF()
picture = view._stage.wave.raster.image
assert picture.devicePixelRatio() == ratio == float(sys.argv[3]), (picture.devicePixelRatio(), ratio)
assert abs(picture.width() - view._stage.box.width() * ratio) <= 1
left, top = (round((1 + at) * ratio) for at in (view._stage.box.pos().x(), view._stage.box.pos().y()))
solid = [
    (x, y)
    for x in range(20, picture.width() - 20, 7)
    for y in range(2, picture.height() - 2, 5)
    if QColor.fromRgba(picture.pixel(x, y)).alpha() == 255
]
near = (-1, 0, 1)
hits = max(
    sum(image.pixel(left + x + a, top + y + b) == picture.pixel(x, y) for x, y in solid) for a in near for b in near
)
assert len(solid) > 500 and hits == len(solid), (len(solid), hits)
"""


@pytest.mark.parametrize("ratio", ["1.25", "1.5", "2"])
def test_the_picture_falls_on_whole_device_pixels_at_any_scale(ratio):
    """A column that fell between two pixels would be smeared over both; the scale is fixed when Qt starts."""
    tests = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", _AT_SCALE, str(tests), str(tests.parent), ratio],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": ratio},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr


# Loading


def test_a_growing_clip_keeps_its_axis_and_shows_what_is_known(qtbot, music):
    view = WaveformView()
    qtbot.addWidget(view)
    view.resize(WIDTH + LEVEL_WIDTH + 2, 300)
    view.show()
    view.set_length(music.length, music.rate)
    assert view.view() == (0, music.length)
    builder = PeaksBuilder(music.channels)
    known, dashed = [], []
    for block in music.blocks(1 << 16):
        builder.add(block)
        view.set_peaks(builder.peaks())
        assert view.view() == (0, music.length)
        picture = lanes_image(view)
        colour = QColor(theme.current().wave).rgb() & 0xFFFFFF
        known.append(int(np.flatnonzero((picture == colour).any(axis=0)).max()))
        soft = QColor(theme.current().wave_soft).rgb() & 0xFFFFFF
        # On the middle line only: the rim of a wave is blended, and may come to the same colour by chance.
        middle = round(lanes(picture.shape[0], music.channels)[0].middle)
        dashes = np.flatnonzero((picture[middle - 1 : middle + 2] == soft).any(axis=0))
        assert dashes.size == 0 or dashes.min() >= known[-1] - 1
        dashed.append(dashes.size)
    assert all(later > earlier for earlier, later in itertools.pairwise(known))
    assert known[-1] >= WIDTH - 2
    assert dashed[0] > 100, "what is not known yet is dashed"
    assert dashed[-1] == 0


def test_another_version_of_the_same_length_keeps_view_and_mask(view, music):
    view.set_view(1000, 90_000)
    view.set_mask(Region(2000, 3000))
    view.set_sound(Clip.from_frames(-music.read(), music.rate), None)
    assert (view.view(), view.masked()) == ((1000, 90_000), Region(2000, 3000))
    short = music.cut(0, 5000)
    view.set_sound(short, peaks_of(short))
    assert (view.view(), view.masked()) == ((0, 5000), Region(2000, 3000))


@pytest.mark.parametrize("span", [264_600, 20_000, 200])
def test_a_patch_is_drawn_in_the_colour_of_takes_where_it_lies(view, span):
    view.set_view(100_000, 100_000 + span)
    start, end = view.view()
    patch = Region(round(start + span * 0.4), round(start + span * 0.6))
    view.set_changed(patch)
    picture = lanes_image(view)
    accent = QColor(theme.current().accent).rgb() & 0xFFFFFF
    wave = QColor(theme.current().wave).rgb() & 0xFFFFFF
    tinted = np.flatnonzero((picture == accent).any(axis=0))
    plain = np.flatnonzero((picture == wave).any(axis=0))
    scale = Scale(start, end, WIDTH)
    slack = max(1.5, 2 / scale.per_pixel)
    assert tinted.min() == pytest.approx(scale.x(patch.start), abs=slack + 3)
    assert tinted.max() == pytest.approx(scale.x(patch.end), abs=slack + 3)
    assert not ((plain > scale.x(patch.start) + slack) & (plain < scale.x(patch.end) - slack - 1)).any()


# The ruler


@pytest.mark.parametrize("per_pixel", [10.0**power * factor for power in range(-8, 3) for factor in (1, 1.7, 3, 6)])
def test_labels_keep_apart_and_decimals_tell_them_apart(per_pixel):
    step, parts, decimals = tick_step(per_pixel, 90)
    assert step >= 90 * per_pixel * 0.999
    assert step <= 90 * per_pixel * 3.4
    assert parts >= 3
    if decimals or step < 1:
        assert round(step * 10**decimals) == pytest.approx(step * 10**decimals, rel=1e-6)
        assert decimals == 0 or step * 10 ** (decimals - 1) < 1


def test_pixels_and_frames_are_each_others_inverse():
    scale = Scale(158_000_000.25, 158_000_020.5, 1301)
    for x in (0.0, 17.5, 1301.0):
        assert scale.x(scale.frame(x)) == pytest.approx(x, abs=1e-6)


@pytest.mark.parametrize("start", [-4000.0, -1e-9, 0.0])
def test_a_sound_whose_peaks_are_still_being_read_is_drawn_as_nothing(qtbot, view, start):
    # An exception while a picture is painted ends the process: it must never come to one.
    long = Clip(np.ones((2_000_000, 2), np.int16), 44_100)
    view.set_room(100_000, 100_000)
    view.set_sound(long, PeaksBuilder(2).peaks())
    view.set_view(start, float(long.length))
    rows = lanes_image(view)
    assert rows.size
    view.set_sound(long, peaks_of(long))
    assert (lanes_image(view) != rows).any()
