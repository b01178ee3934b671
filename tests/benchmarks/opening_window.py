"""A window that opens a file, is browsed while it grows, and prints how long it stalled and what memory it took."""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import paths
from app.files.ledger import Ledger
from app.files.settings import Settings
from app.session.session import Session
from app.ui.window import MainWindow

_AT_MOST = 120.0
_IDLE = 3.0


def anonymous_mb() -> float:
    """Memory of this process that is no mapped file, in megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


def main() -> None:
    sys.setswitchinterval(0.0005)  # as the program does
    app = QApplication(sys.argv[:1])
    session = Session(Settings(), Ledger(paths.data_dir() / "ledger.db"))
    window = MainWindow(session)
    window.resize(1600, 900)
    window.show()
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.005)
    gaps: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(2)
    last = time.perf_counter()
    began = time.monotonic()
    peak = anonymous_mb()
    if len(sys.argv) > 1:
        session.open(Path(sys.argv[1]))

    def ready() -> bool:
        picture = session.hearing.picture
        return picture is not None and picture.peaks.length == picture.sound.length

    sampled = 0.0
    while not ready() and time.monotonic() - began < (_AT_MOST if len(sys.argv) > 1 else _IDLE):
        app.processEvents()
        time.sleep(0.001)
        if time.monotonic() - sampled > 0.1:
            sampled = time.monotonic()
            peak = max(peak, anonymous_mb())
    stall = max(gaps, default=0.0)
    if session.project is not None:
        length = session.project.source.length
        for index in range(200):
            start = index * 37 % 200 * length // 220
            window.editor.wave.set_view(start, min(start + length // (2 + index * 5), length))
            app.processEvents()
            peak = max(peak, anonymous_mb())
    print("stall_ms", stall * 1000)
    print("anonymous_mb", peak)
    window.close()


if __name__ == "__main__":
    main()
