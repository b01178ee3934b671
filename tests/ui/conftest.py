"""What every test of widgets shares: light colours, whatever the test before it left."""

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import theme


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    """Put the light theme in force where another one is."""
    if theme.current() is not theme.LIGHT:
        theme.apply(qapp, theme.Mode.LIGHT)
