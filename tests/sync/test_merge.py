from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.ports.records import Side
from clmcrm.sync.merge import ABSENT, Verdict, Views, blank, decided, merge_field, merge_record
from clmcrm.sync.ownership import FieldRule, KindRules, OnConflict, Ownership

CRM, CLM = Side.CRM, Side.CLM
CRM_OWNED = FieldRule(owner=Ownership.CRM)
CLM_OWNED = FieldRule(owner=Ownership.CLM)
ASK = FieldRule(owner=Ownership.SHARED)
PREFER_CLM = FieldRule(owner=Ownership.SHARED, on_conflict=OnConflict.CLM)
REVIEW = FieldRule(owner=Ownership.REVIEW)

TABLE = [
    # base, crm, clm, rule -> verdict, value, written sides, overruled
    ("nobody changed it", 1, 1, 1, ASK, Verdict.UNCHANGED, 1, (), None),
    ("both made the same edit", 1, 2, 2, ASK, Verdict.AGREED, 2, (), None),
    ("the owner changed it", 1, 2, 1, CRM_OWNED, Verdict.CRM, 2, (CLM,), None),
    ("the other changed it: restored", 1, 2, 1, CLM_OWNED, Verdict.CLM, 1, (CRM,), CRM),
    ("both changed it: the owner's", 1, 2, 3, CLM_OWNED, Verdict.CLM, 3, (CRM,), CRM),
    ("shared, one changed it", 1, 1, 3, ASK, Verdict.CLM, 3, (CRM,), None),
    ("shared, both changed it: asked", 1, 2, 3, ASK, Verdict.CONFLICT, ABSENT, (), None),
    ("shared, both changed it: preferred", 1, 2, 3, PREFER_CLM, Verdict.CLM, 3, (CRM,), CRM),
    ("reviewed, one changed it: asked", 1, 2, 1, REVIEW, Verdict.CONFLICT, ABSENT, (), None),
    ("reviewed, both the same: nothing to ask", 1, 2, 2, REVIEW, Verdict.AGREED, 2, (), None),
    ("emptied by its owner", 1, None, 1, CRM_OWNED, Verdict.CRM, None, (CLM,), None),
    ("first pairing, one blank: filled", ABSENT, 1, None, CLM_OWNED, Verdict.CRM, 1, (CLM,), None),
    ("first pairing, one not shown: filled", ABSENT, ABSENT, 1, CRM_OWNED, Verdict.CLM, 1, (CRM,), None),
    ("first pairing, they differ: owner's", ABSENT, 1, 2, CRM_OWNED, Verdict.CRM, 1, (CLM,), CLM),
    ("first pairing, they differ: asked", ABSENT, 1, 2, ASK, Verdict.CONFLICT, ABSENT, (), None),
    ("first pairing, null and not shown", ABSENT, None, ABSENT, ASK, Verdict.AGREED, None, (), None),
    ("first pairing, null and empty text", ABSENT, None, "", ASK, Verdict.AGREED, "", (), None),
    ("an empty text for a null is an edit", None, None, "", ASK, Verdict.CLM, "", (CRM,), None),
    ("no longer shown: as agreed", 1, ABSENT, 1, CRM_OWNED, Verdict.UNCHANGED, 1, (), None),
    ("not shown there: written anyway", 1, 2, ABSENT, CRM_OWNED, Verdict.CRM, 2, (CLM,), None),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_each_field_merges_by_its_owner_with_a_reason(row: Any) -> None:
    _, base, crm, clm, rule, verdict, value, writes, overruled = row
    merged = merge_field("f", Views(base=base, crm=crm, clm=clm), rule)
    assert (merged.verdict, merged.value, merged.writes, merged.overruled) == (
        verdict,
        value,
        writes,
        overruled,
    )
    assert merged.why


def test_a_systems_own_spelling_is_not_an_edit() -> None:
    views = Views(base="+33 1", crm="+33 1", clm="0033-1", shown_crm="+33 1", shown_clm="0033-1")
    assert merge_field("phone", views, ASK).verdict is Verdict.UNCHANGED
    edited = Views(base="+33 1", crm="+33 2", clm="0033-1", shown_crm="+33 1", shown_clm="0033-1")
    assert merge_field("phone", edited, ASK).value == "+33 2"


def test_what_is_restored_is_what_was_agreed_not_the_owners_spelling() -> None:
    views = Views(base="+33 1", crm="x", clm="0033-1", shown_crm="+33 1", shown_clm="0033-1")
    merged = merge_field("phone", views, CLM_OWNED)
    assert (merged.value, merged.writes) == ("+33 1", (CRM,))


def test_a_decision_is_written_where_something_else_is_shown() -> None:
    clash = merge_field("f", Views(base=1, crm=2, clm=3), ASK)
    assert decided(clash, 2, "why").writes == (CLM,)
    assert decided(clash, 4, "why").writes == (CRM, CLM)


values = st.one_of(st.just(ABSENT), st.none(), st.integers(0, 3), st.just(""))
rules = st.sampled_from([CRM_OWNED, CLM_OWNED, ASK, PREFER_CLM, REVIEW])


every_view = st.builds(Views, base=values, crm=values, clm=values, shown_crm=values, shown_clm=values)


@given(views=every_view, rule=rules)
def test_no_edit_gives_way_without_being_named(views: Views, rule: FieldRule) -> None:
    merged = merge_field("f", views, rule)
    if merged.verdict in (Verdict.CONFLICT, Verdict.UNCHANGED):
        assert not merged.writes
        return
    for side in merged.writes:
        lost = views.changed(side) and not blank(views.now(side)) and views.now(side) != merged.value
        assert not lost or merged.overruled is side


@given(base=values, crm=values, clm=values, rule=rules)
def test_a_merge_written_out_settles_the_field(base: Any, crm: Any, clm: Any, rule: FieldRule) -> None:
    merged = merge_field("f", Views(base=base, crm=crm, clm=clm), rule)
    if merged.verdict is Verdict.CONFLICT:
        return
    now = {side: merged.value if side in merged.writes else value for side, value in ((CRM, crm), (CLM, clm))}
    after = Views(base=merged.value, crm=now[CRM], clm=now[CLM], shown_crm=now[CRM], shown_clm=now[CLM])
    assert merge_field("f", after, rule).verdict is Verdict.UNCHANGED


def test_a_record_that_looks_as_before_is_not_merged_field_by_field() -> None:
    class Untouchable(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            raise AssertionError("looked into")

    rules = KindRules(kind="account", default=CRM_OWNED)
    base = Untouchable(name="x")
    assert merge_record(base, ({"name": "x"}, {"name": "X"}), ({"name": "x"}, {"name": "X"}), rules) == ()
