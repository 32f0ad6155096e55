"""A notice deadline step by step: how the period was counted back, when it opens, what day of the week it ends on.

The rule of the file: nothing is decided here; each step says, in English and French, a day already found.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import reached
from clmcrm.calendars.months import forward
from clmcrm.calendars.reasoning import cited, why_closed
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.deadlines import Reading, assumed_calendar, counted_back, moves_back, shift
from clmcrm.clm.term_clauses import NoticeClause
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Language, Step, Wording, day_words

_ONE_DAY: Final = timedelta(days=1)


@lru_cache(maxsize=1024)
def length_words(length: Tenor) -> Wording:
    """The length in words, as written.

    >>> length_words(Tenor(months=3)).fr
    '3 mois'
    """
    return Wording(length.words, length.said("fr"))


def count_steps(
    clause: NoticeClause, ends_on: date, last_day: date, law: Regime | None, calendar: HolidayCalendar | None
) -> list[Step]:
    """How the period was counted back, by which law, and whether the law then moved the day."""
    if law is None:
        return [_period_step(clause, ends_on, last_day, None)]
    wording = Wording.later(
        lambda: f"time is counted by: {law.title.en} ({law.name})",
        lambda: f"le temps se compte selon : {law.title.fr} ({law.name})",
    )
    counted = counted_back(clause, ends_on, law)
    steps = [Step(None, wording), _period_step(clause, ends_on, counted, law)]
    if shift(clause, law) != shift(clause, None):
        wording = Wording("the whole period lies between", "le délai entier s'intercale")
        steps.append(Step(counted, cited(wording, law.clear)))
    if last_day != counted:
        used = calendar or assumed_calendar(law, counted)
        why = why_closed(counted, used) or Wording("no business day", "jour non ouvré")
        wording = Wording.later(
            lambda: (
                f"{day_words(counted)} does not count ({why.en}; {used.name}, {used.version}); the last day is "
                f"{day_words(last_day)}"
            ),
            lambda: (
                f"le {day_words(counted, 'fr')} ne compte pas ({why.fr} ; {used.name}, {used.version}) ; le dernier "
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
    runs_out, next_out = forward(day, clause.length), reached(too_late, clause.length)
    length = length_words(clause.length).said(language)
    source = "" if law is None else f" ({law.notice.source})"
    if language == "en":
        full = " clear" if clause.clear_days else ""
        late = f"on {next_out}" if next_out else "after year 9999"
        return (
            f"the last day for the notice: {length}{full} from {day} run out on {runs_out}; "
            f"from {too_late} they would run out {late}, too late for the term ending {ends_on}{source}"
        )
    full = " francs" if clause.clear_days else ""
    late = f"le {next_out}" if next_out else "après l'an 9999"
    return (
        f"dernier jour pour notifier : le délai de {length}{full} à partir du {day} expire le {runs_out} ; à partir "
        f"du {too_late} il expirerait {late}, trop tard pour le terme échéant le {ends_on}"
        f"{source.replace('(derived)', '(notre lecture)')}"
    )


def longer_than_term(clause: NoticeClause, last_day: date, first_day: date | None) -> Step | None:
    """That the notice is longer than its term; None where the last day lies in it, or where it begins is not known."""
    if first_day is None or last_day >= first_day:
        return None
    return Step(
        last_day,
        Wording.later(
            lambda: f"the notice of {clause.length.words} is longer than the term, which begins only on {first_day}",
            lambda: f"le préavis de {clause.length.said('fr')} dépasse le terme, qui ne commence que le {first_day}",
        ),
    )


def window_step(clause: NoticeClause, opens: date | None) -> Step | None:
    """When notice may be given at the earliest; None where the clause opens no window."""
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


NOT_GIVEN: Final = Wording("no calendar was given", "aucun calendrier n'étant donné")
"""Why there is no calendar, where the caller gave none."""

_NO_PLACE: Final = Wording(
    "the place whose law governs is not recorded", "le lieu dont la loi régit le contrat n'étant pas enregistré"
)


def why_no_calendar(place: str | None, *, given: bool) -> Wording:
    """Why a contract governed by the law of `place` has no calendar, though some may have been `given`.

    >>> why_no_calendar("ZZ", given=True).en
    'no calendar of ZZ is known'
    """
    if not given:
        return NOT_GIVEN
    if place is None:
        return _NO_PLACE
    return Wording(f"no calendar of {place} is known", f"aucun calendrier de {place} n'étant connu")


def weekday_step(
    last_day: date,
    calendar: HolidayCalendar | None,
    closed: str | Unknown | None,
    law: Regime | None,
    no_calendar: Wording = NOT_GIVEN,
) -> Step:
    """What day of the week the last day is, and whether it counts: `closed` says why not (None: it is open).

    `no_calendar` says why there is no calendar, where there is none.
    """
    if calendar is not None:
        return _open_or_not(last_day, calendar, closed, law)
    return Step(
        last_day,
        Wording.later(
            lambda: f"this is a {day_words(last_day)}; {no_calendar.en}, so business days were not looked at",
            lambda: f"c'est un {day_words(last_day, 'fr')} ; {no_calendar.fr}, les jours ouvrés n'ont pas été examinés",
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
    named = why_closed(last_day, calendar) or Wording(closed, closed)
    wording = Wording.later(
        lambda: (
            f"this is {day_words(last_day)}, no business day: {closed} ({source}); a period counted backwards is not "
            "moved forward, so a notice on the next business day would be late"
        ),
        lambda: (
            f"c'est {day_words(last_day, 'fr')}, jour non ouvré : {named.fr} ({source}) ; un délai compté à rebours "
            "n'est pas reporté, une notification le jour ouvré suivant serait tardive"
        ),
    )
    decides = law is not None and not moves_back(law)
    return Step(last_day, cited(wording, law.backward.rule) if law is not None and decides else wording)


def spread_step(readings: list[Reading], safe_day: date, latest: date, *, too_soon: date | None) -> Step | None:
    """The day on which a notice is in time under every reading; None where all readings give the same day.

    `too_soon` is the day the clause's window opens, where a notice by the safe day would come before it.
    """
    if safe_day == latest:
        return None
    strictest = next(reading.wording for reading in readings if reading.last_day == safe_day)
    widest = next(reading.wording for reading in readings if reading.last_day == latest)
    if too_soon is not None:
        return Step(
            safe_day,
            Wording.later(
                lambda: (
                    f"no day is in time under every reading: this one is the last under the strictest "
                    f"({strictest.en}), and notice may be given only from {too_soon}; under the most generous one, "
                    f"until {latest} ({widest.en})"
                ),
                lambda: (
                    f"aucun jour n'est à temps dans toutes les lectures : celui-ci est le dernier de la plus stricte "
                    f"({strictest.fr}), et la notification n'est possible que dès le {too_soon} ; dans la plus large, "
                    f"jusqu'au {latest} ({widest.fr})"
                ),
            ),
        )
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
