"""SpectrogramLayer: the spectrogram and its axis on the stage of the wave, below the wave or in its place."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QMouseEvent

from app.session.background import Background
from app.sound.clip import Sound
from app.sound.frequencies import Frequencies
from app.sound.peaks import Peaks
from app.ui.frequency_axis import FrequencyAxis
from app.ui.mask_item import MaskFill
from app.ui.scale import Scale
from app.ui.spectrogram_item import SpectrogramItem
from app.ui.spectrogram_look import Shown, SpectrogramLook
from app.ui.spectrogram_tiles import Tiles
from app.ui.times import format_time

_SHARE = {Shown.WAVE: 1.0, Shown.SPLIT: 0.5, Shown.SPECTROGRAM: 0.0}


class SpectrogramLayer(QObject):
    """Shares ruler, mask, playhead and gestures with the wave, because it lies on the same stage."""

    pointed = Signal(str)
    """Time, frequency and level under the pointer, in words; empty where it is elsewhere."""
    resized = Signal()
    """The wave has more or less room than before."""

    def __init__(self, canvas: pg.GraphicsView, grid: pg.GraphicsLayout, box: pg.ViewBox, fill: MaskFill) -> None:
        super().__init__(canvas)
        self.shown = Shown.WAVE
        self._peaks: Peaks | None = None
        self.item = SpectrogramItem(box, fill)
        self.axis = FrequencyAxis(grid)
        self._box, self._fill = box, fill
        self._port = canvas.viewport()
        self._said = ""
        self._port.installEventFilter(self)
        for each in (self.item, self.axis):
            each.hide()

    def use(self, background: Background) -> None:
        """Tiles are made there; without it nothing is drawn but the ground."""
        self.item.tiles = Tiles(background, self)
        self.item.tiles.arrived.connect(self.item.renew)

    @property
    def look(self) -> SpectrogramLook:
        """How it looks."""
        return self.item.look

    def set_look(self, look: SpectrogramLook) -> None:
        """Axis, window, range and colours."""
        self.item.set_look(look)
        self._show_axis()

    def show_as(self, shown: Shown) -> None:
        """Wave, spectrogram, or one above the other; view, mask and playhead stay."""
        if shown is not self.shown:
            self.shown = shown
            self.resized.emit()

    def set_sound(self, sound: Sound | None, peaks: Peaks | None) -> None:
        """Show another version; without one, while it is being loaded, the wave has all the room."""
        before, self._peaks = self.item.sound, peaks
        self.item.set_sound(sound, self._known(sound))
        if (before is None) is not (sound is None):
            self.resized.emit()
        self._show_axis()

    def set_peaks(self, peaks: Peaks | None) -> None:
        """More of the sound is there."""
        self._peaks = peaks
        self.item.set_sound(self.item.sound, self._known(self.item.sound))

    def _known(self, sound: Sound | None) -> int:
        """Frames that can be read: all, but where peaks are still growing."""
        length = sound.length if sound is not None else 0
        return min(self._peaks.length, length) if self._peaks is not None and self._peaks.length else length

    def place(self, scale: Scale, height: float) -> float:
        """Show that view in that room, in logical pixels; gives the share of the height that is left to the wave."""
        share = _SHARE[self.shown] if self.item.sound is not None else 1.0
        top = round(height * share)
        for each in (self.item, self.axis):
            each.setVisible(share < 1)
        if share < 1:
            self.item.setPos(0, top)
            self.item.place(scale, height - top)
            self.axis.setPos(QPointF(0, self._box.pos().y() + top))
            self._show_axis()
        if share != self._fill.lanes_share:
            self._fill.lanes_share = share
            self._fill.update()
        return share

    def _show_axis(self) -> None:
        sound = self.item.sound
        scale = Frequencies(self.look.axis, sound.rate) if sound is not None else None
        self.axis.show_scale(scale, sound.channels if sound is not None else 0, self.item.boundingRect().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """SpectrogramLook where the pointer is; whatever it does is none of our business."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and self.item.isVisible():
            self._say(self._words(event.position()))
        elif event.type() is QEvent.Type.Leave:
            self._say("")
        return False

    def _words(self, at: QPointF) -> str:
        place = at - self._box.pos() - self.item.pos()
        inside = self.item.boundingRect().contains(place)
        found = self.item.pointed(place.x(), place.y()) if inside else None
        if found is None or self.item.sound is None:
            return ""
        frame, hertz, level = found
        digits = 1 if hertz < 100 else 0
        words = f"{format_time(frame / self.item.sound.rate)} · {hertz:,.{digits}f} Hz".replace(",", "\u202f")
        return words if level is None else f"{words} · {level:.0f} dB".replace("-", "−")

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self.pointed.emit(words)
