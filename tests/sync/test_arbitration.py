from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clmcrm.errors import InvalidRecord, TransientError
from clmcrm.ports.records import Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync import Conflict, Ended, apply, exported_history, plan, pull, resolve, resolve_pairing
from clmcrm.sync.arbitration import RECORD, decision_of, decisions_in
from clmcrm.sync.ownership import FieldRule, KindRules, Ownership, Passage, Rules
from clmcrm.sync.steps import Op

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)


def _clashing(lab: Any) -> Any:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", billing_address="here")
    _ = pair.settle()
    pair.crm.edit("account", "A1", billing_address="crm")
    pair.clm.edit("account", "L1", billing_address="clm")
    return pair


def _clash(pair: Any) -> Conflict:
    [clash] = pair.run().plan.conflicts
    assert isinstance(clash, Conflict)
    return clash


def _decide(pair: Any, choice: Side | None, value: Any = None) -> None:
    _ = resolve(_clash(pair), choice, by="Ada", why="she called them", at=NOON, journal=pair.journal, value=value)


def test_a_conflict_shows_all_three_values_and_who_decides(lab: Any) -> None:
    clash = _clash(_clashing(lab))
    assert (clash.name, clash.base, clash.left, clash.right) == ("billing_address", "here", "crm", "clm")
    assert clash.decides == "sales and legal"
    assert "both changed it" in str(clash)


def test_a_conflict_stays_until_it_is_decided_and_nothing_is_written(lab: Any) -> None:
    pair = _clashing(lab)
    before = pair.written
    for _ in range(3):
        assert _clash(pair).name == "billing_address"
    assert pair.written == before


@pytest.mark.parametrize(
    ("choice", "value", "expected"),
    [(Side.CRM, None, "crm"), (Side.CLM, None, "clm"), (None, "third", "third"), (None, None, None)],
)
def test_the_next_plan_carries_the_decision_out(lab: Any, choice: Any, value: Any, expected: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, choice, value)
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == expected
    assert pair.clm.fields("account", "L1")["billing_address"] == expected
    assert decisions_in(pair.journal) == ()
    assert pair.run().plan.steps == ()


