"""From a panel's values and a mask to requests: what is edited, what is bound, and params as the schema wants them."""

import difflib
import math
import random
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.endpoints.aim import Aim
from app.endpoints.catalogue import Endpoint
from app.endpoints.excerpt import Context, Plan, plan
from app.endpoints.fields import (
    BooleanField,
    ChoiceField,
    Field,
    Json,
    NumberField,
    ObjectField,
    Unset,
)
from app.endpoints.inline import room_for
from app.endpoints.paths import in_order, put_at
from app.endpoints.request import Kind, Params, Request, Seam
from app.endpoints.roles import BOUND, Role, field_at, value_at, with_value
from app.endpoints.wildcards import expanded, wild_paths
from app.errors import FieldError
from app.sound.region import Region

_PROMPTS: Final = (Role.PROMPT, Role.TAGS, Role.LYRICS)
_FOLDED: Final = frozenset({Role.BITRATE})
_TECHNICAL: Final = re.compile(
    r"(?:enable|use|disable)_.*|.*(?:steps|guidance|cfg|scheduler|sampler|safety|precision|granularity|timeout|"
    r"acceleration|chunk|overlap|rerank).*"
)
_FEW: Final = 3  # so many further fields need no folding
_LOSSLESS: Final = ("wav", "flac", "aiff", "wav_", "flac_")


@dataclass(frozen=True, slots=True)
class Editable:
    """The fields that a user edits, in the order of the panel; `advanced` is folded."""

    prompt: tuple[Field, ...]
    main: tuple[Field, ...]
    advanced: tuple[Field, ...]

    def all(self) -> tuple[Field, ...]:
        """Every one of them."""
        return (*self.prompt, *self.main, *self.advanced)


# -- the panel ---------------------------------------------------------------------------------------------------------


def editable(endpoint: Endpoint) -> Editable:
    """Prompts first, then in schema order what is required or has a known role; technical and unknown ones folded."""
    fields = _unbound(endpoint)
    names = {role: path.split(".")[0].removesuffix("[]") for role, path in endpoint.roles.items()}
    prompts = [each for role in _PROMPTS for each in fields if names.get(role) == each.name]
    known = {name for role, name in names.items() if role not in BOUND | _FOLDED}
    rest = [each for each in fields if each not in prompts]
    further = [each for each in rest if not each.required and each.name not in known and not _folded(endpoint, each)]
    shown = {each.name for each in rest if each.required or each.name in known}
    if len(further) <= _FEW:
        shown |= {each.name for each in further}
    main = tuple(each for each in rest if each.name in shown and not each.deprecated)
    return Editable(tuple(prompts), main, tuple(each for each in rest if each not in main))


def _folded(endpoint: Endpoint, each: Field) -> bool:
    return each.name == endpoint.roles.get(Role.BITRATE) or _TECHNICAL.fullmatch(each.name.lower()) is not None


def _unbound(endpoint: Endpoint) -> tuple[Field, ...]:
    """Fields less those that the waveform fills; an object loses its bound part, or goes when nothing is left."""
    bound = {path for role, path in endpoint.roles.items() if role in BOUND}

    def left(fields: Sequence[Field], prefix: str) -> tuple[Field, ...]:
        kept: list[Field] = []
        for each in fields:
            path = prefix + each.name
            if path in bound or f"{path}[]" in bound:
                continue
            if isinstance(each, ObjectField) and any(one.startswith(f"{path}.") for one in bound):
                inner = left(each.fields, f"{path}.")
                if inner:
                    kept.append(replace(each, fields=inner, required=any(one.required for one in inner)))
            elif not any(one.startswith(f"{path}[].") for one in bound):
                kept.append(each)
        return tuple(kept)

    return left(endpoint.fields, "")


