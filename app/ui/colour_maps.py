"""Colour maps of the spectrogram: a few anchors each, spread so that equal steps in dB are equal steps to the eye.

Lightness is even from end to end in Ottosson's Oklab (https://bottosson.github.io/posts/oklab, 2020); only hue and
chroma follow the anchors, so that a map reads the same to the colour-blind and in print. Each map begins at the ground
that the theme gives to sound: dark themes light up, light ones ink in.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.sound.spectrum import FLOOR_DB, SHADES, TOP_DB

STEPS = 256

_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


class ColourMap(StrEnum):
    """Which colours loudness has."""

    SEA = "sea"
    GLOW = "glow"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class _Anchors:
    """What a map passes through after the ground, in dark and in light themes."""

    dark: tuple[str, ...]
    light: tuple[str, ...]


_MAPS = {
    ColourMap.SEA: _Anchors(
        ("#14304f", "#1c5f86", "#2f97a3", "#7cc9a8", "#d9f2bd", "#fdfff0"),
        ("#cdeae6", "#86c9cb", "#4397ae", "#2a648f", "#223a6b", "#0c1230"),
    ),
    ColourMap.GLOW: _Anchors(
        ("#2d1a4f", "#6b2278", "#b2377a", "#ee6a5c", "#fdb366", "#fdf9c9"),
        ("#fde0b8", "#fbab7c", "#e96571", "#ab3378", "#61226e", "#190b2e"),
    ),
    ColourMap.GREY: _Anchors(("#ffffff",), ("#0b0c0f",)),
}


def lab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB from 0 to 1, shape (…, 3), as Oklab's lightness, a and b."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _FROM_LINEAR.T) @ _TO_LAB.T


def _srgb(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Oklab as sRGB; below 0 or above 1 where a screen cannot show it."""
    linear = (colours @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_FROM_LINEAR).T
    held = np.maximum(linear, 0.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * held ** (1 / 2.4) - 0.055)


def _parsed(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


@lru_cache(maxsize=16)
def ramp(colours: ColourMap, ground: str, dark: bool) -> NDArray[np.uint32]:
    """256 colours 0xffRRGGBB from the ground (#rrggbb) to the loudest; read-only."""
    anchors = _MAPS[colours].dark if dark else _MAPS[colours].light
    points = lab(np.stack([_parsed(each) for each in (ground, *anchors)]))
    light = np.linspace(points[0, 0], points[-1, 0], STEPS)
    order = np.argsort(points[:, 0])
    chroma = np.stack([np.interp(light, points[order, 0], points[order, part]) for part in (1, 2)], axis=1)
    result = _srgb(np.column_stack((light, chroma)))
    for _ in range(24):  # paler where a screen cannot show it, rather than darker
        beyond = ((result < -1e-4) | (result > 1 + 1e-4)).any(axis=1)
        if not beyond.any():
            break
        chroma[beyond] *= 0.94
        result = _srgb(np.column_stack((light, chroma)))
    bytes_ = np.round(np.clip(result, 0, 1) * 255).astype(np.uint32)
    table = np.uint32(0xFF000000) | bytes_[:, 0] << 16 | bytes_[:, 1] << 8 | bytes_[:, 2]
    table = table.astype(np.uint32)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=16)
def shade_colours(colours: ColourMap, ground: str, dark: bool, low: float, high: float) -> NDArray[np.uint32]:
    """The colour of every shade of a spectrogram where the map spans `low` to `high` in dB; read-only."""
    levels = FLOOR_DB + np.arange(SHADES + 1) * (TOP_DB - FLOOR_DB) / SHADES
    at = np.clip((levels - low) / (high - low), 0.0, 1.0) * (STEPS - 1)
    table = ramp(colours, ground, dark)[np.round(at).astype(np.intp)]
    table.flags.writeable = False
    return table
