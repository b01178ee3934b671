"""Opening in the background: one thing at a time, and only the last one asked for counts."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.session.background import Background
from app.session.messages import Messages
from app.session.opening import Loading, Opened, open_path
from app.session.saving import Saving


class Opener(QObject):
    """Opens a sound or a project. `progress` carries Loading, and None when nothing is being opened any more.

    `opened` carries (Opened, Path).
    """

    progress = Signal(object)
    opened = Signal(object)

    def __init__(
        self, background: Background, saving: Saving, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._saving = saving
        self._messages = messages
        self._turn = 0
        self.busy = False

    def open(self, path: Path) -> None:
        """Begin; what was begun before is let go of."""
        path = path.absolute()
        self._turn += 1
        turn = self._turn
        self.busy = True

        def on_opened(opened: Opened) -> None:
            if turn != self._turn:
                self._saving.put_away(opened.project, empty=not opened.project.timeline.takes)
            else:
                self.opened.emit((opened, path))

        def on_failed(error: AppError) -> None:
            if turn == self._turn:
                self.busy = False
                self.progress.emit(None)
                self._messages.fail(error)

        def report(loading: Loading) -> None:
            self._background.report(self._on_loading, (turn, loading))

        self._background.run(lambda: open_path(path, report, lambda: turn != self._turn), on_opened, on_failed)

    def let_go(self) -> None:
        """Nothing that is being opened is wanted any more."""
        self._turn += 1

    def cancel(self) -> None:
        """The user no longer wants what is being opened; what was open stays."""
        if self.busy:
            self.let_go()
            self.done()

    def done(self) -> None:
        """What was opened is there."""
        self.busy = False
        self.progress.emit(None)

    def _on_loading(self, news: tuple[int, Loading]) -> None:
        turn, loading = news
        if turn == self._turn:
            self.progress.emit(loading)
