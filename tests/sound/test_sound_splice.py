"""Splice: exact outside, smooth at the seams, and never a look at what stood under the mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import MaskError, SoundError
from app.sound.ar import burg
from app.sound.clip import Clip, Frames
from app.sound.filters import filtered
from app.sound.region import Region
from app.sound.splice import Spliced, crossfade, splice

RATE = 44100
TONES = {3: ((196, 0.3), (392.5, 2.0), (588, 4.1), (1003, 5.5)), 9: ((196, 2.6), (392.5, 4.8), (588, 0.9), (1003, 1.7))}


def tune(length: int = 30_000, channels: int = 2, seed: int = 3) -> Frames:
    """Steady tones over a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(length) / RATE
    wave = sum(0.1 * np.sin(2 * np.pi * f * t + p) for f, p in TONES[seed])
    return (np.asarray(wave)[:, None] + rng.normal(0, 0.0005, (length, channels))).astype(np.float32)


def spliced_whole(clip: Clip, result: Spliced) -> Frames:
    whole = clip.read()
    whole[result.region.start : result.region.end] = result.frames
    return whole


def click_db(whole: Frames, at: int) -> float:
    """How far what cannot be predicted near a seam stands out over the 99.9th percentile of the rest."""
    series = whole[:, 0].astype(np.float64)
    residual = np.abs(filtered(burg([series[:8000], series[-8000:]], 32), np.ones(1), series))
    near = residual[at - 66 : at + 66].max()
    return float(20 * np.log10(near / np.percentile(residual[64:8000], 99.9)))


def test_seams_are_smooth_where_a_hard_cut_clicks() -> None:
    clip = Clip.from_frames(tune(), RATE)
    patch = tune(seed=9)
    mask = Region(10_007, 20_011)
    smooth = spliced_whole(clip, splice(clip, mask, patch, 0))
    hard = spliced_whole(clip, splice(clip, mask, patch, 0, inside_ms=0))
    assert np.array_equal(hard[mask.start : mask.end], patch[mask.start : mask.end])
    for seam in (mask.start, mask.end):
        assert click_db(hard, seam) > 12
        assert click_db(smooth, seam) < 3


def test_the_middle_is_the_patch_and_the_context_goes_on_at_the_edges() -> None:
    clip, patch = Clip.from_frames(tune(), RATE), tune(seed=9)
    mask = Region(8000, 20_000)
    result = splice(clip, mask, patch, 0)
    assert result.region == mask
    assert result.frames.shape == (mask.length, 2)
    inside = round(0.04 * RATE)
    assert np.array_equal(result.frames[inside:-inside], patch[mask.start + inside : mask.end - inside])
    assert np.abs(result.frames[:200] - clip.read(8000, 8200)).max() < 0.03
    assert np.abs(result.frames[-200:] - clip.read(19_800, 20_000)).max() < 0.03


def test_what_stood_under_the_mask_is_never_read() -> None:
    frames, patch, mask = tune(), tune(seed=9), Region(9000, 15_000)
    loud = frames.copy()
    loud[mask.start : mask.end] = 0.9
    for outside in (0, 50):
        first = splice(Clip.from_frames(frames, RATE), mask, patch, 0, outside_ms=outside)
        second = splice(Clip.from_frames(loud, RATE), mask, patch, 0, outside_ms=outside)
        assert np.array_equal(first.frames, second.frames)


@pytest.mark.parametrize("outside_ms", [5.0, 100.0, 500.0])
@pytest.mark.parametrize("inside_ms", [0.0, 40.0])
def test_a_crossfade_outside_widens_the_region_and_starts_at_the_clip(outside_ms: float, inside_ms: float) -> None:
    clip, patch = Clip.from_frames(tune(80_000), RATE), tune(80_000, seed=9)
    mask = Region(30_000, 50_000)
    result = splice(clip, mask, patch, 0, inside_ms=inside_ms, outside_ms=outside_ms)
    wide = round(outside_ms * RATE / 1000)
    assert result.region == Region(30_000 - wide, 50_000 + wide)
    assert result.frames.shape == (result.region.length, 2)
    whole = spliced_whole(clip, result)
    assert np.abs(whole[result.region.start] - clip.read(result.region.start, result.region.start + 1)).max() < 0.01
    assert click_db(whole, result.region.start) < 3
    assert click_db(whole, mask.start) < 3
    if not inside_ms:
        assert np.array_equal(whole[mask.start : mask.end], patch[mask.start : mask.end])


