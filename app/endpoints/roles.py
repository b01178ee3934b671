"""Roles: which field is the source, the mask's start, the length, the seed … found by one table of kinds and names.

A role maps to a dotted path: "audio_url", "segment.start_s", "spans[].start" (a list that gets one entry). A document
may state roles outright in its x-retake object; what it states wins over what the table finds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from app.endpoints.fields import (
    ArrayField,
    BooleanField,
    ChoiceField,
    Field,
    FileField,
    Json,
    NumberField,
    ObjectField,
    TextField,
)
from app.endpoints.request import Kind
from app.errors import SchemaError


class Role(StrEnum):
    """What a field means to Retake, whatever its name."""

    SOURCE = "source"
    MASK_START = "mask_start"
    MASK_END = "mask_end"
    MASK_START_FROM = "mask_start_from"
    MASK_END_FROM = "mask_end_from"
    DURATION = "duration"
    EXTEND_BEFORE = "extend_before"
    EXTEND_AFTER = "extend_after"
    PROMPT = "prompt"
    TAGS = "tags"
    LYRICS = "lyrics"
    NEGATIVE_PROMPT = "negative_prompt"
    SEED = "seed"
    STRENGTH = "strength"
    OUTPUT_FORMAT = "output_format"
    BITRATE = "bitrate"
    REFERENCE = "reference"
    LORAS = "loras"
    ARCHIVE = "archive"
    SYNC = "sync"
    COUNT = "count"


Roles: TypeAlias = Mapping[Role, str]

# Filled from the waveform and the app's own rules, never typed.
BOUND: Final = frozenset(
    {
        Role.SOURCE,
        Role.MASK_START,
        Role.MASK_END,
        Role.MASK_START_FROM,
        Role.MASK_END_FROM,
        Role.DURATION,
        Role.EXTEND_BEFORE,
        Role.EXTEND_AFTER,
        Role.SYNC,
        Role.COUNT,
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A field of one of these kinds (and, for files, of one of these media) whose path matches takes the role."""

    role: Role
    kinds: tuple[type[Field], ...]
    names: str
    note: str = ""
    media: tuple[str, ...] = ()


_T = r"(?:_(?:s|sec|secs|seconds|ms|milliseconds|time))*"
_AREA = r"(?:mask|inpaint|inpainting|edit|region|repaint|repainting|replace|segment|section|span|fill|gap|hole)"
_AREAS = r"(?:mask|region|segment|section|span|interval|window|time_range|range|hole)s?(?:\[\])?"
_NUMBER, _TEXT, _FILE, _CHOICE = (NumberField,), (TextField,), (FileField,), (ChoiceField,)
_SOUND = ("audio", "file")

