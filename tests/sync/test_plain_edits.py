"""The plain case of a merge says what the merge says: the same plan, byte for byte, with and without it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Fields, Seen, Side
from clmcrm.sync import planning
from clmcrm.sync.merge import ABSENT
from clmcrm.sync.ownership import FieldRule, KindRules, OnConflict, Ownership, Passage, Rules
from clmcrm.sync.plain_edits import plain_edits
from clmcrm.sync.planning import plan
from clmcrm.sync.steps import Plan

NAMES = ("a", "b", "c")
values: Any = st.sampled_from(["x", "y", None, 1, True])
shown: st.SearchStrategy[Fields] = st.dictionaries(st.sampled_from(NAMES), values)
passages = st.sampled_from([Passage.OPEN, Passage.OPEN, *Passage])
field_rules = st.builds(
    FieldRule,
    owner=st.sampled_from([Ownership.SHARED, *Ownership]),
    on_conflict=st.sampled_from(OnConflict),
    to_crm=passages,
    to_clm=passages,
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Agreed, Fields, Fields, Rules]:
    """A pair as agreed, both records as they are now, and rules; mostly little has changed."""
    base = draw(shown)
    spelled = [draw(st.just(base) | shown) for _ in range(2)]
    link = Link(pair="account:crm:A1", kind="account", crm="A1", clm="L1")
    known = Agreed(link=link, base=base, shown_crm=spelled[0], shown_clm=spelled[1])
    edits = st.dictionaries(st.sampled_from(NAMES), values, max_size=1)
    now = [{**was, **draw(edits)} for was in spelled]
    left = draw(st.none() | st.sampled_from(NAMES))
    crm, clm = ({n: v for n, v in fields.items() if fields is now[1] or n != left} for fields in now)
    kind = KindRules(
        kind="account",
        default=draw(field_rules),
        fields=draw(st.dictionaries(st.sampled_from(NAMES), field_rules)),
        derived=None,
    )
    return known, crm, clm, Rules(kinds=(kind,))


def planned(known: Agreed, crm: Fields, clm: Fields, rules: Rules) -> Plan:
    """The plan for one pair."""
    seen = [Seen(kind="account", key=key, fields=fields, version="1") for key, fields in (("A1", crm), ("L1", clm))]
    return plan([known], seen[:1], seen[1:], rules)


@given(case=cases())
def test_a_plan_is_the_same_byte_for_byte_with_and_without_the_plain_case(case: Any) -> None:
    short = planned(*case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "plain_edits", lambda *_: None)
        whole = planned(*case)
    assert short == whole
    assert json.dumps(short.as_fields()) == json.dumps(whole.as_fields())


def rules_of(**more: Any) -> KindRules:
    """Rules of a kind with one field `a`."""
    rule = FieldRule(owner=more.pop("owner", Ownership.SHARED), **more)
    return KindRules(kind="account", default=rule)


OLD = {"a": "x", "b": "y"}
PLAIN: list[Any] = [
    (
        "in another order",
        {"b": "w", "a": "z"},
        OLD,
        rules_of(),
        (Side.CLM, [("a", "z", "z", "x"), ("b", "w", "w", "y")]),
    ),
    ("the CRM edited", {"a": "z", "b": "y"}, OLD, rules_of(), (Side.CLM, [("a", "z", "z", "x")])),
    ("the CLM edited", OLD, {"a": "z", "b": "w"}, rules_of(), (Side.CRM, [("a", "z", "x", "z"), ("b", "w", "y", "w")])),
    ("its owner edited", {"a": "z", "b": "y"}, OLD, rules_of(owner=Ownership.CRM), (Side.CLM, [("a", "z", "z", "x")])),
    ("emptied", {"a": None, "b": "y"}, OLD, rules_of(), (Side.CLM, [("a", None, None, "x")])),
    ("not shown there", {"a": "z", "b": "y"}, {"b": "y"}, rules_of(), None),
    ("both edited", {"a": "z", "b": "y"}, {"a": "x", "b": "w"}, rules_of(), None),
    ("not its owner", {"a": "z", "b": "y"}, OLD, rules_of(owner=Ownership.CLM), None),
    ("reviewed", {"a": "z", "b": "y"}, OLD, rules_of(owner=Ownership.REVIEW), None),
    ("closed", {"a": "z", "b": "y"}, OLD, rules_of(to_clm=Passage.CLOSED), None),
    ("a new field", {**OLD, "c": "z"}, OLD, rules_of(), None),
    ("nothing edited", OLD, OLD, rules_of(), (Side.CRM, [])),
]


@pytest.mark.parametrize(("crm", "clm", "rules", "expected"), [row[1:] for row in PLAIN], ids=[row[0] for row in PLAIN])
def test_only_the_plain_case_is_decided_at_once(crm: Fields, clm: Fields, rules: KindRules, expected: Any) -> None:
    known = Agreed(link=Link(pair="p", kind="account", crm="A1", clm="L1"), base=OLD, shown_crm=OLD, shown_clm=OLD)
    found: Any = plain_edits(known, (crm, clm), rules)
    told = found and (found[0], [(c.name, c.value, c.crm, c.clm) for c in found[1]])
    assert told == expected


def test_a_field_that_the_other_side_does_not_show_is_not_shown_in_the_change() -> None:
    shows_less = {"b": "y"}
    link = Link(pair="p", kind="account", crm="A1", clm="L1")
    known = Agreed(link=link, base=OLD, shown_crm=OLD, shown_clm=shows_less)
    found = plain_edits(known, ({"a": "z", "b": "y"}, shows_less), rules_of())
    assert found is not None
    assert [(c.name, c.clm) for c in found[1]] == [("a", ABSENT)]


def test_an_edit_to_what_the_other_side_shows_already_is_agreed_and_not_written() -> None:
    spelled = {"a": "X", "b": "y"}
    link = Link(pair="p", kind="account", crm="A1", clm="L1")
    known = Agreed(link=link, base=OLD, shown_crm=OLD, shown_clm=spelled)
    assert plain_edits(known, (spelled, spelled), rules_of()) is None
