"""The opt-out date that Ironclad states, against the one our calculator finds from the same clauses.

Ironclad takes the expiration less the opt-out period, without a calendar or a rule of law. A difference is told with
both dates and the rule; nothing is overwritten. Source: developer.ironcladapp.com, record actions, opt-out period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any

from clmcrm.adapters.ironclad.contracts import OPT_OUT_DATE
from clmcrm.adapters.ironclad.shapes import PROPERTY
from clmcrm.adapters.ironclad.typed import read_typed
from clmcrm.adapters.ironclad.wire import VENDOR
from clmcrm.adapters.trees import is_tree
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.stored_dates import StoredDates, stored_date_problems
from clmcrm.values.problems import Problem


def stored_dates(contract: Contract, zone: tzinfo | None = None) -> StoredDates:
    """What Ironclad states of a contract that was read from it; its expiration is a fact of the contract, not here.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId, Extra
    >>> told = {"type": "date", "value": "2026-10-01T00:00:00Z"}
    >>> extra = Extra("ironclad", "properties.standard_renewalOptOutDate", told)
    >>> seen = Contract(id=ContractId("c"), title="t", kind=ContractKind.CUSTOM, extras=(extra,))
    >>> stored_dates(seen).notice_on
    datetime.date(2026, 10, 1)
    """
    told: object = contract.extra(VENDOR, f"{PROPERTY}{OPT_OUT_DATE}")  # noqa: S610 - a contract of ours, no query
    typed: Mapping[str, Any] | None = told if is_tree(told) else None
    day = read_typed(typed, zone)
    return StoredDates(system=VENDOR, notice_on=date.fromisoformat(day) if isinstance(day, str) else None)


def date_problems(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None, *, zone: tzinfo | None = None
) -> tuple[Problem, ...]:
    """What is wrong with Ironclad's opt-out date on `as_of`; empty when it follows from the clauses.

    An error where it differs, a note where nothing can be compared; see `clmcrm.clm.stored_dates`.
    """
    return stored_date_problems(contract, stored_dates(contract, zone), as_of, calendars)
