"""Notice counted by the governing law; hours and zones; minimum terms; windows; notices longer than the term.

Where a test answers a complaint of users of other systems, its docstring names it (DOMAIN, section 3).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.day_expressions import After, EarlierOf, EndOfContractYear, OnDay, OnFact
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.delivery import receive_before
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.kinds import Party
from clmcrm.clm.notice import (
    end_after_notice,
    first_notice_deadline,
    last_day_in_force,
    next_notice_deadline,
    notices_served,
)
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.term_clauses import (
    EndMeaning,
    NoticeClause,
    NoticeEffect,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import DateRuleError, InvalidRecord, UnknownCalendar
from clmcrm.values.ids import AmendmentId
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.source import Authority
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

MONTHS_3 = Tenor(months=3)
INDEFINITE = RenewalClause(kind=RenewalKind.INDEFINITE)
PERPETUAL = TermClause(ends_on=Perpetual())


class Table:
    """One calendar for every place."""

    def __init__(self, table: HolidayTable) -> None:
        self._table = table

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        if purpose is not Purpose.LEGAL:
            raise UnknownCalendar(place)
        return self._table


WEEKDAYS = Table(HolidayTable(name="weekdays", place="XX"))


def deadline(answer: Deadline | NoDeadline | Unknown) -> Deadline:
    assert isinstance(answer, Deadline), answer
    return answer


def notice(**changes: object) -> NoticeClause:
    facts: dict[str, object] = {"length": MONTHS_3, "reference": NoticeReference.END_OF_TERM, "citation": "art. 9"}
    return NoticeClause(**(facts | changes))  # type: ignore[arg-type] # checked by the record


# A term that ends on 31 May 2026; three months before it is Saturday 28 February 2026.
BY_LAW = [
    (None, None, "2026-02-28", None),
    ("FR", None, "2026-02-28", "FR_CPC"),
    ("DE", None, "2026-02-28", "DE_BGB"),
    ("GB-ENG", None, "2026-02-28", "UK_CDR"),
    ("ES", None, "2026-02-28", "ES_CC5"),
    ("IT", None, "2026-02-27", "IT_2963"),
    ("US-NY", None, "2026-02-28", None),
    ("US-NY", "US_FRCP6", "2026-02-27", "US_FRCP6"),
    ("DE", "IT", "2026-02-27", "IT_2963"),
    ("BE", "EU1182", "2026-02-28", "EU1182"),
]


@pytest.mark.parametrize(("place", "named", "last_day", "law"), BY_LAW)
def test_a_deadline_on_a_closed_day_stays_or_moves_back_as_the_law_says_and_never_forward(
    place: str | None, named: str | None, last_day: str, law: str | None
) -> None:
    """Pain 11: the deadline falls on a weekend."""
    sample = contract(governing_place=place, notice=notice(regime=named))
    found = deadline(next_notice_deadline(sample, date(2026, 1, 1), WEEKDAYS))
    assert (found.last_day.isoformat(), found.law) == (last_day, law)
    # Whichever law holds, the Friday is safe; nobody can argue for a day after the Saturday.
    assert found.safe_day == (date(2026, 2, 27) if place else date(2026, 2, 28))
    assert found.latest_arguable == date(2026, 2, 28)
    if last_day == "2026-02-27":
        assert found.rule.source.authority is not Authority.CONTRACT
        assert any("bare count" in reading.wording.en for reading in found.open_readings)
    else:
        assert found.rule.source.citation == "the contract, art. 9"


@pytest.mark.parametrize("place", ["FR", "DE", "IT", "BE"])
def test_a_closed_day_is_named_in_french(place: str) -> None:
    found = deadline(next_notice_deadline(contract(governing_place=place), date(2026, 1, 1), BUILT_IN))
    said = [step.said("fr") for step in found.steps] + [one.wording.fr for one in found.open_readings]
    assert any("samedi" in words for words in said)
    assert not any("Saturday" in words for words in said)


def test_french_law_wants_the_whole_period_before_the_renewal_date() -> None:
    clause = notice(length=Tenor(days=30), reference=NoticeReference.RENEWAL_DATE)
    french = deadline(next_notice_deadline(contract(governing_place="FR", notice=clause), date(2026, 1, 1)))
    german = deadline(next_notice_deadline(contract(governing_place="DE", notice=clause), date(2026, 1, 1)))
    assert (french.last_day, german.last_day) == (date(2026, 5, 1), date(2026, 5, 2))
    assert "25-70.018" in french.rule.source.citation
    assert (french.safe_day, french.latest_arguable) == (date(2026, 5, 1), date(2026, 5, 2))


def test_a_regime_nobody_knows_is_unknown_and_names_the_clause() -> None:
    sample = contract(notice=notice(regime="ATLANTIS"))
    for answer in (next_notice_deadline(sample, date(2026, 1, 1)), end_after_notice(sample, date(2026, 1, 1))):
        assert isinstance(answer, Unknown)
        assert answer.reason == "the notice clause (art. 9) names the regime 'ATLANTIS', which is not known"


def test_a_day_beyond_the_calendar_is_unknown_where_the_law_needs_the_calendar() -> None:
    short = Table(HolidayTable(name="short", place="IT", first_day=date(2027, 1, 1)))
    answer = next_notice_deadline(contract(governing_place="IT"), date(2026, 1, 1), short)
    assert isinstance(answer, Unknown)
    assert "the notice clause (art. 9.2)" in answer.reason
    # Where the law needs none, the day stands and a step says that the calendar says nothing about it.
    german = deadline(next_notice_deadline(contract(governing_place="DE"), date(2026, 1, 1), short))
    assert any("whether it is a business day is not known" in step.what for step in german.steps)


@pytest.mark.parametrize(
    ("ends_on", "cut_off", "zone", "before"),
    [
        ("2026-06-30", time(17), "Europe/Paris", "2026-03-31T17:00:00+02:00"),
        ("2026-06-30", None, "Europe/Paris", "2026-04-01T00:00:00+02:00"),
        ("2026-06-29", time(2, 30), "Europe/Paris", "2026-03-29T01:30:00+01:00"),  # the clocks skip 2:30
        ("2027-01-25", time(2, 30), "Europe/Paris", "2026-10-25T02:30:00+02:00"),  # 2:30 comes twice
        ("2026-06-30", time(9), "Asia/Tokyo", "2026-03-31T09:00:00+09:00"),
    ],
)
def test_the_hour_is_an_instant_in_the_zone_the_clause_names(
    ends_on: str, cut_off: time | None, zone: str, before: str
) -> None:
    """Pain 25: a contract's date moves with the time zone. Where a clock is changed, the earlier reading is safe."""
    term = TermClause(ends_on=date.fromisoformat(ends_on), end_means=EndMeaning.LAST_DAY)
    sample = contract(term=term, notice=notice(cut_off=cut_off, zone=zone))
    found = deadline(next_notice_deadline(sample, date(2026, 1, 1)))
    assert found.receive_before is not None
    assert found.receive_before.isoformat() == before
    assert found.receive_before.utcoffset() == found.receive_before.astimezone(ZoneInfo(zone)).utcoffset()
    assert any("must arrive before" in step.what and zone in step.what for step in found.steps)


