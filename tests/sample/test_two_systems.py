"""The sample fills both systems: what was agreed, then the edits, which make one real conflict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.embedded import Embedded, open_embedded
from clmcrm.codec.records import from_fields
from clmcrm.errors import InvalidRecord, TerminalError
from clmcrm.parties.accounts import Account
from clmcrm.parties.duplicates import DuplicateSign, likely_duplicates
from clmcrm.ports.records import Kind, Seen, Side
from clmcrm.ports.systems import RecordSystem
from clmcrm.sample.company import Company, Holdings, in_clm_keys
from clmcrm.sample.edits import Edit, edited
from clmcrm.sample.seeding import make_edits, seed, seed_baseline
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync.flow import synchronise
from clmcrm.sync.ownership import Rules
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import pull
from clmcrm.sync.reports import Ended
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.steps import Op, Plan
from clmcrm.values.ids import AccountId
from clmcrm.values.record import Record

MASTER_DATA = (Kind.ORG_UNIT, Kind.ACCOUNT, Kind.CONTACT)
RULES = Rules(kinds=tuple(rules for rules in standard_rules() if rules.kind in MASTER_DATA))


def monday() -> datetime:
    return datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def both() -> Iterator[Embedded]:
    with open_embedded(":memory:", clock=monday) as opened:
        yield opened


def held(system: RecordSystem, kind: Kind) -> dict[str, Record]:
    """Every living record that a system shows, read back into its class."""
    shown: list[Seen] = []
    cursor, more = None, True
    while more:
        page = system.changes(kind, cursor)
        shown += page.seen
        cursor, more = page.cursor, page.more
    return {seen.key: from_fields(RECORDS[kind], {**seen.fields, "id": seen.key}) for seen in shown if not seen.gone}


def by_key(records: tuple[Record, ...]) -> dict[str, Record]:
    return {str(getattr(record, "id")): record for record in records}  # noqa: B009 - each class has an id of its own


def assert_holds(both: Embedded, crm: Holdings, clm: Holdings) -> None:
    for system, holdings in ((both.crm, crm), (both.clm, clm)):
        assert held(system, Kind.ORG_UNIT) == by_key(holdings.org_units)
        assert held(system, Kind.ACCOUNT) == by_key(holdings.accounts)
        assert held(system, Kind.CONTACT) == by_key(holdings.contacts)
    assert held(both.crm, Kind.OPPORTUNITY) == by_key(crm.opportunities)
    assert held(both.clm, Kind.CONTRACT) == by_key(clm.contracts)


def test_baseline_reads_back_as_it_was_written(both: Embedded, company: Company) -> None:
    seed_baseline(both, company)
    assert_holds(both, company.baseline_crm, company.baseline_clm)


def test_edits_lead_from_the_baseline_to_the_day(both: Embedded, company: Company) -> None:
    seed(both, company, edited=True)
    assert_holds(both, company.crm, company.clm)


def test_seeding_without_edits_stays_at_the_baseline(both: Embedded, company: Company) -> None:
    seed(both, company, edited=False)
    assert_holds(both, company.baseline_crm, company.baseline_clm)


def test_seeding_twice_is_refused_and_changes_nothing(both: Embedded, company: Company) -> None:
    seed_baseline(both, company)
    with pytest.raises(TerminalError, match="exists already"):
        seed_baseline(both, company)
    assert_holds(both, company.baseline_crm, company.baseline_clm)


def test_filling_that_fails_leaves_nothing_behind(both: Embedded, company: Company) -> None:
    _ = both.clm.add(Kind.CONTRACT, {"title": "in the way", "kind": "nda"}, key="CT-060")
    with pytest.raises(TerminalError):
        seed_baseline(both, company)
    assert held(both.crm, Kind.ACCOUNT) == {}
    assert list(held(both.clm, Kind.CONTRACT)) == ["CT-060"]


def test_edits_without_the_baseline_are_refused(both: Embedded, company: Company) -> None:
    with pytest.raises(TerminalError):
        make_edits(both, company)
    assert held(both.crm, Kind.ACCOUNT) == {}


def first_sync(both: Embedded, company: Company, journal: MemoryJournal) -> list[tuple[str, Op, Ended]]:
    seed_baseline(both, company)
    report = synchronise({Side.CRM: both.crm, Side.CLM: both.clm}, journal, RULES, clock=monday)
    assert report.plan.conflicts == ()
    assert report.plan.notes == ()
    assert report.plan.problems == ()
    return [(line.step.pair, line.step.op, line.ended) for line in report.lines]


def test_first_sync_pairs_what_both_hold_and_creates_the_rest(both: Embedded, company: Company) -> None:
    journal = MemoryJournal()
    done = first_sync(both, company, journal)
    assert {ended for _, _, ended in done} == {Ended.DONE}
    for kind in MASTER_DATA:
        links = {known.link.crm: known.link.clm for known in journal.agreed(kind)}
        assert company.keys.of(kind).items() <= links.items()
    created = {pair for pair, op, _ in done if op is Op.CREATE}
    assert created == {
        "account:crm:A-128",
        "contact:crm:K-336",
        "contact:crm:K-337",
        "contact:crm:K-338",
        *(f"account:clm:P-204{n}" for n in range(1, 8)),
        *(f"contact:clm:N-4{n}" for n in range(1, 4)),
    }


def second_plan(both: Embedded, company: Company) -> Plan:
    journal, systems = MemoryJournal(), {Side.CRM: both.crm, Side.CLM: both.clm}
    _ = first_sync(both, company, journal)
    make_edits(both, company)
    pulled = pull(systems, journal, MASTER_DATA)
    return plan(pulled.agreed, pulled.left, pulled.right, RULES)


def test_edits_make_one_conflict_about_the_billing_address(both: Embedded, company: Company) -> None:
    (clash,) = second_plan(both, company).conflicts
    assert (clash.pair, clash.name) == ("account:crm:A-106", "billing_address")
    assert len({str(clash.base), str(clash.left), str(clash.right)}) == 3


def test_edit_against_ownership_is_restored_and_noted(both: Embedded, company: Company) -> None:
    todo = second_plan(both, company)
    (note,) = todo.notes
    assert (note.pair, note.name, note.side) == ("account:crm:A-109", "legal_name", Side.CRM)
    assert note.value == "Voss und Keller"


def test_other_edits_travel_to_the_other_side(both: Embedded, company: Company) -> None:
    changes = {
        (step.pair, step.side, change.name)
        for step in second_plan(both, company).steps
        if step.op is Op.UPDATE
        for change in step.changes
    }
    assert changes == {
        ("org_unit:crm:U-170", Side.CLM, "parent"),
        ("account:crm:A-105", Side.CLM, "phone"),
        ("account:crm:A-105", Side.CLM, "website"),
        ("account:crm:A-105", Side.CRM, "legal_form"),
        ("account:crm:A-105", Side.CRM, "legal_name"),
        ("account:crm:A-109", Side.CRM, "legal_name"),
        ("account:crm:A-112", Side.CLM, "employees"),
        ("contact:crm:K-309", Side.CLM, "job_title"),
    }


def test_new_accounts_are_created_on_the_other_side(both: Embedded, company: Company) -> None:
    steps = second_plan(both, company).steps
    created = {(step.pair, step.side) for step in steps if step.op is Op.CREATE}
    assert ("account:crm:A-132", Side.CLM) in created
    assert ("account:clm:P-2048", Side.CRM) in created
    assert ("contact:crm:K-351", Side.CLM) in created


def test_duplicate_account_is_found_by_number_and_name(company: Company) -> None:
    before = likely_duplicates(company.baseline_crm.accounts)
    after = likely_duplicates(company.accounts_crm)
    assert all("A-131" not in found.accounts for found in before)
    (bernard,) = [found for found in after if "A-131" in found.accounts]
    assert bernard.accounts == ("A-104", "A-131")
    assert {reason.sign for reason in bernard.reasons} == {DuplicateSign.VAT_NUMBER, DuplicateSign.NAME}


def test_each_side_knows_accounts_that_the_other_does_not(company: Company) -> None:
    shared = company.keys.of(Kind.ACCOUNT)
    assert {a.id for a in company.accounts_crm} - shared.keys() == {"A-128", "A-131", "A-132"}
    assert len({a.id for a in company.accounts_clm} - set(shared.values())) == 8


def test_both_sides_agree_on_the_baseline(company: Company) -> None:
    clm = {account.id: account for account in company.baseline_clm.accounts}
    keys = company.keys
    for crm in company.baseline_crm.accounts:
        if crm.id in keys.of(Kind.ACCOUNT):
            other = clm[AccountId(keys.in_clm(Kind.ACCOUNT, crm.id))]
            same = attrs.evolve(other, id=crm.id, parent=crm.parent, unit=crm.unit)
            assert same == crm


def test_references_follow_into_the_keys_of_the_clm(company: Company) -> None:
    froid = next(account for account in company.accounts_clm if account.id == "P-2002")
    assert (froid.parent, froid.unit) == ("P-2001", "OU-11")
    sale = next(sale for sale in company.opportunities if sale.id == "O-721")
    assert (in_clm_keys(company, sale).account, in_clm_keys(company, sale).unit) == ("P-2006", "OU-11")


def test_edit_of_a_record_that_is_not_there_is_refused() -> None:
    lost = Edit(side=Side.CRM, kind=Kind.ACCOUNT, key="A-999", fields={"name": "x"}, by="pell", why="a slip")
    with pytest.raises(InvalidRecord, match="crm account A-999"):
        _ = edited((), Account, (lost,), Side.CRM, Kind.ACCOUNT)


def test_edit_that_enters_a_record_twice_is_refused(company: Company) -> None:
    again = Edit(side=Side.CRM, kind=Kind.ACCOUNT, key="A-101", fields={"name": "x"}, new=True, by="pell", why="a slip")
    with pytest.raises(InvalidRecord, match="crm account A-101"):
        _ = edited(company.accounts_crm, Account, (again,), Side.CRM, Kind.ACCOUNT)


def test_edit_of_a_field_that_does_not_exist_is_refused(company: Company) -> None:
    odd = Edit(side=Side.CRM, kind=Kind.ACCOUNT, key="A-101", fields={"colour": "blue"}, by="pell", why="a slip")
    with pytest.raises(InvalidRecord) as refusal:
        _ = edited(company.accounts_crm, Account, (odd,), Side.CRM, Kind.ACCOUNT)
    assert refusal.value.field == "$.colour"
    assert "edits.toml" in refusal.value.record
