"""Words that nothing can follow from are refused, or ended with a reason: none is kept in silence for another day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Side
from clmcrm.sync import plan, pull, resolve, resolve_pairing
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.ownership import FieldRule, KindRules, Ownership, Rules

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SHARED = FieldRule(owner=Ownership.SHARED)


def _rules(*kinds: KindRules) -> Rules:
    return Rules(kinds=kinds)


def _accounts(**more: Any) -> KindRules:
    return KindRules(kind="account", default=SHARED, match=(("name",),), **more)


def test_a_conflict_of_a_pair_that_has_ended_is_not_decided(lab: Any) -> None:
    pair = lab.Pair(rules=_rules(_accounts()))
    _ = pair.crm.add("account", name="Durand", phone="0")
    _ = pair.settle()
    pair.crm.edit("account", "A1", phone="1")
    pair.clm.edit("account", "L1", phone="2")
    [clash] = pair.run().plan.conflicts
    pair.crm.delete("account", "A1")
    pair.clm.delete("account", "L1")
    _ = pair.settle()
    with pytest.raises(InvalidRecord, match="account:crm:A1'; expected a pair that has not ended"):
        _ = resolve(clash, Side.CRM, by="Ann", why="she called", at=NOON, journal=pair.journal)
    assert decisions_in(pair.journal) == ()


def test_a_conflict_at_the_first_pairing_is_decided_before_anything_is_kept_of_it(lab: Any) -> None:
    pair = lab.Pair(rules=_rules(_accounts(fields={"phone": FieldRule(owner=Ownership.REVIEW)})))
    _ = pair.crm.add("account", name="Durand", phone="1")
    _ = pair.clm.add("account", name="Durand", phone="2")
    pulled = pull(pair.systems, pair.journal, ["account"], rules=pair.rules)
    [clash] = plan(pulled.agreed, pulled.left, pulled.right, pair.rules).conflicts
    _ = resolve(clash, Side.CLM, by="Ann", why="she called", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["phone"] == "2"


@pytest.mark.parametrize(("said", "problem"), [("L9", "that it is L9"), (None, "that it is another record")])
def test_a_word_against_a_pair_that_stands_is_told_of_once_and_ended(lab: Any, said: str | None, problem: str) -> None:
    pair = lab.Pair(rules=_rules(_accounts()))
    _ = pair.crm.add("account", name="Durand")
    _ = pair.settle()
    _ = resolve_pairing("account:crm:A1", said, by="Ann", why="she knows", at=NOON, journal=pair.journal)
    report = pair.run()
    assert [(told.where, told.field, told.value) for told in report.plan.problems] == [
        ("account:crm:A1", "(pairing)", "L1")
    ]
    assert problem in report.plan.problems[0].what
    assert decisions_in(pair.journal) == ()
    assert [line.facts["why"] for line in pair.history("settle")] == [
        "account:crm:A1 is paired with L1; Ann had decided: she knows"
    ]
    assert pair.run().plan.problems == ()
    assert (len(pair.crm.living("account")), len(pair.clm.living("account"))) == (1, 1)


def test_a_word_that_came_true_by_itself_is_ended_without_a_problem(lab: Any) -> None:
    pair = lab.Pair(rules=_rules(_accounts()))
    _ = pair.crm.add("account", name="Durand")
    _ = pair.settle()
    _ = resolve_pairing("account:clm:L1", "A1", by="Ann", why="she knows", at=NOON, journal=pair.journal)
    assert pair.run().plan.problems == ()
    assert decisions_in(pair.journal) == ()


def test_an_answer_that_closes_a_circle_is_said_to_do_so(lab: Any) -> None:
    pair = lab.Pair(rules=_rules(_accounts(references={"parent": "account"})))
    first, second = (pair.crm.add("account", name=name) for name in ("Durand", "Vermeer"))
    _ = pair.settle()
    pair.crm.edit("account", first, parent=second)
    _ = pair.settle()
    keys = {fields["name"]: key for key, fields in pair.clm.living("account").items()}
    pair.clm.edit("account", keys["Vermeer"], parent=keys["Durand"])
    [circle] = pair.run().plan.conflicts
    _ = resolve(circle, Side.CLM, by="Ann", why="she knows", at=NOON, journal=pair.journal)
    [told] = pair.run().plan.problems
    assert told.what == "was decided by Ann, but 'account:crm:A1' would close a circle of parent"


@pytest.mark.parametrize(("crm", "clm"), [(None, ""), ("", None), ([], None), (None, {})])
def test_nothing_of_two_kinds_is_neither_asked_about_nor_written_at_the_first_pairing(
    lab: Any, crm: Any, clm: Any
) -> None:
    pair = lab.Pair(rules=_rules(_accounts(fields={"notes": FieldRule(owner=Ownership.REVIEW)})))
    _ = pair.crm.add("account", name="Durand", notes=crm, phone=crm)
    _ = pair.clm.add("account", name="Durand", notes=clm, phone=clm)
    report = pair.settle()
    assert report.plan.conflicts == ()
    assert pair.written == 0
    pair.crm.edit("account", "A1", phone="1")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "1"


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_a_pull_of_one_kind_knows_what_its_records_point_at(lab: Any, kind: str) -> None:
    contacts = KindRules(kind="contact", default=SHARED, references={"account": "account"}, match=(("name",),))
    pair = lab.Pair(rules=_rules(_accounts(), contacts))
    first, second = (pair.crm.add("account", name=name) for name in ("Durand", "Vermeer"))
    contact = pair.crm.add("contact", name="Kim", account=first)
    _ = pair.settle()
    pair.crm.edit("contact", contact, account=second)
    pair.crm.edit("account", first, name="Durand SA")
    pulled = pull(pair.systems, pair.journal, [kind], rules=pair.rules)
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules, known=pulled.known)
    assert [step.kind for step in todo.steps] == [kind]
    assert todo.problems == ()