@pytest.mark.parametrize("zone", ["Atlantis/Poseidon", "Europe", "x" * 300])
def test_a_zone_that_is_none_is_unknown_with_its_name(zone: str) -> None:
    answer = next_notice_deadline(contract(notice=notice(zone=zone)), date(2026, 1, 1))
    assert isinstance(answer, Unknown)
    assert answer.reason == f"the notice clause (art. 9) names the zone {zone!r}, which is no IANA time zone"


def test_without_a_zone_the_hour_is_told_and_no_instant_is_guessed() -> None:
    found = deadline(next_notice_deadline(contract(notice=notice(cut_off=time(17))), date(2026, 1, 1)))
    assert found.receive_before is None
    assert any("17:00; in which time zone the clause does not say" in step.what for step in found.steps)


def test_where_dispatch_counts_no_hour_of_arrival_is_set() -> None:
    clause = notice(cut_off=time(17), zone="Europe/Paris", effect=NoticeEffect.DISPATCH, deemed_days=3)
    found = deadline(next_notice_deadline(contract(notice=clause), date(2026, 1, 1)))
    assert (found.receive_before, found.send_by) == (None, None)
    assert any("dispatch is what counts" in step.what for step in found.steps)


def test_a_zone_that_does_not_exist_is_unknown_and_names_the_clause() -> None:
    answer = next_notice_deadline(contract(notice=notice(zone="Europe/Atlantis")), date(2026, 1, 1))
    assert isinstance(answer, Unknown)
    assert "Europe/Atlantis" in answer.reason


