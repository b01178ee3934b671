"""Where there is no display: the same window, drawn into a picture, does the demo job by itself."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app import paths
from app.sound.region import Region

FAULT = (13.02, 14.62)
_TAKES = 3
_PATIENCE = 120.0


def run(arguments: Sequence[str]) -> int:
    """Do the demo job in a home of its own, so that settings and projects of the user stay as they are."""
    print("There is no display here, so Retake does its demo job without a window.", flush=True)
    if [each for each in arguments if Path(each).name != paths.demo_clip().name]:
        print("To remake a part of your own file: retake regenerate FILE --start S --end S -o OUT", flush=True)
    with tempfile.TemporaryDirectory(prefix="retake-home-", ignore_cleanup_errors=True) as home:
        os.environ["RETAKE_HOME"] = home
        return _walk(Path(tempfile.mkdtemp(prefix="retake-demo-")))


def _walk(folder: Path) -> int:
    """Open the demo clip, remake its fault three times, export the takes and a picture of the window."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QCoreApplication, QEvent, QLoggingCategory

    from app.files.formats import ExportFormat
    from app.main import Retake, application

    QLoggingCategory.setFilterRules("qt.qpa.*=false\ndefault.warning=false")  # what the offscreen platform cannot do
    app = application()
    retake = Retake()
    session, window = retake.session, retake.window

    def wait(until: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(f"gave up waiting for {what}")
            app.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.01)

    failures: list[str] = []

    def failed() -> bool:
        failures.extend(str(job.update.error) for job in session.desk.jobs.values() if job.update.error is not None)
        return bool(failures)

    session.messages.posted.connect(lambda said: failures.append(said.text) if said.weight == "error" else None)
    try:
        retake.begin()
        window.open_demo()
        window.show()
        wait(lambda: session.project is not None, "the demo clip")
        wait(lambda: session.asking.endpoint is not None, "the offline engine")
        assert session.project is not None
        session.set_mask(Region.from_seconds(*FAULT, session.project.source.rate))
        session.asking.set_takes(_TAKES)
        print(f"Asking for {window.request.submit_bar.button.text()} …", flush=True)
        session.submit()
        wait(lambda: len(session.timeline.takes) == _TAKES or failed(), "the takes")
        for take in session.timeline.takes:
            session.use(take.id)
            path = folder / f"demo take {take.number}.wav"
            session.export(path, None, ExportFormat.WAV)
            wait(path.exists, path.name)
            print(f"{path}", flush=True)
        window.message_bar.clear()
        wait(_pause(0.3), "the picture")
        window.grab().save(str(folder / "window.png"))
        print(f"{folder / 'window.png'}", flush=True)
    except TimeoutError as error:
        failures.append(str(error))
    finally:
        window.close()
        retake.end()
    for failure in dict.fromkeys(failures):
        print(f"retake: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _pause(seconds: float) -> Callable[[], bool]:
    due = time.monotonic() + seconds
    return lambda: time.monotonic() > due
