"""WaveformView: the clip on the screen, the mask on it, and how both are looked at."""

import math
import time

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.sound.clip import Sound
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.sound.snap import nearest_zero_crossing
from app.ui import theme
from app.ui.gestures import Canvas
from app.ui.mask_drag import Grip
from app.ui.mask_item import MaskEdges, MaskFill, PlayheadItem
from app.ui.ruler import RULER_HEIGHT, LevelAxis, TimeAxis
from app.ui.scale import Scale
from app.ui.times import format_time
from app.ui.wave_item import Layer, WaveItem

_CLOSEST = 16.0  # frames in view at the deepest zoom
_SNAP_SECONDS = 0.005
_AMPLITUDES = (0.25, 256.0)
_SAME_ZOOM_SECONDS = 0.8  # wheel turns that follow each other are one step back
_PAGE_AT = 0.95  # of the view: there the next page begins
_PAGE_TO = 0.05


class WaveformView(QWidget):
    """Ruler, level axis and stacked lanes in pyqtgraph's frame; frames everywhere, seconds nowhere but in labels.

    Setting the mask, the view or the playhead from outside never emits a mask signal; gestures do.
    """

    mask_changing = Signal(object)
    """The mask while it is dragged (Region)."""
    mask_committed = Signal(object)
    """The mask when it is let go (Region or None)."""
    seek_requested = Signal(object)
    """A frame that was clicked (int)."""
    view_changed = Signal(object)
    """What is in view, (start, end) in frames."""
    amplitude_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.snap = True
        self.length = 0
        self.rate = 0
        self._mask: Region | None = None
        self._dragging = False
        self._marks: tuple[int, ...] = ()
        self._playhead: int | None = None
        self._view = (0.0, 1.0)
        self._visited: list[tuple[float, float]] = []
        self._zoomed_at = -math.inf
        self._build()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, RULER_HEIGHT + 60)
        self.setAccessibleName("Waveform")
        self._describe()
        theme.changed.connect(self._retheme)

    def _build(self) -> None:
        self._canvas = Canvas(self)
        grid = pg.GraphicsLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self._canvas.setCentralItem(grid)
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, border=None)
        self._box.disableAutoRange()
        self._box.invertY(True)
        self._times, self._levels = TimeAxis(), LevelAxis()
        grid.addItem(self._times, 0, 1)
        grid.addItem(self._levels, 1, 0)
        grid.addItem(self._box, 1, 1)
        self._times.linkToView(self._box)
        self._wave = WaveItem(self._box)
        self._fill = MaskFill(self._box)
        self._edges = MaskEdges(self._box)
        self._head = PlayheadItem(grid)
        self._box.sigResized.connect(self._resized)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self._canvas)

    # What is shown

    def set_sound(
        self, sound: Sound | None, peaks: Peaks | None = None, ghost: tuple[Sound | None, Peaks | None] | None = None
    ) -> None:
        """Show a clip or a rendering; view and mask stay where the new sound has the old one's rate and length."""
        rate = sound.rate if sound is not None else 0
        length = sound.length if sound is not None else 0
        other = (rate, length) != (self.rate, self.length)
        self._wave.layer = Layer(sound, peaks)
        self._wave.ghost = Layer(*ghost) if ghost is not None else Layer(None, None)
        self.rate = self._edges.rate = rate
        self._times.set_rate(rate)
        self._set_channels()
        if other:
            self.set_mask(None)
            self.set_length(length)
            self.set_view(0.0, float(max(length, 1)))
            self._visited.clear()
        self._wave.renew()
        self._describe()

    def set_peaks(self, peaks: Peaks | None) -> None:
        """Show what is known by now of the sound that is being loaded."""
        self._wave.layer = Layer(self._wave.layer.sound, peaks)
        if peaks is not None and peaks.length > self.length:
            self.set_length(peaks.length)
        self._set_channels()
        self._wave.renew()

    def set_length(self, frames: int, rate: int | None = None) -> None:
        """How long the sound will be when it is loaded, so that the axis does not jump; the rate if it is known."""
        if rate is not None and rate != self.rate:
            self.rate = self._edges.rate = rate
            self._times.set_rate(rate)
        if frames == self.length:
            return
        whole = self._view == (0.0, float(max(self.length, 1)))
        self.length = self._wave.length = frames
        self.set_view(*((0.0, float(max(frames, 1))) if whole else self._view))
        self._wave.renew()

    def set_mask(self, mask: Region | None) -> None:
        """Show this mask; a drag that is under way ends."""
        if self._dragging:
            self._canvas.gestures.cancel()
        self.show_mask(mask, dragging=False)

    def set_context(self, context: Region | None) -> None:
        """Show what is sent around the mask as a paler band."""
        if context != self._fill.context:
            self._fill.context = context
            self._fill.update()

    def set_sent(self, sent: Region | None) -> None:
        """Hatch what is sent as the mask where the endpoint counts more coarsely than the mask does."""
        if sent != self._fill.sent:
            self._fill.sent = sent
            self._fill.update()

    def set_changed(self, changed: Region | None) -> None:
        """Draw this part in the colour of takes: it is not the original any more."""
        if changed != self._wave.changed:
            self._wave.changed = changed
            self._wave.renew()

    def set_marks(self, marks: tuple[int, ...]) -> None:
        """Places that a double click selects between, in frames."""
        self._marks = self._edges.marks = tuple(sorted(marks))
        self._edges.update()

    def set_playhead(self, frame: int | None) -> None:
        """Move the playhead; cheap, nothing else is painted anew."""
        if frame != self._playhead:
            self._playhead = frame
            self._place_head()

    def set_amplitude(self, amplitude: float) -> None:
        """Draw so many times taller; sound itself does not change."""
        amplitude = min(max(amplitude, _AMPLITUDES[0]), _AMPLITUDES[1])
        if amplitude != self._wave.amplitude:
            self._wave.amplitude = self._fill.amplitude = amplitude
            self._levels.set_lanes(self._wave.layer.channels, amplitude)
            self._wave.renew()
            self._fill.update()
            self.amplitude_changed.emit(amplitude)

    def masked(self) -> Region | None:
        """The mask as it is shown, also in the middle of a drag."""
        return self._mask

    def playhead(self) -> int | None:
        """The frame of the playhead."""
        return self._playhead

    def amplitude(self) -> float:
        """How many times taller than full scale the sound is drawn."""
        return self._wave.amplitude

    def dragging(self) -> bool:
        """Whether the mask is being dragged."""
        return self._dragging

    def rendered(self) -> int:
        """How often the picture of the sound was made."""
        return self._wave.rendered

    # How it is looked at

    def view(self) -> tuple[float, float]:
        """What is in view, [start, end) in frames."""
        return self._view

    def scale(self) -> Scale:
        """Which frame lies at which pixel of the lanes."""
        return Scale(*self._view, max(self._box.width(), 1.0))

    def set_view(self, start: float, end: float | None) -> None:
        """Look at [start, end), pushed into the clip; without an end, pan to `start`."""
        whole = float(max(self.length, 1))
        span = self._view[1] - self._view[0] if end is None else end - start
        span = min(max(span, min(_CLOSEST, whole)), whole)
        start = min(max(start, 0.0), whole - span)
        if (start, start + span) != self._view:
            self._view = (start, start + span)
            self._place()
            self.view_changed.emit(self._view)

    def zoom(self, factor: float, anchor: float) -> None:
        """So many times closer, with the frame `anchor` staying where it is on the screen."""
        now = time.monotonic()
        if now - self._zoomed_at > _SAME_ZOOM_SECONDS:
            self._visited.append(self._view)
        self._zoomed_at = now
        start, end = self._view
        span = min(max((end - start) / factor, min(_CLOSEST, self.length)), max(self.length, 1))
        shift = (anchor - start) / (end - start)
        self.set_view(anchor - shift * span, anchor + (1 - shift) * span)

    def zoom_to(self, region: Region) -> None:
        """The region with a twentieth of air on both sides."""
        air = max(region.length * 0.05, 1.0)
        self._visit(region.start - air, region.end + air)

    def zoom_fit(self) -> None:
        """The whole clip."""
        self._visit(0.0, float(max(self.length, 1)))

    def zoom_back(self) -> None:
        """What was in view before the last zoom."""
        while self._visited:
            view = self._visited.pop()
            if view != self._view:
                self._zoomed_at = -math.inf
                self.set_view(*view)
                return

    def _visit(self, start: float, end: float) -> None:
        before = self._view
        self.set_view(start, end)
        self._zoomed_at = -math.inf
        if self._view != before and self.length:
            self._visited.append(before)

    def pan_pixels(self, pixels: float) -> None:
        """Move on by so many pixels of the screen."""
        self.set_view(self._view[0] + pixels * self.scale().per_pixel, None)

    def follow(self, frame: int) -> None:
        """Turn the page when the playhead leaves it; never while something is held."""
        start, end = self._view
        span = end - start
        at_last_page = end >= self.length and frame < end
        if (
            self._canvas.gestures.busy
            or (start <= frame < start + span * _PAGE_AT)
            or (start <= frame and at_last_page)
        ):
            return
        self.set_view(frame - span * _PAGE_TO, None)

    # What gestures do

    def snapped(self, frame: int) -> int:
        """The nearest zero crossing within 5 ms where snapping is on."""
        sound = self._wave.layer.sound
        if not self.snap or sound is None:
            return frame
        return nearest_zero_crossing(sound, frame, round(_SNAP_SECONDS * sound.rate))

    def seek(self, frame: int) -> None:
        """Ask for the playhead to move."""
        self.seek_requested.emit(min(max(frame, 0), self.length))

    def show_mask(self, mask: Region | None, dragging: bool) -> None:
        """Paint a mask; while dragging with its times, and tell who listens."""
        changed = mask != self._mask
        if not changed and dragging == self._dragging:
            return
        self._mask = self._fill.mask = self._edges.mask = mask
        self._dragging = self._edges.times = dragging
        self._fill.update()
        self._edges.update()
        if changed and dragging:
            self.mask_changing.emit(mask)
        if not dragging:
            self._describe()

    def commit_mask(self) -> None:
        """The drag is over: this is the mask."""
        if self._dragging:
            self.show_mask(self._mask, dragging=False)
            self.mask_committed.emit(self._mask)

    def select_between_marks(self, frame: int) -> None:
        """The span between the marks around a frame, or the ends of the clip."""
        edges = [0, *(mark for mark in self._marks if 0 < mark < self.length), self.length]
        start = max(edge for edge in edges[:-1] if edge <= frame)
        end = min((edge for edge in edges[1:] if edge > frame), default=self.length)
        region = Region(start, end)
        if region.length and region != self._mask:
            self.show_mask(region, dragging=False)
            self.mask_committed.emit(region)

    def set_hot(self, grip: Grip | None) -> None:
        """Make the edge under the pointer stand out."""
        if grip != self._edges.hot:
            self._edges.hot = grip
            self._edges.update()

    # Qt

    def event(self, event: QEvent) -> bool:
        """Esc belongs to a drag while there is one, and to the window otherwise."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._canvas.gestures.busy
        ):
            event.accept()
            return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only Esc, and only while something is held: every other key is the window's."""
        if event.key() == Qt.Key.Key_Escape and self._canvas.gestures.cancel():
            event.accept()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, and a thin frame that tells where the keyboard is."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.window))
        painter.setPen(QColor(colours.accent if self.hasFocus() else colours.line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _resized(self) -> None:
        self._place()
        self.view_changed.emit(self._view)

    def _place(self) -> None:
        scale, height = self.scale(), max(self._box.height(), 1.0)
        self._box.setXRange(*self._view, padding=0)
        for item in (self._wave, self._fill, self._edges):
            item.place(scale, height)
        self._place_head()

    def _place_head(self) -> None:
        scale = self.scale()
        x = scale.x(self._playhead) if self._playhead is not None else -1.0
        self._head.setVisible(0 <= x <= scale.width)
        self._head.stretch(0.0, max(self._box.height(), 1.0))
        self._head.setPos(self._box.pos() + QPointF(round(x), 0))

    def _set_channels(self) -> None:
        channels = self._wave.layer.channels
        if channels != self._fill.channels:
            self._fill.channels = channels
            self._fill.update()
        self._levels.set_lanes(channels, self._wave.amplitude)

    def _retheme(self) -> None:
        for axis in (self._times, self._levels):
            axis.retheme()
        self._wave.renew()
        self._canvas.resetCachedContent()  # pyqtgraph keeps the ground behind the axes as a picture
        self._canvas.viewport().update()
        self.update()

    def _describe(self) -> None:
        """What a screen reader says of it."""
        whole = format_time(self.length / max(self.rate, 1))
        if not self.rate:
            text = "No clip is open."
        elif self._mask is None:
            text = f"Clip of {whole}; nothing is masked."
        else:
            start, end = self._mask.seconds(self.rate)
            text = f"Clip of {whole}; masked from {format_time(start)} to {format_time(end)}."
        self.setAccessibleDescription(text)
