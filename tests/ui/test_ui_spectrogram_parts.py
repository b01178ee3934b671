"""Colours, pixels and tiles of the spectrogram, each by itself."""

import threading

import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.errors import AppError
from app.session.background import Background
from app.sound.clip import Clip
from app.sound.frequencies import Axis, Frequencies
from app.sound.region import Region
from app.sound.spectrum import FLOOR_DB, SHADES, TOP_DB, Lens
from app.takes.render import original, replaced
from app.ui import theme
from app.ui.colour_maps import ColourMap, lab, ramp, shade_colours
from app.ui.frequency_axis import hertz_text, labels
from app.ui.spectrogram_picture import Grid, rows_for, strip
from app.ui.spectrogram_tiles import COLUMNS, Tile, Tiles

LENS = Lens(512, 1, 20, Axis.LINEAR)


def parts_of(table):
    return np.stack([(table >> shift) & 255 for shift in (16, 8, 0)], axis=-1) / 255


@pytest.mark.parametrize("name", list(ColourMap))
@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_equal_steps_of_a_map_are_equal_steps_of_lightness_from_the_ground_on(name, colours):
    table = ramp(name, colours.canvas, colours.dark)
    assert QColor(int(table[0])).name() == colours.canvas
    light = lab(parts_of(table))[:, 0]
    steps = np.diff(light) * (1 if colours.dark else -1)
    assert (steps > -0.0045).all()  # a step of eight bits
    assert light == pytest.approx(np.linspace(light[0], light[-1], 256), abs=0.006)
    assert abs(light[-1] - light[0]) > 0.7