def test_an_event_is_dated_in_the_zone_it_was_recorded_in() -> None:
    """Pain 25: 23:30 in Paris on the 27th is the 27th, though it is 21:30 or another day elsewhere."""
    late = datetime(2026, 2, 27, 23, 30, tzinfo=ZoneInfo("Europe/Paris"))
    tokyo = late.astimezone(ZoneInfo("Asia/Tokyo"))
    for instant, seen_on in ((late, date(2026, 2, 27)), (tokyo, date(2026, 2, 28))):
        served = e.NonRenewalNotified(instant, "legal", side=Party.OWN, served_on=date(2026, 2, 27))
        sample = contract(events=(served,))
        assert not notices_served(sample, seen_on - timedelta(days=1))
        assert last_day_in_force(sample, seen_on) == date(2026, 5, 31)


def test_whether_receipt_counts_is_an_open_reading_where_a_delay_is_agreed() -> None:
    unsaid = deadline(next_notice_deadline(contract(notice=notice(deemed_days=2)), date(2026, 1, 1)))
    assert unsaid.last_day == date(2026, 2, 28)
    assert unsaid.send_by == unsaid.safe_day == date(2026, 2, 25)  # sent Wednesday, received Friday the 27th
    assert any("if receipt counts and not dispatch" in reading.wording.en for reading in unsaid.open_readings)
    assert any("Monday to Friday, no holidays" in step.what for step in unsaid.steps)


def test_the_strict_readings_are_taken_together_for_the_safe_day() -> None:
    """A stated end that may be a day earlier, on a day when nobody is there."""
    term = TermClause(ends_on=date(2026, 6, 1))
    sample = contract(term=term, governing_place="FR", effective_on=date(2025, 6, 1), notice=notice())
    found = deadline(next_notice_deadline(sample, date(2026, 1, 1), WEEKDAYS))
    # 1 March 2026 is a Sunday; read as the first day after, Saturday 28 February: the Friday is safe.
    assert (found.last_day, found.safe_day) == (date(2026, 3, 1), date(2026, 2, 27))


@pytest.mark.parametrize("minimum", [Tenor(months=24), Tenor(months=23), Tenor(days=700)])
def test_nobody_leaves_before_the_minimum_term_ends(minimum: Tenor) -> None:
    sample = contract(term=TermClause(initial=YEAR, minimum=minimum))
    found = deadline(next_notice_deadline(sample, date(2024, 6, 1)))
    assert found.ends_on == date(2026, 5, 31)
    assert any("minimum term" in step.what for step in found.steps)
    assert end_after_notice(sample, date(2024, 6, 2)) == date(2026, 5, 31)


def test_a_commitment_of_24_months_then_open_ended_until_notice() -> None:
    """Pain 3."""
    sample = contract(term=TermClause(initial=Tenor(months=24)), renewal=INDEFINITE)
    found = deadline(next_notice_deadline(sample, date(2024, 7, 1)))
    assert (found.ends_on, found.last_day) == (date(2026, 5, 31), date(2026, 2, 28))
    later = next_notice_deadline(sample, date(2026, 3, 1))
    assert isinstance(later, NoDeadline)
    assert "may be given on any day" in later.reason.en
    assert end_after_notice(sample, date(2024, 7, 1)) == date(2026, 5, 31)
    assert end_after_notice(sample, date(2026, 3, 15)) == date(2026, 6, 15)


@pytest.mark.parametrize(
    ("reference", "ends_on"),
    [
        (NoticeReference.END_OF_MONTH, "2026-01-31"),
        (NoticeReference.END_OF_QUARTER, "2026-03-31"),
        (NoticeReference.END_OF_HALF_YEAR, "2026-06-30"),
        (NoticeReference.END_OF_YEAR, "2026-12-31"),
        (NoticeReference.ANNIVERSARY, "2026-05-31"),
    ],
)
def test_ends_of_calendar_units_respect_the_minimum_term(reference: NoticeReference, ends_on: str) -> None:
    """Pain 4: notice to the end of a month or quarter, not before a minimum of 19 months (until 31 December 2025)."""
    term = TermClause(ends_on=Perpetual(), minimum=Tenor(months=19, days=1))
    sample = contract(term=term, renewal=INDEFINITE, notice=notice(reference=reference))
    found = deadline(next_notice_deadline(sample, date(2024, 7, 1)))
    assert found.ends_on.isoformat() == ends_on


