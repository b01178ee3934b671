"""The spectrogram in its view: what it shows at every zoom, that it is never stale, and the mask on it by mouse."""

import numpy as np
import pytest
from lanes_hand import ALT, CTRL, NONE, SHIFT, Hand
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.session.background import Background
from app.sound.clip import Clip
from app.sound.frequencies import Axis, Frequencies
from app.sound.peaks import PeaksBuilder, peaks_of
from app.sound.region import Region
from app.takes.render import original, replaced
from app.ui import theme
from app.ui.colour_maps import ColourMap
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT
from app.ui.spectrogram_look import Shown, SpectrogramLook
from app.ui.waveform import WaveformView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RATE = 44_100
GREY = SpectrogramLook(colours=ColourMap.GREY)


def tone(*hertz: float, seconds: float = 6.0) -> Clip:
    """A sine a channel."""
    at = np.arange(round(seconds * RATE))[:, None] / RATE
    return Clip.from_frames(0.5 * np.sin(2 * np.pi * np.array(hertz) * at), RATE)


@pytest.fixture
def view(qtbot):
    background = Background(1)
    widget = WaveformView()
    qtbot.addWidget(widget)
    widget.resize(1000 + LEVEL_WIDTH + 2, 330)
    widget.spectrogram.use(background)
    widget.spectrogram.set_look(GREY)
    widget.spectrogram.show_as(Shown.SPECTROGRAM)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    background.close()


def settle(qtbot, view):
    """Until every tile in view is there and painted."""
    item = view.spectrogram.item
    qtbot.wait(20)
    qtbot.waitUntil(
        lambda: all(item.tiles.find(each.key) is not None for each in item._places(item.sound)), timeout=9000
    )
    qtbot.wait(20)


def picture(view) -> np.ndarray:
    """How loud the lanes look from 0 to 255, (rows, columns): in the grey map of the light theme black is loud."""
    image = view._canvas.grab().toImage()
    image = image.copy(LEVEL_WIDTH, RULER_HEIGHT, 1000, view._canvas.height() - RULER_HEIGHT)
    image = image.convertToFormat(image.Format.Format_Grayscale8)
    return 255 - np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[:, :1000]


def show(qtbot, view, sound, peaks=None):
    view.set_sound(sound, peaks if peaks is not None else peaks_of(sound))
    settle(qtbot, view)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("span", [264_600, 44_100, 3000, 200])
def test_the_ridge_of_a_sine_is_at_its_height_in_the_lane_of_its_channel(qtbot, view, axis, span):
    view.spectrogram.set_look(SpectrogramLook(axis=axis, colours=ColourMap.GREY, range_db=60))
    clip = tone(1500.0, 9000.0)
    show(qtbot, view, clip)
    view.set_view(0 if span > 200_000 else 100_000, (0 if span > 200_000 else 100_000) + span)
    settle(qtbot, view)
    seen = picture(view)
    scale = Frequencies(axis, RATE)
    for (top, bottom), hertz in zip(view.spectrogram.item.lanes(), (1500.0, 9000.0), strict=True):
        lane = seen[top + 2 : bottom, 10:990]
        ridge = np.flatnonzero(lane[:, 300] == lane[:, 300].max()).mean() + 2
        bins = abs(scale.height(hertz + 2 * RATE / 512) - scale.height(hertz)) * (bottom - top) if span < 5000 else 2
        assert abs(ridge - (1 - scale.height(hertz)) * (bottom - top)) <= 2 + bins
        assert (lane.max(axis=0) > 150).all()


def test_beyond_the_clip_there_is_the_window(qtbot, view):
    show(qtbot, view, tone(800.0))
    view.set_room(0, 100_000)
    view.set_view(200_000, 300_000)
    settle(qtbot, view)
    image = view._canvas.grab().toImage()
    end = LEVEL_WIDTH + round(view.scale().x(264_600))
    assert image.pixelColor(end + 5, RULER_HEIGHT + 100).name() == theme.current().window
    assert image.pixelColor(end - 5, RULER_HEIGHT + 20).name() == theme.current().canvas


def test_silence_is_the_ground(qtbot, view):
    show(qtbot, view, Clip.from_frames(np.zeros((100_000, 3)), RATE))
    assert picture(view)[10:90, 100:900].max() <= 4
    assert len(view.spectrogram.item.lanes()) == 3


