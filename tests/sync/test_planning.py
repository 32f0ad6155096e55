from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Seen, Side
from clmcrm.sync import FieldRule, Ownership, Rules, plan, standard_rules
from clmcrm.sync.directory import Directory, derived_pair, origin_key
from clmcrm.sync.pairing import pair_up

RULES = standard_rules()


def _account(key: str, *, mark: str | None = None, version: str = "1", **fields: Any) -> Seen:
    return Seen(kind="account", key=key, mark=mark, version=version, fields=fields)


def _agreed(crm: str | None, clm: str | None, kind: str = "account", **base: Any) -> Agreed:
    link = Link(pair=f"{kind}:crm:{crm or clm}", kind=kind, crm=crm, clm=clm)
    return Agreed(link=link, base=base, shown_crm=base, shown_clm=base)


def test_the_input_is_read_in_any_order_and_the_plan_is_the_same(lab: Any) -> None:
    left = [_account(f"A{n}", name=f"n{n}", country="FR") for n in range(6)]
    right = [_account(f"L{n}", name=f"n{n % 4}", country="FR") for n in range(5)]
    agreed = [_agreed("A8", "L8", name="x"), _agreed("A9", "L9", name="y")]
    left += [_account("A8", name="z"), _account("A9", name="y")]
    right += [_account("L8", name="x"), _account("L9", name="w", legal_name="W")]
    expected = plan(agreed, left, right, RULES).as_fields()
    for turn in range(1, 8):
        again = plan(_turned(agreed, turn), _turned(left, turn), _turned(right, turn), RULES)
        assert json.dumps(again.as_fields()) == json.dumps(expected)


def _turned(rows: list[Any], turn: int) -> list[Any]:
    return rows[turn % len(rows) :] + rows[: turn % len(rows)]


PROGRAM = """
import json
from clmcrm.ports.records import Seen
from clmcrm.sync import FieldRule, Ownership, Rules, plan, standard_rules
left = [Seen(kind="account", key=f"A{n}", fields={"name": f"n{n % 3}", "country": "FR"}) for n in range(9)]
left += [Seen(kind="contact", key=f"C{n}", fields={"name": "x", "account": f"A{n}"}) for n in range(9)]
right = [Seen(kind="account", key=f"L{n}", fields={"name": f"n{n}", "country": "FR"}) for n in range(9)]
print(json.dumps(plan([], left, right, standard_rules()).as_fields()))
"""
STORY = """
from clmcrm.testing.faults.history import history
from clmcrm.testing.faults.record import engine_now
print(*[line for seed in ("17", "40") for line in history(seed).story], engine_now(), sep="\\n")
"""


def _said(python: str, program: str, seed: str = "0") -> bytes:
    """What a program prints in a process of its own, by this or another interpreter with the same packages."""
    packages = (each for each in sys.path if "site-packages" in each)
    path = os.pathsep.join([str(Path(__file__).parents[2] / "src"), *packages])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed}
    return subprocess.run([python, "-c", program], env=environment, capture_output=True, check=True).stdout


def _others() -> list[str]:
    """The other interpreters of this machine that the package supports: on the path, or installed beside this one."""
    named = [found for minor in range(11, 20) if (found := shutil.which(f"python3.{minor}"))]
    beside = [str(each) for each in sorted(Path(sys.base_prefix).resolve().parent.glob("*/bin/python3"))]
    versions = {sys.version.split()[0]: ""}
    for python in [*named, *beside]:
        asked = subprocess.run([python, "-c", ASKED], capture_output=True, check=False, text=True)
        if asked.returncode == 0:
            _ = versions.setdefault(asked.stdout.strip(), python)
    return [python for python in versions.values() if python]


ASKED = "import sys; assert sys.version_info >= (3, 11); print(sys.version.split()[0])"


def test_the_plan_is_the_same_bytes_in_another_process() -> None:
    outputs = {_said(sys.executable, PROGRAM, seed) for seed in ("0", "1", "4711")}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("program", [PROGRAM, STORY], ids=["plan", "histories"])
def test_the_plan_and_all_that_follows_are_the_same_bytes_in_other_versions_of_python(program: str) -> None:
    others = _others()
    if not others:
        pytest.skip("no other version of Python from 3.11 on is installed here")
    ours = _said(sys.executable, program)
    assert len(ours) > 1000
    assert {python: _said(python, program) == ours for python in others} == dict.fromkeys(others, True)


def test_a_kind_without_rules_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="invoice"):
        _ = plan([], [Seen(kind="invoice", key="I1", fields={})], [], RULES)


