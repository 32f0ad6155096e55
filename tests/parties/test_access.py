"""What no grant names is withheld, and what is withheld says so in its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.errors import AccessRefused, ClmcrmError, InvalidRecord
from clmcrm.parties.access import Access, AccessPolicy, Derived, Grant, is_withheld, withheld
from clmcrm.parties.edits import accepted_edit, refuse_edits
from clmcrm.parties.house_access import HOUSE_ACCESS

POLICY = AccessPolicy(
    grants=(
        Grant(role="sales", kind="deal", see=("name", "lines.*.price", "terms"), but=("terms.*.note",)),
        Grant(role="sales", kind="deal", change=("name",)),
        Grant(role="legal", kind="deal", see=("terms",), change=("terms.*.note",)),
        Grant(role="boss", kind="deal", see=("*",), change=("*",), but=("id",)),
        Grant(role="sales", kind="view", see=("*",)),
        Grant(role="boss", kind="view", see=("*",)),
    ),
    derived=(Derived(kind="view", field="advice", sources=(("deal", "terms.*.note"),)),),
)
DEAL: dict[str, Any] = {
    "id": "D-1",
    "name": "won",
    "lines": [{"id": "L-1", "price": 5, "cost": 3}, {"id": "L-2", "price": 7, "cost": 4}],
    "terms": [{"text": "a", "note": "weak"}, {"text": "b", "note": "strong"}],
    "margin": None,
    "tags": [],
}


def seen_by(*roles: str, kind: str = "deal", policy: AccessPolicy = POLICY) -> Access:
    return Access(policy=policy, roles=roles)


def test_what_is_not_granted_is_withheld_in_its_place_even_when_it_is_empty() -> None:
    shown = seen_by("sales").visible(DEAL, "deal")
    assert shown.fields == {
        "id": withheld(),
        "name": "won",
        "lines": [
            {"id": withheld(), "price": 5, "cost": withheld()},
            {"id": withheld(), "price": 7, "cost": withheld()},
        ],
        "terms": [{"text": "a", "note": withheld()}, {"text": "b", "note": withheld()}],
        "margin": withheld(),
        "tags": withheld(),
    }
    assert shown.withheld == ("id", "lines.*.id", "lines.*.cost", "terms.*.note", "margin", "tags")


def test_several_roles_add_up() -> None:
    both = seen_by("sales", "legal").visible(DEAL, "deal")
    assert both.fields["terms"] == DEAL["terms"]
    assert both.fields["lines"][0]["price"] == 5
    assert "terms.*.note" not in both.withheld
    assert seen_by().visible(DEAL, "deal").fields == dict.fromkeys(DEAL, withheld())


def test_a_kind_without_a_grant_is_withheld_altogether() -> None:
    assert seen_by("boss").visible({"x": 1}, "person").fields == {"x": withheld()}


def test_a_container_is_seen_as_a_whole_only_when_all_of_it_is() -> None:
    assert not POLICY.may_see("sales", "deal", "terms")
    assert POLICY.may_see("sales", "deal", "terms.*.text")
    assert POLICY.may_see("sales", "deal", "terms.0.text")
    assert not POLICY.may_see("sales", "deal", "terms.0.note")
    assert not POLICY.may_see("boss", "deal", "*")
    assert POLICY.may_see("boss", "deal", "name")


def test_what_a_view_tells_of_a_field_is_seen_only_with_the_field() -> None:
    view = {"advice": "the note is weak", "count": 2}
    assert seen_by("sales").visible(view, "view").fields == {"advice": withheld(), "count": 2}
    assert seen_by("boss").visible(view, "view").fields == view
    assert seen_by("sales", "legal").visible(view, "view").fields == view
    assert not POLICY.may_see("sales", "view", "*")


def test_a_role_nobody_speaks_of_is_refused_rather_than_blind() -> None:
    with pytest.raises(InvalidRecord, match="boss, legal, sales"):
        seen_by("sale")


def test_to_change_is_to_see_too() -> None:
    assert POLICY.may_change("sales", "deal", "name")
    assert not POLICY.may_change("sales", "deal", "lines.*.price")
    assert not POLICY.may_change("boss", "deal", "id")
    assert POLICY.who_may("change", "deal", "name") == ("boss", "sales")
    for role in HOUSE_ACCESS.roles:
        for grant in HOUSE_ACCESS.grants:
            for pattern in grant.change:
                if HOUSE_ACCESS.may_change(role, grant.kind, pattern):
                    assert HOUSE_ACCESS.may_see(role, grant.kind, pattern)


def edited(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(DEAL), **changes}


@pytest.mark.parametrize(
    ("roles", "after", "field", "who"),
    [
        (("sales",), edited(margin=3), "margin", ("boss",)),
        (("sales",), edited(lines=[{**DEAL["lines"][0], "price": 6}, DEAL["lines"][1]]), "lines.*.price", ("boss",)),
        (("sales",), edited(lines=[DEAL["lines"][0]]), "lines.*.id", ("boss",)),
        (("sales",), edited(lines=DEAL["lines"][::-1]), "lines", ("boss",)),
        (("sales",), edited(lines=[*DEAL["lines"], {"id": "L-3", "cost": 1}]), "lines.*.id", ("boss",)),
        (("legal",), edited(terms=DEAL["terms"][:1]), "terms", ("boss",)),
        (("legal",), edited(name="lost"), "name", ("boss", "sales")),
        (("boss",), edited(id="D-2"), "id", ()),
        (("sales",), {k: v for k, v in DEAL.items() if k != "margin"}, "margin", ("boss",)),
        (("sales",), edited(extra={"deep": {"er": 1}}), "extra.deep.er", ("boss",)),
        (("sales",), edited(made_up=withheld()), "made_up", ("boss",)),
    ],
)  # fmt: skip
def test_an_edit_that_is_not_allowed_names_record_field_and_who_may(
    roles: tuple[str, ...], after: dict[str, Any], field: str, who: tuple[str, ...]
) -> None:
    with pytest.raises(AccessRefused) as refused:
        refuse_edits(DEAL, after, roles, POLICY, kind="deal", record="deal D-1")
    assert (refused.value.record, refused.value.field, refused.value.deed) == ("deal D-1", field, "change")
    assert (refused.value.roles, refused.value.who_may) == (roles, who)
    assert isinstance(refused.value, ClmcrmError)
    assert field in str(refused.value)


def test_a_field_that_was_seen_cannot_come_back_as_withheld() -> None:
    with pytest.raises(InvalidRecord, match="was not withheld"):
        refuse_edits(DEAL, edited(name=withheld()), ["sales"], POLICY, kind="deal", record="deal D-1")


def test_a_field_the_record_has_not_cannot_come_back_as_withheld() -> None:
    with pytest.raises(InvalidRecord, match="has no such field"):
        accepted_edit({}, {"x": withheld()}, ["boss"], POLICY, kind="deal", record="deal D-1")


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({"lines": []}, {"lines": [{"id": "L-3", "price": withheld()}]}, "lines.*.price"),
        ({}, {"name": {"first": withheld()}}, "name.first"),
        ({"name": None}, {"name": [withheld()]}, "name.*"),
    ],
)
def test_nothing_in_a_value_that_comes_can_be_withheld(
    before: dict[str, Any], after: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRecord, match="the record has no such field") as refused:
        accepted_edit(before, after, ["boss"], POLICY, kind="deal", record="deal D-1")
    assert refused.value.field == field
    with pytest.raises(AccessRefused):
        accepted_edit(before, {**after, "tags": [withheld()]}, ["legal"], POLICY, kind="deal", record="deal D-1")


def test_a_field_with_a_dot_in_its_name_is_no_part_of_another() -> None:
    policy = AccessPolicy(grants=(Grant(role="r", kind="k", see=("*",), change=("raw.Account",)),))
    before = {"raw": {"Account": {"Name": "a"}, "Account.Name": "b"}}
    with pytest.raises(AccessRefused, match=r"raw\.Account\.Name"):
        accepted_edit(before, {"raw": {**before["raw"], "Account.Name": "c"}}, ["r"], policy, kind="k", record="K")
    mine = {"raw": {**before["raw"], "Account": {"Name": "c"}}}
    assert accepted_edit(before, mine, ["r"], policy, kind="k", record="K") == mine


def test_a_record_as_a_whole_comes_back_withheld_only_to_who_does_not_see_it() -> None:
    with pytest.raises(InvalidRecord, match="was not withheld"):
        accepted_edit({"a": 1}, withheld(), ["r"], AccessPolicy(grants=(Grant(role="r", kind="k", see=("*",)),)),
                      kind="k", record="K")  # fmt: skip
    assert accepted_edit(DEAL, withheld(), ["sales"], POLICY, kind="deal", record="deal D-1") == DEAL


def test_true_in_the_place_of_1_is_a_change() -> None:
    policy = AccessPolicy(grants=(Grant(role="r", kind="k", see=("*",), change=("mine",)),))
    before = {"mine": 1, "raw": {"count": 1, "flags": [False]}}
    for raw in ({"count": True, "flags": [False]}, {"count": 1, "flags": [0]}):
        with pytest.raises(AccessRefused):
            accepted_edit(before, {**before, "raw": raw}, ["r"], policy, kind="k", record="K")
    kept = accepted_edit(before, {**before, "mine": True}, ["r"], policy, kind="k", record="K")
    assert kept["mine"] is True


def test_who_may_change_a_field_may_add_it_where_nothing_stood() -> None:
    policy = AccessPolicy(grants=(Grant(role="r", kind="k", see=("z",), change=("z.x",)),))
    assert accepted_edit({"z": {}}, {"z": {"x": None}}, ["r"], policy, kind="k", record="K") == {"z": {"x": None}}
    with pytest.raises(AccessRefused, match=r"z\.y"):
        accepted_edit({"z": {}}, {"z": {"y": None}}, ["r"], policy, kind="k", record="K")


def test_what_was_withheld_from_the_editor_stays_as_it_was() -> None:
    form = dict(seen_by("sales").visible(DEAL, "deal").fields)
    kept = accepted_edit(DEAL, {**form, "name": "lost"}, ["sales"], POLICY, kind="deal", record="deal D-1")
    assert kept == edited(name="lost")
    note = copy.deepcopy(dict(seen_by("legal").visible(DEAL, "deal").fields))
    note["terms"][1]["note"] = "stronger"
    kept = accepted_edit(DEAL, note, ["legal"], POLICY, kind="deal", record="deal D-1")
    assert kept["terms"][1]["note"] == "stronger"
    assert (kept["lines"], kept["id"]) == (DEAL["lines"], "D-1")


JSON = st.recursive(
    st.none() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)
PATTERNS = st.lists(
    st.lists(st.sampled_from(["x", "y", "z", "*"]), min_size=1, max_size=3).map(".".join), max_size=3
).map(tuple)
RECORDS = st.dictionaries(st.sampled_from("xyz"), JSON, max_size=3)
POLICIES = st.lists(
    st.builds(Grant, role=st.just("r"), kind=st.just("k"), see=PATTERNS, change=PATTERNS, but=PATTERNS),
    min_size=1, max_size=2,
).map(lambda grants: AccessPolicy(grants=tuple(grants)))  # fmt: skip


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every value that holds no other, by its exact path."""
    if is_withheld(value) or not isinstance(value, dict | list) or not value:
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {p: v for name, item in items for p, v in leaves(item, (*path, str(name))).items()}


