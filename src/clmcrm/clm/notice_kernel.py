"""The next notice deadline, fast: a contract is compiled once, and each question is then a few additions.

The rule of the file: the kernel has no opinion of its own. It answers what
`clmcrm.clm.notice.next_notice_deadline` answers, without the steps; tests tie the two, and both to a search
day by day. Every set of ends a notice can aim at is one series: end k lies `step` months (and `loose` days)
after end k - 1, counted from the anchor. The forward rule is applied to the day asked about, once, and the
first end not before its result is the answer.
"""
# ruff: noqa: FURB136, PLR1730 - a comparison in place costs a third of a call to min or max

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar
from clmcrm.calendars.legal_counting import moved
from clmcrm.calendars.months import add_days, latest_start, month_length, month_number, nth
from clmcrm.calendars.regimes.record import Regime, WhenClosed
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import assumed_calendar, moves_back, shift
from clmcrm.clm.delivery import receive_before
from clmcrm.clm.hindsight import as_recorded
from clmcrm.clm.notice import notice_case, settled_end
from clmcrm.clm.notice_case import UNIT_ENDS, NoticeCase, admissible_ends
from clmcrm.clm.term_clauses import NoticeReference
from clmcrm.clm.versions import as_amended
from clmcrm.errors import DateRuleError
from clmcrm.values.partial import Unknown, known
from clmcrm.values.tenor import Tenor

# The lengths of the months repeat every 400 years.
_CYCLE: Final = 4800
_LENGTHS: Final = bytes(month_length(month) for month in range(_CYCLE))
_LAST_MONTH: Final = month_number(date.max)
_MONTH_END: Final = 31
_ANY_DAY: Final = date(2000, 1, 1)
_UNLIMITED: Final = 1 << 40
_UNIT_MONTHS: Final = {
    NoticeReference.END_OF_MONTH: 1,
    NoticeReference.END_OF_QUARTER: 3,
    NoticeReference.END_OF_HALF_YEAR: 6,
    NoticeReference.END_OF_YEAR: 12,
}
_TEN_THOUSAND_MONTHS: Final = 304_369
"""How many days ten thousand months have on average, rounded: 30.4369 each."""


class _Series(NamedTuple):
    """The ends a notice can aim at, and the notice period, as whole numbers.

    End k (`lowest` to `highest`) is day `day` (at most the month's last) of month `base` + k `step`, then
    `ahead` + k `loose` days on, one more where the month has no such day (it then ends with its last).
    `months`, `days` and `shift` are the notice period and what it is counted back from; `begins` is the first
    day on which a notice can exist. `window` is the longer period before which notice may not be given (None: any).
    """

    base: int
    day: int
    step: int
    ahead: int
    loose: int
    lowest: int
    highest: int
    months: int
    days: int
    shift: int
    begins: date
    law: Regime | None
    calendar: HolidayCalendar | None
    window: Tenor | None

    def end(self, k: int) -> date:
        """End number `k`."""
        month = self.base + k * self.step
        year, index = divmod(month, 12)
        length = _LENGTHS[month % _CYCLE]
        day = date(year, index + 1, min(self.day, length))
        if not (self.ahead or self.loose):
            return day
        return add_days(day, self.ahead + k * self.loose + (self.day > length))


@frozen
class CompiledNotice:
    """A contract's notice terms, ready for any number of questions.

    `pieces` hold from each of the days `starts` on, for what is recorded changes with the days; None where
    there is no deadline, or none that can be known (`next_notice_deadline` says why).
    """

    starts: tuple[date, ...] = field(repr=False)
    pieces: tuple[_Series | None, ...] = field(repr=False)


def compiled(contract: Contract, calendars: CalendarSource | None = None) -> CompiledNotice:
    """The contract compiled for `fast_next_deadline`; compile it anew when it or a calendar changes.

    `calendars` matter only where the law moves a closed day back.
    """
    days = {date.min, *(event.at.date() for event in contract.events)}
    # Also those taken back since: until then they were in force from their day on.
    days |= {amendment.effective_on for amendment in contract.amendments}
    starts, pieces = list[date](), list[_Series | None]()
    for day in sorted(days):
        piece = _compiled_on(contract, day, calendars)
        if not starts or piece != pieces[-1]:
            starts.append(day)
            pieces.append(piece)
    return CompiledNotice(tuple(starts), tuple(pieces))


