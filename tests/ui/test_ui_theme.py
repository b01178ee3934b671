"""Palettes that can be read, a stylesheet without holes, icons that follow."""

from dataclasses import asdict, replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QPushButton

from app.paths import resources
from app.ui import theme

ICONS = [
    "play",
    "stop",
    "loop",
    "to-start",
    "to-end",
    "undo",
    "redo",
    "open",
    "save",
    "export",
    "star",
    "star-filled",
    "bin",
    "dice",
    "lock",
    "unlock",
    "reset",
    "retry",
    "cancel",
    "copy",
    "settings",
    "ab",
    "more",
    "search",
]


@pytest.fixture
def app(qapp):
    """The application, given back in the look it had."""
    yield qapp
    theme.apply(qapp, "light")
    qapp.setStyleSheet("")


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(colours):
    for ink in ("text", "muted", "accent", "danger", "warning", "success"):
        for ground in ("window", "surface", "raised", "base", "canvas"):
            assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5, (ink, ground)
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_strong) >= 4.5
    for mark in ("wave", "playhead"):
        assert contrast(getattr(colours, mark), colours.canvas) >= 3
    assert contrast(colours.control, colours.window) >= 3


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_stylesheet_has_no_holes(colours):
    text = theme.stylesheet(colours)
    assert "$" not in text
    assert colours.accent in text


def test_a_mode_sets_palette_style_and_signal(app):
    seen = []
    theme.changed.connect(seen.append)
    try:
        assert theme.apply(app, "dark") is theme.current() is theme.DARK
        assert app.palette().color(QPalette.ColorRole.Window) == QColor(theme.DARK.window)
        theme.apply(app, "light")
        assert app.palette().color(QPalette.ColorRole.Text) == QColor(theme.LIGHT.text)
        theme.apply(app, "system")
        assert seen[:2] == [theme.DARK, theme.LIGHT]
        assert len(seen) == 3
    finally:
        theme.changed.disconnect(seen.append)


def test_an_unknown_mode_is_refused(app):
    with pytest.raises(ValueError, match="sepia"):
        theme.apply(app, "sepia")


def test_every_icon_is_there_and_takes_its_colour_from_the_theme():
    drawings = {path.stem: path.read_text() for path in (resources() / "icons").glob("*.svg")}
    assert set(ICONS) <= set(drawings)
    assert all("currentColor" in drawings[name] and "#" not in drawings[name] for name in ICONS)


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_drawn_in_the_colours_in_force(app, name):
    for mode, colours in (("dark", theme.DARK), ("light", theme.LIGHT)):
        theme.apply(app, mode)
        image = theme.icon(name).pixmap(QSize(32, 32)).toImage()
        inked = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255]
        assert inked
        assert all(
            abs(part - wanted) <= 2
            for pixel in inked
            for part, wanted in zip(pixel.getRgb(), QColor(colours.text).getRgb(), strict=True)
        )


def test_bound_icons_follow_the_theme_and_die_with_their_owner(app, qtbot):
    button, action = QPushButton(), QAction()
    qtbot.addWidget(button)
    theme.apply(app, "light")
    theme.bind_icon(button, "play")
    theme.bind_icon(action, "stop")
    before = [each.icon().cacheKey() for each in (button, action)]
    theme.apply(app, "dark")
    assert all(each.icon().cacheKey() != key for each, key in zip((button, action), before, strict=True))
    action.deleteLater()
    qtbot.wait(1)
    theme.apply(app, "light")


def test_digits_have_one_width(qapp):
    metrics = QFontMetricsF(theme.number_font())
    assert len({round(metrics.horizontalAdvance(digit * 8), 3) for digit in "0123456789"}) == 1
    assert QFontInfo(theme.number_font(bold=True)).bold()


def test_colours_are_whole_hex_words():
    for colours in (theme.LIGHT, theme.DARK, replace(theme.LIGHT)):
        for name, value in asdict(colours).items():
            assert name == "dark" or QColor(value).name() == value
