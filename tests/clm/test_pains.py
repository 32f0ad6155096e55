"""What users of other systems suffer from, about dates and money: one test for each, named after it.

Each names the public thread it comes from. The rooms' own tests go deeper; here stands that the pain is gone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, LineChange
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.lifecycle import advance, stage_of, standing_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.notice import last_day_in_force, next_notice_deadline
from clmcrm.clm.price_clauses import PriceRevisionClause
from clmcrm.clm.prices.in_force import annual_recurring_value, lines_on
from clmcrm.clm.prices.index_series import IndexPrint, IndexSeries
from clmcrm.clm.prices.indexation import revisions
from clmcrm.clm.prices.ledger import Ledger, PriceFrom, amended, billed_on
from clmcrm.clm.prices.proration import BY_DAYS
from clmcrm.clm.renewals import terms
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.clm.term_plans import TermKind
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

MONTH = Tenor(months=1)
TACIT = RenewalKind.TACIT


def running(**changes: object) -> Contract:
    return advance(contract(**changes), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def deadline(of: Contract, day: str, places: object = None) -> Deadline:
    answer = next_notice_deadline(of, date.fromisoformat(day), places)  # type: ignore[arg-type] # a source or None
    assert isinstance(answer, Deadline), answer
    return answer


def spans(of: Contract, until: str) -> list[str]:
    found = terms(of, date.fromisoformat(until))
    assert not isinstance(found, Unknown), found
    return [str(term.span) for term in found]


def test_pain_01_notice_date_computed_from_the_first_end_not_the_renewed_one() -> None:
    """glpi-project/glpi#23084, #15893, #18954."""
    assert deadline(running(), "2026-01-15").ends_on == date(2026, 5, 31)


def test_pain_02_initial_and_renewal_term_of_different_length_mixed_up() -> None:
    """glpi PR#17725, #6004."""
    mixed = running(term=TermClause(initial=Tenor(months=36)), renewal=RenewalClause(kind=TACIT, length=YEAR))
    assert spans(mixed, "2028-01-01") == ["2024-06-01/2027-05-31", "2027-06-01/2028-05-31"]


def test_pain_03_commit_24_months_then_open_ended_until_notice() -> None:
    """OCA/contract#1528."""
    committed = running(term=TermClause(initial=Tenor(months=24)), renewal=RenewalClause(kind=RenewalKind.INDEFINITE))
    assert spans(committed, "2030-01-01") == ["2024-06-01/2026-05-31", "2026-06-01/.."]
    assert deadline(committed, "2025-01-01").ends_on == date(2026, 5, 31)


@pytest.mark.parametrize(
    ("reference", "ends_on"),
    [(NoticeReference.END_OF_MONTH, "2026-09-30"), (NoticeReference.END_OF_QUARTER, "2026-09-30")],
)
def test_pain_04_notice_to_the_end_of_the_month_or_quarter(reference: NoticeReference, ends_on: str) -> None:
    """janrieke/contractmanager#13."""
    open_ended = running(
        renewal=RenewalClause(kind=RenewalKind.INDEFINITE),
        notice=NoticeClause(length=Tenor(months=3), reference=reference),
    )
    assert deadline(open_ended, "2026-06-30").ends_on.isoformat() == ends_on


def test_pain_05_evergreen_stored_with_a_false_end_date() -> None:
    """microsoft/BCApps#8513."""
    open_ended = running(renewal=RenewalClause(kind=RenewalKind.INDEFINITE))
    assert last_day_in_force(open_ended, date(2030, 1, 1)) is None
    found = terms(open_ended, date(2030, 1, 1))
    assert not isinstance(found, Unknown)
    assert (found[-1].kind, found[-1].last_day) == (TermKind.INDEFINITE, None)


def test_pain_06_month_end_drift() -> None:
    """FinSight-AI#691, #715, #760; OCA/contract#161, #426; Dolibarr#37234."""
    monthly = running(
        effective_on=date(2025, 1, 31), term=TermClause(initial=MONTH), renewal=RenewalClause(kind=TACIT, length=MONTH)
    )
    assert spans(monthly, "2025-05-01")[2] == "2025-03-31/2025-04-30"


def test_pain_07_second_upgrade_in_a_period_prorated_on_the_last_charge() -> None:
    """antiwork/gumroad#6077; restrict-content-pro#1301; woocommerce-payments#9702."""
    first = PriceFrom(date(2026, 4, 1), Money(30, "USD"))
    billed = billed_on(Ledger(anchor_on=first.first_day, every=MONTH, policy=BY_DAYS, prices=(first,)), first.first_day)
    for day, price in ((date(2026, 4, 11), 60), (date(2026, 4, 21), 90)):
        billed = amended(billed, PriceFrom(day, Money(price, "USD")), day)
    assert billed.charged(0) == billed.owed(0) == Money(60, "USD")  # ten days each at 1, 2 and 3 USD


