"""Taking back what a run wrote: planned from the journal, with preconditions, and never over somebody's edit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from clmcrm.errors import AmbiguousError, InvalidRecord, PlanRefused
from clmcrm.ports.records import Creating, Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync.applying import apply
from clmcrm.sync.arbitration import resolve
from clmcrm.sync.parking import adopt
from clmcrm.sync.reports import Ended
from clmcrm.sync.undoing import undo, undo_entry, written

ACCOUNT = "account"


@pytest.fixture
def pair(lab: Any) -> Any:
    """Two systems that agree on one account, whose phone has just been changed in the CRM and carried over."""
    both = lab.Pair()
    _ = both.crm.add(ACCOUNT, name="Durand", phone="1", employees=10)
    _ = both.settle()
    both.crm.edit(ACCOUNT, "A1", phone="2")
    _ = both.settle()
    return both


def _undo(pair: Any, **chosen: Any) -> Any:
    return undo(written(pair.journal, **chosen), pair.systems, pair.journal, pair.rules)


def _apply(pair: Any, todo: Any, lab: Any, **options: Any) -> Any:
    return apply(todo, pair.systems, pair.journal, clock=lambda: lab.noon, **options)


def _latest(pair: Any) -> Any:
    return undo(written(pair.journal)[:1], pair.systems, pair.journal, pair.rules)


def test_a_change_goes_back_to_what_it_was_and_says_so_first(pair: Any, lab: Any) -> None:
    todo = _latest(pair)
    [step] = todo.steps
    [change] = step.changes
    assert (step.side, change.name, change.value, change.crm, change.clm) == (Side.CLM, "phone", "1", "2", "2")
    assert change.why == "undone: it was written on 2026-05-07"
    before = pair.written
    assert pair.written == before
    report = _apply(pair, todo, lab)
    assert [line.ended for line in report.lines] == [Ended.DONE]
    assert pair.clm.fields(ACCOUNT, "L1")["phone"] == "1"


def test_what_was_taken_back_is_not_written_again_until_somebody_edits(pair: Any, lab: Any) -> None:
    _ = _apply(pair, _latest(pair), lab)
    before = pair.written
    for _ in range(3):
        _ = pair.run()
    assert pair.written == before
    assert pair.crm.fields(ACCOUNT, "A1")["phone"] == "2"
    pair.crm.edit(ACCOUNT, "A1", phone="3")
    _ = pair.settle()
    assert pair.clm.fields(ACCOUNT, "L1")["phone"] == "3"


def test_a_value_that_was_changed_since_is_left_alone_and_named(pair: Any) -> None:
    pair.clm.edit(ACCOUNT, "L1", phone="mine")
    todo = _latest(pair)
    assert todo.steps == ()
    assert "phone 'mine' was changed since" in str(todo.problems[0])


def test_an_edit_between_preview_and_undo_is_not_overwritten(pair: Any, lab: Any) -> None:
    todo = _latest(pair)
    pair.clm.edit(ACCOUNT, "L1", name="Durand SA")
    report = _apply(pair, todo, lab)
    assert [line.ended for line in report.lines] == [Ended.STALE]
    assert pair.clm.fields(ACCOUNT, "L1") == {"name": "Durand SA", "phone": "2", "employees": 10}


def test_several_writes_of_one_field_go_back_to_the_first(pair: Any, lab: Any) -> None:
    pair.crm.edit(ACCOUNT, "A1", phone="3")
    _ = pair.settle()
    chosen = [each for each in written(pair.journal) if each.step.op.value == "update"]
    assert len(chosen) == 2
    todo = undo(chosen, pair.systems, pair.journal, pair.rules)
    [step] = todo.steps
    assert [(c.name, c.value, c.clm) for c in step.changes] == [("phone", "1", "3")]
    _ = _apply(pair, todo, lab)
    assert pair.clm.fields(ACCOUNT, "L1")["phone"] == "1"


def test_a_record_that_was_created_is_archived_and_not_created_anew(lab: Any) -> None:
    both = lab.Pair()
    _ = both.crm.add(ACCOUNT, name="Durand")
    _ = both.settle()
    todo = _undo(both)
    assert lab.ops(todo.steps) == [("remove", "account:crm:A1", "clm")]
    _ = _apply(both, todo, lab)
    assert both.clm.living(ACCOUNT) == {}
    assert list(both.crm.living(ACCOUNT)) == ["A1"]
    before = both.written
    for _ in range(3):
        _ = both.run(yes=True)
    assert both.written == before


def test_a_created_record_that_was_edited_since_is_left_alone(lab: Any) -> None:
    both = lab.Pair()
    _ = both.crm.add(ACCOUNT, name="Durand")
    _ = both.settle()
    both.clm.edit(ACCOUNT, "L1", name="Durand SA")
    todo = _undo(both)
    assert todo.steps == ()
    assert "was edited since it was created" in str(todo.problems[0])


def test_both_sides_of_a_decision_are_taken_back(lab: Any) -> None:
    both = lab.Pair()
    _ = both.crm.add(ACCOUNT, billing_address="old")
    _ = both.settle()
    both.crm.edit(ACCOUNT, "A1", billing_address="left")
    both.clm.edit(ACCOUNT, "L1", billing_address="right")
    [conflict] = both.run().plan.conflicts
    _ = resolve(conflict, None, by="legal", why="both wrong", at=lab.noon, journal=both.journal, value="third")
    _ = both.settle()
    assert both.crm.fields(ACCOUNT, "A1")["billing_address"] == "third"
    chosen = written(both.journal)[:2]
    todo = undo(chosen, both.systems, both.journal, both.rules)
    assert len(todo.steps) == 2
    _ = _apply(both, todo, lab)
    assert both.crm.fields(ACCOUNT, "A1")["billing_address"] == "left"
    assert both.clm.fields(ACCOUNT, "L1")["billing_address"] == "right"
    before = both.written
    _ = both.run()
    assert both.written == before


def test_an_undo_can_itself_be_undone(pair: Any, lab: Any) -> None:
    _ = _apply(pair, _latest(pair), lab)
    _ = _apply(pair, _latest(pair), lab)
    assert pair.clm.fields(ACCOUNT, "L1")["phone"] == "2"


def test_an_archived_or_unreadable_record_is_a_problem_and_no_step(pair: Any) -> None:
    pair.clm.delete(ACCOUNT, "L1")
    todo = _latest(pair)
    assert todo.steps == ()
    assert "cannot be read" in str(todo.problems[0])


def test_an_undo_that_goes_far_is_refused_like_any_plan(lab: Any) -> None:
    both = lab.Pair()
    for n in range(30):
        _ = both.crm.add(ACCOUNT, name=f"N{n}")
    _ = both.settle()
    todo = _undo(both)
    assert len(todo.steps) == 30
    with pytest.raises(PlanRefused, match="30 deletes of 30"):
        _ = _apply(both, todo, lab)
    assert len(both.clm.living(ACCOUNT)) == 30
    _ = _apply(both, todo, lab, yes=True)
    assert both.clm.living(ACCOUNT) == {}


def test_what_was_written_is_chosen_by_record_and_by_time(pair: Any, lab: Any) -> None:
    assert [each.step.op.value for each in written(pair.journal)] == ["update", "create"]
    assert written(pair.journal, pair="account:crm:A9") == ()
    assert written(pair.journal, since=lab.noon + timedelta(seconds=1)) == ()
    assert len(written(pair.journal, since=lab.noon)) == 2


def _lost(pair: Any, side: Any) -> None:
    """The next write to `side` is carried out, and its reply is lost."""
    lost = AmbiguousError(side.name, "no reply in time")
    lost.too_late = True  # type: ignore[attr-defined]  # the call was carried out, the reply was lost
    side.failures = [lost]


def test_a_write_whose_reply_was_lost_is_taken_back_too(pair: Any, lab: Any) -> None:
    _lost(pair, pair.clm)
    pair.crm.edit(ACCOUNT, "A1", phone="3")
    _ = pair.run()
    assert len(written(pair.journal)) == 2, "nobody knows yet"
    _ = pair.run()
    [latest, *_] = written(pair.journal, since=lab.noon)
    assert dict(latest.step.fields) == {"phone": "3"}
    _ = _apply(pair, _undo(pair, since=lab.noon), lab, yes=True)
    assert pair.clm.living(ACCOUNT) == {}, "its creation and both updates are taken back"


def test_the_update_whose_reply_was_lost_goes_back_to_the_value_before(pair: Any, lab: Any) -> None:
    _lost(pair, pair.clm)
    pair.crm.edit(ACCOUNT, "A1", phone="3")
    _ = pair.run()
    _ = pair.run()
    _ = _apply(pair, _latest(pair), lab)
    assert pair.clm.fields(ACCOUNT, "L1")["phone"] == "2"


def test_an_adopted_record_is_among_what_was_written(lab: Any) -> None:
    both = lab.Pair(marks=False, creating=Creating.NONE)
    _ = both.crm.add(ACCOUNT, name="Durand")
    _lost(both, both.clm)
    _ = both.run()
    [parked] = both.run().parked
    assert written(both.journal) == ()
    adopt(both.journal, parked, "L1", by="Ada", why="seen there", at=lab.noon)
    [step] = _undo(both).steps
    assert (step.op.value, step.key) == ("remove", "L1")


def test_a_time_without_a_zone_is_refused(pair: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"since is datetime.*2026, 1, 1.*expected an instant with a time zone"):
        _ = written(pair.journal, since=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_the_history_says_who_took_it_back_and_why(pair: Any, lab: Any) -> None:
    todo = _latest(pair)
    pair.journal.save_entries(undo_entry(todo.steps, by="ann", why="wrong number", at=lab.noon))
    [line] = pair.history("undo")
    assert (line.facts["by"], line.facts["why"], line.pair) == ("ann", "wrong number", "account:crm:A1")
    assert isinstance(pair.journal, MemoryJournal)
