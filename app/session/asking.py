"""What is asked for: the endpoint, what stands in its panel, how many takes, and how they are joined."""

import random
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal

from app.endpoints.aim import Aim, aim, room
from app.endpoints.binding import check, make_requests
from app.endpoints.carrying import carried, carried_files, with_carried
from app.endpoints.catalogue import Catalogue, Endpoint, bundled, endpoint_from
from app.endpoints.excerpt import Context, Plan, plan
from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request, Seam
from app.endpoints.roles import Role
from app.endpoints.wildcards import expanded, wild_paths
from app.errors import AppError, FieldError
from app.session.connections import LOCAL
from app.session.preferences import Preferences
from app.sound.region import Region
from app.takes.render import Rendering


class FieldsRefused(AppError):
    """Values of the panel that do not fit, all at once."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(errors[0].message, errors[0].hint)
        self.errors = errors


class Asking(QObject):
    """Keeps the panel's state and turns it, with a mask, into requests."""

    endpoint_changed = Signal(object)
    catalogue_changed = Signal()
    context_changed = Signal(object)
    length_changed = Signal()

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.endpoint: Endpoint | None = None
        self.catalogue = Catalogue(bundled())
        self.context = Context()
        self.new_seconds = 5.0
        self.grow = False
        self.seed: int | None = None
        self._attached: dict[str, dict[str, str]] = {}
        self._worded: tuple[Endpoint, dict[str, Json]] | None = None  # the last panel that had words
        self._preferences = preferences
        self._panels: dict[str, dict[str, Json]] = {}
        self._random = random.SystemRandom()

    # --- endpoints ----------------------------------------------------------------------------------------------

    def offer(self, connection: str, documents: Iterable[Json]) -> tuple[AppError, ...]:
        """Add what a host offers; what cannot be read is given back as errors."""
        found: list[Endpoint] = []
        errors: list[AppError] = []
        for document in documents:
            try:
                found.append(endpoint_from(document, connection))
            except AppError as error:
                errors.append(error)
        self.catalogue = self.catalogue.with_endpoints(found)
        self.catalogue_changed.emit()
        if self.endpoint is None and found:
            now = self._preferences.now
            if not self.choose(now.last_endpoint, now.last_connection or None):
                self.choose(found[0].id, connection)
        return tuple(errors)

    def choose(self, endpoint: str, connection: str | None = None) -> bool:
        """Ask that endpoint from now on, its panel as it was left; whether there is such an endpoint."""
        found = self.catalogue.get(endpoint, connection)
        if found is not None and found != self.endpoint:
            before, values, files = self.endpoint, self.values, self.attachments
            self.endpoint = found
            self._preferences.change(last_endpoint=endpoint, last_connection=found.connection)
            if before is not None:
                if {Role.PROMPT, Role.TAGS} & before.roles.keys():
                    self._worded = (before, values)
                came = carried(*self._worded, found) if self._worded is not None else {}
                came |= carried(before, values, found)
                self._panels[found.id] = with_carried(found, self.values, came)
                self._attached[found.id] = {**carried_files(before, files, found), **self.attachments}
            self.endpoint_changed.emit(found)
        return found is not None

    # --- the panel ----------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Json]:
        """What stands in the panel of the endpoint."""
        return self._panels.get(self.endpoint.id, {}) if self.endpoint else {}

    @property
    def attachments(self) -> dict[str, str]:
        """Which files of this machine stand in the panel, by the paths of their fields."""
        return self._attached.get(self.endpoint.id, {}) if self.endpoint else {}

    def set_values(
        self, values: Mapping[str, Json], seed: int | None, attachments: Mapping[str, str] | None = None
    ) -> None:
        """What stands in the panel; the seed is None where each take draws its own."""
        if self.endpoint is not None:
            self.seed = seed
            self._panels[self.endpoint.id] = dict(values)
            self._attached[self.endpoint.id] = dict(attachments or {})

    def set_panels(self, panels: Mapping[str, dict[str, Json]]) -> None:
        """The panels of the project that was opened."""
        self._panels, self._attached = dict(panels), {}

    @property
    def takes(self) -> int:
        """How many takes one press asks for; remembered apart for what is free and what is paid."""
        now = self._preferences.now
        if self.endpoint is not None and self.endpoint.kind is Kind.OTHER:
            return 1  # what trains is not tried in several versions at a press
        return now.takes_per_click_local if self._free else now.takes_per_click

    def set_takes(self, count: int) -> None:
        """Ask for so many takes at a press."""
        self._preferences.change(**{"takes_per_click_local" if self._free else "takes_per_click": count})

    @property
    def _free(self) -> bool:
        return self.endpoint is None or self.endpoint.connection == LOCAL

    def set_context(self, context: Context) -> None:
        """How much of the clip goes along with the mask."""
        if context != self.context:
            self.context = context
            self.context_changed.emit(context)

    def set_outside(self, milliseconds: float) -> None:
        """A crossfade outside the mask of so many milliseconds; 0 keeps every frame outside as it is."""
        self._preferences.change(outside_ms=milliseconds)

    def set_new_seconds(self, seconds: float) -> None:
        """How long the sound is that is inserted, or goes on where the clip ends, without a mask."""
        if seconds != self.new_seconds:
            self.new_seconds = seconds
            self.length_changed.emit()

    def set_grow(self, grow: bool) -> None:
        """Whether a result of another length than its place keeps it, so that the clip gets longer or shorter."""
        if grow != self.grow:
            self.grow = grow
            self.length_changed.emit()

    # --- requests -----------------------------------------------------------------------------------------------

    def aim(self, mask: Region | None, sound: Rendering, at: int) -> Aim | None:
        """What pressing the button is about, on a version with the playhead `at` a frame. MaskError without a mask."""
        if self.endpoint is None:
            return None
        return aim(self.endpoint, mask, sound.length, at, max(round(self.new_seconds * sound.rate), 1))

    def plan(self, aimed: Aim, sound: Rendering) -> Plan | None:
        """What would be sent. MaskError where the endpoint cannot take it."""
        if self.endpoint is None:
            return None
        return plan(self.endpoint, aimed.mask, sound.length, sound.rate, self.context)

    def room(self, rate: int) -> tuple[int, int]:
        """How many frames beyond the clip's start and end the mask may reach."""
        before, after = room(self.endpoint) if self.endpoint is not None else (0.0, 0.0)
        return round(before * rate), round(after * rate)

    def requests(self, mask: Region | None, sound: Rendering, at: int, base: str | None) -> tuple[Request, ...]:
        """As many requests as takes are asked for. FieldsRefused, FieldError, MaskError where that cannot be."""
        if self.endpoint is None:
            raise AppError("No endpoint is chosen.", "Choose one at the top of the panel.")
        aimed = aim(self.endpoint, mask, sound.length, at, max(round(self.new_seconds * sound.rate), 1))
        # Judged as they will be sent: what has wildcards is longer than any text that comes of it.
        spelled = expanded(self.values, wild_paths(self.endpoint), 1, self._random)[0]
        errors = check(self.endpoint, spelled, self.attachments)
        if errors:
            raise FieldsRefused(errors)
        now = self._preferences.now
        return make_requests(
            self.endpoint,
            self.values,
            aimed,
            sound.length,
            sound.rate,
            takes=self.takes,
            base=base,
            context=self.context,
            seam=Seam(now.seam_ms, now.outside_ms),
            seed=self.seed,
            grow=self.grow,
            attachments=self.attachments,
            rng=self._random,
        )
