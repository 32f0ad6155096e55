"""The reference of every legal regime, written from the regimes themselves so that the two cannot differ.

The rule of the file: no sentence about the law stands here; each comes from the rule it describes, with
that rule's own source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from clmcrm.calendars.holidays.sourced import WEEKDAY_NAMES
from clmcrm.calendars.regimes.known import REGIMES
from clmcrm.calendars.regimes.record import Regime, Rule, WhenClosed

_INTRO: Final = """\
# Regimes

How the law of a place counts time, rule by rule, each with the text or case it rests on. A rule marked
*derived* is our reading of a silent text, and none of this is legal advice. The page is written by
`clmcrm.clm.regime_reference` from the regimes in `clmcrm.calendars.regimes`; a test compares the two.

A notice clause chooses by name, `NoticeClause(regime="US_FRCP6")`, or by place, `regime="FR"`. Where it names
none, the contract's governing place decides:
"""
_OTHERWISE: Final = """\
Any other place leads to no regime: the bare count stands alone, the inverse of the forward rule. Rules for
courts and institutions bind a contract only where its clause names them. A law of your own is added as a value
or as a package: see [Add a calendar or a law of your own](../howto/add_your_own_rules.md).
"""
_MOVES: Final = {
    WhenClosed.STAYS: "stays",
    WhenClosed.NEXT: "moves to the next open day",
    WhenClosed.PREVIOUS: "moves to the open day before",
}


def regime_reference(regimes: Iterable[Regime] = REGIMES) -> str:
    """The page as MyST Markdown; `regimes` may be the caller's own.

    >>> regime_reference(()).splitlines()[0]
    '# Regimes'
    """
    laws = tuple(regimes)
    places = sorted((law.contracts_of, law.name) for law in laws if law.contracts_of is not None)
    chosen = "\n".join(f"| {place} | `{name}` |" for place, name in places)
    sections = "\n".join(_section(law) for law in laws)
    return f"{_INTRO}\n| governing place | regime |\n| --- | --- |\n{chosen}\n\n{_OTHERWISE}\n{sections}"


def _section(law: Regime) -> str:
    rows = "\n".join(f"| {label} | {_cell(rule.wording.en)} | {_source(rule)} |" for label, rule in _rows(law))
    title = f"{law.title.en[0].upper()}{law.title.en[1:]}"
    weekdays = " and ".join(f"{WEEKDAY_NAMES[day].en}s" for day in sorted(law.closed_weekdays))
    calendar = f"{weekdays} only" if law.calendar_place is None else f"legal holidays of {law.calendar_place}"
    return (
        f"## {law.name}\n\n{title} (place: {law.place}). Calendar assumed where none is given: {calendar}.\n\n"
        f"| question | rule | source |\n| --- | --- | --- |\n{rows}\n"
    )


def _rows(law: Regime) -> Iterator[tuple[str, Rule]]:
    yield "day of the event", law.event
    yield "first day counted", law.first_day_counted
    yield "days", law.days
    yield "weeks", law.week_rule
    yield "months and years", law.months
    yield "day the month lacks", law.missing_day
    if law.half_month is not None:
        yield "half a month", law.half_month
    yield f"closed last day, counted forward: {_MOVES[law.forward.when_closed]}", law.forward.rule
    yield f"closed last day, counted back: {_MOVES[law.backward.when_closed]}", law.backward.rule
    yield "counted back from an event", law.counted_back
    yield "clear periods", law.clear
    yield "notice to the end of a term", law.notice
    if law.short_periods is not None:
        yield f"periods of up to {law.short_periods.longest} days", law.short_periods.rule
    if law.least_working_days is not None:
        yield f"at least {law.least_working_days.working_days} working days", law.least_working_days.rule
    yield "hours", law.hours.rule
    yield "n-th working day", law.working_day.rule
    if law.named_days is not None:
        yield "beginning, middle, end of a month", law.named_days


def _source(rule: Rule) -> str:
    source = rule.source
    bounds = "" if source.first_day is None else f", in force from {source.first_day}"
    return f"{_cell(source.citation)} (*{source.authority.value}*{bounds})"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