def fast_next_deadline(notice: CompiledNotice, as_of: date) -> date | None:
    """The next last day for a notice on or after `as_of`; None where there is none, or none is known.

    The day `next_notice_deadline` gives as `last_day`. Raises `DateRuleError` beyond year 9999 and
    `OutsideCoverage` where a law that moves closed days back asks a calendar that does not reach so far.

    >>> from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> yearly = Contract(
    ...     id=ContractId("C"), title="t", kind=ContractKind.SALES, effective_on=date(2024, 6, 1),
    ...     term=TermClause(initial=Tenor(years=1)),
    ...     renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
    ...     notice=NoticeClause(length=Tenor(months=3)),
    ... )
    >>> fast_next_deadline(compiled(yearly), date(2026, 3, 1))
    datetime.date(2027, 2, 28)
    """
    pieces = notice.pieces
    series = pieces[0] if len(pieces) == 1 else pieces[bisect_right(notice.starts, as_of) - 1]
    if series is None:
        return None
    try:
        if series.loose or series.ahead or series.law is not None or series.window is not None:
            found = _stepwise(series, as_of)
            return None if found is None else found[0]
        return _closed_form(series, as_of)
    except ValueError as error:
        raise _beyond(error) from None


def fast_next_notice(notice: CompiledNotice, as_of: date) -> tuple[date, date] | None:
    """As `fast_next_deadline`, with the end the notice is about: (last day for the notice, last day of the term)."""
    series = notice.pieces[bisect_right(notice.starts, as_of) - 1]
    if series is None:
        return None
    try:
        return _stepwise(series, as_of)
    except ValueError as error:
        raise _beyond(error) from None


def fast_deadlines(notices: Iterable[CompiledNotice], as_of: date) -> list[date | None]:
    """The next deadline of each, in the order given: a portfolio at one glance."""
    return [fast_next_deadline(notice, as_of) for notice in notices]