# Read from the top: a role keeps its first match, a field its first role. Whole paths are matched, in lower case.
TABLE: Final[tuple[Rule, ...]] = (
    Rule(Role.ARCHIVE, _FILE, r".*", "a training set", ("archive",)),
    Rule(Role.REFERENCE, _FILE, r".*(?:reference|ref|style|guide|conditioning|prompt)_(?:audio|sound|music|voice).*"),
    Rule(Role.REFERENCE, _FILE, r"(?:audio|sound|music|voice)_(?:reference|prompt).*|impulse_response_url"),
    Rule(Role.SOURCE, _FILE, r"(?:source_|input_|init_|original_)?audio(?:_file|_path|_input)?(?:_url)?", "", _SOUND),
    Rule(Role.SOURCE, _FILE, r"(?:source|input|init|song|music|sound|track|clip|file)_(?:file_)?url|url", "", _SOUND),
    Rule(Role.SOURCE, _FILE, r"[^.\[]*", "the only sound there is", ("audio",)),
    Rule(Role.MASK_START_FROM, _CHOICE, rf"(?:{_AREA}_)?start{_T}_(?:relative_to|from|anchor)"),
    Rule(Role.MASK_END_FROM, _CHOICE, rf"(?:{_AREA}_)?end{_T}_(?:relative_to|from|anchor)"),
    Rule(Role.MASK_START, _NUMBER, rf"{_AREA}_?start{_T}|start_{_AREA}{_T}"),
    Rule(Role.MASK_START, _NUMBER, rf"{_AREAS}\.(?:start|from|begin){_T}", "one object per span"),
    Rule(Role.MASK_START, _NUMBER, rf"start{_T}", "only beside an end"),
    Rule(Role.MASK_END, _NUMBER, rf"{_AREA}_?end{_T}|end_{_AREA}{_T}"),
    Rule(Role.MASK_END, _NUMBER, rf"{_AREAS}\.(?:end|to|stop){_T}", "one object per span"),
    Rule(Role.MASK_END, _NUMBER, rf"end{_T}", "only beside a start"),
    Rule(Role.EXTEND_BEFORE, _NUMBER, rf"(?:extend{_T}_)?(?:before|left)(?:_duration)?{_T}|prepend(?:_duration)?{_T}"),
    Rule(Role.EXTEND_AFTER, _NUMBER, rf"(?:extend{_T}_)?(?:after|right)(?:_duration)?{_T}|append(?:_duration)?{_T}"),
    Rule(Role.EXTEND_AFTER, _NUMBER, rf"(?:extend|extension)_(?:duration|length){_T}"),
    Rule(Role.DURATION, _NUMBER, r"seconds_total|total_seconds|num_seconds|(?:duration|length)_in_seconds"),
    Rule(Role.DURATION, _NUMBER, rf"(?:audio_|music_|output_|total_|clip_|target_)?(?:duration|length){_T}"),
    Rule(Role.NEGATIVE_PROMPT, _TEXT, r"neg(?:ative)?_(?:prompt|text|tags|styles?)"),
    Rule(Role.LYRICS, _TEXT, r"lyrics?(?:_prompt|_text)?"),
    Rule(Role.TAGS, (TextField, ArrayField), r"tags|genres?|styles?|(?:style|genre)_tags"),
    Rule(Role.PROMPT, _TEXT, r"prompt|text_prompt|audio_prompt|gen_prompt|style_prompt"),
    Rule(Role.PROMPT, _TEXT, r"text|description|caption|instructions?"),
    Rule(Role.SEED, _NUMBER, r"(?:random_|rng_|noise_|manual_)?seed"),
    Rule(Role.STRENGTH, _NUMBER, r"init_noise_level|noise_level|variance|variation|variety|denoise"),
    Rule(Role.STRENGTH, _NUMBER, r"(?:denoising_|denoise_|variation_|noise_|audio_|transform_)?strength"),
    Rule(Role.OUTPUT_FORMAT, _CHOICE, r"(?:[^.\[]+\.)?(?:output_|upload_|response_|file_)?(?:audio_|file_)?format"),
    Rule(Role.BITRATE, (TextField, ChoiceField, NumberField), r"(?:[^.\[]+\.)?(?:output_|audio_)?bit_?rate"),
    Rule(Role.BITRATE, (TextField, ChoiceField, NumberField), r"output_bit_rate"),
    Rule(Role.LORAS, (ArrayField,), r"loras?|lora_weights"),
    Rule(Role.SYNC, (BooleanField,), r"sync_mode", "results inline, kept nowhere: never wanted"),
    Rule(Role.COUNT, _NUMBER, r"num_(?:samples|songs|outputs|variations|generations|audios)", "one take, one request"),
)


def walk(fields: Sequence[Field], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Field]]:
    """Every field with its dotted path, down to three objects deep; names that would read as paths are passed over."""
    for each in fields:
        if "." in each.name or "[" in each.name:
            continue
        path = prefix + each.name
        yield path, each
        if depth < 2 and isinstance(each, ObjectField):
            yield from walk(each.fields, f"{path}.", depth + 1)
        elif depth < 2 and isinstance(each, ArrayField) and isinstance(each.item, ObjectField):
            yield from walk(each.item.fields, f"{path}[].", depth + 1)