def test_oklab_of_known_colours():
    known = lab(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    assert known[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-3)
    assert known[1] == pytest.approx([0.628, 0.2249, 0.1258], abs=1e-3)
    assert known[2] == pytest.approx([0.452, -0.0324, -0.3115], abs=1e-3)


def test_colours_span_the_range_and_no_more():
    table = shade_colours(ColourMap.GREY, "#000000", True, -80.0, 0.0)
    levels = FLOOR_DB + np.arange(SHADES + 1) * (TOP_DB - FLOOR_DB) / SHADES
    assert (table[levels <= -80] == 0xFF000000).all()
    assert (table[levels >= 0] == 0xFFFFFFFF).all()
    assert (table[(levels > -75) & (levels < -5)] != 0xFF000000).all()


def brute_strip(shades, index, hop, per, first, last, height):
    """Of each pixel the loudest column that it touches, of a tile whose columns go on beyond its ends."""
    picture = np.zeros((height, last - first), np.uint8)
    for pixel in range(first, last):
        low, high = pixel * per / hop - index * COLUMNS, (pixel + 1) * per / hop - index * COLUMNS
        columns = range(int(np.floor(low + 1e-6)), max(int(np.ceil(high - 1e-6)), int(np.floor(low + 1e-6)) + 1))
        chosen = [min(max(each, 0), COLUMNS - 1) for each in columns]
        picture[:, pixel - first] = shades[chosen].max(axis=0)
    return picture


@pytest.mark.parametrize("index", [0, 7, 100_003])
@pytest.mark.parametrize(("hop", "per"), [(1, 0.03), (1, 1.0), (4, 4.0), (4, 7.9), (64, 100.7), (1024, 1536.2)])
def test_every_pixel_shows_the_loudest_column_under_it(index, hop, per):
    shades = np.random.default_rng(3).integers(0, 256, (COLUMNS, 9), np.uint8)
    grid = Grid(per)
    first, last = grid.pixel(index * COLUMNS * hop), grid.pixel((index + 1) * COLUMNS * hop)
    if per < 1:
        last = first + 300
    ink = np.arange(256, dtype=np.uint32) | np.uint32(0xFF000000)
    made = strip(shades, index, hop, grid, first, last, 9, ink)
    assert (made.image.width(), made.image.height()) == (last - first, 9)
    assert np.array_equal(made.pixels & 255, brute_strip(shades, index, hop, per, first, last, 9))


def test_a_zoom_has_the_power_of_two_that_gives_each_pixel_one_or_two_columns():
    zooms = {0.01: 1, 0.99: 1, 1.0: 1, 1.99: 1, 2.0: 2, 63.9: 32, 64.0: 64, 1e6: 1 << 19}
    assert {per: Grid(per).hop() for per in zooms} == zooms


def test_rows_go_in_steps_and_are_never_fewer_than_the_pixels():
    steps = {rows_for(height) for height in range(1, 1025)}
    assert sorted(steps) == [32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]
    assert all(height <= rows_for(height) <= max(height * 1.5, 32) for height in range(1, 3000))


@pytest.mark.parametrize(("rows", "height"), [(96, 64), (96, 95), (96, 70), (64, 200)])
def test_no_row_is_lost_where_a_lane_is_lower_than_its_tile(rows, height):
    ink = np.arange(256, dtype=np.uint32)
    for row in range(rows):
        shades = np.zeros((COLUMNS, rows), np.uint8)
        shades[:, row] = 200
        lit = np.flatnonzero(strip(shades, 0, 1, Grid(1.0), 0, COLUMNS, height, ink).pixels[:, 5])
        assert lit.size
        assert abs((lit.mean() + 0.5) / height - (row + 0.5) / rows) < 1 / min(rows, height)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("height", [40.0, 110.0, 400.0])
@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
def test_labels_keep_apart_and_stand_where_their_frequency_is(axis, height, rate):
    scale = Frequencies(axis, rate)
    found = labels(scale, height, 20.0)
    assert found
    places = [y for _, y in found]
    assert all(abs(one - other) >= 19.9 for i, one in enumerate(places) for other in places[i + 1 :])
    for hertz, y in found:
        assert y == pytest.approx((1 - scale.height(hertz)) * height)
    assert [hertz_text(each) for each in (50, 1000, 12_500)] == ["50", "1k", "12.5k"]


# Tiles


@pytest.fixture
def pool(qtbot):
    background = Background(1)
    yield background
    background.close()


def made(qtbot, tiles, tile):
    tiles.wish([(tile.key(), tile)])
    qtbot.waitUntil(lambda: tiles.find(tile.key()) is not None, timeout=5000)
    return tiles.find(tile.key())


def test_a_take_changes_the_tiles_that_touch_its_region_and_no_others(music):
    before = original(music)
    region = Region(100_000, 104_000)
    patch = Clip.from_frames(np.zeros((4000, 2), np.float32), music.rate)
    after = replaced(before, region, patch)
    for hop in (1, 8, 64):
        for index in range(music.length // (COLUMNS * hop) + 1):
            one, other = (Tile(sound, index, hop, LENS) for sound in (before, after))
            touches = one.start - LENS.margin < region.end and one.end + LENS.margin > region.start
            assert (one.key() != other.key()) is touches
            if not touches:
                assert hash(one.key()) == hash(other.key())


def test_what_comes_after_a_longer_take_is_known_again_where_the_columns_fall_alike(music):
    before = original(music)
    longer = replaced(before, Region(50_000, 50_000), Clip.from_frames(np.zeros((COLUMNS * 8, 2)), music.rate))
    moved = Tile(longer, 60, 8, LENS)
    assert moved.start - LENS.margin > 50_000 + COLUMNS * 8
    assert moved.key() == Tile(before, 59, 8, LENS).key()
    assert np.array_equal(moved.make(), Tile(before, 59, 8, LENS).make())


def test_at_the_start_silence_before_the_clip_counts(music):
    start, later = Tile(original(music), 0, 8, LENS).key(), Tile(original(music), 1, 8, LENS).key()
    assert (start.silence, later.silence) == (256, 0)


def test_tiles_are_bounded_in_bytes_and_the_oldest_go_first(qtbot, pool, music):
    size = 2 * COLUMNS * 20
    tiles = Tiles(pool, limit=3 * size)
    all_tiles = [Tile(music, index, 8, LENS) for index in range(5)]
    for tile in all_tiles[:3]:
        made(qtbot, tiles, tile)
    tiles.find(all_tiles[0].key())
    for tile in all_tiles[3:]:
        made(qtbot, tiles, tile)
    assert tiles.bytes == 3 * size
    assert [tiles.find(tile.key()) is not None for tile in all_tiles] == [True, False, False, True, True]


class Gate:
    """A sound that is not read before the gate opens."""

    def __init__(self, clip: Clip) -> None:
        self.clip, self.rate, self.channels, self.length = clip, clip.rate, clip.channels, clip.length
        self.open = threading.Event()
        self.asked: list[int] = []

    def read(self, start: int = 0, end: int | None = None):
        self.asked.append(start)
        self.open.wait(5)
        return self.clip.read(start, end)


def test_tiles_that_were_scrolled_away_are_never_made(qtbot, pool, music):
    sound, tiles = Gate(music), Tiles(pool)
    first = [Tile(sound, index, 8, LENS) for index in range(10)]
    tiles.wish((tile.key(), tile) for tile in first)
    later = [Tile(sound, index, 8, LENS) for index in range(100, 103)]
    tiles.wish((tile.key(), tile) for tile in later)
    sound.open.set()
    qtbot.waitUntil(lambda: all(tiles.find(tile.key()) is not None for tile in later), timeout=5000)
    assert tiles.made == 4
    assert [tiles.find(tile.key()) is not None for tile in first] == [True] + [False] * 9


def test_what_was_in_the_making_for_another_clip_is_dropped(qtbot, pool, music):
    sound, tiles = Gate(music), Tiles(pool)
    tile = Tile(sound, 0, 8, LENS)
    tiles.wish([(tile.key(), tile)])
    tiles.forget()
    sound.open.set()
    other = Tile(music, 0, 8, LENS)
    made(qtbot, tiles, other)
    assert tiles.find(tile.key()) is None
    assert tiles.bytes == 2 * COLUMNS * 20


def test_sound_that_cannot_be_read_is_not_tried_again(qtbot, pool):
    class Broken:
        rate, channels, length = 44_100, 1, 100_000
        tried = 0

        def read(self, start: int = 0, end: int | None = None):
            self.tried += 1
            raise AppError("gone")

    sound, tiles = Broken(), Tiles(pool)
    tile = Tile(sound, 0, 8, LENS)
    for _ in range(3):
        with qtbot.waitSignal(tiles.arrived, timeout=2000) if not tiles.made else qtbot.assertNotEmitted(tiles.arrived):
            tiles.wish([(tile.key(), tile)])
    assert (sound.tried, tiles.find(tile.key())) == (1, None)