def test_another_version_never_shows_the_one_before(qtbot, view):
    """With the pool held up nothing of the old sound may be left where the take lies; elsewhere it stays in sight."""
    clip = tone(1000.0)
    before = original(clip)
    show(qtbot, view, before, peaks_of(clip))
    assert picture(view).max(axis=0)[5:995].min() > 100
    region = Region(100_000, 180_000)
    after = replaced(before, region, Clip.from_frames(np.zeros((80_000, 1)), RATE))
    tiles = view.spectrogram.item.tiles
    tiles._making = {object(), object()}  # nothing more is begun
    view.set_sound(after, peaks_of(clip))
    seen = picture(view)
    inside = slice(round(view.scale().x(region.start)) + 12, round(view.scale().x(region.end)) - 12)
    assert seen[20:-20, inside].max() <= 4
    tiles._making = set()
    view.spectrogram.item.update()
    settle(qtbot, view)
    seen = picture(view)
    assert seen[20:-20, inside].max() <= 4
    assert seen[:, 5 : inside.start - 25].max(axis=0).min() > 100
    assert seen[:, inside.stop + 25 : 990].max(axis=0).min() > 100
    made = tiles.made
    view.set_sound(before, peaks_of(clip))
    assert picture(view).max(axis=0)[5:995].min() > 100  # at once, from what was kept
    settle(qtbot, view)
    assert tiles.made == made


def test_far_from_the_take_the_picture_stands_still_while_its_tiles_are_made(qtbot, view):
    clip = tone(1000.0)
    before = original(clip)
    view.set_sound(before, peaks_of(clip))
    view.set_view(0, 20_000)
    settle(qtbot, view)
    tiles = view.spectrogram.item.tiles
    made, seen = tiles.made, picture(view)
    after = replaced(before, Region(200_000, 210_000), Clip.from_frames(np.zeros((10_000, 1)), RATE))
    view.set_sound(after, peaks_of(clip))
    assert np.array_equal(picture(view), seen)
    qtbot.wait(30)
    assert tiles.made == made


def test_a_missing_tile_is_stood_in_for_by_the_same_samples_or_by_the_ground(qtbot, view):
    frames = tone(1000.0).read()
    frames[132_300:] = 0
    clip = Clip.from_frames(frames, RATE)
    show(qtbot, view, clip)
    tiles = view.spectrogram.item.tiles
    tiles._making = {object(), object()}
    view.set_view(125_000, 139_000)  # much closer: nothing of it is there
    coarse = picture(view)
    assert coarse[20:-20, :400].max(axis=0).min() > 100
    assert coarse[20:-20, 750:].max() <= 4
    view.set_sound(tone(3000.0), None)
    assert picture(view)[20:-20].max() <= 4
    tiles._making = set()


def test_another_clip_lets_go_of_everything(qtbot, view):
    show(qtbot, view, tone(1000.0))
    tiles = view.spectrogram.item.tiles
    assert tiles.bytes > 0
    view.set_sound(None)
    assert tiles.bytes == 0


def test_what_is_not_read_yet_waits(qtbot, view):
    clip = tone(1000.0)
    builder = PeaksBuilder(1)
    builder.add(clip.read(0, 132_300))
    view.set_sound(clip, builder.peaks())
    qtbot.wait(150)
    tiles = view.spectrogram.item.tiles
    half = tiles.made
    assert picture(view)[5:, 650:].max() <= 4
    view.set_peaks(peaks_of(clip))
    settle(qtbot, view)
    assert tiles.made > half
    assert picture(view).max(axis=0)[5:990].min() > 100


def test_while_a_clip_is_loaded_the_wave_has_the_room(qtbot, view, music):
    view.set_sound(None, peaks_of(music))
    assert view._stage.wave.isVisible()
    assert not view.spectrogram.item.isVisible()
    view.set_sound(music, peaks_of(music))
    assert not view._stage.wave.isVisible()
    assert view.spectrogram.item.isVisible()


@pytest.mark.parametrize("shown", [Shown.SPECTROGRAM, Shown.SPLIT])
@pytest.mark.parametrize("row", [60, 250])
def test_the_mask_is_drawn_moved_and_resized_as_on_the_wave(qtbot, view, music, shown, row):
    view.spectrogram.show_as(shown)
    show(qtbot, view, music)
    view.snap = False
    hand = Hand(view)

    def drag(start, end, keys=NONE):
        hand.press(start, keys, y=row)
        for part in (0.3, 0.7, 1.0):
            hand.move(start + (end - start) * part, keys, y=row)
        hand.release(end, keys, y=row)

    drag(200, 400)
    assert hand.committed[-1] == Region(hand.frame(200), hand.frame(400))
    drag(400, 500)
    assert hand.committed[-1] == Region(hand.frame(200), hand.frame(500))
    drag(300, 350, CTRL)
    assert abs(hand.committed[-1].start - hand.frame(250)) <= 2
    hand.click(700, y=row)
    assert hand.sought == [hand.frame(700)]
    hand.click(800, SHIFT, y=row)
    drag(100, 150, ALT)
    assert hand.committed[-1] == Region(hand.frame(100), hand.frame(150))


