"""The clip as it is worked on: overview, ruler and waveform with the mask, and the banner about what is heard."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import AppError
from app.session.opening import Loading
from app.session.session import Session
from app.sound.region import Region
from app.ui.message_bar import HearingBanner
from app.ui.overview import Overview
from app.ui.waveform import WaveformView

_PLAYHEAD_EVERY_MS = 16


class EditorPane(QWidget):
    """Shows what the session holds, and hands every finished gesture to it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.overview = Overview(self)
        self.wave = WaveformView(self)
        self.banner = HearingBanner(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.overview)
        layout.addWidget(self.wave, 1)
        layout.addWidget(self.banner)
        self.setAcceptDrops(False)

        self.wave.mask_committed.connect(session.set_mask)
        self.wave.seek_requested.connect(session.hearing.player.seek)
        self.wave.seek_requested.connect(self._tick)
        self.wave.view_changed.connect(self.overview.set_view)
        self.overview.view_requested.connect(self._on_view_requested)
        self.banner.use.connect(self._on_use)
        session.opening.connect(self._on_opening)
        session.opened.connect(self._on_opened)
        session.mask_changed.connect(self.show_mask)
        session.asking.endpoint_changed.connect(self.show_mask)
        session.asking.context_changed.connect(self.show_mask)
        session.hearing.changed.connect(self.show_heard)
        session.timeline_changed.connect(self.show_heard)
        session.hearing.player.playing_changed.connect(self._on_playing)
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAYHEAD_EVERY_MS)
        self._timer.timeout.connect(self._tick)

    @Slot(object)
    def _on_opening(self, loading: Loading | None) -> None:
        """The picture grows while a long file comes in."""
        if loading is None:
            if self._session.project is not None:
                self._on_opened()  # what was being opened is not there; what was open is
            return
        self.wave.set_sound(None, loading.peaks)
        self.wave.set_length(loading.expected, loading.rate)
        self.wave.set_mask(None)
        self.wave.set_playhead(None)
        self.overview.set_sound(None, loading.peaks)
        self.overview.set_length(loading.expected)
        self.banner.hide()

    @Slot()
    def _on_opened(self) -> None:
        project = self._session.project
        assert project is not None
        self.wave.set_length(project.source.length, project.source.rate)
        self.overview.set_length(project.source.length)
        self.show_heard()
        self.wave.zoom_fit()
        self.show_mask()
        self.wave.set_playhead(0)
        self.overview.set_playhead(0)
        self.wave.setFocus()

    @Slot()
    def show_heard(self) -> None:
        """Draw what is heard, and say so where it is not what is in use."""
        session = self._session
        picture = session.hearing.picture
        if picture is None:
            return
        self.wave.set_sound(picture.sound, picture.peaks)
        self.wave.set_changed(picture.changed)
        self.overview.set_sound(picture.sound, picture.peaks)
        heard, used = session.hearing.heard, session.timeline.head
        if heard == used or (heard not in session.timeline):
            self.banner.hide()
        else:
            self.banner.show_difference(session.timeline.name_of(heard), session.timeline.name_of(used))

    @Slot()
    @Slot(object)
    def show_mask(self, _: object = None) -> None:
        """Draw the mask, what would be sent around it, and where the schema is coarser than the mask."""
        session = self._session
        self.wave.set_mask(session.mask)
        self.overview.set_mask(session.mask)
        try:
            plan = session.plan()
        except AppError:
            plan = None  # the submit bar says why; there is nothing to draw
        length = session.project.source.length if session.project else 0
        # A band over everything would say nothing.
        self.wave.set_context(plan.excerpt if plan and plan.excerpt.length < length else None)
        self.wave.set_sent(plan.sent if plan and plan.sent != session.mask else None)

    @Slot(object)
    def _on_view_requested(self, view: tuple[float, float]) -> None:
        self.wave.set_view(*view)

    @Slot()
    def _on_use(self) -> None:
        self._session.use(self._session.hearing.heard)

    @Slot(bool)
    def _on_playing(self, playing: bool) -> None:
        if playing:
            self._timer.start()
        else:
            self._timer.stop()
            self._tick()

    @Slot()
    @Slot(object)
    def _tick(self, _: object = None) -> None:
        if self._session.project is None:
            return
        player = self._session.hearing.player
        frame = player.frame()
        self.wave.set_playhead(frame)
        self.overview.set_playhead(frame)
        if player.playing and not self.wave.dragging():
            self.wave.follow(frame)

    # --- verbs of the keyboard ----------------------------------------------------------------------------------

    def seek(self, frame: int) -> None:
        """Move the playhead and show it."""
        self._session.hearing.player.seek(frame)
        self._tick()
        self.wave.follow(frame)

    def nudge(self, seconds: float) -> None:
        """Move the mask, or the playhead where there is none."""
        project = self._session.project
        if project is None:
            return
        frames = round(seconds * project.source.rate)
        mask = self._session.mask
        if mask is None:
            player = self._session.hearing.player
            player.seek(min(max(player.frame() + frames, 0), project.source.length))
            self._tick()
            return
        frames = min(max(frames, -mask.start), project.source.length - mask.end)
        self._session.set_mask(mask.moved(frames))

    def set_edge(self, *, start: bool) -> None:
        """Put an edge of the mask at the playhead; without a mask it reaches to the clip's end or start."""
        project, mask = self._session.project, self._session.mask
        if project is None:
            return
        frame, length = self._session.hearing.player.frame(), project.source.length
        if start:
            end = mask.end if mask is not None and mask.end > frame else length
            region = Region(min(frame, end), end)
        else:
            begin = mask.start if mask is not None and mask.start < frame else 0
            region = Region(begin, max(frame, begin))
        if region.length:
            self._session.set_mask(region)

    def zoom(self, factor: float) -> None:
        """Zoom about the playhead where it is in view, else about the middle."""
        start, end = self.wave.view()
        frame = self.wave.playhead()
        self.wave.zoom(factor, frame if frame is not None and start <= frame <= end else (start + end) / 2)

    def zoom_to_mask(self) -> None:
        """Show the mask with a little around it."""
        if self._session.mask is not None:
            mask = self._session.mask
            self.wave.zoom_to(mask.widened(mask.length // 4, mask.length // 4))
