"""One notice deadline with its reasons: the day, every reading the clause leaves open, and the steps.

The rule of the file: the day itself is `clmcrm.clm.deadlines.last_day_under` and nothing else; what is
added here are words, the other readings, and the safe day, on which every strict reading holds at once.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import forward, latest_start
from clmcrm.calendars.reasoning import cited
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.deadlines import (
    Deadline,
    Purpose,
    Reading,
    Rule,
    assumed_calendar,
    last_day_for,
    last_day_under,
    moves_back,
    opens_on,
    shift,
)
from clmcrm.clm.delivery import (
    hour_step,
    is_posted,
    open_day_before,
    post_calendar,
    post_step,
    receive_before,
    send_by,
)
from clmcrm.clm.governing_regime import named_clause
from clmcrm.clm.term_clauses import NoticeClause, NoticeEffect, NoticeReference
from clmcrm.errors import OutsideCoverage
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown
from clmcrm.values.source import Authority, Source
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Language, Step, Wording, day_words

_ONE_DAY: Final = timedelta(days=1)


def explained(
    contract: ContractId,
    clause: NoticeClause,
    ends_on: date,
    last_day: date,
    purpose: Purpose,
    *,
    end_unsaid: bool,
    calendar: HolidayCalendar | None,
    law: Regime | None = None,
    term_first_day: date | None = None,
    before: tuple[Step, ...] = (),
) -> Deadline | Unknown:
    """The deadline `last_day` of a notice about a term that ends on `ends_on`, with its steps and open readings.

    `last_day` is what `last_day_under` gives for the clause, the end, the law and the calendar. `end_unsaid`
    says that the contract's stated end may also mean the first day after it. `calendar` is where the letter is
    delivered (None: nothing is said about business days, and the steps say so). `law` counts the time (None:
    the bare count). `term_first_day` lets a notice longer than its term be named; `before` are the steps that
    led to `ends_on`. `Unknown`, naming the clause, where its window is empty, its zone does not exist, or the
    law asks a calendar that does not reach so far.
    """
    try:
        counted = [Reading(last_day=last_day, wording=_plain_reading(clause, ends_on))]
        counted += _other_counts(clause, ends_on, last_day, law)
        if end_unsaid:
            counted.append(_earlier_end(clause, ends_on - _ONE_DAY, law, calendar))
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(clause)} cannot be said: {outside}")
    window_opens = opens_on(clause, ends_on, law)
    if window_opens is not None and window_opens > last_day:
        return Unknown(f"{named_clause(clause)} opens its window on {window_opens}, after its last day {last_day}")
    hour = receive_before(clause, last_day)
    if isinstance(hour, Unknown):
        return hour
    closed = _closed(last_day, calendar)
    readings = counted + _strict_readings(clause, last_day, calendar, closed)
    safe_day = min(_safe(clause, reading.last_day, calendar) for reading in counted)
    days = [reading.last_day for reading in readings]
    if safe_day < min(days):
        readings.append(Reading(last_day=safe_day, wording=_ALL_AT_ONCE))
    latest = max(days)
    leaves = send_by(clause, last_day, calendar) if is_posted(clause) else None
    steps: list[Step | None] = [
        *before,
        *_count_steps(clause, ends_on, last_day, law, calendar),
        _longer_than_term(clause, last_day, term_first_day),
        _window_step(clause, window_opens),
        _weekday_step(last_day, calendar, closed, law),
        hour_step(clause, last_day, hour),
        None if leaves is None else post_step(clause, leaves, post_calendar(calendar, last_day)),
        _spread_step(readings, safe_day, latest),
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


_ALL_AT_ONCE: Final = Wording(
    "if the strict readings hold together", "si les lectures les plus strictes valent toutes à la fois"
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


@lru_cache(maxsize=1024)
def length_words(length: Tenor) -> Wording:
    """The length in words, as written.

    >>> length_words(Tenor(months=3)).fr
    '3 mois'
    """
    return Wording(length.words, length.said("fr"))


def _plain_reading(clause: NoticeClause, ends_on: date) -> Wording:
    if clause.reference is NoticeReference.RENEWAL_DATE:
        return Wording.later(
            lambda: f"counted back from the renewal date, {ends_on + _ONE_DAY}",
            lambda: f"compté à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
    return Wording.later(
        lambda: f"counted back from the last day of the term, {ends_on}",
        lambda: f"compté à rebours du dernier jour du terme, le {ends_on}",
    )


def _other_counts(clause: NoticeClause, ends_on: date, last_day: date, law: Regime | None) -> list[Reading]:
    """The other ways to count, before anything is said of closed days and letters."""
    readings: list[Reading] = []
    bare = last_day if law is None else last_day_for(clause, ends_on)
    if law is not None and bare != last_day:
        wording = Wording.later(
            lambda: f"if the bare count holds and not the rule of {law.title.en}",
            lambda: f"si le simple décompte vaut, et non la règle : {law.title.fr}",
        )
        readings.append(Reading(last_day=bare, wording=wording))
    if clause.reference is NoticeReference.UNSAID:
        wording = Wording.later(
            lambda: f"if the period counts back from the renewal date, {ends_on + _ONE_DAY}",
            lambda: f"si le délai se compte à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
        reach = ends_on + _ONE_DAY * (1 - clause.clear_days)
        readings.append(Reading(last_day=latest_start(reach, clause.length), wording=wording))
    return readings


def _earlier_end(clause: NoticeClause, earlier: date, law: Regime | None, calendar: HolidayCalendar | None) -> Reading:
    wording = Wording.later(
        lambda: f"if the stated end means the first day after the term, so that it ends on {earlier}",
        lambda: f"si la fin indiquée est le premier jour après le terme, qui échoit alors le {earlier}",
    )
    return Reading(last_day=last_day_under(clause, earlier, law, calendar), wording=wording)


def _strict_readings(
    clause: NoticeClause, last_day: date, calendar: HolidayCalendar | None, closed: str | Unknown | None
) -> list[Reading]:
    """What follows when nobody is there on the last day, or when receipt counts after all."""
    readings: list[Reading] = []
    if calendar is not None and isinstance(closed, str):
        wording = Wording.later(
            lambda: f"if nobody receives a notice on {last_day} ({closed}, {calendar.name})",
            lambda: f"si personne ne reçoit de notification le {last_day} ({closed}, {calendar.name})",
        )
        readings.append(Reading(last_day=open_day_before(last_day, calendar), wording=wording))
    if is_posted(clause) and clause.effect is NoticeEffect.UNSAID:
        wording = Wording.later(
            lambda: f"if receipt counts and not dispatch: a letter takes {clause.deemed_days} business days",
            lambda: f"si la réception compte et non l'envoi : une lettre met {clause.deemed_days} jours ouvrés",
        )
        readings.append(Reading(last_day=send_by(clause, last_day, calendar), wording=wording))
    return readings


def _safe(clause: NoticeClause, day: date, calendar: HolidayCalendar | None) -> date:
    """`day`, or earlier where it is closed or a letter takes its time."""
    open_day = day if calendar is None else open_day_before(day, calendar)
    return min(open_day, send_by(clause, day, calendar)) if is_posted(clause) else open_day


def _count_steps(
    clause: NoticeClause, ends_on: date, last_day: date, law: Regime | None, calendar: HolidayCalendar | None
) -> list[Step]:
    """How the period was counted back, by which law, and whether the law then moved the day."""
    if law is None:
        return [_period_step(clause, ends_on, last_day, None)]
    wording = Wording.later(
        lambda: f"time is counted by: {law.title.en} ({law.name})",
        lambda: f"le temps se compte selon : {law.title.fr} ({law.name})",
    )
    counted = latest_start(ends_on + _ONE_DAY * shift(clause, law), clause.length)
    steps = [Step(None, wording), _period_step(clause, ends_on, counted, law)]
    if shift(clause, law) != shift(clause, None):
        wording = Wording("the whole period lies between", "le délai entier s'intercale")
        steps.append(Step(counted, cited(wording, law.clear)))
    if last_day != counted:
        used = calendar or assumed_calendar(law, counted)
        why = used.why_closed(counted)
        wording = Wording.later(
            lambda: (
                f"{day_words(counted)} does not count ({why}; {used.name}, {used.version}); the last day is "
                f"{day_words(last_day)}"
            ),
            lambda: (
                f"le {day_words(counted, 'fr')} ne compte pas ({why} ; {used.name}, {used.version}) ; le dernier "
                f"jour est le {day_words(last_day, 'fr')}"
            ),
        )
        steps.append(Step(last_day, cited(wording, law.backward.rule)))
    return steps


def _period_step(clause: NoticeClause, ends_on: date, day: date, law: Regime | None) -> Step:
    return Step(
        day,
        Wording.later(
            lambda: _period_said(clause, ends_on, day, law, "en"), lambda: _period_said(clause, ends_on, day, law, "fr")
        ),
    )


def _period_said(clause: NoticeClause, ends_on: date, day: date, law: Regime | None, language: Language) -> str:
    """Why `day` is the last one: from when to when the period runs, and what a day later would bring."""
    too_late = day + _ONE_DAY
    runs_out, next_out = forward(day, clause.length), forward(too_late, clause.length)
    length = length_words(clause.length).said(language)
    source = "" if law is None else f" ({law.notice.source})"
    if language == "en":
        full = " clear" if clause.clear_days else ""
        return (
            f"the last day for the notice: {length}{full} from {day} run out on {runs_out}; "
            f"from {too_late} they would run out on {next_out}, too late for the term ending {ends_on}{source}"
        )
    full = " francs" if clause.clear_days else ""
    return (
        f"dernier jour pour notifier : le délai de {length}{full} à partir du {day} expire le {runs_out} ; à partir "
        f"du {too_late} il expirerait le {next_out}, trop tard pour le terme échéant le {ends_on}"
        f"{source.replace('(derived)', '(notre lecture)')}"
    )


def _longer_than_term(clause: NoticeClause, last_day: date, first_day: date | None) -> Step | None:
    if first_day is None or last_day >= first_day:
        return None
    return Step(
        last_day,
        Wording.later(
            lambda: f"the notice of {clause.length.words} is longer than the term, which begins only on {first_day}",
            lambda: f"le préavis de {clause.length.said('fr')} dépasse le terme, qui ne commence que le {first_day}",
        ),
    )


def _window_step(clause: NoticeClause, opens: date | None) -> Step | None:
    longest = clause.not_before
    if opens is None or longest is None:
        return None
    return Step(
        opens,
        Wording.later(
            lambda: f"notice may be given from this day: not more than {longest.words} before",
            lambda: f"la notification est possible dès ce jour : pas plus de {longest.said('fr')} avant",
        ),
    )


def _closed(day: date, calendar: HolidayCalendar | None) -> str | Unknown | None:
    """Why `day` does not count, None when it does, `Unknown` when the calendar's data does not reach it."""
    if calendar is None:
        return None
    try:
        return calendar.why_closed(day)
    except OutsideCoverage as outside:
        return Unknown(str(outside))


