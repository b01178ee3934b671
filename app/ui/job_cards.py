"""Jobs that are on their way or did not come back: one card each, telling only what is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QRectF, QSize, Qt, QTimerEvent, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.remote.job import JobId, JobState
from app.ui import theme
from app.ui.labels import ElidedLabel, ToneLabel, icon_button, small

_PASS_MS = 1400


@dataclass(frozen=True, slots=True)
class JobCard:
    """What is known of one job. `elapsed` in seconds since it was asked for; `done`/`total` count bytes."""

    id: JobId
    title: str
    state: JobState
    place: int | None = None
    elapsed: float = 0.0
    log: str = ""
    done: int = 0
    total: int | None = None
    error: str = ""
    hint: str = ""
    can_cancel_free: bool = False
    can_retry: bool = True


class ActivityBar(QWidget):
    """A thin bar: filled by counted bytes, else a glint that only says that something is going on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        unit = self.fontMetrics().height()
        return QSize(unit * 6, max(4, unit // 4))

    def set_share(self, share: float | None) -> None:
        """A share of 1 that was counted; None where nothing can be counted."""
        self._share = share
        self.setAccessibleName(self.tr("Progress"))
        self.setAccessibleDescription(self.tr("under way") if share is None else f"{share:.0%}")
        self._run()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run()

    def _run(self) -> None:
        wanted = self._share is None and self.isVisible()
        if wanted and not self._timer:
            self._timer = self.startTimer(40)
        elif not wanted and self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    def timerEvent(self, event: QTimerEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        round_by = whole.height() / 2
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(whole, round_by, round_by)
        painter.setBrush(QColor(colours.accent))
        if self._share is not None:
            done = QRectF(whole.left(), whole.top(), whole.width() * min(max(self._share, 0.0), 1.0), whole.height())
            painter.drawRoundedRect(done, round_by, round_by)
            return
        phase = (self._clock.elapsed() % _PASS_MS) / _PASS_MS
        width = whole.width() * 0.3
        left = whole.left() - width + (whole.width() + width) * phase
        painter.setClipRect(whole)
        painter.drawRoundedRect(QRectF(left, whole.top(), width, whole.height()), round_by, round_by)


class _Card(QFrame):
    """One job; kept while its job lives, so that a button under the pointer stays the same button."""

    def __init__(self, cards: "JobCards", job: JobId) -> None:
        super().__init__()
        self._cards, self._job = cards, job
        self.setProperty("role", "card")
        self.title = ElidedLabel("", "title", self)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.state = ElidedLabel("", "muted", self)
        self.bar = ActivityBar(self)
        self.hint = ToneLabel("", "muted", self)
        self.hint.setWordWrap(True)
        small(self.hint, 0.95)
        self.cancel = self._button("")
        self.retry = self._button(self.tr("Retry"), self.tr("Ask for the same again"))
        self.edit = self._button(self.tr("Edit && retry"), self.tr("Put its parameters back into the panel"))
        self.copy = icon_button("copy", self.tr("Copy details"), self.tr("Copy what is known about this job"), self)
        self.more = icon_button("more", self.tr("More"), self.tr("Copy its prompt or its request (Menu key)"), self)
        self.dismiss = icon_button("cancel", self.tr("Dismiss"), self.tr("Take this card away"), self)
        self.cancel.clicked.connect(self._cancel)
        self.retry.clicked.connect(self._retry)
        self.edit.clicked.connect(self._edit)
        self.copy.clicked.connect(self._copy)
        self.more.clicked.connect(self._more)
        self.dismiss.clicked.connect(self._dismiss)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.title)
        first.addWidget(self.state, 1)
        first.addWidget(self.bar)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 3, 4, 3)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.addLayout(first, 0, 0)
        grid.addWidget(self.hint, 1, 0)
        for column, button in enumerate((self.cancel, self.retry, self.edit, self.copy, self.more, self.dismiss), 1):
            grid.addWidget(button, 0, column, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)

    def _button(self, text: str, tip: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tip)
        small(button, 0.95)
        button.setStyleSheet("padding: 2px 9px")
        return button

    @Slot()
    def _cancel(self) -> None:
        self._cards.cancel.emit(self._job)

    @Slot()
    def _retry(self) -> None:
        self._cards.retry.emit(self._job)

    @Slot()
    def _edit(self) -> None:
        self._cards.edit_retry.emit(self._job)

    @Slot()
    def _copy(self) -> None:
        self._cards.copy.emit(self._job)

    @Slot()
    def _more(self) -> None:
        self._cards.menu_requested.emit(self._job, self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._cards.menu_requested.emit(self._job, event.globalPos())

    @Slot()
    def _dismiss(self) -> None:
        self._cards.dismiss.emit(self._job)

    def show_card(self, card: JobCard) -> None:
        """Show what is known now."""
        failed, final = card.state is JobState.FAILED, card.state.final
        self.title.setText(card.title)
        self.state.setText(words(card))
        self.state.set_tone("error" if failed else "muted")
        self.hint.setText(card.hint if failed else "")
        self.hint.setVisible(bool(self.hint.text()))
        self.bar.setVisible(not final)
        moving_bytes = card.state in (JobState.UPLOADING, JobState.DOWNLOADING) and bool(card.total)
        self.bar.set_share(card.done / card.total if moving_bytes and card.total else None)
        self.cancel.setVisible(not final)
        self.cancel.setText(self.tr("Cancel – not started, free") if card.can_cancel_free else self.tr("Stop"))
        self.cancel.setToolTip(
            self.tr("Nothing was taken yet, nothing is billed (Ctrl+.)")
            if card.can_cancel_free
            else self.tr("Stop waiting for this job; what has begun may be billed (Ctrl+.)")
        )
        for button in (self.retry, self.edit):
            button.setVisible((failed or card.state is JobState.CANCELLED) and card.can_retry)
        self.copy.setVisible(failed)
        self.dismiss.setVisible(final)
        self.setAccessibleName(f"{card.title}: {self.state.text()}")


def clock(seconds: float) -> str:
    """Elapsed time as m:ss."""
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    return f"{minutes}:{rest:02}"


def _say(text: str) -> str:
    return QCoreApplication.translate("JobCards", text)


def words(card: JobCard) -> str:
    """The state in words; amounts stand only for bytes that were counted."""
    match card.state:
        case JobState.PREPARING:
            return _say("Preparing")
        case JobState.UPLOADING:
            return f"{_say('Uploading')}{_bytes(card)}"
        case JobState.SUBMITTING:
            return _say("Asking")
        case JobState.QUEUED:
            place = "" if card.place is None else " · " + _say("{0} in line").format(card.place + 1)
            return f"{_say('Queued')}{place} · {clock(card.elapsed)}"
        case JobState.RUNNING:
            log = " ".join(card.log.split())
            return f"{_say('Running')} {clock(card.elapsed)}" + (f" · {log}" if log else "")
        case JobState.DOWNLOADING:
            return f"{_say('Downloading')}{_bytes(card)}"
        case JobState.DONE:
            return f"{_say('Done')} · {clock(card.elapsed)}"
        case JobState.FAILED:
            return _say("Failed: {0}").format(card.error) if card.error else _say("Failed")
        case JobState.CANCELLED:
            return _say("Cancelled")


def _bytes(card: JobCard) -> str:
    if card.total:
        return " " + _say("{0:.1f} of {1:.1f} MB").format(card.done / 1e6, card.total / 1e6)
    return f" {card.done / 1e6:.1f} MB" if card.done else ""


class JobCards(QScrollArea):
    """The cards, newest first as they are given; as high as they need, and scrolling where there are many.

    Every signal carries the job's id, `menu_requested` the point on the screen as well. Elapsed times stand still
    between two calls of `set_jobs`.
    """

    cancel = Signal(object)
    retry = Signal(object)
    edit_retry = Signal(object)
    copy = Signal(object)
    dismiss = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("Jobs"))
        self._cards: dict[JobId, _Card] = {}
        self._body = QWidget()
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(8, 3, 8, 3)
        self._layout.setSpacing(4)
        self.setWidget(self._body)
        self.setVisible(False)

    def set_jobs(self, jobs: Sequence[JobCard]) -> None:
        """Show these jobs, in this order."""
        wanted = {job.id for job in jobs}
        for gone in [job for job in self._cards if job not in wanted]:
            card = self._cards.pop(gone)
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index, job in enumerate(jobs):
            card = self._cards.get(job.id)
            if card is None:
                card = self._cards[job.id] = _Card(self, job.id)
            if self._layout.indexOf(card) != index:
                self._layout.insertWidget(index, card)
            card.show_card(job)
        self.setVisible(bool(jobs))
        self.updateGeometry()

    def card(self, job: JobId) -> _Card:
        """The card of that job; KeyError where none is shown."""
        return self._cards[job]

    def sizeHint(self) -> QSize:
        return QSize(240, self.height_within(2**24))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.height_within(0))

    def height_within(self, room: int) -> int:
        """The height of as many whole cards as fit into so many pixels, of one at least; 0 without any."""
        margins, height = self._layout.contentsMargins(), 0
        for index, card in enumerate(self._layout_cards()):
            more = card.sizeHint().height() + (self._layout.spacing() if index else margins.top() + margins.bottom())
            if index and height + more > room:
                break
            height += more
        return height

    def _layout_cards(self) -> list[QWidget]:
        items = (self._layout.itemAt(index) for index in range(self._layout.count()))
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]
