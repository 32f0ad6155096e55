"""What decides a contract's notices, gathered in one value, and the ends a notice can aim at.

The rule of the file: an end is admissible or not, whatever the notice period; counting back is for
`clmcrm.clm.deadlines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Final

from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import CalendarUnit, end_of, month_number
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.deadlines import last_day_under
from clmcrm.clm.notice_steps import NOT_GIVEN
from clmcrm.clm.renewals import legal_last_day
from clmcrm.clm.term_clauses import (
    EndMeaning,
    NoticeClause,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.clm.term_plans import TermPlan, counted_last_day
from clmcrm.errors import DateRuleError
from clmcrm.values.partial import known
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)
_YEAR: Final = Tenor(years=1)
UNIT_ENDS: Final = {
    NoticeReference.END_OF_MONTH: CalendarUnit.MONTH,
    NoticeReference.END_OF_QUARTER: CalendarUnit.QUARTER,
    NoticeReference.END_OF_HALF_YEAR: CalendarUnit.HALF_YEAR,
    NoticeReference.END_OF_YEAR: CalendarUnit.YEAR,
}
"""The references that are ends of the calendar's own units."""
BY_CONSENT: Final = frozenset({RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION})
"""The renewals that do not come by themselves: silence ends the contract."""


@frozen(kw_only=True)
class NoticeCase:
    """What a contract's notices are decided by: its terms, its clauses, the law and the calendar.

    `begins` is the first day on which a notice can exist, the earlier of signature and effect (None: not
    known). `calendar` is that of the governing place (None: none was given, or there is none, as `no_calendar` says).
    """

    plan: TermPlan
    clause: NoticeClause
    renewal: RenewalClause
    law: Regime | None
    calendar: HolidayCalendar | None
    begins: date | None
    no_calendar: Wording = NOT_GIVEN

    @property
    def by_consent(self) -> bool:
        """Whether the notice is what renews, and not what stops the renewal."""
        return self.renewal.kind in BY_CONSENT

    @property
    def open_ended(self) -> bool:
        """Whether, once the initial term is over, the contract may be left without waiting for an end."""
        return (
            self.plan.indefinite
            or self.plan.initial_last_day is None
            or (self.clause.reference is NoticeReference.ANY_TIME and not self.by_consent)
        )

    def last_day(self, end: date) -> date:
        """The last day for a notice about `end`; raises `OutsideCoverage` (see `last_day_under`)."""
        return last_day_under(self.clause, end, self.law, self.calendar)


def admissible_ends(case: NoticeCase, day: date) -> Iterator[date]:
    """The ends on or after `day` that a notice can aim at, earliest first; none before the minimum term.

    Nothing is counted here: an end is admissible or not, whatever the notice period.
    """
    plan, reference = case.plan, case.clause.reference
    if case.by_consent:
        return _consent_ends(plan, case.renewal, day)
    start = max(day, plan.open_from or day)
    if plan.final_day is not None and start >= plan.final_day:
        return iter(())
    if reference in UNIT_ENDS:
        return _until_final(plan, _unit_ends(UNIT_ENDS[reference], start))
    if reference is NoticeReference.ANNIVERSARY:
        return _until_final(plan, _anniversaries(plan, start))
    if case.open_ended:
        first = plan.open_from
        return _until_final(plan, iter(() if first is None or first < day else (first,)))
    return _term_ends(plan, day)


def end_read_otherwise(case: NoticeCase, term: TermClause, end: date) -> date | None:
    """The end in the place of `end` if the stated end of the first term is the first day after it.

    None where the clause says what its end means, or where another meaning changes nothing: the ends of calendar
    units and anniversaries do not hang on it, nor does a minimum.
    """
    plan, initial = case.plan, case.plan.initial_last_day
    unsaid = isinstance(term.ends_on, date) and term.until is None and term.end_means is EndMeaning.UNSAID
    own = case.clause.reference in UNIT_ENDS or case.clause.reference is NoticeReference.ANNIVERSARY
    if not unsaid or initial is None or (own and not case.by_consent) or end == plan.minimum:
        return None
    if initial <= (known(plan.first_day) or date.min):
        return None
    index, length = 0 if end == initial else plan.index_on(end), plan.length
    if index == 0:
        return initial - _ONE_DAY
    if index is None or length is None:
        return None
    # The renewals are then counted from the stated end itself, which is the first day of the next term.
    other = counted_last_day(initial, length.whole_months * index, length.loose_days * index)
    return None if other == end else other


def _until_final(plan: TermPlan, ends: Iterator[date]) -> Iterator[date]:
    """The ends before the one at which the contract ends by itself, if there is one."""
    final = plan.final_day
    for end in ends:
        if final is not None and end >= final:
            return
        yield end


def _term_ends(plan: TermPlan, day: date) -> Iterator[date]:
    """The ends of terms that would be followed by another one, from the minimum term's on."""
    for index, end in plan.ends_from(max(day, plan.minimum or day)):
        if not plan.has_end(index + 1):
            return
        yield end


def _consent_ends(plan: TermPlan, renewal: RenewalClause, day: date) -> Iterator[date]:
    """The end of the last term agreed so far, if one more may be agreed."""
    agreed = plan.times or 0
    if renewal.times is not None and agreed >= renewal.times:
        return
    term = plan.term(agreed)
    if term is not None and term.next_first_day is not None and term.last_day is not None and term.last_day >= day:
        yield term.last_day


def _unit_ends(unit: CalendarUnit, day: date) -> Iterator[date]:
    while True:
        end = end_of(unit, day)
        yield end
        if end == date.max:
            return
        day = end + _ONE_DAY


def _anniversaries(plan: TermPlan, day: date) -> Iterator[date]:
    """The days before the anniversaries of the first day."""
    first_day = known(plan.first_day)
    if first_day is None:
        return
    for k in count(max(1, (month_number(day) - month_number(first_day)) // 12)):
        try:
            end = legal_last_day(first_day, _YEAR.times(k))
        except DateRuleError:
            if plan.final_day is None:
                raise
            return  # the contract ends by itself before that anniversary
        if end >= day:
            yield end
