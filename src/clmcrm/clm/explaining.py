"""One notice deadline with its reasons: the day, every reading the clause leaves open, and the steps.

The rule of the file: the day itself is `clmcrm.clm.deadlines.last_day_under` and nothing else. Here it is put
together with the other readings (`clmcrm.clm.notice_readings`) and the steps (`clmcrm.clm.notice_steps`).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.deadlines import Deadline, Purpose, Reading, Rule, last_day_for, opens_on, shift
from clmcrm.clm.delivery import hour_step, is_posted, post_calendar, post_step, receive_before, send_by
from clmcrm.clm.governing_regime import named_clause
from clmcrm.clm.notice_readings import (
    ALL_AT_ONCE,
    earlier_end,
    other_counts,
    plain_reading,
    receipt_by,
    safe_by,
    strict_readings,
)
from clmcrm.clm.notice_steps import (
    NOT_GIVEN,
    count_steps,
    length_words,
    longer_than_term,
    spread_step,
    weekday_step,
    window_step,
)
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference
from clmcrm.errors import OutsideCoverage
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Step, Wording


def explained(
    contract: ContractId,
    clause: NoticeClause,
    ends_on: date,
    last_day: date,
    purpose: Purpose,
    *,
    other_end: date | None,
    calendar: HolidayCalendar | None,
    law: Regime | None = None,
    term_first_day: date | None = None,
    before: tuple[Step, ...] = (),
    no_calendar: Wording = NOT_GIVEN,
) -> Deadline | Unknown:
    """The deadline `last_day` of a notice about a term that ends on `ends_on`, with its steps and open readings.

    `last_day` is what `last_day_under` gives for the clause, the end, the law and the calendar. `other_end`
    is the end of that term if the contract's stated end means the first day after it (None: it cannot, or the
    end is the same). `calendar` is where the letter is delivered (None: nothing is said about business days, and
    the steps say so, with `no_calendar` as the reason). `law` counts the time (None:
    the bare count). `term_first_day` lets a notice longer than its term be named; `before` are the steps that
    led to `ends_on`. `Unknown`, naming the clause, where its window is empty, its zone does not exist, or the
    law asks a calendar that does not reach so far.
    """
    try:
        counted = [Reading(last_day=last_day, wording=plain_reading(clause, ends_on))]
        counted += other_counts(clause, ends_on, last_day, law)
        if other_end is not None:
            counted.append(earlier_end(clause, other_end, law, calendar))
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(clause)} cannot be said: {outside}")
    window_opens = opens_on(clause, ends_on, law)
    if window_opens is not None and window_opens > last_day:
        return Unknown(f"{named_clause(clause)} opens its window on {window_opens}, after its last day {last_day}")
    hour = receive_before(clause, last_day)
    if isinstance(hour, Unknown):
        return hour
    closed = _closed(last_day, calendar)
    readings = counted + strict_readings(clause, last_day, calendar, closed)
    safe_day = min(safe_by(clause, reading.last_day, calendar) for reading in counted)
    given_by = receipt_by(clause, [reading.last_day for reading in counted], calendar, safe_day)
    too_soon = window_opens if window_opens is not None and given_by < window_opens else None
    days = [reading.last_day for reading in readings]
    if safe_day < min(days):
        readings.append(Reading(last_day=safe_day, wording=ALL_AT_ONCE))
    latest = max(days)
    leaves = send_by(clause, last_day, calendar) if is_posted(clause) else None
    steps: list[Step | None] = [
        *before,
        *count_steps(clause, ends_on, last_day, law, calendar),
        longer_than_term(clause, last_day, term_first_day),
        window_step(clause, window_opens),
        weekday_step(last_day, calendar, closed, law, no_calendar),
        hour_step(clause, last_day, hour),
        None if leaves is None else post_step(clause, leaves, post_calendar(clause, last_day, calendar)),
        spread_step(readings, safe_day, latest, too_soon=too_soon),
    ]
    return Deadline(
        contract=contract,
        purpose=purpose,
        ends_on=ends_on,
        last_day=last_day,
        safe_day=safe_day,
        latest_arguable=latest,
        opens_on=window_opens,
        send_by=leaves,
        receive_before=hour,
        law=None if law is None else law.name,
        rule=_rule(clause, ends_on, last_day, law),
        readings=tuple(readings),
        steps=tuple([step for step in steps if step is not None]),
    )


_BEFORE: Final = {
    NoticeReference.END_OF_TERM: Wording("before end of term", "avant la fin du terme"),
    NoticeReference.RENEWAL_DATE: Wording("before renewal date", "avant la date de renouvellement"),
    NoticeReference.UNSAID: Wording("before the end of the term", "avant la fin du terme"),
    NoticeReference.ANNIVERSARY: Wording("before anniversary", "avant la date anniversaire"),
    NoticeReference.END_OF_MONTH: Wording("before end of month", "avant la fin d'un mois"),
    NoticeReference.END_OF_QUARTER: Wording("before end of quarter", "avant la fin d'un trimestre"),
    NoticeReference.END_OF_HALF_YEAR: Wording("before end of half year", "avant la fin d'un semestre"),
    NoticeReference.END_OF_YEAR: Wording("before end of year", "avant la fin d'une année civile"),
    NoticeReference.ANY_TIME: Wording("from any day", "à compter de n'importe quel jour"),
}


def _rule(clause: NoticeClause, ends_on: date, last_day: date, law: Regime | None) -> Rule:
    """The clause as the rule; the law's own rule as its source where that is what decides the day."""
    place = f"the contract, {clause.citation}" if clause.citation else "the contract's notice clause"
    source = Source(citation=place, authority=Authority.CONTRACT)
    if law is not None and last_day != last_day_for(clause, ends_on):
        same_count = shift(clause, law) == shift(clause, None)
        source = law.backward.rule.source if same_count else law.clear.source
    length, before = clause.length, _BEFORE[clause.reference]
    wording = Wording.later(
        lambda: f"{length_words(length).en} {before.en}", lambda: f"{length_words(length).fr} {before.fr}"
    )
    return Rule(wording=wording, source=source)


def _closed(day: date, calendar: HolidayCalendar | None) -> str | Unknown | None:
    """Why `day` does not count, None when it does, `Unknown` when the calendar's data does not reach it."""
    if calendar is None:
        return None
    try:
        return calendar.why_closed(day)
    except OutsideCoverage as outside:
        return Unknown(str(outside))