def test_a_decision_on_values_that_have_changed_is_asked_again(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    pair.clm.edit("account", "L1", billing_address="moved again")
    report = pair.settle()
    assert [clash.right for clash in report.plan.conflicts] == ["moved again"]
    assert any("decided by Ada" in problem.what for problem in report.plan.problems)
    assert pair.clm.fields("account", "L1")["billing_address"] == "moved again"


def test_a_decision_whose_question_went_away_answers_no_later_one(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    for system, key in ((pair.crm, "A1"), (pair.clm, "L1")):
        system.edit("account", key, billing_address="here")
    [ended] = pair.run().plan.steps
    assert (ended.op, ended.changes) == (Op.SETTLE, ())
    assert decisions_in(pair.journal) == ()
    told = [line["facts"] for line in exported_history(pair.journal) if line["what"] == "settle"]
    assert [facts["why"] for facts in told if isinstance(facts, dict)] == [
        "billing_address is asked no more; Ada had decided: she called them"
    ]
    assert pair.run().plan.steps == ()
    pair.crm.edit("account", "A1", billing_address="crm")
    pair.clm.edit("account", "L1", billing_address="clm")
    assert _clash(pair).name == "billing_address"


def test_a_decision_that_only_one_side_makes_void_is_ended_and_no_new_one_is_asked_for(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    pair.clm.edit("account", "L1", billing_address="here")
    report = pair.run()
    assert (report.plan.conflicts, report.plan.problems) == ((), ())
    assert pair.clm.fields("account", "L1")["billing_address"] == "crm"
    assert decisions_in(pair.journal) == ()


def test_a_decision_for_the_agreed_value_waits_until_both_sides_have_it(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, None, "here")
    pair.crm.edit("account", "A1", billing_address="here")
    pair.clm.failures = [TransientError("fake", "503")]
    assert [line.ended.value for line in pair.run().lines] == ["deferred"]
    assert len(decisions_in(pair.journal)) == 1
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["billing_address"] == "here"
    assert decisions_in(pair.journal) == ()


def test_a_decision_on_a_field_ends_with_its_pair(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    pair.crm.delete("account", "A1")
    pair.clm.delete("account", "L1")
    _ = pair.settle()
    assert decisions_in(pair.journal) == ()
    assert [agreed.link.ended for agreed in pair.agreed()] in ([], [True])


def test_a_decision_on_a_field_ends_when_its_record_is_merged_away(lab: Any) -> None:
    pair = _clashing(lab)
    _ = pair.crm.add("account", name="Vermeer", country="NL")
    _decide(pair, Side.CRM)
    pair.crm.merge("account", "A1", "A2")
    _ = pair.settle()
    assert decisions_in(pair.journal) == ()
    assert {agreed.link.pair: (agreed.link.crm, agreed.link.clm) for agreed in pair.agreed()} == {
        "account:crm:A1": (None, "L1"),
        "account:crm:A2": ("A2", "L2"),
    }


@pytest.mark.parametrize("passage", [Passage.IF_BLANK, Passage.CLOSED])
def test_a_decision_that_may_not_pass_is_told(lab: Any, passage: Passage) -> None:
    rule = FieldRule(owner=Ownership.SHARED, to_clm=passage)
    pair = lab.Pair(rules=Rules(kinds=(KindRules(kind="account", match=(("name",),), default=rule),)))
    _ = pair.crm.add("account", name="Durand", billing_address="crm")
    _ = pair.clm.add("account", name="Durand", billing_address="clm")
    _decide(pair, Side.CRM)
    [problem] = pair.run().plan.problems
    assert (problem.where, problem.field, problem.value) == ("account:crm:A1", "billing_address", "clm")
    keeps = "it may not pass to the CLM, which keeps its own"
    assert problem.what == f"was decided, but {keeps}"
    assert keeps in json.dumps([dict(line) for line in exported_history(pair.journal)])
    assert pair.written == 0
    assert pair.run().plan.problems == ()


@pytest.mark.parametrize("passage", [Passage.IF_BLANK, Passage.CLOSED])
def test_what_may_not_pass_is_not_overwritten_in_silence(lab: Any, passage: Passage) -> None:
    rule = FieldRule(owner=Ownership.SHARED, to_crm=passage)
    pair = lab.Pair(rules=Rules(kinds=(KindRules(kind="account", match=(("name",),), default=rule),)))
    _ = pair.crm.add("account", name="Durand", phone="1")
    _ = pair.settle()
    pair.clm.edit("account", "L1", phone="2")
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["phone"] == "1"
    pair.crm.edit("account", "A1", phone="3")
    [note] = pair.run().plan.notes
    assert (note.name, note.side, note.value, note.kept) == ("phone", Side.CLM, "2", "3")
    assert note.why == "only the CRM changed it; what the CLM had may not pass to the CRM"
    assert pair.clm.fields("account", "L1")["phone"] == "3"
    pair.crm.edit("account", "A1", phone="4")  # the two agree now: nothing of the CLM's own is lost
    assert pair.run().plan.notes == ()


def test_a_later_decision_replaces_the_earlier(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    clash = Conflict(pair="account:crm:A1", kind="account", name="billing_address", left="crm", right="clm")
    _ = resolve(clash, Side.CLM, by="Bob", why="she was wrong", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "clm"


def _planned(pair: Any) -> tuple[Any, Any]:
    pulled = pull(pair.systems, pair.journal, [kind.kind for kind in pair.rules], rules=pair.rules)
    decisions = decisions_in(pair.journal)
    return plan(pulled.agreed, pulled.left, pulled.right, pair.rules, decisions, known=pulled.known), pulled.hints


def test_a_decision_that_is_taken_anew_before_the_plan_is_applied_holds(lab: Any) -> None:
    pair = _clashing(lab)
    clash = _clash(pair)
    _ = resolve(clash, Side.CRM, by="Ada", why="first", at=NOON, journal=pair.journal)
    todo, hints = _planned(pair)
    newer = resolve(clash, Side.CLM, by="Bea", why="no, the CLM is right", at=NOON, journal=pair.journal)
    [line] = apply(todo, pair.systems, pair.journal, clock=lambda: NOON, hints=hints).lines
    assert line.ended is Ended.STALE
    assert "decided anew" in line.why
    assert decisions_in(pair.journal) == (newer,)
    _ = pair.settle()
    assert pair.crm.fields("account", "A1")["billing_address"] == "clm"
    assert pair.clm.fields("account", "L1")["billing_address"] == "clm"
    assert decisions_in(pair.journal) == ()


def test_a_decision_that_is_taken_anew_while_the_plan_is_applied_is_kept(lab: Any) -> None:
    pair = _clashing(lab)
    clash = _clash(pair)
    _ = resolve(clash, Side.CRM, by="Ada", why="first", at=NOON, journal=pair.journal)
    todo, hints = _planned(pair)

    def again() -> None:
        _ = resolve(clash, Side.CLM, by="Bea", why="no, the CLM is right", at=NOON, journal=pair.journal)

    pair.clm.before_write = again
    [line] = apply(todo, pair.systems, pair.journal, clock=lambda: NOON, hints=hints).lines
    assert line.ended is Ended.DONE
    assert [decision.by for decision in decisions_in(pair.journal)] == ["Bea"]


@pytest.mark.parametrize("newer", ["L2", None])
def test_a_pairing_that_is_decided_anew_before_the_plan_is_applied_holds(lab: Any, newer: str | None) -> None:
    pair = lab.Pair()
    for system in (pair.crm, pair.clm):
        for _ in range(2):
            _ = system.add("account", name="Durand", country="FR")
    _ = pair.run()
    told = {"by": "Ada", "why": "she knows them", "at": NOON, "journal": pair.journal}
    _ = resolve_pairing("account:crm:A1", "L1", **told)
    todo, hints = _planned(pair)
    _ = resolve_pairing("account:crm:A1", newer, **told)
    report = apply(todo, pair.systems, pair.journal, clock=lambda: NOON, hints=hints)
    assert {line.ended for line in report.lines if line.step.pair == "account:crm:A1"} == {Ended.STALE}
    _ = pair.run()
    [known] = [known for known in pair.agreed() if known.link.crm == "A1"]
    assert known.link.clm == (newer or "L3")


def test_a_decision_that_the_journal_does_not_have_is_carried_out(lab: Any) -> None:
    pair = _clashing(lab)
    clash = _clash(pair)
    decision = resolve(clash, Side.CRM, by="Ada", why="first", at=NOON, journal=MemoryJournal())
    pulled = pull(pair.systems, pair.journal, [kind.kind for kind in pair.rules], rules=pair.rules)
    todo = plan(pulled.agreed, pulled.left, pulled.right, pair.rules, [decision], known=pulled.known)
    [line] = apply(todo, pair.systems, pair.journal, clock=lambda: NOON, hints=pulled.hints).lines
    assert line.ended is Ended.DONE


def test_who_decided_what_when_and_why_is_exported(lab: Any) -> None:
    pair = _clashing(lab)
    _decide(pair, Side.CRM)
    _ = pair.settle()
    lines = list(exported_history(pair.journal, "account:crm:A1"))
    assert json.loads(json.dumps(lines)) == lines
    [decision] = [line for line in lines if line["what"] == "decision"]
    facts: Any = decision["facts"]
    assert (facts["by"], facts["why"], facts["value"]) == ("Ada", "she called them", "crm")
    assert (facts["left"], facts["right"], decision["at"]) == ("crm", "clm", NOON.isoformat())
    updates = [line for line in lines if line["what"] == "update"]
    assert "Ada decided: she called them" in json.dumps(updates)


def test_a_decision_needs_a_name_and_a_reason() -> None:
    clash = Conflict(pair="p", kind="account", name="f", left=1, right=2)
    for by, why in (("", "because"), ("Ada", " ")):
        with pytest.raises(InvalidRecord):
            _ = resolve(clash, Side.CRM, by=by, why=why, at=NOON, journal=MemoryJournal())


def test_a_whole_record_is_one_sides_or_the_others() -> None:
    clash = Conflict(pair="p", kind="account", name=RECORD, left="gone", right="edited since")
    with pytest.raises(InvalidRecord, match="a side"):
        _ = resolve(clash, None, by="Ada", why="x", at=NOON, journal=MemoryJournal(), value="third")


def test_a_decision_comes_back_as_it_was_kept() -> None:
    journal = MemoryJournal()
    clash = Conflict(pair="p", kind="account", name="f", left=[1], right={"a": None})
    decision = resolve(clash, Side.CLM, by="Ada", why="x", at=NOON, journal=journal)
    assert decisions_in(journal) == (decision,)
    assert decision_of(decision.as_fields()) == decision


def test_a_person_settles_a_doubtful_pairing(lab: Any) -> None:
    pair = lab.Pair()
    for system in (pair.crm, pair.clm):
        for _ in range(2):
            _ = system.add("account", name="Durand", country="FR")
    assert len(pair.settle().plan.problems) == 4
    assert pair.written == 0
    _ = resolve_pairing("account:crm:A1", "L2", by="Ada", why="I know them", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert {a.link.crm: a.link.clm for a in pair.agreed()} == {"A1": "L2", "A2": "L1"}
    assert decisions_in(pair.journal) == ()
    assert pair.written == 0


def test_a_person_says_that_two_namesakes_are_distinct(lab: Any) -> None:
    pair = lab.Pair()
    for _ in range(2):
        _ = pair.crm.add("account", name="Durand", country="FR")
    _ = pair.clm.add("account", name="Durand", country="FR")
    _ = pair.settle()
    _ = resolve_pairing("account:crm:A1", None, by="Ada", why="another one", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert len(pair.clm.living("account")) == len(pair.crm.living("account")) == 2
    assert {a.link.crm: a.link.clm for a in pair.agreed()}["A2"] == "L1"
    assert decisions_in(pair.journal) == ()


@pytest.mark.parametrize("kind", ["account", "contact"])
@pytest.mark.parametrize("record", ["crm", "clm"])
def test_nothing_is_created_in_the_stead_of_a_counterpart_that_is_not_there(lab: Any, kind: str, record: str) -> None:
    pair = lab.Pair()
    fields = {"name": "Durand", "country": "FR"} if kind == "account" else {"given_name": "Ada", "family_name": "Roy"}
    _ = pair.crm.add(kind, **fields)
    other = "L9" if record == "crm" else "A1"
    name = f"{kind}:crm:A1" if record == "crm" else f"{kind}:clm:L9"
    _ = resolve_pairing(name, other, by="Ada", why="I know them", at=NOON, journal=pair.journal)
    for _ in range(2):
        [problem] = pair.run().plan.problems
        assert (problem.where, problem.value) == (f"{kind}:crm:A1", "L9")
        assert problem.what == "was said to be L9 on the CLM, which is not there or belongs to another one"
    assert pair.written == 0
    assert len(decisions_in(pair.journal)) == 1
    _ = resolve_pairing(name, None, by="Ada", why="I was wrong", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert list(pair.clm.living(kind)) == ["L1"]


def test_a_counterpart_that_is_told_later_is_paired_then(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("contact", given_name="Ada", family_name="Roy")
    _ = resolve_pairing("contact:crm:A1", "L1", by="Ada", why="I know them", at=NOON, journal=pair.journal)
    _ = pair.run()
    _ = pair.clm.add("contact", given_name="Ada", family_name="Le Roy")
    _ = pair.settle()
    assert [(a.link.crm, a.link.clm) for a in pair.agreed("contact")] == [("A1", "L1")]
    assert decisions_in(pair.journal) == ()


def test_a_counterpart_that_has_another_one_is_not_paired_again(lab: Any) -> None:
    pair = lab.Pair()
    _ = pair.crm.add("account", name="Durand", country="FR")
    _ = pair.settle()
    _ = pair.crm.add("account", name="Durant", country="FR")
    _ = resolve_pairing("account:crm:A2", "L1", by="Ada", why="I know them", at=NOON, journal=pair.journal)
    [problem] = pair.run().plan.problems
    assert (problem.where, problem.value) == ("account:crm:A2", "L1")
    assert list(pair.clm.living("account")) == ["L1"]


FIRST_AND_LATER = [
    ({"account:crm:A1": "L1"}, {"account:clm:L1": None}, [("A2", "L2"), ("A3", "L1")], "account:crm:A1"),
    ({"account:clm:L1": None}, {"account:crm:A1": "L1"}, [("A1", "L1"), ("A2", "L2")], ""),
    ({"account:crm:A1": "L1"}, {"account:clm:L1": "A2"}, [("A2", "L1")], "account:crm:A1"),
    ({"account:clm:L1": "A2"}, {"account:crm:A1": "L1"}, [("A1", "L1"), ("A2", "L2")], ""),
    ({"account:crm:A1": "L1"}, {"account:crm:A2": "L1"}, [("A2", "L1")], "account:crm:A1"),
    ({"account:crm:A2": "L1"}, {"account:crm:A1": "L1"}, [("A1", "L1")], "account:crm:A2"),
    ({"account:crm:A1": "L1"}, {"account:clm:L1": "A9"}, [("A2", "L2")], "account:crm:A1"),
]


@pytest.mark.parametrize(("first", "later", "pairs", "held"), FIRST_AND_LATER)
def test_of_two_words_on_a_pairing_the_later_counts(lab: Any, first: Any, later: Any, pairs: Any, held: str) -> None:
    pair = lab.Pair()
    for system in (pair.crm, pair.crm, pair.clm):
        _ = system.add("account", name="Durand", country="FR")
    _ = pair.run()
    for hours, (by, word) in enumerate([("Ann", first), ("Bea", later)]):
        [(record, other)] = word.items()
        at = NOON + timedelta(hours=hours)
        _ = resolve_pairing(record, other, by=by, why="I know them", at=at, journal=pair.journal)
    told = [step.why for step in pair.run().plan.steps]
    problems = pair.settle().plan.problems
    assert sorted((agreed.link.crm, agreed.link.clm) for agreed in pair.agreed()) == pairs
    assert not held or held in {problem.where for problem in problems}, "its record waits for another word"
    assert held or "a person paired them; Ann had said otherwise: I know them" in told
    assert held or decisions_in(pair.journal) == ()


def test_a_pairing_names_kind_side_and_key() -> None:
    for record in ("A1", "account:A1", "account:erp:A1", "account:crm:"):
        with pytest.raises(InvalidRecord, match="kind, side and key"):
            _ = resolve_pairing(record, "L2", by="Ada", why="x", at=NOON, journal=MemoryJournal())


def test_a_decision_is_carried_out_even_when_nothing_has_changed_since(lab: Any) -> None:
    pair = _clashing(lab)
    clash = _clash(pair)
    pair.journal.end_hints([hint.number for hint in pair.journal.hints("account")])
    _ = resolve(clash, Side.CRM, by="Ada", why="x", at=NOON, journal=pair.journal)
    _ = pair.settle()
    assert pair.clm.fields("account", "L1")["billing_address"] == "crm"
