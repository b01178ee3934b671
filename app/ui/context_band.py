"""ContextBand: the context around the mask as it is shown, also in the middle of a drag of its edge."""

from PySide6.QtCore import QObject, Signal

from app.sound.region import Region
from app.ui.context_drag import Band, seconds_label
from app.ui.context_item import ContextEdges
from app.ui.mask_drag import Grip
from app.ui.mask_item import MaskFill
from app.ui.reach import Reach


class ContextBand(QObject):
    """What is set from outside waits until a drag is over."""

    dragged = Signal(float)
    committed = Signal(float)
    cancelled = Signal()

    def __init__(self, fill: MaskFill, edges: ContextEdges, parent: QObject) -> None:
        super().__init__(parent)
        self._fill = fill
        self._edges = edges
        self._context: Region | None = None
        self._dragged: Region | None = None

    @property
    def dragging(self) -> bool:
        """Whether an edge of the band is being dragged."""
        return self._dragged is not None

    def of(self, mask: Region | None, reach: Reach, rate: int) -> Band | None:
        """What a drag needs to know; None where there is nothing to hold."""
        return Band(self._context, mask, reach.length, rate) if self._context and mask and rate else None

    def show(self, context: Region | None) -> None:
        """Set the context from outside."""
        if self._dragged is None and context != self._context:
            self._edges.show_held({}, None)  # the pointer may not be at an edge any more
            self._paint(context)
        self._context = context

    def hover(self, band: Band | None, grip: Grip | None) -> None:
        """Show the handle of an edge, None for none."""
        if self._dragged is None:
            edges = band.edges() if band is not None and grip is not None else {}
            self._edges.show_held({each: frame for each, frame in edges.items() if each is grip}, grip)

    def drag(self, band: Band, seconds: float, grip: Grip) -> None:
        """Show the band as it would be, and tell who listens."""
        if band.context != self._dragged:
            self._dragged = band.context
            self._paint(band.context)
            self._edges.show_held(band.edges(), grip, seconds_label(seconds))
            self.dragged.emit(seconds)

    def end(self, seconds: float | None) -> None:
        """The edge was let go at so many seconds; None where the drag was given up."""
        region, self._dragged = self._dragged, None
        if region is None:
            return
        self._edges.show_held({}, None)
        if seconds is None:
            self._paint(self._context)
            self.cancelled.emit()
        else:
            self._context = region
            self.committed.emit(seconds)

    def _paint(self, context: Region | None) -> None:
        if context != self._fill.context:
            self._fill.context = context
            self._fill.update()
