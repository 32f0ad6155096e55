"""Who is asked, until when, what a committee decided once for all, and what never passes to a side."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Side
from clmcrm.sync.arbitration import ARBITRATION_COLUMNS, exported_arbitration, resolve
from clmcrm.sync.ownership import FieldRule, OnConflict, Ownership, Passage, Rules
from clmcrm.sync.reviews import review_queue
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.standing import Case, StandingRule, standing_rule_of

MADE_ON = date(2026, 1, 5)


def _rules(name: str, rule: FieldRule, **more: Any) -> Rules:
    standard = standard_rules()
    kinds = tuple(
        evolve(kind, fields={**kind.fields, name: rule}) if kind.kind == "account" else kind for kind in standard
    )
    return evolve(standard, kinds=kinds, **more)


def _shared(**given: Any) -> FieldRule:
    return FieldRule(**{"owner": Ownership.SHARED, "on_conflict": OnConflict.ASK, "decides": "sales", **given})


def _standing(**given: Any) -> StandingRule:
    facts = {
        "name": "R1", "kind": "account", "takes": Side.CLM, "made_by": ("sales", "legal"), "made_on": MADE_ON,
        "why": "the signed address counts",
    }  # fmt: skip
    return StandingRule(**{**facts, **given})


def _pair(lab: Any, rules: Rules) -> Any:
    pair = lab.Pair(rules=rules)
    _ = pair.crm.add("account", name="Durand", phone="1")
    _ = pair.settle()
    return pair


def _both_edit(pair: Any) -> None:
    pair.crm.edit("account", "A1", phone="crm")
    pair.clm.edit("account", "L1", phone="clm")


# the queue


@pytest.mark.parametrize("days", [10**9, 10**7])
def test_a_last_day_beyond_the_calendar_is_named(lab: Any, days: int) -> None:
    pair = _pair(lab, _rules("phone", _shared(answer_days=days)))
    _both_edit(pair)
    conflicts = pair.run().plan.conflicts
    with pytest.raises(InvalidRecord, match=f"FieldRule account.phone: answer_days is {days}; expected"):
        _ = review_queue(conflicts, pair.journal, pair.rules)


def test_a_question_has_a_role_a_first_day_and_a_last_day(lab: Any) -> None:
    rules = _rules("phone", _shared(answer_days=3))
    pair = _pair(lab, rules)
    _both_edit(pair)
    [clash] = pair.run().plan.conflicts
    pair.now += timedelta(days=2)
    _ = pair.run()  # asked once, however often it is met
    [review] = review_queue([clash], pair.journal, rules)
    assert (review.role, review.asked_at, review.due_on) == ("sales", lab.noon, date(2026, 5, 10))
    assert [review.is_overdue(date(2026, 5, n)) for n in (10, 11)] == [False, True]
    assert len(pair.history("asked")) == 1


def test_a_question_about_other_values_is_asked_anew(lab: Any) -> None:
    rules = _rules("phone", _shared(answer_days=3))
    pair = _pair(lab, rules)
    _both_edit(pair)
    _ = pair.run()
    pair.now += timedelta(days=2)
    pair.crm.edit("account", "A1", phone="crm again")
    [clash] = pair.run().plan.conflicts
    [review] = review_queue([clash], pair.journal, rules)
    assert review.due_on == date(2026, 5, 12)


def test_the_most_urgent_question_comes_first(lab: Any) -> None:
    rules = _rules("phone", _shared(answer_days=1))
    pair = _pair(lab, rules)
    pair.crm.edit("account", "A1", billing_address="here", phone="crm")
    pair.clm.edit("account", "L1", billing_address="there", phone="clm")
    clashes = pair.run().plan.conflicts
    queue = review_queue(clashes, pair.journal, rules)
    assert [review.conflict.name for review in queue] == ["phone", "billing_address"]
    assert queue[1].due_on is None
    [unasked] = review_queue([evolve(clashes[0], left="other")], pair.journal, rules)
    assert unasked.asked_at is None
    assert not unasked.is_overdue(date(2030, 1, 1))


def test_the_whole_arbitration_is_exported_in_flat_rows(lab: Any) -> None:
    pair = _pair(lab, _rules("phone", _shared(), standing=()))
    _both_edit(pair)
    [clash] = pair.run().plan.conflicts
    _ = resolve(clash, Side.CRM, by="Ada", role="head of sales", why="I called", at=lab.noon, journal=pair.journal)
    _ = pair.settle()
    rows = list(exported_arbitration(pair.journal))
    assert [row["what"] for row in rows] == ["asked", "decision"]
    assert {tuple(row) for row in rows} == {("at", "pair", "what", *ARBITRATION_COLUMNS)}
    assert [row["name"] for row in rows] == ["phone", "phone"]
    said = {name: rows[1][name] for name in ("value", "by", "role", "why", "left", "right")}
    assert said == {
        "value": "crm", "by": "Ada", "role": "head of sales", "why": "I called", "left": "crm", "right": "clm",
    }  # fmt: skip
    assert list(exported_arbitration(pair.journal, "nobody")) == []


# a committee's standing rules


def test_a_standing_rule_answers_before_anybody_is_asked_and_the_edit_is_noted(lab: Any) -> None:
    pair = _pair(lab, _rules("phone", _shared(), standing=(_standing(),)))
    _both_edit(pair)
    report = pair.run()
    assert report.plan.conflicts == ()
    assert pair.crm.fields("account", "A1")["phone"] == "clm"
    [note] = pair.history("note")
    assert note.facts["value"] == "crm"
    assert note.facts["why"] == "standing rule R1 of sales, legal (2026-01-05): the signed address counts"
    assert pair.history("asked") == []
    assert pair.run().lines == ()


@pytest.mark.parametrize(
    "other",
    [{"kind": "contact"}, {"fields": ("name",)}, {"case": Case.REVIEWED}, {"case": Case.FIRST_PAIRING}],
)
def test_a_standing_rule_answers_only_what_it_is_about(lab: Any, other: dict[str, Any]) -> None:
    pair = _pair(lab, _rules("phone", _shared(), standing=(_standing(**other),)))
    _both_edit(pair)
    assert len(pair.run().plan.conflicts) == 1


def test_the_first_rule_that_fits_counts_and_a_persons_decision_before_all(lab: Any) -> None:
    standing = (_standing(fields=("phone",), takes=Side.CRM, name="R0"), _standing())
    pair = _pair(lab, _rules("phone", _shared(), standing=standing))
    _both_edit(pair)
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "crm"
    asked = _pair(lab, _rules("phone", _shared()))
    _both_edit(asked)
    [clash] = asked.run().plan.conflicts
    _ = resolve(clash, Side.CRM, by="Ada", why="this once", at=lab.noon, journal=asked.journal)
    asked.rules = _rules("phone", _shared(), standing=(_standing(),))
    _ = asked.settle()
    assert asked.clm.fields("account", "L1")["phone"] == "crm"


def test_a_standing_rule_for_reviewed_fields_spares_the_review(lab: Any) -> None:
    rule = _shared(owner=Ownership.REVIEW)
    pair = _pair(lab, _rules("phone", rule, standing=(_standing(case=Case.REVIEWED, takes=Side.CRM),)))
    pair.crm.edit("account", "A1", phone="2")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "2"
    assert pair.history("note") == []


def test_a_standing_rule_holds_from_its_first_to_its_last_day(lab: Any) -> None:
    rules = _rules("phone", _shared(), standing=(_standing(last_day=date(2026, 6, 30)),))
    holding = [rules.on(day).standing != () for day in (date(2026, 1, 4), MADE_ON, date(2026, 6, 30), date(2026, 7, 1))]
    assert holding == [False, True, True, False]


def test_standing_rules_are_data(lab: Any) -> None:
    rule = _standing(fields=("phone", "name"), case=Case.BOTH_CHANGED, last_day=date(2026, 6, 30))
    assert standing_rule_of(json.loads(json.dumps(rule.as_fields()))) == rule
    short: dict[str, Any] = {
        "name": "R1",
        "kind": "account",
        "takes": "clm",
        "made_by": ["it"],
        "made_on": "2026-01-05",
        "why": "x",
    }
    assert standing_rule_of(short).case is Case.ANY


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"name": None}, "name"), ({"takes": "nobody"}, "nobody"), ({"made_on": "05/01/2026"}, "05/01/2026"),
        ({"made_by": []}, "made_by"), ({"last_day": "2025-01-01"}, "last_day"), ({"case": "never"}, "never"),
    ],
)  # fmt: skip
def test_a_standing_rule_that_makes_no_sense_is_named(wrong: dict[str, Any], what: str) -> None:
    fields = {key: value for key, value in {**_standing().as_fields(), **wrong}.items() if value is not None}
    with pytest.raises(InvalidRecord, match=what):
        _ = standing_rule_of(fields)


# what may pass to a side


@pytest.mark.parametrize("closed", list(Side))
def test_a_closed_side_is_never_written_to_and_never_put_right(lab: Any, closed: Side) -> None:
    rule = _shared(**{f"to_{closed.value}": Passage.CLOSED})
    pair = _pair(lab, _rules("phone", rule))
    editor, other = (pair.crm, pair.clm) if closed is Side.CLM else (pair.clm, pair.crm)
    [key], [their] = editor.living("account"), other.living("account")
    was = other.fields("account", their).get("phone")
    editor.edit("account", key, phone="2")
    _ = pair.settle()
    assert other.fields("account", their).get("phone") == was
    assert editor.fields("account", key)["phone"] == "2"
    other.edit("account", their, phone="3")
    _ = pair.settle()
    assert editor.fields("account", key)["phone"] == "3"
    assert pair.run().lines == ()


def test_a_value_goes_only_where_there_is_none_yet(lab: Any) -> None:
    pair = _pair(lab, _rules("phone", _shared(to_clm=Passage.IF_BLANK)))
    pair.clm.edit("account", "L1", phone="")
    _ = pair.settle()
    pair.crm.edit("account", "A1", phone="2")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "2"
    pair.crm.edit("account", "A1", phone="3")
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "2"
    assert pair.run().lines == ()


def test_every_value_towards_a_reviewed_side_waits_for_a_person(lab: Any) -> None:
    pair = _pair(lab, _rules("phone", _shared(to_clm=Passage.REVIEW, owner=Ownership.CRM)))
    [clash] = pair.run().plan.conflicts
    assert "phone" not in pair.clm.fields("account", "L1")
    assert clash.why == "every value that goes to the CLM is decided by a person"
    _ = resolve(clash, Side.CRM, by="Ada", why="yes", at=lab.noon, journal=pair.journal)
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["phone"] == "1"
    pair.clm.edit("account", "L1", phone="against ownership")
    [again] = pair.run().plan.conflicts
    assert again.right == "against ownership"