def find_roles(fields: Sequence[Field], stated: Json = None) -> Roles:
    """The roles of these fields, by the table and as stated; SchemaError for a stated field that is not there."""
    paths = dict(walk(fields))
    roles: dict[Role, str] = dict(_stated(stated, paths))
    taken = set(roles.values())
    denied = {role for role in Role if isinstance(stated, dict) and role.value in stated}
    for rule in TABLE:
        if rule.role in roles or rule.role in denied:
            continue
        for path, each in paths.items():
            if path not in taken and _fits(rule, path, each):
                roles[rule.role] = path
                taken.add(path)
                break
    return _sound(roles, paths)


def _fits(rule: Rule, path: str, each: Field) -> bool:
    if not isinstance(each, rule.kinds) or not re.fullmatch(rule.names, path.lower()):
        return False
    return not rule.media or (isinstance(each, FileField) and each.media in rule.media)


def _stated(stated: Json, paths: Mapping[str, Field]) -> Iterator[tuple[Role, str]]:
    """What x-retake says; null says that no field has the role, and roles of a later version are passed over."""
    for name, path in (stated if isinstance(stated, dict) else {}).items():
        if path is None or name not in {role.value for role in Role}:
            continue
        if not isinstance(path, str) or path not in paths:
            raise SchemaError(f"The document gives the role {name} to {path!r}, a field that it does not have.")
        kinds = tuple({kind for rule in TABLE if rule.role == name for kind in rule.kinds})
        if not isinstance(paths[path], kinds):
            raise SchemaError(f"The document gives the role {name} to {path!r}, which cannot have it.")
        yield Role(name), path


def _sound(roles: dict[Role, str], paths: Mapping[str, Field]) -> Roles:
    """Without halves that mean nothing alone, and without sound's roles in what only trains."""
    if not (Role.MASK_START in roles and Role.MASK_END in roles):
        for role in (Role.MASK_START, Role.MASK_END, Role.MASK_START_FROM, Role.MASK_END_FROM):
            roles.pop(role, None)
    for role in (Role.MASK_START_FROM, Role.MASK_END_FROM):
        choices = paths[roles[role]] if role in roles else None
        if choices is not None and not (
            isinstance(choices, ChoiceField) and {"start", "end"} & set(map(str, choices.choices))
        ):
            del roles[role]
    if Role.ARCHIVE in roles and Role.SOURCE not in roles:
        # A trainer's "duration" crops its recordings; no waveform stands behind it.
        roles.pop(Role.DURATION, None)
    return roles


def kind_of(roles: Roles) -> Kind:
    """What an endpoint with these roles does with the clip."""
    if Role.SOURCE in roles:
        if Role.MASK_START in roles:
            return Kind.FILL
        return Kind.EXTEND if {Role.EXTEND_BEFORE, Role.EXTEND_AFTER} & roles.keys() else Kind.VARY
    if Role.ARCHIVE not in roles and {Role.PROMPT, Role.TAGS, Role.LYRICS} & roles.keys():
        return Kind.GENERATE
    return Kind.OTHER


def field_at(fields: Sequence[Field], path: str) -> Field | None:
    """The field at a dotted path, or None."""
    return next((each for known, each in walk(fields) if known == path), None)


def value_at(values: Mapping[str, Json], path: str) -> Json:
    """The value at a dotted path, None where there is none."""
    found: Json = dict(values)
    for step in path.split("."):
        found = found.get(step.removesuffix("[]")) if isinstance(found, dict) else None
        if isinstance(found, list) and step.endswith("[]"):
            found = next(iter(found), None)
    return found


def with_value(values: Mapping[str, Json], path: str, value: Json) -> dict[str, Json]:
    """A copy with the value at a dotted path; objects and one-entry lists on the way are made where missing."""
    head, _, rest = path.partition(".")
    result = dict(values)
    if not rest:
        result[head] = value
    elif head.endswith("[]"):
        entries = result.get(head[:-2])
        first = entries[0] if isinstance(entries, list) and entries else None
        tail = entries[1:] if isinstance(entries, list) else []
        result[head[:-2]] = [with_value(first if isinstance(first, dict) else {}, rest, value), *tail]
    else:
        inner = result.get(head)
        result[head] = with_value(inner if isinstance(inner, dict) else {}, rest, value)
    return result
