"""What a system answers that cannot be taken as it stands: a record that is another pair's, or none at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import AmbiguousError
from clmcrm.ports.records import Create, Creating, Outcome, Result, Update
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync import Ended, FieldRule, KindRules, Ownership, Rules
from clmcrm.sync.open_steps import open_steps_in
from clmcrm.sync.undelivered import dead_letters

MINE, HERS = "account:crm:A1", "account:crm:A2"


def _rules() -> Rules:
    """Nothing identifies an account here: only our marks, and what the journal keeps, tell who belongs to whom."""
    return Rules(kinds=(KindRules(kind="account", default=FieldRule(owner=Ownership.CRM), match=()),))


def _answering(pair: Any, answer: Any) -> None:
    """Have the CLM's answers be what `answer` makes of each write and its outcome."""
    carried_out = pair.clm._carried_out
    pair.clm._carried_out = lambda write: answer(write, carried_out(write))


class _Unkeyed(MemoryJournal):
    """A journal that does not find pairs by a system's key."""

    leading_to: Any = None


def _keys(pair: Any) -> list[tuple[str, str | None, str | None]]:
    return [(known.link.pair, known.link.crm, known.link.clm) for known in pair.agreed()]


def _first_of(pair: Any) -> Any:
    """The CLM answers a second creation of the same address with the record that is there."""
    create = pair.clm._create

    def likely(write: Create) -> Outcome:
        for (_, key), row in pair.clm.rows.items():
            if row["fields"].get("email") == write.fields.get("email"):
                return Outcome(result=Result.DONE, key=key, version=str(row["version"]))
        found: Outcome = create(write)
        return found

    pair.clm._create = likely
    return pair


@pytest.mark.parametrize("journal", [MemoryJournal, _Unkeyed])
def test_a_record_of_another_pair_is_not_taken_into_a_second_one(lab: Any, journal: Any) -> None:
    pair = lab.Pair(journal(), _rules())
    _ = pair.crm.add("account", name="Durand")
    _ = pair.settle()
    pair.clm.rows["account", "L1"]["mark"] = HERS  # somebody copied the record's mark
    _ = pair.crm.add("account", name="Martin")
    assert [line.ended for line in pair.run().lines] == [Ended.REFUSED]
    assert _keys(pair) == [(MINE, "A1", "L1")]
    [letter] = dead_letters(pair.journal)
    assert letter.step.pair == HERS
    assert "L1" in letter.why
    assert MINE in letter.why
    pair.crm.edit("account", "A1", name="Durand SA")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1") == {"name": "Durand SA"}
    assert open_steps_in(pair.journal) == ()


@pytest.mark.parametrize("in_flight", [1, 2])
@pytest.mark.parametrize("size", [1, 5])
def test_two_creations_of_one_run_are_not_given_the_same_record(lab: Any, size: int, in_flight: int) -> None:
    pair = _first_of(lab.Pair(rules=_rules(), batch_size=size, in_flight=in_flight))
    _ = pair.crm.add("account", name="Durand", email="x")
    _ = pair.crm.add("account", name="Martin", email="x")
    assert [line.ended for line in pair.run().lines] == [Ended.DONE, Ended.REFUSED]
    assert _keys(pair) == [(MINE, "A1", "L1")]
    assert [letter.step.pair for letter in dead_letters(pair.journal)] == [HERS]


@pytest.mark.parametrize("binds", [True, False])
def test_a_record_of_another_pair_is_not_what_a_lost_creation_made(lab: Any, binds: bool) -> None:
    flags: dict[str, Any] = {} if binds else {"creating": Creating.LOOKUP}
    pair = lab.Pair(rules=_rules(), **flags)
    _ = pair.crm.add("account", name="Durand")
    _ = pair.settle()
    _ = pair.crm.add("account", name="Martin")
    pair.clm.failures.append(AmbiguousError("fake-clm", "no reply"))
    assert [line.ended for line in pair.run().lines] == [Ended.AMBIGUOUS]
    pair.clm.rows["account", "L1"]["mark"] = HERS
    report = pair.run()
    assert _keys(pair) == [(MINE, "A1", "L1")]
    assert list(pair.clm.living("account")) == ["L1"]
    if binds:  # asked again, it says the same, and that is a dead letter
        assert [line.ended for line in report.lines] == [Ended.REFUSED]
        assert report.parked == ()
    else:  # to ask again might insert it twice: a person looks
        assert report.parked == (f"clm:{HERS}",)
        assert report.lines == ()


def test_where_keys_are_honoured_a_record_of_another_pair_is_said_to_be_so(lab: Any) -> None:
    flags = {"creating": Creating.KEYED, "marks": False, "key_window": timedelta(days=1)}
    pair = _first_of(lab.Pair(rules=_rules(), **flags))
    _ = pair.crm.add("account", name="Durand", email="x")
    _ = pair.settle()
    _ = pair.crm.add("account", name="Martin", email="x")
    lost: Any = AmbiguousError("fake-clm", "no reply")
    lost.too_late = True
    pair.clm.failures.append(lost)
    _ = pair.run()
    assert [line.ended for line in pair.run().lines] == [Ended.REFUSED]
    assert _keys(pair) == [(MINE, "A1", "L1")]


@pytest.mark.parametrize("key", ["", " "])
@pytest.mark.parametrize("result", [Result.DONE, Result.BOUND])
def test_a_creation_answered_without_a_key_is_looked_up(lab: Any, result: Result, key: str) -> None:
    pair = lab.Pair(rules=_rules())
    _ = pair.crm.add("account", name="Durand")
    _answering(pair, lambda write, done: evolve(done, result=result, key=key) if isinstance(write, Create) else done)
    [line] = pair.run().lines
    assert line.ended is Ended.AMBIGUOUS
    assert "fake-clm" in line.why
    assert "without the record's key" in line.why
    _ = pair.settle()
    assert _keys(pair) == [(MINE, "A1", "L1")]
    assert list(pair.clm.living("account")) == ["L1"]


def test_an_update_answered_as_bound_without_a_key_is_looked_up(lab: Any) -> None:
    pair = lab.Pair(rules=_rules())
    _ = pair.crm.add("account", name="Durand")
    _ = pair.settle()

    def bound(write: Any, done: Outcome) -> Outcome:
        return evolve(done, result=Result.BOUND, key="") if isinstance(write, Update) else done

    _answering(pair, bound)
    pair.crm.edit("account", "A1", name="Durand SA")
    assert [line.ended for line in pair.run().lines] == [Ended.AMBIGUOUS]
    _ = pair.settle()
    assert pair.agreed()[0].base == {"name": "Durand SA"}


def test_an_update_bound_to_a_record_of_another_pair_keeps_its_own(lab: Any) -> None:
    pair = lab.Pair(rules=_rules())
    _ = pair.crm.add("account", name="Durand")
    _ = pair.crm.add("account", name="Martin")
    _ = pair.settle()
    _answering(pair, lambda _, done: evolve(done, result=Result.BOUND, key="L1"))
    pair.crm.edit("account", "A2", name="Martin SA")
    assert [line.ended for line in pair.run().lines] == [Ended.REFUSED]
    assert _keys(pair) == [(MINE, "A1", "L1"), (HERS, "A2", "L2")]
