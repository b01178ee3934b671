"""The projects that are open now, by where they lie: a take that comes back late finds its own, or waits."""

from pathlib import Path

from app.files.project import Project


class Shelf:
    """Asked from the jobs' thread, changed on the GUI's: every step is one step of a dict."""

    def __init__(self) -> None:
        self._open: dict[Path, Project] = {}

    def put(self, project: Project) -> None:
        """It is open, at its folder; a project that was saved elsewhere is found at both."""
        self._open[project.folder] = project

    def remove(self, project: Project) -> None:
        """It is being put away."""
        for folder in [folder for folder, each in self._open.items() if each is project]:
            self._open.pop(folder, None)

    def find(self, folder: Path) -> Project | None:
        """The project that lay there when a job began; None while it is closed."""
        return self._open.get(folder)
