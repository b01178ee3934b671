"""What is wanted without a window, checked, and turned into requests."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.endpoints.aim import aim
from app.endpoints.binding import check, defaults, make_requests
from app.endpoints.catalogue import Catalogue, Endpoint
from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request
from app.endpoints.roles import Role
from app.errors import AppError, MaskError
from app.session.connections import LOCAL
from app.sound.region import Region
from app.takes.render import Rendering

_LATEST = 1e9  # seconds; what is later, infinite or no number is a slip of the fingers


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is wanted: a part of a file remade so many times, or, without a mask, the whole, its end, or a place in it.

    `start` and `end` are the mask's, in seconds; what is made of words alone goes in `at` a second (None: the end)
    and lasts `seconds`, as does what goes on where the file ends.
    """

    source: Path
    output: Path
    start: float | None = None
    end: float | None = None
    at: float | None = None
    seconds: float = 5.0
    grow: bool = False
    connection: str = LOCAL
    endpoint: str | None = None
    values: Mapping[str, Json] = field(default_factory=dict[str, Json])
    attachments: Mapping[str, Path] = field(default_factory=dict[str, Path])
    seed: int | None = None
    takes: int = 1


def check_errand(errand: Errand) -> None:
    """AppError for what no endpoint could do."""
    if errand.takes < 1:
        raise AppError(f"{errand.takes} takes cannot be made.", "Ask for 1 or more.")
    for each in (errand.start, errand.end, errand.at, errand.seconds):
        if each is not None and not abs(each) <= _LATEST:
            raise MaskError(f"{each:g} is no time in a clip.", "Give times in seconds.")
    if (errand.start is None) != (errand.end is None):
        raise MaskError("A mask has a start and an end.", "Give both --start and --end, or neither.")
    if errand.start is not None and errand.end is not None and errand.end < errand.start:
        raise MaskError(
            f"The mask would end at {errand.end:g} s, before it starts at {errand.start:g} s.",
            "Swap --start and --end.",
        )
    if errand.seconds <= 0:
        raise MaskError(f"A sound cannot last {errand.seconds:g} s.", "Give --seconds more than 0.")
    for path, file in errand.attachments.items():
        if not file.is_file():
            raise AppError(f"There is no file {file} for {path}.", "Give --attach NAME=FILE.")


def requests_of(errand: Errand, endpoint: Endpoint, base: Rendering) -> Sequence[Request]:
    """The requests of an errand. MaskError and FieldError, with what would work, before anything is sent."""
    values = {**defaults(endpoint), **errand.values}
    prompt = endpoint.roles.get(Role.PROMPT) or endpoint.roles.get(Role.TAGS)
    if "prompt" in values and prompt != "prompt":
        if prompt is None:
            raise AppError(f"{endpoint.id} takes no prompt: it works from the clip's own sound.", "Leave --prompt out.")
        values[prompt] = values.pop("prompt")
    attached = {path: str(file.absolute()) for path, file in errand.attachments.items()}
    for error in check(endpoint, values, attached):
        raise error
    mask = None
    if errand.start is not None and errand.end is not None:
        mask = Region.from_seconds(errand.start, errand.end, base.rate)
    at = base.length if errand.at is None else round(errand.at * base.rate)
    aimed = aim(endpoint, mask, base.length, at, max(round(errand.seconds * base.rate), 1))
    # With a seed given, the same command makes the same takes: the seeds of the others follow from the first.
    first = errand.seed if errand.seed is not None else errand.values.get(endpoint.roles.get(Role.SEED, ""))
    return make_requests(
        endpoint,
        values,
        aimed,
        base.length,
        base.rate,
        takes=errand.takes,
        seed=errand.seed,
        grow=errand.grow,
        attachments=attached,
        rng=random.SystemRandom() if first is None else random.Random(str(first)),
    )


def choose(catalogue: Catalogue, connection: str, wanted: str | None) -> Endpoint:
    """The endpoint that is named, or the connection's first that fills a mask; AppError where there is none."""
    own_first = [e for e in catalogue.all() if e.connection == connection]
    if wanted is None:
        fill = next((e for e in own_first if e.kind is Kind.FILL), None)
        if fill is None:
            raise AppError("This connection has no endpoint that fills a mask.", "Name one with --endpoint.")
        return fill
    found = next((e for e in own_first if e.id == wanted), None)
    if found is None:
        raise AppError(f"There is no endpoint {wanted} on {connection}.", "`retake endpoints` lists them.")
    return found