def test_a_contract_without_end_needs_notice_though_it_is_never_renewed() -> None:
    """Pain 5: no end is invented for it."""
    sample = contract(
        term=PERPETUAL,
        renewal=RenewalClause(kind=RenewalKind.NONE),
        notice=notice(reference=NoticeReference.END_OF_YEAR),
    )
    assert deadline(next_notice_deadline(sample, date(2026, 7, 1))).ends_on == date(2026, 12, 31)
    assert last_day_in_force(sample, date(2026, 7, 1)) is None


def test_a_calendar_unit_after_the_last_permitted_renewal_is_no_end_to_aim_at() -> None:
    once = contract(
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=YEAR, times=1),
        notice=notice(reference=NoticeReference.END_OF_QUARTER),
    )
    assert deadline(next_notice_deadline(once, date(2025, 7, 1))).ends_on == date(2025, 12, 31)
    assert deadline(next_notice_deadline(once, date(2025, 12, 31))).ends_on == date(2026, 3, 31)
    assert isinstance(next_notice_deadline(once, date(2026, 1, 1)), NoDeadline)


def test_a_notice_longer_than_its_term_says_so() -> None:
    monthly = RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=1))
    sample = contract(term=TermClause(initial=Tenor(months=1)), renewal=monthly)
    found = deadline(next_notice_deadline(sample, date(2024, 1, 1)))
    # Three months from the first day: the first end that a notice can reach at all.
    assert (found.last_day, found.ends_on) == (date(2024, 6, 30), date(2024, 9, 30))
    said = [step.what for step in found.steps]
    assert any("longer than the term, which begins only on 2024-09-01" in what for what in said)
    assert any("before the contract began on 2024-06-01" in what for what in said)


def test_a_deadline_before_the_contract_began_is_none_at_all() -> None:
    sample = contract(term=TermClause(initial=Tenor(months=1)))
    answer = first_notice_deadline(sample)
    assert isinstance(answer, NoDeadline)
    assert "would have been due by 2024-03-31, before the contract began on 2024-06-01" in answer.reason.en
    only = contract(
        term=TermClause(initial=Tenor(months=1)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=1), times=1),
    )
    none = next_notice_deadline(only, date(2024, 1, 1))
    assert isinstance(none, NoDeadline)
    assert "before the contract began" in none.reason.en
    # Signed earlier, the same contract can be stopped before it takes effect.
    signed = contract(term=TermClause(initial=Tenor(months=1)), executed_on=date(2024, 1, 10))
    assert deadline(first_notice_deadline(signed)).last_day == date(2024, 3, 31)


def test_a_window_is_counted_from_the_same_day_as_the_notice() -> None:
    clause = notice(not_before=Tenor(months=6), reference=NoticeReference.RENEWAL_DATE)
    found = deadline(next_notice_deadline(contract(notice=clause), date(2026, 1, 1)))
    assert (found.opens_on, found.last_day) == (date(2025, 12, 1), date(2026, 3, 1))


def test_a_notice_before_its_window_reaches_no_end() -> None:
    sample = contract(notice=notice(not_before=Tenor(months=6)))
    early = end_after_notice(sample, date(2025, 9, 1))
    assert isinstance(early, Unknown)
    assert "opens its window for 2026-05-31 on 2025-12-01" in early.reason
    served = e.NonRenewalNotified(at("2025-09-01"), "legal", side=Party.OWN, served_on=date(2025, 9, 1))
    ignored = contract(notice=sample.notice, events=(served,))
    assert isinstance(last_day_in_force(ignored, date(2025, 9, 2)), Unknown)
    assert deadline(next_notice_deadline(ignored, date(2025, 9, 2))).last_day == date(2026, 2, 28)


def test_a_window_that_closes_before_it_opens_is_unknown_and_names_the_clause() -> None:
    answer = next_notice_deadline(contract(notice=notice(not_before=Tenor(months=1))), date(2026, 1, 1))
    assert isinstance(answer, Unknown)
    assert "the notice clause (art. 9) opens its window on" in answer.reason


