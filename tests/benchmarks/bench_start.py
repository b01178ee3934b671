"""From the start of the process to a window that is drawn, against a bare PySide window and Audacity.

Run it as `python tests/benchmarks/bench_start.py [RUNS]`; it needs Xvfb. "drawn" is the first moment at which the
screen shows more than a plain ground; "settled" the last at which it changed. Runs alternate, so that a busy machine is
busy for all of them; homes are fresh, byte code is warm.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from x_screen import Screen

ROOT = Path(__file__).resolve().parents[2]
Row = tuple[str, float, str, float, float, str]
_BARE = """
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication([])
window = QMainWindow()
label = QLabel("Drop a sound file here")
label.setStyleSheet("font-size: 40px; padding-left: 400px")
window.setCentralWidget(label)
window.resize(1366, 768)
window.show()
app.exec()
"""
_QUIET = 4.0
_PATIENCE = 15.0


def started(screen: Screen, command: list[str], more: dict[str, str], settle: bool) -> tuple[float, float]:
    """Milliseconds until the program was drawn, and until it changed for the last time; then it is ended."""
    empty = screen.colours()[1]
    begin = time.perf_counter()
    program = subprocess.Popen(
        command, cwd=ROOT, env={**screen.environment(), **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    drawn, changed, last = 0.0, begin, empty
    try:
        while time.perf_counter() - begin < _PATIENCE:
            shades, picture = screen.colours()
            now = time.perf_counter()
            if picture != last:
                last, changed = picture, now
            if not drawn and shades > 3:
                drawn = now
            if drawn and not settle:
                break
            if drawn and now - changed > _QUIET:
                break
            time.sleep(0.004)
    finally:
        program.terminate()
        program.wait()
    while screen.colours()[1] != empty:
        time.sleep(0.02)
    return (drawn - begin) * 1000, (changed - begin) * 1000


def rows(runs: int = 7, settle: bool = False) -> Iterator[Row]:
    """What is started, ours in ms, the rival, its ms, the ratio and the goal; medians."""
    screen = Screen(87)
    programs = {"Retake": [sys.executable, "-m", "app"], "bare PySide window": [sys.executable, "-c", _BARE]}
    audacity = shutil.which("audacity")
    if audacity:
        programs["Audacity"] = [audacity]
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as home:
        folders = {"RETAKE_HOME": home, "HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        for folder in (Path(home, ".config", "audacity"), Path(home, ".audacity-data")):
            folder.mkdir(parents=True)  # its splash is no window to work in
            (folder / "audacity.cfg").write_text("[GUI]\nShowSplashScreen=0\n")
        try:
            for run in range(runs + 1):
                for name, command in programs.items():
                    found = started(screen, command, folders, settle)
                    if run:  # the first warms caches
                        took[name].append(found)
        finally:
            screen.close()
    ours = statistics.median(each[0] for each in took["Retake"])
    goals = {"bare PySide window": "≤ 2×", "Audacity": "≤ 0.5×"}
    for name, goal in goals.items():
        if name in took:
            rival = statistics.median(each[0] for each in took[name])
            yield "process start to drawn window", ours, name, rival, ours / rival, goal
    if settle:
        last = statistics.median(each[1] for each in took["Retake"])
        yield "process start to last drawing", last, "Retake drawn", ours, last / ours, ""


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"load {os.getloadavg()[0]:.1f}; {runs} runs each")
    print(f"{'work':<34}{'ours ms':>9}  {'rival or limit':<22}{'ms':>8}{'ratio':>8}  goal")
    for work, ours, name, rival, ratio, goal in rows(runs, settle=True):
        print(f"{work:<34}{ours:9.0f}  {name:<22}{rival:8.0f}{ratio:7.2f}×  {goal}")


if __name__ == "__main__":
    main()
