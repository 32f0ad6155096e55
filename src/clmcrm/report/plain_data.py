"""What a report holds as plain dicts and lists, ready for `json.dumps`.

The rule of the file: days are ISO texts, amounts texts with their currency beside them, None is null; the
keys are part of the public interface. With an `access`, what its roles may not see is {"withheld": true}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from clmcrm.analytics.exposure import Exposures
from clmcrm.analytics.portfolio import Agenda, Entry
from clmcrm.clm.deadlines import Deadline
from clmcrm.parties.access import WITHHELD, Access
from clmcrm.report.lanes import Timeline
from clmcrm.report.sections import Section
from clmcrm.report.withholding import agenda_for, sees_exposures, timeline_for
from clmcrm.values.figures import Figure
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Language

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | bool | None"
"""What JSON can hold, without floats."""


def agenda_data(
    agenda: Agenda, names: Mapping[AccountId, str], language: Language = "en", *, access: Access | None = None
) -> dict[str, Plain]:
    """The agenda: its days, its entries with their steps, and what has no date.

    >>> from datetime import date
    >>> empty = Agenda(first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), entries=(), undated=())
    >>> agenda_data(empty, {})
    {'first_day': '2026-01-01', 'last_day': '2026-12-31', 'entries': [], 'undated': []}
    """
    seen = agenda_for(agenda, access, language)
    return {
        "first_day": str(agenda.first_day),
        "last_day": str(agenda.last_day),
        "entries": [_entry(entry, names, language) for entry in seen.entries],
        "undated": [
            {
                "contract": undated.contract,
                "number": undated.number,
                "title": undated.title,
                "reason": undated.said(language),
                "known": undated.known,
                **_withheld(undated.withheld),
            }
            for undated in seen.undated
        ],
    }


def exposures_data(
    exposures: Exposures, names: Mapping[AccountId, str], *, access: Access | None = None
) -> dict[str, Plain]:
    """The exposures, largest first, and their sum with what it leaves out."""
    if not sees_exposures(access):
        return _withheld(("by_counterparty", "whole"))
    return {
        "by_counterparty": [
            {
                "counterparty": row.counterparty,
                "counterparty_name": names.get(row.counterparty),
                "value": _money(row.value),
                "contracts": row.contracts,
            }
            for row in exposures.by_counterparty
        ],
        "whole": figure_data(exposures.whole),
    }


def figure_data(figure: Figure) -> dict[str, Plain]:
    """A figure with its formula, its population, what it leaves out and its rates; unknown ones say why."""
    value = figure.value
    shown: Plain = None if isinstance(value, Unknown) else f"{value.amount if isinstance(value, Money) else value:f}"
    return {
        "name": figure.name,
        "value": shown,
        "unknown": value.reason if isinstance(value, Unknown) else None,
        "unit": figure.unit,
        "formula": figure.formula,
        "population": figure.population,
        "left_out": [{"record": left.record, "reason": left.reason} for left in figure.left_out],
        "rates": [
            {
                "source": rate.source.code,
                "target": rate.target.code,
                "on": str(rate.on),
                "factor": f"{rate.factor:f}",
                "by": rate.by,
            }
            for rate in figure.rates
        ],
    }


def timeline_data(
    timeline: Timeline, names: Mapping[AccountId, str], language: Language = "en", *, access: Access | None = None
) -> dict[str, Plain]:
    """The timeline's lanes with their segments and notice windows."""
    return {
        "as_of": str(timeline.as_of),
        "first_day": str(timeline.first_day),
        "last_day": str(timeline.last_day),
        "lanes": [
            {
                "contract": lane.contract,
                "number": lane.number,
                "title": lane.title,
                "counterparty": lane.counterparty,
                "counterparty_name": _name(lane.counterparty, names),
                "stage": lane.stage.value,
                "ends_on": _day(lane.ends_on),
                "why": None if lane.why is None else lane.why.said(language),
                "segments": [
                    {
                        "index": segment.index,
                        "first_day": str(segment.span.first_day),
                        "last_day": str(segment.span.last_day),
                        "term": {"first_day": str(segment.term.first_day), "last_day": _day(segment.term.last_day)},
                        "begun": segment.begun,
                        "open_ended": segment.open_ended,
                    }
                    for segment in lane.segments
                ],
                "notice": None
                if lane.notice is None
                else {
                    "first_day": str(lane.notice.first_day),
                    "safe_day": str(lane.notice.safe_day),
                    "last_day": str(lane.notice.last_day),
                },
                **_withheld(lane.withheld),
            }
            for lane in timeline_for(timeline, access, language).lanes
        ],
    }


def section_data(part: Section) -> dict[str, Plain]:
    """A section's heading, intro, column headings and the texts of its cells."""
    return {
        "heading": part.heading,
        "intro": part.intro,
        "columns": [column.heading for column in part.columns],
        "rows": [[cell.text for cell in row] for row in part.rows],
    }


def _entry(entry: Entry, names: Mapping[AccountId, str], language: Language) -> dict[str, Plain]:
    return {
        "day": str(entry.day),
        "safe_day": str(entry.safe_day),
        "kind": entry.kind.value,
        "contract": entry.contract,
        "number": entry.number,
        "title": entry.title,
        "counterparty": entry.counterparty,
        "counterparty_name": _name(entry.counterparty, names),
        "what": entry.what.said(language),
        "amount": None if entry.amount is None else _money(entry.amount),
        "steps": [
            {"day": None if step.day is None else str(step.day), "what": step.wording.said(language)}
            for step in entry.steps
        ],
        "deadline": None if entry.deadline is None else _deadline(entry.deadline, language),
        **_withheld(entry.withheld),
    }


def _deadline(deadline: Deadline, language: Language) -> dict[str, Plain]:
    return {
        "purpose": deadline.purpose.value,
        "ends_on": str(deadline.ends_on),
        "last_day": str(deadline.last_day),
        "safe_day": str(deadline.safe_day),
        "latest_arguable": str(deadline.latest_arguable),
        "opens_on": None if deadline.opens_on is None else str(deadline.opens_on),
        "send_by": None if deadline.send_by is None else str(deadline.send_by),
        "rule": {"name": deadline.rule.wording.said(language), "source": str(deadline.rule.source)},
        "readings": [
            {"last_day": str(reading.last_day), "what": reading.wording.said(language)} for reading in deadline.readings
        ],
    }


def _withheld(names: Iterable[str]) -> dict[str, Plain]:
    """What stands in the place of the fields that may not be seen; a counterparty's name goes with it."""
    also = {"counterparty": ("counterparty", "counterparty_name")}
    return {key: {WITHHELD: True} for name in names for key in also.get(name, (name,))}


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def _money(money: Money) -> dict[str, Plain]:
    return {"amount": str(money.amount), "currency": money.currency.code}


def _name(account: AccountId | None, names: Mapping[AccountId, str]) -> str | None:
    return None if account is None else names.get(account)
