"""The settings as they are now: one frozen value, exchanged as a whole, written to disk at the end."""

from pathlib import Path
from typing import Any

from app.files.project_folders import UnnamedProject
from app.files.settings import Settings


class Preferences:
    """Holds the settings; whoever changes one changes it here."""

    def __init__(self, settings: Settings) -> None:
        self.now = settings

    def change(self, **values: Any) -> None:
        """Replace some values; pydantic checks them."""
        self.now = self.now.changed(**values)

    def remember(self, path: Path) -> None:
        """Put a path first among the recent ones."""
        self.now = self.now.with_recent(path)

    def keep_in_sight(self, unnamed: tuple[UnnamedProject, ...]) -> None:
        """Projects that never got a name stand among the recent ones, so that they can be found."""
        for each in reversed(unnamed):
            if each.takes and str(each.folder) not in self.now.recent:
                self.remember(each.folder)
