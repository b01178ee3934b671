"""Session: what is open, masked, chosen and heard; short verbs in, signals out."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot

from app.endpoints.aim import Aim, within
from app.endpoints.excerpt import Plan
from app.endpoints.fields import Json
from app.endpoints.request import Request
from app.errors import AppError, FieldError
from app.files.formats import ExportFormat
from app.files.ledger import Ledger
from app.files.project import Project
from app.files.settings import Settings
from app.remote.connection import Connection
from app.remote.job import JobId
from app.session.asking import Asking, FieldsRefused
from app.session.background import Background
from app.session.connections import Connections
from app.session.desk import Desk
from app.session.exporting import Exporting
from app.session.hearing import Hearing
from app.session.hosts import Hosts
from app.session.jobs import Arrival
from app.session.library import Library
from app.session.messages import Messages
from app.session.opener import Opener
from app.session.opening import Opened
from app.session.output_choice import OutputChoice
from app.session.preferences import Preferences
from app.session.prompts import Prompts
from app.session.recalling import recall
from app.session.saving import Saving
from app.session.shelf import Shelf
from app.session.steps import Steps
from app.session.upkeep import Upkeep
from app.sound.region import Region
from app.takes.places import Drawn
from app.takes.render import Rendering
from app.takes.take import TakeId
from app.takes.timeline import Timeline, Verb


class Session(QObject):
    """The living state of one window. Widgets read it and call its verbs; nothing else changes it."""

    opening = Signal(object)
    opened = Signal()
    closed = Signal()
    mask_changed = Signal(object)
    fields_refused = Signal(object)
    timeline_changed = Signal()
    saved = Signal(object)
    written = Signal()
    recalled = Signal(object)

    def __init__(self, settings: Settings, ledger: Ledger, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = Preferences(settings)
        self.messages = Messages(self)
        self.background = Background(parent=self)
        self._exporting = Exporting(self.messages, self)
        self.connections = Connections()
        self._shelf = Shelf()
        self._saving = Saving(ledger, self._shelf, self.preferences, self.messages, self)
        self.desk = Desk(ledger, self._shelf, self.connections, self.messages, self.background, self)
        self.hearing = Hearing(self.background, self)
        self.outputs = OutputChoice(self.hearing.player, self.preferences, self)
        self.project: Project | None = None
        self.timeline = Timeline()
        self._drawn: Drawn | None = None
        self._last_drawn: Drawn | None = None
        self.asking = Asking(self.preferences, self)
        self.hosts = Hosts(self.preferences, self.connections, self.desk, self.asking, self.messages, self)
        self.prompts = Prompts(self.asking, self.messages, self)
        self.library = Library(self.asking, self.messages, self, self.preferences.now.last_endpoint)
        self._steps = Steps()
        self._upkeep = Upkeep(self.messages, self.hearing.grow, self)
        self.opener = Opener(self.background, self._saving, self.messages, self)
        self.opener.progress.connect(self.opening)
        self.opener.opened.connect(self._on_opened)
        self._awaited = False
        self._saving.saved.connect(self.saved)
        self._saving.written.connect(self.written)
        self.desk.arrived.connect(self._on_arrival)
        self.desk.offered.connect(self._on_offered)
        self.desk.waiting.connect(self.look_again)

    # --- opening, saving, closing -------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a sound or a project instead of what is open; the old project stays on disk."""
        self.opener.open(path)

    @property
    def loading(self) -> bool:
        """Whether something is being opened."""
        return self.opener.busy

    def close(self) -> None:
        """Put the project away; an unnamed one without a take or a job is not kept."""
        self._keep_panel()
        project, self.project = self.project, None
        self._saving.current = None
        if project is None:
            return
        self._upkeep.end()
        self.hearing.clear()
        empty = not self.timeline.takes and not self.desk.of(project)
        self._shelf.remove(project)
        self._saving.put_away(project, empty=empty)
        self.timeline, self._drawn, self._last_drawn = Timeline(), None, None
        self._steps.clear()
        self.closed.emit()

    def save_as(self, folder: Path) -> None:
        """Give the project a name and a place; from then on it lives there."""
        self._saving.save_as(self._need(), folder)

    def export(self, path: Path, region: Region | None, form: ExportFormat) -> None:
        """Write what is in use (or a region of it) to a file."""
        head = self.timeline.head
        what = "the mask" if region else self.timeline.name_of(head)
        self._exporting.export(self._need(), self.rendering(head), what, region, path, form)

    # --- mask and panel -----------------------------------------------------------------------------------------

    def set_mask(self, mask: Region | None) -> None:
        """The committed mask, in frames of the clip; None clears it."""
        if self.project is None or self.loading:
            self.mask_changed.emit(self.mask)  # what was drawn meanwhile is no mask
            return
        if mask is not None:
            mask = within(mask, self.sound.length, *self.asking.room(self.project.source.rate))
        if mask != self.mask:
            drawn = None if mask is None else Drawn(mask, self.timeline.head)
            self._steps.masked(self._drawn, drawn)
            self._put_mask(drawn)

    def restore_mask(self) -> None:
        """Bring the last mask back."""
        if self._last_drawn is not None and self.project is not None:
            self.set_mask(self._seen(self._last_drawn))

    @property
    def mask(self) -> Region | None:
        """The mask in frames of the version in use; None where there is none, or nothing of it in that version."""
        return self._seen(self._drawn) if self._drawn is not None and self.project is not None else None

    def mask_of(self, request: Request) -> Region | None:
        """Where what a request was about lies in the version in use."""
        return self._seen(Drawn(request.mask, TakeId(request.base) if request.base else None))

    def _seen(self, drawn: Drawn) -> Region | None:
        return drawn.seen_from(self.timeline, self._need().source.length, self.timeline.head)

    @property
    def sound(self) -> Rendering:
        """The version in use: what the mask lies on, and what takes are made from."""
        return self.rendering(self.timeline.head)

    def aim(self) -> Aim | None:
        """What pressing the button is about; None where nothing is open. MaskError where a mask is needed."""
        return self.asking.aim(self.mask, self.sound, self.hearing.frame_in_use()) if self.project else None

    def plan(self) -> Plan | None:
        """What would be sent; None where nothing is open. MaskError where the endpoint cannot take it."""
        aimed = self.aim()
        return self.asking.plan(aimed, self.sound) if aimed is not None else None

    # --- jobs ---------------------------------------------------------------------------------------------------

    def submit(self) -> bool:
        """Ask for as many takes as are set, each a job with a seed of its own; whether that could be done."""
        try:
            self._need()
            requests = self.asking.requests(self.mask, self.sound, self.hearing.frame_in_use(), self.timeline.head)
        except FieldsRefused as error:
            self.fields_refused.emit(error.errors)
        except FieldError as error:
            self.fields_refused.emit((error,))
        except AppError as error:
            self.messages.fail(error)
        else:
            self._keep_panel()
            self.prompts.remember()
            self._awaited = True
            for request in requests:
                self.start(request)
            return True
        return False

    def start(self, request: Request) -> None:
        """Submit one request as a new job."""
        base = TakeId(request.base) if request.base else None
        self.desk.start(request, self.rendering(base), self._need().folder)

    def retry(self, job: JobId) -> None:
        """Ask for the same thing again, because the user said so."""
        if self.project is None or self._shelf.find(self.desk.jobs[job].task.project) is not self.project:
            self.messages.warn("This job belongs to another project.", "Open that project, then ask again there.")
        else:
            request = self.desk.again(job)
            self._awaited = True
            if request is not None:
                self.start(request)

    def recall(self, request: Request) -> None:
        """Put a request's endpoint, mask and params back into the window."""
        if recall(self, request):
            self.recalled.emit(request)

    # --- takes --------------------------------------------------------------------------------------------------

    def rendering(self, take: TakeId | None) -> Rendering:
        """What a take sounds like; None is the original."""
        return self.hearing.rendering(self.timeline, take)

    def hear(self, take: TakeId | None) -> None:
        """Hear that take in place; nothing is applied."""
        if self.project is not None:
            self.hearing.select(self.timeline, take)

    def use(self, take: TakeId | None) -> None:
        """Make that take the version in use."""
        if take != self.timeline.head:
            self._edit(Verb.USE, take)

    def star(self, take: TakeId) -> None:
        """Give a star, or take it away."""
        self._edit(Verb.UNSTAR if take in self.timeline.starred else Verb.STAR, take)

    def bin(self, take: TakeId) -> None:
        """Put a take into the bin, or take it out again; what is in use stays, for what is used must be seen."""
        if take == self.timeline.head:
            self.messages.warn(
                f"{self.timeline.name_of(take).capitalize()} is in use.", "Use another version first, then bin it."
            )
            return
        if take == self.hearing.heard:
            self.hear(self.timeline.head)
        self._edit(Verb.UNBIN if take in self.timeline.binned else Verb.BIN, take)

    @property
    def can_undo(self) -> bool:
        """Whether a mask or an edit can be taken back."""
        return self._steps.can_undo or self.timeline.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether what was taken back can come again."""
        return self._steps.can_redo or self.timeline.can_redo

    def undo(self) -> None:
        """One step back: what was masked or edited last."""
        if self.can_undo and not self.loading:
            step = self._steps.back()
            self._put_mask(step.before) if step else self._turn("undo", self.timeline.undo())

    def redo(self) -> None:
        """One step forward."""
        if self.can_redo and not self.loading:
            step = self._steps.forward()
            self._put_mask(step.after) if step else self._turn("redo", self.timeline.redo())

    @Slot(object)
    def add_connection(self, connection: Connection) -> None:
        """A host answers: ask what it offers."""
        self.connections.put(connection)
        self.desk.ask_offers(connection)

    @Slot(object)
    def lose_connection(self, connection: Connection) -> None:
        """A host no longer answers."""
        self.connections.drop(connection.name)
        self.asking.catalogue_changed.emit()

    def shut_down(self) -> None:
        """Let go of jobs, close the project and the pool; nothing that was submitted is forgotten."""
        self.opener.let_go()
        self.hosts.close()
        self.desk.close()
        self.close()
        self.prompts.close()
        self.library.close()
        self.hearing.close()
        self._upkeep.close()
        self.background.close()
        self._exporting.close()
        self._saving.close()

    @Slot(object)
    def _on_opened(self, news: tuple[Opened, Path]) -> None:
        opened, path = news
        self.close()
        project = self.project = self._saving.current = opened.project
        self._shelf.put(project)
        self.timeline = project.timeline
        self._drawn = project.mask
        self.asking.set_panels(opened.panels)
        self.preferences.remember(path if project.unnamed and not self.timeline.takes else project.folder)
        self.hearing.open(project.source, opened.peaks, self.timeline)
        self.hearing.set_mask(self.mask)
        self.opener.done()
        self.opened.emit()
        self._upkeep.begin(opened)
        for note in (*project.notes, *project.damaged):
            self.messages.warn(note)
        self.look_again(project.folder)

    @Slot(object)
    def look_again(self, folder: Path) -> None:
        """Take up what was under way for the open project: when it is opened, when a host is connected."""
        if self.project is not None and self._shelf.find(folder) is self.project:
            self.desk.look_again(self.project, lambda: self.timeline, self.rendering)

    @Slot(object)
    def _on_offered(self, news: tuple[Connection, tuple[Json, ...]]) -> None:
        connection, documents = news
        for error in self.asking.offer(connection.name, documents):
            self.messages.fail(error)

    @Slot(object)
    def _on_arrival(self, arrival: Arrival) -> None:
        fresh = [take for take in arrival.takes if take.id not in self.timeline]
        if arrival.project is not self.project or not fresh:
            return
        self.preferences.remember(arrival.project.folder)
        self.written.emit()
        for take in fresh:
            self.timeline = self.timeline.add(take)
            self.hearing.add(self.timeline)
        # The first take of what was asked is selected; none pushes away what is being listened to.
        if self._awaited and not self.hearing.player.playing:
            self._awaited = False
            self.hearing.select(self.timeline, fresh[0].id)
        self.timeline_changed.emit()

    def on_keys(self, _: object) -> None:
        """Keys were looked for: what needs one may be asked now, and what waited for one goes on."""
        self.asking.catalogue_changed.emit()
        if self.project is not None:
            self.look_again(self.project.folder)

    # --- the small print ----------------------------------------------------------------------------------------

    def _put_mask(self, drawn: Drawn | None) -> None:
        project = self._need()
        self._last_drawn = self._drawn or self._last_drawn
        self._drawn = drawn
        self._record(project, lambda: project.set_mask(drawn))
        self.hearing.set_mask(self.mask)
        self.mask_changed.emit(self.mask)

    def _edit(self, verb: Verb, take: TakeId | None) -> None:
        project = self._need()
        self._steps.edited()
        self._show(self.timeline.do(verb, take))
        self._record(project, lambda: project.record(verb, take))

    def _turn(self, way: Literal["undo", "redo"], timeline: Timeline) -> None:
        project = self._need()
        self._show(timeline)
        self._record(project, lambda: project.record(way, None))

    def _show(self, timeline: Timeline) -> None:
        before, self.timeline = self.mask, timeline
        self.hearing.refresh(timeline)
        if self.mask != before:
            self.hearing.set_mask(self.mask)
            self.mask_changed.emit(self.mask)
        self.timeline_changed.emit()

    def _record(self, project: Project, write: Callable[[], object]) -> None:
        """Write an edit down, in order; where the disk refuses, show again what is on it."""

        def refused() -> None:
            if project is self.project:
                self._steps.clear()
                self._show(project.timeline)

        self._saving.record(project, write, refused)

    def _keep_panel(self) -> None:
        """Write down what stands in the panel: when it is submitted, and when the project is put away."""
        if self.project is not None and self.asking.endpoint is not None:
            self._saving.keep_panel(self.project, self.asking.endpoint.id, self.asking.values)

    def _need(self) -> Project:
        if self.project is None:
            raise AppError("Nothing is open.", "Open a sound first.")
        return self.project
