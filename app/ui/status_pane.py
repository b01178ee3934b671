"""The status line bound to the session: format, length, loudness, what is saved, who answers."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Slot

from app.errors import AppError
from app.session.connections import FAL, LOCAL
from app.session.session import Session
from app.sound.loudness import loudness_of
from app.takes.take import TakeId
from app.ui.status_line import StatusLine, format_text
from app.ui.times import format_time

_MEASURED_SECONDS = 120


class StatusPane(QObject):
    """Says quietly what is true of the clip and its surroundings."""

    def __init__(self, session: Session, line: StatusLine, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._line = session, line
        self._measured: tuple[object, TakeId | None] | None = None
        session.opened.connect(self.show_clip)
        session.closed.connect(self.show_clip)
        session.timeline_changed.connect(self.show_clip)
        session.written.connect(self._on_written)
        session.asking.catalogue_changed.connect(self.show_connections)
        session.hearing.player.reason_changed.connect(self.show_device)
        session.hearing.player.output_changed.connect(self.show_device)
        self.show_clip()
        self.show_connections()

    @Slot()
    def show_clip(self) -> None:
        """Format, length and loudness of what is in use."""
        session, line = self._session, self._line
        project = session.project
        if project is None:
            for show in (line.set_format, line.set_length, line.set_loudness, line.set_saved):
                show("")
            self._measured = None
            return
        source = project.source
        bits = f"{source.bits}f" if source.is_float else str(source.bits)
        line.set_format(format_text(source.rate, bits, source.channels))
        line.set_length(format_time(session.sound.duration))
        head = session.timeline.head
        if self._measured == (project, head):
            return
        token = self._measured = (project, head)
        sound = session.rendering(head)
        line.set_loudness("")
        session.background.run(
            lambda: (token, loudness_of(sound, _MEASURED_SECONDS, self._is_stale(token))),
            self._on_measured,
            self._on_unmeasured,
        )

    def _is_stale(self, token: object) -> Callable[[], bool]:
        background = self._session.background
        return lambda: background.closing or self._measured != token

    def _on_measured(self, found: tuple[tuple[object, TakeId | None], float]) -> None:
        token, lufs = found
        if token == self._measured:
            self._line.set_loudness("silent" if lufs == float("-inf") else f"{lufs:.1f} LUFS".replace("-", "−"))

    def _on_unmeasured(self, _: AppError) -> None:
        self._line.set_loudness("")

    @Slot()
    def _on_written(self) -> None:
        if self._session.project is not None:
            self._line.set_saved(f"saved {datetime.now():%H:%M}")

    @Slot()
    def show_connections(self) -> None:
        """Which hosts answer."""
        connections = self._session.connections
        names = [name for name, known in (("offline engine", LOCAL), ("fal.ai", FAL)) if connections.has(known)]
        if names:
            self._line.set_connection(" · ".join(names) + " ready")
        else:
            self._line.set_connection("offline engine is starting …", "warning")

    @Slot(object)
    def show_device(self, _: object = None) -> None:
        """What plays, or why nothing is heard."""
        player = self._session.hearing.player
        output, reason = player.output, player.reason
        playing = f"{output.name} · {output.rate / 1000:g} kHz" if output is not None and output.name else ""
        self._line.set_device(reason or playing, "warning" if reason else "muted")
