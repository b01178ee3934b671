"""A fault while a picture is painted is a line in the log, not the end of the process."""

import logging

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QWidget
from pytestqt.qtbot import QtBot

from app.ui.painting import guarded


class Broken(QGraphicsItem):
    """Fails whenever it is painted."""

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, 50, 50)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        raise IndexError("nothing there")


@pytest.mark.logs
def test_what_cannot_be_painted_is_told_once_and_the_rest_goes_on(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    scene = QGraphicsScene()
    scene.addItem(Broken())
    view = QGraphicsView(scene)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert not view.grab().isNull()
    told = [record for record in caplog.records if "Broken.paint: IndexError" in record.getMessage()]
    assert len(told) <= 1, "once, however often it is painted"
