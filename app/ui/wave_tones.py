"""Tones: pictures of sound hold a number a pixel, and a table says what colour each number is."""

from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from app.ui import theme

Tones = NDArray[np.uint8]
"""A picture, (height, width)."""

SHARES = 63  # how finely the end of a column tells how much of its pixel it covers


class Tone(IntEnum):
    """Where the numbers of a colour begin: above it 63 shares of the colour, then the tone of the RMS."""

    CLEAR = 0
    WAVE = 1
    CHANGED = 65
    UNKNOWN = 129
    CLIPPED = 130
    OVERLAID = 131  # of even channels, of odd ones, of both
    OVERLAID_CHANGED = 135


def premultiplied(colour: QColor, coverage: NDArray[np.floating] | float = 1.0) -> NDArray[np.uint32]:
    """The colour at so much coverage (0 to 1) as 0xAARRGGBB with the colour multiplied by its opacity."""
    alpha = np.asarray(coverage, np.float32) * np.float32(colour.alphaF())
    result = np.round(alpha * 255).astype(np.uint32) << np.uint32(24)
    for value, shift in ((colour.red(), 16), (colour.green(), 8), (colour.blue(), 0)):
        result |= np.round(alpha * value).astype(np.uint32) << np.uint32(shift)
    return result


@lru_cache(maxsize=8)
def table(colours: theme.Colours, opacity: float = 1.0) -> NDArray[np.uint32]:
    """The colour of each number, premultiplied."""
    result = np.zeros(256, np.uint32)
    shares = np.arange(1, SHARES + 1, dtype=np.float32) / SHARES
    for tone, name, core in (
        (Tone.WAVE, colours.wave, colours.wave_core),
        (Tone.CHANGED, colours.accent, colours.accent_core),
    ):
        result[tone : tone + SHARES] = premultiplied(theme.faded(name, opacity), shares)
        result[tone + SHARES] = premultiplied(theme.faded(core, opacity))
    result[Tone.UNKNOWN] = premultiplied(theme.faded(colours.wave_soft, opacity))
    result[Tone.CLIPPED] = premultiplied(theme.faded(colours.danger, opacity))
    for tone, one, other in (
        (Tone.OVERLAID, colours.wave, colours.wave_other),
        (Tone.OVERLAID_CHANGED, colours.accent, colours.wave_other),
    ):
        pair = QColor(one), QColor(other)
        both = QColor(
            *((getattr(pair[0], part)() + getattr(pair[1], part)()) // 2 for part in ("red", "green", "blue"))
        )
        for index, colour in enumerate((*pair, both), 1):
            colour.setAlphaF(opacity)
            result[tone + index] = premultiplied(colour)
    result.flags.writeable = False
    return result


@lru_cache(maxsize=8)
def pairs(colours: theme.Colours, opacity: float = 1.0) -> NDArray[np.uint64]:
    """The colours of each two numbers side by side: looked up by twos, a picture is coloured in half the time."""
    each = table(colours, opacity)
    numbers = np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    return np.ascontiguousarray(each[numbers]).view(np.uint64).reshape(-1)


def blank(width: int, height: int) -> Tones:
    """A clear picture."""
    return np.zeros((max(height, 1), max(width, 1)), np.uint8)


def as_image(tones: Tones, ratio: float = 1.0, opacity: float = 1.0) -> QImage:
    """The picture in the colours in force, `ratio` device pixels to the logical one."""
    height, width = tones.shape
    view = QImage(tones.data, width, height, tones.strides[0], QImage.Format.Format_Indexed8)
    # The table is premultiplied already; as plain ARGB nothing is multiplied once more.
    view.setColorTable(table(theme.current(), opacity).tolist())
    image = view.convertToFormat(QImage.Format.Format_ARGB32)
    image.reinterpretAsFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return image
