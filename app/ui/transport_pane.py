"""The transport bound to the session: what plays, from where, on which deck, and why nothing is heard."""

from PySide6.QtCore import QObject, QTimer, Slot

from app.session.session import Session
from app.ui.actions import Actions
from app.ui.transport import Transport

_TIME_EVERY_MS = 40


class TransportPane(QObject):
    """Shows the player's state; its buttons are the table's actions."""

    def __init__(self, session: Session, transport: Transport, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._transport = session, transport
        hearing = session.hearing
        transport.to_start.connect(actions["to_start"].trigger)
        transport.play_toggled.connect(actions["play"].trigger)
        transport.flip.connect(actions["flip"].trigger)
        transport.loop_toggled.connect(hearing.set_looping)
        transport.match_toggled.connect(hearing.set_matching)
        hearing.changed.connect(self.show)
        session.timeline_changed.connect(self.show)
        session.opened.connect(self.show)
        session.closed.connect(self.show)
        hearing.player.playing_changed.connect(transport.set_playing)
        hearing.player.reason_changed.connect(transport.set_reason)
        self._half = actions["half_speed"]
        self._half.setCheckable(True)
        hearing.player.speed_changed.connect(self.show_speed)
        self._timer = QTimer(self)
        self._timer.setInterval(_TIME_EVERY_MS)
        self._timer.timeout.connect(self.show_time)
        transport.set_reason(hearing.player.reason)
        self.show()

    @Slot()
    def show(self) -> None:
        """Which deck is heard, and what the buttons stand at."""
        session, hearing = self._session, self._session.hearing
        self._transport.setEnabled(session.project is not None)
        self._transport.set_loop(hearing.looping)
        self._transport.set_match(hearing.matching)
        if session.project is None:
            self._transport.set_deck("A")
            self._timer.stop()
        else:
            used, other = session.timeline.head, hearing.selected
            if used == other:  # one version on both decks: there is nothing to compare yet
                self._transport.set_deck("A", (session.timeline.name_of(used), ""))
            else:
                labels = (session.timeline.name_of(used), session.timeline.name_of(other))
                self._transport.set_deck("B" if hearing.player.deck else "A", labels)
            self._timer.start()
        self.show_time()

    @Slot(float)
    def show_speed(self, speed: float) -> None:
        """Whether it plays at half speed."""
        self._half.setChecked(speed != 1.0)
        self._transport.set_speed(speed)

    @Slot()
    def show_time(self) -> None:
        """Where the playhead is; also while it is moved without playing."""
        project = self._session.project
        self._transport.set_time(
            self._session.hearing.player.frame() if project else 0, project.source.rate if project else 44100
        )