def defaults(endpoint: Endpoint) -> dict[str, Json]:
    """What a panel starts with: the schema's defaults, but a lossless format where one can be had."""
    values: dict[str, Json] = {}
    for each in editable(endpoint).all():
        default = each.default
        if not isinstance(default, Unset) and default is not None:
            values[each.name] = default
    wanted = _lossless(endpoint.field(Role.OUTPUT_FORMAT))
    path = endpoint.roles.get(Role.OUTPUT_FORMAT)
    return with_value(values, path, wanted) if path is not None and wanted is not None else values


def _lossless(each: Field | None) -> str | None:
    """The format that loses nothing; raw PCM without a header is none."""
    choices = [one for one in each.choices if isinstance(one, str)] if isinstance(each, ChoiceField) else []
    for wanted in _LOSSLESS:
        for one in choices:
            if one.lower() == wanted or (wanted.endswith("_") and one.lower().startswith(wanted)):
                return one
    return None


def check(endpoint: Endpoint, values: Mapping[str, Json], attached: Collection[str] = ()) -> tuple[FieldError, ...]:
    """Everything that is wrong with these values, each error under its top-level field; bound names are passed over.

    `attached` are the paths of fields for which a file of this machine will be uploaded.
    """
    values = _with_stand_ins(values, attached)
    fields = {each.name: each for each in _unbound(endpoint)}
    errors: list[FieldError] = []
    for name in values:
        if name not in fields and not any(each.name == name for each in endpoint.fields):
            near = difflib.get_close_matches(name, fields, 1)
            hint = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(fields)}."
            errors.append(FieldError(name, f"{endpoint.title} has no field {name!r}.", hint))
    for name, each in fields.items():
        value = values.get(name)
        try:
            if value is not None:
                each.check(value)
            elif each.required and not (each.nullable and name in values) and isinstance(each.default, Unset):
                raise each.error("needs a value")
        except FieldError as error:
            inner = "" if error.field == name else f"{each.label}: "
            errors.append(FieldError(name, inner + error.message, error.hint))
    return tuple(errors)


def _with_stand_ins(values: Mapping[str, Json], attached: Collection[str]) -> Mapping[str, Json]:
    """The values as they will be once every file has an address, for what judges addresses and counts entries."""
    for path in in_order(attached):
        values = put_at(values, path, "https://attached")
    return values


def fitting(endpoint: Endpoint, values: Mapping[str, Json]) -> dict[str, Json]:
    """Those values that this endpoint's fields still take: after a schema changed, or from another endpoint's panel."""
    fields = {each.name for each in _unbound(endpoint)}
    wrong = {error.field for error in check(endpoint, values)}
    return {name: value for name, value in values.items() if name in fields and name not in wrong}


# -- what is sent ------------------------------------------------------------------------------------------------------


def bind(
    endpoint: Endpoint,
    values: Mapping[str, Json],
    planned: Plan,
    rate: int,
    seed: int | None,
    attached: Collection[str] = (),
) -> Params:
    """The params of one request, in schema order, but for URLs of uploads; FieldError for the first that is wrong."""
    errors = check(endpoint, values, attached)
    if errors:
        raise errors[0]
    params: dict[str, Json] = {}
    uploaded = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in attached}
    for each in _unbound(endpoint):
        value = values.get(each.name)
        if value is not None:
            # What waits for an address inside was judged with one above.
            params[each.name] = value if each.name in uploaded else each.check(value)
        elif each.name in values and each.nullable and not isinstance(each.default, Unset | None):
            params[each.name] = None  # null where the schema's default is something else says something
    for role, value in _bound(endpoint, planned, rate, seed):
        params = with_value(params, endpoint.roles[role], _checked(endpoint, role, value))
    order = {each.name: place for place, each in enumerate(endpoint.fields)}
    return dict(sorted(params.items(), key=lambda item: order.get(item[0], len(order))))