def test_a_pair_that_is_not_shown_is_left_alone() -> None:
    todo = plan([_agreed("A1", "L1", name="x")], [], [], RULES)
    assert (todo.steps, todo.problems, todo.conflicts) == ((), (), ())


def test_records_that_identify_each_other_are_bound_and_merged(lab: Any) -> None:
    left = [_account("A1", name="Durand", country="FR", industry="steel")]
    right = [_account("L1", name=" DURAND", country="FR", legal_name="Durand SAS")]
    todo = plan([], left, right, RULES)
    assert lab.ops(todo.steps) == [
        ("bind", "account:crm:A1", None),
        ("update", "account:crm:A1", "clm"),
        ("update", "account:crm:A1", "crm"),
    ]
    assert [note.value for note in todo.notes] == [" DURAND"]


def test_a_registration_number_decides_before_a_name(lab: Any) -> None:
    left = [_account("A1", name="Durand", country="FR", registration_number="1")]
    right = [
        _account("L1", name="Other", country="FR", registration_number="1"),
        _account("L2", name="Durand", country="FR", registration_number="2"),
    ]
    todo = plan([], left, right, RULES)
    assert todo.steps[0].link.clm == "L1"
    assert ("create", "account:clm:L2", "crm") in lab.ops(todo.steps)


def test_the_same_name_with_another_registration_is_another_company(lab: Any) -> None:
    left = [_account("A1", name="Durand", country="FR", registration_number="1")]
    right = [_account("L1", name="Durand", country="FR", registration_number="2")]
    assert {op for op, _, _ in lab.ops(plan([], left, right, RULES).steps)} == {"create"}


@pytest.mark.parametrize(("lefts", "rights"), [(2, 1), (1, 2), (2, 2)])
def test_an_ambiguous_match_is_reported_and_never_paired_nor_created(lefts: int, rights: int) -> None:
    left = [_account(f"A{n}", name="Durand", country="FR") for n in range(lefts)]
    right = [_account(f"L{n}", name="Durand", country="FR") for n in range(rights)]
    todo = plan([], left, right, RULES)
    assert todo.steps == ()
    assert len(todo.problems) == lefts + rights
    assert len(todo.waiting) == lefts + rights


def test_doubles_on_one_side_alone_are_copied_as_they_are(lab: Any) -> None:
    left = [_account(f"A{n}", name="Durand", country="FR") for n in range(2)]
    assert [op for op, _, _ in lab.ops(plan([], left, [], RULES).steps)] == ["create", "create"]


@given(names=st.lists(st.sampled_from("abc"), max_size=5), others=st.lists(st.sampled_from("abc"), max_size=5))
def test_every_record_is_paired_once_held_or_free(names: list[str], others: list[str]) -> None:
    left = {f"A{n}": {"name": name, "country": "FR"} for n, name in enumerate(names)}
    right = {f"L{n}": {"name": name, "country": "FR"} for n, name in enumerate(others)}
    paired = pair_up(RULES.of("account"), left, right)
    crm, clm = [a for a, _, _ in paired.pairs], [b for _, b, _ in paired.pairs]
    assert len(set(crm)) == len(crm)
    assert len(set(clm)) == len(clm)
    held = {(side, key) for side, key, _ in paired.held}
    for key, fields in left.items():
        twins = sum(other["name"] == fields["name"] for other in right.values())
        same = sum(other["name"] == fields["name"] for other in left.values())
        assert (key in crm) == (twins == 1 and same == 1)
        assert ((Side.CRM, key) in held) == (twins > 0 and key not in crm)


@pytest.mark.parametrize("name", ["Soci\u00e9t\u00e9 X", "SOCI\u00c9T\u00c9 X", "SOCIE\u0301TE\u0301  X"])
def test_an_accent_of_its_own_makes_no_other_name(name: str) -> None:
    left = {"A1": {"name": name, "country": "FR"}}
    right = {"L1": {"name": "Socie\u0301te\u0301 X", "country": "FR"}}
    assert [pair[:2] for pair in pair_up(RULES.of("account"), left, right).pairs] == [("A1", "L1")]


@pytest.mark.parametrize(("emails", "one"), [(["A@x.example", "b@x.example"], True), (["b@x.example"], False)])
def test_one_more_email_does_not_contradict_the_same_name(emails: list[Any], one: bool) -> None:
    known = {"given_name": "Ann", "family_name": "Lee", "account": "account:crm:A1"}
    paired = pair_up(
        RULES.of("contact"),
        {"A1": {**known, "emails": ["a@x.example"]}},
        {"L1": {**known, "emails": emails}},
    )
    assert bool(paired.pairs) is one


