"""Timeline: takes never get lost, edits go back and forth, and no value ever changes."""

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.endpoints.request import Kind, Request
from app.sound.clip import Clip
from app.sound.region import Region
from app.takes.take import RunFacts, Take, TakeId
from app.takes.timeline import Timeline, Verb


def take(number: int, parent: TakeId | None = None) -> Take:
    region = Region(0, 4)
    request = Request(
        endpoint="e", connection="local", kind=Kind.FILL, params={}, mask=region, excerpt=region, rate=8000
    )
    patch = Clip(np.zeros((4, 1), np.int16), 8000)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Take(TakeId(f"t{number}"), number, parent, request, region, patch, RunFacts(), when)


ONE, TWO, THREE = take(1), take(2, TakeId("t1")), take(3)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline().add(ONE).add(TWO).add(THREE)


def test_it_begins_with_the_original() -> None:
    empty = Timeline()
    assert empty.head is None
    assert None in empty
    assert empty.lineage(None) == ()
    assert empty.next_number == 1
    assert not empty.can_undo
    assert not empty.can_redo
    assert empty.undo() is empty
    assert empty.redo() is empty


def test_adding_changes_nothing_in_use(timeline: Timeline) -> None:
    assert timeline.head is None
    assert timeline.takes == (ONE, TWO, THREE)
    assert timeline.next_number == 4
    assert TakeId("t2") in timeline
    assert TakeId("t9") not in timeline
    assert timeline.get(TakeId("t2")) is TWO
    assert not timeline.can_undo


def test_lineage_and_children(timeline: Timeline) -> None:
    assert timeline.lineage(TWO.id) == (ONE, TWO)
    assert timeline.lineage(THREE.id) == (THREE,)
    assert list(timeline.children(None)) == [ONE, THREE]
    assert list(timeline.children(ONE.id)) == [TWO]
    assert list(timeline.children(TWO.id)) == []


def test_going_to_a_take_can_be_undone_and_redone(timeline: Timeline) -> None:
    used = timeline.go_to(ONE.id).go_to(TWO.id)
    assert used.head == TWO.id
    assert used.undo().head == ONE.id
    assert used.undo().undo().head is None
    assert used.undo().undo().redo().head == ONE.id
    assert used.undo().redo() == used
    assert used.go_to(None).head is None
    assert used.go_to(None).undo().head == TWO.id


def test_a_new_edit_forgets_what_was_undone_but_no_take(timeline: Timeline) -> None:
    changed = timeline.go_to(ONE.id).go_to(TWO.id).undo().go_to(THREE.id)
    assert changed.head == THREE.id
    assert not changed.can_redo
    assert len(changed.edits) == 2
    assert changed.takes == timeline.takes
    assert changed.undo().head == ONE.id


def test_a_take_that_arrives_keeps_what_can_be_redone(timeline: Timeline) -> None:
    later = timeline.go_to(ONE.id).undo().add(take(4))
    assert later.can_redo
    assert later.redo().head == ONE.id


def test_stars_and_the_bin(timeline: Timeline) -> None:
    marked = timeline.do(Verb.STAR, ONE.id).do(Verb.BIN, TWO.id).do(Verb.STAR, TWO.id)
    assert marked.starred == {ONE.id, TWO.id}
    assert marked.binned == {TWO.id}
    assert marked.head is None
    assert marked.undo().starred == {ONE.id}
    back = marked.do(Verb.UNBIN, TWO.id).do(Verb.UNSTAR, ONE.id)
    assert back.binned == frozenset()
    assert back.starred == {TWO.id}
    assert back.undo().undo().binned == {TWO.id}
    assert marked.takes == timeline.takes
    assert marked.next_number == 4


def test_what_cannot_be_is_refused(timeline: Timeline) -> None:
    with pytest.raises(ValueError, match="t1 cannot stand on"):
        timeline.add(take(1))
    with pytest.raises(ValueError, match="t5 cannot stand on t9"):
        timeline.add(take(5, TakeId("t9")))
    with pytest.raises(ValueError, match="no take t9"):
        timeline.go_to(TakeId("t9"))
    with pytest.raises(ValueError, match="no take t9"):
        timeline.do(Verb.STAR, TakeId("t9"))
    with pytest.raises(KeyError):
        timeline.get(TakeId("t9"))
    with pytest.raises(KeyError):
        timeline.lineage(TakeId("t9"))


def test_values_do_not_change(timeline: Timeline) -> None:
    before = dataclasses.replace(timeline)
    timeline.go_to(ONE.id).do(Verb.STAR, ONE.id).add(take(4))
    assert timeline == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        timeline.cursor = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_numbers_are_never_used_twice() -> None:
    assert Timeline().add(take(7)).next_number == 8


class AnyTimeline(RuleBasedStateMachine):
    """Any mix of verbs, against lists of states that undo and redo walk through."""

    def __init__(self) -> None:
        super().__init__()
        self.timeline = Timeline()
        self.states: list[tuple[TakeId | None, set[TakeId], set[TakeId]]] = [(None, set(), set())]
        self.at = 0

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        parent = data.draw(st.sampled_from([None, *(t.id for t in self.timeline.takes)]))
        self.timeline = self.timeline.add(take(self.timeline.next_number, parent))

    @precondition(lambda self: self.timeline.takes)
    @rule(data=st.data(), verb=st.sampled_from(list(Verb)))
    def edit(self, data: st.DataObject, verb: Verb) -> None:
        known = [t.id for t in self.timeline.takes]
        chosen = data.draw(st.sampled_from([None, *known] if verb is Verb.USE else known))
        self.timeline = self.timeline.do(verb, chosen)
        head, starred, binned = self.states[self.at]
        starred, binned = set(starred), set(binned)
        if verb is Verb.USE:
            head = chosen
        elif chosen is not None:
            marks = starred if verb in (Verb.STAR, Verb.UNSTAR) else binned
            (marks.add if verb in (Verb.STAR, Verb.BIN) else marks.discard)(chosen)
        self.states = [*self.states[: self.at + 1], (head, starred, binned)]
        self.at += 1

    @rule()
    def undo(self) -> None:
        self.timeline = self.timeline.undo()
        self.at = max(self.at - 1, 0)

    @rule()
    def redo(self) -> None:
        self.timeline = self.timeline.redo()
        self.at = min(self.at + 1, len(self.states) - 1)

    @invariant()
    def same_state(self) -> None:
        assert (self.timeline.head, self.timeline.starred, self.timeline.binned) == self.states[self.at]
        assert self.timeline.can_undo == (self.at > 0)
        assert self.timeline.can_redo == (self.at < len(self.states) - 1)
        assert all(self.timeline.lineage(t.id)[-1] is t for t in self.timeline.takes)
        assert [t.number for t in self.timeline.takes] == list(range(1, self.timeline.next_number))


AnyTimeline.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyTimeline = AnyTimeline.TestCase
