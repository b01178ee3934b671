"""Timeline: the immutable tree of takes, the edits made with them, and how far those are undone."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.takes.take import Take, TakeId


class Verb(StrEnum):
    """What an edit does to its take; undo and redo are not edits, they move the cursor."""

    USE = "use"
    STAR = "star"
    UNSTAR = "unstar"
    BIN = "bin"
    UNBIN = "unbin"


@dataclass(frozen=True, slots=True)
class Edit:
    """One undoable step; `take` is None for the original."""

    verb: Verb
    take: TakeId | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """All takes in the order they came, and the edits of which the first `cursor` are in force."""

    takes: tuple[Take, ...] = ()
    edits: tuple[Edit, ...] = ()
    cursor: int = 0
    _by_id: dict[TakeId, Take] = field(init=False, repr=False, compare=False, default_factory=dict[TakeId, Take])

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {take.id: take for take in self.takes})

    def __contains__(self, take: TakeId | None) -> bool:
        return take is None or take in self._by_id

    def get(self, take: TakeId) -> Take:
        """The take of that id; KeyError where there is none."""
        return self._by_id[take]

    @property
    def next_number(self) -> int:
        """The number that the next take gets; numbers are never used twice."""
        return max((take.number for take in self.takes), default=0) + 1

    @property
    def head(self) -> TakeId | None:
        """The take in use; None is the original."""
        for edit in reversed(self.edits[: self.cursor]):
            if edit.verb is Verb.USE:
                return edit.take
        return None

    @property
    def starred(self) -> frozenset[TakeId]:
        """Takes that carry a star."""
        return self._marked(Verb.STAR, Verb.UNSTAR)

    @property
    def binned(self) -> frozenset[TakeId]:
        """Takes that were put in the bin; their sound stays on disk."""
        return self._marked(Verb.BIN, Verb.UNBIN)

    def _marked(self, on: Verb, off: Verb) -> frozenset[TakeId]:
        marked: set[TakeId] = set()
        for edit in self.edits[: self.cursor]:
            if edit.take is not None and edit.verb is on:
                marked.add(edit.take)
            elif edit.take is not None and edit.verb is off:
                marked.discard(edit.take)
        return frozenset(marked)

    @property
    def can_undo(self) -> bool:
        """Whether an edit is in force."""
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        """Whether an undone edit can come back."""
        return self.cursor < len(self.edits)

    def add(self, take: Take) -> "Timeline":
        """With one more take; what is in use does not change. ValueError for a known id or an unknown parent."""
        if take.id in self._by_id or take.parent not in self:
            raise ValueError(f"take {take.id} cannot stand on {take.parent}")
        return replace(self, takes=(*self.takes, take))

    def do(self, verb: Verb, take: TakeId | None) -> "Timeline":
        """With one more edit in force; what was undone before it can no longer be redone."""
        if take not in self:
            raise ValueError(f"there is no take {take}")
        return replace(self, edits=(*self.edits[: self.cursor], Edit(verb, take)), cursor=self.cursor + 1)

    def go_to(self, take: TakeId | None) -> "Timeline":
        """Use that take: the head moves, nothing else does."""
        return self.do(Verb.USE, take)

    def undo(self) -> "Timeline":
        """One edit back; the same timeline where nothing can be undone."""
        return replace(self, cursor=self.cursor - 1) if self.can_undo else self

    def redo(self) -> "Timeline":
        """One edit forward; the same timeline where nothing was undone."""
        return replace(self, cursor=self.cursor + 1) if self.can_redo else self

    def name_of(self, take: TakeId | None) -> str:
        """How a take is called in a sentence."""
        return "the original" if take is None else f"take {self.get(take).number}"

    def lineage(self, take: TakeId | None) -> tuple[Take, ...]:
        """The takes that lie on top of each other to make this one, oldest first."""
        chain: list[Take] = []
        while take is not None:
            chain.append(self._by_id[take])
            take = chain[-1].parent
        return tuple(reversed(chain))

    def length(self, source: int, take: TakeId | None) -> int:
        """How many frames a version has, made from a source of so many."""
        return source + sum(each.patch.length - each.region.length for each in self.lineage(take))

    def children(self, take: TakeId | None) -> Iterable[Take]:
        """The takes made directly from this one."""
        return (each for each in self.takes if each.parent == take)
