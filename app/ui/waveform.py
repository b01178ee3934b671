"""WaveformView: the clip on the screen, the mask on it, and how both are looked at."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.sound.clip import Sound
from app.sound.peaks import Peaks
from app.sound.region import Region
from app.sound.snap import nearest_zero_crossing
from app.ui import theme
from app.ui.context_band import ContextBand
from app.ui.context_drag import Band
from app.ui.gestures import Canvas
from app.ui.mask_drag import Grip
from app.ui.reach import Reach
from app.ui.ruler import LEVEL_WIDTH, RULER_HEIGHT
from app.ui.ruler_marks import Measure
from app.ui.scale import Scale
from app.ui.wave_look import Look
from app.ui.wave_stage import Stage
from app.ui.wave_view import View
from app.ui.wave_viewport import WaveViewport
from app.ui.wave_words import described

_SNAP_SECONDS = 0.005
_STICK = 8.0  # pixels: so near the clip's end an edge sticks to it
_AMPLITUDES = (0.25, 256.0)


class WaveformView(WaveViewport):
    """Ruler, level axis and stacked lanes in pyqtgraph's frame; frames everywhere, seconds nowhere but in labels.

    Setting the mask, the context, the view or the playhead from outside never emits their signals; gestures do.
    """

    mask_changing = Signal(object)
    """The mask while it is dragged (Region)."""
    mask_committed = Signal(object)
    """The mask when it is let go (Region or None)."""
    context_dragged = Signal(float)
    """Seconds of context at each side, while an edge of the band is dragged."""
    context_committed = Signal(float)
    """Seconds of context at each side when the edge is let go."""
    context_cancelled = Signal()
    """The drag was given up; the band is what it was before."""
    context_reset = Signal()
    """The band was double-clicked: as much context as is best."""
    scrubbing = Signal(bool)
    """Whether the pointer is dragged along the ruler."""
    seek_requested = Signal(object)
    """A frame that was clicked (int)."""
    amplitude_changed = Signal(float)
    ruler_menu_requested = Signal(object)
    """A place on the screen, where the ruler was asked for its menu (QPoint)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.snap = True
        self.rate = 0
        self._mask: Region | None = None
        self._dragging = False
        self._insertion: tuple[int, int] | None = None
        self._marks: tuple[int, ...] = ()
        self._playhead: int | None = None
        self._look = Look()
        self._peaks: Peaks | None = None
        self._preview: Peaks | None = None
        self._canvas = Canvas(self)
        self._stage = Stage(self._canvas)
        self.context = ContextBand(self._stage.fill, self._stage.band, self)
        self.context.dragged.connect(self.context_dragged)
        self.context.committed.connect(self.context_committed)
        self.context.cancelled.connect(self.context_cancelled)
        self._stage.box.sigResized.connect(self._resized)
        self.spectrogram = self._stage.spectrogram
        self.spectrogram.resized.connect(self._resized)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self._canvas)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, RULER_HEIGHT + 60)
        self.setAccessibleName("Waveform")
        self._describe()
        theme.changed.connect(self._retheme)

    @property
    def length(self) -> int:
        """Frames of the clip."""
        return self._seen.reach.length

    # What is shown

    def set_sound(
        self, sound: Sound | None, peaks: Peaks | None = None, ghost: tuple[Sound | None, Peaks | None] | None = None
    ) -> None:
        """Show a clip or a rendering; of the same rate it is a version of the same clip, whatever its length.

        Mask and view stay with it, the view pushed into it; another rate is another clip.
        """
        rate = sound.rate if sound is not None else 0
        length = sound.length if sound is not None else 0
        wave = self._stage.wave
        wave.set_source(sound, peaks, self._preview if sound is None else None)
        wave.set_ghost(*(ghost if ghost is not None else (None, None)))
        self._peaks = peaks
        self.spectrogram.set_sound(sound, peaks)
        other = rate != self.rate
        self.rate = rate
        self._stage.set_rate(rate)
        self._stage.set_look(self._look)
        if other:
            self.set_mask(None)
            self._seen.forget()
        self._set_reach(Reach(length, self._seen.reach.before, self._seen.reach.after), fit=other)
        self._describe()

    def set_peaks(self, peaks: Peaks | None) -> None:
        """Show what is known by now of the sound that is being loaded."""
        self._peaks = peaks
        self._stage.wave.set_source(self._stage.wave.raster.sound, peaks, self._preview)
        self.spectrogram.set_peaks(peaks)
        if peaks is not None and peaks.length > self.length:
            self.set_length(peaks.length)
        self._stage.set_look(self._look)

    def set_preview(self, preview: Peaks | None) -> None:
        """A coarse picture of the whole sound, drawn paler where nothing exact is known yet; None when all is."""
        self._preview = preview
        self.set_peaks(self._peaks)

    def set_length(self, frames: int, rate: int | None = None) -> None:
        """How long the sound is or will be; the rate if it is known.

        While it is being loaded, what shows the whole of it goes on to do so; after that the view stays where it is.
        """
        if rate is not None and rate != self.rate:
            self.rate = rate
            self._stage.set_rate(rate)
        loading = self._stage.wave.raster.sound is None
        reach = Reach(frames, self._seen.reach.before, self._seen.reach.after)
        self._set_reach(reach, fit=loading and self._seen.now == self._seen.fit())

    def set_room(self, before: int, after: int) -> None:
        """So many frames of empty space beyond the clip's start and end may be masked; 0 for none."""
        whole = self._seen.now == self._seen.fit()
        self._set_reach(Reach(self.length, max(before, 0), max(after, 0)), fit=whole)

    def _set_reach(self, reach: Reach, fit: bool) -> None:
        seen = self._seen
        if reach != seen.reach:
            if reach.length != seen.reach.length:
                self._canvas.gestures.cancel()
            seen.reach = reach
            self._stage.set_reach(reach)
            self._describe()
        if fit:
            self.set_view(*seen.fit())
        else:
            self._look_at(seen.pushed(*seen.now))

    def set_mask(self, mask: Region | None) -> None:
        """Show this mask; a drag that is under way ends."""
        if self._dragging or (self.context.dragging and mask != self._mask):
            self._canvas.gestures.cancel()
        self.show_mask(mask, dragging=False)

    def set_context(self, context: Region | None) -> None:
        """Show what is sent around the mask as a paler band; while its edge is dragged, afterwards."""
        self.context.show(context)

    def set_sent(self, sent: Region | None) -> None:
        """Hatch what is sent as the mask where the endpoint counts more coarsely than the mask does."""
        if sent != self._stage.fill.sent:
            self._stage.fill.sent = sent
            self._stage.fill.update()

    def set_insertion(self, frame: int | None, length: int = 0) -> None:
        """Show that so many frames of new sound would be put in at a frame; None for nothing, as with a mask."""
        insertion = (frame, length) if frame is not None else None
        if insertion != self._insertion:
            self._insertion = insertion
            self._stage.insertion.show_at(insertion if self._mask is None else None)
            self._describe()

    def set_changed(self, changed: Region | None) -> None:
        """Draw this part in the colour of takes: it is not the original any more."""
        self._stage.wave.set_changed(changed)

    def set_marks(self, marks: tuple[int, ...]) -> None:
        """Places that a double click selects between, in frames."""
        self._marks = self._stage.edges.marks = tuple(sorted(marks))
        self._stage.edges.update()

    def set_playhead(self, frame: int | None) -> None:
        """Move the playhead; cheap, nothing else is painted anew."""
        if frame != self._playhead:
            self._playhead = frame
            self._stage.place_head(self._seen.now, frame)

    def set_amplitude(self, amplitude: float) -> None:
        """Draw so many times taller; sound itself does not change."""
        amplitude = min(max(amplitude, _AMPLITUDES[0]), _AMPLITUDES[1])
        if amplitude != self.amplitude():
            self.set_look(replace(self._look, amplitude=amplitude))
            self.amplitude_changed.emit(amplitude)

    def look(self) -> Look:
        """How it is drawn."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Lanes stacked or overlaid, linear or in dB, with RMS and clipping marks or without."""
        self._look = look
        self._stage.set_look(look)

    def set_measure(self, measure: Measure) -> None:
        """What the ruler counts."""
        self._stage.times.set_measure(measure)

    def ruler_corner(self) -> QPoint:
        """Where the ruler begins, on the screen."""
        return self.mapToGlobal(QPoint(LEVEL_WIDTH, RULER_HEIGHT))

    def masked(self) -> Region | None:
        """The mask as it is shown, also in the middle of a drag."""
        return self._mask

    def reach(self) -> Reach:
        """Where a mask may lie."""
        return self._seen.reach

    def band(self) -> Band | None:
        """The context band with what its drag needs to know; None where there is nothing to hold."""
        return self.context.of(self._mask, self.reach(), self.rate)

    def playhead(self) -> int | None:
        """The frame of the playhead."""
        return self._playhead

    def amplitude(self) -> float:
        """How many times taller than full scale the sound is drawn."""
        return self._look.amplitude

    def dragging(self) -> bool:
        """Whether the mask is being dragged."""
        return self._dragging

    def rendered(self) -> int:
        """How often the picture of the sound was made."""
        return self._stage.wave.rendered

    # What gestures do

    def scale(self) -> Scale:
        """Which frame lies at which pixel of the lanes."""
        return self._stage.scale(self._seen.now)

    def follow(self, frame: int) -> None:
        """Turn the page when the playhead leaves it; never while something is held."""
        page = None if self._canvas.gestures.busy else self._seen.page(frame)
        if page is not None:
            self.set_view(page, None)

    def stuck(self, frame: int) -> int | None:
        """The clip's end where it is within 8 pixels and snapping is on."""
        return self.reach().stuck(frame, _STICK * self.scale().per_pixel) if self.snap else None

    def snapped(self, frame: int) -> int:
        """The clip's end within 8 pixels, else the nearest zero crossing within 5 ms, where snapping is on."""
        end = self.stuck(frame)
        if end is not None:
            return end
        sound = self._stage.wave.raster.sound
        if not self.snap or sound is None or not 0 < frame < sound.length:
            return frame
        return nearest_zero_crossing(sound, frame, round(_SNAP_SECONDS * sound.rate))

    def snapped_move(self, mask: Region) -> int:
        """Where a moved mask starts: with either edge at the clip's end, else with its start at a zero crossing."""
        ends = ((self.stuck(edge), edge) for edge in (mask.end, mask.start))
        near = next((mask.start + end - edge for end, edge in ends if end is not None), None)
        return near if near is not None else self.snapped(mask.start)

    def seek(self, frame: int) -> None:
        """Ask for the playhead to move."""
        self.seek_requested.emit(min(max(frame, 0), self.length))

    def show_mask(self, mask: Region | None, dragging: bool) -> None:
        """Paint a mask; while dragging with its times, and tell who listens."""
        changed = mask != self._mask
        if not changed and dragging == self._dragging:
            return
        stage = self._stage
        self._mask = self._seen.mask = stage.fill.mask = stage.edges.mask = mask
        self._dragging = stage.edges.times = dragging
        stage.insertion.show_at(self._insertion if mask is None else None)
        stage.fill.update()
        stage.edges.update()
        if changed and dragging:
            self.mask_changing.emit(mask)
        if not dragging:
            self._look_at(
                self._seen.pushed(*self._seen.now)
            )  # a mask beyond all room can be looked at, and is no longer there
            self._describe()

    def commit_mask(self) -> None:
        """The drag is over: this is the mask."""
        if self._dragging:
            self.show_mask(self._mask, dragging=False)
            self.mask_committed.emit(self._mask)

    def select_between_marks(self, frame: int) -> None:
        """The span between the marks around a frame, or the ends of the clip."""
        frame = min(max(frame, 0), self.length)
        edges = [0, *(mark for mark in self._marks if 0 < mark < self.length), self.length]
        start = max(edge for edge in edges[:-1] if edge <= frame)
        end = min((edge for edge in edges[1:] if edge > frame), default=self.length)
        region = Region(start, end)
        if region.length and region != self._mask:
            self.show_mask(region, dragging=False)
            self.mask_committed.emit(region)

    def set_hot(self, grip: Grip | None, band: Grip | None = None) -> None:
        """Make the edge of the mask, or that of the context band, under the pointer stand out."""
        if grip != self._stage.edges.hot:
            self._stage.edges.hot = grip
            self._stage.edges.update()
        self.context.hover(self.band(), band)

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

    def _place(self, view: View) -> None:
        self._stage.place(view, self._playhead)

    def _resized(self) -> None:
        self._place(self._seen.now)
        self.view_changed.emit(self._seen.now)

    def _retheme(self) -> None:
        self._stage.retheme()
        self.update()

    def _describe(self) -> None:
        """What a screen reader says of it."""
        self.setAccessibleDescription(described(self.reach(), self.rate, self._mask, self._insertion))
