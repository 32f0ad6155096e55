"""The preview of a plan: every field with whose value wins and why, in two languages, as a page without network."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import attrs
import pytest

from clmcrm.ports.kept import Link
from clmcrm.ports.records import Side
from clmcrm.report.plan_page import PlanShown, differing, plan_cards, plan_data, plan_sections, render_plan, shown_value
from clmcrm.report.plan_phrases import OPS, PLAN_PHRASES, plan_phrase, reason, winner
from clmcrm.sync import merge
from clmcrm.sync.arbitration import Conflict, conflict_key
from clmcrm.sync.merge import Views, merge_field
from clmcrm.sync.ownership import FieldRule, OnConflict, Ownership
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.steps import FieldChange, Note, Op, Plan, Step
from clmcrm.values.problems import Problem

DAY = date(2026, 11, 23)
RULES = standard_rules()
LINK = Link(pair="account:crm:A1", kind="account", crm="A1", clm="C1")


def _step(op: Op = Op.UPDATE, side: Side = Side.CLM, **facts: Any) -> Step:
    return Step(op=op, pair=LINK.pair, kind="account", side=side, link=LINK, **facts)


def _change(**facts: Any) -> FieldChange:
    given = {"name": "name", "value": "new", "crm": "new", "clm": "old", "why": "only the CRM changed it"}
    return FieldChange(**{**given, **facts})


PLAN = Plan(
    rules=RULES,
    steps=(
        _step(changes=(_change(), _change(name="employees", value=5, crm=5, clm=None))),
        _step(op=Op.REMOVE, side=Side.CRM, why="it is gone on the CLM"),
        _step(op=Op.SETTLE, changes=(_change(name="vat"),)),
    ),
    conflicts=(
        Conflict(
            pair=LINK.pair, kind="account", name="billing_address", base={"city": "Douai", "zip": "1"},
            left={"city": "Lille", "zip": "1"}, right={"city": "Lens", "zip": "1"}, decides="legal",
            why="both changed it, to different values",
        ),
    ),
    notes=(Note(pair=LINK.pair, kind="account", name="size", side=Side.CLM, value="1", kept="2", why="as on the CRM"),),
    problems=(Problem(where="here", field="f", value="<b>", what="is odd"),),
    known={"account": 3},
)  # fmt: skip
SHOWN = PlanShown(plan=PLAN, as_of=DAY)


def test_every_field_says_what_it_becomes_who_wins_and_why() -> None:
    writes = plan_sections(SHOWN)[0]
    rows = [tuple(cell.text for cell in row) for row in writes.rows]
    assert rows == [
        ("account:crm:A1", "update", "CLM", "name", "new", "old", "new", "CRM", "only the CRM changed it"),
        ("account:crm:A1", "update", "CLM", "employees", "5", "", "5", "CRM", "only the CRM changed it"),
        ("account:crm:A1", "archive", "CRM", "", "", "", "", "", "it is gone on the CLM"),
    ]


def test_of_an_address_only_what_differs_is_shown() -> None:
    conflicts = plan_sections(SHOWN)[1]
    assert [cell.text for cell in conflicts.rows[0]][2:5] == ["city: Douai", "city: Lille", "city: Lens"]
    assert differing({"a": 1}, None, {"a": 1}) == ({"a": 1}, None, {"a": 1})
    assert shown_value("x" * 100) == "x" * 59 + "…"


def test_two_long_texts_that_begin_alike_are_told_apart() -> None:
    """A conflict over the end of a description: two cells with the same sixty letters decide nothing."""
    begin = "Delivery of spare parts within two working days to every site, "
    crm, clm = begin + "Saturdays included", begin + "Saturdays excepted"
    shown = tuple(map(shown_value, differing(begin, crm, clm)))
    assert shown == (
        "…days to every site, ",
        "…days to every site, Saturdays included",
        "…days to every site, Saturdays excepted",
    )
    assert differing(crm, crm, None) == (crm, crm, None)
    assert differing("short", "shore") == ("short", "shore")
    assert differing("x" * 39 + "a", "x" * 39 + "b" * 40) == ("x" * 39 + "a", "x" * 39 + "b" * 40)


def test_the_data_has_a_row_per_field_and_the_whole_plan() -> None:
    data: Any = plan_data(SHOWN)
    assert [row["wins"] for row in data["preview"]] == ["CRM", "CRM", None]
    assert data["preview"][0]["becomes"] == "new"
    assert data["steps"] == PLAN.as_fields()["steps"]
    assert data["refusal"] is None


def test_the_cards_count_what_matters_and_the_guard_speaks() -> None:
    assert [card.value for card in plan_cards(SHOWN)] == ["2", "2", "1", "1", "1", "passes"]
    removals = tuple(_step(op=Op.REMOVE, side=Side.CRM) for _ in range(30))
    big = PlanShown(plan=Plan(rules=RULES, steps=removals, known={"account": 40}), as_of=DAY)
    guard = plan_cards(big)[-1]
    assert (guard.value, "30 deletes of 40" in guard.note) == ("refused without --yes", True)
    assert plan_cards(PlanShown(plan=big.plan, as_of=DAY, percent=80))[-1].value == "passes"


def test_why_the_guard_refuses_is_said_in_the_language_of_the_page() -> None:
    removals = tuple(_step(op=Op.REMOVE, side=Side.CRM) for _ in range(30))
    updates = tuple(attrs.evolve(_step(changes=(_change(),)), kind="contract") for _ in range(30))
    big = PlanShown(plan=Plan(rules=RULES, steps=removals + updates, known={"account": 40, "contract": 50}), as_of=DAY)
    assert plan_cards(big, "fr")[-1].note == (
        "account\u00a0: 30 suppressions pour 40 paires connues, plus de 20\u00a0%\u00a0; "
        "contract\u00a0: 30 remplacements pour 50 paires connues, plus de 20\u00a0%"
    )
    assert plan_cards(SHOWN, "fr")[-1].note == ""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_needs_nothing_and_names_every_part(language: Any) -> None:
    page = render_plan(SHOWN, language)
    assert page == render_plan(SHOWN, language)
    assert f'<html lang="{language}">' in page
    assert not re.search(r"(src|href|action)=.?https?:|@import|url[(](?!#)|<script", page)
    assert "&lt;b&gt;" in page
    assert page.count("<h1>") == 1
    for part in plan_sections(SHOWN, language):
        assert part.heading.replace("'", "&#39;") in page
    for place in range(1, 5):
        assert f'aria-labelledby="part-{place}-heading"' in page


def test_an_idle_plan_says_that_nothing_is_to_write() -> None:
    page = render_plan(PlanShown(plan=Plan(rules=RULES), as_of=DAY), "fr")
    assert "Il n&#39;y a rien à écrire." in page


def test_every_phrase_is_said_in_both_languages() -> None:
    for key in PLAN_PHRASES:
        assert plan_phrase(key, "en", day="x")
        assert plan_phrase(key, "fr", day="x")
    assert set(OPS) == set(Op)


def test_every_reason_of_a_merge_is_known_in_french() -> None:
    """Whatever the owner, the preference and the values: no English is left in a French preview."""
    values = (merge.ABSENT, None, "a", "b", "c")
    owners = [*Ownership]
    said = {
        merge_field("f", Views(base=base, crm=crm, clm=clm), FieldRule(owner=owner, on_conflict=preference)).why
        for base in values
        for crm in values
        for clm in values
        for owner in owners
        for preference in OnConflict
    }
    assert len(said) > 10
    assert {why for why in said if reason(why, "fr") == why} == set()


@pytest.mark.parametrize(
    ("why", "french"),
    [
        ("every value that goes to the CLM is decided by a person",
         "toute valeur destinée au CLM est décidée par une personne"),
        ("'A-1' would close a circle of parent", "'A-1' fermerait un cercle de parent"),
        ("Eve let it go: sold", "abandon décidé par Eve : sold"),
    ],
)  # fmt: skip
def test_what_the_engine_says_beside_a_merge_is_french_too(why: str, french: str) -> None:
    assert reason(why, "fr") == french


@pytest.mark.parametrize(
    ("change", "decisions", "expected"),
    [
        (_change(), (), "CRM"),
        (_change(), (conflict_key(LINK.pair, "name"),), "a person"),
        (_change(why="undone: it was written on 2026-11-01"), (), "the earlier value"),
        (_change(value="base", crm="crm's own", clm="edit"), (), "CRM"),
    ],
)
def test_the_winner_is_the_side_the_person_or_the_owner(
    change: FieldChange, decisions: tuple[str, ...], expected: str
) -> None:
    assert winner(_step(changes=(change,), decisions=decisions), change, RULES).en == expected
