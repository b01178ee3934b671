"""What is asked for: the endpoint, what stands in its panel, how many takes, and how they are joined."""

import random
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal, Slot

from app.endpoints.binding import check, make_requests
from app.endpoints.catalogue import Catalogue, Endpoint, bundled, endpoint_from
from app.endpoints.excerpt import Context, Plan, plan
from app.endpoints.fields import Json
from app.endpoints.request import Request, Seam
from app.errors import AppError, FieldError, MaskError
from app.session.connections import LOCAL
from app.session.landing import check_lands
from app.session.preferences import Preferences
from app.sound.clip import Clip
from app.sound.region import Region


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

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.endpoint: Endpoint | None = None
        self.catalogue = Catalogue(bundled())
        self.context = Context()
        self.seed: int | None = None
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
            wanted = self.catalogue.get(self._preferences.now.last_endpoint)
            self.choose(wanted.id if wanted else found[0].id)
        return tuple(errors)

    @Slot(str)
    def choose(self, endpoint: str) -> bool:
        """Ask that endpoint from now on, its panel as it was left; whether there is such an endpoint."""
        found = self.catalogue.get(endpoint)
        if found is not None and found != self.endpoint:
            self.endpoint = found
            self._preferences.change(last_endpoint=endpoint)
            self.endpoint_changed.emit(found)
        return found is not None

    # --- the panel ----------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Json]:
        """What stands in the panel of the endpoint."""
        return self._panels.get(self.endpoint.id, {}) if self.endpoint else {}

    def set_values(self, values: Mapping[str, Json], seed: int | None) -> None:
        """What stands in the panel; the seed is None where each take draws its own."""
        if self.endpoint is not None:
            self.seed = seed
            self._panels[self.endpoint.id] = dict(values)

    def set_panels(self, panels: Mapping[str, dict[str, Json]]) -> None:
        """The panels of the project that was opened."""
        self._panels = dict(panels)

    @property
    def takes(self) -> int:
        """How many takes one press asks for; remembered apart for what is free and what is paid."""
        now = self._preferences.now
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

    # --- requests -----------------------------------------------------------------------------------------------

    def plan(self, mask: Region | None, source: Clip) -> Plan | None:
        """What would be sent for a mask; None without one. MaskError where the endpoint cannot take it."""
        if mask is None or self.endpoint is None:
            return None
        return plan(self.endpoint, mask, source.length, source.rate, self.context)

    def requests(self, mask: Region | None, source: Clip, base: str | None) -> tuple[Request, ...]:
        """As many requests as takes are asked for. FieldsRefused, FieldError, MaskError where that cannot be."""
        if self.endpoint is None:
            raise AppError("No endpoint is chosen.", "Choose one at the top of the panel.")
        if mask is None:
            raise MaskError("There is no mask.", "Drag over the part to remake.")
        check_lands(self.endpoint)
        errors = check(self.endpoint, self.values)
        if errors:
            raise FieldsRefused(errors)
        now = self._preferences.now
        return make_requests(
            self.endpoint,
            self.values,
            mask,
            source.length,
            source.rate,
            takes=self.takes,
            base=base,
            context=self.context,
            seam=Seam(now.seam_ms, now.outside_ms),
            seed=self.seed,
            rng=self._random,
        )