def _closed_form(series: _Series, as_of: date) -> date | None:
    """The answer for ends whole months apart: two clips and two divisions, no loop, no date in between."""
    base, day, step, _, _, lowest, highest, months, days, ahead, begins, _, _, _ = series
    asked = begins if as_of < begins else as_of
    # What the period, begun on the day asked about, runs out on: the end must not lie before it.
    month, number = asked.year * 12 + asked.month - 1 + months, asked.day
    length = _LENGTHS[month % _CYCLE]
    if number > length:
        number = length
    if days != ahead:
        reached = date.fromordinal(date(month // 12, month % 12 + 1, number).toordinal() + days - ahead)
        month, number = reached.year * 12 + reached.month - 1, reached.day
    k = -((base - month) // step)
    if k < lowest:
        k = lowest
    month_of_end = base + k * step
    length = _LENGTHS[month_of_end % _CYCLE]
    end = day if day < length else length
    if month_of_end == month and number > end:
        k += 1
        month_of_end += step
        length = _LENGTHS[month_of_end % _CYCLE]
        end = day if day < length else length
    if k > highest:
        return None
    # The inverse of the forward rule: where the month is complete, any day of the earlier month will do.
    if days != ahead:
        ordinal = date(month_of_end // 12, month_of_end % 12 + 1, end).toordinal() + ahead - days
        arrival = date.fromordinal(ordinal)
        month_of_end, end = arrival.year * 12 + arrival.month - 1, arrival.day
        length = _LENGTHS[month_of_end % _CYCLE]
    month = month_of_end - months
    if end == length:
        end = _MONTH_END
    length = _LENGTHS[month % _CYCLE]
    return date(month // 12, month % 12 + 1, end if end < length else length)


def _stepwise(series: _Series, as_of: date) -> tuple[date, date] | None:
    """The answer for any series: a first guess, at most a few steps beside it, and the closed days."""
    asked = max(as_of, series.begins)
    period = Tenor(months=series.months, days=series.days)
    reached = add_days(nth(asked, period, 1), -series.shift)
    k = max(series.lowest, min(series.highest, _guess(series, reached)))
    while k > series.lowest and series.end(k - 1) >= reached:
        k -= 1
    while k <= series.highest and series.end(k) < reached:
        k += 1
    while k <= series.highest:
        end = series.end(k)
        day = latest_start(add_days(end, series.shift), period)
        if series.law is not None:
            used = series.calendar or assumed_calendar(series.law, day)
            day = moved(day, WhenClosed.PREVIOUS, used)
        if day >= asked:
            return None if _not_yet_open(series, day, end) else (day, end)
        k += 1
    return None


def _not_yet_open(series: _Series, day: date, end: date) -> bool:
    """Whether the window opens only after the last day for the notice: such a window is empty, and no day is known."""
    if series.window is None:
        return False
    return add_days(latest_start(add_days(end, series.shift - 1), series.window), 1) > day


def _guess(series: _Series, reached: date) -> int:
    """About which end is the first on or after `reached`."""
    year, index = divmod(series.base, 12)
    passed = reached.toordinal() - date(max(year, 1), index + 1, 1).toordinal() - series.ahead
    return passed * 10_000 // (series.step * _TEN_THOUSAND_MONTHS + series.loose * 10_000)


def _beyond(error: ValueError) -> DateRuleError:
    return error if isinstance(error, DateRuleError) else DateRuleError(f"outside years 1 to 9999: {error}")


def _compiled_on(contract: Contract, day: date, calendars: CalendarSource | None) -> _Series | None:
    recorded = as_recorded(contract, day)
    if settled_end(recorded, calendars) is not None:
        return None
    case = notice_case(as_amended(recorded, day), calendars)
    if not isinstance(case, NoticeCase) or isinstance(receive_before(case.clause, _ANY_DAY), Unknown):
        return None
    return _series(case)


def _series(case: NoticeCase) -> _Series | None:
    """The ends of a case as one series; None where there are none."""
    law = case.law if case.law is not None and moves_back(case.law) else None
    length, plan = case.clause.length, case.plan
    whole = _Series(
        base=0, day=_MONTH_END, step=1, ahead=0, loose=0, lowest=0, highest=_UNLIMITED,
        months=length.whole_months, days=length.loose_days, shift=shift(case.clause, case.law),
        begins=case.begins or date.min, law=law, calendar=None if law is None else case.calendar,
        window=case.clause.not_before,
    )  # fmt: skip
    reference = case.clause.reference
    if reference in UNIT_ENDS and not case.by_consent:
        size = _UNIT_MONTHS[reference]
        return _bounded(whole._replace(base=size - 1, step=size), case, 12 // size)
    first_day = known(plan.first_day)
    if reference is NoticeReference.ANNIVERSARY and not case.by_consent:
        return None if first_day is None else _bounded(_from(whole, first_day, Tenor(years=1)), case, 1)
    if case.by_consent or case.open_ended:
        end = next(admissible_ends(case, date.min), None)
        return None if end is None else whole._replace(base=month_number(end), day=end.day, highest=0)
    return _of_terms(whole, case)


def _of_terms(whole: _Series, case: NoticeCase) -> _Series | None:
    """The ends of terms that would be followed by another one."""
    plan = case.plan
    if plan.length is None or plan.initial_last_day is None or plan.initial_last_day == date.max:
        return None
    lowest = 0 if plan.minimum is None else plan.index_on(plan.minimum)
    highest = _UNLIMITED if plan.times is None else plan.times - 1
    if lowest is None or lowest > highest:
        return None
    anchor = plan.anchor or add_days(plan.initial_last_day, 1)
    return _from(whole, anchor, plan.length, plan.offset)._replace(lowest=lowest, highest=highest)


def _from(whole: _Series, anchor: date, length: Tenor, offset: Tenor | None = None) -> _Series:
    """The legal last days of `offset` and k times `length` from `anchor`, which is counted."""
    months, days = (0, 0) if offset is None else (offset.whole_months, offset.loose_days)
    base = month_number(anchor) + months
    if length.loose_days or days:
        return whole._replace(
            base=base, day=anchor.day, step=length.whole_months, ahead=days - 1, loose=length.loose_days
        )
    # The day before the first of a month is the last of the one before.
    if anchor.day == 1:
        return whole._replace(base=base - 1, step=length.whole_months)
    return whole._replace(base=base, day=anchor.day - 1, step=length.whole_months)


def _bounded(series: _Series, case: NoticeCase, lowest: int) -> _Series | None:
    """The series from the first end that is open to a notice to the last one before the contract ends."""
    plan = case.plan
    if plan.open_from is not None and plan.final_day is not None and plan.open_from >= plan.final_day:
        return None
    if plan.open_from is not None:
        lowest = max(lowest, _first_at(series, plan.open_from))
    highest = _UNLIMITED if plan.final_day is None else _first_at(series, plan.final_day) - 1
    return None if lowest > highest else series._replace(lowest=lowest, highest=highest)


def _first_at(series: _Series, day: date) -> int:
    """The number of the first end on or after `day`."""
    k = -((series.base - month_number(day)) // series.step)
    if series.base + k * series.step > _LAST_MONTH:
        return k  # that end lies beyond the calendar, and so after every day of it
    return k if series.end(k) >= day else k + 1
