"""A portfolio of some twenty contracts in every stage and several currencies, made up for these tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from attrs import frozen

from clmcrm.analytics.exposure import Exposures, exposure
from clmcrm.analytics.portfolio import Agenda, agenda
from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, ObligationKind
from clmcrm.clm.term_clauses import (
    EndMeaning,
    NoticeClause,
    NoticeEffect,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.errors import UnknownCalendar
from clmcrm.report.lanes import Timeline, timeline_of
from clmcrm.report.page import Report
from clmcrm.report.sections import Cell, Tone, section
from clmcrm.values.ids import AccountId, ContractId, LineId, ObligationId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.tenor import Tenor

AS_OF = date(2026, 3, 16)
UNTIL = date(2027, 3, 31)
FIRST_DAY, LAST_DAY = date(2025, 10, 1), date(2027, 9, 30)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


class OneOffice:
    """Finds one calendar, for France."""

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        if place != "FR":
            raise UnknownCalendar(place)
        days = {date(2026, 5, 1): "Labour Day", date(2026, 5, 8): "Victory Day", date(2026, 7, 14): "Bastille Day"}
        return HolidayTable(name="FR office", place="FR", purpose=purpose, holidays=days, version="2026")


def executed(since: date) -> tuple[e.AnyEvent, ...]:
    return (e.RecordedAsExecuted(at(since), "registry"), e.Activated(at(since), "registry", effective_on=since))


def drafted(day: date) -> tuple[e.AnyEvent, ...]:
    return (e.Requested(at(day), "sales"),)


def line(amount: str, currency: str, months: int = 12) -> ContractLine:
    price = UnitPrice(amount, currency)
    return ContractLine(id=LineId("1"), description="service", price=price, recurrence=Tenor(months=months))


def duty(name: str, due: DueEvery | DueOn, amount: Money | None = None) -> Obligation:
    return Obligation(
        id=ObligationId(name),
        kind=ObligationKind.PAYMENT if amount else ObligationKind.REPORT,
        title=name,
        obligor=Party.COUNTERPARTY,
        obligee=Party.OWN,
        due=due,
        amount=amount,
    )


def tacit(years: int = 1, times: int | None = None) -> RenewalClause:
    return RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=years), times=times)


def notice(months: int, reference: NoticeReference = NoticeReference.UNSAID, **more: object) -> NoticeClause:
    return NoticeClause(length=Tenor(months=months), reference=reference, citation="art. 9.2", **more)  # type: ignore[arg-type] # by name


def running(
    number: int,
    title: str,
    who: str | None,
    since: date,
    *,
    months: int = 12,
    **more: object,
) -> Contract:
    facts: dict[str, object] = {
        "renewal": tacit(),
        "notice": notice(3),
        "events": executed(since),
        "term": TermClause(initial=Tenor(months=months)),
        "kind": ContractKind.SALES,
        **more,
    }
    return Contract(
        id=ContractId(f"c-{number}"),
        number=f"C-{1000 + number}",
        title=title,
        counterparty=None if who is None else AccountId(who),
        effective_on=facts.pop("effective_on", since),  # type: ignore[arg-type] # by name
        executed_on=since,
        governing_place="FR",
        **facts,  # type: ignore[arg-type] # by name
    )


def early(number: int, title: str, who: str, *events: e.AnyEvent) -> Contract:
    return Contract(
        id=ContractId(f"c-{number}"),
        number=f"C-{1000 + number}",
        title=title,
        kind=ContractKind.SALES,
        counterparty=AccountId(who),
        events=(*drafted(date(2026, 2, 2)), *events),
    )


def made() -> tuple[Contract, ...]:
    start = date(2026, 2, 3)
    submitted = e.SubmittedForApproval(at(start), "sales")
    approved = e.Approved(at(start), "legal")
    sent = e.SentForSignature(at(start), "sales")
    letter = notice(3, NoticeReference.END_OF_TERM, effect=NoticeEffect.RECEIPT, deemed_days=3)
    window = notice(2, NoticeReference.END_OF_TERM, not_before=Tenor(months=6))
    ends = TermClause(ends_on=date(2026, 6, 30), end_means=EndMeaning.UNSAID)
    quarterly = DueEvery(first_on=date(2026, 3, 31), every=Tenor(months=3))
    suspension = e.Suspended(at(date(2026, 1, 5)), "legal", from_day=date(2026, 1, 5), note="works halted")
    began = date(2025, 5, 15)
    departure = e.PartyLeft(at(date(2026, 2, 1)), "legal")
    served = e.NonRenewalNotified(
        at(date(2026, 1, 20)), "legal", side=Party.OWN, served_on=date(2026, 1, 20), received_on=date(2026, 1, 22)
    )
    ended = e.Terminated(at(date(2025, 12, 1)), "legal", ground=e.Ground.CAUSE, last_day=date(2025, 12, 31))
    return (
        running(1, "Lift maintenance, head office and both plants", "durand", date(2023, 7, 1), notice=letter,
                lines=(line("48000", "EUR"),), obligations=(duty("Safety report", quarterly),)),
        running(2, "Cloud hosting", "nimbus", date(2024, 6, 15), lines=(line("12500.50", "USD", 3),), notice=window),
        running(3, "Translation services", "mueller", date(2025, 4, 10), lines=(line("900", "EUR", 1),)),
        running(4, "Fleet leasing", "okoye", date(2022, 1, 1), months=36, term=ends, lines=(line("1500000", "JPY"),)),
        running(5, "Office lease, Lyon", "sci", date(2019, 1, 1), months=108, kind=ContractKind.LEASE,
                notice=notice(6), lines=(line("21000", "EUR", 3),),
                obligations=(duty("Rent", DueEvery(first_on=date(2019, 1, 1), every=Tenor(months=3)),
                                  Money(21000, "EUR")),)),
        running(6, "Framework agreement", "ada", date(2024, 9, 1), renewal=RenewalClause(kind=RenewalKind.INDEFINITE),
                notice=notice(3, NoticeReference.END_OF_QUARTER), lines=(line("8000", "GBP", 6),)),
        running(7, "Security guards", "garde", date(2025, 1, 1),
                renewal=RenewalClause(kind=RenewalKind.OPTION, length=Tenor(years=1), times=2, by=Party.OWN),
                term=TermClause(initial=Tenor(months=18)), lines=(line("61200", "EUR"),)),
        running(8, "Pilot project", "nimbus", date(2025, 11, 1), renewal=RenewalClause(kind=RenewalKind.NONE),
                obligations=(duty("Final report", DueOn(day=date(2026, 10, 15))),)),
        running(9, "Cleaning", "propre", date(2024, 5, 1), events=(*executed(date(2024, 5, 1)), served),
                lines=(line("2300", "EUR", 1),)),
        running(10, "Printing", "mueller", date(2023, 1, 1), events=(*executed(date(2023, 1, 1)), ended)),
        running(11, "Extension of the hall", "batir", date(2025, 2, 1), months=24,
                events=(*executed(date(2025, 2, 1)), suspension), lines=(line("90000", "EUR"),)),
        running(12, "Distribution, Iberia", "iber", began, events=(*executed(began), departure)),
        running(13, "Archive storage", "propre", date(2021, 3, 1), renewal=tacit(times=3)),
        running(14, "Spare parts", "okoye", date(2025, 8, 1), term=Unknown("the annex is missing"),
                lines=(line("700", "TND", 1),)),
        running(15, "Data processing", None, date(2025, 9, 1), effective_on=PartialDate(year=2025, redacted=True),
                events=(e.RecordedAsExecuted(at(date(2025, 9, 1)), "registry"),)),
        running(16, 'Consulting <frame> & "more"', "ada", date(2026, 5, 1),
                events=(e.RecordedAsExecuted(at(date(2026, 3, 1)), "registry"),), lines=(line("15000", "EUR"),)),
        early(17, "New plant supply", "iber"),
        early(18, "Call centre", "garde", submitted),
        early(19, "Training", "mueller", submitted, e.Rejected(at(start), "legal", note="no cap")),
        early(20, "Analytics suite", "nimbus", submitted, approved),
        early(21, "Steel 2026", "okoye", submitted, approved, sent),
        early(22, "Catering", "propre", submitted, approved, sent,
              e.SignatureDeclined(at(start), "buyer", note="price")),
        early(23, "Legal database", "ada", e.Canceled(at(start), "sales")),
    )  # fmt: skip


NAMES = {
    AccountId("durand"): "Durand & Fils SAS",
    AccountId("nimbus"): "Nimbus Cloud, Inc.",
    AccountId("mueller"): "Müller Übersetzungen GmbH",
    AccountId("okoye"): "Okoye 自動車 株式会社",
    AccountId("sci"): "SCI du Parc",
    AccountId("ada"): "Ada Lovelace Ltd",
    AccountId("garde"): "Gardes Réunis",
    AccountId("propre"): "Propreté Plus",
    AccountId("batir"): "Bâtir SA",
    AccountId("iber"): "Ibérica de Distribución S.A.",
}

RATES = RateTable(
    Rate(source=code, target="EUR", on=date(2026, 3, 2), factor=factor, by="made up")
    for code, factor in (("USD", "0.91"), ("GBP", "1.17"), ("JPY", "0.0061"))
)


@frozen(kw_only=True)
class Portfolio:
    as_of: date
    names: dict[AccountId, str]
    contracts: tuple[Contract, ...]
    agenda: Agenda
    exposures: Exposures
    timeline: Timeline
    report: Report


def portfolio_made() -> Portfolio:
    contracts = made()
    coming = agenda(contracts, AS_OF, UNTIL, OneOffice())
    exposures = exposure(contracts, AS_OF, RATES, "EUR")
    timeline = timeline_of(contracts, AS_OF, FIRST_DAY, LAST_DAY, OneOffice())
    contradictions = section(
        "Contradictions",
        ("Contract", "Field", "Quote", "Contract says"),
        (
            ("C-1002 Cloud hosting", "Price per unit", "12,000.00 USD", Cell("12,500.50 USD", Tone.BAD)),
            ("C-1009 Cleaning", "Notice", Cell("3 months", Tone.MUTED), Cell("2 months", Tone.WARN)),
        ),
        intro="What the quote promised and the contract does not say.",
    )
    plan = section(
        "Sync plan",
        ("Record", "Field", "CRM", "CLM", "Outcome"),
        (
            ("Durand & Fils SAS", "phone", "+33 1 40", "", Cell("CRM wins", Tone.GOOD, more=("the CRM owns it",))),
            ("Nimbus Cloud, Inc.", "legal name", "Nimbus Inc", "Nimbus Cloud, Inc.", Cell("ask", Tone.BAD)),
        ),
    )
    report = Report(
        title="Contracts at a glance",
        as_of=AS_OF,
        agenda=coming,
        exposures=exposures,
        timeline=timeline,
        names=NAMES,
        sections=(contradictions, plan),
        assumptions=("Business days: FR office, version 2026.",),
    )
    return Portfolio(
        as_of=AS_OF,
        names=NAMES,
        contracts=contracts,
        agenda=coming,
        exposures=exposures,
        timeline=timeline,
        report=report,
    )


@pytest.fixture(scope="session")
def portfolio() -> Portfolio:
    """Contracts, and what is computed from them once."""
    return portfolio_made()
