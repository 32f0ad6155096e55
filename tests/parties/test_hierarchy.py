"""Groups and charts: the way up ends or is reported, and up and down agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.hierarchy import Hierarchy, account_groups, unit_chart
from clmcrm.parties.org_units import OrgUnit
from clmcrm.values.ids import AccountId, OrgUnitId
from clmcrm.values.problems import Severity

IDS = "abcdefgh"
ANY_PARENTS = st.fixed_dictionaries({i: st.one_of(st.none(), st.sampled_from(IDS)) for i in IDS})


@st.composite
def forests(draw: st.DrawFn) -> dict[str, str | None]:
    """Parents that come earlier in the alphabet only, so that no circle can arise."""
    return {here: draw(st.one_of(st.none(), st.sampled_from(IDS[:i]))) if i else None for i, here in enumerate(IDS)}


@given(forests())
def test_up_and_down_agree(parents: dict[str, str | None]) -> None:
    tree = Hierarchy(parents)
    for above in IDS:
        below = {record for record in IDS if above in tree.ancestors(record)}
        assert set(tree.descendants(above)) == below


@given(forests())
def test_every_record_is_in_exactly_one_group(parents: dict[str, str | None]) -> None:
    tree = Hierarchy(parents)
    heads = {tree.root(record) for record in IDS}
    members = [record for head in heads for record in (head, *tree.descendants(head))]
    assert sorted(members) == list(IDS)
    assert tree.problems() == ()


@given(ANY_PARENTS)
def test_an_answer_is_refused_exactly_where_a_circle_is_reported(parents: dict[str, str | None]) -> None:
    tree = Hierarchy(parents)
    on_circle = {record for ring in tree.circles() for record in ring}
    for record in IDS:
        here: str | None = record
        for _ in IDS:
            here = parents[here] if here is not None else None
        if here is None:
            assert record not in on_circle
            assert len(set(tree.ancestors(record))) == len(tree.ancestors(record))
        else:
            with pytest.raises(InvalidRecord) as refusal:
                tree.ancestors(record)
            assert any(set(ring) <= set(str(refusal.value.value).split(" under ")) for ring in tree.circles())


@given(ANY_PARENTS, st.permutations(list(IDS)))
def test_the_order_of_the_records_makes_no_difference(parents: dict[str, str | None], order: list[str]) -> None:
    shuffled = Hierarchy({record: parents[record] for record in order})
    assert shuffled.problems() == Hierarchy(parents).problems()
    assert [shuffled.descendants(i) for i in IDS] == [Hierarchy(parents).descendants(i) for i in IDS]


def account(key: str, parent: str | None = None, merged_into: str | None = None) -> Account:
    return Account(
        id=AccountId(key),
        name=key.upper(),
        parent=None if parent is None else AccountId(parent),
        merged_into=None if merged_into is None else AccountId(merged_into),
    )


def test_a_circle_of_accounts_names_every_record_in_it_once() -> None:
    groups = account_groups([account("c", "b"), account("b", "a"), account("a", "c"), account("d", "a")])
    (problem,) = groups.problems()
    assert problem.value == "a under c under b under a"
    assert problem.severity is Severity.ERROR
    with pytest.raises(InvalidRecord, match="a under c under b under a"):
        groups.root(AccountId("d"))


def test_a_parent_nobody_holds_is_reported_and_still_heads_the_group() -> None:
    groups = account_groups([account("paris", "group"), account("lyon", "group")])
    assert [p.where for p in groups.problems()] == ["lyon", "paris"]
    assert groups.root(AccountId("paris")) == groups.root(AccountId("lyon")) == "group"


def test_what_hangs_on_a_merged_account_follows_it_to_its_successor() -> None:
    groups = account_groups(
        [account("old", "other", merged_into="new"), account("new", "group"), account("child", "old")]
    )
    assert groups.ancestors(AccountId("child")) == ("old", "new", "group")
    assert "child" in groups.descendants(AccountId("new"))


def test_units_hang_together_by_their_parents() -> None:
    units = [
        OrgUnit(id=OrgUnitId("hq"), name="Head office"),
        OrgUnit(id=OrgUnitId("sales"), name="Sales", parent=OrgUnitId("hq")),
        OrgUnit(id=OrgUnitId("north"), name="North", parent=OrgUnitId("sales")),
    ]
    assert unit_chart(units).ancestors(OrgUnitId("north")) == ("sales", "hq")


def test_a_chain_of_a_hundred_thousand_is_walked() -> None:
    chain: dict[str, str | None] = {str(i): str(i + 1) for i in range(100_000)}
    assert Hierarchy(chain).root("0") == "100000"
    assert Hierarchy(chain).circles() == ()
