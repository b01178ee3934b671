"""The way through a clip that best bridges a hole: which moments to play, and where to jump between them.

States are moments two hops apart. Playing on is free, a jump to a moment that sounds alike costs a little, the ends
must suit what stands at the hole's edges; the cheapest way is found by dynamic programming (A. J. Viterbi, 1967).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.features import Features, Table, random_distance

Series = NDArray[np.float64]

_TAU_SECONDS = 0.8
_NEIGHBOURS = 16
_APART_SECONDS = 0.25
_JUMP = 0.5  # below about 0.15 a fill shatters into dozens of pieces
_BLOCK_SECONDS = 0.3  # two ways into the hole nearer than this are one
_MARGIN = 0.3  # how much dearer than the best a good path may be, on top of what the ways in differ by
_BEARABLE = 1.0  # the same where there would be fewer than _FEW of them: another seed should sound different
_FEW = 4
_LEFT_OUT = (0.5, 0.3)  # of the material, by seeds that have a path of their own; less where no path is left
_LEFT_OUT_SECONDS = 3.0  # at a time, or the hole's length
_NEARLY = 0.6  # how much dearer than the best that is left, at the widest variety
_STRAY = 1.2  # how much dearer than the best such a path may be
_WAYS = 24  # how many paths are enough to choose from
_SAME = 0.6  # paths that play the same moments at the same time for so much of it are one
_EMBEDDED = 64
_REACH = 10  # hops to each side that a jump looks at
_GROUP = 8  # neighbours are looked for one in so many states: those beside it are the same moment
_ROWS = 128  # states whose distances to all others are held at once
_CHUNK = 2600  # steps searched at once, a minute: more would fill the memory
_BEAT = 0.5  # the price of half a beat off, where the beat is clear
_UNKNOWN = 0.5  # the price of a source whose own context cannot be seen


@dataclass(frozen=True, slots=True)
class Path:
    """States to play, one per step of the hole; `cost` is how unlike its ends are: 0 the same, 1 like any other.

    `ways` is among how many good paths the seed chose.
    """

    states: NDArray[np.intp]
    cost: float
    ways: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each state the states that sound most alike, (16, states), and how far they are; inf where there is none."""

    near: NDArray[np.intp]
    price: NDArray[np.float32]


def find_neighbours(features: Features, hop_seconds: float) -> Neighbours:
    """The neighbours of every state, at least a quarter of a second away; the work grows by the states' square."""
    return Neighbours(*_neighbours(features, round(_APART_SECONDS / hop_seconds / 2)))


def find_path(
    features: Features,
    steps: int,
    hop_seconds: float,
    *,
    seed: int,
    variety: float,
    neighbours: Neighbours | None = None,
    restless: bool = False,
) -> Path | None:
    """A good path of so many steps, or None where the material is too little to have one.

    `seed` (not negative) counts through the good ways into the hole, best first; behind the last one each further
    seed does without a part of the material that it draws, and finds the best path through the rest. `variety` (0 to
    1) is how much worse than the best a path may be: 0 allows the best alone. `neighbours` spares finding them anew
    for another hole of the same sound; `restless` draws from the first seed on, for sounds of which one moment is as
    good as another.
    """
    begin, end = join_costs(features, hop_seconds)
    found = neighbours or find_neighbours(features, hop_seconds)
    begin, end, price = _on_beat(features, begin, end, found, steps)
    search = _Search(found.near, price + np.float32(_JUMP), end.astype(np.float32), steps)
    total = begin + search.remaining
    best = float(total.min())
    if not np.isfinite(best):
        return None

    block = max(1, round(_BLOCK_SECONDS / hop_seconds / 2))
    blocks = np.pad(total, (0, -total.size % block), constant_values=np.inf).reshape(-1, block)
    entries = blocks.argmin(axis=1) + np.arange(blocks.shape[0]) * block
    good = best + variety * (_MARGIN + _play(begin))
    bearable = best + (_BEARABLE if variety > 0 else 0.0)
    entries = entries[blocks.min(axis=1) <= max(good, bearable)]
    entries = entries[np.argsort(total[entries], kind="stable")]
    wanted = 1 + round(variety * _WAYS)
    ways: list[NDArray[np.intp]] = []
    for entry in entries[: 8 * _WAYS]:
        if total[entry] > good and len(ways) >= _FEW:
            break
        opening = search.opening(int(entry))
        if all(float(np.mean(np.abs(opening - other) <= block)) < _SAME for other in ways):
            ways.append(opening)
        if len(ways) == wanted:
            break
    entry = int(ways[seed % len(ways)][0])
    states = search.path(entry)
    if variety > 0 and (restless or seed >= len(ways)):
        long = max(round(_LEFT_OUT_SECONDS / hop_seconds / 2), steps)
        rng = np.random.default_rng((seed, 5))
        for share in _LEFT_OUT:
            out = _left_out(rng, end.size, long, share * min(2 * variety, 1.0))
            fewer = _Search(found.near, price + np.float32(_JUMP), np.where(out, np.inf, end).astype(np.float32), steps)
            ranked = begin + fewer.remaining
            if float(ranked.min()) <= best + _STRAY:
                into = np.pad(ranked, (0, -ranked.size % block), constant_values=np.inf).reshape(-1, block)
                near = np.flatnonzero(into.min(axis=1) <= float(ranked.min()) + _NEARLY * variety)
                chosen = int(rng.choice(near))
                states = fewer.path(chosen * block + int(into[chosen].argmin()))
                break
    known = [
        c for c, there in ((begin[states[0]], features.left.size), (end[states[-1]], features.right.size)) if there
    ]
    return Path(states, float(np.mean(known)) if known else 1.0, len(ways))


