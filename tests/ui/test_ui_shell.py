"""The window before anything works behind it: shown with little loaded, and nothing that is asked for is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app import paths
from app.files.first_look import FirstLook
from app.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

_FIRST = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app import main
heavy = ("numpy", "pyqtgraph", "pydantic", "httpx", "keyring", "scipy", "av", "soundfile", "sounddevice", "asyncio")
loaded = []
begun = main.Starting._on_shown
main.Starting._on_shown = lambda self: (loaded.extend(n for n in heavy if n in sys.modules), begun(self))
done = main.Starting._on_loaded
def and_quit(self):
    done(self)
    window = self._window
    print("furnished", window.furnished, window.editor.isHidden(), flush=True)
    QTimer.singleShot(0, window.close)
main.Starting._on_loaded = and_quit
code = main.run([])
print("loaded", loaded)
sys.exit(code)
"""


def test_the_first_painting_needs_nothing_that_takes_long_to_load(home):
    run = subprocess.run(
        [sys.executable, "-c", _FIRST],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "RETAKE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "furnished True" in run.stdout
    assert "loaded []" in run.stdout


def test_what_is_asked_for_early_is_done_when_it_can_be(qtbot, session):
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.shown_first):
        window.show()
    qtbot.mouseClick(window.empty.demo, Qt.MouseButton.LeftButton)
    assert session.project is None
    window.furnish(session)
    qtbot.waitUntil(lambda: session.project is not None, timeout=20_000)
    assert session.project.source_path == paths.demo_clip()
    assert window.pages.currentWidget() is window.editor
    assert [each.text() for each in window.menuBar().actions()][:2] == ["&File", "&Edit"]


def test_panels_come_where_their_places_were(qtbot, session):
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.shown_first):
        window.show()
    before = {name: dock.geometry() for name, dock in window.docks.items()}
    window.furnish(session)
    qtbot.wait(50)
    for name, dock in window.docks.items():
        assert abs(dock.width() - before[name].width()) <= 40, name
        assert abs(dock.height() - before[name].height()) <= 40, name


def test_the_first_look_says_what_the_settings_say_and_bears_any_file(home):
    assert FirstLook.load() == FirstLook()
    path = paths.config_dir() / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"theme": "dark", "recent": ["/a/b.wav", 7], "window_geometry": "AdnQ"}))
    assert FirstLook.load() == FirstLook("dark", "AdnQ", (Path("/a/b.wav"),))
    for text in ("[]", "{", '{"theme": 3, "recent": {}, "window_geometry": []}', '{"theme": "pink"}', "[" * 100_000):
        path.write_text(text)
        assert FirstLook.load() == FirstLook()