def test_a_record_with_our_mark_belongs_to_its_origin(lab: Any) -> None:
    left = [_account("A1", name="Durand")]
    right = [_account("L1", mark="account:crm:A1", name="Dupont")]
    todo = plan([], left, right, RULES)
    assert lab.ops(todo.steps)[0] == ("bind", "account:crm:A1", None)
    assert (todo.steps[0].link.crm, todo.steps[0].link.clm) == ("A1", "L1")


def test_a_second_record_with_the_mark_of_a_pair_is_a_problem(lab: Any) -> None:
    agreed = [_agreed("A1", "L1", name="x")]
    right = [_account("L1", mark="account:crm:A1", name="x"), _account("L2", mark="account:crm:A1", name="x")]
    todo = plan(agreed, [_account("A1", name="x")], right, RULES)
    assert todo.steps == ()
    assert [problem.field for problem in todo.problems] == ["mark"]


def test_references_cross_as_pairs_and_are_translated(lab: Any) -> None:
    agreed = [_agreed("A1", "L1", name="x"), _agreed("A2", "L2", name="y")]
    contact = Agreed(
        link=Link(pair="contact:crm:C1", kind="contact", crm="C1", clm="K1"),
        base={"account": "account:crm:A1"},
        shown_crm={"account": "account:crm:A1"},
        shown_clm={"account": "account:crm:A1"},
    )
    left = [lab.shown("contact", "C1", account="A2")]
    right = [lab.shown("contact", "K1", account="L1")]
    todo = plan([*agreed, contact], left, right, RULES)
    [step] = todo.steps
    assert step.fields == {"account": "account:crm:A2"}


def test_the_same_reference_under_each_sides_own_key_is_no_difference(lab: Any) -> None:
    left = [_account("A1", name="x", country="FR"), lab.shown("contact", "C1", name="Ada", account="A1")]
    right = [_account("L1", name="x", country="FR"), lab.shown("contact", "K1", name="Ada", account="L1")]
    todo = plan([], left, right, RULES)
    assert [op for op, _, _ in lab.ops(todo.steps)] == ["bind", "bind"]


def test_parents_are_created_before_those_that_point_at_them(lab: Any) -> None:
    left = [
        _account("A1", name="child", parent="A2"),
        _account("A2", name="parent", parent="A3"),
        _account("A3", name="group", unit="U1"),
        lab.shown("contact", "C1", name="Ada", account="A1"),
        lab.shown("org_unit", "U1", name="Sales"),
    ]
    for order in itertools.permutations(left):
        pairs = [step.pair for step in plan([], order, [], RULES).steps]
        assert pairs == [
            "org_unit:crm:U1",
            "account:crm:A3",
            "account:crm:A2",
            "account:crm:A1",
            "contact:crm:C1",
        ]


def test_what_points_nowhere_is_held_back_with_all_that_hangs_on_it(lab: Any) -> None:
    left = [_account("A1", name="x", parent="A9"), lab.shown("contact", "C1", name="Ada", account="A1")]
    todo = plan([], left, [], RULES)
    assert todo.steps == ()
    assert [(problem.where, problem.field) for problem in todo.problems] == [
        ("account:crm:A1", "parent"),
        ("contact:crm:C1", "account"),
    ]
    assert {key for _, _, key in todo.waiting} == {"A1", "C1"}


def test_an_update_leaves_out_only_the_field_that_points_nowhere(lab: Any) -> None:
    agreed = [_agreed("A1", "L1", name="x")]
    left = [_account("A1", name="y", parent="A9")]
    todo = plan(agreed, left, [_account("L1", name="x")], RULES)
    [step] = todo.steps
    assert step.fields == {"name": "y"}
    assert [problem.field for problem in todo.problems] == ["parent"]


def test_a_circle_among_new_records_is_reported_and_not_created() -> None:
    left = [_account("A1", name="x", parent="A2"), _account("A2", name="y", parent="A1")]
    todo = plan([], [*left, _account("A3", name="z", parent="A1")], [], RULES)
    assert todo.steps == ()
    assert len(todo.problems) == 3


