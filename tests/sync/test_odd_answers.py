"""What a system answers that cannot be taken as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from clmcrm.ports.records import Create, Outcome, Result, Update
from clmcrm.sync import Ended, FieldRule, KindRules, Ownership, Rules

MINE = "account:crm:A1"


def _rules() -> Rules:
    """Nothing identifies an account here: only our marks, and what the journal keeps, tell who belongs to whom."""
    return Rules(kinds=(KindRules(kind="account", default=FieldRule(owner=Ownership.CRM), match=()),))


def _answering(pair: Any, answer: Any) -> None:
    """Have the CLM's answers be what `answer` makes of each write and its outcome."""
    carried_out = pair.clm._carried_out
    pair.clm._carried_out = lambda write: answer(write, carried_out(write))


def _keys(pair: Any) -> list[tuple[str, str | None, str | None]]:
    return [(known.link.pair, known.link.crm, known.link.clm) for known in pair.agreed()]


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
