"""Floor 5, the living state: QtCore only."""
