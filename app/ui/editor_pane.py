"""The clip as it is worked on: overview, ruler and waveform with the mask, and the banner about what is heard."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.endpoints.excerpt import Context, ContextMode
from app.errors import AppError
from app.session.opening import Loading
from app.session.session import Session
from app.sound.region import Region
from app.ui.message_bar import HearingBanner
from app.ui.overview import Overview
from app.ui.reach import Reach
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

        self.wave.mask_committed.connect(self.commit_mask)
        self.wave.context_committed.connect(self._on_context)
        self.wave.context_reset.connect(self._on_context_reset)
        self.wave.scrubbing.connect(session.hearing.player.scrub.hold)  # before the first seek of it
        self.wave.seek_requested.connect(session.hearing.player.seek)
        self.wave.seek_requested.connect(self._tick)
        self.wave.view_changed.connect(self.overview.set_view)
        self.overview.view_requested.connect(self._on_view_requested)
        self.overview.aimed = self.wave.aimed
        self.banner.use.connect(self._on_use)
        session.opening.connect(self._on_opening)
        session.opened.connect(self._on_opened)
        session.mask_changed.connect(self.show_mask)
        session.asking.endpoint_changed.connect(self.show_mask)
        session.asking.context_changed.connect(self.show_mask)
        session.asking.length_changed.connect(self.show_mask)
        session.hearing.changed.connect(self.show_heard)
        session.hearing.pictured.connect(self._on_pictured)
        session.timeline_changed.connect(self.show_heard)
        session.hearing.player.playing_changed.connect(self._on_playing)
        session.hearing.player.sought.connect(self._on_sought)
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
        self.wave.set_length(self._session.sound.length, project.source.rate)
        self.overview.set_length(self._session.sound.length)
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
        self.wave.set_length(picture.sound.length, picture.sound.rate)
        self.overview.set_length(picture.sound.length)
        self.show_mask()
        self.overview.set_sound(picture.sound, picture.peaks)
        heard, used = session.hearing.heard, session.timeline.head
        if heard == used or (heard not in session.timeline):
            self.banner.hide()
        else:
            self.banner.show_difference(session.timeline.name_of(heard), session.timeline.name_of(used))

    @Slot()
    def _on_pictured(self) -> None:
        """More is known of how it looks; nothing else has changed."""
        picture = self._session.hearing.picture
        if picture is not None:
            self.wave.set_peaks(picture.peaks)
            self.overview.set_peaks(picture.peaks)

    @Slot()
    @Slot(object)
    def show_mask(self, _: object = None) -> None:
        """Draw the mask, what would be sent around it, and where the schema is coarser than the mask."""
        session = self._session
        mask = session.hearing.shown_mask
        self.wave.set_room(*self.room())
        self.wave.set_mask(mask)
        self.overview.set_mask(mask)
        try:
            aimed, plan = session.aim(), session.plan()
        except AppError:
            aimed = plan = None  # the submit bar says why; there is nothing to draw
        if session.hearing.elsewhere:
            plan = None  # what is heard has other places than what would be sent
        length = session.sound.length if session.project else 0
        band = plan.excerpt if plan and aimed and plan.excerpt != aimed.mask else None
        if band is not None and band.length >= length and session.asking.context.mode is ContextMode.AUTO:
            band = None  # over everything it would say nothing; where it was chosen it can be drawn back
        self.wave.set_context(band)
        hatched = plan is not None and mask is not None and plan.sent not in (mask, plan.excerpt)
        self.wave.set_sent(plan.sent if plan is not None and hatched else None)
        inserts = aimed is not None and plan is not None and aimed.inserts and aimed.mask.length and mask is None
        insertion = aimed if inserts else None
        self.wave.set_insertion(insertion.mask.start if insertion else None, insertion.mask.length if insertion else 0)

    @Slot()
    def _on_sought(self) -> None:
        if self._session.mask is None:
            self.show_mask()

    def room(self) -> tuple[int, int]:
        """How many frames the mask may reach beyond what is heard."""
        project = self._session.project
        return self._session.asking.room(project.source.rate) if project is not None else (0, 0)

    @Slot(object)
    def commit_mask(self, mask: Region | None) -> None:
        """A mask drawn on what is heard, in frames of what is in use."""
        session = self._session
        found = session.hearing.in_use(mask) if mask is not None else None
        if mask is not None and found is None:
            heard, used = (
                session.timeline.name_of(session.hearing.heard),
                session.timeline.name_of(session.timeline.head),
            )
            session.messages.warn(f"That part is only in {heard}, and {used} is in use.", f"Use {heard} first.")
            self.show_mask()
            return
        session.set_mask(found)
        if session.mask == found:
            self.show_mask()

    @Slot(float)
    def _on_context(self, seconds: float) -> None:
        self._session.asking.set_context(Context(ContextMode.SECONDS, round(seconds, 2)))
        self.show_mask()

    @Slot()
    def _on_context_reset(self) -> None:
        self._session.asking.set_context(Context())
        self.show_mask()

    @Slot(object)
    def _on_view_requested(self, view: tuple[float, float]) -> None:
        if self.overview.held:
            self.wave.set_view(*view)
        else:
            self.wave.glide_to(*view)

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
            player.seek(min(max(player.frame() + frames, 0), self._session.hearing.length))
            self._tick()
            return
        self._session.set_mask(Reach(self._session.sound.length, *self.room()).moved(mask, frames))

    def set_edge(self, *, start: bool) -> None:
        """Put an edge of the mask at the playhead; without a mask it reaches to the clip's end or start."""
        project, mask = self._session.project, self._session.mask
        if project is None:
            return
        frame, length = self._session.hearing.frame_in_use(), self._session.sound.length
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
        start, end = self.wave.aimed()
        frame = self.wave.playhead()
        self.wave.zoom(factor, frame if frame is not None and start <= frame <= end else (start + end) / 2)

    def zoom_to_mask(self) -> None:
        """Show the mask with a little around it."""
        mask = self._session.hearing.shown_mask
        if mask is not None:
            self.wave.zoom_to(mask.widened(mask.length // 4, mask.length // 4))
