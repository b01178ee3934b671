r"""Wildcards: `{kick|snare}` in a prompt is one of them per take.

Alternatives may be empty and may hold wildcards themselves; `\{`, `\|` and `\}` are the plain characters. A brace that
is never closed, and a pair of braces without a bar, are plain text too.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import Json
from app.endpoints.roles import Role, value_at, with_value

# Lyrics stay as they are typed: braces and bars mean other things there.
_WILD: Final = (Role.PROMPT, Role.TAGS, Role.NEGATIVE_PROMPT)
_TOKEN: Final = re.compile(r"\\[{|}]|[{|}]|[^\\{|}]+|\\", re.DOTALL)

Parts: TypeAlias = "tuple[str | Wildcard, ...]"
Digits: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """One pair of braces; `counts` says of each alternative how many texts it can become, `total` of all together.

    `longest` is how many characters the longest of them has.
    """

    alternatives: tuple[Parts, ...]
    counts: tuple[int, ...]
    total: int
    longest: int

    @classmethod
    def of(cls, alternatives: Iterable[Parts]) -> "Wildcard":
        """The wildcard of these alternatives."""
        kept = tuple(alternatives)
        counts = tuple(math.prod(_totals(each)) for each in kept)
        return cls(kept, counts, sum(counts), max((_longest(each) for each in kept), default=0))

    def pick(self, digit: int) -> tuple[Parts, int]:
        """The alternative that holds the text of that number, and the text's number in it."""
        for parts, count in zip(self.alternatives, self.counts, strict=True):
            if digit < count:
                return parts, digit
            digit -= count
        raise IndexError(digit)


def parse(text: str) -> Parts:
    """The plain pieces and the wildcards of a text; every text has some reading. Linear, and not recursive."""
    # One entry a brace that is open, the text itself first; each is its alternatives so far, each a list of parts.
    opened: list[list[list[str | Wildcard]]] = [[[]]]
    for token in _TOKEN.findall(text):
        here = opened[-1]
        if token == "{":
            opened.append([[]])
        elif token == "|" and len(opened) > 1:
            here.append([])
        elif token == "}" and len(opened) > 1:
            opened.pop()
            if len(here) > 1:
                opened[-1][-1].append(Wildcard.of(tuple(each) for each in here))
            else:
                _add(opened[-1][-1], ("{", *here[0], "}"))
        else:
            _add(here[-1], (token[1:] if len(token) == 2 and token[0] == "\\" and token[1] in "{|}" else token,))
    parts = opened[0][0]
    for unclosed in opened[1:]:
        for place, alternative in enumerate(unclosed):
            _add(parts, ("|" if place else "{", *alternative))
    return tuple(parts)


def _add(parts: list[str | Wildcard], more: Iterable[str | Wildcard]) -> None:
    """Append, joining what is plain."""
    for each in more:
        if isinstance(each, str) and parts and isinstance(last := parts[-1], str):
            parts[-1] = last + each
        else:
            parts.append(each)


def _totals(parts: Parts) -> list[int]:
    return [each.total for each in parts if isinstance(each, Wildcard)]


def spell(parts: Parts, digits: Sequence[int]) -> str:
    """The text for one number per wildcard of the outermost level, each below its `total`."""
    numbers = iter(digits)
    todo: list[str | tuple[Parts, int]] = [
        each if isinstance(each, str) else each.pick(next(numbers)) for each in parts
    ]
    todo.reverse()
    found: list[str] = []
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            found.append(each)
            continue
        inner, number = each
        for part in reversed(inner):
            if isinstance(part, str):
                todo.append(part)
            else:
                number, digit = divmod(number, part.total)
                todo.append(part.pick(digit))
    return "".join(found)


def alternatives(text: str) -> int:
    """How many texts a text can become; 1 where it has no wildcard."""
    return math.prod(_totals(parse(text)))


def longest(text: str) -> int:
    """How many characters the longest text has that a text can become."""
    return _longest(parse(text))


def _longest(parts: Parts) -> int:
    return sum(len(each) if isinstance(each, str) else each.longest for each in parts)


