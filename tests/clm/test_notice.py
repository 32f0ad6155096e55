"""Notice deadlines: the inverse of the forward rule, from the term that is running, with open readings."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.calendars.months import forward
from clmcrm.clm import events as e
from clmcrm.clm.deadlines import Deadline, NoDeadline, last_day_for
from clmcrm.clm.deadlines import Purpose as What
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.notice import end_after_notice, first_notice_deadline, last_day_in_force, next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_next_deadline
from clmcrm.clm.term_clauses import NoticeClause, NoticeEffect, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.errors import TransitionNotAllowed, UnknownCalendar
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

MONTHS_3 = Tenor(months=3)


class Places:
    """A calendar source that knows France only, with one holiday."""

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        if place != "FR":
            raise UnknownCalendar(place, ["FR"])
        return HolidayTable(
            name="FR test", purpose=purpose, place="FR", holidays={date(2026, 2, 27): "a holiday"}, version="1"
        )


def deadline(answer: Deadline | NoDeadline | Unknown) -> Deadline:
    assert isinstance(answer, Deadline), answer
    return answer


def test_the_deadline_belongs_to_the_running_term_not_to_the_first() -> None:
    """Pain 1."""
    found = deadline(next_notice_deadline(contract(), date(2026, 1, 15)))
    assert found.ends_on == date(2026, 5, 31)
    assert found.last_day == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("ends_on", "length", "last_day", "source"),
    [
        ("2018-09-30", Tenor(months=6), "2018-03-31", "Cass. 3e civ. 8.3.2018, 17-11.312"),
        ("2025-12-31", Tenor(days=30), "2025-12-01", "30 full days run out on the last day"),
        ("2025-02-28", Tenor(months=1), "2025-01-31", "every day from the 28th on reaches the month's end"),
        ("2025-03-31", Tenor(months=1), "2025-02-28", "28 February and a month is 28 March"),
    ],
)
def test_the_deadline_is_the_inverse_of_the_forward_rule(
    ends_on: str, length: Tenor, last_day: str, source: str
) -> None:
    clause = NoticeClause(length=length, reference=NoticeReference.END_OF_TERM)
    assert last_day_for(clause, date.fromisoformat(ends_on)) == date.fromisoformat(last_day), source


@given(
    ends_on=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    months=st.integers(0, 30),
    days=st.integers(0, 200),
    reference=st.sampled_from([NoticeReference.END_OF_TERM, NoticeReference.RENEWAL_DATE]),
)
def test_no_later_day_would_do_and_the_day_itself_does(
    ends_on: date, months: int, days: int, reference: NoticeReference
) -> None:
    length = Tenor(months=months, days=days or 1)
    day = last_day_for(NoticeClause(length=length, reference=reference), ends_on)
    reached = ends_on + timedelta(days=reference is NoticeReference.RENEWAL_DATE)
    assert forward(day, length) <= reached
    assert all(forward(day + timedelta(days=k), length) > reached for k in range(1, 40))


def test_end_and_renewal_date_differ_by_a_day_and_the_spread_says_so() -> None:
    open_clause = contract(notice=NoticeClause(length=Tenor(days=30)))
    found = deadline(next_notice_deadline(open_clause, date(2026, 1, 1)))
    assert (found.safe_day, found.last_day, found.latest_arguable) == (
        date(2026, 5, 1),
        date(2026, 5, 1),
        date(2026, 5, 2),
    )
    assert any("renewal date" in reading.wording.en for reading in found.readings)


def test_a_stated_end_that_may_be_the_first_day_after_makes_the_safe_day_earlier() -> None:
    stated = contract(
        term=TermClause(ends_on=date(2025, 6, 1)),
        notice=NoticeClause(length=MONTHS_3, reference=NoticeReference.END_OF_TERM),
    )
    found = deadline(next_notice_deadline(stated, date(2025, 1, 1)))
    assert found.last_day == date(2025, 3, 1)
    assert found.safe_day == date(2025, 2, 28)
    assert "first day after" in found.readings[-1].wording.en


def test_after_the_last_permitted_renewal_there_is_no_deadline() -> None:
    once = contract(renewal=RenewalClause(kind=RenewalKind.TACIT, length=YEAR, times=1))
    assert deadline(next_notice_deadline(once, date(2025, 1, 1))).ends_on == date(2025, 5, 31)
    none = next_notice_deadline(once, date(2025, 3, 1))
    assert isinstance(none, NoDeadline)
    assert "the last deadline was 2025-02-28" in none.reason.en
    assert isinstance(next_notice_deadline(once, date(2026, 1, 1)), NoDeadline)


def test_a_deadline_that_passed_gives_the_next_term_s() -> None:
    assert deadline(next_notice_deadline(contract(), date(2026, 2, 28))).ends_on == date(2026, 5, 31)
    assert deadline(next_notice_deadline(contract(), date(2026, 3, 1))).ends_on == date(2027, 5, 31)


@pytest.mark.parametrize(
    ("reference", "as_of", "ends_on", "last_day"),
    [
        (NoticeReference.END_OF_MONTH, "2026-09-15", "2026-12-31", "2026-09-30"),
        (NoticeReference.END_OF_QUARTER, "2026-10-01", "2027-03-31", "2026-12-31"),
        (NoticeReference.END_OF_HALF_YEAR, "2026-07-10", "2026-12-31", "2026-09-30"),
        (NoticeReference.END_OF_YEAR, "2026-07-10", "2026-12-31", "2026-09-30"),
        (NoticeReference.ANNIVERSARY, "2026-07-10", "2027-05-31", "2027-02-28"),
    ],
)
def test_notice_to_the_end_of_a_calendar_unit(
    reference: NoticeReference, as_of: str, ends_on: str, last_day: str
) -> None:
    """Pain 4: three months to the end of the month, quarter, half-year, year; or to an anniversary."""
    open_ended = contract(
        renewal=RenewalClause(kind=RenewalKind.INDEFINITE),
        notice=NoticeClause(length=MONTHS_3, reference=reference),
    )
    found = deadline(next_notice_deadline(open_ended, date.fromisoformat(as_of)))
    assert (found.ends_on.isoformat(), found.last_day.isoformat()) == (ends_on, last_day)
    assert found.purpose is What.LEAVE


def test_an_open_ended_contract_may_be_left_on_any_day() -> None:
    open_ended = contract(
        renewal=RenewalClause(kind=RenewalKind.INDEFINITE),
        notice=NoticeClause(length=MONTHS_3, reference=NoticeReference.ANY_TIME),
    )
    answer = next_notice_deadline(open_ended, date(2026, 1, 1))
    assert isinstance(answer, NoDeadline)
    assert "on any day" in answer.reason.en
    assert end_after_notice(open_ended, date(2026, 1, 31)) == date(2026, 4, 30)


def test_an_option_has_a_deadline_to_renew() -> None:
    option = contract(renewal=RenewalClause(kind=RenewalKind.OPTION, length=YEAR, times=1, by=Party.COUNTERPARTY))
    found = deadline(next_notice_deadline(option, date(2025, 1, 1)))
    assert (found.purpose, found.ends_on) == (What.RENEW, date(2025, 5, 31))


def test_a_window_opens_on_the_first_day_whose_longer_period_reaches_the_end() -> None:
    window = contract(
        notice=NoticeClause(length=MONTHS_3, not_before=Tenor(months=6), reference=NoticeReference.END_OF_TERM)
    )
    found = deadline(next_notice_deadline(window, date(2026, 1, 1)))
    assert found.opens_on is not None
    assert forward(found.opens_on, Tenor(months=6)) >= found.ends_on
    assert forward(found.opens_on - timedelta(days=1), Tenor(months=6)) < found.ends_on


def served(day: str) -> e.NonRenewalNotified:
    return e.NonRenewalNotified(at(day), "legal", side=Party.OWN, served_on=date.fromisoformat(day))


def test_a_notice_in_time_stops_the_renewal_and_the_question() -> None:
    running = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    stopped = advance(running, served("2026-02-28"))
    assert last_day_in_force(stopped, date(2026, 3, 1)) == date(2026, 5, 31)
    assert isinstance(next_notice_deadline(stopped, date(2026, 3, 1)), NoDeadline)
    # What was known the day before the notice has not changed.
    assert last_day_in_force(stopped, date(2026, 2, 27)) is None


def test_a_late_notice_takes_effect_at_the_next_end_it_reaches() -> None:
    running = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    stopped = advance(running, served("2026-03-01"))
    assert last_day_in_force(stopped, date(2026, 3, 2)) == date(2027, 5, 31)


def test_receipt_counts_when_it_is_known() -> None:
    running = advance(contract(), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    notice = e.NonRenewalNotified(
        at("2026-03-02"), "legal", side=Party.OWN, served_on=date(2026, 2, 27), received_on=date(2026, 3, 2)
    )
    assert last_day_in_force(advance(running, notice), date(2026, 3, 2)) == date(2027, 5, 31)


@pytest.mark.parametrize(
    ("effect", "sent", "came", "ends"),
    [
        (NoticeEffect.DISPATCH, "2026-02-28", "2026-03-02", date(2026, 5, 31)),
        (NoticeEffect.DISPATCH, "2026-03-01", "2026-03-02", date(2027, 5, 31)),
        (NoticeEffect.DISPATCH, "2026-02-28", None, date(2026, 5, 31)),
        (NoticeEffect.RECEIPT, "2026-02-28", "2026-03-02", date(2027, 5, 31)),
        (NoticeEffect.RECEIPT, "2026-02-27", "2026-02-28", date(2026, 5, 31)),
        (NoticeEffect.UNSAID, "2026-02-28", "2026-03-02", date(2027, 5, 31)),
    ],
)
def test_a_letter_sent_in_time_is_in_time_where_dispatch_counts(
    effect: NoticeEffect, sent: str, came: str | None, ends: date
) -> None:
    clause = NoticeClause(length=MONTHS_3, reference=NoticeReference.END_OF_TERM, effect=effect)
    running = advance(contract(notice=clause), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    notice = attrs.evolve(
        served(sent), at=at("2026-03-02"), received_on=None if came is None else date.fromisoformat(came)
    )
    stopped = advance(running, notice)
    assert last_day_in_force(stopped, date(2026, 3, 2)) == ends
    assert stage_of(stopped, date(2026, 3, 2)).ends_on == ends


@pytest.mark.parametrize(
    ("sent", "came", "ends"),
    [
        # 28 February 2026 is a Saturday: two business days after Wednesday the 25th is Friday the 27th.
        ("2026-02-25", None, date(2026, 5, 31)),
        ("2026-02-26", None, date(2027, 5, 31)),
        ("2026-02-28", None, date(2027, 5, 31)),
        # where the arrival is known, it counts
        ("2026-02-27", "2026-02-28", date(2026, 5, 31)),
        ("2026-02-24", "2026-03-02", date(2027, 5, 31)),
    ],
)
def test_a_letter_of_which_nobody_knows_when_it_came_is_deemed_received_as_the_clause_says(
    sent: str, came: str | None, ends: date
) -> None:
    clause = NoticeClause(
        length=MONTHS_3, reference=NoticeReference.END_OF_TERM, effect=NoticeEffect.RECEIPT, deemed_days=2
    )
    running = advance(contract(notice=clause), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    assert deadline(next_notice_deadline(running, date(2026, 2, 1))).send_by == date(2026, 2, 25)
    arrived = None if came is None else date.fromisoformat(came)
    stopped = advance(running, attrs.evolve(served(sent), at=at("2026-03-02"), received_on=arrived))
    assert last_day_in_force(stopped, date(2026, 3, 2)) == ends
    assert stage_of(stopped, date(2026, 3, 2)).ends_on == ends


def test_a_holiday_of_the_place_puts_off_what_is_deemed_received() -> None:
    clause = NoticeClause(
        length=MONTHS_3, reference=NoticeReference.END_OF_TERM, effect=NoticeEffect.RECEIPT, deemed_days=2
    )
    posted = contract(governing_place="FR", notice=clause)
    running = advance(posted, e.RecordedAsExecuted(at("2024-05-20"), "archive"))
    for sent, ends in (("2026-02-24", date(2026, 5, 31)), ("2026-02-25", date(2027, 5, 31))):
        stopped = advance(running, attrs.evolve(served(sent), at=at("2026-03-02")))
        # 27 February is a holiday of the test calendar
        assert last_day_in_force(stopped, date(2026, 3, 2), Places()) == ends


def test_a_window_is_open_on_the_day_that_counts() -> None:
    """Six to three months before 31 May: from 30 November, where sent on the day before."""
    window = NoticeClause(length=MONTHS_3, not_before=Tenor(months=6), reference=NoticeReference.END_OF_TERM)
    for effect, fits in ((NoticeEffect.DISPATCH, False), (NoticeEffect.RECEIPT, True)):
        clause = attrs.evolve(window, effect=effect)
        running = advance(contract(notice=clause), e.RecordedAsExecuted(at("2024-05-20"), "archive"))
        opens_on = deadline(next_notice_deadline(running, date(2025, 10, 1))).opens_on
        assert opens_on is not None
        sent = opens_on - timedelta(days=1)
        notice = e.NonRenewalNotified(at("2025-12-10"), "legal", side=Party.OWN, served_on=sent, received_on=opens_on)
        if fits:
            assert last_day_in_force(advance(running, notice), date(2025, 12, 10)) == date(2026, 5, 31)
        else:
            with pytest.raises(TransitionNotAllowed, match=f"opens only on {opens_on}"):
                _ = advance(running, notice)


def test_a_letter_must_leave_early_enough_to_count_as_received() -> None:
    posted = contract(
        governing_place="FR",
        notice=NoticeClause(
            length=MONTHS_3, reference=NoticeReference.END_OF_TERM, effect=NoticeEffect.RECEIPT, deemed_days=2
        ),
    )
    found = deadline(next_notice_deadline(posted, date(2026, 1, 1), Places()))
    # 28 Feb 2026 is a Saturday, 27 Feb a holiday of the test calendar: it must count as received on the 26th,
    # two business days after it was sent.
    assert (found.last_day, found.send_by, found.safe_day) == (
        date(2026, 2, 28),
        date(2026, 2, 24),
        date(2026, 2, 24),
    )


def test_a_deadline_on_a_closed_day_is_never_moved_forward() -> None:
    """Pain 11."""
    found = deadline(next_notice_deadline(contract(governing_place="FR"), date(2026, 1, 1), Places()))
    assert found.last_day == date(2026, 2, 28)
    assert found.safe_day == date(2026, 2, 26)
    assert found.latest_arguable == date(2026, 2, 28)
    assert any("not moved forward" in step.what and "FR test" in step.what for step in found.steps)


@pytest.mark.parametrize(
    ("place", "given", "why", "french"),
    [
        ("FR", False, "no calendar was given", "aucun calendrier n'étant donné"),
        (None, False, "no calendar was given", "aucun calendrier n'étant donné"),
        ("ZZ", True, "no calendar of ZZ is known", "aucun calendrier de ZZ n'étant connu"),
        (None, True, "the place whose law governs is not recorded", "n'étant pas enregistré, les jours ouvrés n'ont"),
    ],
)
def test_without_a_calendar_the_steps_say_so_and_why(place: str | None, given: bool, why: str, french: str) -> None:
    """Of a place that no calendar was known of, they said that none was given."""
    calendars = Places() if given else None
    found = deadline(next_notice_deadline(contract(governing_place=place), date(2026, 1, 1), calendars))
    (said,) = [step for step in found.steps if "so business days were not looked at" in step.what]
    assert (f"; {why}, so" in said.what, french in said.said("fr")) == (True, True)


def test_steps_are_said_in_french_too() -> None:
    found = deadline(next_notice_deadline(contract(), date(2026, 1, 1)))
    said = " ".join(step.said("fr") for step in found.steps)
    assert "le délai de 3 mois" in said
    assert "P3M" not in said


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"notice": Unknown("the cell is empty")}, "the notice period is not known: the cell is empty"),
        ({"renewal": Unknown("redacted")}, "the renewal is not known: redacted"),
        ({"effective_on": Unknown("page 1 is missing")}, "page 1 is missing"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, object], reason: str) -> None:
    answer = next_notice_deadline(contract(**changes), date(2026, 1, 1))
    assert isinstance(answer, Unknown)
    assert reason in answer.reason


def test_a_contract_that_is_not_renewed_needs_no_notice() -> None:
    fixed = contract(renewal=RenewalClause(kind=RenewalKind.NONE))
    answer = next_notice_deadline(fixed, date(2024, 7, 1))
    assert isinstance(answer, NoDeadline)
    assert last_day_in_force(fixed, date(2024, 7, 1)) == date(2025, 5, 31)


@given(day=st.dates(date(2024, 6, 1), date(2045, 1, 1)), months=st.integers(1, 30))
def test_the_next_deadline_is_never_in_the_past_and_none_is_skipped(day: date, months: int) -> None:
    sample = contract(notice=NoticeClause(length=Tenor(months=months), reference=NoticeReference.END_OF_TERM))
    found = deadline(next_notice_deadline(sample, day))
    assert found.last_day >= day
    earlier = last_day_for(found_clause(sample), attrs.evolve(found).ends_on.replace(year=found.ends_on.year - 1))
    assert earlier < day or found.ends_on == date(2025, 5, 31)


def found_clause(sample: object) -> NoticeClause:
    clause = getattr(sample, "notice", None)
    assert isinstance(clause, NoticeClause)
    return clause


# (what is asked of the notice, its last day for the end of 2025, the end that a notice one day later reaches)
LATE_BY_A_DAY = [
    ({}, None, "2025-12-01", "2026-01-01"),
    ({"clear_days": True}, None, "2025-11-30", "2026-01-01"),
    # 30 November 2025 is a Sunday: the last day moves back over Saturday, and Saturday is late for every end
    # that Friday still reached.
    ({"length": Tenor(days=31)}, "US_FRCP6", "2025-11-28", "2026-01-01"),
    ({"length": Tenor(days=31)}, "IT_2963", "2025-11-29", "2026-01-01"),
]


@pytest.mark.parametrize(("terms", "law", "last", "reached"), LATE_BY_A_DAY)
@pytest.mark.parametrize("open_ended", [{"kind": RenewalKind.INDEFINITE}, {"kind": RenewalKind.TACIT}])
def test_a_notice_late_for_an_end_never_reaches_it_after_all(
    terms: dict[str, object], law: str | None, last: str, reached: str, open_ended: dict[str, RenewalKind]
) -> None:
    tacit = open_ended["kind"] is RenewalKind.TACIT
    clause: dict[str, object] = {
        "length": Tenor(days=30),
        "reference": NoticeReference.ANY_TIME if tacit else NoticeReference.END_OF_TERM,
        "regime": law,
    }
    sample = contract(
        effective_on=date(2025, 1, 1),
        renewal=RenewalClause(kind=open_ended["kind"], length=YEAR if tacit else None),
        notice=NoticeClause(**(clause | terms)),  # type: ignore[arg-type] # the clause checks its terms
    )
    found = deadline(next_notice_deadline(sample, date(2025, 6, 1)))
    assert (found.last_day, found.ends_on) == (date.fromisoformat(last), date(2025, 12, 31))
    assert end_after_notice(sample, found.last_day) == found.ends_on
    assert end_after_notice(sample, found.last_day + timedelta(days=1)) == date.fromisoformat(reached)


@pytest.mark.parametrize("reference", NoticeReference)
@pytest.mark.parametrize("kind", RenewalKind)
def test_an_end_with_the_calendar_is_answered_in_words(kind: RenewalKind, reference: NoticeReference) -> None:
    endless = contract(
        term=TermClause(ends_on=date.max),
        renewal=RenewalClause(kind=kind, length=YEAR if kind != "none" else None),
        notice=NoticeClause(length=MONTHS_3, reference=reference, zone="Europe/Paris"),
    )
    found = next_notice_deadline(endless, date(2026, 1, 1))
    assert isinstance(found, NoDeadline)
    assert kind == "none" or "last day of the calendar" in found.reason.en
    assert first_notice_deadline(endless) == found
    assert fast_next_deadline(compiled(endless), date(2026, 1, 1)) is None
    assert last_day_in_force(endless, date(2026, 1, 1)) == date.max
    assert end_after_notice(endless, date(2026, 1, 1)) == date.max