def test_a_crossfade_outside_goes_no_further_than_clip_and_patch() -> None:
    clip, patch = Clip.from_frames(tune(), RATE), tune(seed=9)
    mask = Region(500, 29_000)
    assert splice(clip, mask, patch, 0, outside_ms=500).region == Region(0, 30_000)
    part = splice(clip, mask, patch[400:29_300], 400, outside_ms=500)
    assert part.region == Region(400, 29_300)
    assert part.frames.shape == (28_900, 2)


@pytest.mark.parametrize("channels", range(1, 7))
@pytest.mark.parametrize("mask", [Region(0, 5000), Region(25_000, 30_000), Region(0, 30_000), Region(7, 29_990)])
def test_the_clips_own_ends_have_no_seam(channels: int, mask: Region) -> None:
    clip, patch = Clip.from_frames(tune(channels=channels), RATE), tune(channels=channels, seed=9)
    result = splice(clip, mask, patch[mask.start : mask.end], mask.start, outside_ms=0)
    assert result.frames.shape == (mask.length, channels)
    inside = round(0.04 * RATE)
    assert np.array_equal(result.frames[inside:-inside], patch[mask.start + inside : mask.end - inside])
    if mask.start < 16:
        assert np.array_equal(result.frames[0], patch[mask.start])
    if mask.end > 30_000 - 16:
        assert np.array_equal(result.frames[-1], patch[mask.end - 1])


@pytest.mark.parametrize("length", [1, 2, 3, 10, 100])
def test_tiny_masks(length: int) -> None:
    clip, patch = Clip.from_frames(tune(), RATE), tune(seed=9)
    mask = Region(10_000, 10_000 + length)
    result = splice(clip, mask, patch, 0)
    assert result.frames.shape == (length, 2)
    assert np.isfinite(result.frames).all()
    if length == 1:
        assert np.array_equal(result.frames, patch[10_000:10_001])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_mask_gives_frames_of_its_own_length(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 3000))
    start = data.draw(st.integers(0, length - 1))
    mask = Region(start, data.draw(st.integers(start + 1, length)))
    channels = data.draw(st.integers(1, 3))
    outside = data.draw(st.sampled_from([0.0, 1.0, 30.0]))
    rng = np.random.default_rng(start)
    clip = Clip.from_frames(rng.normal(0, 0.3, (length, channels)), 22050)
    patch = rng.normal(0, 0.3, (length, channels)).astype(np.float32)
    result = splice(clip, mask, patch, 0, inside_ms=data.draw(st.sampled_from([0.0, 5.0, 60.0])), outside_ms=outside)
    assert result.frames.shape == (result.region.length, channels)
    assert result.frames.dtype == np.float32
    assert np.isfinite(result.frames).all()
    assert result.region.start <= mask.start < mask.end <= result.region.end
    assert outside or result.region == mask


def test_broken_samples_do_not_spread() -> None:
    frames, patch = tune(), tune(seed=9)
    frames[7990:8000] = np.nan
    patch[9000] = np.inf
    patch[8001] = np.nan
    assert np.isfinite(splice(Clip.from_frames(frames, RATE), Region(8000, 12_000), patch, 0).frames).all()


def test_silence_beside_sound() -> None:
    silent = Clip.from_frames(np.zeros((9000, 1)), RATE)
    result = splice(silent, Region(3000, 6000), tune(9000, 1), 0).frames
    assert np.abs(result[:30]).max() < 0.01
    assert not splice(silent, Region(3000, 6000), np.zeros((9000, 1), np.float32), 0).frames.any()


def test_bad_masks_and_patches_are_refused_in_words() -> None:
    clip, patch = Clip.from_frames(tune(), RATE), tune()
    for mask in (Region(500, 500), Region(-1, 500), Region(29_000, 30_001)):
        with pytest.raises(MaskError, match="mask"):
            splice(clip, mask, patch, 0)
    with pytest.raises(SoundError, match="shorter than the mask"):
        splice(clip, Region(0, 5000), patch[:4999], 0)
    with pytest.raises(SoundError, match="shorter than the mask"):
        splice(clip, Region(0, 5000), patch, 1)
    with pytest.raises(SoundError, match="channels"):
        splice(clip, Region(0, 5000), patch[:, :1], 0)


@pytest.mark.parametrize("r", [-1.0, -0.4, 0.0, 0.3, 1.0])
def test_the_law_of_the_crossfade(r: float) -> None:
    out, into = crossfade(101, r)
    assert np.isfinite(out).all()
    assert out[0] == pytest.approx(1, abs=2e-3)
    assert into[-1] == pytest.approx(1, abs=2e-3)
    assert out[50] == pytest.approx(into[50])
    used = max(r, -0.5)
    assert out**2 + into**2 + 2 * used * out * into == pytest.approx(np.ones(101)), "equal power"
    if r == 1.0:
        assert out + into == pytest.approx(np.ones(101))