def _on_beat(
    features: Features, begin: Series, end: Series, found: Neighbours, steps: int
) -> tuple[Series, Series, NDArray[np.float32]]:
    """The costs of beginning, of ending and of each jump, with what it costs there to leave the beat."""
    beat = features.beat
    if beat is None:
        return begin, end, found.price
    states = np.arange(begin.size)
    start = features.landing / features.hop - 2 * steps
    if features.left.size:
        begin = begin + _BEAT * beat.off((2 * states - start).astype(np.float64))
    if features.right.size:
        end = end + _BEAT * beat.off((2 * (states + 1) - features.landing / features.hop).astype(np.float64))
    # A state s goes on to a neighbour of s + 1.
    return (
        begin,
        end,
        found.price + (_BEAT * beat.off((2 * (found.near - states)).astype(np.float64))).astype(np.float32),
    )


def join_costs(features: Features, hop_seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each state, how unlike the hole's left side is what precedes it, and its right side what follows it.

    Mean distance over two seconds, weighted towards the hole, in units of a random pair; infinite where the state
    cannot be played, 0 everywhere for a side that does not exist.
    """
    weights = np.exp(-np.arange(512) * hop_seconds / _TAU_SECONDS)
    moments = 2 * np.arange(features.usable[::2].size)
    begin = _side_cost(features, features.left, moments - 2, -1, weights)
    end = _side_cost(features, features.right, moments + 4, 1, weights)
    unplayable = ~features.usable[::2]
    begin[unplayable] = end[unplayable] = np.inf
    return begin, end


def _side_cost(
    features: Features, side: Table, first: NDArray[np.intp], direction: int, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weighted distance of the moments first, first + direction, ... to the rows of `side`."""
    total, seen = np.zeros(first.size), np.zeros(first.size)
    if not side.shape[0]:
        return total
    table, count = features.table, features.table.shape[0]
    squares = np.square(table).sum(axis=1) - 2 * (side @ table.T) + np.square(side).sum(axis=1)[:, None]
    distances = np.sqrt(np.maximum(squares, 0)) / features.unit
    for k in range(side.shape[0]):
        moment = first + direction * k
        there = (moment >= 0) & (moment < count)
        moment = np.clip(moment, 0, count - 1)
        weight = weights[k] * (there & features.usable[moment])
        total += weight * distances[k, moment]
        seen += weight
    whole = float(weights[: side.shape[0]].sum())
    return np.where(seen > 0, total / np.maximum(seen, 1e-9), 1.0) + _UNKNOWN * (1 - seen / whole)


def _left_out(rng: np.random.Generator, states: int, long: int, share: float) -> NDArray[np.bool_]:
    """Which states a seed does without: about that share of them, in stretches of so many."""
    out = rng.random(states // long + 2) < share
    return np.repeat(out, long)[int(rng.integers(long)) :][:states]


def _play(costs: NDArray[np.float64]) -> float:
    """How far a seed may move these costs and still choose among the good: from the best to the tenth part."""
    finite = costs[np.isfinite(costs)]
    return float(np.quantile(finite, 0.1) - finite.min()) if finite.size else 0.0


def _neighbours(features: Features, apart: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each state the states that sound most alike, (16, states), and how far they are; inf where there is none.

    Alike means the surroundings: ten hops to each side under a Hann window, projected at random to 64 numbers, which
    keeps distances (W. Johnson, J. Lindenstrauss, 1984).
    """
    table, usable = features.table, features.usable[::2]
    states = usable.size
    window = np.hanning(2 * _REACH + 3)[1:-1].astype(np.float32)
    project = np.random.default_rng(1).standard_normal((window.size, table.shape[1], _EMBEDDED)).astype(np.float32)
    padded: Table = np.pad(table - table.mean(axis=0), ((_REACH, _REACH + 1), (0, 0)), mode="edge")
    embedded = np.zeros((states, _EMBEDDED), np.float32)
    for k in range(window.size):
        embedded += padded[k : k + 2 * states : 2][:states] @ (project[k] * window[k])
    squares = np.square(embedded).sum(axis=1)
    squares[~usable] = np.inf

    # One neighbour of each group of states; the states of one place in their groups lie side by side in memory.
    groups = -(-states // _GROUP)
    count = min(_NEIGHBOURS, groups)
    padding = groups * _GROUP - states
    others = np.pad(embedded, ((0, padding), (0, 0))).reshape(groups, _GROUP, -1).transpose(1, 0, 2)
    others = np.ascontiguousarray(others.reshape(groups * _GROUP, -1).T) * np.float32(-2)
    theirs = np.pad(squares, (0, padding), constant_values=np.inf).reshape(groups, _GROUP).T.ravel()
    near = np.zeros((states, count), np.intp)
    squared = np.zeros((states, count), np.float32)
    for first in range(0, states, _ROWS):
        rows = np.arange(first, min(first + _ROWS, states))
        away = (embedded[rows] @ others + theirs).reshape(rows.size, _GROUP, groups)
        for row, state in enumerate(rows.tolist()):
            for shift in range(max(1 - apart, -state), min(apart, states - state)):
                away[row, (state + shift) % _GROUP, (state + shift) // _GROUP] = np.inf
        best = away.min(axis=1)
        group = np.argpartition(best, count - 1, axis=1)[:, :count] if count < groups else np.arange(groups)[None]
        group = np.broadcast_to(group, (rows.size, count))
        found = np.take_along_axis(away, group[:, None, :], axis=2)
        phase = found.argmin(axis=1)
        near[rows] = group * _GROUP + phase
        squared[rows] = np.take_along_axis(found, phase[:, None, :], axis=1)[:, 0]
    squared = squared + squares[:, None]

    unit = random_distance(embedded, usable)
    with np.errstate(invalid="ignore"):
        price = np.sqrt(np.maximum(squared, 0)) / unit
    price[~np.isfinite(price)] = np.inf
    return np.minimum(near, states - 1).T.copy(), price.T.astype(np.float32).copy()


class _Search:
    """The cheapest way on from every state, by steps counted from the hole's end backwards.

    A state s is left for s + 1, or for one of the neighbours of s + 1. Decisions are kept for a minute's steps at a
    time; longer paths keep the costs between and decide anew while they are walked.
    """

    def __init__(
        self, near: NDArray[np.intp], price: NDArray[np.float32], end: NDArray[np.float32], steps: int
    ) -> None:
        self._near, self._price, self._unplayable = near, price, ~np.isfinite(end)
        self._bounds = [*range(0, steps - 1, _CHUNK), steps - 1]
        self._costs = [end]  # at each bound, the last one first
        self._first = np.empty((0, end.size), np.uint8)
        for low, high in zip(self._bounds[-2::-1], self._bounds[:0:-1], strict=True):
            cost, self._first = self._back(self._costs[-1], high - low)
            self._costs.append(cost)

    @property
    def remaining(self) -> NDArray[np.float32]:
        """The cost of the cheapest way from each state at the first step to the end; inf where there is none."""
        return self._costs[-1]

    def opening(self, entry: int) -> NDArray[np.intp]:
        """The first minute of the cheapest path from a state, or all of a shorter one."""
        return self._walk(entry, self._first)

    def path(self, entry: int) -> NDArray[np.intp]:
        """The cheapest path from a state."""
        parts = [self.opening(entry)]
        for i in range(1, len(self._bounds) - 1):
            _, decided = self._back(self._costs[-2 - i], self._bounds[i + 1] - self._bounds[i])
            parts.append(self._walk(int(parts[-1][-1]), decided)[1:])
        return np.concatenate(parts)

    def _walk(self, state: int, decided: NDArray[np.uint8]) -> NDArray[np.intp]:
        """The states from this one on, by the decisions of each step."""
        walked = np.empty(decided.shape[0] + 1, np.intp)
        walked[0] = state
        for t in range(decided.shape[0]):
            way = decided[t, state]
            state = int(self._near[way, state + 1]) if way < self._near.shape[0] else state + 1
            walked[t + 1] = state
        return walked

    def _back(self, cost: NDArray[np.float32], steps: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Costs so many steps earlier, and the decision of each state at each of them, earliest first."""
        ways, states = len(self._near), cost.size
        decided = np.empty((steps, states), np.uint8)
        for t in range(steps - 1, -1, -1):
            jumps = np.take(cost, self._near) + self._price
            choice = np.argmin(jumps, axis=0)
            jumped: NDArray[np.float32] = np.min(jumps, axis=0)
            decided[t, :-1] = np.where(jumped < cost, choice, ways)[1:]
            decided[t, -1] = ways
            best = np.minimum(jumped, cost)
            cost = np.empty(states, np.float32)
            cost[:-1], cost[-1] = best[1:], np.inf
            cost[self._unplayable] = np.inf
        return cost, decided
