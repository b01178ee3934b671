"""Floor 6, what is seen: QtWidgets, QtGui and pyqtgraph."""