def _bound(endpoint: Endpoint, planned: Plan, rate: int, seed: int | None) -> list[tuple[Role, Json]]:
    """What the waveform and the app's own rules fill in, by role."""
    excerpt, sent = planned.excerpt, planned.sent
    found: list[tuple[Role, Json]] = []
    if endpoint.kind is Kind.FILL:
        found += _mask(endpoint, excerpt, sent, rate)
    lengths = (
        (Role.DURATION, planned.length),
        (Role.EXTEND_BEFORE, max(excerpt.start - sent.start, 0)),
        (Role.EXTEND_AFTER, max(sent.end - excerpt.end, 0)),
    )
    for role, frames in lengths:
        unit = endpoint.time(role)
        if unit is not None and endpoint.kind is not Kind.OTHER:
            found.append((role, _held(endpoint, role, unit.up(frames, rate))))
    if Role.SYNC in endpoint.roles:
        found.append((Role.SYNC, False))
    if Role.COUNT in endpoint.roles:
        found.append((Role.COUNT, _held(endpoint, Role.COUNT, 1)))
    if Role.SEED in endpoint.roles and seed is not None:
        found.append((Role.SEED, seed))
    return found


def _mask(endpoint: Endpoint, excerpt: Region, sent: Region, rate: int) -> list[tuple[Role, Json]]:
    """Start and end as their fields count them: from the excerpt's start, or its end where only that is offered."""
    start, end = sent.start - excerpt.start, sent.end - excerpt.start
    found: list[tuple[Role, Json]] = []
    for role, origin, frames in (
        (Role.MASK_START, Role.MASK_START_FROM, start),
        (Role.MASK_END, Role.MASK_END_FROM, end),
    ):
        unit, anchor = endpoint.time(role), endpoint.field(origin)
        if unit is None:
            continue
        from_end = isinstance(anchor, ChoiceField) and "start" not in anchor.choices
        if anchor is not None:
            found.append((origin, "end" if from_end else "start"))
        distance = excerpt.length - frames if from_end else frames
        outwards = unit.down if (role is Role.MASK_START) is not from_end else unit.up
        found.append((role, _held(endpoint, role, outwards(distance, rate))))
    told = {role: value for role, value in found if isinstance(value, int | float)}
    backwards = endpoint.field(Role.MASK_START_FROM) or endpoint.field(Role.MASK_END_FROM)
    if backwards is None and told[Role.MASK_END] <= told[Role.MASK_START]:
        path = endpoint.roles[Role.MASK_END]
        raise FieldError(path, "The mask's end must come after its start.", "Make the mask longer.")
    return found


def _held(endpoint: Endpoint, role: Role, value: float) -> float:
    """The value within the field's limits: half a frame of rounding must not refuse a request."""
    each, unit = endpoint.field(role), endpoint.time(role)
    if isinstance(each, NumberField) and unit is not None:
        if unit.most is not None:
            value = min(value, unit.most * unit.per_second)
        if each.minimum is not None or each.exclusive_minimum is not None:
            value = max(value, unit.least * unit.per_second)
        if each.integer:
            return int(value)
    return value


def _checked(endpoint: Endpoint, role: Role, value: Json) -> Json:
    each = field_at(endpoint.fields, endpoint.roles[role])
    return each.check(value) if isinstance(each, NumberField | ChoiceField | BooleanField) else value