def expand(text: str, takes: int, rng: random.Random) -> tuple[str, ...]:
    """One text a take: every one in order where there are takes enough, else as different ones as there are."""
    parts = parse(text)
    return tuple(spell(parts, digits) for digits in choose(_totals(parts), takes, rng))


def choose(totals: Sequence[int], takes: int, rng: random.Random) -> list[Digits]:
    """For each take one number below each of `totals`; no combination comes twice before all have come.

    What does not fill a whole round is drawn: in each place a number that came least often, so that three takes of
    `{a|b|c} {x|y|z}` hear all six words. The same state of `rng` gives the same numbers.
    """
    every = math.prod(totals)
    rounds, rest = divmod(takes, every)
    whole = [_digits(number, totals) for _ in range(rounds) for number in range(every)]
    return whole + sorted(_spread(totals, every, rest, rng))


def _digits(number: int, totals: Sequence[int]) -> Digits:
    """A number in mixed radix, the last place counting fastest."""
    found: list[int] = []
    for total in reversed(totals):
        number, digit = divmod(number, total)
        found.append(digit)
    return tuple(reversed(found))


def _spread(totals: Sequence[int], every: int, takes: int, rng: random.Random) -> set[Digits]:
    """So many different combinations, fewer than there are, each number of a place as seldom as can be."""
    used = [Counter[int]() for _ in totals]
    found: set[Digits] = set()
    for _ in range(takes):
        digits = tuple(_rarest(total, seen, rng) for total, seen in zip(totals, used, strict=True))
        while digits in found:
            digits = _digits((_number(digits, totals) + 1) % every, totals)
        found.add(digits)
        for seen, digit in zip(used, digits, strict=True):
            seen[digit] += 1
    return found


def _number(digits: Digits, totals: Sequence[int]) -> int:
    number = 0
    for digit, total in zip(digits, totals, strict=True):
        number = number * total + digit
    return number


def _rarest(total: int, used: Counter[int], rng: random.Random) -> int:
    """One of the numbers below `total` that came least often."""
    if total > 2 * len(used):  # most are new, and there may be more of them than a list can hold
        while (drawn := rng.randrange(total)) in used:
            pass
        return drawn
    least = min(used[each] for each in range(total))
    return rng.choice([each for each in range(total) if used[each] == least])


# -- a panel's values --------------------------------------------------------------------------------------------------


def wild_paths(endpoint: Endpoint) -> tuple[str, ...]:
    """The dotted paths of the fields in which wildcards are read: prompt, tags, negative prompt."""
    return tuple(path for role in _WILD if (path := endpoint.roles.get(role)) is not None)


def variants(values: Mapping[str, Json], names: Sequence[str]) -> int:
    """How many different requests these values can become."""
    return math.prod(alternatives(text) for name in names for text in _texts(value_at(values, name)))


def expanded(
    values: Mapping[str, Json], names: Sequence[str], takes: int, rng: random.Random
) -> tuple[dict[str, Json], ...]:
    """The values of each take, wildcards replaced in the texts (and lists of texts) at these dotted paths.

    All of them are spread together: a prompt of two and a negative prompt of two make four takes that all differ. An
    entry of a list that becomes empty is left out. Nothing is checked here: a text's length is known only now.
    """
    parsed = {name: [parse(text) for text in _texts(value_at(values, name))] for name in names}
    totals = [total for texts in parsed.values() for parts in texts for total in _totals(parts)]
    return tuple(_replaced(values, parsed, digits) for digits in choose(totals, takes, rng))


def _texts(value: Json) -> list[str]:
    """A text, or the texts of a list."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _replaced(values: Mapping[str, Json], parsed: Mapping[str, list[Parts]], digits: Digits) -> dict[str, Json]:
    numbers = iter(digits)
    result = dict(values)
    for name, texts in parsed.items():
        if not texts:
            continue
        spelled = iter([spell(parts, [next(numbers) for _ in _totals(parts)]) for parts in texts])
        before = value_at(values, name)
        entries = before if isinstance(before, list) else [before]
        filled: list[Json] = [next(spelled) if isinstance(each, str) else each for each in entries]
        kept = [new for old, new in zip(entries, filled, strict=True) if new != "" or old == ""]
        result = with_value(result, name, kept if isinstance(before, list) else filled[0])
    return result
