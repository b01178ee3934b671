"""SpectrogramLayer: the spectrogram and its axis on the stage of the wave, below the wave or in its place."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QMouseEvent

from app.session.background import Background
from app.sound.clip import Sound
from app.sound.frequencies import Frequencies
from app.ui.frequency_axis import FrequencyAxis
from app.ui.mask_item import MaskFill
from app.ui.scale import Scale
from app.ui.spectrogram_item import SpectrogramItem
from app.ui.spectrogram_look import Look, Shown
from app.ui.spectrogram_tiles import Tiles
from app.ui.times import format_time

_SHARE = {Shown.WAVE: 1.0, Shown.SPLIT: 0.5, Shown.SPECTROGRAM: 0.0}


class SpectrogramLayer(QObject):
    """Shares ruler, mask, playhead and gestures with the wave, because it lies on the same stage."""

    pointed = Signal(str)
    """Time, frequency and level under the pointer, in words; empty where it is elsewhere."""

    def __init__(self, canvas: pg.GraphicsView, grid: pg.GraphicsLayout, box: pg.ViewBox, fill: MaskFill) -> None:
        super().__init__(canvas)
        self.shown = Shown.WAVE
        self.item = SpectrogramItem(box, fill)
        self.axis = FrequencyAxis(grid)
        self._box = box
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
    def look(self) -> Look:
        """How it looks."""
        return self.item.look

    def set_look(self, look: Look) -> None:
        """Axis, window, range and colours."""
        self.item.set_look(look)
        self._show_axis()

    def set_sound(self, sound: Sound | None) -> None:
        """Show another version, or none."""
        self.item.set_sound(sound)
        self._show_axis()

    def place(self, scale: Scale, height: float) -> float:
        """Show that view in that room, in logical pixels; gives the share of the height that is left to the wave."""
        share = _SHARE[self.shown]
        top = round(height * share) if share else 0
        for each in (self.item, self.axis):
            each.setVisible(share < 1)
        if share < 1:
            self.item.setPos(0, top)
            self.item.place(scale, height - top)
            self.axis.setPos(QPointF(0, self._box.pos().y() + top))
            self._show_axis()
        return top / height if share < 1 else 1.0

    def _show_axis(self) -> None:
        sound = self.item.sound
        scale = Frequencies(self.look.axis, sound.rate) if sound is not None else None
        self.axis.show_scale(scale, sound.channels if sound is not None else 0, self.item.boundingRect().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look where the pointer is; whatever it does is none of our business."""
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
