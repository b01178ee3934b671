"""What enters a project, on one thread, in the order in which it was done."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.endpoints.fields import Json
from app.errors import AppError
from app.files.ledger import Ledger
from app.files.project import Project
from app.files.project_folders import discard
from app.session.background import Background
from app.session.messages import Messages
from app.session.preferences import Preferences
from app.session.shelf import Shelf


class Saving(QObject):
    """Writes edits and panels down, gives projects their names, and puts them away.

    Of the project that is open, `saved` carries the new folder, and `written` says that something is on the disk.
    """

    saved = Signal(object)
    written = Signal()

    def __init__(
        self, ledger: Ledger, shelf: Shelf, preferences: Preferences, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.current: Project | None = None
        self._ledger = ledger
        self._shelf = shelf
        self._preferences = preferences
        self._messages = messages
        self._writer = Background(1, self)

    def record(self, project: Project, write: Callable[[], object], refused: Callable[[], object]) -> None:
        """Write an edit down; `refused` is called where the disk does not take it."""

        def failed(error: AppError) -> None:
            self._messages.fail(error)
            refused()

        self._writer.run(write, lambda _: self._tell(project), failed)

    def keep_panel(self, project: Project, endpoint: str, values: Mapping[str, Json]) -> None:
        """Write down what stands in a panel."""
        kept = dict(values)
        self._writer.run(lambda: project.set_panel(endpoint, kept), _nothing, self._messages.fail)

    def save_as(self, project: Project, folder: Path) -> None:
        """Give the project a name and a place; from then on it lives there."""

        def move() -> None:
            before = project.folder
            project.save_as(folder.absolute())
            self._ledger.moved(before, project.folder)
            if self._shelf.find(before) is project:
                self._shelf.put(project)

        def done(_: None) -> None:
            self._preferences.remember(project.folder)
            self._messages.say(f"Saved as {project.folder.name}.")
            if project is self.current:
                self.saved.emit(project.folder)
            self._tell(project)

        self._writer.run(move, done, self._messages.fail)

    def put_away(self, project: Project, *, empty: bool) -> None:
        """Close a project; an unnamed one that is empty is not kept."""

        def close() -> None:
            # Judged after every write before it: a project that was just saved has a name by now.
            worthless = empty and project.unnamed
            project.close()
            if worthless:
                discard(project.folder)

        self._writer.run(close, _nothing, self._messages.fail)

    def _tell(self, project: Project) -> None:
        if project is self.current:
            self.written.emit()

    def close(self) -> None:
        """Finish what was asked for."""
        self._writer.close(finish=True)


def _nothing(_: object) -> None:
    """The answer is of no interest."""
