"""The look: one light and one dark palette, the stylesheet made from it, icons and number fonts that follow it.

Qt's own colour scheme is a no-op on some platforms, so the palette is always set explicitly and only "system" asks Qt.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from string import Template
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from app.paths import resources


class Mode(StrEnum):
    """Which palette is asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour of the window as #rrggbb; the stylesheet names them with a dollar sign."""

    dark: bool
    window: str  # behind everything
    surface: str  # panels, cards, menus
    raised: str  # buttons, hovered rows
    base: str  # inside editors
    line: str  # hairlines between things
    control: str  # outlines of what can be operated
    text: str
    muted: str  # second-rank text
    disabled: str
    accent: str  # mask, takes, the one button that matters
    accent_strong: str
    on_accent: str
    wave: str  # the sound
    wave_soft: str  # the sound where it is only a reminder: ghost, overview
    wave_core: str  # its RMS
    accent_core: str  # the RMS of takes
    wave_other: str  # every second channel where channels lie over each other
    canvas: str  # behind the sound
    grid: str
    playhead: str
    danger: str
    warning: str
    success: str


LIGHT = Colours(
    dark=False,
    window="#eff1f4",
    surface="#f8f9fb",
    raised="#ffffff",
    base="#ffffff",
    line="#d5dae1",
    control="#7b8491",
    text="#1c2128",
    muted="#565f6c",
    disabled="#9aa2ae",
    accent="#b34a12",
    accent_strong="#933b0c",
    on_accent="#ffffff",
    wave="#1f7a8c",
    wave_soft="#9cc3cb",
    wave_core="#0d5567",
    accent_core="#7c2f07",
    wave_other="#9a5fb5",
    canvas="#fdfdfe",
    grid="#e2e6eb",
    playhead="#1c2128",
    danger="#b3261e",
    warning="#8a5a00",
    success="#1b7440",
)

DARK = Colours(
    dark=True,
    window="#1a1c21",
    surface="#22252b",
    raised="#2d3139",
    base="#15171b",
    line="#33383f",
    control="#6c7480",
    text="#e7e9ed",
    muted="#a3abb7",
    disabled="#666e7a",
    accent="#f0a04b",
    accent_strong="#ffbd73",
    on_accent="#1d1406",
    wave="#55b5c3",
    wave_soft="#2f5f69",
    wave_core="#a6e2ea",
    accent_core="#ffd5a3",
    wave_other="#c48be3",
    canvas="#121418",
    grid="#24282e",
    playhead="#f4f5f7",
    danger="#f2877f",
    warning="#e8b84f",
    success="#74c795",
)


class _Theme(QObject):
    """Holds what is in force; lives as long as the program."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.colours = LIGHT
        self.mode = Mode.SYSTEM
        self.watching = False
        self.styled = False

    def scheme_changed(self) -> None:
        """The desktop switched between light and dark."""
        app = QApplication.instance()
        if self.mode is Mode.SYSTEM and isinstance(app, QApplication):
            apply(app, Mode.SYSTEM)


_theme = _Theme()
changed = _theme.changed
"""Emitted with the new Colours after the palette and the stylesheet are in force."""


def current() -> Colours:
    """The colours in force."""
    return _theme.colours


def mode() -> Mode:
    """What was asked for."""
    return _theme.mode


def apply(app: QApplication, mode: str = Mode.SYSTEM) -> Colours:
    """Put style, palette and stylesheet in force; ValueError for a mode that is none of system, light, dark."""
    _theme.mode = Mode(mode)
    if not _theme.watching:
        QGuiApplication.styleHints().colorSchemeChanged.connect(_theme.scheme_changed)
        _theme.watching = True
    dark = _theme.mode is Mode.DARK or (
        _theme.mode is Mode.SYSTEM and QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    )
    _theme.colours = DARK if dark else LIGHT
    if not _theme.styled:
        # Under a stylesheet the style no longer tells its name, and setting it anew polishes every widget twice.
        app.setStyle("Fusion")
        _theme.styled = True
    app.setPalette(palette(_theme.colours))
    app.setStyleSheet(stylesheet(_theme.colours))
    _theme.changed.emit(_theme.colours)
    return _theme.colours


def stylesheet(colours: Colours) -> str:
    """The application's stylesheet with the colours filled in; KeyError if it names one that does not exist."""
    text = (resources() / "style.qss").read_text(encoding="utf-8")
    return Template(text).substitute({name: str(value) for name, value in asdict(colours).items()})


def palette(colours: Colours) -> QPalette:
    """The same colours for what Fusion draws itself."""
    role = QPalette.ColorRole
    result = QPalette()
    for roles, colour in (
        ((role.Window,), colours.window),
        ((role.Base,), colours.base),
        ((role.AlternateBase, role.ToolTipBase), colours.surface),
        ((role.Button, role.Light, role.Midlight), colours.raised),
        ((role.Mid, role.Dark), colours.line),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText), colours.text),
        ((role.PlaceholderText,), colours.muted),
        ((role.Highlight, role.Accent), colours.accent),
        ((role.HighlightedText,), colours.on_accent),
        ((role.Link, role.LinkVisited), colours.accent_strong if colours.dark else colours.accent),
    ):
        for each in roles:
            result.setColor(each, QColor(colour))
    result.setColor(role.Shadow, QColor("#000000") if colours.dark else QColor(colours.control))
    for each in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours.disabled))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colours.line))
    return result


def faded(colour: str, alpha: float) -> QColor:
    """The colour at an opacity from 0 to 1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def number_font(points: float = 0.0, bold: bool = False) -> QFont:
    """The system's font with digits of one width, so that running times do not tremble."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFeature(QFont.Tag("tnum"), 1)
    if points:
        font.setPointSizeF(points)
    font.setBold(bold)
    return font


class _Iconic(Protocol):
    """What shows an icon: an action or a button."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class _IconBinding(QObject):
    """Gives its parent the icon anew when the theme changes, and goes with it."""

    def __init__(self, target: QObject, name: str) -> None:
        super().__init__(target)
        self._name = name
        _theme.changed.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """Set the icon in the colours in force."""
        target: _Iconic = self.parent()  # type: ignore[assignment]
        target.setIcon(icon(self._name))


def bind_icon(target: QObject, name: str) -> None:
    """Give an action or a button the icon of that name, now and after each change of theme."""
    _IconBinding(target, name)


def icon(name: str) -> QIcon:
    """The icon of that name in the colours in force, sharp up to a scale of 3; FileNotFoundError for no such name."""
    return _icon(name, _theme.colours)


@lru_cache(maxsize=256)
def _icon(name: str, colours: Colours) -> QIcon:
    drawing = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.text),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Active, QIcon.State.Off, colours.text),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.disabled),
        (QIcon.Mode.Disabled, QIcon.State.On, colours.disabled),
    ):
        renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
        for size in (16, 20, 24, 32, 40, 48, 64, 72, 96):
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            result.addPixmap(pixmap, mode, state)
    return result
