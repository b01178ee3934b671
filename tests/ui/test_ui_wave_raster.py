"""The picture of the sound against the samples themselves, and that a moved picture is the one drawn anew."""

import numpy as np
import pytest

from app.sound.clip import Clip
from app.sound.peaks import PeaksBuilder, peaks_of
from app.sound.region import Region
from app.ui import theme
from app.ui.wave_look import Look
from app.ui.wave_raster import WaveRaster
from app.ui.wave_tones import SHARES, Tone, table

WIDTH, HEIGHT = 640, 301


def raster_of(clip, look: Look | None = None, peaks=None) -> WaveRaster:
    raster = WaveRaster()
    raster.look = look or Look(clipping=False)
    raster.length = clip.length
    raster.set_source(clip, peaks or peaks_of(clip), None)
    return raster


def seen(raster) -> np.ndarray:
    """The picture as it is painted, (height, width)."""
    slot = raster._first % raster.image.width()
    pixels = raster._pixels[:, : raster.image.width()]
    return np.concatenate((pixels[:, slot:], pixels[:, :slot]), axis=1)


def noise(length: int, channels: int, rate: int) -> Clip:
    rng = np.random.default_rng(channels)
    frames = rng.uniform(-1, 1, (length, channels)).astype(np.float32)
    frames *= np.abs(np.sin(np.arange(length) / length * 19))[:, None].astype(np.float32)
    frames[length // 3 : length // 3 + 3000] = 0
    frames[length // 2], frames[length // 2 + 500], frames[length // 2 + 900] = np.nan, np.inf, -np.inf
    return Clip(frames, rate)


@pytest.mark.parametrize(
    ("channels", "length", "rate"), [(1, 300_007, 8000), (3, 150_001, 44_100), (5, 99_991, 96_000)]
)
def test_pixels_reach_from_the_smallest_to_the_largest_sample_at_any_zoom_and_place(channels, length, rate):
    clip = noise(length, channels, rate)
    frames, raster = clip.read(), raster_of(clip)
    wave = table(theme.current())[[*range(Tone.WAVE + SHARES // 2, Tone.WAVE + SHARES + 1)]]
    rng = np.random.default_rng(length)
    for _ in range(12):
        per_column = float(np.exp(rng.uniform(np.log(2.0), np.log(length / WIDTH))))
        start = float(rng.uniform(-per_column * 50, length - per_column * WIDTH / 2))
        raster.bring(start, per_column * WIDTH, WIDTH, HEIGHT, 1.0)
        inked = np.isin(seen(raster), wave)
        slack = 256 if per_column >= 256 else 1
        for x in range(3, WIDTH - 3, 29):
            low, high = start + per_column * x, start + per_column * (x + 1)
            inner = frames[max(int(np.ceil(low)), 0) : max(int(high), 0)]
            # A column may reach half-way to where its neighbour begins, never further.
            outer = frames[max(int(low - per_column) - slack, 0) : max(int(np.ceil(high + per_column)) + slack, 0)]
            for channel, lane in enumerate(raster.look.lanes(HEIGHT, channels)):
                rows = np.flatnonzero(inked[lane.top : lane.bottom, x]) + lane.top
                if high < 0 or low >= length:
                    assert not rows.size
                elif rows.size and outer.size:
                    assert rows[0] >= lane.middle - outer[:, channel].max() * lane.unit - 1.5
                    assert rows[-1] <= lane.middle - outer[:, channel].min() * lane.unit + 1.5
                if slack == 1 and inner.size and inner[:, channel].max() - inner[:, channel].min() > 0.05:
                    assert rows[0] <= lane.middle - inner[:, channel].max() * lane.unit + 1.01
                    assert rows[-1] >= lane.middle - inner[:, channel].min() * lane.unit - 2.01


@pytest.mark.parametrize("per_column", [700.0, 90.0, 1.3])
@pytest.mark.parametrize("look", [Look(), Look(overlaid=True), Look(decibels=True, amplitude=2.0)])
def test_a_picture_that_moved_is_the_one_that_would_be_drawn_anew(per_column, look):
    clip = noise(700_000, 2, 44_100)
    moved = raster_of(clip, look)
    moved.changed = Region(120_000, 130_000)
    start, span = 100_000.0, per_column * WIDTH
    moved.bring(start, span, WIDTH, HEIGHT, 1.0)
    for step in (3, 200, -150, -60, 639, -2, 11, -640, 5):
        start += step * per_column
        moved.bring(start, span, WIDTH, HEIGHT, 1.0)
        fresh = raster_of(clip, look)
        fresh.changed = moved.changed
        fresh.bring(start, span, WIDTH, HEIGHT, 1.0)
        assert np.array_equal(seen(moved), seen(fresh)), step
    assert moved.renewed == 2, "only the jump by a whole width is another picture"


def test_panning_draws_the_columns_that_came_and_no_others():
    clip = noise(700_000, 2, 44_100)
    raster = raster_of(clip)
    raster.bring(0.0, 640_000.0, WIDTH, HEIGHT, 1.0)
    assert raster.drawn == WIDTH
    raster.bring(7000.0, 640_000.0, WIDTH, HEIGHT, 1.0)
    assert raster.drawn == WIDTH + 7
    raster.bring(4000.0, 640_000.0, WIDTH, HEIGHT, 1.0)
    assert raster.drawn == WIDTH + 10
    assert not raster.bring(4000.0, 640_000.0, WIDTH, HEIGHT, 1.0)
    assert raster.bring(4000.0, 640_000.0, WIDTH, HEIGHT, 2.0), "another display is another picture"


def colours(raster) -> set[int]:
    return set(np.unique(seen(raster)).tolist())


def test_the_rms_has_a_tone_of_its_own_inside_the_wave(music):
    raster = raster_of(music)
    raster.bring(0.0, 128.0 * WIDTH, WIDTH, HEIGHT, 1.0)
    core = int(table(theme.current())[Tone.WAVE + SHARES])
    body = int(table(theme.current())[Tone.WAVE + SHARES - 1])
    picture = seen(raster)
    assert {core, body} <= colours(raster)
    for x in range(0, WIDTH, 40):
        inner = np.flatnonzero(picture[: HEIGHT // 2, x] == core)
        assert inner.size == 0 or inner.size == inner[-1] - inner[0] + 1
    raster.look = Look(rms=False)
    raster.forget()
    raster.bring(0.0, 128.0 * WIDTH, WIDTH, HEIGHT, 1.0)
    assert core not in colours(raster)


def test_full_scale_gets_a_tick_at_the_side_where_it_is_reached():
    frames = np.zeros((64_000, 2), np.float32)
    frames[10_050, 0], frames[30_050, 1] = 1.0, -1.2
    clip = Clip.from_frames(frames, 44_100)
    red = int(table(theme.current())[Tone.CLIPPED])
    raster = raster_of(clip, Look())
    raster.bring(0.0, 64_000.0, WIDTH, HEIGHT, 1.0)
    rows, columns = np.nonzero(seen(raster) == red)
    top, bottom = raster.look.lanes(HEIGHT, 2)
    assert {(int(y), int(x)) for y, x in zip(rows, columns, strict=True)} == {
        *((top.top + each, 100) for each in range(4)),
        *((bottom.bottom - 1 - each, 300) for each in range(4)),
    }


def test_overlaid_channels_share_the_lane_and_tell_where_both_are():
    frames = np.zeros((64_000, 2), np.float32)
    frames[:32_000:3, 0], frames[16_000::3, 1] = 0.8, 0.8
    raster = raster_of(Clip.from_frames(frames, 44_100), Look(overlaid=True))
    raster.bring(0.0, 64_000.0, WIDTH, HEIGHT, 1.0)
    row = seen(raster)[HEIGHT // 4]
    tones = table(theme.current())[Tone.OVERLAID : Tone.OVERLAID + 4]
    assert (row[5:155] == tones[1]).all()
    assert (row[165:315] == tones[3]).all()
    assert (row[325:635] == tones[2]).all()


def test_decibels_are_even_steps_down_to_the_floor():
    look = Look(decibels=True)
    values = np.float32([1.0, 0.1, -0.01, 0.001, 0.0, -1.0])
    assert look.placed(values).tolist() == pytest.approx([1, 2 / 3, -1 / 3, 0, 0, -1], abs=1e-5)
    assert look.height_of(-30.0) == pytest.approx(0.5)
    assert Look(decibels=True, amplitude=10.0).height_of(-30.0) == pytest.approx(0.5 + 20 / 60)
    assert Look(amplitude=2.0).height_of(-6.0206) == pytest.approx(1.0, abs=1e-4)


def test_a_coarse_preview_stands_paler_where_nothing_exact_is_known(music):
    builder = PeaksBuilder(music.channels)
    builder.add(music.samples[: music.length // 4])
    raster = WaveRaster()
    raster.look, raster.length = Look(clipping=False), music.length
    raster.set_source(None, builder.peaks(), peaks_of(music))
    raster.bring(0.0, float(music.length), WIDTH, HEIGHT, 1.0)
    picture, tones = seen(raster), table(theme.current())
    pale, body = picture == tones[Tone.UNKNOWN], picture == tones[Tone.WAVE + SHARES - 1]
    assert not pale[:, : WIDTH // 4 - 2].any()
    assert body[:, : WIDTH // 4 - 2].any()
    assert not body[:, WIDTH // 4 + 2 :].any()
    assert pale[:, WIDTH // 4 + 2 :].sum() > body.sum()
