"""Files that leave the project: written one after another, in the background, to the last one."""

from pathlib import Path

from PySide6.QtCore import QObject

from app.files.audio_write import export
from app.files.formats import ExportFormat
from app.files.project import Project
from app.session.background import Background
from app.session.messages import Messages
from app.session.originals import spare
from app.sound.region import Region
from app.takes.render import Rendering


class Exporting(QObject):
    """Writes a version, or a region of it, at the source's depth where the format can hold it."""

    def __init__(self, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages = messages
        self._pool = Background(1, self)

    def export(
        self, project: Project, sound: Rendering, what: str, region: Region | None, path: Path, form: ExportFormat
    ) -> None:
        """Write it; what came of it is said. `what` is how the sentence calls it."""
        start, end = (region.start, region.end) if region else (0, sound.length)

        def write() -> tuple[str, ...]:
            spare(project.source_path, path)
            return export(path, sound.parts(start, end), sound.rate, sound.channels, form, source=project.source)

        def done(notes: tuple[str, ...]) -> None:
            self._messages.say(f"Exported {what} to {path.name}.", " ".join((*notes, f"It is in {path.parent}.")))

        self._pool.run(write, done, self._messages.fail)

    def close(self) -> None:
        """Finish what was asked for."""
        self._pool.close(finish=True)
