"""What one row says about time: its dates, its term, its renewal, its notice, each with its doubts reported.

The rule of the file: a date that cannot be right (outside the believed years, an end before the start) is
reported and becomes unknown; an assumption is made only where the mapping declares it, and is reported for
each row it is made in.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs
from attrs import frozen

from clmcrm.adapters.tabular.fields import STARTS, BareRenewal, Field, InitialTerm
from clmcrm.adapters.tabular.layout import RowReading
from clmcrm.clm.reading import read_notice, read_renewal, renewal_words
from clmcrm.clm.reading_dates import read_date, read_end
from clmcrm.clm.reading_lengths import read_tenor
from clmcrm.clm.renewals import legal_last_day
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.values.partial import NOT_STATED, DayFact, EndFact, PartialDate, Perpetual, Unknown, known, why_not
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor

ASSUMED: Final = "assumed to be as long as a renewal; durée présumée, celle d'une reconduction"
"""The citation of a term that nobody stated; the steps of its deadlines repeat it, in either language."""

_TWO_YEARS: Final = 731
_READ_AS: Final = {
    RenewalKind.TACIT: "a tacit renewal",
    RenewalKind.EXPRESS: "an express renewal",
    RenewalKind.MUTUAL: "a renewal by mutual agreement",
    RenewalKind.OPTION: "an option to renew",
}


@frozen(kw_only=True)
class Agreed:
    """What a row says about time, ready for the record; `started` is the column its first day comes from."""

    executed_on: DayFact
    effective_on: DayFact
    started: Field
    term: TermClause | Unknown
    renewal: RenewalClause | Unknown
    notice: NoticeClause | Unknown


def agreed(reading: RowReading) -> Agreed:
    """The dates and clauses of the row; every doubt is added to the reading's problems."""
    days = {key: _day(reading, key) for key in STARTS}
    _compare_starts(reading, days)
    started, first_day = _start(reading, days)
    renewal = _renewal(reading)
    end = _end(reading, known(first_day))
    return Agreed(
        executed_on=days[Field.AGREEMENT],
        effective_on=first_day,
        started=started,
        term=_term(reading, first_day, end, renewal),
        renewal=renewal,
        notice=_notice(reading),
    )


def _day(reading: RowReading, key: Field) -> DayFact:
    if key not in reading.layout.columns:
        return NOT_STATED
    found = read_date(reading.cell(key), reading.layout.mapping.date_format)
    if isinstance(found, date):
        return _believed(reading, key, found)
    _report_fact(reading, key, found)
    return found


def _report_fact(reading: RowReading, key: Field, found: PartialDate | Unknown) -> None:
    """Report a cell that holds something, but no exact date."""
    if reading.cell(key):
        expected = f"a date written {reading.layout.mapping.date_format}"
        what = f"is no exact date: {why_not(found)}" if isinstance(found, PartialDate) else f"is unread: {found.reason}"
        reading.flag(key, what, expected=expected)


def _believed(reading: RowReading, key: Field, day: date) -> date | Unknown:
    """The day once the declared repair is made and the years have been checked."""
    mapping, raw = reading.layout.mapping, reading.cell(key)
    repair = mapping.century
    if repair is not None and day.year < repair.before:
        moved = _later(day, repair.add)
        if moved is None:
            return _disbelieved(reading, key, f"{day} has no counterpart {repair.add} years later", raw)
        reading.flag(key, f"lies before {repair.before}: read as {moved}, {repair.add} years later, as declared")
        day = moved
    first, last = mapping.years
    if first <= day.year <= last:
        return day
    return _disbelieved(reading, key, f"the year {day.year} lies outside {first} to {last}: a century off?", raw)


def _disbelieved(reading: RowReading, key: Field, why: str, raw: str) -> Unknown:
    reading.flag(key, f"is not used: {why}", severity=Severity.ERROR)
    return Unknown(why, raw)


def _later(day: date, years: int) -> date | None:
    try:
        return day.replace(year=day.year + years)
    except (ValueError, OverflowError):
        return None