def test_pain_08_index_revised_against_the_base_and_never_on_expired_lines() -> None:
    """dynamics-365-unified-operations-public#4405; OCA/contract#467; axelor-open-suite#10279, #16152."""
    clause = PriceRevisionClause(every=YEAR, index="CPI", base_month=date(2019, 10, 1), lag_months=3)
    prints = tuple(
        IndexPrint(month=date(year, 10, 1), published_on=date(year, 11, 15), value=Decimal(value))
        for year, value in ((2019, 100), (2020, 110), (2021, 121))
    )
    series = IndexSeries(id="CPI", source="the office", prints=prints)
    found = revisions(clause, UnitPrice(100, "EUR"), first_day=date(2020, 1, 1), as_of=date(2022, 1, 1), series=series)
    assert [str(one.after.amount) for one in found.done] == ["110.00", "121.00"]


def seats(price: int, **changes: object) -> ContractLine:
    facts: dict[str, object] = {"id": LineId("1"), "description": "seats", "recurrence": MONTH}
    return ContractLine(price=UnitPrice(price, "EUR"), **(facts | changes))  # type: ignore[arg-type] # checked there


def test_pain_09_an_amendment_rewrites_what_was_true_before() -> None:
    """maverickandy/SFX#27; open-contracting/standard#357."""
    change = Amendment(
        id=AmendmentId("A1"), title="price", base_version=0, effective_on=date(2025, 1, 1),
        line_changes=(LineChange(line=LineId("1"), price=UnitPrice(12, "EUR")),),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2024-12-01"), "ann", amendment=change.id, base_version=0, effective_on=change.effective_on
    )
    life = advance(running(lines=(seats(10),), amendments=(change,)), accepted)
    prices = [lines_on(life, day)[0].price.amount for day in (date(2024, 12, 31), date(2025, 1, 1))]
    assert prices == [10, 12]


def test_pain_10_change_of_party_by_assignment_and_by_novation() -> None:
    """finos/common-domain-model#4615; anticorruzione/npa#2374."""
    left = advance(running(), e.PartyLeft(at("2024-10-01"), "ann"))
    assert stage_of(left, date(2024, 10, 2)).stage is Stage.UNASSIGNED
    assigned = advance(left, e.PartyAssigned(at("2024-10-05"), "ann", to=AccountId("A-2")))
    assert standing_of(assigned, date(2024, 10, 4)).assigned_to is None
    assert standing_of(assigned, date(2024, 10, 5)).assigned_to == "A-2"
    gone = advance(
        assigned, e.Novated(at("2024-11-01"), "ann", successor=ContractId("C-2"), from_day=date(2024, 12, 1))
    )
    assert stage_of(gone, date(2024, 12, 1)).stage is Stage.NOVATED


class France:
    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        return HolidayTable(name="FR", purpose=purpose, place=place, holidays={})


def test_pain_11_a_deadline_on_a_sunday_is_not_moved_to_monday() -> None:
    """docassemble-MAEvictionDefense#355; cmc-claim-store#39; openregister#3939."""
    found = deadline(running(governing_place="FR"), "2026-01-15", France())
    assert found.last_day == date(2026, 2, 28)  # a Saturday
    assert found.latest_arguable <= date(2026, 3, 1)
    assert found.safe_day == date(2026, 2, 27)


def test_pain_20_one_time_items_counted_as_recurring() -> None:
    """pax8labs/pax8-cli#710, #295; customeros#7644."""
    life = running(lines=(seats(10), seats(50_000, id=LineId("2"), recurrence=None)))
    assert annual_recurring_value(life, date(2025, 1, 1)) == (Money(120, "EUR"),)


def test_pain_25_a_contract_date_moves_a_day_with_the_time_zone() -> None:
    """Nine-Minds/alga-psa#2824; glpi#6164; unidoc/isms#44."""
    with pytest.raises(InvalidRecord, match="effective_on"):
        _ = contract(effective_on=datetime(2024, 6, 1, tzinfo=UTC))
    assert Span(date(2024, 6, 1), date(2024, 6, 1)).days == 1
    assert deadline(running(), "2026-01-15").last_day + timedelta(days=1) == date(2026, 3, 1)
