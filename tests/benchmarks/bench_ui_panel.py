"""How long the parameter panel takes to be built, against bare Qt editors of the same fields in a form layout."""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QFormLayout, QLineEdit, QMainWindow, QScrollArea, QWidget

from app.endpoints.binding import editable
from app.endpoints.catalogue import Endpoint, bundled
from app.ui import theme
from app.ui.param_form import ParamForm

ROUNDS = 15


def bare(area: QScrollArea, endpoint: Endpoint) -> None:
    """A label, a line and a description for each field, and nothing else."""
    body = QWidget()
    layout = QFormLayout(body)
    for field in editable(endpoint).all():
        layout.addRow(field.label, QLineEdit())
        layout.addRow(field.description, None)
    area.setWidget(body)


def median(work: Callable[[], None]) -> float:
    """Milliseconds of one call, the window drawn."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        QApplication.processEvents()
        spent.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(spent)


def main() -> None:
    """Print the largest, the median and the smallest document, and going back and forth between two."""
    app = QApplication([])
    theme.apply(app, theme.Mode.LIGHT)
    window, form, area = QMainWindow(), ParamForm(), QScrollArea()
    window.setCentralWidget(form)
    window.resize(330, 700)
    window.show()
    area.resize(330, 700)
    area.show()
    every = sorted(bundled(), key=lambda each: len(editable(each).all()))
    small, middle, large = every[0], every[len(every) // 2], every[-1]
    for each in (large, middle, small):
        other = small if each is large else large

        def there(each: Endpoint = each) -> None:
            form.set_endpoint(each)

        def both(each: Endpoint = each, other: Endpoint = other) -> None:
            form.set_endpoint(other)
            form.set_endpoint(each)

        there()
        again, back = median(there), median(both)
        plain = median(lambda each=each: bare(area, each))
        rows = len(list(form.rows()))
        print(f"{each.id:<54} {rows:>3} rows: {again:4.1f} ms again, {back:5.1f} ms to and fro, {plain:4.1f} ms bare")


if __name__ == "__main__":
    main()
