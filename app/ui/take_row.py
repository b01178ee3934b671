"""One take as one line: what it says, where its parts lie, and how it is painted."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.takes.take import TakeId
from app.ui import theme

ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class TakeRow:
    """What a line shows; `id` None is the original. Texts come ready to be read.

    `columns`: (width, channels, 2) minima and maxima in [-1, 1] of the whole clip or of what is around the region;
    `marked`: the part of its width that the take made new, as two fractions.
    """

    id: TakeId | None
    number: int
    title: str
    endpoint: str = ""
    seed: int | None = None
    region: str = ""
    time: str = ""
    parent: int | None = None
    used: bool = False
    heard: bool = False
    starred: bool = False
    binned: bool = False
    notes: str = ""
    columns: NDArray[np.float32] | None = field(default=None, compare=False)
    marked: tuple[float, float] | None = None

    def cells(self) -> dict[str, str]:
        """The quiet texts at the right, by the name of their column."""
        return {
            "parent": f"from {self.parent}" if self.parent else "",
            "endpoint": self.endpoint,
            "seed": f"seed {self.seed}" if self.seed is not None else "",
            "region": self.region,
            "time": self.time,
        }

    def spoken(self) -> str:
        """The line for a screen reader."""
        name = f"Take {self.number}" if self.id is not None else "Original"
        states = {"in use": self.used, "heard": self.heard, "starred": self.starred, "in the bin": self.binned}
        title = self.title if self.id is not None else ""
        parts = [name, *(text for text, on in states.items() if on), title, *self.cells().values(), self.notes]
        return ", ".join(part for part in parts if part)


class Part(StrEnum):
    """What of a line can be pressed."""

    USE = "use"
    STAR = "star"
    BIN = "bin"
    MORE = "more"


_TIPS = {
    Part.USE: "Use this version (Enter)",
    Part.STAR: "Star (F)",
    Part.BIN: "Move to the bin, or back (Del)",
    Part.MORE: "More (Menu key)",
}
# The first to go where the line is narrow stands first.
_DROPPED = ("parent", "endpoint", "time", "seed", "region")
_ORDER = ("parent", "endpoint", "seed", "region", "time")


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of one line lies."""

    number: QRect
    state: QRect
    miniature: QRect
    title: QRect
    cells: dict[str, QRect]
    buttons: dict[Part, QRect]

    def hit(self, row: TakeRow, x: int, y: int) -> Part | None:
        """What lies under a point."""
        return next((part for part, rect in self.buttons.items() if rect.contains(x, y) and offers(row, part)), None)


def offers(row: TakeRow, part: Part) -> bool:
    """Whether this line has that button: the original cannot be starred or binned, what is used need not be used."""
    return not row.used if part is Part.USE else row.id is not None


