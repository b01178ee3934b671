"""Shell: what is seen of the window first: menus, the way to open something, and empty panels in their places.

It needs nothing but widgets, so it is shown before all that works on sound is even loaded; what is asked for until
then is done as soon as it can be.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from app import paths
from app.files.first_look import FirstLook
from app.ui.empty_state import EmptyState

_MENUS = ("File", "Edit", "Region", "Take", "Play", "View", "Help")


class Shell(QMainWindow):
    """The frame that MainWindow puts its panels into."""

    shown_first = Signal()
    """The window was painted for the first time."""

    def __init__(self, first: FirstLook | None = None) -> None:
        super().__init__()
        self.setObjectName("retake")
        self.setWindowTitle("Retake")
        self.setAcceptDrops(True)
        self.docks: dict[str, QDockWidget] = {}
        self.furnished = False
        self._painted = False
        self._wishes: list[Callable[[], object]] = []
        self.empty = EmptyState(self)
        self._place(first or FirstLook())
        self.empty.open_requested.connect(self._on_open)
        self.empty.demo_requested.connect(self.open_demo)
        self.empty.recent_chosen.connect(self._on_recent)
        self.empty.files_dropped.connect(self.open_files)

    def choose_file(self) -> None:
        """Ask for a file and open it."""
        raise NotImplementedError

    def open_path(self, path: Path) -> None:
        """Open what lies there."""
        raise NotImplementedError

    def open_all(self, files: list[Path]) -> None:
        """Open what was given to the window."""
        raise NotImplementedError

    @Slot()
    def _on_open(self) -> None:
        self._when_furnished(self.choose_file)

    @Slot(object)
    def _on_recent(self, path: Path) -> None:
        self._when_furnished(lambda: self.open_path(path))

    @Slot()
    def open_demo(self) -> None:
        """What a newcomer hears first."""
        self._when_furnished(lambda: self.open_path(paths.demo_clip()))

    @Slot(object)
    def open_files(self, files: list[Path]) -> None:
        """Open what was dropped, or named when the program was started."""
        self._when_furnished(lambda: self.open_all(files))

    def _when_furnished(self, wish: Callable[[], object]) -> None:
        """Do it now, or as soon as there is something to do it with."""
        if self.furnished:
            wish()
        else:
            self._wishes.append(wish)

    def _do_wishes(self) -> None:
        """There is something to do them with now."""
        self.furnished = True
        wishes, self._wishes = self._wishes, []
        for wish in wishes:
            wish()

    def _place(self, first: FirstLook) -> None:
        """Everything where it will be, with nothing in it yet but the way to open something."""
        self._bar = QToolBar(self.tr("Transport"), self)
        self._bar.setObjectName("transport-bar")
        self._bar.setMovable(False)
        room = QWidget(self._bar)
        room.setFixedHeight(round(self.fontMetrics().height() * 1.9))
        self._bar.addWidget(room)
        self.addToolBar(self._bar)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        middle = QWidget(self)
        self._middle = QVBoxLayout(middle)
        self._middle.setContentsMargins(0, 0, 0, 0)
        self._middle.setSpacing(0)
        self._middle.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self._dock(self.tr("Request"), "request", Qt.DockWidgetArea.RightDockWidgetArea)
        self._dock(self.tr("Takes"), "takes", Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for name in _MENUS:
            self.menuBar().addMenu(f"&{name}")
        self.statusBar()
        self.empty.set_recent(first.recent)
        self.resize(1366, 768)
        self._place_again(first.geometry)

    def _place_again(self, geometry: str) -> None:
        """Panels at their sizes, the window where it was."""
        unit = self.fontMetrics().height()
        self.resizeDocks([self.docks["request"]], [unit * 21], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["takes"]], [unit * 13], Qt.Orientation.Vertical)
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def _dock(self, title: str, name: str, area: Qt.DockWidgetArea) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setTitleBarWidget(QWidget(dock))  # the panes say themselves what they are
        dock.setWidget(QWidget(dock))
        self.addDockWidget(area, dock)
        self.docks[name] = dock

    def _fill_dock(self, name: str, widget: QWidget) -> None:
        dock = self.docks[name]
        size = dock.size()
        empty = dock.widget()
        dock.setWidget(widget)
        if empty is not None:
            empty.deleteLater()
        if self._painted:  # it stays as wide and as high as it was seen
            self.resizeDocks([dock], [size.width()], Qt.Orientation.Horizontal)
            self.resizeDocks([dock], [size.height()], Qt.Orientation.Vertical)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.Paint and not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.shown_first.emit)
        return done

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.open_files(files)