def _compare_starts(reading: RowReading, days: dict[Field, DayFact]) -> None:
    """Report two starting dates that lie years apart: one of them is often a slip of the pen."""
    signed, begins = known(days[Field.AGREEMENT]), known(days[Field.EFFECTIVE])
    if signed is not None and begins is not None and abs((begins - signed).days) > _TWO_YEARS:
        reading.flag(Field.EFFECTIVE, f"lies more than two years from the agreement date, {signed}")


def _start(reading: RowReading, days: dict[Field, DayFact]) -> tuple[Field, DayFact]:
    """The first readable start; without one, the first that is stated at all."""
    order = reading.layout.mapping.start
    stated = [key for key in order if isinstance(days[key], date)] or [key for key in order if reading.cell(key)]
    chosen = stated[0] if stated else order[0]
    return chosen, days[chosen]


def _end(reading: RowReading, first_day: date | None) -> EndFact:
    key = Field.EXPIRY
    if key not in reading.layout.columns:
        return NOT_STATED
    found = read_end(reading.cell(key), reading.layout.mapping.date_format)
    if isinstance(found, PartialDate | Unknown):
        _report_fact(reading, key, found)
        return found
    if isinstance(found, Perpetual):
        return found
    day = _believed(reading, key, found)
    if isinstance(day, date) and first_day is not None and day < first_day:
        return _disbelieved(reading, key, f"the stated end {day} lies before the start {first_day}", reading.cell(key))
    return day


def _term(
    reading: RowReading, first_day: DayFact, end: EndFact, renewal: RenewalClause | Unknown
) -> TermClause | Unknown:  # fmt: skip
    length = _length(reading)
    _compare_length(reading, known(first_day), known(end), length)
    initial = length if isinstance(length, Tenor) else None
    citation = ""
    if initial is None and _unstated(reading, end, renewal):
        # _unstated has made sure that there is a renewal with a length.
        assumed = _assumed(reading, first_day, end, renewal)
        if isinstance(assumed, Unknown):
            return assumed
        initial, citation = assumed, ASSUMED
    if initial is None and isinstance(end, Unknown):
        return end
    return TermClause(
        initial=initial,
        ends_on=end,
        end_means=reading.layout.mapping.end_means,
        citation=citation,
        quote=reading.quote(Field.TERM),
    )


def _length(reading: RowReading) -> Tenor | Unknown:
    key = Field.TERM
    if not reading.cell(key):
        return NOT_STATED
    found = read_tenor(reading.cell(key), reading.layout.mapping.units.get(key))
    if isinstance(found, Unknown):
        reading.flag(key, f"is unread: {found.reason}", expected="a length such as 3 years or 18 months")
    return found


def _compare_length(reading: RowReading, first_day: date | None, end: date | None, length: Tenor | Unknown) -> None:
    """Report a stated length and a stated end that do not agree to the day (or the day after)."""
    if first_day is None or end is None or isinstance(length, Unknown):
        return
    reckoned = legal_last_day(first_day, length)
    if abs((end - reckoned).days) > 1:
        reading.flag(Field.TERM, f"from {first_day} ends on {reckoned}, but the stated end is {end}; the end is used")


def _unstated(reading: RowReading, end: EndFact, renewal: RenewalClause | Unknown) -> bool:
    """Whether a term that is renewed has no end stated, or one that its own renewal contradicts."""
    if isinstance(renewal, Unknown) or renewal.length is None:
        return False
    if isinstance(end, Perpetual):
        return renewal.kind is RenewalKind.TACIT and renewal.times is None
    return not reading.cell(Field.EXPIRY)


