"""What is asked for: the endpoint, its panel, and the button that says what will happen."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.endpoints.aim import Aim, makes_length
from app.endpoints.binding import defaults, may_grow, price_of
from app.endpoints.catalogue import Endpoint
from app.endpoints.excerpt import Plan
from app.endpoints.request import Kind, Request
from app.endpoints.words import action_words, verb
from app.errors import AppError
from app.session.connection_status import State
from app.session.connections import LOCAL, keyless, label
from app.session.session import Session
from app.ui.endpoint_choices import choices_of
from app.ui.endpoint_picker import EndpointPicker
from app.ui.endpoint_verbs import EndpointVerbs
from app.ui.join_options import JoinOptions
from app.ui.param_form import ParamForm
from app.ui.preset_bar import PresetBar
from app.ui.prompt_keys import PromptKeys
from app.ui.submit_bar import SubmitBar
from app.ui.times import format_time


class RequestPane(QWidget):
    """Shows the session's endpoint and values, writes edits back, submits.

    `key_wanted` carries the connection whose key is what is missing; `asked` says that jobs were begun.
    """

    key_wanted = Signal(str)
    asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picker = EndpointPicker(self)
        self.form = ParamForm(self)
        self.presets = PresetBar(session, session.prompts, self)
        self._prompt_keys = PromptKeys(self.form, session.prompts, self)
        self.join_options = JoinOptions(self)
        self.join_options.set_outside(session.preferences.now.outside_ms)
        self.submit_bar = SubmitBar(self)
        self.submit_bar.set_takes(session.asking.takes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picker)
        layout.addWidget(self.presets)
        layout.addWidget(self.form, 1)
        layout.addWidget(self.join_options)
        layout.addWidget(self.submit_bar)

        self._endpoint_verbs = EndpointVerbs(self.picker, session.asking, session.library, session.hosts.names)
        self.picker.chosen.connect(self._on_chosen)
        self.submit_bar.missing_pressed.connect(self._on_missing)
        self.form.changed.connect(self._on_edited)
        self.form.submitted.connect(self.submit)
        self.submit_bar.submitted.connect(self.submit)
        self.submit_bar.takes_changed.connect(self._on_takes)
        self.join_options.context_chosen.connect(session.asking.set_context)
        self.join_options.outside_chosen.connect(session.asking.set_outside)
        self.join_options.seconds_chosen.connect(session.asking.set_new_seconds)
        self.join_options.grow_chosen.connect(session.asking.set_grow)
        session.hearing.player.sought.connect(self._on_sought)
        session.prompts.recalled.connect(self._on_opened)
        session.asking.context_changed.connect(self._show_join)
        session.asking.length_changed.connect(self._show_join)
        session.library.changed.connect(self.show_catalogue)
        session.hosts.changed.connect(self.show_action)
        session.hosts.listed.connect(self.show_catalogue)
        session.timeline_changed.connect(self.show_action)
        session.asking.catalogue_changed.connect(self.show_catalogue)
        session.asking.endpoint_changed.connect(self._on_endpoint)
        session.opened.connect(self._on_opened)
        session.opening.connect(self.show_action)
        session.closed.connect(self.show_action)
        session.mask_changed.connect(self.show_action)
        session.fields_refused.connect(self.form.show_errors)
        session.recalled.connect(self._on_recalled)
        self.show_catalogue()
        self._show_join()

    @Slot()
    def show_catalogue(self) -> None:
        """List what can be asked, by kind of work."""
        session, endpoint = self._session, self._session.asking.endpoint
        choices = choices_of(session.asking.catalogue, session.library, session.connections)
        if endpoint is None:
            self.picker.set_choices(choices)
        else:
            self.picker.set_choices(choices, endpoint.id, endpoint.connection)
        self.show_action()

    @Slot(str)
    def _on_chosen(self, endpoint: str) -> None:
        choice = self.picker.current_choice()
        self._session.asking.choose(endpoint, choice.connection if choice is not None else None)

    @Slot(object)
    def _on_endpoint(self, endpoint: Endpoint) -> None:
        self.picker.set_current(endpoint.id, endpoint.connection)
        self.submit_bar.set_takes(self._session.asking.takes)
        self._fill(endpoint)

    @Slot()
    def _on_opened(self) -> None:
        if self._session.asking.endpoint is not None:
            self._fill(self._session.asking.endpoint)

    @Slot(object)
    def _on_recalled(self, _: Request) -> None:
        if self._session.asking.endpoint is not None:
            self._fill(self._session.asking.endpoint)
            self.form.focus_prompt()

    def _fill(self, endpoint: Endpoint) -> None:
        asking = self._session.asking
        self.form.set_endpoint(endpoint, {**defaults(endpoint), **asking.values}, asking.attachments)
        self._on_edited()

    @Slot()
    def _on_edited(self) -> None:
        self._session.asking.set_values(self.form.values(), self.form.seed(), self.form.attachments())
        self.presets.renew()
        self.show_action()

    @Slot()
    def submit(self) -> None:
        """Ask for what stands in the panel, unless an editor holds what cannot be read."""
        errors = self.form.errors()
        if errors:
            self.form.show_errors(errors)
        elif self._session.submit():
            self.asked.emit()

    @Slot()
    def _on_missing(self) -> None:
        endpoint = self._session.asking.endpoint
        if endpoint is not None:
            self.key_wanted.emit(endpoint.connection)

    @Slot()
    def _on_sought(self) -> None:
        if self._session.mask is None:
            self.show_action()  # what has no mask may lie at the playhead

    @Slot(int)
    def _on_takes(self, count: int) -> None:
        self._session.asking.set_takes(count)
        self.show_action()

    @Slot()
    @Slot(object)
    def show_action(self, _: object = None) -> None:
        """Say on the button what pressing it does, to how many seconds, for about how much."""
        session = self._session
        endpoint = session.asking.endpoint
        aimed: Aim | None = None
        plan: Plan | None = None
        why = ""
        if session.project is None or session.loading:
            why = "Opening …" if session.loading else "Open a sound first"
        else:
            try:
                aimed, plan = session.aim(), session.plan()
            except AppError as error:
                why = str(error)
        self._show_lines(endpoint, aimed, plan)
        self.form.set_bound(self._bound(aimed, plan))
        if endpoint is None:
            self.submit_bar.set_action("Fill", "", False, "The offline engine is starting …")
            return
        if why:
            self.submit_bar.set_action(verb(endpoint), "", False, why)
            return
        assert aimed is not None
        assert plan is not None
        rate = session.sound.rate
        words = action_words(endpoint, aimed, session.sound.length, rate, session.asking.takes)
        # What is paid by the second is paid for all that is sent, not for the mask alone.
        note = _money(endpoint, price_of(endpoint, session.asking.takes, plan.length / rate))
        if aimed.more > 0 and not aimed.inserts:
            note = f"clip +{aimed.more / rate:.2f} s · {note}"
        if not session.connections.has(endpoint.connection):
            why, way = self._missing(endpoint.connection)
            self.submit_bar.set_action(words, "", False, f"{note}\n{why}" if endpoint.price else why, way)
            return
        self.submit_bar.set_action(words, note, True)

    def _missing(self, connection: str) -> tuple[str, str]:
        """Why a connection cannot be asked, and the words of the link to where that is mended."""
        status = self._session.hosts.status(connection)
        if connection == LOCAL:
            return status.sentence, ""
        if status.state in (State.NEEDS_KEY, State.UNCHECKED):
            return keyless(connection).message, self.tr("Enter a key…")
        refused = status.state is State.KEY_REFUSED
        return status.sentence, self.tr("Enter another key…") if refused else self.tr("Look at its settings…")

    def _show_lines(self, endpoint: Endpoint | None, aimed: Aim | None, plan: Plan | None) -> None:
        """Of context, length, fit and seam only what would make a difference."""
        self.submit_bar.takes.setVisible(endpoint is None or endpoint.kind is not Kind.OTHER)
        if endpoint is None or endpoint.kind is Kind.OTHER:
            self.join_options.show_lines(set())
            return
        lines: set[str] = set()
        if endpoint.kind is not Kind.GENERATE:
            lines.add("context")
        if makes_length(endpoint, self._session.mask):
            lines.add("length")
        if aimed is None or plan is None or plan.excerpt != aimed.mask:
            lines.add("seam")  # a crossfade outside takes what came back around the mask
        if aimed is None or plan is None or may_grow(endpoint, aimed.mask, plan):
            lines |= {"fit"} if endpoint.kind in (Kind.GENERATE, Kind.VARY) else set()
        self.join_options.show_lines(lines)

    @Slot()
    @Slot(object)
    def _show_join(self, _: object = None) -> None:
        asking = self._session.asking
        self.join_options.set_context(asking.context)
        self.join_options.set_seconds(asking.new_seconds)
        self.join_options.set_grow(asking.grow)
        self.show_action()

    def _bound(self, aimed: Aim | None, plan: Plan | None) -> list[str]:
        """What is filled in from the waveform, in words."""
        if aimed is None or plan is None or not aimed.mask.length:
            return []
        start, end = aimed.mask.seconds(self._session.sound.rate)
        place = f"At {format_time(start)}" if aimed.inserts else f"{format_time(start)} – {format_time(end)}"
        return [place if aimed.inserts else f"Mask {place}", plan.why]


def _money(endpoint: Endpoint, price: float | None) -> str:
    place = label(endpoint.connection)
    if price == 0:
        return f"free · {place[:1].lower() + place[1:] if endpoint.connection == LOCAL else place}"
    return f"price not known · {place}" if price is None else f"~${price:.2f} · {place}"
