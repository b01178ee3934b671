"""Roles: which field is the source, the mask's start, the length, the seed … found by one table of kinds and names.

A role maps to a dotted path: "audio_url", "segment.start_s", "spans[].start" (a list that gets one entry). A document
may state roles outright in its x-retake object; what it states wins over what the table finds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
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

# What speaks of the clip: means nothing where nothing comes back to it.
OF_THE_CLIP: Final = BOUND - {Role.SYNC, Role.COUNT}


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
_SOUND, _SEEN = ("audio", "file"), ("video", "image")
_WHOLE = r".*(?:audio|sound|music|song|track|result|output).*|files?|url"

# Read from the top: a role keeps its first match, a field its first role. Whole paths are matched, in lower case.
TABLE: Final[tuple[Rule, ...]] = (
    Rule(Role.ARCHIVE, _FILE, r".*", "a training set", ("archive",)),
    Rule(Role.REFERENCE, _FILE, r".*(?:reference|ref|style|guide|conditioning|prompt)_(?:audio|sound|music|voice).*"),
    Rule(Role.REFERENCE, _FILE, r"(?:.*_)?(?:speaker|timbre|target|emotion(?:al)?)_(?:audio|voice).*"),
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
    Rule(Role.PROMPT, _TEXT, r"text|gen_text|description|caption|instructions?"),
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


def stated_roles(told: Json) -> Mapping[Role, str | None]:
    """What an x-retake object says of roles; those of a later version are passed over, SchemaError for nonsense."""
    found: dict[Role, str | None] = {}
    for name, path in (told if isinstance(told, dict) else {}).items():
        if path is not None and not isinstance(path, str):
            raise SchemaError(f"The role {name} is given to {path!r}, which is no field.")
        if name in {role.value for role in Role}:
            found[Role(name)] = path
    return found


def find_roles(
    fields: Sequence[Field], stated: Mapping[Role, str | None] = MappingProxyType({}), outputs: Sequence[Field] = ()
) -> Roles:
    """The roles of these fields, as stated and by the table; SchemaError for a stated field that cannot have its role.

    `outputs` are the fields of the result: what takes a sound apart fills no mask.
    """
    paths = dict(walk(fields))
    roles = {role: path for role, path in stated.items() if path is not None}
    for role, path in roles.items():
        _may_have(role, path, paths)
    taken = set(roles.values())
    for rule in TABLE:
        if rule.role in roles or rule.role in stated:
            continue
        for path, each in paths.items():
            if path not in taken and _fits(rule, path, each):
                roles[rule.role] = path
                taken.add(path)
                break
    if Role.MASK_START not in stated and _takes_apart(outputs):
        roles.pop(Role.MASK_START, None)
    return _sound(roles, paths)


def _fits(rule: Rule, path: str, each: Field) -> bool:
    if not isinstance(each, rule.kinds) or not re.fullmatch(rule.names, path.lower()):
        return False
    return not rule.media or (isinstance(each, FileField) and each.media in rule.media)


def _may_have(role: Role, path: str, paths: Mapping[str, Field]) -> None:
    """SchemaError where there is no such field, or it is of a kind that the role never has."""
    if path not in paths:
        raise SchemaError(f"The role {role.value} is given to {path!r}, a field that is not there.")
    kinds = tuple({kind for rule in TABLE if rule.role is role for kind in rule.kinds})
    if not isinstance(paths[path], kinds):
        raise SchemaError(f"The role {role.value} is given to {path!r}, which cannot have it.")


def _sound(roles: dict[Role, str], paths: Mapping[str, Field]) -> Roles:
    """Without what means nothing alone: half a mask, a span of a clip that is not sent, a trainer's lengths."""
    if not {Role.MASK_START, Role.MASK_END, Role.SOURCE} <= roles.keys():
        for role in (Role.MASK_START, Role.MASK_END, Role.MASK_START_FROM, Role.MASK_END_FROM):
            roles.pop(role, None)
    if Role.SOURCE not in roles:
        roles.pop(Role.EXTEND_BEFORE, None)
        roles.pop(Role.EXTEND_AFTER, None)
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


def files_of(fields: Sequence[Field]) -> Iterator[tuple[str, FileField]]:
    """The files of a result, with their names; those of a list or an object under that one's own."""
    for each in fields:
        inner = each.item if isinstance(each, ArrayField) else each
        if isinstance(inner, FileField):
            yield each.name, inner
        elif isinstance(inner, ObjectField):
            yield from files_of(inner.fields)


def _takes_apart(outputs: Sequence[Field]) -> bool:
    """Whether the result is the parts of a sound: several sounds, none of which is the whole."""
    names = {name.lower() for name, each in files_of(outputs) if each.media in _SOUND}
    return len(names) > 1 and not any(re.fullmatch(_WHOLE, name) for name in names)


def kind_of(roles: Roles, fields: Sequence[Field] = (), outputs: Sequence[Field] = ()) -> Kind:
    """What an endpoint with these roles and this result does with the clip; OTHER where it answers with no sound."""
    media = {each.media for _, each in files_of(outputs)}
    if outputs and not media & set(_SOUND):
        return Kind.OTHER
    if Role.SOURCE in roles:
        if Role.MASK_START in roles:
            return Kind.FILL
        return Kind.EXTEND if {Role.EXTEND_BEFORE, Role.EXTEND_AFTER} & roles.keys() else Kind.VARY
    if Role.ARCHIVE in roles:
        return Kind.OTHER
    # A film or a picture may take the place of words: what is made is new all the same.
    seen = "audio" in media and any(isinstance(each, FileField) and each.media in _SEEN for each in fields)
    return Kind.GENERATE if seen or {Role.PROMPT, Role.TAGS, Role.LYRICS} & roles.keys() else Kind.OTHER


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