def _assumed(
    reading: RowReading, first_day: DayFact, end: EndFact, renewal: RenewalClause | Unknown
) -> Tenor | Unknown:  # fmt: skip
    """The initial term as the mapping declares it where it is not stated, or why there is none."""
    length = None if isinstance(renewal, Unknown) else renewal.length
    said = f"{reading.cell(Field.EXPIRY)!r} stands" if isinstance(end, Perpetual) else "no end is stated"
    why = f"{said} beside a renewal of {'no length' if length is None else length.words}"
    start = known(first_day)
    if start is None:
        why = f"{why}, and the first day is not known: {why_not(first_day)}"
    elif reading.layout.mapping.initial_term_when_unstated is not InitialTerm.AS_RENEWAL:
        why = f"{why}; the mapping does not declare initial_term_when_unstated"
    elif length is not None:
        reading.flag(
            Field.EXPIRY, f"is no end: {why}; an initial term as long as a renewal is assumed from {start}, as declared"
        )
        return length
    reading.flag(Field.EXPIRY, f"leaves the term unknown: {why}")
    return Unknown(why, reading.cell(Field.EXPIRY))


def _renewal(reading: RowReading) -> RenewalClause | Unknown:
    key, mapping = Field.RENEWAL, reading.layout.mapping
    cell, quote = reading.cell(key), reading.quote(key)
    if key not in reading.layout.columns:
        return NOT_STATED
    said = renewal_words(quote)
    kind = said.kind or mapping.renewal_kind
    unit = mapping.units.get(key)
    found = read_renewal(cell, kind, bare_times=None, unit=unit)
    if isinstance(found, Unknown):
        if cell:
            reading.flag(
                key, f"is unread: {found.reason}", expected="a renewal such as 'successive 1 year' or '2 years'"
            )
        return found
    if found.length is not None:
        _report_kind(reading, found.kind, quote=quote)
        several = said.several and said.kind is RenewalKind.TACIT
        found = _bare(reading, found, read_renewal(cell, kind, unit=unit), several=several)
    if quote:
        reading.keep(reading.layout.columns[key])
    return attrs.evolve(found, quote=quote or cell)


def _report_kind(reading: RowReading, kind: RenewalKind, *, quote: str) -> None:
    """Report a kind that is not the declared one, and a declared one that the quoted clause does not bear out."""
    declared, said = reading.layout.mapping.renewal_kind, renewal_words(quote).kind
    if kind is not declared:
        where = "the quoted clause says so" if kind is said else "the answer says so"
        reading.flag(Field.RENEWAL, f"is read as {_READ_AS[kind]}: {where}", severity=Severity.NOTE)
    elif quote and said is None:
        what = f"is read as {_READ_AS[kind]}, as declared: the quoted clause does not say"
        reading.flag(Field.RENEWAL, what, severity=Severity.NOTE)


def _bare(
    reading: RowReading, repeated: RenewalClause, once: RenewalClause | Unknown, *, several: bool
) -> RenewalClause:  # fmt: skip
    """The renewal with its number of times, where the answer gives a length and no number.

    The mapping says whether such a renewal comes once or again and again; where the quoted clause speaks of
    several tacit renewals it is believed, for a deadline too many does less harm than one too few.
    """
    declared_once = reading.layout.mapping.bare_renewal is BareRenewal.ONCE
    if isinstance(once, Unknown) or repeated.times is not None or once.times is None or not declared_once:
        return repeated
    if several and repeated.kind is RenewalKind.TACIT:  # the answer itself may name another kind
        what = "states no number of times, and the quoted clause speaks of several renewals: read as repeated"
        reading.flag(Field.RENEWAL, what)
        return repeated
    return once


def _notice(reading: RowReading) -> NoticeClause | Unknown:
    key, mapping = Field.NOTICE, reading.layout.mapping
    if key not in reading.layout.columns:
        return NOT_STATED
    cell, quote = reading.cell(key), reading.quote(key)
    found = read_notice(cell, mapping.notice_reference, mapping.units.get(key))
    if isinstance(found, Unknown):
        if cell:
            reading.flag(key, f"is unread: {found.reason}", expected="a notice period such as 90 days or 3 months")
        return found
    if quote:
        reading.keep(reading.layout.columns[key])
    return attrs.evolve(found, quote=quote or cell)