@given(policy=POLICIES, record=RECORDS)
def test_every_single_value_is_shown_as_it_is_or_withheld_by_the_rule(
    policy: AccessPolicy, record: dict[str, Any]
) -> None:
    access = Access(policy=policy, roles={"r"})
    shown = leaves(dict(access.visible(record, "k").fields))
    for path, value in leaves(record).items():
        if not path:
            continue
        allowed = any(
            any(matches(p, path) for p in (*g.see, *g.change)) and not any(matches(p, path) for p in g.but)
            for g in policy.grants
        )
        if allowed:
            assert shown.get(path) == value
        elif not allowed:
            assert path not in shown or is_withheld(shown[path])


def matches(pattern: str, path: tuple[str, ...]) -> bool:
    """The rule, said again: the pattern's steps fit the first steps of the path."""
    steps = pattern.split(".")
    return len(steps) <= len(path) and all(s in ("*", p) for s, p in zip(steps, path, strict=False))


@given(policy=POLICIES, record=RECORDS)
def test_handing_a_form_back_untouched_changes_nothing(policy: AccessPolicy, record: dict[str, Any]) -> None:
    form = dict(Access(policy=policy, roles={"r"}).visible(record, "k").fields)
    assert accepted_edit(record, form, ["r"], policy, kind="k", record="K") == record


def standing(record: dict[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at the path; `...` when nothing does."""
    value: Any = record
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, ...)
        elif isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else ...
        else:
            return ...
    return value


@given(policy=POLICIES, before=RECORDS, after=RECORDS)
@example(
    policy=AccessPolicy(grants=(Grant(role="r", kind="k", see=("z",), change=("z.x",)),)),
    before={"z": {}},
    after={"z": {"x": None}},
)
def test_an_accepted_edit_never_touches_what_may_not_be_changed(
    policy: AccessPolicy, before: dict[str, Any], after: dict[str, Any]
) -> None:
    try:
        kept = accepted_edit(before, after, ["r"], policy, kind="k", record="K")
    except AccessRefused:
        return
    assert kept == after
    old, new = leaves(before), leaves(after)
    for path in old.keys() | new.keys():
        held = standing(before, path), standing(after, path)
        if all(isinstance(one, dict) for one in held):
            continue  # an empty group that fills up, or the other way round: its fields are asked one by one
        if path and old.get(path, ...) != new.get(path, ...):
            assert policy.may_change("r", "k", ".".join(path))
