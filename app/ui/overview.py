"""Overview: the whole clip in a strip, with a box around what is in view."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.sound.clip import Sound
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.ui import theme
from app.ui.mask_drag import Grip
from app.ui.reach import Reach
from app.ui.ruler import LEVEL_WIDTH
from app.ui.scale import Scale
from app.ui.wave_picture import draw_whole
from app.ui.wave_tones import as_image, blank

_GRAB = 6
_LEAST = 8.0  # logical pixels: a narrower box could not be held
_TAB = 6.0  # as wide as the mark of a mask that goes on beyond the clip


class Overview(QWidget):
    """Drag the box to pan, its edges to zoom, click elsewhere to look there; the same left edge as the lanes.

    The strip is the clip: what is masked beyond it is a tab at that end, and the box of a wider view ends there.
    """

    view_requested = Signal(object)
    """What is asked to be in view, (start, end) in frames."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.aimed: Callable[[], tuple[float, float]] | None = None
        self._sound: Sound | None = None
        self._peaks: Peaks | None = None
        self._length = 0
        self._view = (0.0, 0.0)
        self._mask: Region | None = None
        self._playhead: int | None = None
        self._picture: QImage | None = None
        self._grip: Grip | None = None
        self._held_at = 0.0
        self._held_view = (0.0, 0.0)
        self.setMouseTracking(True)
        self.setMinimumHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Overview")
        self.setAccessibleDescription("The whole clip; the box shows which part is in view.")
        theme.changed.connect(self._renew)

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(400, 46)

    @property
    def held(self) -> bool:
        """Whether a hand leads the box, or an edge of it."""
        return self._grip not in (None, Grip.NEW)

    def set_sound(self, sound: Sound | None, peaks: Peaks | None = None) -> None:
        """Show a clip or a rendering."""
        self._sound, self._peaks = sound, peaks
        self._length = sound.length if sound is not None else peaks.length if peaks is not None else 0
        self._renew()

    def set_peaks(self, peaks: Peaks | None) -> None:
        """Show what is known by now of the sound that is being loaded."""
        self._peaks = peaks
        self._length = max(self._length, peaks.length if peaks is not None else 0)
        self._renew()

    def set_length(self, frames: int) -> None:
        """How long the sound will be when it is loaded."""
        if frames != self._length:
            self._length = frames
            self._renew()

    def set_view(self, view: tuple[float, float]) -> None:
        """Draw the box around this part."""
        if view != self._view:
            self._view = view
            self.update()

    def set_mask(self, mask: Region | None) -> None:
        """Show where the mask lies."""
        if mask != self._mask:
            self._mask = mask
            self.update()

    def set_playhead(self, frame: int | None) -> None:
        """Show where playback is; repaints the two places it was and is at."""
        if frame == self._playhead:
            return
        for each in (self._playhead, frame):
            if each is not None:
                self.update(int(self._x(each)) - 2, 0, 5, self.height())
        self._playhead = frame

    def _renew(self) -> None:
        self._picture = None
        self.update()

    def _scale(self) -> Scale:
        return Scale(0.0, float(max(self._length, 1)), float(max(self.width() - LEVEL_WIDTH, 1)))

    def _x(self, frame: float) -> float:
        return LEVEL_WIDTH + self._scale().x(frame)

    def _box(self) -> QRectF:
        left, right = (self._x(min(max(edge, 0.0), float(self._length))) for edge in self._view)
        if right - left < _LEAST:
            middle = min(max((left + right) / 2, LEVEL_WIDTH + _LEAST / 2), self.width() - _LEAST / 2)
            left, right = middle - _LEAST / 2, middle + _LEAST / 2
        return QRectF(round(left), 0, round(right) - round(left), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, the mask, a veil over what is not in view, the box, the playhead."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(QRectF(LEVEL_WIDTH, 0, self.width() - LEVEL_WIDTH, self.height()), QColor(colours.canvas))
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._render(ratio)
        height = self.height()
        marked = QRectF()
        if self._mask is not None:
            inside = self._mask.clamped(self._length)
            left, right = round(self._x(inside.start)), round(self._x(inside.end))
            marked = QRectF(min(left, self.width() - 2), 0, max(right - left, 2), height)
        painter.fillRect(marked, theme.faded(colours.accent, 0.38))
        painter.drawImage(QPointF(LEVEL_WIDTH, 0), self._picture)
        if self._length:
            box = self._box()
            veil = theme.faded(colours.window, 0.62)
            painter.fillRect(QRectF(LEVEL_WIDTH, 0, box.left() - LEVEL_WIDTH, height), veil)
            painter.fillRect(QRectF(box.right(), 0, self.width() - box.right(), height), veil)
            painter.fillRect(marked.adjusted(0, height - 3, 0, 0), QColor(colours.accent))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colours.muted), 1.5))
            painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
            self._tabs(painter, colours)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._playhead is not None:
            painter.fillRect(QRectF(round(self._x(self._playhead)), 0, 1, height), QColor(colours.playhead))

    def _tabs(self, painter: QPainter, colours: theme.Colours) -> None:
        """An arrow at the end of the strip beyond which the mask goes on."""
        if self._mask is None:
            return
        before, after = Reach(self._length).beyond(self._mask)
        middle, half = self.height() / 2, min(9.0, self.height() / 3)
        painter.setPen(QPen(QColor(colours.canvas), 1))
        painter.setBrush(QColor(colours.accent))
        for part, tip, base in (
            (before, LEVEL_WIDTH + 0.5, LEVEL_WIDTH + _TAB + 0.5),
            (after, self.width() - 0.5, self.width() - _TAB - 0.5),
        ):
            if part is not None:
                painter.drawPolygon(
                    QPolygonF([QPointF(base, middle - half), QPointF(tip, middle), QPointF(base, middle + half)])
                )

    def _render(self, ratio: float) -> QImage:
        width, height = round((self.width() - LEVEL_WIDTH) * ratio), round(self.height() * ratio)
        tones = blank(width, height)
        draw_whole(tones, self._sound, self._peaks, self._length, 4 * ratio)
        return as_image(tones, ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another picture."""
        self._renew()

    def _limits(self) -> tuple[float, float]:
        """How far can be looked: the clip, and beyond it as far as is looked already."""
        views = (self._view, self._held_view if self._grip is not None else self._view)
        return min(0.0, *(view[0] for view in views)), max(float(self._length), *(view[1] for view in views))

    def _grip_at(self, x: float) -> Grip:
        box = self._box()
        to_start, to_end = abs(x - box.left()), abs(x - box.right())
        reach = min(_GRAB, box.width() / 4)
        if min(to_start, to_end) <= (reach if box.left() < x < box.right() else _GRAB):
            return Grip.START if to_start < to_end else Grip.END
        return Grip.MOVE if box.left() < x < box.right() else Grip.NEW

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the box, an edge of it, or bring it here."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._length:
            return
        x = event.position().x()
        self._grip = self._grip_at(x)
        self._held_view = self._view
        self._held_at = self._scale().frame(x - LEVEL_WIDTH)
        if self._grip is Grip.NEW:
            span = self._view[1] - self._view[0]
            self._held_view = self._ask(self._held_at - span / 2, self._held_at + span / 2)
            self._grip = Grip.MOVE
        self._show_cursor(self._grip, held=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or zoom by an edge."""
        x = event.position().x()
        if self._grip is None:
            self._show_cursor(self._grip_at(x), held=False)
            return
        frame = self._scale().frame(x - LEVEL_WIDTH)
        start, end = self._held_view
        if self._grip is Grip.MOVE:
            shift = frame - self._held_at
            self._ask(start + shift, end + shift)
        else:
            low, high = sorted((frame, end if self._grip is Grip.START else start))
            first, last = self._limits()
            self._ask(max(low, first), min(high, last))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._grip = None
            self._show_cursor(self._grip_at(event.position().x()), held=False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Pan by a tenth of the view a notch."""
        delta = event.angleDelta()
        start, end = self.aimed() if self.aimed is not None else self._view
        shift = -(delta.y() or delta.x()) / 120 * (end - start) / 10
        self._ask(start + shift, end + shift)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to the ordinary cursor."""
        self.unsetCursor()

    def _show_cursor(self, grip: Grip, held: bool) -> None:
        if grip in (Grip.START, Grip.END):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        elif grip is Grip.MOVE:
            self.setCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _ask(self, start: float, end: float) -> tuple[float, float]:
        """Ask for a view, pushed into the clip; shown at once, the waveform confirms it. Gives what was asked for."""
        low, high = self._limits()
        span = min(end - start, high - low)
        start = min(max(start, low), high - span)
        view = (start, start + span)
        if span > 0 and view != self._view:
            self.set_view(view)
            self.view_requested.emit(view)
        return view
