"""Scrubbing: short grains of sound at the pointer while it is dragged along the ruler."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

if TYPE_CHECKING:
    from app.session.player import Player

GRAIN_SECONDS = 0.080
_EVERY_MS = 60  # sooner than a grain ends: while the pointer moves, one fades into the next


class Scrub(QObject):
    """While it is held, moving the playhead lets a grain be heard there; a playhead that rests is silent."""

    def __init__(self, player: "Player") -> None:
        super().__init__(player)
        self._player = player
        self.held = self._first = False
        self._resume = False
        self._waiting: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._on_due)

    @Slot(bool)
    def hold(self, on: bool) -> None:
        """Begin, and what plays waits; or end, and it goes on where the pointer was let go."""
        if on == self.held:
            return
        if on:
            self._resume = self._player.playing
            self._player.stop()
            self.held, self._first = True, True
            return
        self.held, self._waiting = False, None
        self._timer.stop()
        self._player.stop()
        if self._resume:
            self._player.play()

    def to(self, frame: int) -> None:
        """The pointer is there now."""
        self._waiting = frame
        if not self._timer.isActive():
            self._on_due()

    @Slot()
    def _on_due(self) -> None:
        frame, self._waiting = self._waiting, None
        if frame is None or self._player.decks is None:
            return
        seconds = GRAIN_SECONDS * self._player.speed
        first, self._first = self._first, False
        self._player.grain(frame, frame + round(seconds * self._player.decks[0].rate), first=first)
        self._timer.start()