def make_requests(
    endpoint: Endpoint,
    values: Mapping[str, Json],
    aimed: Aim,
    length: int,
    rate: int,
    *,
    takes: int = 1,
    base: str | None = None,
    context: Context | None = None,
    seam: Seam | None = None,
    seed: int | None = None,
    grow: bool = False,
    attachments: Mapping[str, str] | None = None,
    rng: random.Random | None = None,
) -> tuple[Request, ...]:
    """One request a take, each with a seed of its own; the first has `seed`, or the one among the values, if given.

    MaskError and FieldError, with what would work, before anything is sent.
    """
    planned = plan(endpoint, aimed.mask, length, rate, context or Context())
    rng = rng or random.SystemRandom()
    kept = value_at(values, endpoint.roles[Role.SEED]) if Role.SEED in endpoint.roles else None
    first = seed if seed is not None else (int(kept) if isinstance(kept, int | float) else None)
    spelled = expanded(values, wild_paths(endpoint), takes, rng)
    for each in spelled:
        errors = check(endpoint, each, attachments or ())
        if errors:
            raise errors[0]
    seconds = planned.length / rate
    return tuple(
        Request(
            endpoint=endpoint.id,
            connection=endpoint.connection,
            kind=endpoint.kind,
            params=bind(endpoint, said, planned, rate, each, attachments or ()),
            mask=aimed.mask,
            place=None if aimed.place == aimed.mask else aimed.place,
            sent=planned.sent if endpoint.kind is Kind.FILL and planned.sent != aimed.mask else None,
            grow=grow and may_grow(endpoint, aimed.mask, planned),
            attachments=dict(attachments or {}),
            inline_bytes=room_for(endpoint.field(Role.SOURCE)),
            excerpt=planned.excerpt,
            rate=rate,
            source_field=endpoint.roles.get(Role.SOURCE),
            base=base,
            seam=seam or Seam(),
            seed=each,
            prompt=_prompt(endpoint, said),
            price=price_of(endpoint, 1, seconds),
        )
        for said, each in zip(spelled, _seeds(endpoint, takes, first, rng), strict=True)
    )


def may_grow(endpoint: Endpoint, mask: Region, planned: Plan) -> bool:
    """Whether a result of another length could keep it: only where nothing that was sent has to be met after it."""
    return endpoint.kind is Kind.GENERATE or (endpoint.kind is Kind.VARY and planned.excerpt == mask)


def _seeds(endpoint: Endpoint, takes: int, first: int | None, rng: random.Random) -> list[int | None]:
    """So many distinct seeds in the field's own range; below 2³¹, and never a -1 that would mean any."""
    each = endpoint.field(Role.SEED)
    if not isinstance(each, NumberField):
        return [None] * takes
    low = (
        each.minimum
        if each.minimum is not None
        else (each.exclusive_minimum or 0.0) + (each.exclusive_minimum is not None)
    )
    high = each.maximum if each.maximum is not None else 2.0**31 - 1
    if each.exclusive_maximum is not None:
        high = min(high, math.ceil(each.exclusive_maximum) - 1)
    least, most = math.ceil(low), math.floor(min(high, max(2.0**31 - 1, low + 2.0**31)))
    if most >= 0:
        least = max(least, 0)
    if most - least + 1 < takes:
        raise each.error(f"allows only {most - least + 1} different values", f"Ask for {most - least + 1} takes.")
    if first is not None:
        # A kept seed counts up from take to take, so that each of them can be had again.
        return [first, *(least + (first - least + i) % (most - least + 1) for i in range(1, takes))]
    seeds: list[int | None] = []
    while len(seeds) < takes:
        drawn = rng.randint(least, most)
        if drawn not in seeds:
            seeds.append(drawn)
    return seeds


def _prompt(endpoint: Endpoint, values: Mapping[str, Json]) -> str:
    """The words that a take is known by: the prompt, else the tags, else the lyrics."""
    for role in _PROMPTS:
        told = value_at(values, endpoint.roles[role]) if role in endpoint.roles else None
        text = ", ".join(str(each) for each in told) if isinstance(told, list) else told
        if isinstance(text, str) and text.strip():
            return text.strip()
    return ""


def price_of(endpoint: Endpoint, requests: int, seconds: float) -> float | None:
    """Dollars for so many requests of so many seconds each; None where the price or its unit is not known."""
    if endpoint.price is None:
        return None
    units = {
        "request": 1.0,
        "audio": 1.0,
        "audios": 1.0,
        "generation": 1.0,
        "second": seconds,
        "seconds": seconds,
        "minute": seconds / 60,
        "minutes": seconds / 60,
    }
    each = units.get(endpoint.price.per)
    return None if each is None and endpoint.price.amount else endpoint.price.amount * (each or 0.0) * requests
