"""What is asked for: the endpoint, its panel, and the button that says what will happen."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.endpoints.binding import action_words, defaults, price_of
from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind, Request
from app.errors import AppError
from app.session.connections import LOCAL
from app.session.session import Session
from app.ui.endpoint_picker import EndpointChoice, EndpointPicker
from app.ui.join_options import JoinOptions
from app.ui.param_form import ParamForm
from app.ui.submit_bar import SubmitBar
from app.ui.times import format_time


class RequestPane(QWidget):
    """Shows the session's endpoint and values, writes edits back, submits."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picker = EndpointPicker(self)
        self.form = ParamForm(self)
        self.join_options = JoinOptions(self)
        self.join_options.set_outside(session.preferences.now.outside_ms)
        self.submit_bar = SubmitBar(self)
        self.submit_bar.set_takes(session.asking.takes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picker)
        layout.addWidget(self.form, 1)
        layout.addWidget(self.join_options)
        layout.addWidget(self.submit_bar)

        self.picker.chosen.connect(session.asking.choose)
        self.form.changed.connect(self._on_edited)
        self.form.submitted.connect(self.submit)
        self.submit_bar.submitted.connect(self.submit)
        self.submit_bar.takes_changed.connect(self._on_takes)
        self.join_options.context_chosen.connect(session.asking.set_context)
        self.join_options.outside_chosen.connect(session.asking.set_outside)
        session.asking.context_changed.connect(self.show_action)
        session.asking.catalogue_changed.connect(self.show_catalogue)
        session.asking.endpoint_changed.connect(self._on_endpoint)
        session.opened.connect(self._on_opened)
        session.opening.connect(self.show_action)
        session.closed.connect(self.show_action)
        session.mask_changed.connect(self.show_action)
        session.fields_refused.connect(self.form.show_errors)
        session.recalled.connect(self._on_recalled)
        self.show_catalogue()
        self.show_action()

    @Slot()
    def show_catalogue(self) -> None:
        """List what can be asked, by connection."""
        session = self._session
        choices = [
            EndpointChoice(
                id=each.id,
                title=each.title,
                group=_CONNECTIONS.get(each.connection, each.connection),
                kind=_KINDS.get(each.kind, each.kind),
                price=_price_text(each),
                needs_key=each.connection != LOCAL and not session.connections.has(each.connection),
            )
            for each in sorted(session.asking.catalogue.all(), key=lambda e: (e.connection != LOCAL, e.title))
            if each.kind is Kind.FILL  # the window drives what fills a mask; the command line lists them all
        ]
        self.picker.set_choices(choices, session.asking.endpoint.id if session.asking.endpoint else "")
        self.show_action()

    @Slot(object)
    def _on_endpoint(self, endpoint: Endpoint) -> None:
        self.picker.set_current(endpoint.id)
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
        values = {**defaults(endpoint), **self._session.asking.values}
        self.form.set_endpoint(endpoint, values)
        self._session.asking.set_values(self.form.values(), self.form.seed())
        self.show_action()

    @Slot()
    def _on_edited(self) -> None:
        self._session.asking.set_values(self.form.values(), self.form.seed())
        self.show_action()

    @Slot()
    def submit(self) -> None:
        """Ask for what stands in the panel, unless an editor holds what cannot be read."""
        errors = self.form.errors()
        if errors:
            self.form.show_errors(errors)
        else:
            self._session.submit()

    @Slot(int)
    def _on_takes(self, count: int) -> None:
        self._session.asking.set_takes(count)
        self.show_action()

    @Slot()
    @Slot(object)
    def show_action(self, _: object = None) -> None:
        """Say on the button what pressing it does, to how many seconds, for about how much."""
        session = self._session
        endpoint, project, mask = session.asking.endpoint, session.project, session.mask
        self.form.set_bound(self._bound())
        if endpoint is None or project is None or mask is None or session.loading:
            why = "Open a sound first" if project is None else "Drag over the part to remake"
            if session.loading:
                why = "Opening …"
            if endpoint is None:
                why = "The offline engine is starting …"
            self.submit_bar.set_action("Fill", "", False, why)
            return
        try:
            plan = session.plan()
        except AppError as error:
            self.submit_bar.set_action("Fill", "", False, str(error))
            return
        assert plan is not None
        seconds = mask.duration(project.source.rate)
        words = action_words(endpoint, seconds, session.asking.takes)
        if not session.connections.has(endpoint.connection):
            self.submit_bar.set_action(words, "", False, _missing(endpoint.connection))
            return
        # What is paid by the second is paid for all that is sent, not for the mask alone.
        sent = max(plan.excerpt.length, plan.sent.length) / project.source.rate
        self.submit_bar.set_action(words, _money(endpoint, price_of(endpoint, session.asking.takes, sent)), True)

    def _bound(self) -> list[str]:
        session = self._session
        if session.project is None or session.mask is None:
            return []
        rate = session.project.source.rate
        start, end = session.mask.seconds(rate)
        lines = [f"Mask {format_time(start)} – {format_time(end)}"]
        try:
            plan = session.plan()
        except AppError:
            plan = None
        if plan is not None:
            lines.append(f"Sends {plan.excerpt.duration(rate):.2f} s of sound: mask and context")
        return lines


_KINDS = {Kind.FILL: "fills a mask", Kind.VARY: "varies a sound", Kind.EXTEND: "extends a sound"}
_CONNECTIONS = {LOCAL: "Offline engine", "fal": "fal.ai"}


def _missing(connection: str) -> str:
    if connection == LOCAL:
        return "The offline engine is starting …"
    place = _CONNECTIONS.get(connection, connection)
    return f"{place} needs a key: Edit › Key for fal.ai…, or choose the offline engine"


def _price_text(endpoint: Endpoint) -> str:
    if endpoint.connection == LOCAL:
        return "free"
    return f"${endpoint.price.amount:g} per {endpoint.price.per}" if endpoint.price else ""


def _money(endpoint: Endpoint, price: float | None) -> str:
    if endpoint.connection == LOCAL:
        return "free · offline engine"
    place = _CONNECTIONS.get(endpoint.connection, endpoint.connection)
    return f"price not known · {place}" if price is None else f"~${price:.2f} · {place}"
