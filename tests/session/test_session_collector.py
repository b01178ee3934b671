"""Cycles are collected where widgets live, whoever allocates."""

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from app.session.collector import Collector


class Knot:
    """Holds itself, so that only the collector frees it."""

    def __init__(self, freed: list[str]) -> None:
        self.me = self
        weakref.finalize(self, lambda: freed.append(threading.current_thread().name))


def test_what_another_thread_allocates_frees_nothing_there(qtbot: QtBot) -> None:
    freed: list[str] = []
    collector = Collector()
    gc.collect()
    Knot(freed)

    def allocate() -> None:
        kept = [[number] for number in range(200_000)]
        assert kept

    thread = threading.Thread(target=allocate, name="busy")
    thread.start()
    thread.join()
    assert freed == []
    kept = [[number] for number in range(5000)]
    qtbot.waitUntil(lambda: bool(freed), timeout=5000)
    assert kept
    assert freed == [threading.main_thread().name]
    collector.end()
    assert gc.isenabled()
    gc.disable()  # as every test has it