def test_a_term_may_end_by_a_rule_and_the_steps_show_it() -> None:
    until = EarlierOf(
        of=(EndOfContractYear(year=2), After(start=OnFact(name="event:activated"), length=Tenor(days=500)))
    )
    waiting = contract(term=TermClause(until=until, citation="art. 3"))
    plan = term_plan(waiting)
    assert isinstance(plan, Unknown)
    assert "the term clause (art. 3)" in plan.reason
    assert "2026-05-31 or earlier; 'event:activated' is not recorded" in plan.reason
    begun = contract(
        term=TermClause(until=until), events=(e.Activated(at("2024-06-10"), "x", effective_on=date(2024, 6, 1)),)
    )
    found = deadline(next_notice_deadline(begun, date(2025, 1, 1)))
    assert found.ends_on == date(2025, 10, 23)
    assert any("the earlier of it" in step.what for step in found.steps)
    assert from_fields(type(begun), to_fields(begun)) == begun


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        (TermClause(until=OnDay(day=date(2020, 1, 1))), "before the first day 2024-06-01"),
        (TermClause(until=OnDay(day=PartialDate(year=2026))), "only 2026-..-.. is known"),
        (TermClause(initial=YEAR, minimum=YEAR), "its first day is not known"),
    ],
)
def test_contradictory_or_half_known_terms_are_unknown_and_name_the_clause(term: TermClause, reason: str) -> None:
    changes = {} if term.minimum is None else {"effective_on": PartialDate(year=2024)}
    answer = term_plan(contract(term=term, **changes))
    assert isinstance(answer, Unknown)
    assert reason in answer.reason or "the first day is not known" in answer.reason


def test_a_rule_beside_a_stated_end_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="no rule beside the stated end"):
        _ = TermClause(ends_on=date(2026, 1, 1), until=OnDay(day=date(2026, 1, 1)))


def test_what_is_asked_about_a_past_day_never_sees_what_was_recorded_later() -> None:
    """Pain 9: an amendment does not rewrite what was true before."""
    shorter = Amendment(
        id=AmendmentId("A-1"), title="one month's notice", base_version=0, effective_on=date(2025, 9, 1),
        notice=notice(length=Tenor(months=1)),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2025-09-10"), "x", amendment=AmendmentId("A-1"), base_version=0, effective_on=date(2025, 9, 1)
    )
    before, amended = contract(), contract(amendments=(shorter,), events=(accepted,))
    for day in (date(2025, 1, 15), date(2025, 9, 9)):
        assert next_notice_deadline(amended, day) == next_notice_deadline(before, day)
    assert deadline(next_notice_deadline(amended, date(2025, 9, 10))).last_day == date(2026, 4, 30)
    assert as_known(amended, date(2025, 9, 10)).notice == shorter.notice


def test_a_notice_taken_back_is_no_notice() -> None:
    served = e.NonRenewalNotified(at("2026-01-10"), "legal", side=Party.OWN, served_on=date(2026, 1, 10))
    sample = contract(events=(served, e.Undone(at("2026-01-12"), "legal")))
    assert last_day_in_force(sample, date(2026, 1, 11)) == date(2026, 5, 31)
    assert last_day_in_force(sample, date(2026, 1, 12)) is None
    assert notices_served(sample, date(2026, 1, 12)) == ()


def test_every_step_is_said_in_both_languages() -> None:
    clause = notice(not_before=Tenor(months=6), deemed_days=2, cut_off=time(17), zone="Europe/Rome", clear_days=True)
    sample = contract(governing_place="IT", notice=clause, term=TermClause(initial=YEAR, minimum=YEAR))
    found = deadline(next_notice_deadline(sample, date(2026, 1, 1), WEEKDAYS))
    assert found.receive_before is not None
    assert found.receive_before.astimezone(UTC).tzinfo is UTC
    for step in found.steps:
        assert step.said("en") != step.said("fr")


@pytest.mark.parametrize("reference", tuple(NoticeReference))
def test_the_rule_of_a_deadline_is_said_in_both_languages(reference: NoticeReference) -> None:
    # Notice at any time has a last day only while a minimum term runs.
    term = TermClause(initial=YEAR, minimum=Tenor(years=3))
    found = deadline(next_notice_deadline(contract(term=term, notice=notice(reference=reference)), date(2026, 1, 1)))
    assert found.rule.name == found.rule.wording.said("en")
    assert found.rule.wording.said("en").startswith("3 months ")
    assert found.rule.wording.said("fr").startswith(("3 mois avant la ", "3 mois à compter "))


def test_the_midnight_after_the_last_day_of_the_calendar_is_refused_by_name() -> None:
    clause = NoticeClause(length=Tenor(months=1), zone="Europe/Paris")
    with pytest.raises(DateRuleError, match="9999-12-31 and 1 days"):
        _ = receive_before(clause, date.max)