def _weekday_step(
    last_day: date, calendar: HolidayCalendar | None, closed: str | Unknown | None, law: Regime | None
) -> Step:
    if calendar is not None:
        return _open_or_not(last_day, calendar, closed, law)
    return Step(
        last_day,
        Wording.later(
            lambda: f"this is a {day_words(last_day)}; no calendar was given, so business days were not looked at",
            lambda: (
                f"c'est un {day_words(last_day, 'fr')} ; aucun calendrier n'étant donné, les jours ouvrés n'ont "
                "pas été examinés"
            ),
        ),
    )


def _open_or_not(last_day: date, calendar: HolidayCalendar, closed: str | Unknown | None, law: Regime | None) -> Step:
    source = f"{calendar.name}, {calendar.version}"
    if isinstance(closed, Unknown):
        return Step(
            last_day,
            Wording.later(
                lambda: f"this is a {day_words(last_day)}; whether it is a business day is not known: {closed.reason}",
                lambda: f"c'est un {day_words(last_day, 'fr')} ; on ne sait s'il est ouvré : {closed.reason}",
            ),
        )
    if closed is None:
        return Step(
            last_day,
            Wording.later(
                lambda: f"this is {day_words(last_day)}, a business day ({source})",
                lambda: f"c'est un jour ouvré, {day_words(last_day, 'fr')} ({source})",
            ),
        )
    wording = Wording.later(
        lambda: (
            f"this is {day_words(last_day)}, no business day: {closed} ({source}); a period counted backwards is not "
            "moved forward, so a notice on the next business day would be late"
        ),
        lambda: (
            f"c'est {day_words(last_day, 'fr')}, jour non ouvré : {closed} ({source}) ; un délai compté à rebours "
            "n'est pas reporté, une notification le jour ouvré suivant serait tardive"
        ),
    )
    decides = law is not None and not moves_back(law)
    return Step(last_day, cited(wording, law.backward.rule) if law is not None and decides else wording)


def _spread_step(readings: list[Reading], safe_day: date, latest: date) -> Step | None:
    if safe_day == latest:
        return None
    strictest = next(reading.wording for reading in readings if reading.last_day == safe_day)
    widest = next(reading.wording for reading in readings if reading.last_day == latest)
    return Step(
        safe_day,
        Wording.later(
            lambda: (
                f"a notice by this day is in time under every reading ({strictest.en}); under the most generous "
                f"one, {latest} ({widest.en})"
            ),
            lambda: (
                f"une notification à cette date est à temps dans toutes les lectures ({strictest.fr}) ; dans la plus "
                f"large, {latest} ({widest.fr})"
            ),
        ),
    )