def test_the_mask_shows_on_the_spectrogram_and_leaves_its_tiles_alone(qtbot, view, music):
    show(qtbot, view, music)
    before, made = picture(view), view.spectrogram.item.tiles.made
    view.set_mask(Region(66_150, 132_300))
    after = picture(view)
    changed = (before != after).mean(axis=0)
    assert changed[260:490].min() > 0.5
    assert changed[520:].max() < 0.1
    assert changed[:240].max() < 0.1
    assert view.spectrogram.item.tiles.made == made


def test_split_shows_both_and_the_wave_alone_comes_back(qtbot, view, music):
    show(qtbot, view, music)
    stage = view._stage
    view.spectrogram.show_as(Shown.SPLIT)
    settle(qtbot, view)
    half = round(stage.box.height() / 2)
    assert (stage.wave.isVisible(), stage.wave.boundingRect().height()) == (True, half)
    assert view.spectrogram.item.pos().y() == half
    assert view.spectrogram.item.boundingRect().height() == stage.box.height() - half
    assert picture(view)[half + 5 :].max(axis=0).min() > 60
    view.spectrogram.show_as(Shown.WAVE)
    assert stage.wave.boundingRect().height() == stage.box.height()
    assert not view.spectrogram.item.isVisible()
    assert not view.spectrogram.axis.isVisible()


def wheel(view, angle, keys):
    port = view._canvas.viewport()
    at = QPointF(LEVEL_WIDTH + 500, 200)
    event = QWheelEvent(
        at, port.mapToGlobal(at), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def test_wheel_zooms_and_pans_and_a_pan_moves_the_same_pixels(qtbot, view, music):
    show(qtbot, view, music)
    wheel(view, 480, CTRL)
    assert view.view()[1] - view.view()[0] == pytest.approx(music.length / 2)
    settle(qtbot, view)
    one = picture(view)
    wheel(view, 120, SHIFT)
    settle(qtbot, view)
    other = picture(view)
    inner = slice(8, one.shape[0] - 8)
    assert np.array_equal(one[inner, 5:890], other[inner, 105:990])


def test_the_pointer_is_read_as_time_frequency_and_level(qtbot, view):
    show(qtbot, view, tone(1000.0))
    said: list[str] = []
    view.spectrogram.pointed.connect(said.append)
    hand = Hand(view)
    lane = view.spectrogram.item.lanes()[0]
    y = RULER_HEIGHT + (1 - Frequencies(Axis.LOG, RATE).height(1000.0)) * lane[1]
    for near in (-1, 0, 1):
        hand.hover(500, y=round(y) + near)
    time, hertz, _ = said[-2].split(" · ")
    assert time == "00:03.000"
    assert abs(float(hertz.removesuffix(" Hz").replace("\u202f", "")) - 1000) < 40
    assert "−6 dB" in {each.split(" · ")[2] for each in said}
    hand.hover(500, y=10)
    assert said[-1] == ""


@pytest.mark.parametrize("dark", [False, True])
def test_another_theme_or_range_needs_no_new_tiles(qtbot, qapp, view, dark):
    show(qtbot, view, tone(1000.0))
    made = view.spectrogram.item.tiles.made
    theme.apply(qapp, theme.Mode.DARK if dark else theme.Mode.LIGHT)
    for colours in ColourMap:
        for range_db in (60, 120):
            view.spectrogram.set_look(SpectrogramLook(range_db=range_db, colours=colours))
            image = view._canvas.grab().toImage()
            ground = image.pixelColor(LEVEL_WIDTH + 500, RULER_HEIGHT + 8)
            assert ground.name() == QColor(theme.current().canvas).name()
    qtbot.wait(30)
    assert view.spectrogram.item.tiles.made == made


def test_the_axis_is_where_the_lanes_are(qtbot, view, music):
    view.spectrogram.show_as(Shown.SPLIT)
    show(qtbot, view, music)
    axis, item = view.spectrogram.axis, view.spectrogram.item
    assert axis.scenePos().y() == item.scenePos().y()
    assert axis.boundingRect().height() == item.boundingRect().height()
