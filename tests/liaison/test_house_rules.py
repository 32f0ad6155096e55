"""The rules fitted to two systems: nothing is sent where there is no place for it."""

from __future__ import annotations

from clmcrm.adapters.memory import MemoryClm, MemoryCrm
from clmcrm.liaison.house_rules import fitted, main_job_rules
from clmcrm.ports.records import Capabilities, Kind, Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync.ownership import Direction, Ownership
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import pull

EVERYTHING = frozenset(Kind)
WHOLE = Capabilities(kinds=EVERYTHING, creates=EVERYTHING)


def crm(**given: object) -> dict[Side, Capabilities]:
    values = {"kinds": EVERYTHING, "creates": EVERYTHING, **given}
    return {Side.CRM: Capabilities(**values), Side.CLM: WHOLE}  # type: ignore[arg-type] # by name


def test_systems_that_hold_everything_change_no_rule() -> None:
    assert fitted(main_job_rules(), crm()) == main_job_rules()


def test_a_kind_that_one_side_lacks_does_not_travel() -> None:
    rules = fitted(main_job_rules(), crm(kinds=EVERYTHING - {Kind.CONTACT}))
    assert {kind.kind for kind in rules} == EVERYTHING - {Kind.CONTACT}


def test_a_field_without_a_place_stays_local_and_the_others_keep_their_owner() -> None:
    rules = fitted(main_job_rules(), crm(holds={Kind.ACCOUNT: frozenset({"name", "vat_number"})})).of(Kind.ACCOUNT)
    assert rules.rule("legal_name").owner is Ownership.LOCAL
    assert rules.rule("a field nobody has heard of").owner is Ownership.LOCAL
    assert (rules.rule("name").owner, rules.rule("vat_number").owner) == (Ownership.CRM, Ownership.CLM)


def test_records_are_created_only_where_that_is_possible() -> None:
    rules = fitted(main_job_rules(), crm(creates=frozenset({Kind.CONTRACT_TERMS})))
    assert rules.of(Kind.ACCOUNT).direction is Direction.TO_CLM
    assert rules.of(Kind.CONTRACT_TERMS).direction is Direction.TO_CRM
    neither = {
        Side.CRM: Capabilities(kinds=EVERYTHING, creates=frozenset()),
        Side.CLM: Capabilities(kinds=EVERYTHING, creates=frozenset()),
    }
    assert fitted(main_job_rules(), neither).of(Kind.ACCOUNT).direction is Direction.NEITHER


def test_what_a_system_has_no_place_for_is_not_sent_to_it_even_when_a_record_is_new() -> None:
    narrow = frozenset({"name", "phone"})
    able = {side: Capabilities(kinds=EVERYTHING, creates=EVERYTHING, holds={Kind.ACCOUNT: narrow}) for side in Side}
    crm, clm = MemoryCrm(), MemoryClm()
    _ = crm.add(Kind.ACCOUNT, {"name": "Durand", "phone": "1", "industry": "steel", "created_on": "2026-01-01"})
    journal, rules = MemoryJournal(), fitted(main_job_rules(), able)
    pulled = pull({Side.CRM: crm, Side.CLM: clm}, journal, [kind.kind for kind in rules], rules=rules)
    todo = plan(pulled.agreed, pulled.left, pulled.right, rules)
    (step,) = todo.steps
    assert [change.name for change in step.changes] == ["name", "phone"]
