"""WaveViewport: the part of the clip that is in view, and every way to look elsewhere."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.sound.region import Region
from app.ui.glide import Glide
from app.ui.scale import Scale
from app.ui.wave_view import View, WaveView


class WaveViewport(QWidget):
    """What WaveformView is as something that is looked through; it places its drawings in `_place`."""

    view_changed = Signal(object)
    """What is in view, (start, end) in frames."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen = WaveView()
        self.glide = Glide(self._look_at, self)

    def view(self) -> View:
        """What is in view, [start, end) in frames."""
        return self._seen.now

    def scale(self) -> Scale:
        """Which frame lies at which pixel of the lanes."""
        raise NotImplementedError

    def set_view(self, start: float, end: float | None) -> None:
        """Look at [start, end) at once, pushed to where a mask may lie; without an end, pan to `start`."""
        self.glide.stop()
        self._look_at(self._seen.pushed(start, end))

    def glide_to(self, start: float, end: float | None) -> None:
        """The same in a short movement; the next wish takes over from wherever it is by then."""
        if end is None:
            aimed = self.aimed()
            end = start + aimed[1] - aimed[0]
        self.glide.to(self._seen.now, self._seen.pushed(start, end))

    def aimed(self) -> View:
        """What will be in view when nothing moves any more."""
        return self.glide.target or self._seen.now

    def _look_at(self, view: View) -> None:
        if view != self._seen.now:
            self._seen.now = view
            self._place(view)
            self.view_changed.emit(view)

    def zoom(self, factor: float, anchor: float) -> None:
        """So many times closer, with the frame `anchor` staying where it is on the screen."""
        self.glide_to(*self._seen.zoomed(factor, anchor, self.aimed()))

    def zoom_to(self, region: Region) -> None:
        """The region with a twentieth of air on both sides."""
        air = max(region.length * 0.05, 1.0)
        self._visit(region.start - air, region.end + air)

    def zoom_fit(self) -> None:
        """The whole clip, with a bit of the room beyond it."""
        self._visit(*self._seen.fit())

    def zoom_back(self) -> None:
        """What was in view before the last zoom."""
        view = self._seen.back()
        if view is not None:
            self.glide_to(*view)

    def _visit(self, start: float, end: float) -> None:
        before = self._seen.now
        self._seen.left(before, self._seen.pushed(start, end))
        self.glide_to(start, end)

    def pan_pixels(self, pixels: float, smooth: bool = False) -> None:
        """Move on by so many pixels of the screen; smoothly for what comes in steps, at once for what a hand leads."""
        if smooth:
            self.glide_to(self.aimed()[0] + pixels * self.scale().per_pixel, None)
        else:
            self.set_view(self._seen.now[0] + pixels * self.scale().per_pixel, None)

    def _place(self, view: View) -> None:
        """Draw that view."""
        raise NotImplementedError