def test_a_circle_that_only_the_merge_would_close_is_a_conflict() -> None:
    agreed = [_agreed("A1", "L1", parent=None), _agreed("A2", "L2", parent=None)]
    left = [_account("A1", parent="A2"), _account("A2", parent=None)]
    right = [_account("L1", parent=None), _account("L2", parent="L1")]
    rules = _shared_parents()
    todo = plan(agreed, left, right, rules)
    assert todo.steps == ()
    assert [(c.pair, c.name) for c in todo.conflicts] == [
        ("account:crm:A1", "parent"),
        ("account:crm:A2", "parent"),
    ]


def test_a_circle_by_way_of_a_new_record_is_a_conflict(lab: Any) -> None:
    agreed = [_agreed("A1", "L1", parent=None)]
    left = [_account("A1", parent="A2"), _account("A2", name="new", parent="A1")]
    todo = plan(agreed, left, [_account("L1", parent=None)], RULES)
    assert lab.ops(todo.steps) == [("create", "account:crm:A2", "clm")]
    assert [(clash.pair, clash.name) for clash in todo.conflicts] == [("account:crm:A1", "parent")]


def test_a_pair_is_forgotten_only_when_both_ends_are_shown() -> None:
    gone = Seen(kind="account", key="A1", fields={}, gone=True)
    todo = plan([_agreed("A1", "L1", name="x")], [gone], [], RULES)
    assert todo.steps == ()
    assert [problem.value for problem in todo.problems] == ["L1"]


def _shared_parents() -> Any:
    shared = FieldRule(owner=Ownership.SHARED)
    return Rules(kinds=tuple(evolve(k, default=shared) if k.kind == "account" else k for k in standard_rules()))


def test_a_tree_that_is_moved_about_closes_no_circle() -> None:
    agreed = [_agreed(f"A{n}", f"L{n}", parent=None) for n in range(3)]
    left = [_account("A0", parent="A1"), _account("A1", parent="A2"), _account("A2", parent=None)]
    right = [_account(f"L{n}", parent=None) for n in range(3)]
    todo = plan(agreed, left, right, RULES)
    assert len(todo.steps) == 2
    assert todo.conflicts == ()


def test_a_record_merely_absent_is_a_problem_and_never_a_deletion() -> None:
    todo = plan([_agreed("A1", "L1", name="x")], [_account("A1", name="y")], [], RULES)
    assert todo.steps == ()
    assert "not reported as deleted" in todo.problems[0].what
    assert todo.waiting == (("account", Side.CLM, "L1"), ("account", Side.CRM, "A1"))


def test_a_derived_side_is_never_written_to(lab: Any) -> None:
    new = plan([], [], [lab.shown("contract", "K1", title="x")], RULES)
    assert new.steps == ()
    agreed = [_agreed("O1", "K1", kind="contract", title="x")]
    left, right = lab.shown("contract", "O1", title="crm"), lab.shown("contract", "K1", title="clm")
    todo = plan(agreed, [left], [right], RULES)
    assert todo.idle
    assert [(note.side, note.value, note.kept) for note in todo.notes] == [(Side.CRM, "crm", "clm")]
    gone = Seen(kind="contract", key="K1", fields={}, gone=True)
    assert plan(agreed, [lab.shown("contract", "O1", title="x")], [gone], RULES).idle


def test_a_back_link_reaches_the_opportunity_and_nothing_else(lab: Any) -> None:
    left = [lab.shown("opportunity", "O1", name="Big", amount="1", contract=None)]
    right = [Seen(kind="opportunity", key="K1", mark="opportunity:crm:O1", fields={"contract": "K1"})]
    todo = plan([], left, right, RULES)
    assert lab.ops(todo.steps) == [
        ("bind", "opportunity:crm:O1", None),
        ("update", "opportunity:crm:O1", "crm"),
    ]
    assert todo.steps[1].fields == {"contract": "K1"}


def test_local_fields_never_travel() -> None:
    left = [_account("A1", id="A1", refs=[{"x": "y"}], name="x")]
    [step] = plan([], left, [], RULES).steps
    assert step.fields == {"name": "x"}


def test_pair_keys_are_derived_and_lead_back_to_their_origin() -> None:
    assert origin_key("account", Side.CLM, derived_pair("account", Side.CLM, "a:b")) == "a:b"
    assert origin_key("account", Side.CLM, "account:clm:") is None


def test_a_directory_follows_aliases_to_the_pair() -> None:
    link = Link(pair="p", kind="account", crm="A2", aliases=((Side.CRM, "A1"),))
    directory = Directory([link])
    assert directory.pair_of(Side.CRM, "account", "A1") == "p"
    assert directory.key_of("p", Side.CRM) == "A2"
    assert directory.key_of("nowhere", Side.CRM) is None