def place(rect: QRect, metrics: QFontMetrics, widths: dict[str, int]) -> Places:
    """Lay out a line; `widths` are the widest texts of each column."""
    unit = metrics.height()
    gap = round(unit * 0.8)
    left, top, height = rect.left() + gap, rect.top(), rect.height()

    def take_left(width: int, space: int) -> QRect:
        nonlocal left
        taken = QRect(left, top, width, height)
        left += width + space
        return taken

    state = take_left(unit, round(gap * 0.5))
    number = take_left(max(metrics.horizontalAdvance("00"), widths.get("number", 0)), gap)
    miniature = take_left(unit * 8, gap).adjusted(0, 3, 0, -3)
    right = rect.right() - round(gap * 0.5)
    buttons: dict[Part, QRect] = {}
    side = round(unit * 1.6)
    for part in (Part.MORE, Part.BIN, Part.STAR):
        buttons[part] = QRect(right - side, top + (height - side) // 2, side, side)
        right -= side
    pill = metrics.horizontalAdvance("Use ⏎") + round(unit * 1.3)
    pill_height = min(height - 6, round(unit * 1.4))
    right -= round(gap * 0.5)
    buttons[Part.USE] = QRect(right - pill, top + (height - pill_height) // 2, pill, pill_height)
    right -= pill + gap
    kept = [name for name in _ORDER if widths.get(name)]
    for name in _DROPPED:
        if right - left - sum(widths[each] + gap for each in kept) >= unit * 11:
            break
        if name in kept:
            kept.remove(name)
    cells: dict[str, QRect] = {}
    for name in reversed(kept):
        cells[name] = QRect(right - widths[name], top, widths[name], height)
        right -= widths[name] + gap
    return Places(number, state, miniature, QRect(left, top, max(right - left, 0), height), cells, buttons)


def paint_miniature(painter: QPainter, rect: QRect, row: TakeRow, peak: float, ghost: QColor, loud: QColor) -> None:
    """The sound as a bar per column, the part that the take made new in its own colour on a tint."""
    if row.marked is not None:
        low, high = row.marked
        span = max((high - low) * rect.width(), 2.0)
        tint = QColor(loud)
        tint.setAlphaF(0.18)
        painter.fillRect(QRectF(rect.left() + low * rect.width(), rect.top(), span, rect.height()), tint)
    columns = row.columns
    if columns is None or not columns.size:
        return
    step = rect.width() / columns.shape[0]
    middle, reach = rect.center().y() + 0.5, (rect.height() / 2 - 1) / max(peak, 1e-6)
    lows, highs = columns[..., 0].min(axis=1), columns[..., 1].max(axis=1)
    xs = rect.left() + (np.arange(columns.shape[0]) + 0.5) * step
    new = np.zeros(len(xs), dtype=bool)
    if row.marked is not None:
        share = (np.arange(columns.shape[0]) + 0.5) / columns.shape[0]
        new = (share >= row.marked[0]) & (share < row.marked[1])
    for chosen, colour in ((~new, ghost), (new, loud)):
        painter.setPen(QPen(colour, max(step * 0.7, 0.8)))
        painter.drawLines(
            [
                QLineF(x, middle - float(high) * reach - 0.4, x, middle - float(low) * reach + 0.4)
                for x, low, high in zip(xs[chosen], lows[chosen], highs[chosen], strict=True)
            ]
        )


class TakeDelegate(QStyledItemDelegate):
    """Paints lines. `widths` and `peak` hold for all of them: columns stand under each other, loudness compares."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: dict[str, int] = {}
        self.peak = 1.0
        self.pressed: tuple[int, Part] | None = None
        self.hovered: tuple[int, Part | None] = (-1, None)

    def measure(self, rows: list[TakeRow], metrics: QFontMetrics) -> None:
        """Take the widths of the columns and the loudest peak from these lines."""
        widths = {"number": max((metrics.horizontalAdvance(str(row.number)) for row in rows), default=0)}
        for row in rows:
            for name, text in row.cells().items():
                if text:
                    widths[name] = min(
                        max(widths.get(name, 0), metrics.horizontalAdvance(text) + 2), metrics.height() * 12
                    )
        peaks = [float(np.abs(row.columns).max()) for row in rows if row.columns is not None and row.columns.size]
        self.widths, self.peak = widths, max(peaks, default=1.0)

    def tip(self, part: Part) -> str:
        """What a button does, and its key."""
        return self.tr(_TIPS[part])

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(300, option.fontMetrics.height() + 14)  # type: ignore[attr-defined]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(ROW)
        if not isinstance(row, TakeRow):
            return
        colours = theme.current()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        font: QFont = option.font  # type: ignore[attr-defined]
        current = bool(state & QStyle.StateFlag.State_Selected)
        focused = current and bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = self.hovered[0] == index.row()
        places = place(rect, QFontMetrics(font), self.widths)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, rect, row, current, focused, hovered)
        faint = QColor(colours.disabled if row.binned else colours.muted)
        strong = QColor(colours.disabled if row.binned else colours.text)
        centre = Qt.AlignmentFlag.AlignVCenter
        if row.heard:
            size = places.state.width()
            icon = QRect(places.state.left(), rect.center().y() - size // 2, size, size)
            theme.icon("play").paint(painter, icon, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal, QIcon.State.On)
        bold = QFont(font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(colours.accent) if row.heard else strong)
        painter.drawText(places.number, centre | Qt.AlignmentFlag.AlignRight, str(row.number))
        soft = QColor(colours.wave_soft) if row.id is not None else QColor(colours.wave)
        paint_miniature(painter, places.miniature, row, self.peak, soft, QColor(colours.accent))
        painter.setFont(font)
        painter.setPen(strong)
        text = row.title if not row.notes else f"{row.title}  –  {row.notes}"
        metrics = QFontMetrics(font)
        self._text(painter, metrics, places.title, text)
        painter.setPen(faint)
        for name, cell in places.cells.items():
            self._text(painter, metrics, cell, row.cells()[name])
        for part, button in places.buttons.items():
            self._button(painter, index.row(), row, part, button, current or hovered)
        painter.restore()

    @staticmethod
    def _text(painter: QPainter, metrics: QFontMetrics, rect: QRect, text: str) -> None:
        line = metrics.elidedText(
            " ".join(text.split()) if "\n" in text else text, Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)

    @staticmethod
    def _ground(painter: QPainter, rect: QRect, row: TakeRow, current: bool, focused: bool, hovered: bool) -> None:
        colours = theme.current()
        if row.heard:
            painter.fillRect(rect, theme.faded(colours.accent, 0.13))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colours.accent))
        elif current or hovered:
            painter.fillRect(rect, QColor(colours.raised))
        if focused:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))

    def _button(self, painter: QPainter, index: int, row: TakeRow, part: Part, rect: QRect, awake: bool) -> None:
        colours = theme.current()
        hot = self.hovered == (index, part)
        if part is Part.USE:
            if row.used:
                self._pill(painter, rect, self.tr("in use"), QColor(colours.success), None)
            elif awake:
                ground = QColor(colours.accent) if hot else None
                self._pill(
                    painter, rect, self.tr("Use ⏎"), QColor(colours.on_accent if hot else colours.accent), ground
                )
            return
        starred = part is Part.STAR and row.starred
        if not offers(row, part) or not (awake or starred):
            return
        if hot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.line))
            painter.drawRoundedRect(QRectF(rect), 5, 5)
        name = "star-filled" if starred else "undo" if part is Part.BIN and row.binned else str(part)
        side = round(rect.width() * 0.66)
        inside = QRect(0, 0, side, side)
        inside.moveCenter(rect.center())
        on = QIcon.State.On if starred else QIcon.State.Off
        theme.icon(name).paint(painter, inside, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal, on)

    @staticmethod
    def _pill(painter: QPainter, rect: QRect, text: str, colour: QColor, ground: QColor | None) -> None:
        painter.setPen(QPen(ground or colour, 1))
        if ground is not None:
            painter.setBrush(ground)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
