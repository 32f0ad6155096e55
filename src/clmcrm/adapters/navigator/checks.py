"""The dates Navigator states, against those our calculator finds from the same clauses.

Navigator computes its notice date as the expiration less the period, without a calendar or a rule, and keeps it
when a term is renewed. A difference is told with both dates and the rule; nothing is overwritten.
"""

from __future__ import annotations

from datetime import date, tzinfo

from clmcrm.adapters.navigator.leaves import Leaves
from clmcrm.adapters.navigator.reading import SYSTEM
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.stored_dates import StoredDates, stored_date_problems
from clmcrm.values.partial import DayFact
from clmcrm.values.problems import Problem, Severity

_NOTICE: str = "provisions.renewal_notice_date"
_DAYS: tuple[str, ...] = ("provisions.effective_date", "provisions.expiration_date")


def stored_dates(contract: Contract, zone: tzinfo | None = None) -> StoredDates:
    """What Navigator computed for a contract read from it; its expiration is a fact of the contract, and not here.

    `zone` is the one that the contract was read in (None: a day is as it is written).

    >>> from clmcrm.adapters.navigator.reading import contract_of
    >>> seen = contract_of({"id": "a", "provisions": {"renewal_notice_date": "2024-10-17T14:30:00+02:00"}})
    >>> stored_dates(seen).notice_on
    datetime.date(2024, 10, 17)
    """
    return StoredDates(system=SYSTEM, notice_on=_day(contract, _NOTICE, zone))


def date_problems(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None, *, zone: tzinfo | None = None
) -> tuple[Problem, ...]:
    """Where Navigator's dates do not follow from what it read, on `as_of`; empty when all of them do.

    `zone` is the one that the contract was read in (None: a day is as it is written). An error where a date differs,
    a warning where a day was written as a moment that is no midnight, a note where nothing can be compared; see
    `clmcrm.clm.stored_dates`.
    """
    moments = [_moment(contract, path, zone) for path in _DAYS]
    found = stored_date_problems(contract, stored_dates(contract, zone), as_of, calendars)
    return (*found, *(one for one in moments if one is not None))


def _day(contract: Contract, path: str, zone: tzinfo | None) -> DayFact | None:
    told = contract.extra(SYSTEM, path)  # noqa: S610 - a contract of ours, no query of Django's
    return None if told is None else Leaves({path: told}, zone).day(path)


def _moment(contract: Contract, path: str, zone: tzinfo | None) -> Problem | None:
    told = contract.extra(SYSTEM, path)  # noqa: S610 - a contract of ours, no query of Django's
    if not isinstance(told, str) or not Leaves({path: told}, zone).is_moment(path):
        return None
    return Problem(
        where=f"{SYSTEM} contract {contract.id}",
        field=path,
        value=told,
        what=f"is a moment and not a day; read as {Leaves({path: told}, zone).day(path)}",
        expected="midnight, or a zone for the account",
        severity=Severity.WARNING,
    )
