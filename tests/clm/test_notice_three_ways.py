"""Two implementations, one truth: explained and fast agree, and both agree with a search day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice, pairwise
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.contract import Contract
from clmcrm.clm.day_expressions import After, OnFact
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.kinds import Party
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_deadlines, fast_next_deadline, fast_next_notice
from clmcrm.clm.term_clauses import EndMeaning, NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.errors import DateRuleError, UnknownCalendar
from clmcrm.values.ids import AmendmentId, ContractId
from clmcrm.values.partial import Perpetual
from clmcrm.values.tenor import Tenor
from making import at, contract

# The nightly profile tries everything a hundred times harder; the one truth of the two implementations, most.
NIGHTLY = settings().max_examples > 1_000
ONE_DAY = timedelta(days=1)
HOLIDAYS = {date(year, month, day): "feast" for year in range(1990, 2080) for month, day in ((1, 1), (4, 25), (8, 15))}
ROME = HolidayTable(name="feasts", place="IT", holidays=HOLIDAYS)
UNITS = {
    NoticeReference.END_OF_MONTH: 1,
    NoticeReference.END_OF_QUARTER: 3,
    NoticeReference.END_OF_HALF_YEAR: 6,
    NoticeReference.END_OF_YEAR: 12,
}
CONSENT = {RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION}


class OneCalendar:
    """The same calendar, wherever it is asked for."""

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        if place not in {"FR", "DE", "IT", "GB"} or purpose is not Purpose.LEGAL:
            raise UnknownCalendar(place)
        return ROME


def plus(day: date, length: Tenor, k: int = 1) -> date:
    """Anchored relativedelta: months first, then days."""
    return (
        day
        + relativedelta(months=k * (length.months + 12 * length.years))
        + timedelta(days=k * (length.days + 7 * length.weeks))
    )


def last_of(first: date, length: Tenor, k: int = 1) -> date:
    """The legal last day, the first day counted: BGB 188 (2), (3)."""
    months = length.months + 12 * length.years
    ended = first + relativedelta(months=k * months)
    if ended.day == first.day:
        ended -= ONE_DAY
    return ended + timedelta(days=k * (length.days + 7 * length.weeks))


def added(left: Tenor, right: Tenor, k: int) -> Tenor:
    return Tenor(
        years=left.years + k * right.years,
        months=left.months + k * right.months,
        weeks=left.weeks + k * right.weeks,
        days=left.days + k * right.days,
    )


def same_unit(left: Tenor, right: Tenor) -> bool:
    return all(bool(a) == bool(b) for a, b in (
        (left.whole_months, right.whole_months), (left.loose_days, right.loose_days)
    ))  # fmt: skip


def term_end(sample: Contract, k: int) -> date:
    """The end of term k, written out from the clauses."""
    term, renewal, first = sample.term, sample.renewal, sample.effective_on
    assert isinstance(term, TermClause)
    assert isinstance(renewal, RenewalClause)
    assert isinstance(first, date)
    if isinstance(term.ends_on, date):
        initial, joined = term.ends_on, False
    elif term.until is not None:
        initial, joined = plus(first, Tenor(days=400)), False
    else:
        assert term.initial is not None
        initial = last_of(first, term.initial)
        joined = renewal.length is not None and same_unit(term.initial, renewal.length)
    if k == 0:
        return initial
    assert renewal.length is not None
    if joined:
        assert term.initial is not None
        return last_of(first, added(term.initial, renewal.length, k))
    return last_of(initial + ONE_DAY, renewal.length, k)


def naive_ends(sample: Contract, day: date) -> Iterator[date]:
    """The ends on or after `day` that a notice can aim at, by the words of the clauses and nothing clever."""
    term, renewal, clause, first = sample.term, sample.renewal, sample.notice, sample.effective_on
    assert isinstance(term, TermClause)
    assert isinstance(renewal, RenewalClause)
    assert isinstance(clause, NoticeClause)
    assert isinstance(first, date)
    perpetual = isinstance(term.ends_on, Perpetual)
    if renewal.kind is RenewalKind.NONE and not perpetual:
        return
    if renewal.kind in CONSENT:
        if not perpetual and (renewal.times is None or renewal.times > 0) and term_end(sample, 0) >= day:
            yield term_end(sample, 0)
        return
    floors = [] if perpetual else [term_end(sample, 0)]
    floors += [] if term.minimum is None else [last_of(first, term.minimum)]
    floor = max(floors, default=None)
    fixed = renewal.kind is RenewalKind.TACIT and not perpetual
    final = term_end(sample, renewal.times) if fixed and renewal.times is not None else date.max
    ends: Iterator[date]
    if clause.reference in UNITS:
        size = UNITS[clause.reference]
        year = max(day, floor or day).year
        ends = (date(y, m, 1) + relativedelta(months=1) - ONE_DAY for y in count(year) for m in range(size, 13, size))
    elif clause.reference is NoticeReference.ANNIVERSARY:
        ends = (last_of(first, Tenor(years=1), k) for k in count(1))
    elif not fixed or clause.reference is NoticeReference.ANY_TIME:
        ends = iter([] if floor is None else [floor])
    else:
        ends = (term_end(sample, k) for k in count())
    for end in ends:
        if end >= final:
            return
        if end >= day and (floor is None or end >= floor):
            yield end


def naive_last_day(sample: Contract, end: date, calendar: HolidayCalendar | None) -> date:
    """The latest d such that the period from d runs out in time, found by looking at one day after the other."""
    clause = sample.notice
    assert isinstance(clause, NoticeClause)
    reach = end
    if clause.reference is NoticeReference.RENEWAL_DATE:
        reach += ONE_DAY
    french_full_days = sample.governing_place == "FR" and clause.reference is NoticeReference.RENEWAL_DATE
    if clause.clear_days or french_full_days:
        reach -= ONE_DAY
    day = reach
    while plus(day, clause.length) > reach:
        day -= ONE_DAY
    if sample.governing_place == "IT":
        # Without a calendar only Sundays are known to be closed.
        while (calendar.why_closed(day) is not None) if calendar else day.weekday() == 6:
            day -= ONE_DAY
    return day


def brute_force(sample: Contract, as_of: date, calendar: HolidayCalendar | None) -> tuple[date, date] | None:
    first, signed = sample.effective_on, sample.executed_on
    assert isinstance(first, date)
    asked = max(as_of, min(first, signed) if isinstance(signed, date) else first)
    for end in islice(naive_ends(sample, asked), 2000):
        day = naive_last_day(sample, end, calendar)
        if day >= asked:
            return day, end
    return None


TENORS = st.one_of(
    st.builds(Tenor, months=st.integers(1, 30)),
    st.builds(Tenor, years=st.integers(1, 4)),
    st.builds(Tenor, weeks=st.integers(1, 20)),
    st.builds(Tenor, days=st.integers(7, 500)),
    st.builds(Tenor, months=st.integers(1, 14), days=st.integers(1, 60)),
)
NOTICES = st.one_of(
    st.builds(Tenor, months=st.integers(1, 18)),
    st.builds(Tenor, days=st.integers(1, 200)),
    st.builds(Tenor, weeks=st.integers(1, 10)),
    st.builds(Tenor, months=st.integers(1, 6), days=st.integers(1, 40)),
)
DAYS = st.dates(date(1998, 1, 1), date(2030, 12, 31))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    first = draw(DAYS)
    minimum = draw(st.none() | TENORS)
    shape = draw(st.sampled_from(["length", "length", "stated", "rule", "perpetual"]))
    ends_on = first + timedelta(days=draw(st.integers(0, 900)))
    term = {
        "length": lambda: TermClause(initial=draw(TENORS), minimum=minimum),
        "stated": lambda: TermClause(ends_on=ends_on, end_means=draw(st.sampled_from(EndMeaning)), minimum=minimum),
        "rule": lambda: TermClause(
            until=After(start=OnFact(name="effective_on"), length=Tenor(days=400)), minimum=minimum
        ),
        "perpetual": lambda: TermClause(ends_on=Perpetual(), minimum=minimum),
    }[shape]()
    if term.end_means is EndMeaning.FIRST_DAY_AFTER:
        term = TermClause(ends_on=ends_on, end_means=EndMeaning.UNSAID, minimum=minimum)
    length = draw(NOTICES)
    wider = Tenor(years=length.years, months=length.months + draw(st.integers(1, 3)), days=length.loose_days)
    return contract(
        effective_on=first,
        executed_on=first - timedelta(days=draw(st.integers(-40, 200))),
        term=term,
        renewal=RenewalClause(
            kind=draw(st.sampled_from(RenewalKind)), length=draw(TENORS), times=draw(st.none() | st.integers(0, 5))
        ),
        notice=NoticeClause(
            length=length,
            reference=draw(st.sampled_from(NoticeReference)),
            clear_days=draw(st.booleans()),
            not_before=draw(st.sampled_from([None, wider])),
        ),
        governing_place=draw(st.sampled_from([None, "FR", "DE", "IT", "GB-ENG", "US-NY"])),
    )


@settings(max_examples=100_000 if NIGHTLY else 200)
@given(sample=contracts(), day=st.dates(date(1997, 1, 1), date(2045, 12, 31)), given_calendar=st.booleans())
def test_explained_fast_and_day_by_day_give_one_answer(sample: Contract, day: date, given_calendar: bool) -> None:
    places = OneCalendar() if given_calendar else None
    calendar = ROME if given_calendar else None
    answer = next_notice_deadline(sample, day, places)
    explained = (answer.last_day, answer.ends_on) if isinstance(answer, Deadline) else None
    fast = compiled(sample, places)
    assert fast_next_notice(fast, day) == explained, answer
    assert fast_next_deadline(fast, day) == (None if explained is None else explained[0])
    assert brute_force(sample, day, calendar) == explained, answer
    if isinstance(answer, Deadline):
        # The day itself still counts, and the day after it no longer does.
        for near in (answer.last_day, answer.last_day + ONE_DAY):
            again = next_notice_deadline(sample, near, places)
            said = again.last_day if isinstance(again, Deadline) else None
            assert fast_next_deadline(fast, near) == said
            assert (said == answer.last_day) == (near == answer.last_day)
        assert answer.safe_day <= answer.last_day <= answer.latest_arguable
        assert {r.last_day for r in answer.readings} >= {answer.safe_day, answer.last_day, answer.latest_arguable}
        assert all(step.said("fr") and step.said("en") for step in answer.steps)


@settings(max_examples=60)
@given(sample=contracts(), start=DAYS, gaps=st.lists(st.integers(1, 400), min_size=1, max_size=12))
def test_how_often_one_looks_never_matters(sample: Contract, start: date, gaps: list[int]) -> None:
    """What a scan at some days finds is what looking every day would have found from there on."""
    fast = compiled(sample)
    seen, day = set[date](), start
    for gap in gaps:
        found = fast_next_deadline(fast, day)
        # Every day up to the deadline gives the same answer; only the day after it gives another one.
        if found is not None:
            seen.add(found)
            for step in range(0, min(gap, (found - day).days) + 1, 7):
                assert fast_next_deadline(fast, day + timedelta(days=step)) == found
        day += timedelta(days=gap)
    assert all(fast_next_deadline(fast, found) == found for found in seen)


@given(sample=contracts(), day=DAYS, missed=st.integers(1, 8))
def test_catching_up_over_missed_periods_is_the_same_as_single_steps(sample: Contract, day: date, missed: int) -> None:
    fast = compiled(sample)
    found = fast_next_deadline(fast, day)
    steps: list[date] = []
    while found is not None and len(steps) < missed:
        steps.append(found)
        found = fast_next_deadline(fast, found + ONE_DAY)
    assert steps == sorted(set(steps))
    if len(steps) == missed:
        assert fast_next_deadline(fast, steps[-1]) == steps[-1]
        assert all(fast_next_deadline(fast, a + ONE_DAY) == b for a, b in pairwise(steps))


@settings(max_examples=50)
@given(sample=contracts(), recorded=st.lists(st.tuples(st.integers(0, 4), DAYS), max_size=4), day=DAYS)
def test_events_and_amendments_change_both_answers_alike(
    sample: Contract, recorded: list[tuple[int, date]], day: date
) -> None:
    """The compiled form holds for every day asked about, whatever was recorded in between."""
    events: list[Any] = []  # of any kind, recorded out of order on purpose
    changed = Amendment(
        id=AmendmentId("A-1"), title="longer notice", base_version=0, effective_on=date(2012, 5, 5),
        notice=NoticeClause(length=Tenor(months=7), reference=NoticeReference.END_OF_TERM),
    )  # fmt: skip
    for kind, on in sorted(recorded, key=lambda one: one[1]):
        instant = at(on.isoformat())
        choice: list[e.AnyEvent] = [
            e.NonRenewalNotified(instant, "x", side=Party.OWN, served_on=on),
            e.RenewalAgreed(instant, "x", side=Party.OWN, served_on=on),
            e.Terminated(instant, "x", ground=e.Ground.MUTUAL, last_day=on),
            e.AmendmentAccepted(
                instant, "x", amendment=AmendmentId("A-1"), base_version=0, effective_on=date(2012, 5, 5)
            ),
            e.Undone(instant, "x"),
        ]
        events.append(choice[kind])
    full = contract(
        effective_on=sample.effective_on, executed_on=sample.executed_on, term=sample.term, renewal=sample.renewal,
        notice=sample.notice, governing_place=sample.governing_place, events=tuple(events), amendments=(changed,),
    )  # fmt: skip
    answer = next_notice_deadline(full, day)
    explained = (answer.last_day, answer.ends_on) if isinstance(answer, Deadline) else None
    assert fast_next_notice(compiled(full), day) == explained, answer


def test_an_amendment_taken_back_later_was_in_force_until_then() -> None:
    """Accepted in May for July, taken back in October: the answers of August are those of August for ever."""
    longer = Amendment(
        id=AmendmentId("A-1"), title="longer notice", base_version=0, effective_on=date(2025, 7, 1),
        notice=NoticeClause(length=Tenor(months=7), reference=NoticeReference.END_OF_TERM),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2025-05-10"), "x", amendment=longer.id, base_version=0, effective_on=longer.effective_on
    )
    sample = contract(amendments=(longer,), events=(accepted, e.Undone(at("2025-10-15"), "x")))
    fast = compiled(sample)
    for day, last_day in (("2025-06-30", "2026-02-28"), ("2025-08-01", "2025-10-31"), ("2025-10-15", "2026-02-28")):
        answer = next_notice_deadline(sample, date.fromisoformat(day))
        assert isinstance(answer, Deadline)
        assert fast_next_deadline(fast, date.fromisoformat(day)) == answer.last_day == date.fromisoformat(last_day)


def test_a_portfolio_is_answered_in_its_order() -> None:
    many = [contract(id=ContractId(f"C-{k}"), effective_on=date(2024, 1, 1) + timedelta(days=k)) for k in range(40)]
    expected = [next_notice_deadline(one, date(2026, 7, 1)) for one in many]
    found = fast_deadlines([compiled(one) for one in many], date(2026, 7, 1))
    assert found == [one.last_day if isinstance(one, Deadline) else None for one in expected]


def test_beyond_the_calendar_both_raise_the_same_error() -> None:
    sample = contract(effective_on=date(9998, 6, 1))
    with pytest.raises(DateRuleError):
        _ = next_notice_deadline(sample, date(9999, 12, 1))
    with pytest.raises(DateRuleError):
        _ = fast_next_deadline(compiled(sample), date(9999, 12, 1))
