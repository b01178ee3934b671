"""Gestures: what mouse, wheel and pinch on the lanes mean; they end in verbs of the WaveformView."""

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QNativeGestureEvent, QWheelEvent

from app.sound.region import Region
from app.ui.context_drag import ContextDrag
from app.ui.mask_drag import Grip, MaskDrag, extended
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT

if TYPE_CHECKING:
    from app.ui.waveform import WaveformView

_DRAG = 3  # pixels before a press becomes a drag
_GRAB = 6  # pixels to either side of an edge that hold it
_SCROLL_MS = 25
_ZOOM_NOTCHES = 4  # notches for a factor of two
_NOTCH = 120.0

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


class Canvas(pg.GraphicsView):
    """pyqtgraph's view with the mouse in our hands: its scene never sees a press, so nothing is guessed twice."""

    def __init__(self, owner: "WaveformView") -> None:
        super().__init__(owner)
        self.setBackground(None)
        self.gestures = Gestures(owner, self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Hold something."""
        self.gestures.press(ev)

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Move what is held, or show what could be."""
        self.gestures.move(ev)

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        """Let go."""
        self.gestures.release(ev)

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        """Select what lies between marks."""
        self.gestures.double_click(ev)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Zoom, pan, or change the amplitude."""
        self.gestures.wheel(ev)

    def leaveEvent(self, ev: QEvent) -> None:
        """The pointer went elsewhere."""
        self.gestures.leave()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The ruler has a menu of its own; that of the lanes is the view's."""
        if event.pos().y() < RULER_HEIGHT:
            self.gestures.ask_for_menu(event)
        else:
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """A pinch on a touchpad comes as a native gesture."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.gestures.pinch(event)
            return True
        return super().viewportEvent(event)


class Gestures(QObject):
    """The state between a press and its release."""

    def __init__(self, view: "WaveformView", canvas: Canvas) -> None:
        super().__init__(canvas)
        self._view = view
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._drag: MaskDrag | None = None
        self._context: ContextDrag | None = None
        self._pan_from: tuple[float, float] | None = None
        self._scrubbing = self._heard = False
        self._before: Region | None = None
        self._pointer = QPointF()
        self._snapping = True
        self._scroll = QTimer(self)
        self._scroll.setInterval(_SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)

    @property
    def busy(self) -> bool:
        """Whether something is held."""
        return self._pressed is not None or self._pan_from is not None

    def press(self, event: QMouseEvent) -> None:
        """Left: seek, select, resize, move or extend. Middle: pan."""
        event.accept()
        at = event.position()
        if not self._view.length or self.busy:
            return
        self._view.glide.stop()
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is Qt.MouseButton.MiddleButton:
            self._pan_from = (at.x(), self._view.view()[0])
            self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if event.button() is not Qt.MouseButton.LeftButton or at.x() < LEVEL_WIDTH - _GRAB:
            return
        self._pressed, self._pointer = at, at
        self._before = self._view.masked()
        modifiers = event.modifiers()
        if at.y() < RULER_HEIGHT:
            self._scrubbing = True
            self._view.seek(self._frame(at))
            return
        frame = self._frame(at, snap=not modifiers & _ALT)
        if modifiers & _SHIFT:
            held = extended(self._before, self._view.playhead(), self._frame(at))
            if held is not None:
                self._drag = MaskDrag(held[0], self._frame(at), held[1], self._view.reach())
                self._show(frame)
            return
        grip = self._grip(at, modifiers)
        self._context = self._context_drag(at) if grip is Grip.NEW else None
        if self._context is None:
            origin = frame if grip is Grip.NEW else self._frame(at)
            self._drag = MaskDrag(grip, origin, self._before, self._view.reach())

    def move(self, event: QMouseEvent) -> None:
        """Moving paints; nothing is committed before the release."""
        at = event.position()
        self._pointer = at
        if self._pan_from is not None:
            x, start = self._pan_from
            scale = self._view.scale()
            self._view.set_view(start - (at.x() - x) * scale.per_pixel, None)
        elif self._pressed is None:
            self.hover(at, event.modifiers())
        elif self._scrubbing:
            if not self._heard and abs(at.x() - self._pressed.x()) >= _DRAG:
                self._heard = True
                self._view.scrubbing.emit(True)
            self._view.seek(self._frame(at))
        else:
            self._snapping = not event.modifiers() & _ALT
            self._drag_on()
            self._scroll_if_outside()

    def release(self, event: QMouseEvent) -> None:
        """A drag commits the mask; a plain click moves the playhead and leaves the mask."""
        self._scroll.stop()
        if event.button() is Qt.MouseButton.MiddleButton and self._pan_from is not None:
            self._pan_from = None
            self.hover(event.position(), event.modifiers())
            return
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        band = self._view.context
        if band.dragging and self._context is not None:
            seconds = self._seconds(self._context)
            self._end()
            band.end(seconds)
            self.hover(event.position(), event.modifiers())
            return
        clicked = not self._view.dragging() and not self._scrubbing
        plain = not event.modifiers() & (_SHIFT | _CTRL)
        self._end()
        if not clicked:
            self._view.commit_mask()
        elif plain:
            self._view.seek(self._frame(event.position()))
        self.hover(event.position(), event.modifiers())

    def double_click(self, event: QMouseEvent) -> None:
        """On the context band as much context as is best; else what lies between the marks around it, or the clip."""
        event.accept()
        at = event.position()
        if event.button() is not Qt.MouseButton.LeftButton or not self._view.length or at.y() < RULER_HEIGHT:
            return
        band = self._view.band()
        on_mask = self._grip(at, Qt.KeyboardModifier.NoModifier) is not Grip.NEW
        if band is not None and not on_mask and (self._context_drag(at) or band.covers(self._frame(at))):
            self._view.context_reset.emit()
        else:
            self._view.select_between_marks(self._frame(at))

    def cancel(self) -> bool:
        """Give the mask back as it was before the drag; False where nothing was held."""
        if not self.busy:
            return False
        self._scroll.stop()
        self._pan_from = None
        before = self._before
        dragged = self._view.dragging()
        self._end()
        self._view.context.end(None)
        if dragged:
            self._view.show_mask(before, dragging=False)
        return True

    def leave(self) -> None:
        """Nothing is under the pointer any more."""
        if not self.busy:
            self._view.set_hot(None)

    def hover(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Show by the cursor what a press would hold."""
        grip = band = None
        shape = Qt.CursorShape.ArrowCursor
        if at.x() >= LEVEL_WIDTH - _GRAB and self._view.length:
            shape = Qt.CursorShape.PointingHandCursor
            if at.y() >= RULER_HEIGHT:
                grip = self._grip(at, modifiers)
                shape = {
                    Grip.NEW: Qt.CursorShape.IBeamCursor,
                    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
                    Grip.START: Qt.CursorShape.SizeHorCursor,
                    Grip.END: Qt.CursorShape.SizeHorCursor,
                }[grip]
                if grip is Grip.NEW and (context := self._context_drag(at)) is not None:
                    band, shape = context.grip, Qt.CursorShape.SizeHorCursor
        self._canvas.viewport().setCursor(shape)
        self._view.set_hot(None if grip is Grip.NEW else grip, band)

    def wheel(self, event: QWheelEvent) -> None:
        """Ctrl zooms at the pointer, Alt changes the amplitude, everything else pans.

        Fine wheels report parts of a notch; a continuous exponent adds them up without a remainder. Some platforms
        turn the wheel sideways while Alt or Shift is held, so either axis counts.
        """
        event.accept()
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / _NOTCH
        if not notches or not self._view.length:
            return
        modifiers = event.modifiers()
        if modifiers & _CTRL:
            anchor = self._view.scale().frame(event.position().x() - LEVEL_WIDTH)
            self._view.zoom(2.0 ** (notches / _ZOOM_NOTCHES), anchor)
        elif modifiers & _ALT:
            self._view.set_amplitude(self._view.amplitude() * 2.0 ** (notches / _ZOOM_NOTCHES))
        elif not event.pixelDelta().isNull() and QGuiApplication.platformName() != "xcb":
            # X11 reports pixels that no finger moved; elsewhere they follow the hand.
            pixels = event.pixelDelta()
            self._view.pan_pixels(-(pixels.x() if abs(pixels.x()) > abs(pixels.y()) else pixels.y()))
        else:
            self._view.pan_pixels(-notches * self._view.scale().width / 10, smooth=True)

    def ask_for_menu(self, event: QContextMenuEvent) -> None:
        """What the ruler counts is chosen where it is."""
        event.accept()
        self._view.ruler_menu_requested.emit(event.globalPos())

    def pinch(self, event: QNativeGestureEvent) -> None:
        """Two fingers apart zoom in at the pointer."""
        self._view.zoom(max(1.0 + event.value(), 0.1), self._view.scale().frame(event.position().x() - LEVEL_WIDTH))

    def _frame(self, at: QPointF, snap: bool = False) -> int:
        frame = round(self._view.scale().frame(at.x() - LEVEL_WIDTH))
        return self._view.snapped(frame) if snap else frame

    def _grip(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Grip:
        """What lies under the pointer; of two edges at one place the one that leads out of the mask."""
        mask = self._view.masked()
        if mask is None:
            return Grip.NEW
        x = at.x() - LEVEL_WIDTH
        scale = self._view.scale()
        to_start, to_end = abs(x - scale.x(mask.start)), abs(x - scale.x(mask.end))
        if min(to_start, to_end) <= _GRAB:
            return Grip.START if to_start < to_end else Grip.END
        inside = scale.x(mask.start) < x < scale.x(mask.end)
        return Grip.MOVE if inside and modifiers & _CTRL else Grip.NEW

    def _context_drag(self, at: QPointF) -> ContextDrag | None:
        """What a press would hold of the context band."""
        band, scale = self._view.band(), self._view.scale()
        grip = band.held(at.x() - LEVEL_WIDTH, scale) if band is not None else None
        return ContextDrag(grip, self._frame(at), band) if band is not None and grip is not None else None

    def _seconds(self, context: ContextDrag) -> float:
        return context.seconds(self._frame(self._pointer), self._view.scale().per_pixel)

    def _drag_on(self) -> None:
        if self._pressed is None:
            return
        held = self._view.dragging() or self._view.context.dragging
        if not held and abs(self._pointer.x() - self._pressed.x()) < _DRAG:
            return
        if self._context is not None:
            seconds = self._seconds(self._context)
            self._view.context.drag(self._context.dragged(seconds), seconds, self._context.grip)
        elif self._drag is None:
            return
        elif self._drag.grip is Grip.MOVE and self._drag.before is not None:
            shifted = self._drag.region(self._frame(self._pointer))
            start = self._view.snapped_move(shifted) if self._snapping else shifted.start
            self._show(self._drag.origin + start - self._drag.before.start)
        else:
            self._show(self._frame(self._pointer, snap=self._snapping))

    def _show(self, frame: int) -> None:
        if self._drag is not None:
            self._view.set_hot(self._drag.grip)
            self._view.show_mask(self._drag.region(frame), dragging=True)

    def _outside(self) -> float:
        """How many pixels the pointer is beyond the lanes: negative to the left."""
        x, width = self._pointer.x() - LEVEL_WIDTH, self._view.scale().width
        return min(x, 0.0) + max(x - width, 0.0)

    def _scroll_if_outside(self) -> None:
        if self._outside() and (self._view.dragging() or self._view.context.dragging):
            if not self._scroll.isActive():
                self._scroll.start()
        else:
            self._scroll.stop()

    def _scroll_on(self) -> None:
        beyond = self._outside()
        self._view.pan_pixels(max(min(beyond, 60.0), -60.0) * 0.5)
        self._drag_on()

    def _end(self) -> None:
        self._pressed = None
        self._drag = None
        self._context = None
        self._scrubbing = False
        if self._heard:
            self._heard = False
            self._view.scrubbing.emit(False)
